"""How well several questions measure one thing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from metrics.estimation.design import check_items, refuse_repeated, weights
from metrics.frames import Floats, as_frame, columns_of, numbers, require


def alpha(answers: Any, items: Sequence[str], weight: str | None = None) -> pd.DataFrame:
    """Return Cronbach's alpha of several questions asked in the same direction.

    answers: one row per respondent, items in points; respondents with every item answered and a
    weight above 0 count. α = k/(k−1) · (1 − Σ Var(item) / Var(sum)), weighted, as R's svycralpha
    (Cronbach 1951, Psychometrika 16). It may be negative: then items run against each other.

    Returns one row: items (their number), n, alpha, note ('no_answers'; 'no_variation': the sum
    is the same for all). Raises DataError for fewer than two items, unknown columns, words where
    points belong and weights below 0 or blank.
    """
    names = columns_of(items)
    check_items(names, 2)
    frame = as_frame(answers)
    require(frame, [*names, weight])
    refuse_repeated(frame)
    points, w = complete(frame, names, weight)
    found: dict[str, Any] = {"items": len(names), "n": len(w), "alpha": np.nan, "note": ""}
    if not len(w):
        return pd.DataFrame([found | {"note": "no_answers"}])
    moments = covariances(points, w)
    spread = float(moments.sum())
    if spread <= 1e-12 * float(np.abs(moments).sum()):
        return pd.DataFrame([found | {"note": "no_variation"}])
    k = len(names)
    return pd.DataFrame([found | {"alpha": k / (k - 1) * (1 - float(np.trace(moments)) / spread)}])


def complete(
    frame: pd.DataFrame, names: Sequence[str], weight: str | None
) -> tuple[Floats, Floats]:
    """Return respondents × columns and the weights of those with every answer."""
    points = np.column_stack([numbers(frame, name) for name in names])
    w = weights(frame, weight)
    kept = np.isfinite(points).all(axis=1) & (w > 0)
    return points[kept], w[kept]


def covariances(points: Floats, w: Floats) -> Floats:
    """Return the weighted covariances of the columns (divisor Σw); rounding of 0 is 0."""
    mean = w @ points / w.sum()
    around = points - mean
    moments = (around * w[:, None]).T @ around / w.sum()
    still = np.diag(moments) <= 1e-20 * (mean**2 + 1e-300)
    moments[still] = 0
    moments[:, still] = 0
    return np.asarray(moments, dtype=float)
