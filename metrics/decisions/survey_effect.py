"""What a decision about a survey would do to its results, worked out before it is taken.

The decision is applied in a transaction that is rolled back; the functions that draw the pages
answer before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Change, Store
from metrics.assessment.township_card import card
from metrics.disclosure.base_rule import minimum_base
from metrics.disclosure.small_changes import telling
from metrics.evaluate import latest_year
from metrics.queries import sql
from metrics.satisfaction.figures import by_unit

OVERALL = "S1"
UNITS = [
    *("unit_code", "level", "name_zh", "name_en", "n_before", "n_after", "before", "after"),
    *("low_before", "high_before", "low_after", "high_after", "bound", "shown"),
]
BANDS = ["unit_code", "name_zh", "name_en", "band_before", "band_after"]


@dataclass(frozen=True)
class Effect:
    """The results before and after a decision.

    item: the item compared, overall satisfaction where the survey asks for it. units: UNITS, the
    scope's row and its townships as in `figures.by_unit`; figures only where both sides show
    theirs. Where fewer people than the minimum base come or go, by this or another choice, the
    figure afterwards is blank and bound says how many whole points it moves at most: the difference
    would tell their answers. Where the weights leave fewer than that to count (`thin`), both are
    blank. scored: townships with a band before or after; bands: BANDS, those whose band differs.
    moved: questionnaires that come or go.
    """

    item: str
    units: pd.DataFrame
    scored: int
    bands: pd.DataFrame
    moved: int = 0
    thin: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Moved:
    """Whom a decision moves.

    parts: as of `small_changes.telling`, of those who come or go; people: how many. thin: units,
    '' for the whole, where the weights leave an effective sample below the minimum base.
    """

    parts: pd.DataFrame | None = None
    people: int = 0
    thin: frozenset[str] = frozenset()


def effect_of(
    store: Store, scope: Scope, survey_id: str, changes: Sequence[Change], whom: Moved
) -> Effect:
    """Return what publishing `changes` would do to the results of a survey and to the bands."""
    item = first_item(store, survey_id)
    scope_of_card = Scope(latest_year(store, scope), scope.county)
    with store.rehearse(changes) as after:
        there = by_unit(after, scope, survey_id, item)
        new = card(after, scope_of_card).overview
    here = by_unit(store, scope, survey_id, item)
    old = card(store, scope_of_card).overview
    minimum = minimum_base(store)
    few: frozenset[str] = frozenset()
    if whom.parts is not None:
        few = telling(whom.parts, store.read(sql("units"), scope.parameters()), minimum)
    units = _units(here, there, minimum, few, whom.thin)
    thin = whom.thin & frozenset(units.loc[units["shown"], "unit_code"])
    return Effect(item, units, *bands_moved(old, new), whom.people, thin)


def first_item(store: Store, survey_id: str) -> str:
    """Return the item a survey opens with: overall satisfaction, else its first one."""
    items = list(store.read(sql("satisfaction/items"), {"survey_id": survey_id})["item"])
    return OVERALL if OVERALL in items or not items else str(items[0])


def _units(
    here: pd.DataFrame,
    there: pd.DataFrame,
    minimum: int,
    telling_of_few: frozenset[str],
    thin: frozenset[str],
) -> pd.DataFrame:
    keys = ["unit_code", "level", "name_zh", "name_en"]
    names = {"n": "n", "estimate": "", "low": "low", "high": "high"}

    def side(table: pd.DataFrame, word: str) -> pd.DataFrame:
        renamed = {old: f"{new}_{word}".strip("_") for old, new in names.items()}
        return table[[*keys, *names, "shown"]].rename(columns={**renamed, "shown": f"_{word}"})

    both = side(here, "before").merge(side(there, "after").drop(columns=keys[1:]), on="unit_code")
    both["shown"] = both["_before"] & both["_after"]
    moved = np.asarray(both["after"] - both["before"], dtype=float)
    both["bound"] = np.maximum(np.ceil(np.abs(moved)), 1)
    figures = [name for name in UNITS if name not in (*keys, "shown")]
    both[figures] = both[figures].astype(float).where(both["shown"])
    few = (both["n_after"] - both["n_before"]).abs().between(1, minimum - 1)
    light = both["unit_code"].isin(thin)
    few |= both["unit_code"].isin(telling_of_few) | light
    both["bound"] = both["bound"].where(few & ~light)
    later = ["after", "low_after", "high_after"]
    both[later] = both[later].mask(few)
    return both[UNITS]


def bands_moved(old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    """Return how many townships have a band, and those whose band differs (BANDS).

    old, new: overviews of the card, or any tables with unit_code, names and band.
    """
    both: Any = old[["unit_code", "name_zh", "name_en", "band"]].merge(
        new[["unit_code", "band"]], on="unit_code", suffixes=("_before", "_after")
    )
    scored = both[both[["band_before", "band_after"]].notna().any(axis=1)]
    moved = scored[scored["band_before"].fillna(0) != scored["band_after"].fillna(0)]
    return len(scored), moved[BANDS].reset_index(drop=True)
