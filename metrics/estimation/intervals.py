"""Confidence intervals of survey estimates: t, and three for shares that stay inside [0, 1].

logit, beta (Clopper-Pearson on the effective sample size; Korn and Graubard 1998) as R's
`svyciprop`; wilson (score interval) on the same effective sample size, which carries the degrees
of freedom (Dean and Pagano 2015), so that its quantile is the normal one.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy import stats

from metrics.frames import Floats

Interval = Literal["t", "logit", "wilson", "beta"]
Bounds = tuple[Floats, Floats]


def interval(
    ci: Interval, estimate: Floats, se: Floats, df: Floats, n: Floats, level: float
) -> Bounds:
    """Return the lower and upper bounds; NaN where df < 1 or the method says nothing (se 0)."""
    upper = (1 + level) / 2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        # Thousands of townships have a handful of degrees of freedom among them.
        held, where = np.unique(np.maximum(df, 1), return_inverse=True)
        t = np.where(df >= 1, np.asarray(stats.t.ppf(upper, held))[where], np.nan)
        return _METHODS[ci](estimate, se, t, n, upper)


def _t(estimate: Floats, se: Floats, t: Floats, _n: Floats, _upper: float) -> Bounds:
    return estimate - t * se, estimate + t * se


def _logit(p: Floats, se: Floats, t: Floats, _n: Floats, _upper: float) -> Bounds:
    centre, reach = np.log(p / (1 - p)), t * se / (p * (1 - p))
    return 1 / (1 + np.exp(reach - centre)), 1 / (1 + np.exp(-reach - centre))


def _effective(p: Floats, se: Floats, t: Floats, n: Floats, upper: float) -> Floats:
    simple = stats.t.ppf(upper, np.maximum(n - 1, 1))
    return np.asarray(p * (1 - p) / se**2 * (simple / t) ** 2, dtype=float)


def _wilson(p: Floats, se: Floats, t: Floats, n: Floats, upper: float) -> Bounds:
    size, z = _effective(p, se, t, n, upper), float(stats.norm.ppf(upper))
    centre = (p + z**2 / (2 * size)) / (1 + z**2 / size)
    reach = z / (1 + z**2 / size) * np.sqrt(p * (1 - p) / size + z**2 / (4 * size**2))
    return centre - reach, centre + reach


def _beta(p: Floats, se: Floats, t: Floats, n: Floats, upper: float) -> Bounds:
    size = _effective(p, se, t, n, upper)
    low = stats.beta.ppf(1 - upper, size * p, size * (1 - p) + 1)
    high = stats.beta.ppf(upper, size * p + 1, size * (1 - p))
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


_METHODS: dict[Interval, Callable[[Floats, Floats, Floats, Floats, float], Bounds]] = {
    "t": _t,
    "logit": _logit,
    "wilson": _wilson,
    "beta": _beta,
}
