"""Years side by side: what changed beyond noise, and how far each dimension has come.

The same framework and the same goalposts measure every year, so that a score moves only when the
facts do. Interval of a change of rates: Newcombe (1998), Statistics in Medicine 17:873-890, method
10 (from two Wilson intervals). Milestones: the 2021 baseline, 2026 after five years, 2036 after
ten (Opinions, general requirements, main objectives).
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment.cards import ROOT
from metrics.assessment.framework import in_force
from metrics.assessment.township_card import assessed
from metrics.evaluate import Evaluation, Floats, latest_year, wilson
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
    found = _both_years(store, scope, against, "township" if scope.township else "county")
    return judged(found.drop_duplicates("indicator_id", ignore_index=True))


def changes_by_unit(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code and what `changes` answers, of every township of the scope."""
    found = _both_years(store, scope, None, "township")
    return judged(found).assign(unit_code=found["unit_code"].to_numpy(object))


def _both_years(store: Store, scope: Scope, against: int | None, level: str) -> pd.DataFrame:
    """Return unit_code, indicator_id, value, num, den, n of both years, where both have a value."""
    year = latest_year(store, scope)
    keys, held = ["unit_code", "indicator_id"], ["value", "num", "den", "n"]
    if year is None:
        return pd.DataFrame(columns=[*keys, *(f"{c}_{side}" for side in (0, 1) for c in held)])
    earlier = against if against is not None else year - 1
    now = Evaluation(store, replace(scope, year=year))
    then = Evaluation(store, replace(scope, year=earlier), now.way)
    sides = []
    for each in (then, now):
        table = each.table(list(INDICATORS.values()))
        sides.append(table[table["level"].eq(level)].set_index(keys)[held])
    both = sides[0].add_suffix("_0").join(sides[1].add_suffix("_1"), how="inner")
    return both[both["value_0"].notna() & both["value_1"].notna()].reset_index()


def judged(both: pd.DataFrame) -> pd.DataFrame:
    """Return CHANGE_COLUMNS from indicator_id and value, num, den, n before (_0) and after (_1)."""
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
    # Of what the rate rests on, as its own interval: who counts every month is one, not twelve.
    bases = [both[f"n_{side}"].to_numpy(np.float64) for side in (0, 1)]
    shares = [(both[f"num_{side}"] / both[f"den_{side}"]).to_numpy(np.float64) for side in (0, 1)]
    low, high = difference_of_rates(shares[0] * bases[0], bases[0], shares[1] * bases[1], bases[1])
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
    rows = [
        (year, node, held.mean(), int(held.notna().sum()))
        for year, node, held in _each_year(store, scope)
    ]
    return pd.DataFrame(rows, columns=HISTORY_COLUMNS)


def history_by_unit(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, year, node, score: what `history` says of every township of the scope."""
    parts = [
        held.rename("score").rename_axis("unit_code").reset_index().assign(year=year, node=node)
        for year, node, held in _each_year(store, scope)
    ]
    columns = ["unit_code", "year", "node", "score"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def _each_year(store: Store, scope: Scope) -> Iterator[tuple[int, str, "pd.Series[float]"]]:
    """Yield year, node and the scores of all townships, on today's framework and goalposts."""
    year_now = latest_year(store, scope)
    framework = in_force(store, year_now)
    way = Evaluation(store, replace(scope, year=year_now)).way
    for year in sorted(int(each) for each in years_held(store, Scope())["year"]):
        found = assessed(store, replace(scope, year=year), framework, way)
        for node in (ROOT, *found.blocks):
            yield year, node, found.scores.of(node)
