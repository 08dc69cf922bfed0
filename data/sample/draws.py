"""Small random pieces the tables are made of. Every draw takes its own numpy Generator."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.object_]
Objects = NDArray[np.object_]
Times = NDArray[np.datetime64]

YEARS = (2024, 2025)


@dataclass(frozen=True)
class Rows:
    """Rows that belong to a unit (or village) and a year, sorted by both.

    place, year: 0-based positions. serial: 1, 2, ... within place and year.
    """

    place: Ints
    year: Ints
    serial: Ints

    @property
    def calendar_year(self) -> Ints:
        """Return the years as people write them."""
        return np.asarray(YEARS)[self.year]

    def __len__(self) -> int:
        return len(self.place)


def stream(seed: int, county: int, topic: str) -> Rng:
    """Return the Generator of one topic in one county.

    Every topic draws from a stream of its own, so that a change in one table leaves all the
    other tables as they were.
    """
    return np.random.default_rng([seed, county, zlib.crc32(topic.encode())])


def rows(counts: Ints) -> Rows:
    """Return the rows of a table from their number by place × year."""
    flat = counts.ravel()
    cell = np.repeat(np.arange(flat.size), flat)
    start = np.cumsum(flat) - flat
    place, year = np.divmod(cell, counts.shape[1])
    return Rows(place, year, np.arange(cell.size) - start[cell] + 1)


def chance(rng: Rng, base: float, latent: Floats, slope: float = 0.6) -> Bools:
    """Draw yes or no: `base` is the share at latent 0, `slope` its rise on the logit scale."""
    return rng.random(latent.shape) < share(base, latent, slope)


def share(base: float, latent: Floats, slope: float = 0.6) -> Floats:
    """Return the share that belongs to each latent value."""
    logit = np.log(base / (1 - base)) + slope * latent
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)


def pick(rng: Rng, weights: Mapping[str, float], size: int) -> Strings:
    """Draw words in proportion to their weights."""
    probabilities = np.asarray(list(weights.values()))
    chosen = rng.choice(len(weights), size=size, p=probabilities / probabilities.sum())
    return words(list(weights))[chosen]


def words(values: Sequence[str]) -> Strings:
    """Return words as an array that can be indexed."""
    return np.asarray(values, dtype=object)


def ids(prefix: str, codes: Strings, drawn: Rows) -> Strings:
    """Return ids such as D2025-990121001-0007, from the code of each row's place."""
    return words(
        [
            f"{prefix}{year}-{code}-{serial:04d}"
            for year, code, serial in zip(
                drawn.calendar_year.tolist(),
                codes[drawn.place].tolist(),
                drawn.serial.tolist(),
                strict=True,
            )
        ]
    )


def day(rng: Rng, drawn: Rows) -> Times:
    """Draw a day of each row's year; within place and year the days run forward."""
    offset = rng.integers(0, 365, len(drawn))
    offset = offset[np.lexsort((offset, drawn.year, drawn.place))]
    january = drawn.calendar_year.astype("U4").astype("datetime64[D]")
    return np.asarray(january + offset)


def office_time(rng: Rng, days: Times) -> Times:
    """Draw a time between 08:30 and 17:30 on each day."""
    seconds = rng.integers(8 * 3600 + 1800, 17 * 3600 + 1800, len(days))
    return np.asarray(days.astype("datetime64[s]") + seconds)


def later(times: Times, amount: Any, unit: str) -> Times:
    """Return the times moved by whole units: D days, h hours, s seconds."""
    return np.asarray(times + np.asarray(amount).astype(np.int64).astype(f"timedelta64[{unit}]"))
