"""Which groups of people a survey shows, decided once for an index and its questions together."""

from collections.abc import Mapping

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import Total, minimum_base
from metrics.disclosure.cover import covered
from metrics.disclosure.groups import GroupProtection, protect_groups, protect_index
from metrics.queries import sql

UNDER_60, FROM_60 = "under_60", "60+"
# Within one township ages are told apart at 60 only.
YOUNGER = ("18-29", "30-44", "45-59")


def divisions(
    store: Store, county: str | None, survey_id: str, item: str, *, within_township: bool
) -> Mapping[str, GroupProtection]:
    """Return grouping -> what stays hidden of an item's groups, whatever the scope is.

    county: whose townships are looked at, None for all. within_township: ages as they are told
    apart in one township, else in full; what holds for townships is decided with the former.
    """
    about = ("divisions", county, survey_id, within_township)
    held: dict[str, dict[str, dict[str, GroupProtection]]] = store.once(about, dict)
    family = _family(store, survey_id, item)
    index = family[0]
    if index not in held:
        held[index] = _decided(store, county, survey_id, family, within_township)
    return held[index].get(item, {})


def hidden_in(scope: Scope, protection: GroupProtection) -> Mapping[str, str]:
    """Return group -> why it is hidden, of the place of a scope."""
    if scope.township:
        return protection.units.get(scope.township, {})
    return protection.totals.get((scope.county, scope.unit_type), {})


def hidden_group(
    store: Store, total: Total, surveys: "pd.Series[str]", dimension: str, level: str
) -> tuple[Mapping[str, str], str]:
    """Say by unit, and of a total, why a group of those asked about S1 is not shown, or ''.

    surveys: unit -> its survey. Where they are several, no total is shown of which some hidden
    units are a part only of those its survey hides: see `cover.protection_of_year`.
    """
    county = total[0]
    units: dict[str, str] = {}
    wholes: set[str] = set()
    for survey, codes in surveys.groupby(surveys):
        inside, above = (
            divisions(store, county, str(survey), "S1", within_township=within).get(dimension)
            for within in (True, False)
        )
        if inside is None or above is None:
            continue
        units |= {str(c): inside.units[c][level] for c in codes.index
                  if level in inside.units.get(c, {})}  # fmt: skip
        wholes.add(above.totals.get(total, {}).get(level, ""))
        held = set(inside.units) & set(codes.index)
        if held and surveys.nunique() > 1 and held != set(inside.units):
            wholes.add("complement")
    return units, max(wholes, default="")


def groups_of(rows: pd.DataFrame, *, within_township: bool) -> pd.DataFrame:
    """Return sums by group with the groups that are told apart there; their column is `level`."""
    if not within_township:
        return rows
    return rows.assign(level=rows["level"].replace(dict.fromkeys(YOUNGER, UNDER_60)))


def _family(store: Store, survey_id: str, item: str) -> list[str]:
    """Return the index an item belongs to and its questions; the item where it has no index."""
    asked = store.read_once(sql("satisfaction/pools"), {"survey_id": survey_id})
    asked = asked[~asked["item"].str.startswith("pair:")]
    mine = asked[asked["item"].eq(item) | asked["question_id"].eq(item)]
    if mine.empty:
        return [item]
    index = str(mine["item"].iloc[0])
    return [index, *map(str, asked.loc[asked["item"].eq(index), "question_id"])]


def _decided(
    store: Store, county: str | None, survey_id: str, family: list[str], within_township: bool
) -> dict[str, dict[str, GroupProtection]]:
    """Return item -> grouping -> decision."""
    wanted = {"survey_id": survey_id, "county": county, "items": family}
    cells = store.read_once(sql("satisfaction/group_bases"), wanted)
    cells = groups_of(cells, within_township=within_township)
    keys = [name for name in cells if name != "n"]
    cells = cells.groupby(keys, as_index=False, dropna=False).agg(n=("n", "sum"))
    also, minimum = covered(store, county, survey_id), minimum_base(store)
    found: dict[str, dict[str, GroupProtection]] = {item: {} for item in family}
    for dimension, rows in cells.groupby("dimension"):
        by_item = {str(item): own for item, own in rows.groupby("item")}
        if family[0] in by_item and len(family) > 1:
            decided = protect_index(family[0], by_item, minimum, also)
        else:
            decided = {
                item: protect_groups(own, minimum, also.get(item, ()))
                for item, own in by_item.items()
            }
        for item, protection in decided.items():
            found[item][str(dimension)] = protection
    return found
