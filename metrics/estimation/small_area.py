"""Figures of places with few answers, strengthened by what is known of similar places.

The area model of Fay and Herriot (1979), JASA 74: direct figure = x'β + place + sampling error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from data.errors import DataError
from metrics.estimation.design import check_level
from metrics.frames import (
    Flags,
    Floats,
    as_frame,
    columns_of,
    listed,
    numbers,
    refuse_rows,
    require,
)

SMALL_AREA = [
    *("direct", "direct_se", "estimate", "mse", "se", "low", "high"),
    *("synthetic", "shrinkage", "note"),
]
_ROUNDS = 5000
_AREAS_NAMED = 10


def small_area(
    direct: Any,
    covariates: Any,
    *,
    area: str | Sequence[str] | None = None,
    estimate: str = "estimate",
    se: str = "se",
    n: str = "n",
    smooth: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the best predictor of every area, its error, and how far it leans on the model.

    direct: one row per area with its direct figure and standard error, as `survey.estimate`
    returns them; blank, or an error of 0 (not estimable), is an area without a usable figure.
    covariates: a table with one row per area and numeric columns, or the names of such columns in
    `direct` (none: the areas' common mean); a constant is added. area: the column or columns that
    name the areas, by default those the two tables share. smooth: replace each sampling variance
    by log Var = a + b·log n fitted over the areas with an error above 0, scaled to the same sum
    (Hidiroglou, Beaumont and Yung 2019, Survey Methodology 45): the variance of a small sample is
    itself uncertain. A figure without an error of its own is then used with the smoothed one.

    The variance between areas is found by REML (Fisher scoring), the mean squared error is that
    of Prasad and Rao (1990) in the form of Datta and Lahiri (2000) for REML, g1 + g2 + 2·g3, as
    eblupFH and mseFH of R's sae. Without a usable direct figure the model stands alone.

    Returns one row per area, those of the covariates included: the area columns, direct,
    direct_se (smoothed, if asked), estimate, mse (units²), se (its root), low, high (normal),
    synthetic (x'β), shrinkage (0 the direct figure, 1 the model), note ('synthetic',
    'no_area_variance'). `.attrs`: coefficients, area_variance, rounds, areas (used), smooth.

    Raises DataError for unknown or repeated areas and columns, blank covariates, negative errors,
    fewer areas than coefficients + 1, covariates that repeat each other, a search without end.
    """
    check_level(level)
    names, table, columns = _joined(as_frame(direct), covariates, area, [estimate, se, n])
    require(table, [estimate, se, n if smooth else None])
    value, error = numbers(table, estimate), numbers(table, se)
    refuse_rows("direct_errors_invalid", se, error < 0)
    sampling = error**2
    if smooth:
        sampling = _smoothed(sampling, numbers(table, n))
    used = np.isfinite(value) & (sampling > 0)
    x = np.column_stack([np.ones(len(table)), *(numbers(table, name) for name in columns)])
    _check_model(x[used], columns)
    fit = _reml(value[used], x[used], sampling[used])
    found = _predict(fit, value, x, np.where(used, sampling, np.nan), used, level)
    result = pd.concat([table[names].reset_index(drop=True), found], axis=1)
    result.attrs = {
        "coefficients": dict(zip(["constant", *columns], fit.beta.tolist(), strict=True)),
        "area_variance": fit.between,
        "rounds": fit.rounds,
        "areas": int(used.sum()),
        "smooth": smooth,
    }
    return result


@dataclass(frozen=True)
class _Fit:
    """The model: variance between areas, coefficients, their covariance, Var of the variance."""

    between: float
    beta: Floats
    spread: Floats
    uncertainty: float
    rounds: int


def _joined(
    direct: pd.DataFrame, covariates: Any, area: str | Sequence[str] | None, figures: Sequence[str]
) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Return the area columns, one table with all areas, and the names of the covariates."""
    given = None if area is None else columns_of(area)
    if isinstance(covariates, str) or (
        isinstance(covariates, Sequence) and all(isinstance(name, str) for name in covariates)
    ):
        columns = columns_of(covariates)
        require(direct, [*columns, *(given or [])])
        _refuse_repeated(direct, given or [])
        _refuse_blank(direct, given or [], columns)
        return given or [], direct.reset_index(drop=True), columns
    known = as_frame(covariates)
    names = given or [str(name) for name in known if name in direct and name not in figures]
    if not names:
        raise DataError("areas_unnamed")
    for table in (direct, known):
        require(table, names)
        _refuse_repeated(table, names)
    columns = [str(name) for name in known if name not in names]
    rest = direct.drop(columns=[name for name in columns if name in direct])
    # As objects: codes that are texts in one table and numbers in the other are areas without
    # covariates, not a failure of the merge. In the order of `direct`, the others after them.
    keys = dict.fromkeys(names, object)
    rest, known = rest.astype(keys), known.astype(keys)
    merged = pd.concat([rest[names], known[names]]).drop_duplicates()
    merged = merged.merge(rest, how="left", on=names).merge(known, how="left", on=names)
    _refuse_blank(merged, names, columns)
    return names, merged.infer_objects(), columns


def _refuse_repeated(table: pd.DataFrame, names: list[str]) -> None:
    again = table.duplicated(names) if names else np.zeros(len(table), dtype=bool)
    if again.any():
        raise DataError("areas_repeated", column=listed(names), areas=_areas(table[again], names))


def _refuse_blank(table: pd.DataFrame, names: list[str], columns: list[str]) -> None:
    blank = table[columns].isna().any(axis=1)
    if blank.any():
        raise DataError("areas_without_covariates", areas=_areas(table[blank], names))


def _areas(table: pd.DataFrame, names: list[str]) -> str:
    rows = table[names].itertuples(index=False) if names else ((row + 1,) for row in table.index)
    return listed("/".join(map(str, row)) for row in list(rows)[:_AREAS_NAMED])


def _check_model(x: Floats, columns: list[str]) -> None:
    if len(x) <= x.shape[1]:
        raise DataError("areas_too_few", found=len(x), coefficients=x.shape[1])
    # Scaled first: a covariate in yuan and one in shares are equally far from repeating another.
    scale = np.abs(x).max(axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(x / scale) < x.shape[1]:
        raise DataError("covariates_collinear", columns=listed(columns))


def _smoothed(sampling: Floats, n: Floats) -> Floats:
    usable = (sampling > 0) & (n > 0)
    if usable.sum() <= 2:
        raise DataError("areas_too_few", found=int(usable.sum()), coefficients=2)
    # Samples of one size differ by chance alone: all get the mean variance.
    degree = 1 if np.ptp(n[usable]) else 0
    slope, constant = [0.0, *np.polyfit(np.log(n[usable]), np.log(sampling[usable]), degree)][-2:]
    model = np.where(n > 0, np.exp(constant + slope * np.log(np.where(n > 0, n, 1))), np.nan)
    return np.asarray(model * sampling[usable].sum() / model[usable].sum(), dtype=float)


def _reml(y: Floats, x: Floats, sampling: Floats) -> _Fit:
    """Find the variance between areas by Fisher scoring, never below 0.

    The score is positive below the maximum and negative above it. A step beyond the nearest values
    already tried is halved instead: where the errors differ a hundredfold, plain scoring circles.
    Traces of P = V⁻¹ − V⁻¹XQX'V⁻¹ are taken without ever building it: it is areas × areas.
    """
    # Orthogonal columns of the same span: covariates in large units would spoil the inverses.
    basis, triangle = np.linalg.qr(x)
    between, low, high = float(np.median(sampling)), -1.0, np.inf
    for rounds in range(1, _ROUNDS + 1):  # noqa: B007 - told in the result
        score, information = _score(y, basis, sampling, between)
        low, high = (between, high) if score > 0 else (low, between)
        after = max(between + score / information, 0.0)
        if not low < after < high:
            after = max((low + high) / 2, 0.0)
        still = abs(after - between) <= 1e-12 * (after + float(sampling.min()))
        between = after
        if still:
            break
    else:
        raise DataError("small_area_diverged")
    inverse = 1 / (between + sampling)
    q = np.linalg.inv((basis * inverse[:, None]).T @ basis)
    back = np.linalg.inv(triangle)
    beta = back @ q @ (basis.T @ (inverse * y))
    return _Fit(between, beta, back @ q @ back.T, 2 / float((inverse**2).sum()), rounds)


def _score(y: Floats, x: Floats, sampling: Floats, between: float) -> tuple[float, float]:
    inverse = 1 / (between + sampling)
    first, second, third = ((x * (inverse**power)[:, None]).T @ x for power in (1, 2, 3))
    q = np.linalg.inv(first)
    residual = inverse * (y - x @ (q @ (x.T @ (inverse * y))))
    trace = inverse.sum() - np.trace(q @ second)
    both = q @ second
    squared = (inverse**2).sum() - 2 * np.trace(q @ third) + np.trace(both @ both)
    return float(residual @ residual - trace) / 2, float(squared) / 2


def _predict(
    fit: _Fit, value: Floats, x: Floats, sampling: Floats, used: Flags, level: float
) -> pd.DataFrame:
    synthetic = x @ fit.beta
    leverage = np.einsum("ai,ij,aj->a", x, fit.spread, x)
    known = np.where(used, sampling, 1.0)
    shrinkage = np.where(used, known / (fit.between + known), 1.0)
    shrunk = synthetic + (1 - shrinkage) * (np.where(used, value, 0.0) - synthetic)
    g1 = np.where(used, shrinkage * fit.between, fit.between)
    g3 = np.where(used, shrinkage**2 * fit.uncertainty / (fit.between + known), 0.0)
    mse = g1 + shrinkage**2 * leverage + 2 * g3
    error = np.sqrt(mse)
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    none = np.full(len(value), "no_area_variance" if fit.between == 0 else "", dtype=object)
    best = np.where(used, shrunk, synthetic)
    columns = [value, np.sqrt(sampling), best, mse, error, best - reach, best + reach]
    notes = np.where(used, none, "synthetic")
    return pd.DataFrame(dict(zip(SMALL_AREA, [*columns, synthetic, shrinkage, notes], strict=True)))
