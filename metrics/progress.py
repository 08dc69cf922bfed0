"""Years side by side: what changed beyond noise, and how far each dimension has come.

The same framework and the same goalposts measure every year, so that a score moves only when the
facts do. Interval of a change of rates: Newcombe (1998), Statistics in Medicine 17:873-890, method
10 (from two Wilson intervals). Milestones: the 2021 baseline, 2026 after five years, 2036 after
ten (Opinions, general requirements, main objectives).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment import assessed
from metrics.cards import ROOT
from metrics.evaluate import Evaluation, Floats, latest_year, wilson
from metrics.framework import in_force
from metrics.register import INDICATORS
from metrics.units import years as years_held

MILESTONES = (2021, 2026, 2036)
CHANGE_COLUMNS = [
    "indicator_id", "before", "after", "change", "low", "high", "verdict", "polarity",
]  # fmt: skip
HISTORY_COLUMNS = ["year", "node", "score", "units"]


def changes(store: Store, scope: Scope, *, against: int | None = None) -> pd.DataFrame:
    """Return CHANGE_COLUMNS for the township in scope, else for the county.

    One row per indicator with a value in both years: the year of the scope (else the newest) and
    `against` (else the year before). low, high: 95 % interval of the change of a rate, in points;
    NaN where none can be given. verdict: 'better' | 'worse' where the interval leaves 0 out (and
    more or less is better), 'moved' where neither is better, 'noise' where it holds 0, 'open'
    without an interval, 'same'. Both years' satisfaction is scored as the later one's.
    """
    year = latest_year(store, scope)
    if year is None:
        return pd.DataFrame(columns=CHANGE_COLUMNS)
    earlier = against if against is not None else year - 1
    now = Evaluation(store, replace(scope, year=year))
    then = Evaluation(store, replace(scope, year=earlier), now.way)
    sides = [_row(each) for each in (then, now)]
    both = sides[0].add_suffix("_0").join(sides[1].add_suffix("_1"))
    both = both[both["value_0"].notna() & both["value_1"].notna()]
    return judged(both.rename_axis("indicator_id").reset_index())


def judged(both: pd.DataFrame) -> pd.DataFrame:
    """Return CHANGE_COLUMNS from indicator_id and value, num, den before (_0) and after (_1)."""
    ids = both["indicator_id"]
    table = pd.DataFrame(
        {
            "indicator_id": ids,
            "before": both["value_0"],
            "after": both["value_1"],
            "change": both["value_1"] - both["value_0"],
            "polarity": [INDICATORS[i].polarity for i in ids],
        }
    )
    rate = np.array([INDICATORS[i].is_rate for i in ids], bool)
    low, high = difference_of_rates(
        *(both[c].to_numpy(np.float64) for c in ("num_0", "den_0", "num_1", "den_1"))
    )
    table["low"], table["high"] = np.where(rate, low, np.nan), np.where(rate, high, np.nan)
    table["verdict"] = _verdict(table)
    return table[CHANGE_COLUMNS]


def difference_of_rates(
    num_0: Floats, den_0: Floats, num_1: Floats, den_1: Floats
) -> tuple[Floats, Floats]:
    """Return the 95 % interval of num_1/den_1 - num_0/den_0, in percentage points."""
    low_0, high_0 = wilson(num_0, den_0)
    low_1, high_1 = wilson(num_1, den_1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_0, p_1 = 100 * num_0 / den_0, 100 * num_1 / den_1
    down = np.sqrt((p_1 - low_1) ** 2 + (high_0 - p_0) ** 2)
    up = np.sqrt((high_1 - p_1) ** 2 + (p_0 - low_0) ** 2)
    return p_1 - p_0 - down, p_1 - p_0 + up


def _row(evaluation: Evaluation) -> pd.DataFrame:
    """Return value, num, den of the place itself, by indicator."""
    table = evaluation.table(list(INDICATORS.values()))
    level = "township" if evaluation.township else "county"
    own = table[table["level"].eq(level)].drop_duplicates("indicator_id")
    return own.set_index("indicator_id")[["value", "num", "den"]]


def _verdict(table: pd.DataFrame) -> list[str]:
    said = []
    for row in table.to_dict("records"):
        change = float(row["change"])
        if round(change, 9) == 0:
            said.append("same")
        elif np.isnan(row["low"]):
            said.append("open")
        elif row["low"] <= 0 <= row["high"]:
            said.append("noise")
        elif row["polarity"] in ("higher", "lower"):
            said.append("better" if (change > 0) == (row["polarity"] == "higher") else "worse")
        else:
            said.append("moved")
    return said


def history(store: Store, scope: Scope) -> pd.DataFrame:
    """Return HISTORY_COLUMNS: scores of every year with data, on today's framework and goalposts.

    Satisfaction of every year is scored as today's.
    node: 'total' or a block. Of the township in scope, else the mean of the townships of the
    scope that have a score; units: how many those are.
    """
    year_now = latest_year(store, scope)
    framework = in_force(store, year_now)
    way = Evaluation(store, replace(scope, year=year_now)).way
    rows = []
    for year in sorted(int(each) for each in years_held(store, Scope())["year"]):
        found = assessed(store, replace(scope, year=year), framework, way)
        scores = {ROOT: found.scores.of(ROOT)}
        scores |= {block: found.scores.of(block) for block in found.blocks}
        for node, held in scores.items():
            rows.append((year, node, held.mean(), int(held.notna().sum())))
    return pd.DataFrame(rows, columns=HISTORY_COLUMNS)
