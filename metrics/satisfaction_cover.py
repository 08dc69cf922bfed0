"""Which items stay hidden in a township so that no hidden question is known from others."""

from collections.abc import Mapping

from data.store import Store
from metrics.disclosure import minimum_base, protect_items
from metrics.queries import sql


def covered(store: Store, county: str | None, survey_id: str) -> Mapping[str, frozenset[str]]:
    """Return item (question, index, block) -> townships where it stays hidden beyond its own base.

    county: whose townships are looked at, None for all.
    """
    about = ("covered", county, survey_id)
    return store.once(about, lambda: _covered(store, county, survey_id))


def _covered(store: Store, county: str | None, survey_id: str) -> Mapping[str, frozenset[str]]:
    told = {"survey_id": survey_id, "county": county}
    bases = store.read_once(sql("satisfaction/item_bases"), told)
    asked = store.read_once(sql("satisfaction/pools"), {"survey_id": survey_id})
    pools = {str(item): frozenset(rows["question_id"]) for item, rows in asked.groupby("item")}
    return protect_items(bases, pools, minimum_base(store))
