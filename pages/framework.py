"""Framework: what is scored, with which weight and target; edited as a table, never silently."""

from pages.shared import panels, results
from pages.shared.assessment.parts import which_framework
from pages.shared.importing import uploads
from pages.shared.methods import framework_panels as parts
from pages.shared.methods import readout_panels as readouts
from pages.shared.screen import empty, page

with page("framework") as scope:
    uploads.said_before()
    if results.get("units.all_units", scope).empty:  # weights may be set before any data come
        empty("assessment.no_units", "townships")
    framework = results.get("assessment.framework.of_scope", scope)
    which_framework(framework, scope)
    panels.draw(parts.items_panel(framework), scope)
    parts.choose(framework, scope)
    parts.edit(framework, scope)
    panels.draw(readouts.removals(results.get("assessment.lifecycle.removals", scope)), scope)
    panels.draw(readouts.weights(results.get("assessment.weight_readouts.by_data", scope)), scope)
    readouts.judge(framework, scope)
