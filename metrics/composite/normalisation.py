"""From values to points: the polarity of a leaf is applied here, once, and nowhere after.

Method: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 5; goalposts as in
UNDP's Human Development Index.
"""

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.composite.scheme import DECIMALS, Floats, Node

NORMALISATIONS = ("goalposts", "minmax", "zscore", "percentile", "rank")


def normalised(column: Floats, node: Node, normalise: str, out: Floats | None = None) -> Floats:
    """Return the points of one leaf, by unit, in `out` where that is given; NaN stays NaN.

    goalposts: 0-100 between goal_low and goal_high, over-fulfilment earns nothing. minmax: 0-100
    among these units. zscore: mean 0, standard deviation 1 (n - 1). rank: 1 the worst, as many as
    there are the best; percentile: the share of the other units that are worse, 0-100; values
    alike share the smaller rank. All as n_minmax, n_zscore, n_rank and n_prank of R's COINr.
    Raises DataError `goalposts_invalid`, `constant_column`.
    """
    out = np.empty_like(column) if out is None else out
    if normalise == "goalposts":
        _goalposts(column, node, out)
    else:
        out[:] = _among(column, node, normalise)
    return out


def _among(column: Floats, node: Node, normalise: str) -> Floats:
    """Return points that a unit has among the others."""
    x = _oriented(column, node)
    present = np.isfinite(x)
    if not present.any():
        return x
    low, high = x[present].min(), x[present].max()
    if round(high - low, DECIMALS) == 0:
        raise DataError("constant_column", node=node.id)
    if normalise == "minmax":
        return np.asarray(100 * (x - low) / (high - low))
    if normalise == "zscore":
        return np.asarray((x - x[present].mean()) / x[present].std(ddof=1))
    place = pd.Series(x).round(DECIMALS).rank(method="min").to_numpy(np.float64)
    points = place if normalise == "rank" else 100 * (place - 1) / (present.sum() - 1)
    return np.asarray(points, dtype=np.float64)


def _oriented(column: Floats, node: Node) -> Floats:
    """Turn values so that more is better; with a best interval, by the distance from it."""
    if node.direction != 0:
        return node.direction * column
    if not node.best_low <= node.best_high:
        raise DataError("goalposts_invalid", node=node.id)
    below, above = node.best_low - column, column - node.best_high
    return np.asarray(-np.maximum(np.maximum(below, above), 0))


def _goalposts(column: Floats, node: Node, out: Floats) -> None:
    """Write the points between goalposts into `out`; every step in place, as there may be many."""
    if node.direction != 0:
        nothing, everything = node.goal_low, node.goal_high
        if node.direction < 0 and nothing < everything:
            nothing, everything = everything, nothing
        span = everything - nothing
        if not (np.isfinite(span) and span * node.direction > 0):
            raise DataError("goalposts_invalid", node=node.id)
        np.subtract(column, nothing, out=out)
        out /= span / 100
    else:
        if not node.goal_low < node.best_low <= node.best_high < node.goal_high:
            raise DataError("goalposts_invalid", node=node.id)
        rising = (column - node.goal_low) / (node.best_low - node.goal_low)
        falling = (node.goal_high - column) / (node.goal_high - node.best_high)
        np.multiply(np.minimum(rising, falling), 100, out=out)
    np.clip(out, 0, 100, out=out)
