"""Tests on survey answers: independence of two questions, and p values of many comparisons."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from data.errors import DataError
from metrics.estimation.design import Lonely, Sample, read_sample, refuse_repeated
from metrics.estimation.variance import covariance
from metrics.frames import Floats, Ints, as_frame, check_choice, listed, require

Method = Literal["holm", "bh"]

TEST = [
    *("row", "column", "n", "statistic", "ndf", "ddf", "p"),
    *("chisq", "chisq_df", "chisq_p", "cramers_v", "note"),
]


def independence(
    answers: Any,
    row: str,
    column: str,
    *,
    weight: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "adjust",
    nested: bool = False,
    respondent: str | None = None,
) -> pd.DataFrame:
    """Test whether two questions are answered independently, by Rao and Scott.

    answers and the design as in `survey.estimate`; rows with either answer blank or a weight of 0
    stay in the design only. Pearson's X² of the weighted table, scaled to n (R's to all rows, the
    blank ones too; F and p are the same), is divided by what the design makes of it: X²/tr(Δ) is F
    with d0 = tr(Δ)²/tr(Δ²) and d0·(PSUs − strata) degrees of freedom (second order; Rao and Scott
    1984, Annals of Statistics 12; Thomas and Rao 1987).

    Returns one row: row, column, n, statistic (F), ndf, ddf, p, as R's svychisq(statistic="F");
    chisq (X²), chisq_df, chisq_p (first order, as statistic="Chisq"), cramers_v (0 to 1), note:
    'no_answers', 'one_level', 'too_few_psus', 'empty_cells', 'only_lonely_psus' or 'no_variation'
    where there is no test; 'lonely_psus' where it rests on the rule `lonely`. Raises DataError as
    `survey.estimate` does, and for a column against itself.
    """
    check_choice("lonely", lonely, Lonely)
    if row == column:
        raise DataError("same_column", column=row)
    frame = as_frame(answers)
    require(frame, [row, column, weight, strata, psu, fpc, respondent])
    refuse_repeated(frame, respondent)
    sample = read_sample(frame, weight, strata, psu, fpc, lonely, nested=nested)
    valid = (frame[row].notna() & frame[column].notna()).to_numpy() & (sample.weight > 0)
    rows, row_levels = pd.factorize(frame.loc[valid, row])
    columns, column_levels = pd.factorize(frame.loc[valid, column])
    shape = len(row_levels), len(column_levels)
    n = int(valid.sum())
    found = _unknown("no_answers" if n == 0 else "one_level")
    if min(shape) > 1:
        cell = (rows * shape[1] + columns).astype(np.int64)
        found = _test(sample, np.flatnonzero(valid), cell, shape, lonely)
    return pd.DataFrame([{"row": row, "column": column, "n": n} | found])[TEST]


def adjust(p_values: Iterable[float] | pd.Series, method: Method = "holm") -> pd.Series:
    """Return p values adjusted for the number of comparisons, as R's p.adjust.

    p_values: from 0 to 1; blank ones stay blank and are not counted. holm: the chance of even one
    false finding stays at the level (Holm 1979); bh: the expected share of false ones among the
    findings does (Benjamini and Hochberg 1995). Index and order are those of the input.
    Raises DataError `p_values_invalid` and `choice_unknown`.
    """
    check_choice("method", method, Method)
    if not isinstance(p_values, Iterable):
        raise DataError("p_values_invalid", rows="1")
    given = p_values if isinstance(p_values, pd.Series) else pd.Series(list(p_values))
    p = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(p) & given.notna().to_numpy()) | (p < 0) | (p > 1)
    wrong |= np.array([isinstance(value, str) for value in given], dtype=np.bool_)
    if wrong.any():
        raise DataError("p_values_invalid", rows=listed(np.flatnonzero(wrong)[:10] + 1))
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    adjusted = np.full(len(p), np.nan)
    if method == "holm":
        stepped = np.maximum.accumulate(p[order] * (len(order) + 1 - rank))
    else:
        stepped = np.minimum.accumulate((p[order] * len(order) / rank)[::-1])[::-1]
    adjusted[order] = np.minimum(stepped, 1)
    return pd.Series(adjusted, index=given.index, name=given.name)


def _unknown(note: str) -> dict[str, Any]:
    return dict.fromkeys(TEST[3:-1], np.nan) | {"note": note}


def _test(
    sample: Sample, valid: Ints, cell: Ints, shape: tuple[int, int], lonely: Lonely
) -> dict[str, Any]:
    n, cells = len(valid), shape[0] * shape[1]
    weight = sample.weight[valid]
    share = np.bincount(cell, weight, cells) / weight.sum()
    table = share.reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    freedom = (shape[0] - 1) * (shape[1] - 1)
    v = (pearson / n / (min(shape) - 1)) ** 0.5
    found = _unknown("") | {"chisq": pearson, "chisq_df": freedom, "cramers_v": v}
    psus_beyond_strata = len(sample.design.stratum) - len(sample.design.size)
    if psus_beyond_strata < 1:
        return found | {"note": "too_few_psus"}
    contrast = (
        _interaction(shape) * np.where(share > 0, 1 / np.where(share > 0, share, 1), 0)[:, None]
    )
    simple = contrast.T @ (contrast * share[:, None]) / n
    if np.linalg.matrix_rank(simple) < freedom:
        return found | {"note": "empty_cells"}
    design = covariance(
        sample.design, *_linear(sample, valid, cell, contrast - share @ contrast), lonely
    )
    delta = np.linalg.solve(simple, design)
    trace = float(np.trace(delta))
    if not trace > 1e-12:
        return found | {"note": "only_lonely_psus" if np.isnan(trace) else "no_variation"}
    d0 = trace**2 / float((delta * delta.T).sum())
    f, ddf = pearson / trace, d0 * psus_beyond_strata
    return found | {
        "statistic": f,
        "ndf": d0,
        "ddf": ddf,
        "p": float(stats.f.sf(f, d0, ddf)),
        "chisq_p": float(stats.chi2.sf(f * freedom, freedom)),
        "note": "lonely_psus" if _rests_on_lonely(sample, valid) else "",
    }


def _rests_on_lonely(sample: Sample, valid: Ints) -> bool:
    return bool(sample.design.lonely[sample.design.stratum[sample.psu[valid]]].any())


def _interaction(shape: tuple[int, int]) -> Floats:
    """Return cells × contrasts that no effect of the rows or the columns alone can move."""
    row, column = (np.eye(size)[:, 1:] - 1 / size for size in shape)
    return np.asarray(np.kron(row, column), dtype=float)


def _linear(sample: Sample, valid: Ints, cell: Ints, centred: Floats) -> tuple[Ints, Floats]:
    """Return the PSUs with valid answers and their linearised value of each contrast."""
    held, where = np.unique(sample.psu[valid], return_inverse=True)
    weight = sample.weight[valid] / sample.weight[valid].sum()
    z = [np.bincount(where, weight * values[cell], len(held)) for values in centred.T]
    return held, np.column_stack(z)
