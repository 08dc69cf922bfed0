"""Weights from judgement (AHP) and from the data (entropy, CRITIC): read-outs, never automatic.

Weights from data say where units differ, not what matters; they stand beside the chosen weights.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError
from metrics.composite.scheme import Floats
from metrics.frames import as_frame, numbers, require

# Saaty, The Analytic Hierarchy Process (1980): mean consistency index of random matrices, n = 1...
RANDOM_INDEX = (
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
)  # fmt: skip
CONSISTENT_UP_TO = 0.1
# 1/3 typed with six digits is still the reciprocal of 3.
_RECIPROCAL = 1e-5
# Differences below this share of the values are rounding: the column is constant.
_ROUNDING = 1e-12


class AhpWeights(NamedTuple):
    """Weights adding up to 1, with lambda_max, consistency index and ratio (0 consistent)."""

    weights: pd.Series
    lambda_max: float
    consistency_index: float
    consistency_ratio: float


def weights_ahp(
    matrix: pd.DataFrame | npt.NDArray[np.float64] | Sequence[Sequence[float]],
    *,
    confirmed: bool = False,
) -> AhpWeights:
    """Return the weights behind a matrix of pairwise comparisons (a_ij: i over j).

    The principal eigenvector, CI = (lambda_max - n)/(n - 1) and CR = CI/RI with Saaty's random
    index, n up to 15. confirmed: accept CR > 0.1 as well. Raises DataError `ahp_shape`,
    `ahp_not_reciprocal`, `ahp_inconsistent` (naming the judgement that departs most).
    Saaty (1980, 1987).
    """
    table = _square(matrix)
    if table.shape[0] != table.shape[1]:
        raise DataError("ahp_shape", rows=table.shape[0], columns=table.shape[1])
    named, table = table.index, table.set_axis(range(table.shape[1]), axis=1)
    table = pd.DataFrame({name: numbers(table, name) for name in table}, named)
    items = [str(name) for name in table.index]
    judged = table.to_numpy(np.float64)
    _check_reciprocal(judged, items)
    n = len(items)
    values, vectors = np.linalg.eig(judged)
    principal = int(np.argmax(values.real))
    weights = np.abs(vectors[:, principal].real)
    weights = weights / weights.sum()
    lambda_max = float(values[principal].real)
    # The least possible lambda is n; anything under it is rounding.
    index = max(lambda_max - n, 0.0) / (n - 1) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if RANDOM_INDEX[n - 1] else 0.0
    if ratio > CONSISTENT_UP_TO and not confirmed:
        departs = np.abs(np.log(judged * weights[None, :] / weights[:, None]))
        row, column = np.unravel_index(int(np.argmax(departs)), departs.shape)
        raise DataError("ahp_inconsistent", ratio=round(ratio, 3), a=items[row], b=items[column])
    return AhpWeights(pd.Series(weights, table.index), lambda_max, index, ratio)


def _square(matrix: Any) -> pd.DataFrame:
    """Return what is given as a table; what is no table of rows has no shape."""
    if isinstance(matrix, pd.DataFrame):
        return matrix
    try:
        widths = set(map(len, matrix))
        if len(widths) == 1:
            return pd.DataFrame(matrix)
    except (TypeError, ValueError) as error:
        raise DataError("ahp_shape", rows=0, columns=0) from error
    raise DataError("ahp_shape", rows=len(matrix), columns=min(widths, default=0))


def _check_reciprocal(judged: Floats, items: list[str]) -> None:
    square = judged.ndim == 2 and judged.shape[0] == judged.shape[1]
    if not square or not 1 <= len(items) <= len(RANDOM_INDEX):
        raise DataError("ahp_shape", rows=judged.shape[0], columns=judged.shape[1])
    sound = np.isfinite(judged) & (judged > 0)
    wrong = ~sound | ~(np.abs(np.where(sound, judged, 1.0) * judged.T - 1) <= _RECIPROCAL)
    if wrong.any():
        row, column = (int(place[0]) for place in np.nonzero(wrong))
        raise DataError(
            "ahp_not_reciprocal",
            a=items[row],
            b=items[column],
            there=judged[row, column],
            back=judged[column, row],
        )


def weights_entropy(values: Any, directions: Mapping[Any, int] | Sequence[int]) -> pd.Series:
    """Return Shannon entropy weights of the columns, adding up to 1.

    values: one row per unit, zero or positive. directions: 1 more is better, -1 less is better
    (the column enters as 1/x, so it must be above zero), by column name or in their order. With
    p = x/Σx over the m units present, E = -Σ p ln p / ln m and weight ∝ 1 - E. A constant column
    weighs 0. Raises DataError `direction_unclear`, `entropy_needs_positive`, `weights_no_spread`
    (fewer than two units, or nothing that differs).
    Zou, Yun and Sun, J. Environ. Sci. 18 (2006); Hwang and Yoon (1981), 52-57.
    """
    table, signs = _read(values, directions)
    spread = {}
    for name in table:
        column = _present(table[name])
        if (column < 0).any() or (signs[name] < 0 and (column == 0).any()):
            raise DataError("entropy_needs_positive", node=name)
        spread[name] = _divergence(1 / column if signs[name] < 0 else column)
    return _shares(pd.Series(spread, dtype=float))


def _divergence(column: Floats) -> float:
    """Return 1 - E of a column, 0 for one that does not differ."""
    if _constant(column):
        return 0.0
    p = column / column.sum()
    held = p[p > 0]
    return max(0.0, 1 + float((held * np.log(held)).sum()) / float(np.log(len(column))))


def weights_critic(values: Any, directions: Mapping[Any, int] | Sequence[int]) -> pd.Series:
    """Return CRITIC weights of the columns, adding up to 1: contrast times conflict.

    values: one row per unit. directions: 1 or -1, by column name or in their order, applied
    first. Columns are scaled to 0-1 between their own extremes; weight ∝ σ_j Σ_k (1 - ρ_jk), with
    standard deviation σ and Pearson's ρ over the units that have both (0 where fewer than two
    do). A constant column weighs 0 and conflicts with none. Where all that differ agree entirely
    (or only one differs) conflict cannot tell them apart, and they weigh the same. Raises
    DataError `direction_unclear`, `weights_no_spread`.
    Diakoulaki, Mavrotas and Papayannakis, Computers & Operations Research 22 (1995).
    """
    read, signs = _read(values, directions)
    table = read[[name for name in read if not _constant(_present(read[name]))]]
    table = table * [signs[name] for name in table]
    table = (table - table.min()) / (table.max() - table.min())
    related = table.corr(min_periods=2).fillna(0.0).to_numpy(np.float64, copy=True)
    np.fill_diagonal(related, 1.0)
    conflict = (1 - related).sum(axis=1)
    conflict = np.where(conflict > 1e-9, conflict, 0.0)
    contrast = table.std(ddof=1).to_numpy(np.float64)
    parts = contrast * conflict if conflict.any() else np.ones(len(contrast))
    information = pd.Series(parts, table.columns, dtype=float)
    return _shares(information.reindex(read.columns, fill_value=0.0))


def _read(
    values: Any, directions: Mapping[Any, int] | Sequence[int]
) -> tuple[pd.DataFrame, dict[Hashable, int]]:
    """Return the columns as numbers, NaN for what is not finite, and their directions, 1 or -1.

    A column `unit` without a direction names the units.
    """
    flat = isinstance(values, np.ndarray) and values.ndim <= 2
    frame = pd.DataFrame(values) if flat else as_frame(values)
    if isinstance(directions, pd.Series):
        directions = directions.to_dict()
    given = directions if isinstance(directions, Mapping) else {}
    if "unit" in frame and "unit" not in given:
        frame = frame.set_index("unit")
    names = list(frame.columns)
    if not isinstance(directions, Mapping):
        listed = list(directions) if isinstance(directions, Sequence | np.ndarray) else []
        given = dict(zip(names, listed, strict=False))
        if len(listed) > len(names):
            raise DataError("direction_unclear", node="", direction=listed[len(names)])
    require(frame, names)
    for name in names:
        if given.get(name) not in (1, -1):
            raise DataError("direction_unclear", node=name, direction=given.get(name, ""))
    finite = frame.reset_index(drop=True).replace([np.inf, -np.inf], np.nan)
    table = pd.DataFrame({name: numbers(finite, name) for name in names}, columns=names)
    return table, {name: int(given[name]) for name in names}


def _present(column: pd.Series) -> Floats:
    values = column.to_numpy(np.float64)
    return np.asarray(values[np.isfinite(values)])


def _constant(column: Floats) -> bool:
    if len(column) < 2:
        return True
    return bool(np.ptp(column) <= _ROUNDING * np.abs(column).max())


def _shares(parts: pd.Series) -> pd.Series:
    total = float(parts.sum())
    if not total > 0:
        raise DataError("weights_no_spread", nodes=", ".join(str(name) for name in parts.index))
    return parts / total
