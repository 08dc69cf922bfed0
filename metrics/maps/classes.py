"""Classes of a map: where to cut a row of values, and in which class a value lies.

A class holds its lower end and not its upper end, so that the words of the legend are exact.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from data.errors import DataError

Floats = npt.NDArray[np.float64]
Method = Literal["fixed", "quantile", "jenks"]
METHODS: tuple[Method, ...] = ("fixed", "quantile", "jenks")
MOST = 5
# Natural breaks look at every pair of values: above this a regular sample stands for them.
MOST_VALUES = 2_000
_DIGITS = 9


def cut(
    values: Sequence[float] | Floats, method: Method, *, count: int = MOST
) -> tuple[float, ...]:
    """Return the lower ends of all classes but the lowest, rising; at most count - 1 of them.

    quantile: as many values in each class as equal ones allow. jenks: natural breaks, the least
    sum of squares within classes (Fisher 1958, exact; Jenks 1977), on every n-th value above
    MOST_VALUES. Unknown values are left out; few different values give fewer classes. A cut is
    rounded as far as no value changes its class. Raises DataError `choice_unknown`.
    """
    held = np.asarray(values, float).ravel()
    held = np.sort(held[np.isfinite(held)].round(_DIGITS))
    if method == "quantile":
        starts = _quantiles(held, count)
    elif method == "jenks":
        starts = _natural(held, count)
    else:
        raise DataError("choice_unknown", what="method", value=method, choices="quantile, jenks")
    return tuple(_roundest(held[held < start][-1], start) for start in starts)


def place(values: Sequence[float] | Floats, breaks: Sequence[float]) -> npt.NDArray[np.intp]:
    """Return the class of each value, 0 the lowest; -1 for an unknown one."""
    held = np.asarray(values, float).round(_DIGITS)
    found = np.searchsorted(np.asarray(breaks, float), held, side="right")
    return np.where(np.isnan(held), -1, found).astype(np.intp)


def _quantiles(held: Floats, count: int) -> list[float]:
    """Return the values that begin the upper classes."""
    above = held[held > held[:1]] if len(held) else held
    if not len(above):
        return []
    at = (np.arange(1, count) * len(held)) // count
    # Where the lowest value alone fills a class and more, the next class begins right above it.
    return sorted({float(max(value, above[0])) for value in held[at]})


def _natural(held: Floats, count: int) -> list[float]:
    """Return the values that begin the upper classes, by dynamic programming over the values."""
    if len(held) > MOST_VALUES:
        held = held[np.linspace(0, len(held) - 1, MOST_VALUES).round().astype(int)]
    different, weight = np.unique(held, return_counts=True)
    n, count = len(different), min(count, len(different))
    if count < 2:
        return []
    # Sums of squares are taken about the mean: else large numbers would swallow small gaps.
    away = different - np.average(different, weights=weight)
    n_to, sum_to, square_to = (
        np.concatenate([[0.0], np.cumsum(weight * away**power)]) for power in range(3)
    )

    def within(first: npt.NDArray[np.intp], after: int) -> Floats:
        size = n_to[after] - n_to[first]
        return np.asarray(
            square_to[after] - square_to[first] - (sum_to[after] - sum_to[first]) ** 2 / size
        )

    least = np.array([np.inf, *(within(np.array([0]), end)[0] for end in range(1, n + 1))])
    begun = []
    for _ in range(1, count):
        better, start = np.full(n + 1, np.inf), np.zeros(n + 1, np.intp)
        for end in range(2, n + 1):
            first = np.arange(1, end)
            cost = least[first] + within(first, end)
            start[end] = first[np.argmin(cost)]
            better[end] = cost.min()
        least = better
        begun.append(start)
    starts, end = [], n
    for start in reversed(begun):
        end = int(start[end])
        starts.append(float(different[end]))
    return sorted(starts)


def _roundest(below: float, start: float) -> float:
    """Return the shortest number above the class below and not above the first of this one."""
    size = int(np.floor(np.log10(max(abs(start), abs(below), 1e-9))))
    for digits in range(-size, _DIGITS + 1):
        number = float(np.floor(start * 10.0**digits) / 10.0**digits)
        if below < number <= start:
            return round(number, max(digits, 0))
    return start
