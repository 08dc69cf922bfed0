"""Longitude and latitude between WGS-84, CGCS2000, GCJ-02 (国测局) and BD-09 (百度).

CGCS2000 and WGS-84 agree within centimetres and are taken as equal. GCJ-02 follows the published
series on the Krasovsky ellipsoid and leaves points outside its box around China alone; BD-09 is a
further shift upon it. Their inverses are iterated to 1e-11 degrees (a micrometre), because the
common one-step inverse is off by up to 4.7 m.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError

Floats = npt.NDArray[np.float64]

SYSTEMS = ("WGS84", "CGCS2000", "GCJ02", "BD09")
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north of GCJ-02's own box
_A = 6378245.0  # Krasovsky 1940: semi-major axis, metres
_EE = 0.00669342162296594323  # and squared eccentricity
_BD_ANGLE = np.pi * 3000.0 / 180.0
_MARGIN = 1.0  # degrees: no shift is a tenth as long
_EXACT = 1e-11
_MOST_STEPS = 50
_SHOWN = 10

_OTHER_NAMES = {
    "EPSG4326": "WGS84", "CRS84": "WGS84", "GPS": "WGS84",
    "EPSG4490": "CGCS2000", "2000国家大地坐标系": "CGCS2000", "国家2000": "CGCS2000",
    "国家大地坐标系2000": "CGCS2000", "大地2000": "CGCS2000",
    "CHINAGEODETICCOORDINATESYSTEM2000": "CGCS2000",
    "火星坐标系": "GCJ02", "火星坐标": "GCJ02", "高德": "GCJ02", "高德坐标系": "GCJ02",
    "百度": "BD09", "百度坐标系": "BD09", "百度坐标": "BD09", "BD09LL": "BD09",
}  # fmt: skip
# Beijing-54 and Xi'an-80 under the names in which files declare them.
_SECRET = re.compile(
    r"(BEIJING|BJ|北京)(19)?54|(XIAN|西安)(19)?80|1980年?西安|1954年?北京"
    # Their degrees, then their Gauss-Krüger zones of 6 and 3 degrees.
    r"|EPSG(4214|4610|232[7-9]|23[3-8]\d|2390|240[1-9]|24[1-3]\d|244[0-2]|214[1-6]\d)(?!\d)"
)


def convert(lon: Any, lat: Any, source: str, target: str = "WGS84") -> tuple[Any, Any]:
    """Convert degrees from one system to another.

    lon, lat: numbers or arrays of any one shape, or one number beside an array; arrays are returned
    for arrays, floats for numbers; unknown places (None, NaN, masked) stay unknown. Outside China's
    box GCJ-02 is WGS-84, while BD-09 shifts everywhere. There and back is exact to a micrometre,
    but for the rim of the box (a tenth of a degree at most), where two places may have one image.
    Raises DataError `crs_refused` for Beijing-54 and Xi'an-80, whose shift to WGS-84 differs by
    place and is secret, `crs_unknown`, `coordinates_unlike` for shapes that do not go together, and
    `coordinates_invalid` for words and infinities,
    `place_invalid` for degrees beyond the poles or the date line (swapped, or metres of a grid).
    """
    start, end = system(source), system(target)
    x, y = _degrees(lon), _degrees(lat)
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError as error:
        raise DataError("coordinates_unlike", lon=x.shape, lat=y.shape) from error
    single = x.ndim == 0
    x, y = np.atleast_1d(x).copy(), np.atleast_1d(y).copy()
    if (astray := (np.abs(x) > 180 + _MARGIN) | (np.abs(y) > 90 + _MARGIN)).any():
        raise DataError("place_invalid", rows=_named(astray))
    if start != end:
        x, y = _from_wgs84(*_to_wgs84(x, y, start), end)
        # Half a place is none: what is left of it was not converted.
        x[np.isnan(y)] = y[np.isnan(x)] = np.nan
    return (float(x[0]), float(y[0])) if single else (x, y)


def _degrees(values: Any) -> Floats:
    """Return numbers, NaN where they are unknown; words and infinities are refused."""
    if isinstance(values, np.ma.MaskedArray):
        # What lies under a mask is whatever was left there, not a place.
        values = np.ma.filled(values.astype(float), np.nan)
    held = np.asarray(values)
    # A text that looks like a number is a text: a column read without its type.
    texts = held.dtype.kind == "O" and any(isinstance(one, str) for one in held.ravel())
    if texts or held.dtype.kind in "USbc":
        raise DataError("coordinates_invalid", rows=values)
    if held.dtype.kind == "O":  # blanks of any kind, pandas' own too
        held = np.where(pd.isna(held), np.nan, held)
    try:
        degrees = np.asarray(held, float)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError("coordinates_invalid", rows=values) from error
    if (wrong := np.isinf(degrees)).any():
        raise DataError("coordinates_invalid", rows=_named(wrong))
    return degrees


def _named(wrong: npt.NDArray[np.bool_]) -> str:
    return ", ".join(map(str, np.flatnonzero(wrong)[:_SHOWN] + 1))


def system(name: str) -> str:
    """Return which of SYSTEMS a name means; raises DataError as `convert` does."""
    plain = re.sub(r"[\s\-_'’:()（）]", "", str(name)).upper()
    if _SECRET.search(plain):
        raise DataError("crs_refused", crs=name)
    plain = _OTHER_NAMES.get(plain, plain)
    if plain not in SYSTEMS:
        raise DataError("crs_unknown", crs=name, systems=", ".join(SYSTEMS))
    return plain


def _to_wgs84(x: Floats, y: Floats, start: str) -> tuple[Floats, Floats]:
    if start == "BD09":
        x, y = _invert(_gcj02_to_bd09, x, y)
    if start in ("BD09", "GCJ02"):
        # Far from the box there is nothing to undo, and at the poles the series runs away.
        near = _in_box(x, y, _MARGIN)
        wgs_x, wgs_y = _invert(_shift, x[near], y[near])
        # Near it a point has its image or is its own.
        shifted = _in_box(wgs_x, wgs_y)
        x[near] = np.where(shifted, wgs_x, x[near])
        y[near] = np.where(shifted, wgs_y, y[near])
    return x, y


def _from_wgs84(x: Floats, y: Floats, end: str) -> tuple[Floats, Floats]:
    if end in ("BD09", "GCJ02"):
        inside = _in_box(x, y)
        x[inside], y[inside] = _shift(x[inside], y[inside])
    return _gcj02_to_bd09(x, y) if end == "BD09" else (x, y)


def _in_box(lon: Floats, lat: Floats, margin: float = 0.0) -> npt.NDArray[np.bool_]:
    west, south, east, north = CHINA
    across = (lon >= west - margin) & (lon <= east + margin)
    return np.asarray(across & (lat >= south - margin) & (lat <= north + margin))


def _waves(value: Floats, *terms: tuple[float, float]) -> Floats:
    return np.asarray(sum(size * np.sin(value * np.pi * rate) for size, rate in terms) * 2 / 3)


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the GCJ-02 image of WGS-84 points, as if all lay inside the box."""
    x, y = lon - 105.0, lat - 35.0
    root, common = np.sqrt(np.abs(x)), _waves(x, (20.0, 6.0), (20.0, 2.0))
    north = -100.0 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += _waves(y, (20.0, 1.0), (40.0, 1 / 3)) + _waves(y, (160.0, 1 / 12), (320.0, 1 / 30))
    east = 300.0 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += _waves(x, (20.0, 1.0), (40.0, 1 / 3)) + _waves(x, (150.0, 1 / 12), (300.0, 1 / 30))
    angle = np.radians(lat)
    magic = 1 - _EE * np.sin(angle) ** 2
    north = np.degrees(north / (_A * (1 - _EE) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(angle)))
    return lon + east, lat + north


def _gcj02_to_bd09(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    z = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_ANGLE)
    theta = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_ANGLE)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _invert(
    image: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """Find the points whose images are given, by fixed-point iteration."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_MOST_STEPS):
        image_x, image_y = image(x, y)
        step_x, step_y = lon - image_x, lat - image_y
        x, y = x + step_x, y + step_y
        # NaN steps belong to unknown places and never grow smaller: they do not count.
        if not np.any((np.abs(step_x) > _EXACT) | (np.abs(step_y) > _EXACT)):
            break
    return x, y
