"""The base rule: which figures stay hidden so that nobody's answers can be worked out.

A figure on fewer respondents than the minimum base is not shown; neither is one that would give
it back by subtraction from a total. The decision is taken once, over all units and all totals that
any view can show (county, type of unit), so that two views set side by side give nothing away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from data.store import LOWEST_MINIMUM_BASE, Store

Hidden = Literal["below_base", "complement"]
# A total is of one county, or of one type of unit in it; None stands for all.
Total = tuple[str | None, str | None]
# Type of unit -> unit -> respondents.
Kinds = dict[str, dict[str, int]]
_UNTYPED = ""


@dataclass(frozen=True)
class Protection:
    """What stays hidden, with the reason; what is not named here may be shown."""

    units: Mapping[str, Hidden]
    totals: Mapping[Total, Hidden]


def minimum_base(store: Store) -> int:
    """Return the fewest respondents behind a figure that is shown; never below 10."""
    return max(int(float(store.settings()["minimum_base"])), LOWEST_MINIMUM_BASE)


def protect(units: pd.DataFrame, minimum: int) -> Protection:
    """Decide which units and which totals stay hidden.

    units: unit_code, county_code, unit_type, n (respondents behind the unit's figure; 0 for
    none), one row per township of the whole survey. The hidden members of every total that is
    shown, and of every difference between two such totals, are at least two and have at least
    `minimum` respondents together: only what holds for them as a group can be worked out.
    """
    by_county: dict[str, Kinds] = {}
    columns = units[["unit_code", "county_code", "unit_type", "n"]]
    for code, county, kind, n in columns.itertuples(index=False, name=None):
        if n > 0:
            of_kind = kind if isinstance(kind, str) else _UNTYPED
            by_county.setdefault(county, {}).setdefault(of_kind, {})[code] = int(n)
    hidden: dict[str, Hidden] = {}
    totals: dict[Total, Hidden] = {}
    for county, kinds in by_county.items():
        members, closed = _protect_county(kinds, minimum)
        hidden |= members
        totals |= {(county, kind): note for kind, note in closed.items()}
    for kind in {kind for _, kind in totals}:
        # A total over several counties is shown where each of theirs is: it adds nothing then.
        n = sum(_respondents(kinds, kind) for kinds in by_county.values())
        totals[None, kind] = _reason(n, minimum)
    return Protection(hidden, totals)


def _protect_county(
    kinds: Kinds, minimum: int
) -> tuple[dict[str, Hidden], dict[str | None, Hidden]]:
    """Protect one county: the units of each type, the totals by type, the units behind those."""
    secret: set[str] = set()
    for members in kinds.values():
        secret |= _covered(members, set(), minimum)
    by_kind = {kind: _respondents(kinds, kind) for kind in kinds}
    closed = _covered(by_kind, set(), minimum)
    # Where the totals by type are closed, the county's total still tells what is behind them all.
    behind = {code: n for kind in closed for code, n in kinds[kind].items()}
    secret |= _covered(behind, secret & set(behind), minimum)
    units = {code: n for members in kinds.values() for code, n in members.items()}
    totals: dict[str | None, Hidden] = {
        kind: _reason(by_kind[kind], minimum) for kind in closed if kind != _UNTYPED
    }
    if sum(units.values()) < minimum:
        totals[None] = "below_base"
    return {code: _reason(units[code], minimum) for code in secret}, totals


def _respondents(kinds: Kinds, kind: str | None) -> int:
    return sum(
        sum(members.values()) for held, members in kinds.items() if kind is None or held == kind
    )


def _covered(bases: Mapping[str, int], already: set[str], minimum: int) -> set[str]:
    """Return those below the minimum and, from the smallest up, as many as cover them."""
    secret = {name for name, n in bases.items() if n < minimum} | already
    together = sum(bases[name] for name in secret)
    for n, name in sorted((n, name) for name, n in bases.items() if name not in secret):
        if not secret or together >= minimum:
            break
        secret.add(name)
        together += n
    return secret


def _reason(n: int, minimum: int) -> Hidden:
    return "below_base" if n < minimum else "complement"
