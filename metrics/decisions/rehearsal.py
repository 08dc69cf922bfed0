"""What a publication would do to the results: indicators that gain or lose data, bands that move.

The changes are applied in a transaction that is rolled back, and the same functions that draw the
pages answer before and after: nothing is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Change, Store
from metrics.assessment.township_card import card
from metrics.evaluate import evaluate_all, latest_year

INDICATOR_COLUMNS = ["indicator_id", "effect", "units_before", "units_after", "units_changed"]
BAND_COLUMNS = [
    "unit_code", "name_zh", "name_en", "score_before", "score_after", "band_before", "band_after",
]  # fmt: skip
# Below this, two results are the same figure computed in another order.
_SAME = 1e-9


@dataclass(frozen=True)
class Consequences:
    """The results of one year that a publication would change.

    indicators: INDICATOR_COLUMNS, one row per indicator with any change. effect: 'gains' (it had
    no value), 'loses' (it would have none), 'changes'; units counts townships with a value, and
    those whose value appears, disappears or moves. bands: BAND_COLUMNS, one row per township whose
    score moves; NaN where there is no score.
    """

    year: int | None
    indicators: pd.DataFrame
    bands: pd.DataFrame


def consequences(store: Store, changes: Sequence[Change], year: int | None = None) -> Consequences:
    """Return what publishing `changes` would do to the results of a year, else the newest one."""
    with store.rehearse(changes) as after:
        scope = Scope(year if year is not None else latest_year(after, Scope()))
        new_values, new_scores = evaluate_all(after, scope), card(after, scope).overview
    old_values, old_scores = evaluate_all(store, scope), card(store, scope).overview
    return Consequences(
        scope.year, _indicators(old_values, new_values), _bands(old_scores, new_scores)
    )


def _indicators(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    keys = ["indicator_id", "unit_code"]
    old, new = (
        frame[frame["level"].eq("township")].set_index(keys)["value"].astype(float)
        for frame in (before, after)
    )
    both = pd.concat({"old": old, "new": new}, axis=1)
    both["moved"] = _moved(both["old"], both["new"])
    counts = both.groupby(level="indicator_id", sort=False).agg(
        units_before=("old", "count"), units_after=("new", "count"), units_changed=("moved", "sum")
    )
    found = counts[counts["units_changed"] > 0].reset_index()
    found["effect"] = np.select(
        [found["units_before"].eq(0), found["units_after"].eq(0)], ["gains", "loses"], "changes"
    )
    return found[INDICATOR_COLUMNS]


def _bands(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    old, new = (frame.set_index("unit_code") for frame in (before, after))
    names = new[["name_zh", "name_en"]].combine_first(old[["name_zh", "name_en"]])
    table = names.assign(
        score_before=old["score"], score_after=new["score"],
        band_before=old["band"], band_after=new["band"],
    )  # fmt: skip
    moved = _moved(table["score_before"].astype(float), table["score_after"].astype(float))
    return table[moved].reset_index()[BAND_COLUMNS]


def _moved(old: pd.Series, new: pd.Series) -> pd.Series:
    appears = old.isna() != new.isna()
    return appears | ((new - old).abs() > _SAME * np.maximum(1.0, old.abs()))
