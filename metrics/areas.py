"""What an account that is limited to an area may be answered; what is not named here is denied.

An area is one county or one township. Its account sees the figures of the places inside, and what
a county says of itself as a whole; of no other township anything but its name.
"""

from typing import Any

from data.access.accounts import Account
from data.errors import DataError
from data.scope import Scope

# Names, years, registers and methods: nothing in them is a figure of a township.
PUBLIC = frozenset(
    {
        "accessibility.service_coverage.holds_roads",
        "evaluate.latest_year",
        "evaluate.scoring",
        "assessment.framework.of_scope",
        "assessment.framework.spans",
        "methods.parameters",
        "satisfaction.figures.items",
        "satisfaction.figures.surveys",
        "units.all_units",
        "units.counties",
        "units.years",
    }
)
# Answered for a place inside the area alone: each answers of the place in its scope.
OWN = frozenset(
    {
        "duty.appeals.appeals",
        "duty.appeals.in_time",
        "assessment.township_card.card",
        "assessment.band_moves.band_moves",
        "duty.burden.by_issuer",
        "duty.follow_up.actions",
        "accessibility.gaps.outside",
        "overview.burden_strip",
        "overview.gaps",
        "overview.reach",
        "assessment.progress.changes",
        "assessment.progress.history",
        "assessment.robustness.band_ranges",
        "satisfaction.figures.likert",
        "assessment.two_sides.two_sides",
        "assessment.visits.visits",
    }
)
# Answered for a county besides, to the account that is limited to it: its townships compared, and
# what it owes them itself.
OF_COUNTY = frozenset(
    {
        "assessment.robustness.average",
        "assessment.robustness.method_check",
        "assessment.township_card.bands_under",
        "duty.burden.merge_suggestions",
        "duty.burden.powers_and_tasks",
        "duty.burden.registry",
        "duty.burden.same_quarter",
        "duty.burden.tasks",
        "duty.burden.unused_powers",
        "duty.collection.own_burden",
        "evaluate.evaluate_all",
        "overview.capacities",
        "overview.reach_by_township",
        "satisfaction.areas.by_area",
        "satisfaction.areas.known",
        "satisfaction.comments.comments",
        "satisfaction.comments.questions",
        "satisfaction.comments.rankings",
        "satisfaction.drivers.read_out",
        "satisfaction.figures.scale_of",
        "satisfaction.groups.by_group",
        "satisfaction.heat.heat",
        "satisfaction.waves.by_item",
        "satisfaction.waves.changes",
        "satisfaction.waves.earlier",
        "satisfaction.waves.same_questions",
    }
)
# Asked for all townships, so that no narrower view gives a hidden one away; the account is handed
# its own row and that of the whole.
PARTED = frozenset({"satisfaction.figures.by_unit"})
COUNTY_DIGITS, TOWNSHIP_DIGITS = 6, 9


def admitted(account: Account, name: str, scope: Scope) -> bool:
    """Say whether an account may have an answer, 'room.module.function', for a scope."""
    if not account.area or name in PUBLIC:
        return True
    if _inside(account, scope):
        whole = len(account.area) == COUNTY_DIGITS
        return name in OWN or name in PARTED or (whole and name in OF_COUNTY)
    return name in PARTED and len(account.area) == TOWNSHIP_DIGITS


def admit(account: Account, name: str, scope: Scope) -> None:
    """Raise DataError `outside_area` for an answer that an account may not have."""
    if not admitted(account, name, scope):
        raise DataError("outside_area", name=account.name, area=account.area)


def parted(account: Account, name: str, scope: Scope, answer: Any) -> Any:
    """Return of an answer the part that an account may have.

    Of a table of all townships: the account's own row, and the whole if it holds that one.
    """
    if not account.area or name not in PARTED or _inside(account, scope):
        return answer
    own = answer["unit_code"].eq(account.area)
    whole = answer["level"].eq("county") & own.any()
    return answer[own | whole].reset_index(drop=True)


def _inside(account: Account, scope: Scope) -> bool:
    return account.area in (scope.township, scope.county)
