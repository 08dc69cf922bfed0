"""Context: companion figures and counts that are shown and never scored."""

from pages.shared import panels, results
from pages.shared.duty import context_panels as parts
from pages.shared.screen import empty, page, t

with page("context") as scope:
    if results.get("units.all_units", scope).empty:
        empty("context.no_units", "townships")
    else:
        panels.draw(parts.figures_panel(results.get("context.figures", scope)), scope)
        table = results.get("context.breakdowns", scope)
        name = parts.choose()
        panels.draw(parts.breakdown_panel(name, table), scope, parts.bars(name, table))
        parts.note(t("context.never_scored"))
