"""Which indicators a framework may let go: those at their ceiling, and those never used.

Saturated: over 95 % of units at full marks in two years running, so that it tells nobody apart any
more. Unused: no unit has ever had a value. They are proposals; nothing leaves by itself.
Method: framework/scoring.md, 'Lifecycle'.
"""

from collections.abc import Iterator

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment.framework import in_force
from metrics.assessment.goalposts import FEWEST_PEERS
from metrics.assessment.township_card import Assessment, assessed
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.scoring import DECIMALS

SATURATED_ABOVE = 0.95
_RUNNING = 2
COLUMNS = [
    "card", "indicator_id", "weight", "why", "year_before", "full_before", "year", "full", "units",
]  # fmt: skip


def removals(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS: scored indicators proposed for removal, in the order of the framework.

    why: 'saturated' (full_before, full: share of units at full marks in the two newest years with
    data, 0-1; units: those with points in the newer one, at least eight) | 'unused' (shares NaN).
    """
    framework = in_force(store, scope.year)
    years = sorted(int(each) for each in store.read_once(sql("years"))["year"])
    newest = [assessed(store, Scope(year, scope.county), framework) for year in years[-_RUNNING:]]
    unseen = [item.indicator for item in framework.items]
    # From the newest year back: what has been seen once need not be asked again.
    for evaluation in _backwards(store, scope, years, newest):
        table = evaluation.table(unseen)
        seen = set(table.loc[table["value"].notna(), "indicator_id"])
        unseen = [each for each in unseen if each.id not in seen]
        if not unseen:
            break
    never = {each.id for each in unseen}
    full = _full_marks(newest)
    rows = []
    for item in framework.items:
        head = (item.card, item.indicator_id, item.weight)
        if item.indicator_id in never:
            rows.append((*head, "unused", None, None, None, None, 0))
        elif item.card == "township" and item.indicator_id in full.index:
            rows.append((*head, "saturated", *full.loc[item.indicator_id]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _backwards(
    store: Store, scope: Scope, years: list[int], newest: list[Assessment]
) -> Iterator[Evaluation]:
    """Yield the evaluation of every year, the newest first."""
    yield from (each.evaluation for each in reversed(newest))
    for year in reversed(years[:-_RUNNING]):
        yield Evaluation(store, Scope(year, scope.county))


def _full_marks(newest: list[Assessment]) -> pd.DataFrame:
    """Return year, share and year, share, units of the indicators that are saturated, by id."""
    if len(newest) < _RUNNING:  # one year does not make a ceiling
        return pd.DataFrame()
    sides = []
    for each in newest:
        points = each.facts.dropna(subset=["points"]).astype({"points": float})
        top = points["points"].round(DECIMALS).ge(100)
        found = top.groupby(points["indicator_id"]).agg(["mean", "size"])
        sides.append(found.assign(year=each.scope.year)[["year", "mean", "size"]])
    both = sides[0].add_suffix("_0").join(sides[1].add_suffix("_1"), how="inner")
    enough = both[["size_0", "size_1"]].min(axis=1) >= FEWEST_PEERS
    high = both[["mean_0", "mean_1"]].min(axis=1) > SATURATED_ABOVE
    kept = both[enough & high]
    return kept[["year_0", "mean_0", "year_1", "mean_1", "size_1"]].astype(object)
