"""Weights raked to known totals: iterative proportional fitting, trimmed only on request.

Deming and Stephan (1940), Annals of Mathematical Statistics 11; Deville, Särndal and Sautory
(1993), JASA 88. Trimming: Potter (1990), as `trimWeights(strict=TRUE)` of R's `survey`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.estimation.design import refuse_repeated, weights
from metrics.frames import Floats, Ints, as_frame, is_number, listed, refuse_rows, require

_ROUNDS = 2000
# Trimming halts when what is left to hand on is rounding of the mean weight.
_LEFTOVER = 1e-13


@dataclass(frozen=True)
class _Margin:
    """One column's wanted totals, and the number of the level of every row (later: cell)."""

    column: str
    levels: list[Any]
    totals: Floats
    code: Ints


def rake(
    answers: Any,
    margins: Mapping[str, Mapping[Any, float]],
    *,
    weight: str | None = None,
    tolerance: float = 1e-10,
    trim: tuple[float, float] | None = None,
) -> pd.Series:
    """Return weights whose sums meet the known totals of every margin at once.

    answers: one row per respondent. margins: {column: {level: total}}, the same sum in each; one
    margin is post-stratification. weight: base weights above 0, 1 without a column. tolerance:
    the largest gap left, as a share of the level's total. trim: (low, high) to which the raked
    weights are cut, multiples of their mean where 1 lies between the two, else weights themselves
    with the mean between them; what is cut off is spread evenly over the others until all lie
    inside. Trimmed weights keep their sum but no longer meet the margins. Estimates take raked
    weights as given, as R does with `svydesign(weights=)`; from a design raked in R it takes off
    what the margins explain, so that its standard errors differ a little.

    Returns one weight per row, with the index of the answers. `.attrs`: rounds, gap (the largest
    relative gap to a total, after trimming), trimmed (rows cut), bounds (the weights they were cut
    to; None without trim), design_effect (Kish 1965: n·Σw²/(Σw)², what unequal weights alone cost).

    Raises DataError for totals that are not above 0 or differ between margins, levels without a
    total, without an answer or blank, base weights not above 0, margins that cannot be met
    together and bounds of trimming that cannot be kept.
    """
    frame = as_frame(answers)
    if not isinstance(margins, Mapping):
        raise DataError("margins_missing")
    require(frame, [*margins, weight])
    refuse_repeated(frame)
    base = _positive(frame, weight)
    if not is_number(tolerance) or not 0 <= tolerance < 1:
        raise DataError("parameter_outside", name="tolerance", value=tolerance, allowed="0–1")
    read = _level_sums(
        [_margin(frame, name, totals) for name, totals in margins.items()], tolerance
    )
    cell, per_cell = _cells(read)
    size = len(per_cell[0].code)
    total = np.bincount(cell, base, size).astype(float)
    fitted, rounds = _fit(total, per_cell, tolerance)
    raked = base * (fitted / total)[cell]
    bounds = None if trim is None else _bounds(trim, float(raked.mean()))
    trimmed = raked if bounds is None else _trim(raked, *bounds)
    reached = np.bincount(cell, trimmed, size).astype(float)
    result = pd.Series(trimmed, index=frame.index, name="weight")
    result.attrs = {
        "rounds": rounds,
        "gap": max(float(_gaps(reached, margin).max()) for margin in per_cell),
        "trimmed": 0 if bounds is None else _at_bounds(trimmed, raked, *bounds),
        "bounds": bounds,
        "design_effect": float(len(result) * (trimmed**2).sum() / trimmed.sum() ** 2),
    }
    return result


def _bounds(trim: Any, mean: float) -> tuple[float, float]:
    """Return the weights to cut to, on either side of the mean, the lower one 0 or more."""
    pair: tuple[Any, ...] = tuple(trim) if isinstance(trim, Iterable) else (trim,)
    sound = len(pair) == 2 and all(map(is_number, pair)) and pair[0] >= 0
    unit = mean if sound and pair[0] < 1 < pair[1] else 1.0
    if not sound or not pair[0] * unit < mean < pair[1] * unit:
        raise DataError("trim_invalid", low=pair[0], high=pair[-1])
    return float(pair[0] * unit), float(pair[1] * unit)


def _positive(frame: pd.DataFrame, weight: str | None) -> Floats:
    base = weights(frame, weight)
    refuse_rows("weights_not_positive", weight, base <= 0)
    return base


def _margin(frame: pd.DataFrame, column: str, totals: Mapping[Any, float]) -> _Margin:
    refuse_rows("margin_blank", column, frame[column].isna().to_numpy())
    if not isinstance(totals, Mapping | pd.Series) or not len(totals):
        raise DataError("margins_missing")
    given = dict(totals)
    levels = list(given)
    if wrong := [level for level, total in given.items() if not _known(total)]:
        raise DataError("margin_totals_invalid", column=column, levels=listed(wrong))
    wanted = np.array([float(given[level]) for level in levels])
    # Through objects: a level of a categorical column is found as what it stands for.
    codes, held = pd.factorize(frame[column].astype(object))
    place = {level: number for number, level in enumerate(levels)}
    if absent := [level for level in held if level not in place]:
        raise DataError("margin_levels_missing", column=column, levels=listed(absent))
    if empty := [level for level in levels if level not in set(held)]:
        raise DataError("margin_levels_empty", column=column, levels=listed(empty))
    where = np.array([place[level] for level in held], dtype=np.int64)
    return _Margin(column, levels, wanted, where[codes])


def _known(total: Any) -> bool:
    return is_number(total) and bool(np.isfinite(float(total)) and total > 0)


def _level_sums(margins: list[_Margin], tolerance: float) -> list[_Margin]:
    """Return margins of exactly one sum; a difference beyond rounding is refused."""
    if not margins:
        raise DataError("margins_missing")
    whole = float(margins[0].totals.sum())
    levelled = []
    for margin in margins:
        other = float(margin.totals.sum())
        if abs(other - whole) > max(tolerance, 1e-12) * whole:
            raise DataError(
                "margins_inconsistent",
                first=f"{whole:.12g}",
                other=f"{other:.12g}",
                first_column=margins[0].column,
                column=margin.column,
            )
        scaled = margin.totals * (whole / other)
        levelled.append(_Margin(margin.column, margin.levels, scaled, margin.code))
    return levelled


def _cells(margins: list[_Margin]) -> tuple[Ints, list[_Margin]]:
    """Return each row's combination of levels, and the margins over combinations.

    All rows of a combination share one factor, so that the fitting never looks at rows again.
    """
    key = np.zeros(len(margins[0].code), np.int64)
    for margin in margins:
        # Renumbered at each step: the product of many margins' sizes would overflow.
        key = pd.factorize(key * len(margin.levels) + margin.code)[0].astype(np.int64)
    first = np.unique(key, return_index=True)[1]
    return key, [_Margin(m.column, m.levels, m.totals, m.code[first]) for m in margins]


def _gaps(weight: Floats, margin: _Margin) -> Floats:
    sums = np.bincount(margin.code, weight, len(margin.levels)).astype(float)
    return np.abs(sums / margin.totals - 1)


def _fit(weight: Floats, margins: list[_Margin], tolerance: float) -> tuple[Floats, int]:
    for rounds in range(1, _ROUNDS + 1):
        for margin in margins:
            sums = np.bincount(margin.code, weight, len(margin.levels))
            weight = weight * (margin.totals / sums)[margin.code]
        if all((_gaps(weight, margin) <= tolerance).all() for margin in margins):
            return weight, rounds
    worst = max(margins, key=lambda margin: _gaps(weight, margin).max())
    gaps = _gaps(weight, worst)
    raise DataError(
        "raking_diverged",
        column=worst.column,
        level=worst.levels[int(gaps.argmax())],
        gap=f"{gaps.max():.2g}",
        rounds=_ROUNDS,
    )


def _trim(weight: Floats, lower: float, upper: float) -> Floats:
    mean = weight.mean()
    for _ in range(_ROUNDS):
        kept = np.clip(weight, lower, upper)
        if np.abs(weight - kept).max() <= _LEFTOVER * mean:
            return kept
        left = float((weight - kept).sum())
        takers = kept == weight
        if not takers.any():
            # All were cut: those take what is left that are not at the bound it would push over.
            takers = kept < upper if left > 0 else kept > lower
        weight = np.where(takers, kept + left / takers.sum(), kept)
    raise DataError("trim_unreachable", low=f"{lower:.4g}", high=f"{upper:.4g}")


def _at_bounds(trimmed: Floats, raked: Floats, lower: float, upper: float) -> int:
    bound = (trimmed <= lower) | (trimmed >= upper)
    return int((bound & (trimmed != raked)).sum())
