"""Assessment: the township card, how its score came about, and how sure it is."""

from pages.shared import panels, results
from pages.shared.assessment import (
    county_panels,
    flag_panels,
    moves_panels,
    outlook_panels,
    parts,
    sides_panels,
    what_if,
)
from pages.shared.methods import register_panels
from pages.shared.screen import empty, page
from pages.shared.words import of_counties

with page("assessment") as scope:
    card = results.get("assessment.township_card.card", scope)
    if card.overview.empty:
        empty("assessment.no_units", "townships")
    else:
        parts.which_framework(card.framework, scope)
        if scope.township:
            parts.headline(card.overview.iloc[0])
            flag_panels.beside(card.flags)
            outlook_panels.contested(card.tree)
            panels.draw(parts.contributions_panel(card.tree), scope, parts.contributions(card.tree))
            panels.draw(parts.tree_panel(card.tree), scope)
            parts.without_data(card.tree)
            parts.to_township()
        else:
            panels.draw(
                parts.bands_panel(card.overview, card.flags), scope, parts.bands(card.overview)
            )
            if of_counties():
                county_panels.draw_bands(scope)
            else:
                parts.members(card.overview)
            panels.draw(flag_panels.panel(card.flags), scope)
            ranges = results.get("assessment.robustness.band_ranges", scope)
            outlook_panels.draw_ranges(ranges, card.flags, scope)
            moves = results.get("assessment.band_moves.band_moves", scope)
            panels.draw(moves_panels.county(moves, ranges), scope)
            sides_panels.draw(results.get("assessment.two_sides.two_sides", scope), scope)
            sides_panels.visits(results.get("assessment.visits.visits", scope), scope)
            checked = results.get("assessment.robustness.method_check", scope)
            panels.draw(what_if.methods_panel(checked), scope)
            what_if.weights(card.framework, scope)
            history = results.get("assessment.progress.history", scope)
            figure = outlook_panels.history(history)
            panels.draw(outlook_panels.history_panel(history, card.framework, scope), scope, figure)
    register = register_panels.of_unit(results.get("evaluate.evaluate_all", scope), scope)
    panels.draw(register_panels.panel(register), scope)
    register_panels.one_indicator(register)
