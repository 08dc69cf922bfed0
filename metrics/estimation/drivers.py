"""What goes with the overall answer: importance beside performance, and shares of R².

A read-out of association, never a weight and never a cause.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.estimation.design import check_items, refuse_repeated
from metrics.estimation.reliability import complete, covariances
from metrics.frames import Floats, as_frame, columns_of, require

# 2^12 regressions take a moment; each further item doubles it.
_MOST_ITEMS = 12


def importance(
    answers: Any, overall: str, items: Sequence[str], weight: str | None = None
) -> pd.DataFrame:
    """Return how well each item is rated and how closely it goes with the overall answer.

    answers: one row per respondent, answers in points. Each item rests on the respondents who
    answered it and the overall question, with a weight above 0 (Martilla and James 1977, Journal
    of Marketing 41; derived importance).

    Returns one row per item: item, n, performance (weighted mean, in points), importance (weighted
    Pearson correlation, −1 to 1), note ('no_answers'; 'no_variation': one of the two is the same
    for all). Raises DataError for unknown columns, words where points belong, weights below 0 or
    blank, and the overall question among the items.
    """
    names = columns_of(items)
    frame = _read(answers, overall, names, weight)
    check_items(names, 1)
    return pd.DataFrame([{"item": name} | _pair(frame, overall, name, weight) for name in names])


def drivers(
    answers: Any, overall: str, items: Sequence[str], weight: str | None = None
) -> pd.DataFrame:
    """Divide the R² of the overall answer among the items, whatever their order.

    answers: as in `importance`, but only respondents with every answer count. The share of an
    item is the rise in R² it brings, averaged over all orders of entry: the Shapley value, LMG of
    R's relaimpo (Lindeman, Merenda and Gold 1980; Grömping 2006, J. Stat. Software 17). Up to 12
    items; an item that follows from others shares with them.

    Returns one row per item: item, n, share (of the variance of the overall answer; the shares
    add up to r_squared), part (share / r_squared), r_squared, note ('no_answers';
    'too_few_answers': so few that any items would explain all of them; 'no_variation': the
    overall answer is the same for all). Raises DataError as `importance`, and `item_count`.
    """
    names = columns_of(items)
    frame = _read(answers, overall, names, weight)
    check_items(names, 1, _MOST_ITEMS)
    points, w = complete(frame, [overall, *names], weight)
    shares, note = np.full(len(names), np.nan), _without_shares(len(w), len(names))
    if not note:
        moments = covariances(points, w)
        note = "" if moments[0, 0] > 0 else "no_variation"
        shares = _shapley(moments) if not note else shares
    r_squared = float(shares.sum())
    part = shares / r_squared if r_squared > 0 else np.full(len(names), np.nan)
    return pd.DataFrame({"item": names, "n": len(w), "share": shares, "part": part}).assign(
        r_squared=r_squared, note=note
    )


def _without_shares(n: int, items: int) -> str:
    """Say why there are no shares; n answers lie on a plane through n points: R² would be 1."""
    if n == 0:
        return "no_answers"
    return "too_few_answers" if n < items + 2 else ""


def _read(answers: Any, overall: str, items: Sequence[str], weight: str | None) -> pd.DataFrame:
    frame = as_frame(answers)
    require(frame, [overall, *items, weight])
    refuse_repeated(frame)
    if overall in items:
        raise DataError("same_column", column=overall)
    return frame


def _pair(frame: pd.DataFrame, overall: str, item: str, weight: str | None) -> dict[str, Any]:
    points, w = complete(frame, [item, overall], weight)
    found: dict[str, Any] = {"n": len(w), "performance": np.nan, "importance": np.nan, "note": ""}
    if not len(w):
        return found | {"note": "no_answers"}
    found["performance"] = float(w @ points[:, 0] / w.sum())
    moments = covariances(points, w)
    spread = float(np.sqrt(moments[0, 0] * moments[1, 1]))
    if spread <= 0:
        return found | {"note": "no_variation"}
    return found | {"importance": float(np.clip(moments[0, 1] / spread, -1, 1))}


def _shapley(moments: Floats) -> Floats:
    """Return the shares of all predictors 1…k of variable 0, from their covariances."""
    size = len(moments) - 1
    fit = _all_fits(moments, size)
    subsets = np.arange(1 << size)
    members = np.bitwise_count(subsets.astype(np.uint64)).astype(int)
    # An order of entry has a given set before the item with chance 1 / (k · C(k − 1, |set|)).
    chance = np.array([1 / (size * comb(size - 1, held)) for held in range(size)])
    shares = np.zeros(size)
    for item in range(size):
        without = subsets[(subsets >> item) & 1 == 0]
        rise = fit[without | (1 << item)] - fit[without]
        shares[item] = (chance[members[without]] * rise).sum()
    return shares


def _all_fits(moments: Floats, size: int) -> Floats:
    """Return the R² of every set of predictors, numbered by its bits."""
    scale = np.sqrt(np.diag(moments))
    scale[scale == 0] = 1
    correlation = moments / np.outer(scale, scale)
    fit = np.zeros(1 << size)
    for held in range(1, size + 1):
        sets = np.array(list(combinations(range(1, size + 1), held)))
        among = correlation[sets[:, :, None], sets[:, None, :]]
        with_overall = correlation[sets, 0]
        # The pseudo-inverse lets items that repeat each other share instead of failing.
        inverse = np.linalg.pinv(among, rcond=1e-10, hermitian=True)
        explained = np.einsum("si,sij,sj->s", with_overall, inverse, with_overall)
        fit[(1 << (sets - 1)).sum(axis=1)] = explained
    return fit
