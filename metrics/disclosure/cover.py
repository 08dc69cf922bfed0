"""Which items stay hidden in a township so that no hidden question is known from others."""

from collections.abc import Mapping

import pandas as pd

from data.store import Store
from metrics.disclosure.base_rule import (
    Hidden,
    Place,
    Protection,
    Total,
    minimum_base,
    protect,
    protect_items,
)
from metrics.queries import sql


def covered(store: Store, county: str | None, survey_id: str) -> Mapping[str, frozenset[Place]]:
    """Return item (question, index, block) -> townships where it stays hidden beyond its own base.

    county: whose townships are looked at, None for all.
    """
    about = ("covered", county, survey_id)
    return store.once(about, lambda: _covered(store, county, survey_id))


def _covered(store: Store, county: str | None, survey_id: str) -> Mapping[str, frozenset[Place]]:
    told = {"survey_id": survey_id, "county": county}
    bases = store.read_once(sql("satisfaction/item_bases"), told)
    asked = store.read_once(sql("satisfaction/pools"), {"survey_id": survey_id})
    pools = {str(item): frozenset(rows["question_id"]) for item, rows in asked.groupby("item")}
    return protect_items(bases, pools, minimum_base(store))


def protection_of_year(
    store: Store, county: str | None, item: str, units: pd.DataFrame, surveys: "pd.Series[str]"
) -> Protection:
    """Decide what stays hidden of an item where each township answers by the survey it had last.

    county: of the units, or None for all: what is decided of others besides does not matter here.
    units: as of `protect`; surveys: unit -> its survey, of those with answers. What a survey hides
    by itself is hidden here; where that is only a part of what it hides, no total is shown: the
    rest stands in another total, and one less the other would tell of few.
    """
    also: set[Place] = set()
    partly = False
    mine = set(units["unit_code"])
    for survey, codes in surveys.groupby(surveys):
        if surveys.nunique() == 1:
            also |= set(covered(store, county, str(survey)).get(item, ()))
            continue
        own = _hidden(store, county, str(survey), item) & mine
        inside = own & set(codes.index)
        also |= inside
        partly |= bool(inside) and inside != own
    found = protect(units, minimum_base(store), also)
    if not partly:
        return found
    kinds = [None, *units["unit_type"].dropna().unique()]
    places = [None, *units["county_code"].unique()]
    closed: dict[Total, Hidden] = {(place, k): "complement" for place in places for k in kinds}
    return Protection(found.units, {**closed, **found.totals})


def _hidden(store: Store, county: str | None, survey_id: str, item: str) -> set[str]:
    told = {"survey_id": survey_id, "county": county}
    bases = store.read_once(sql("satisfaction/item_bases"), told)
    also = covered(store, county, survey_id).get(item, ())
    return set(protect(bases[bases["item"].eq(item)], minimum_base(store), also).units)
