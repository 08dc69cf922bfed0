"""Indicators and methods: what each figure means, how it is made, on what it rests."""

import streamlit as st

from pages.shared import address, panels, results
from pages.shared.methods import method_notes, obligation_panels, parts
from pages.shared.screen import empty, page, t

with page("methods") as scope:
    if results.get("units.all_units", scope).empty:
        empty("methods.no_data", "townships")
    section = address.settle("section", parts.SECTIONS, parts.SECTIONS[0])
    address.segments("section", t("methods.section"), parts.SECTIONS, parts.section_word)
    if section == "indicators":
        if shown := parts.choose():
            framework = results.get("assessment.framework.of_scope", scope)
            panels.draw(parts.indicators_panel(shown, framework), scope)
            parts.one_indicator(shown)
        else:
            st.warning(t("methods.nothing_found"))
    elif section == "obligations":
        if found := obligation_panels.choose():
            panels.draw(obligation_panels.panel(found), scope)
        else:
            st.warning(t("obligations.nothing_found"))
    else:
        method_notes.draw()
        panels.draw(parts.parameters_panel(results.get("methods.parameters", scope)), scope)
