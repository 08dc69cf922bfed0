"""Indicators and methods: what each figure means, how it is made, on what it rests."""

import streamlit as st

from pages.shared import method_notes, panels, results
from pages.shared import methods_panels as parts
from pages.shared.screen import empty, page, t

with page("methods") as scope:
    if results.get("units.all_units", scope).empty:
        empty("methods.no_data", "townships")
    shown = parts.choose()
    if shown:
        framework = results.get("framework.of_scope", scope)
        panels.draw(parts.indicators_panel(shown, framework), scope)
        parts.one_indicator(shown)
    else:
        st.warning(t("methods.nothing_found"))
    method_notes.draw()
    panels.draw(parts.parameters_panel(results.get("methods.parameters", scope)), scope)
