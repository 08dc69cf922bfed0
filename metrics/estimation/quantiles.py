"""Quantiles of survey answers with Woodruff's interval, as R's `svyquantile` by default.

Woodruff (1952), JASA 47; the confidence bounds of the share at or below a quantile are carried
back through the distribution of the answers.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.estimation.design import (
    Lonely,
    Sample,
    check_domains,
    check_items,
    check_level,
    read_domains,
    read_sample,
    refuse_repeated,
)
from metrics.estimation.intervals import interval
from metrics.estimation.variance import Grid, figures
from metrics.frames import (
    Floats,
    Ints,
    as_frame,
    check_choice,
    columns_of,
    is_number,
    numbers,
    require,
)

QUANTILE = ["probability", "n", "estimate", "se", "df", "low", "high", "note"]
# Shares this near to a probability are it: sums of weights are rounded.
_SAME = 1e-10


def quantile(
    answers: Any,
    y: str | Sequence[str],
    probability: float | Iterable[float] = 0.5,
    *,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "adjust",
    level: float = 0.95,
    nested: bool = False,
    respondent: str | None = None,
) -> pd.DataFrame:
    """Estimate quantiles over the domains `by` of the whole design.

    The arguments as in `survey.estimate`. A quantile is the smallest answer with at least that
    share of the weight at or below it (R's qrule="math"; `survey` 4.1 gave the second smallest
    answer where the first holds more than the share, a slip its later versions have mended).

    Returns one row per item, probability and domain: item, the `by` columns, probability, n,
    estimate, se (half the interval's width over t), df, low, high, note. Notes as in
    `survey.estimate`; 'interval_open': too few answers beyond the quantile to bound it (a bound
    is blank). Raises DataError as `survey.estimate`, and for probabilities outside (0, 1).
    """
    items, domains, shares = columns_of(y), columns_of(by), _probabilities(probability)
    check_choice("lonely", lonely, Lonely)
    check_level(level)
    frame = as_frame(answers)
    require(frame, [*items, *domains, weight, strata, psu, fpc, respondent])
    check_items(items, 1)
    check_domains(domains, items, ["item", *QUANTILE])
    refuse_repeated(frame, respondent, (), domains)
    sample = read_sample(frame, weight, strata, psu, fpc, lonely, nested=nested)
    groups, names = read_domains(frame, domains)
    grid = Grid(groups, sample.psu, len(sample.design.stratum))
    parts = []
    for item in items:
        values = numbers(frame, item)
        ladder = _Ladder(groups, values, sample.weight, len(names))
        for share in shares:
            found = _quantile(grid, sample, groups, ladder, share, lonely, level)
            found = found.assign(item=item, probability=share)
            parts.append(pd.concat([names, found], axis=1))
    return pd.concat(parts, ignore_index=True)[["item", *domains, *QUANTILE]]


class _Ladder:
    """The answers of every domain in order, each with the share of weight up to it."""

    def __init__(self, domain: Ints, values: Floats, weight: Floats, domains: int) -> None:
        self.values = values
        self.valid = (domain >= 0) & np.isfinite(values) & (weight > 0)
        rows = np.flatnonzero(self.valid)
        rows = rows[np.lexsort((values[rows], domain[rows]))]
        owner = domain[rows]
        self._sorted = values[rows]
        self.size = np.bincount(owner, minlength=domains)
        self._start = np.cumsum(self.size) - self.size
        whole = np.bincount(owner, weight[rows], domains)
        # One climbing line for all domains: the first with answers runs from 0 to 1, the next
        # from 1 to 2, so that a single search finds the quantile of each. Summed up within each
        # domain (by pandas, with compensation): one sum over all would lose the digits of a share.
        within = pd.Series(weight[rows]).groupby(owner).cumsum().to_numpy(dtype=float)
        self._step: Floats = np.cumsum(self.size > 0) - (self.size > 0).astype(float)
        self._climb = self._step[owner] + within / whole[owner]

    def at(self, share: Floats) -> Floats:
        """Return the quantile of each domain at a share of its own; NaN outside [0, 1]."""
        known = (share >= 0) & (share <= 1) & (self.size > 0)
        found = np.searchsorted(self._climb, self._step + np.where(known, share, 0) - _SAME)
        place = np.clip(found, self._start, self._start + self.size - 1)
        result = np.full(len(share), np.nan)
        result[known] = self._sorted[place[known]]
        return result


def _probabilities(given: float | Iterable[float]) -> list[float]:
    listed = isinstance(given, Iterable) and not isinstance(given, str)
    shares: list[Any] = [*given] if listed else [given]  # type: ignore[misc]
    for share in shares or [np.nan]:
        if not is_number(share) or not 0 < share < 1:
            raise DataError("probability_outside", value=share)
    return [float(share) for share in shares]


def _quantile(
    grid: Grid,
    sample: Sample,
    groups: Ints,
    ladder: _Ladder,
    share: float,
    lonely: Lonely,
    level: float,
) -> pd.DataFrame:
    value = ladder.at(np.full(len(ladder.size), share))
    below = np.where(ladder.valid, ladder.values <= _of(value, groups), np.nan)
    cells = grid.rows(sample.weight, below)
    found = figures(sample.design, cells, len(value), total=False, ratio=True, lonely=lonely)
    p, se, df, n = (found[name].to_numpy(dtype=float) for name in ("estimate", "se", "df", "n"))
    low, high = (ladder.at(bound) for bound in interval("t", p, se, df, n, level))
    # The t quantile itself is the half-width of the interval of an estimate 0 with an error of 1.
    t = interval("t", np.zeros(len(p)), np.ones(len(p)), df, n, level)[1]
    note = found["note"].to_numpy(dtype=object)
    bounded = np.isin(note, ["", "lonely_psus"])
    note[bounded & (np.isnan(low) | np.isnan(high))] = "interval_open"
    return pd.DataFrame(
        {
            "n": found["n"],
            "estimate": value,
            "se": (high - low) / (2 * t),
            "df": found["df"],
            "low": low,
            "high": high,
            "note": note,
        }
    )


def _of(value: Floats, groups: Ints) -> Floats:
    """Return the quantile of each row's domain; rows of no domain have none."""
    return np.append(value, np.nan)[groups]
