"""Assessment: the township card, how its score came about, and what the county owes."""

from pages.shared import assessment_panels as parts
from pages.shared import panels, register_panels, results
from pages.shared.screen import empty, page

with page("assessment") as scope:
    card = results.get("assessment.card", scope)
    if card.overview.empty:
        empty("assessment.no_units", "townships")
    elif scope.township:
        parts.headline(card.overview.iloc[0])
        panels.draw(parts.contributions_panel(card.tree), scope, parts.contributions(card.tree))
        panels.draw(parts.tree_panel(card.tree), scope)
        parts.without_data(card.tree)
    else:
        panels.draw(parts.bands_panel(card.overview), scope, parts.bands(card.overview))
        parts.members(card.overview)
    panels.draw(parts.duty_panel(card.duty), scope)
    register = register_panels.of_unit(results.get("evaluate.evaluate_all", scope), scope)
    panels.draw(register_panels.panel(register), scope)
    register_panels.one_indicator(register)
