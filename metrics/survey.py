"""Design-based estimates from survey answers, with the standard errors R's `survey` gives.

Method: Taylor linearisation with ultimate clusters (Woodruff 1971; Särndal, Swensson and Wretman
1992, ch. 5; Lumley 2010). For a domain d, with z_c = (Σ_c wy − r Σ_c wx) / Σ_d wx per PSU c,

    Var(r) = Σ_h (1 − f_h) · n_h/(n_h − 1) · (Σ_c z_c² − (Σ_c z_c)²/n_h)

where n_h counts all PSUs of stratum h in the whole sample, those without members of the domain as
z = 0. A domain is therefore never a filter of the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from data.errors import DataError

Statistic = Literal["mean", "total", "proportion", "ratio"]
Lonely = Literal["remove", "certainty", "adjust", "average", "fail"]
Interval = Literal["t", "logit", "wilson", "beta"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LONELY = ("remove", "certainty", "adjust", "average", "fail")
INTERVALS = ("t", "logit", "wilson", "beta")
FIGURES = ["n", "estimate", "se", "df", "low", "high", "deff", "note"]


@dataclass(frozen=True)
class Design:
    """The whole sample: one entry a row (weight, psu) and one a PSU or stratum.

    psu: row -> PSU number. stratum: PSU -> stratum number. size: stratum -> PSUs in the sample.
    fraction: stratum -> sampled share of its PSUs (0 where no fpc is given).
    """

    weight: Floats
    psu: Ints
    stratum: Ints
    size: Ints
    fraction: Floats
    lonely: Lonely


def estimate(
    answers: Any,
    y: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    statistic: Statistic = "mean",
    denominator: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "adjust",
    ci: Interval = "t",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate one or several columns over the domains `by` of the whole design.

    answers: one row per respondent (DataFrame, pyarrow Table or DuckDB relation). psu None: every
    row is its own. fpc: PSUs in the population of each stratum, or their sampled share (≤ 1).
    Returns one row per item (and level, for proportions) and domain: item, level, the `by`
    columns, n (valid answers), estimate, se, df (PSUs − strata with valid rows), low, high, deff
    (against simple random sampling without replacement), note ('' | 'no_answers' |
    'not_estimable'). Raises DataError for unknown columns, weights that are no weights, a PSU in
    two strata, and lonely PSUs when lonely='fail'.
    """
    frame = _frame(answers)
    items, domains = _names(y), _names(by)
    given = [n for n in (*items, *domains, denominator, weight, strata, psu, fpc) if n]
    _require(frame, given)
    _known("lonely", lonely, LONELY)
    _known("ci", ci, INTERVALS)
    _known("statistic", statistic, ("mean", "total", "proportion", "ratio"))
    if statistic == "ratio" and denominator is None:
        raise DataError("denominator_missing")
    design = _design(frame, weight, strata, psu, fpc, lonely)
    groups, labels = _domains(frame, domains)
    parts = []
    for item in items:
        for value, numerator, bottom in _variables(frame, item, statistic, denominator):
            figures = _estimate_one(
                design, groups, len(labels), numerator, bottom, statistic == "total"
            )
            figures = _with_interval(figures, ci, level)
            parts.append(pd.concat([labels.assign(item=item, level=value), figures], axis=1))
    table = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(table[["item", "level", *domains, *FIGURES]])


def estimate_from_sums(
    sums: pd.DataFrame, design: pd.DataFrame, *, by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Estimate means from sufficient statistics; equal to `estimate` on the rows they sum.

    sums: one row per item × PSU (and domain): item, psu, the `by` columns, n, sw, swy, swyy.
    design: one row per PSU of the whole sample: psu, stratum (lonely PSUs: 'adjust'). Returns the
    table of `estimate` without level; deff is against simple random sampling with replacement.
    """
    psus = pd.Index(design["psu"])
    stratum = _codes(design["stratum"])
    size = np.bincount(stratum)
    plan = Design(np.empty(0), np.empty(0, np.int64), stratum, size, np.zeros(len(size)), "adjust")
    parts = []
    for item, rows in sums.groupby("item", sort=False):
        groups, labels = _domains(rows, list(by))
        cells = _Cells(
            domain=groups,
            psu=psus.get_indexer(rows["psu"]).astype(np.int64),
            n=rows["n"].to_numpy(float),
            top=rows["swy"].to_numpy(float),
            bottom=rows["sw"].to_numpy(float),
            squares=rows["swyy"].to_numpy(float),
        )
        figures = _with_interval(
            _linearise(plan, cells, len(labels), total=False, replacement=True), "t", level
        )
        parts.append(pd.concat([labels.assign(item=item), figures], axis=1))
    if not parts:
        return pd.DataFrame(columns=["item", *by, *FIGURES])
    return pd.concat(parts, ignore_index=True)[["item", *by, *FIGURES]]


@dataclass(frozen=True)
class _Cells:
    """Sums per domain × PSU: n valid rows, Σwy, Σwx (Σw for a mean), Σwy²."""

    domain: Ints
    psu: Ints
    n: Floats
    top: Floats
    bottom: Floats
    squares: Floats


def _frame(answers: Any) -> pd.DataFrame:
    if isinstance(answers, pd.DataFrame):
        return answers
    if hasattr(answers, "to_pandas"):
        return pd.DataFrame(answers.to_pandas())
    return pd.DataFrame(answers.df())


def _names(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def _require(frame: pd.DataFrame, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in frame.columns]
    if unknown:
        raise DataError(
            "columns_missing", columns=", ".join(unknown), held=", ".join(map(str, frame))
        )


def _known(what: str, value: str, values: Sequence[str]) -> None:
    if value not in values:
        raise DataError("choice_unknown", what=what, value=value, choices=", ".join(values))


def _codes(values: pd.Series) -> Ints:
    return pd.factorize(values)[0].astype(np.int64)


def _weights(frame: pd.DataFrame, name: str | None) -> Floats:
    if name is None:
        return np.ones(len(frame))
    weight = pd.to_numeric(frame[name], errors="coerce").to_numpy(float)
    bad = ~np.isfinite(weight) | (weight < 0)
    if bad.any():
        rows = ", ".join(str(n + 1) for n in np.flatnonzero(bad)[:10])
        raise DataError("weights_invalid", column=name, rows=rows)
    return weight


def _design(
    frame: pd.DataFrame,
    weight: str | None,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    lonely: Lonely,
) -> Design:
    w = _weights(frame, weight)
    for name in (strata, psu):
        if name and frame[name].isna().any():
            raise DataError("design_blank", column=name)
    row_stratum = _codes(frame[strata]) if strata else np.zeros(len(frame), np.int64)
    row_psu = _codes(frame[psu]) if psu else np.arange(len(frame), dtype=np.int64)
    stratum = np.zeros(row_psu.max(initial=-1) + 1, np.int64)
    stratum[row_psu] = row_stratum
    astray = np.flatnonzero(stratum[row_psu] != row_stratum)
    if len(astray):
        raise DataError("psu_in_two_strata", psu=frame[psu].iloc[astray[0]] if psu else "")
    size = np.bincount(stratum, minlength=row_stratum.max(initial=-1) + 1)
    if lonely == "fail" and (size == 1).any():
        name = (
            frame[strata].iloc[np.flatnonzero(row_stratum == np.argmin(size))[0]] if strata else ""
        )
        raise DataError("lonely_psu", stratum=name)
    return Design(w, row_psu, stratum, size, _fractions(frame, fpc, row_stratum, size), lonely)


def _fractions(frame: pd.DataFrame, fpc: str | None, row_stratum: Ints, size: Ints) -> Floats:
    if fpc is None:
        return np.zeros(len(size))
    given = pd.to_numeric(frame[fpc], errors="coerce").groupby(row_stratum).agg(["min", "max"])
    population = given["min"].to_numpy(float)
    fraction = np.where(population <= 1, population, size / population)
    if (
        not np.isfinite(population).all()
        or (given["min"] != given["max"]).any()
        or ((fraction <= 0) | (fraction > 1)).any()
    ):
        raise DataError("fpc_invalid", column=fpc)
    return fraction


def _domains(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Ints, pd.DataFrame]:
    """Number the domains of the rows (−1 where a `by` value is missing) and label them."""
    if not by:
        return np.zeros(len(frame), np.int64), pd.DataFrame(index=[0])
    grouped = frame.groupby(list(by), sort=True, observed=True)
    labels = grouped.size().reset_index()[list(by)]
    numbers: Ints = grouped.ngroup().to_numpy().astype(np.int64)
    return numbers, labels


def _variables(
    frame: pd.DataFrame, item: str, statistic: Statistic, denominator: str | None
) -> list[tuple[Any, Floats, Floats]]:
    """Return (level, numerator, denominator) per level of an item; NaN marks invalid rows."""
    if statistic == "proportion":
        valid = frame[item].notna().to_numpy()
        blank: Floats = np.where(valid, 1.0, np.nan)
        levels = sorted(frame[item].dropna().unique())
        return [
            (value, np.where(frame[item].eq(value), 1.0, 0.0) * blank, blank) for value in levels
        ]
    top = pd.to_numeric(frame[item], errors="coerce").to_numpy(float)
    if (np.isnan(top) & frame[item].notna().to_numpy()).any():
        raise DataError("not_numeric", column=item)
    bottom = np.where(np.isnan(top), np.nan, 1.0)
    if statistic == "ratio" and denominator:
        bottom = pd.to_numeric(frame[denominator], errors="coerce").to_numpy(float)
    return [(None, top, bottom)]


def _estimate_one(
    design: Design, groups: Ints, domains: int, top: Floats, bottom: Floats, total: bool
) -> pd.DataFrame:
    valid = np.isfinite(top) & np.isfinite(bottom) & (groups >= 0)
    w, psu = design.weight[valid], design.psu[valid]
    key = groups[valid] * len(design.stratum) + psu
    cell, where = np.unique(key, return_inverse=True)

    def sums(values: Floats) -> Floats:
        return np.bincount(where, values, len(cell)).astype(float)

    cells = _Cells(
        domain=cell // len(design.stratum),
        psu=cell % len(design.stratum),
        n=sums(np.ones(len(w))),
        top=sums(w * top[valid]),
        bottom=sums(w * bottom[valid]),
        squares=sums(w * top[valid] ** 2),
    )
    return _linearise(design, cells, domains, total=total)


def _linearise(
    design: Design, cells: _Cells, domains: int, *, total: bool, replacement: bool = False
) -> pd.DataFrame:
    def per_domain(values: Floats) -> Floats:
        return np.bincount(cells.domain, values, domains).astype(float)

    n, top, bottom = per_domain(cells.n), per_domain(cells.top), per_domain(cells.bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = top / bottom
        value = top if total else mean
        z = (
            cells.top
            if total
            else (cells.top - mean[cells.domain] * cells.bottom) / bottom[cells.domain]
        )
        variance = _variance(design, cells, z, domains)
        spread = n / (n - 1) * (per_domain(cells.squares) / bottom - mean**2)
        # Weights that do not add up to a population cannot say what share of it was drawn.
        drawn = np.zeros(domains) if replacement else np.where(bottom >= n, n / bottom, np.nan)
        simple = spread * (1 - drawn) / n
        deff = variance / (simple * bottom**2 if total else simple)
    strata = np.unique(cells.domain * len(design.size) + design.stratum[cells.psu])
    df = np.bincount(cells.domain, minlength=domains) - np.bincount(
        strata // len(design.size), minlength=domains
    )
    empty = n == 0
    return pd.DataFrame(
        {
            "n": n.astype(np.int64),
            "estimate": np.where(empty, np.nan, value),
            "se": np.where(empty, np.nan, np.sqrt(variance)),
            "df": df,
            "deff": np.where(np.isfinite(deff), deff, np.nan),
            "note": np.where(empty, "no_answers", ""),
        }
    )


def _variance(design: Design, cells: _Cells, z: Floats, domains: int) -> Floats:
    """Sum the between-PSU variance over strata, for every domain at once."""
    strata = len(design.size)
    key, where = np.unique(cells.domain * strata + design.stratum[cells.psu], return_inverse=True)
    first = np.bincount(where, z, len(key))
    second = np.bincount(where, z * z, len(key))
    size = design.size[key % strata].astype(float)
    rest = 1 - design.fraction[key % strata]
    lonely = size == 1
    safe = np.where(lonely, 2.0, size)
    part = rest * safe / (safe - 1) * np.maximum(second - first**2 / safe, 0.0)
    alone = rest * first**2 if design.lonely == "adjust" else np.zeros(len(key))
    part = np.where(lonely, alone, part)
    variance = np.bincount(key // strata, part, domains).astype(float)
    if design.lonely == "average":
        held = np.bincount(key // strata, minlength=domains)
        paired = np.bincount((key // strata)[~lonely], minlength=domains)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = np.where(paired > 0, variance * held / paired, np.nan)
    return variance


def _with_interval(figures: pd.DataFrame, ci: Interval, level: float) -> pd.DataFrame:
    """Add low and high; where the design cannot give a standard error, say so instead."""
    value, se = figures["estimate"].to_numpy(float), figures["se"].to_numpy(float)
    df, n = figures["df"].to_numpy(float), figures["n"].to_numpy(float)
    # An se of rounding noise is a zero: all PSU means equal, or one PSU only.
    fair = (df >= 1) & (se > 1e-12 * np.maximum(np.abs(value), 1e-300)) & np.isfinite(se)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = stats.t.ppf((1 + level) / 2, np.maximum(df, 1))
        low, high = _INTERVALS[ci](value, se, t, n, df, level)
    return figures.assign(
        low=np.where(fair, low, np.nan),
        high=np.where(fair, high, np.nan),
        note=np.where(fair | (n == 0), figures["note"], "not_estimable"),
    )[FIGURES]


def _effective(p: Floats, se: Floats, t: Floats, n: Floats, level: float) -> Floats:
    """Effective sample size of a share (Korn and Graubard 1998)."""
    simple = stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1))
    return np.asarray(p * (1 - p) / se**2 * (simple / t) ** 2, float)


def _t(p: Floats, se: Floats, t: Floats, *_: Any) -> tuple[Floats, Floats]:
    return p - t * se, p + t * se


def _logit(p: Floats, se: Floats, t: Floats, *_: Any) -> tuple[Floats, Floats]:
    centre, reach = np.log(p / (1 - p)), t * se / (p * (1 - p))
    return 1 / (1 + np.exp(reach - centre)), 1 / (1 + np.exp(-reach - centre))


def _wilson(
    p: Floats, se: Floats, t: Floats, n: Floats, _: Floats, level: float
) -> tuple[Floats, Floats]:
    size, z = _effective(p, se, t, n, level), stats.norm.ppf((1 + level) / 2)
    centre = (p + z * z / (2 * size)) / (1 + z * z / size)
    reach = z / (1 + z * z / size) * np.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    return centre - reach, centre + reach


def _beta(
    p: Floats, se: Floats, t: Floats, n: Floats, _: Floats, level: float
) -> tuple[Floats, Floats]:
    size = _effective(p, se, t, n, level)
    low = stats.beta.ppf((1 - level) / 2, size * p, size * (1 - p) + 1)
    high = stats.beta.ppf((1 + level) / 2, size * p + 1, size * (1 - p))
    return np.asarray(low, float), np.asarray(high, float)


_INTERVALS: Mapping[Interval, Any] = {"t": _t, "logit": _logit, "wilson": _wilson, "beta": _beta}
