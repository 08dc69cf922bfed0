"""Frameworks: which indicators are scored on which card, with which weight and target.

Two are built in: the whole one (33 indicators of a township, 23 of the county) and the light start
(12 and 5). A county's own is a table of the store, versioned like any other, in force from a year.
Method: framework/scoring.md, section 5 (blocks A5 B40 C15 D22 E9 F9; county card response 20,
lists 20, burden 25, correction 5, resources 20, system 10; equal weights inside a group).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics.queries import sql
from metrics.register import INDICATORS, Indicator, indicator

Card = Literal["township", "county"]
CARDS: tuple[Card, ...] = ("township", "county")
BLOCKS: Mapping[str, float] = {
    "A": 5.0, "B1": 6.0, "B2": 12.0, "B3": 7.0, "B4": 8.0, "B5": 7.0,
    "C": 15.0, "D": 22.0, "E": 9.0, "F": 9.0,
}  # fmt: skip
DUTIES: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "response": (20.0, ("B1.1", "G1")),
    "lists": (20.0, ("B1.2", "G7", "G8")),
    "burden": (25.0, ("F1", "G2", "G3", "G4", "G5")),
    "correction": (5.0, ("G6",)),
    "resources": (20.0, ("D1", "D2", "D4", "D5", "D6", "D7", "D8", "G10", "G11", "G13")),
    "system": (10.0, ("A5", "G15")),
}
# Where a county adds a duty of its own: money and staff are resources, all else is the system.
_ADDED = {"G9": "resources", "G12": "resources", "G14": "resources"}
UNIT_TYPES = ("township", "subdistrict")
_WHOLE, _CLOSE = 100.0, 0.5


@dataclass(frozen=True)
class Item:
    """One scored indicator. weight: share of its card; target: local, None for the register's."""

    indicator_id: str
    card: Card
    weight: float
    target: float | None = None

    @property
    def indicator(self) -> Indicator:
        """What the register says of it."""
        return INDICATORS[self.indicator_id]

    @property
    def group(self) -> str:
        """The block of the township card, or the duty of the county card, it belongs to."""
        if self.card == "township":
            return self.indicator.block
        named = next((d for d, (_, ids) in DUTIES.items() if self.indicator_id in ids), None)
        return named or _ADDED.get(self.indicator_id, "system")

    @property
    def goal(self) -> float | None:
        """The target that points are measured against, None where the peers are the measure."""
        return self.target if self.target is not None else self.indicator.scored_target


@dataclass(frozen=True)
class Framework:
    """A set of scored indicators. effective_from: first year of assessment, None for always."""

    id: str
    name: Text
    items: tuple[Item, ...]
    effective_from: int | None = None
    replaces: str | None = None

    def of(self, card: Card, unit_type: str | None = None) -> list[Item]:
        """Return the items of a card, those that apply to a type of unit if one is named."""
        return [
            item
            for item in self.items
            if item.card == card and (item.indicator.applies_to_unit(unit_type))
        ]

    def groups(self, card: Card) -> dict[str, float]:
        """Return the groups of a card with their weights; alternatives count once."""
        order = BLOCKS if card == "township" else DUTIES
        found = {
            group: max(
                sum(item.weight for item in self.of(card, kind) if item.group == group)
                for kind in (UNIT_TYPES if card == "township" else (None,))
            )
            for group in dict.fromkeys([*order, *(item.group for item in self.of(card))])
        }
        return {group: weight for group, weight in found.items() if weight > 0}


def _equal(card: Card, groups: Mapping[str, tuple[float, Sequence[str]]]) -> list[Item]:
    """Share the weight of a group equally among those of its indicators that apply to a unit."""
    items = []
    for weight, ids in groups.values():
        kinds = UNIT_TYPES if card == "township" else (None,)
        most = max(sum(INDICATORS[i].applies_to_unit(kind) for i in ids) for kind in kinds)
        items += [Item(i, card, weight / most) for i in ids]
    return items


def _built_in(framework_id: str, township: Iterable[Indicator], county: Iterable[str]) -> Framework:
    of_block = Counter(dict.fromkeys(BLOCKS, 0))
    ids: dict[str, list[str]] = {block: [] for block in of_block}
    for each in township:
        ids[each.block].append(each.id)
    duties = set(county)
    blocks = {block: (BLOCKS[block], held) for block, held in ids.items() if held}
    owed = {
        duty: (weight, [i for i in members if i in duties])
        for duty, (weight, members) in DUTIES.items()
        if duties & set(members)
    }
    name = both(f"frameworks.{framework_id}")
    return Framework(framework_id, name, (*_equal("township", blocks), *_equal("county", owed)))


LIGHT = _built_in(
    "light-2026",
    [i for i in INDICATORS.values() if i.light_start and i.block in BLOCKS],
    [i.id for i in INDICATORS.values() if i.light_start and i.block == "G"],
)
FULL = _built_in(
    "full-2026",
    [i for i in INDICATORS.values() if i.weight_township is not None],
    [i.id for i in INDICATORS.values() if i.weight_county is not None],
)
BUILT_IN: Mapping[str, Framework] = {each.id: each for each in (LIGHT, FULL)}


def own_frameworks(store: Store) -> list[Framework]:
    """Return the county's own frameworks, the earliest in force first.

    Of several that hold from the same year, one that replaces another stands behind it.
    """
    rows = store.read_once(sql("assessment/frameworks"))
    found = {each.id: each for each in map(_own, (own for _, own in rows.groupby("framework")))}

    def order(each: Framework) -> tuple[int, int]:
        replaced, before = 0, found.get(each.replaces or "")
        while before and before.effective_from == each.effective_from and replaced < len(found):
            replaced, before = replaced + 1, found.get(before.replaces or "")
        return each.effective_from or 0, replaced

    return sorted(found.values(), key=order)


def _own(rows: pd.DataFrame) -> Framework:
    first = rows.iloc[0]
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    items = tuple(
        Item(row["indicator_id"], row["card"], float(row["weight"]), _number(row["target"]))
        for row in records
    )
    # As the built-in ones stand: card by card, in the order of the register.
    register = list(INDICATORS)
    items = tuple(
        sorted(items, key=lambda i: (CARDS.index(i.card), register.index(i.indicator_id)))
    )
    replaces = None if pd.isna(first["replaces"]) else str(first["replaces"])
    name = Text(zh=first["name_zh"], en=first["name_en"])
    return Framework(str(first["framework"]), name, items, int(first["effective_from"]), replaces)


def in_force(store: Store, year: int | None) -> Framework:
    """Return the framework of a year: the county's own newest, else the built-in one it chose."""
    own = [
        each
        for each in own_frameworks(store)
        if year is None or each.effective_from is None or each.effective_from <= year
    ]
    return own[-1] if own else BUILT_IN.get(store.settings()["framework"], LIGHT)


def spans(store: Store, scope: Scope) -> list[tuple[int | None, Text]]:
    """Return from which year on which framework holds, by its name; None for the years before."""
    _ = scope  # frameworks hold for the whole store
    built_in = BUILT_IN.get(store.settings()["framework"], LIGHT)
    # Of several that hold from the same year, the last stands.
    own = {each.effective_from: each.name for each in own_frameworks(store)}
    return [(None, built_in.name), *own.items()]


def of_scope(store: Store, scope: Scope) -> Framework:
    """Return the framework in force in the year of a scope; without a year, the newest."""
    return in_force(store, scope.year)


def named(store: Store, framework_id: str) -> Framework:
    """Return a framework by its id, or raise DataError `unknown_framework`."""
    own = {each.id: each for each in own_frameworks(store)}
    found = {**BUILT_IN, **own}.get(framework_id)
    if found is None:
        known = ", ".join([*BUILT_IN, *own])
        raise DataError("unknown_framework", framework=framework_id, known=known)
    return found


def from_frame(
    rows: pd.DataFrame, framework_id: str, name: Text, effective_from: int, replaces: Framework
) -> Framework:
    """Make a framework of a table: columns card, indicator_id, weight and, if any, target.

    Rows without a weight are not scored. Raises DataError `unknown_indicator`,
    `framework_card_unknown`, `framework_item_twice`, `framework_weight`.
    """
    items: dict[tuple[str, str], Item] = {}
    for row in rows.to_dict("records"):
        weight = float(row["weight"]) if pd.notna(row.get("weight")) else 0.0
        found = indicator(str(row["indicator_id"]))
        card = next((c for c in CARDS if c == row["card"]), None)
        if card is None:
            raise DataError("framework_card_unknown", card=row["card"], indicator=found.id)
        if (card, found.id) in items:
            raise DataError("framework_item_twice", indicator=found.id)
        if not 0 <= weight <= _WHOLE:
            raise DataError("framework_weight", indicator=found.id, weight=weight)
        items[card, found.id] = Item(found.id, card, weight, _number(row.get("target")))
    scored = tuple(item for item in items.values() if item.weight > 0)
    return Framework(framework_id, name, scored, effective_from, replaces.id)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def check(framework: Framework, replaced: Framework) -> list[Text]:
    """Return what forbids a framework, in words; an empty list lets it be published.

    The weights of a card add up to 100 for every type of unit, or to as much as those it replaces
    (the light start holds part of the whole and keeps its weights); a card holds only what its
    level answers for; the scored set never grows: an addition needs a removal; satisfaction is
    paired with blocks and no item of its own; what is only context is never scored; a local target
    is a value that its indicator can have.
    """
    said: list[Text] = []
    for card in CARDS:
        for kind in UNIT_TYPES if card == "township" else (None,):
            total = sum(item.weight for item in framework.of(card, kind))
            before = sum(item.weight for item in replaced.of(card, kind)) or _WHOLE
            if min(abs(total - _WHOLE), abs(total - before)) > _CLOSE:
                of = both(f"frameworks.of.{kind or card}")
                key = "sum" if abs(before - _WHOLE) <= _CLOSE else "sum_or"
                told = {"total": f"{total:g}", "before": f"{before:g}"}
                said.append(both(f"frameworks.{key}", of=of, **told))
        more = len(framework.of(card)) - len(replaced.of(card))
        if more > 0:
            said.append(both("frameworks.grows", card=both(f"frameworks.of.{card}"), n=more))
    for item in framework.items:
        reason = _misplaced(item) or _unreachable(item)
        if reason:
            said.append(
                both(
                    f"frameworks.{reason}",
                    id=item.indicator_id,
                    name=item.indicator.name,
                    target=f"{item.target or 0:g}",
                )
            )
    return said


def _unreachable(item: Item) -> str:
    """Say why nobody can have points by a local target: it is no value of its indicator.

    Where more is better nothing lies between half of 0 and 0; a share ends at 100.
    """
    if item.target is None:
        return ""
    least = item.target < 0 if item.indicator.polarity == "lower" else item.target <= 0
    if item.indicator.unit.en == "%" and (least or item.target > _WHOLE):
        return "target_share"
    return "target_sign" if least else ""


def _misplaced(item: Item) -> str:
    found = item.indicator
    if found.is_survey:
        return "survey_item"
    if found.tier == "context":
        return "context_item"
    owed_by = ("township", "shared") if item.card == "township" else ("county", "shared")
    return "" if found.accountable in owed_by else "other_level"


def changes(old: Framework, new: Framework) -> pd.DataFrame:
    """Return what differs: card, indicator_id, weight_before, weight_after, target_before/after.

    NaN where the indicator is not scored.
    """
    tables = [
        pd.DataFrame(
            [(i.card, i.indicator_id, i.weight, i.goal) for i in each.items],
            columns=["card", "indicator_id", "weight", "target"],
        ).astype({"weight": float, "target": float})
        for each in (old, new)
    ]
    both_sides = tables[0].merge(
        tables[1], on=["card", "indicator_id"], how="outer", suffixes=("_before", "_after")
    )
    same = both_sides["weight_before"].round(9).eq(
        both_sides["weight_after"].round(9)
    ) & both_sides["target_before"].fillna(-1).eq(both_sides["target_after"].fillna(-1))
    return both_sides[~same].reset_index(drop=True)
