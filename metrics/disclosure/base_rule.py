"""The base rule: which figures stay hidden so that nobody's answers can be worked out.

A figure on fewer respondents than the minimum base is not shown; neither is one that would give
it back by subtraction from a total. The decision is taken once, over all units and all totals that
any view can show (county, type of unit), so that two views set side by side give nothing away.
Groups of people are decided on in `groups`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import null_space

from data.store import LOWEST_MINIMUM_BASE, Store
from metrics.disclosure.attack import smallest_known

Hidden = Literal["below_base", "complement"]
# Why a survey gives no error: what `metrics.survey` notes, one reason to a reader.
NOT_ESTIMABLE = ("zero_denominator", "too_few_psus", "only_lonely_psus", "no_variation")
# A total is of one county, or of one type of unit in it; None stands for all.
Total = tuple[str | None, str | None]
# Units, and totals of a county, that stay hidden for another reason than how many answered.
Place = str | Total
Also = Collection[Place]
# Type of unit -> unit -> respondents.
Kinds = dict[str, dict[str, int]]
UNTYPED = ""
# Cells to protect times cells to look at: beyond this an attack takes more than a second or two.
MOST_TRIED = 40_000
_SAME = 1e-8  # of coefficients that are whole numbers or simple fractions


@dataclass(frozen=True)
class Protection:
    """What stays hidden, with the reason; what is not named here may be shown."""

    units: Mapping[str, Hidden]
    totals: Mapping[Total, Hidden]


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
    sound = lonely | table["note"].eq("whole_population")
    vague = table["note"].isin(NOT_ESTIMABLE)
    why = pd.Series(why_hidden(reason.to_numpy(object), vague.to_numpy()), table.index)
    note = why.where(why != "", table["note"].mask(sound | vague, ""))
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


def protect(units: pd.DataFrame, minimum: int, also: Also = ()) -> Protection:
    """Decide which units and which totals stay hidden.

    units: unit_code, county_code, unit_type, n (respondents behind the unit's figure; 0 for
    none), one row per township of the whole survey. also: units and totals that stay hidden for
    another reason (`protect_items`), however many answered. The hidden members of every total that
    is shown, and of every difference between two such totals, are at least two and have at least
    `minimum` respondents together: only what holds for them as a group can be worked out.
    """
    by_county: dict[str, Kinds] = {}
    columns = units[["unit_code", "county_code", "unit_type", "n"]]
    for code, county, kind, n in columns.itertuples(index=False, name=None):
        if n > 0:
            of_kind = kind if isinstance(kind, str) else UNTYPED
            by_county.setdefault(county, {}).setdefault(of_kind, {})[code] = int(n)
    hidden: dict[str, Hidden] = {}
    totals: dict[Total, Hidden] = {}
    for county, kinds in by_county.items():
        of_types = {kind for place, kind in _totals(also) if place == county}
        secret = {each for each in also if isinstance(each, str)}
        members, closed = _protect_county(kinds, minimum, secret, of_types)
        hidden |= members
        totals |= {(county, kind): note for kind, note in closed.items()}
    for kind in {kind for _, kind in totals}:
        # A total over several counties is shown where each of theirs is: it adds nothing then.
        n = sum(_respondents(kinds, kind) for kinds in by_county.values())
        totals[None, kind] = reason_of(n, minimum)
    return Protection(hidden, totals)


def _totals(also: Also) -> set[Total]:
    return {each for each in also if not isinstance(each, str)}


def _protect_county(
    kinds: Kinds, minimum: int, also: set[str], also_totals: Collection[str | None] = ()
) -> tuple[dict[str, Hidden], dict[str | None, Hidden]]:
    """Protect one county: the units of each type, the totals by type, the units behind those."""
    secret: set[str] = set()
    for members in kinds.values():
        secret |= _covered(members, also & set(members), minimum)
    by_kind = {kind: _respondents(kinds, kind) for kind in kinds}
    # A type that is one hidden unit is as secret as the unit.
    alone = {kind for kind, members in kinds.items() if len(members) < 2 and secret & set(members)}
    alone |= set(kinds) & set(also_totals)
    closed = _covered(by_kind, alone, minimum)
    # Where the totals by type are closed, the county's total still tells what is behind them all.
    behind = {code: n for kind in closed for code, n in kinds[kind].items()}
    secret |= _covered(behind, secret & set(behind), minimum)
    units = {code: n for members in kinds.values() for code, n in members.items()}
    totals: dict[str | None, Hidden] = {
        kind: reason_of(by_kind[kind], minimum) for kind in closed if kind != UNTYPED
    }
    if sum(units.values()) < minimum or (len(units) < 2 and secret) or None in also_totals:
        totals[None] = reason_of(sum(units.values()), minimum)
    return {code: reason_of(units[code], minimum) for code in secret}, totals


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
) -> Mapping[str, frozenset[Place]]:
    """Decide where items stay hidden so that a hidden question cannot be worked out.

    bases: item, unit_code, county_code, unit_type, n; pools: item -> the questions whose answers it
    pools. A pool less its questions that are shown is what the others say: of those at least two
    stay hidden, one of them with at least `minimum` people: several answers of few people are no
    more people. A pool is hidden where no question is left for that, and where several pools
    together would still give a question away, or questions that only few people answered each;
    where a pool is hidden, some of its questions are.
    At last an attacker (`attack`) tries all units at once.
    Returns item -> `also` of `protect`.
    """
    asked = frozenset().union(*pools.values())
    small = bases[bases["item"].isin(asked) & (bases["n"] < minimum)]
    rows = bases[(bases["n"] > 0) & bases["county_code"].isin(small["county_code"].unique())]
    also: dict[str, set[Place]] = {}
    for county, own in rows.groupby("county_code"):
        for item, place in _covered_items(own, pools, minimum, str(county)):
            also.setdefault(item, set()).add(place)
    return {item: frozenset(places) for item, places in also.items()}


def _covered_items(
    bases: pd.DataFrame, pools: Mapping[str, frozenset[str]], minimum: int, county: str
) -> set[tuple[str, Place]]:
    """Return the (item, unit or total) of one county that are hidden for the sake of others."""
    by_item: dict[str, Kinds] = {}
    by_place: dict[Place, dict[str, int]] = {}
    for item, unit, kind, n in bases[["item", "unit_code", "unit_type", "n"]].to_numpy():
        of_kind = kind if isinstance(kind, str) else UNTYPED
        by_item.setdefault(item, {}).setdefault(of_kind, {})[unit] = int(n)
        counted: tuple[Place, ...] = (unit, (county, of_kind), (county, None))
        for each in counted:
            held = by_place.setdefault(each, {})
            held[item] = held.get(item, 0) + int(n)
    also: set[tuple[str, Place]] = set()
    while True:
        secret: dict[Place, set[str]] = {}
        for item, kinds in by_item.items():
            chosen = [place for asked, place in also if asked == item]
            of_types = {kind for _, kind in _totals(chosen)}
            units = {place for place in chosen if isinstance(place, str)}
            hidden, closed = _protect_county(kinds, minimum, units, of_types)
            kept: list[Place] = [*hidden, *((county, kind) for kind in closed)]
            for place in kept:
                secret.setdefault(place, set()).add(item)
        further = {
            (item, place)
            for place, items in secret.items()
            for item in _covers(by_place[place], items, pools, minimum)
        } - also
        further = further or _attacked(by_item, by_place, secret, pools, minimum)
        if not further:
            return also
        also |= further


def _attacked(
    by_item: Mapping[str, Kinds],
    by_place: Mapping[Place, Mapping[str, int]],
    secret: Mapping[Place, Collection[str]],
    pools: Mapping[str, frozenset[str]],
    minimum: int,
) -> set[tuple[str, Place]]:
    """Return what must be hidden besides, as all units together still tell of few people.

    The reader knows every sum that is shown: of pools and questions, in units and totals. With more
    cells to try than MOST_TRIED, no pool is shown where a question of it is hidden.
    """
    asked = frozenset().union(*pools.values())
    inside = [place for place in secret if isinstance(place, str)]
    cells = [(unit, q) for unit in inside for q in secret[unit] if q in asked]
    sums = _known_sums(cells, by_item, by_place, secret, pools)
    named = list(sums)
    open_ = {each for each in named if isinstance(each[1], str)}
    people = np.array([by_place[unit][q] for unit, q in cells], dtype=float)
    few = np.flatnonzero(people < minimum)
    if not open_ or len(few) * len(cells) > MOST_TRIED:
        return open_
    rows = np.zeros((len(sums), len(cells)))
    for row, held in zip(rows, sums.values(), strict=True):
        row[held] = 1.0
    owner = pd.factorize(np.array([unit for unit, _ in cells], dtype=object))[0]
    for cell in few:
        telling = smallest_known(rows, people, owner, int(cell), minimum)
        told = [named[row] for row in telling or () if named[row] in open_]
        if told:
            return {min(told, key=lambda each: (by_place[each[1]][each[0]], str(each)))}
    return set()


def _known_sums(
    cells: Sequence[tuple[str, str]],
    by_item: Mapping[str, Kinds],
    by_place: Mapping[Place, Mapping[str, int]],
    secret: Mapping[Place, Collection[str]],
    pools: Mapping[str, frozenset[str]],
) -> dict[tuple[str, Place], list[int]]:
    """Return (item, place) that is shown -> the hidden cells (unit, question) in it."""
    kinds = {(u, item): k for item, held in by_item.items() for k, us in held.items() for u in us}
    found: dict[tuple[str, Place], list[int]] = {}
    for number, (unit, q) in enumerate(cells):
        places: list[Place] = [unit, *_totals_of(by_place, kinds[unit, q])]
        items = [q, *(pool for pool, of in pools.items() if q in of)]
        for item, place in product(items, places):
            if item not in secret.get(place, ()):
                found.setdefault((item, place), []).append(number)
    return found


def _totals_of(by_place: Mapping[Place, object], kind: str) -> list[Total]:
    return [total for total in _totals(by_place) if total[1] in (None, kind)]


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
    # Together all questions of a pool would be the pool.
    bare = [pool for pool in hidden & set(own) if not hidden & set(own[pool])]
    hidden |= {q for pool in bare for q in own[pool]}
    for pool, asked in own.items():
        if pool in hidden or not hidden & set(asked):
            continue
        # A question that is an index of its own stays: what pools it with others is hidden.
        further = sorted((n[q], q) for q in asked if q not in hidden | lone)
        held = [n[q] for q in asked if q in hidden]
        while further and (len(held) < 2 or max(held) < minimum):
            hidden.add(further[0][1])
            held.append(further.pop(0)[0])
        if len(held) < 2 or max(held) < minimum:
            hidden.add(pool)
    while True:
        # Of each pool that is shown, its hidden questions: the others are known.
        told = {pool: frozenset(q for q in asked if q in hidden) for pool, asked in own.items()}
        told = {pool: unknown for pool, unknown in told.items() if unknown and pool not in hidden}
        few = frozenset(q for q in hidden if q not in pools and n[q] < minimum)
        giving = _telling(frozenset(told.values())) or _of_few(frozenset(told.values()), few)
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


@lru_cache(maxsize=4096)
def _of_few(sets: frozenset[frozenset[str]], few: frozenset[str]) -> frozenset[frozenset[str]]:
    """Return sets of questions whose sums together leave only questions of few; none if none do.

    An index less the block within it may be two questions that only few people answered.
    """
    if len(sets) < 2:
        return frozenset()
    ordered = sorted(sets, key=sorted)
    unknown = sorted(frozenset().union(*ordered))
    held = np.array([[q in each for q in unknown] for each in ordered], dtype=float)
    # Combinations in which all questions of many cancel; together they must not leave the others.
    for parts in null_space(held[:, [q not in few for q in unknown]].T).T:
        if np.abs(parts @ held).max() > _SAME:
            return frozenset(e for e, part in zip(ordered, parts, strict=True) if abs(part) > _SAME)
    return frozenset()


def reason_of(n: int, minimum: int) -> Hidden:
    """Return why a figure on n respondents is hidden, given that it is."""
    return "below_base" if n < minimum else "complement"
