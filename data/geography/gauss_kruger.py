"""Metres of the Gauss-Krüger zones of CGCS2000, as surveyors hand them over, become degrees.

Only where a person has said that the file is CGCS2000, and where the number of the zone stands
before the easting: 25 to 45 are zones of 3 degrees, 13 to 23 of 6, so that no number means both
(EPSG 4513-4533 and 4491-4501). Without it nobody knows the meridian, and metres of Beijing-54 or
Xi'an-80 look alike and lie up to 150 m beside.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from data.coordinates import system
from data.words import Text, both

Floats = npt.NDArray[np.float64]
Cells = Any  # pa.Array | pa.ChunkedArray

# First zone, its code in the EPSG register, width in degrees, central meridian of zone n: a n + b.
_KINDS = ((25, 45, 4513, 3.0, (3.0, 0.0)), (13, 23, 4491, 6.0, (6.0, -3.0)))
_BEYOND = 1.0  # degrees that places at the rim of a county may lie in the next zone
_NORTH = (300_000.0, 6_000_000.0)  # metres from the equator: all of China


def in_degrees(columns: Mapping[str, Cells], crs: str) -> tuple[dict[str, Any], tuple[Text, ...]]:
    """Return the columns of a table with lon and lat in degrees, and what is told of it.

    columns: of text, record by record. crs: what a person said of the file. Cells that are no
    metres of a zone stay as they are. In which of the two columns the easting stands does not
    matter: it has eight digits. Surveyors call it Y.
    """
    held = dict(columns)
    if not {"lon", "lat"} <= held.keys() or system(crs) != "CGCS2000":
        return held, ()
    one, other = (_numbers(held[name]) for name in ("lon", "lat"))
    east, north = np.fmax(one, other), np.fmin(one, other)
    lon, lat = np.full(len(east), np.nan), np.full(len(east), np.nan)
    told = []
    for zone, width, meridian, there in _zones(east, north):
        x, y = _project(zone, width, east[there], north[there])
        near = np.abs(x - meridian) <= width / 2 + _BEYOND
        there = there[near]
        if not len(there):
            continue
        lon[there], lat[there] = x[near], y[near]
        first = there[0]
        told.append(
            both(
                "import.projected",
                n=len(there),
                width=f"{width:g}",
                zone=zone,
                meridian=f"{meridian:g}",
                example=f"{east[first]:.2f}, {north[first]:.2f}",
                read=f"{lon[first]:.6f}, {lat[first]:.6f}",
            )
        )
    if told:
        held["lon"], held["lat"] = _written(held["lon"], lon), _written(held["lat"], lat)
    return held, tuple(told)


def _numbers(cells: Cells) -> Floats:
    read = pd.to_numeric(cells.to_pandas(), errors="coerce").to_numpy(float)
    return np.where(np.isfinite(read), read, np.nan)


def _zones(east: Floats, north: Floats) -> Iterator[tuple[int, float, float, npt.NDArray[np.intp]]]:
    """Yield number, width and meridian of every zone that there is, and the rows in it."""
    known = (north > _NORTH[0]) & (north < _NORTH[1])
    number = np.where(known, np.floor(east / 1e6), -1.0)
    for first, last, _, width, (each, more) in _KINDS:
        for zone in np.unique(number[(number >= first) & (number <= last)]):
            yield int(zone), width, each * zone + more, np.flatnonzero(number == zone)


def _project(zone: int, width: float, east: Floats, north: Floats) -> tuple[Floats, Floats]:
    from pyproj import Transformer  # a second to import, and seldom needed

    first, _, code, *_ = next(kind for kind in _KINDS if kind[3] == width)
    inverse = Transformer.from_crs(code + zone - first, 4490, always_xy=True)
    lon, lat = inverse.transform(east, north)
    return np.asarray(lon, float), np.asarray(lat, float)


def _written(cells: Cells, degrees: Floats) -> pa.Array:
    """Return the cells with the degrees that are known, to a tenth of a millimetre."""
    texts = cells.to_pylist()
    return pa.array(
        [text if np.isnan(d) else f"{d:.9f}" for text, d in zip(texts, degrees, strict=True)],
        pa.string(),
    )
