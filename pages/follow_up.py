"""Follow-up: what was found is mended, proposed or copied; none of it is scored."""

from metrics.duty import follow_up
from pages.shared import address, panels, results
from pages.shared.duty import follow_up_panels as parts
from pages.shared.importing import uploads
from pages.shared.screen import empty, page, t

with page("follow_up") as scope:
    uploads.said_before()
    if results.get("units.all_units", scope).empty:
        empty("follow_up.no_units", "townships")
    else:
        section = address.settle("follow", parts.SECTIONS, parts.SECTIONS[0])
        address.segments("follow", t("follow_up.section"), parts.SECTIONS, parts.section_word)
        if section == "actions":
            found = parts.actions(scope)
            panels.draw(parts.actions_panel(found), scope)
            parts.add("actions", scope)
            parts.complete(found)
        elif section == "proposals":
            found = results.get("duty.follow_up.proposals", scope)
            panels.draw(parts.proposals_panel(found), scope)
            parts.add("proposals", scope)
            parts.answer(found)
        elif section == "practices":
            panels.draw(
                parts.practices_panel(results.get("duty.follow_up.practices", scope)), scope
            )
            parts.add("practices", scope)
        else:
            drawn = results.get("duty.follow_up.rechecks", scope)
            panels.draw(parts.confirmed_panel(follow_up.confirmed(drawn)), scope)
            panels.draw(parts.drawn_panel(drawn), scope)
            parts.recheck(drawn, results.get("evaluate.latest_year", scope))
