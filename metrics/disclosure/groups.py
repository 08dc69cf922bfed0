"""The base rule for groups of people: who is divided into groups, question by question.

The figures of one index form a table of unit × question × group. All its sums over one side can be
known: the question in the unit, the index by group in the unit, the question by group in the
county. What is left open must be so for several units, several questions and several groups at
once, or it would be known by subtraction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from metrics.disclosure.base_rule import (
    UNTYPED,
    Also,
    Hidden,
    Protection,
    Total,
    protect,
    reason_of,
)

# Unit -> group of people -> respondents; groups nobody is in are left out.
Cells = dict[str, dict[str, int]]
# Total -> groups that are hidden in it.
Levels = dict[Total, set[str]]


@dataclass(frozen=True)
class GroupProtection:
    """What stays hidden of a division of respondents into groups, with the reason.

    units: unit -> group -> reason; a unit is divided for all groups or for none. totals: total ->
    group -> reason. What is not named here may be shown.
    """

    units: Mapping[str, Mapping[str, Hidden]]
    totals: Mapping[Total, Mapping[str, Hidden]]


def protect_groups(cells: pd.DataFrame, minimum: int, also: Also = ()) -> GroupProtection:
    """Decide which groups of people stay hidden, in units and in totals, of one item.

    cells: unit_code, county_code, unit_type, level (the group; those who did not say are one too),
    n, one row per township and group of the whole survey. The groups of a unit add up to what
    `protect` decides on, the units of a group to its total: a table of two margins. A unit is
    therefore divided as a whole or not at all: all its groups have at least `minimum` people, and
    in every total at least two undivided units, with at least `minimum` people of each group
    together, stand behind what is left when the divided ones are subtracted. also: as of `protect`.
    """
    table = _Table(cells, minimum, also)
    closed = {county: table.undivided(county) for county in table.by_county}
    return table.protection(closed, table.closed_levels(closed))


def protect_index(
    index: str,
    cells: Mapping[str, pd.DataFrame],
    minimum: int,
    also: Mapping[str, Also],
) -> Mapping[str, GroupProtection]:
    """Decide which groups stay hidden of an index and of each of its questions.

    cells: item -> as of `protect_groups`, of the index and of its questions; also: by item.
    Each item keeps to `protect_groups`, and beyond it:

    - A question is divided only in units where the index is, and shows only groups in totals that
      the index shows: otherwise all questions together would be the index.
    - The index is divided as far as it can be. Where some of its questions cannot be divided in a
      unit that shows the index by group, these questions are the *open* ones: the same for all such
      units, at least two, undivided in all of them. In every such unit and group somebody answered
      each of them and at least `minimum` people answered one of them; the units in which the index
      itself is undivided together as well.
    - In totals all questions hide the same groups.

    So what is left of an index less its shown questions is always a sum over several units,
    questions and groups, with enough people behind it.
    """
    tables = {item: _Table(rows, minimum, also.get(item, ())) for item, rows in cells.items()}
    asked = {item: table for item, table in tables.items() if item != index}
    closed: dict[str, dict[str, set[str]]] = {item: {} for item in tables}
    for county in tables[index].by_county:
        family = _Family(county, tables[index], asked)
        for item, units in {**family.units, index: family.closed}.items():
            closed[item][county] = units
    levels = {item: table.closed_levels(closed[item]) for item, table in tables.items()}
    shared: Levels = {}
    for each in levels.values():
        for total, hidden in each.items():
            shared[total] = shared.get(total, set()) | hidden
    # An index of one question is that question.
    levels |= dict.fromkeys(tables if len(asked) == 1 else asked, shared)
    return {item: tables[item].protection(closed[item], levels[item]) for item in tables}


class _Table:
    """The people behind one item, by unit and group, county by county."""

    def __init__(self, cells: pd.DataFrame, minimum: int, also: Also) -> None:
        counted = cells[cells["n"] > 0]
        sizes = counted.groupby(["unit_code", "county_code"], as_index=False, sort=False).agg(
            n=("n", "sum"), unit_type=("unit_type", "first")
        )
        self.minimum = minimum
        self.known = protect(sizes, minimum, also)
        self.by_county: dict[str, dict[str, Cells]] = {}
        columns = counted[["unit_code", "county_code", "unit_type", "level", "n"]]
        for code, county, kind, level, n in columns.itertuples(index=False, name=None):
            of_kind = kind if isinstance(kind, str) else UNTYPED
            members = self.by_county.setdefault(county, {}).setdefault(of_kind, {})
            members.setdefault(code, {})[level] = int(n)
        self.everyone: dict[str, Cells] = {
            county: {code: held for members in kinds.values() for code, held in members.items()}
            for county, kinds in self.by_county.items()
        }

    def undivided(self, county: str, forced: Collection[str] = ()) -> set[str]:
        """Return the units of a county that are not divided, those of `forced` among them."""
        everyone = self.everyone.get(county, {})
        secret = {code for code in everyone if code in forced or code in self.known.units}
        groups = list(self.by_county.get(county, {}).values())
        return _undivided(groups, everyone, secret, self.minimum)

    def closed_levels(self, closed: Mapping[str, set[str]]) -> Levels:
        """Return what stays hidden of the totals of every county; closed: its undivided units."""
        found: Levels = {}
        for county, kinds in self.by_county.items():
            of_county = _closed_levels(
                kinds, self.everyone[county], closed[county], self.known, county, self.minimum
            )
            found |= {(county, kind): levels for kind, levels in of_county.items()}
        return found

    def protection(self, closed: Mapping[str, set[str]], levels: Levels) -> GroupProtection:
        """Return the decision with the reasons."""
        units: dict[str, Mapping[str, Hidden]] = {}
        totals: dict[Total, Mapping[str, Hidden]] = {}
        for county, kinds in self.by_county.items():
            everyone = self.everyone[county]
            whole = _levels(everyone)
            units |= {
                code: _reasons(everyone[code], whole, self.minimum)
                for code in closed[county] & set(everyone)
            }
            for kind in (None, *kinds):
                of_kind = _levels(everyone if kind is None else kinds[kind])
                hidden = levels.get((county, kind), set())
                totals[county, kind] = _reasons(of_kind, hidden, self.minimum)
        _over_counties(totals, self.by_county, self.known, self.minimum)
        return GroupProtection(units, totals)


class _Family:
    """An index and its questions in one county.

    closed: units in which the index is not divided; units: the same of every question; open: the
    questions that are undivided in further units, which are the same for all of them (`part`).
    """

    def __init__(self, county: str, index: _Table, asked: Mapping[str, _Table]) -> None:
        self.county, self.index, self.asked = county, index, asked
        self.minimum = index.minimum
        self.kinds, self.everyone = index.by_county[county], index.everyone[county]
        self._begin(set())
        while alone := self._alone():
            self._begin(self.closed | alone)

    @property
    def part(self) -> set[str]:
        """Return the units that show the index by group, but not the open questions."""
        return set().union(*(self.units[q] for q in self.open)) - self.closed

    def _begin(self, forced: set[str]) -> None:
        """Divide the index in all units but these, and open as few questions as that takes."""
        self.closed = self.index.undivided(self.county, forced)
        self.units = {q: t.undivided(self.county, self.closed) for q, t in self.asked.items()}
        self.open = {q for q in self.asked if self.units[q] - self.closed}
        self._spread()
        while self.open and len(self.open) < len(self.asked) and self._thin():
            # The question with the most people behind its smallest group covers others best.
            rest = {q: self._fewest(q) for q in self.asked if q not in self.open}
            self.open.add(max(rest, key=lambda q: (rest[q], q)))
            self._spread()

    def _spread(self) -> None:
        """Leave all open questions undivided in the same units, and see what that opens besides."""
        while True:
            together = self.closed | self.part
            wider = {
                q: table.undivided(self.county, together if q in self.open else self.closed)
                for q, table in self.asked.items()
            }
            more = self.open | {q for q in self.asked if wider[q] - self.closed}
            settled = (wider, more) == (self.units, self.open)
            self.units, self.open = wider, more
            if settled:
                return

    def _people(self, q: str, code: str, level: str) -> int:
        return self.asked[q].everyone.get(self.county, {}).get(code, {}).get(level, 0)

    def _thin(self) -> bool:
        """Say whether too few people may stand behind what the open questions are together.

        People are at least as many as answered the one of them that most did.
        """
        most = {
            (code, level): max(self._people(q, code, level) for q in self.open)
            for code, levels in self.everyone.items()
            for level in levels
        }
        if any(n < self.minimum for (code, _), n in most.items() if code in self.part):
            return True
        behind: dict[tuple[str, str], int] = {}
        for kind, members in self.kinds.items():
            for code in self.closed & set(members):
                for level in members[code]:
                    held = behind.get((kind, level), 0)
                    behind[kind, level] = held + most[code, level]
        return any(0 < n < self.minimum for n in behind.values())

    def _alone(self) -> set[str]:
        """Return the units where a single question would be what is left of the index."""
        return {
            code
            for code in self.part
            if len(self.open) < 2
            or not all(
                self._people(q, code, level) for q in self.open for level in self.everyone[code]
            )
        }

    def _fewest(self, q: str) -> int:
        """Return the people of a question in its smallest group of a unit of `part`."""
        groups = [(code, level) for code in self.part for level in self.everyone[code]]
        return min((self._people(q, *each) for each in groups), default=0)


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
) -> dict[str | None, set[str]]:
    """Return what stays hidden of the county's total and of its totals by type of unit."""
    whole = _levels(everyone)
    secret = _lacking(everyone, closed, minimum) | {k for k, n in whole.items() if n < minimum}
    if (county, None) in known.totals:
        secret = set(whole)
    hidden = _cover(whole, secret, minimum)
    # Types are divided all or none: two shown in part could be set against the county's total.
    # That nobody is in a group is then no news either.
    open_to_all = not hidden and all(
        min(_levels(members).values()) >= minimum
        and not _lacking(members, closed, minimum)
        and (county, kind) not in known.totals
        for kind, members in kinds.items()
    )
    found: dict[str | None, set[str]] = {None: hidden}
    if not open_to_all:
        found |= dict.fromkeys(kinds, set(whole) if len(kinds) > 1 else hidden)
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
    return {level: reason_of(levels.get(level, 0), minimum) for level in hidden}


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
