"""Coordinates to WGS-84: CGCS2000, GCJ-02 (国测局) and BD-09 (百度), with the exact inverse.

CGCS2000 and WGS-84 longitude and latitude agree within centimetres and are taken as equal.
GCJ-02 follows the published Krasovsky series; its inverse is iterated to 1e-10 degrees, because
the common one-step inverse is off by up to 4.7 m.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from data.errors import DataError

Floats = npt.NDArray[np.float64]

SYSTEMS = ("WGS84", "CGCS2000", "GCJ02", "BD09")
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # the box outside which GCJ-02 leaves points alone
_A = 6378245.0  # Krasovsky 1940: semi-major axis, metres
_EE = 0.00669342162296594323  # and squared eccentricity
_BD_ANGLE = np.pi * 3000.0 / 180.0


def convert(lon: Any, lat: Any, source: str, target: str = "WGS84") -> tuple[Any, Any]:
    """Convert degrees from one system to another; arrays or single numbers.

    Raises DataError `crs_refused` for Beijing-54 and Xi'an-80 (their shift is local and secret)
    and `crs_unknown` for any other name.
    """
    single = np.ndim(lon) == 0
    x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    x, y = _from_wgs84(*_to_wgs84(x, y, _system(source)), _system(target))
    return (float(x[0]), float(y[0])) if single else (x, y)


def _system(name: str) -> str:
    plain = name.upper().replace("-", "").replace("_", "").replace(" ", "").replace("'", "")
    if plain in ("BEIJING54", "BJ54", "XIAN80", "XIAN1980", "BEIJING1954"):
        raise DataError("crs_refused", crs=name)
    if plain not in SYSTEMS:
        raise DataError("crs_unknown", crs=name, systems=", ".join(SYSTEMS))
    return plain


def _to_wgs84(x: Floats, y: Floats, system: str) -> tuple[Floats, Floats]:
    if system == "BD09":
        x, y = _bd09_to_gcj02(x, y)
    if system in ("BD09", "GCJ02"):
        return _invert(x, y)
    return x, y


def _from_wgs84(x: Floats, y: Floats, system: str) -> tuple[Floats, Floats]:
    if system in ("BD09", "GCJ02"):
        x, y = _wgs84_to_gcj02(x, y)
    if system == "BD09":
        return _gcj02_to_bd09(x, y)
    return x, y


def _waves(value: Floats, *terms: tuple[float, float]) -> Floats:
    return np.asarray(sum(size * np.sin(value * np.pi * rate) for size, rate in terms) * 2 / 3)


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
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
    west, south, right, top = CHINA
    inside = (lon >= west) & (lon <= right) & (lat >= south) & (lat <= top)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _invert(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Find the WGS-84 point whose GCJ-02 image is given, by fixed-point iteration."""
    x, y = lon.copy(), lat.copy()
    for _ in range(30):
        image_x, image_y = _wgs84_to_gcj02(x, y)
        step_x, step_y = lon - image_x, lat - image_y
        x, y = x + step_x, y + step_y
        if max(np.max(np.abs(step_x), initial=0.0), np.max(np.abs(step_y), initial=0.0)) < 1e-11:
            break
    return x, y


def _gcj02_to_bd09(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    z = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_ANGLE)
    theta = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_ANGLE)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(30):
        image_x, image_y = _gcj02_to_bd09(x, y)
        x, y = x + lon - image_x, y + lat - image_y
    return x, y
