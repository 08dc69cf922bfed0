"""The base rule: which figures stay hidden so that nobody's answers can be worked out.

A figure on fewer respondents than the minimum base is not shown; neither is one that would give
it back by subtraction from a total. The decision is taken once, over all units and all totals that
any view can show (county, type of unit), so that two views set side by side give nothing away.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.store import LOWEST_MINIMUM_BASE, Store

Hidden = Literal["below_base", "complement"]
# Why a survey gives no error: what `metrics.survey` notes, one reason to a reader.
NOT_ESTIMABLE = ("zero_denominator", "too_few_psus", "only_lonely_psus", "no_variation")
# A total is of one county, or of one type of unit in it; None stands for all.
Total = tuple[str | None, str | None]
# Type of unit -> unit -> respondents.
Kinds = dict[str, dict[str, int]]
_UNTYPED = ""
_SAME = 1e-8  # of coefficients that are whole numbers or simple fractions
# Unit -> group of people -> respondents; groups nobody is in are left out.
Cells = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Protection:
    """What stays hidden, with the reason; what is not named here may be shown."""

    units: Mapping[str, Hidden]
    totals: Mapping[Total, Hidden]


@dataclass(frozen=True)
class GroupProtection:
    """What stays hidden of a division of respondents into groups, with the reason.

    units: unit -> group -> reason; a unit is divided for all groups or for none. totals: total ->
    group -> reason. What is not named here may be shown.
    """

    units: Mapping[str, Mapping[str, Hidden]]
    totals: Mapping[Total, Mapping[str, Hidden]]


def minimum_base(store: Store) -> int:
    """Return the fewest respondents behind a figure that is shown; never below 10."""
    return max(int(float(store.settings()["minimum_base"])), LOWEST_MINIMUM_BASE)


def blank(table: pd.DataFrame, reason: pd.Series, figures: Sequence[str]) -> pd.DataFrame:
    """Blank what the base rule hides, and what has no error; every survey figure passes here.

    table: as `metrics.survey.estimate` answers, with n and note. reason: of every row, why it is
    hidden, '' where it is not. A hidden row keeps neither its figures nor its n, a row without an
    error keeps its n. Returns the table with note ('' | 'below_base' | 'complement' |
    'no_answers' | 'not_estimable'), shown (no note), lonely (the error rests on a stratum with a
    single PSU).
    """
    lonely = table["note"] == "lonely_psus"
    vague = table["note"].isin(NOT_ESTIMABLE)
    why = pd.Series(why_hidden(reason.to_numpy(object), vague.to_numpy()), table.index)
    note = why.where(why != "", table["note"].mask(lonely | vague, ""))
    result = table.assign(note=note, shown=note == "")
    result["lonely"] = lonely & result["shown"]
    result[list(figures)] = result[list(figures)].astype(float).where(result["shown"])
    result["n"] = result["n"].astype(float).where(reason == "")
    return result


def why_hidden(
    reason: npt.NDArray[np.object_], vague: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Return why each figure of a survey is not shown, '' where it is: for pages and for scores.

    reason: of the base rule, which comes first; '' where it hides nothing. vague: the figure has
    no error (NOT_ESTIMABLE), because a single PSU stands behind it or all PSUs say the same: what
    has no error is no estimate, and is neither shown nor scored. Then note is 'not_estimable'.
    """
    return np.where((reason == "") & vague, "not_estimable", reason)


def protect(units: pd.DataFrame, minimum: int, also: Collection[str] = ()) -> Protection:
    """Decide which units and which totals stay hidden.

    units: unit_code, county_code, unit_type, n (respondents behind the unit's figure; 0 for
    none), one row per township of the whole survey. also: units that stay hidden for another
    reason (`protect_items`), however many answered. The hidden members of every total that is
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
        members, closed = _protect_county(kinds, minimum, set(also))
        hidden |= members
        totals |= {(county, kind): note for kind, note in closed.items()}
    for kind in {kind for _, kind in totals}:
        # A total over several counties is shown where each of theirs is: it adds nothing then.
        n = sum(_respondents(kinds, kind) for kinds in by_county.values())
        totals[None, kind] = _reason(n, minimum)
    return Protection(hidden, totals)


def _protect_county(
    kinds: Kinds, minimum: int, also: set[str]
) -> tuple[dict[str, Hidden], dict[str | None, Hidden]]:
    """Protect one county: the units of each type, the totals by type, the units behind those."""
    secret: set[str] = set()
    for members in kinds.values():
        secret |= _covered(members, also & set(members), minimum)
    by_kind = {kind: _respondents(kinds, kind) for kind in kinds}
    # A type that is one hidden unit is as secret as the unit.
    alone = {kind for kind, members in kinds.items() if len(members) < 2 and secret & set(members)}
    closed = _covered(by_kind, alone, minimum)
    # Where the totals by type are closed, the county's total still tells what is behind them all.
    behind = {code: n for kind in closed for code, n in kinds[kind].items()}
    secret |= _covered(behind, secret & set(behind), minimum)
    units = {code: n for members in kinds.values() for code, n in members.items()}
    totals: dict[str | None, Hidden] = {
        kind: _reason(by_kind[kind], minimum) for kind in closed if kind != _UNTYPED
    }
    if sum(units.values()) < minimum or (len(units) < 2 and secret):
        totals[None] = _reason(sum(units.values()), minimum)
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
        if not secret or (len(secret) > 1 and together >= minimum):
            break
        secret.add(name)
        together += n
    return secret


def protect_items(
    bases: pd.DataFrame, pools: Mapping[str, frozenset[str]], minimum: int
) -> Mapping[str, frozenset[str]]:
    """Decide in which units items stay hidden so that a hidden question cannot be worked out.

    bases: item, unit_code, county_code, unit_type, n; pools: item -> the questions whose answers it
    pools. A pool less its questions that are shown is what the others say: of those at least two
    stay hidden, with at least `minimum` answers together. A pool is hidden where no question is
    left for that, and where several pools together would still give a question away.
    Returns item -> `also` of `protect`.
    """
    asked = frozenset().union(*pools.values())
    small = bases[bases["item"].isin(asked) & (bases["n"] < minimum)]
    rows = bases[(bases["n"] > 0) & bases["county_code"].isin(small["county_code"].unique())]
    also: dict[str, set[str]] = {}
    for _, county in rows.groupby("county_code"):
        for item, unit in _covered_items(county, pools, minimum):
            also.setdefault(item, set()).add(unit)
    return {item: frozenset(units) for item, units in also.items()}


def _covered_items(
    bases: pd.DataFrame, pools: Mapping[str, frozenset[str]], minimum: int
) -> set[tuple[str, str]]:
    """Return the (item, unit) of one county that are hidden for the sake of others."""
    by_item: dict[str, Kinds] = {}
    by_unit: dict[str, dict[str, int]] = {}
    for item, unit, kind, n in bases[["item", "unit_code", "unit_type", "n"]].to_numpy():
        of_kind = kind if isinstance(kind, str) else _UNTYPED
        by_item.setdefault(item, {}).setdefault(of_kind, {})[unit] = int(n)
        by_unit.setdefault(unit, {})[item] = int(n)
    also: set[tuple[str, str]] = set()
    while True:
        secret: dict[str, set[str]] = {}
        for item, kinds in by_item.items():
            chosen = {unit for asked, unit in also if asked == item}
            for unit in _protect_county(kinds, minimum, chosen)[0]:
                secret.setdefault(unit, set()).add(item)
        further = {
            (item, unit)
            for unit, hidden in secret.items()
            for item in _covers(by_unit[unit], hidden, pools, minimum)
        }
        if not further - also:
            return also
        also |= further


def _covers(
    n: Mapping[str, int],
    secret: Collection[str],
    pools: Mapping[str, frozenset[str]],
    minimum: int,
) -> set[str]:
    """Return what must be hidden in one unit with its secret items; n: of its items."""
    hidden = set(secret)
    lone = frozenset().union(*(asked for asked in pools.values() if len(asked) == 1))
    own = {pool: [q for q in sorted(pools[pool]) if q in n] for pool in pools if pool in n}
    for pool, asked in own.items():
        if pool in hidden or not hidden & set(asked):
            continue
        # A question that is an index of its own stays: what pools it with others is hidden.
        further = sorted((n[q], q) for q in asked if q not in hidden | lone)
        held = [n[q] for q in asked if q in hidden]
        while further and (len(held) < 2 or sum(held) < minimum):
            hidden.add(further[0][1])
            held.append(further.pop(0)[0])
        if len(held) < 2 or sum(held) < minimum:
            hidden.add(pool)
    while True:
        # Of each pool that is shown, its hidden questions: the others are known.
        told = {pool: frozenset(q for q in asked if q in hidden) for pool, asked in own.items()}
        told = {pool: unknown for pool, unknown in told.items() if unknown and pool not in hidden}
        giving = _telling(frozenset(told.values()))
        if not giving:
            return hidden - set(secret)
        hidden.add(min((n[pool], pool) for pool, unknown in told.items() if unknown in giving)[1])


@lru_cache(maxsize=4096)
def _telling(sets: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    """Return sets of questions whose sums together give one question away; none if none do."""
    ordered = sorted(sets, key=sorted)
    unknown = sorted(frozenset().union(*ordered))
    held = np.array([[q in each for q in unknown] for each in ordered], dtype=float)
    for one in np.eye(len(unknown)):
        share = np.linalg.lstsq(held.T, one, rcond=None)[0]
        if np.abs(share @ held - one).max() < _SAME:
            return frozenset(e for e, part in zip(ordered, share, strict=True) if abs(part) > _SAME)
    return frozenset()


def _reason(n: int, minimum: int) -> Hidden:
    return "below_base" if n < minimum else "complement"


def protect_groups(
    cells: pd.DataFrame, minimum: int, also: Collection[str] = ()
) -> GroupProtection:
    """Decide which groups of people stay hidden, in units and in totals.

    cells: unit_code, county_code, unit_type, level (the group; those who did not say are one too),
    n, one row per township and group of the whole survey. The groups of a unit add up to what
    `protect` decides on, the units of a group to its total: a table of two margins. A unit is
    therefore divided as a whole or not at all: all its groups have at least `minimum` people, and
    in every total at least two undivided units, with at least `minimum` people of each group
    together, stand behind what is left when the divided ones are subtracted. also: as of `protect`.
    """
    counted = cells[cells["n"] > 0]
    sizes = counted.groupby(["unit_code", "county_code"], as_index=False, sort=False).agg(
        n=("n", "sum"), unit_type=("unit_type", "first")
    )
    known = protect(sizes, minimum, also)
    by_county: dict[str, dict[str, Cells]] = {}
    columns = counted[["unit_code", "county_code", "unit_type", "level", "n"]]
    for code, county, kind, level, n in columns.itertuples(index=False, name=None):
        of_kind = kind if isinstance(kind, str) else _UNTYPED
        members = by_county.setdefault(county, {}).setdefault(of_kind, {})
        members.setdefault(code, {})[level] = int(n)
    units: dict[str, Mapping[str, Hidden]] = {}
    totals: dict[Total, Mapping[str, Hidden]] = {}
    for county, kinds in by_county.items():
        everyone = {code: levels for members in kinds.values() for code, levels in members.items()}
        closed = _undivided(list(kinds.values()), everyone, set(known.units), minimum)
        units |= {code: _reasons(everyone[code], _levels(everyone), minimum) for code in closed}
        totals |= {
            (county, kind): hidden
            for kind, hidden in _closed_levels(kinds, everyone, closed, known, county, minimum)
        }
    _over_counties(totals, by_county, known, minimum)
    return GroupProtection(units, totals)


def _undivided(groups: list[Cells], everyone: Cells, secret: set[str], minimum: int) -> set[str]:
    """Return the units that are not divided: too small a group, or cover for such a unit."""
    closed = {
        code
        for code, levels in everyone.items()
        if code in secret or min(levels.values()) < minimum
    }
    for members in [*groups, everyone]:
        order = sorted((sum(levels.values()), code) for code, levels in members.items())
        further = [code for _, code in order if code not in closed]
        while further and _lacking(members, closed, minimum):
            closed.add(further.pop(0))
    return closed


def _lacking(members: Cells, closed: set[str], minimum: int) -> set[str]:
    """Return the groups whose undivided units would be known by subtraction."""
    behind: dict[str, list[int]] = {}
    for code in closed & set(members):
        for level, n in members[code].items():
            behind.setdefault(level, []).append(n)
    return {level for level, held in behind.items() if len(held) < 2 or sum(held) < minimum}


def _closed_levels(
    kinds: Mapping[str, Cells],
    everyone: Cells,
    closed: set[str],
    known: Protection,
    county: str,
    minimum: int,
) -> list[tuple[str | None, Mapping[str, Hidden]]]:
    """Return what stays hidden of the county's total and of its totals by type of unit."""
    found: list[tuple[str | None, Mapping[str, Hidden]]] = []
    whole = _levels(everyone)
    secret = _lacking(everyone, closed, minimum) | {k for k, n in whole.items() if n < minimum}
    if (county, None) in known.totals:
        secret = set(whole)
    found.append((None, _reasons(whole, _cover(whole, secret, minimum), minimum)))
    # Types are divided all or none: two shown in part could be set against the county's total.
    # That nobody is in a group is then no news either.
    parts = {kind: _levels(members) for kind, members in kinds.items()}
    open_to_all = not found[0][1] and all(
        min(levels.values()) >= minimum
        and not _lacking(kinds[kind], closed, minimum)
        and (county, kind) not in known.totals
        for kind, levels in parts.items()
    )
    if not open_to_all and len(kinds) > 1:
        found += [(kind, _reasons(levels, whole, minimum)) for kind, levels in parts.items()]
    elif not open_to_all:
        found += [(kind, found[0][1]) for kind in kinds]
    return found


def _levels(members: Cells) -> dict[str, int]:
    total: dict[str, int] = {}
    for levels in members.values():
        for level, n in levels.items():
            total[level] = total.get(level, 0) + n
    return total


def _cover(levels: Mapping[str, int], secret: set[str], minimum: int) -> set[str]:
    """Return the secret groups and, from the smallest up, as many as cover them: two at least."""
    result = set(secret)
    further = sorted((n, level) for level, n in levels.items() if level not in secret)
    for _, level in further:
        if not result or (len(result) > 1 and sum(levels[each] for each in result) >= minimum):
            break
        result.add(level)
    return result


def _reasons(
    levels: Mapping[str, int], hidden: Iterable[str], minimum: int
) -> Mapping[str, Hidden]:
    return {level: _reason(levels.get(level, 0), minimum) for level in hidden}


def _over_counties(
    totals: dict[Total, Mapping[str, Hidden]],
    by_county: Mapping[str, Mapping[str, Cells]],
    known: Protection,
    minimum: int,
) -> None:
    """Hide in totals over several counties what any of them hides: it adds nothing then."""
    for kind in {kind for _, kind in totals}:
        levels = _levels(
            {
                f"{county}/{code}": held
                for county, kinds in by_county.items()
                for of_kind, members in kinds.items()
                if kind in (None, of_kind)
                for code, held in members.items()
            }
        )
        hidden = {level for (_, k), each in totals.items() if k == kind for level in each}
        if (None, kind) in known.totals:
            hidden = set(levels)
        totals[None, kind] = _reasons(levels, hidden, minimum)
