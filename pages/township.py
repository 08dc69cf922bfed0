"""Township: one township on one page, its reasons, its history, and its right to contest."""

import streamlit as st

from pages.shared import navigation, panels, results
from pages.shared.assessment import (
    county_panels,
    flag_panels,
    moves_panels,
    outlook_panels,
    parts,
    sides_panels,
)
from pages.shared.duty import duty_panels, follow_up_panels
from pages.shared.importing import uploads
from pages.shared.screen import empty, page, t
from pages.shared.words import of_counties

with page("township") as scope:
    uploads.said_before()
    card = results.get("assessment.township_card.card", scope)
    if card.overview.empty:
        empty("assessment.no_units", "townships")
    elif not scope.township:
        if of_counties():
            county_panels.lead_on("township")
        else:
            st.info(t("township.choose"))
            parts.members(card.overview)
    else:
        parts.which_framework(card.framework, scope)
        parts.headline(card.overview.iloc[0])
        flag_panels.beside(card.flags)
        outlook_panels.contested(card.tree)
        navigation.link("reports", st.container(), t("township.sheet"), report="township")
        panels.draw(outlook_panels.sides_panel(card.tree), scope, folded=True)
        panels.draw(parts.contributions_panel(card.tree), scope, parts.contributions(card.tree))
        panels.draw(outlook_panels.lifts_panel(card.tree), scope)
        follow_up_panels.to_copy(card.tree, scope)
        actions = follow_up_panels.actions(scope)
        panels.draw(follow_up_panels.actions_panel(actions), scope)
        navigation.link("follow_up", st.container(), t("follow_up.to_page"))
        ranges = results.get("assessment.robustness.band_ranges", scope)
        outlook_panels.draw_ranges(ranges, card.flags, scope)
        moves = results.get("assessment.band_moves.band_moves", scope)
        panels.draw(moves_panels.township(card.tree, moves, ranges), scope)
        sides_panels.draw(results.get("assessment.two_sides.two_sides", scope), scope)
        sides_panels.visits(results.get("assessment.visits.visits", scope), scope)
        year = results.get("evaluate.latest_year", scope)
        changed = results.get("assessment.progress.changes", scope)
        panels.draw(outlook_panels.changes_panel(changed, year), scope)
        history = results.get("assessment.progress.history", scope)
        figure = outlook_panels.history(history)
        panels.draw(outlook_panels.history_panel(history, card.framework, scope), scope, figure)
        panels.draw(parts.tree_panel(card.tree), scope)
        panels.draw(duty_panels.appeals_panel(duty_panels.held(scope), of_one=True), scope)
        duty_panels.contest(card.overview.iloc[0], year, card.tree)
