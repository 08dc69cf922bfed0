"""Questionnaire: chosen from the bank, checked, printed or put online, read back unasked."""

from pages.shared import panels, results
from pages.shared.importing import uploads
from pages.shared.questionnaire import choice, parts
from pages.shared.screen import empty, page

with page("questionnaire") as scope:
    uploads.said_before()
    if results.get("units.all_units", scope).empty:
        empty("questionnaire.no_towns", "townships")
    held = parts.kept()
    name = choice.which(held)
    design = choice.compose(name, held.get(name), scope.year)
    panels.draw(parts.questions_panel(design), scope)
    parts.precision()
    parts.outputs(design)
    parts.keep(design, new=name not in held)
