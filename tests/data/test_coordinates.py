"""Coordinates: figures agreed by three outside programs, exact return, refusals."""

import numpy as np
import pytest

from data.coordinates import convert
from data.errors import DataError

# Consensus of three independent programs: Beijing, Shanghai, Shenzhen, Chengdu.
KNOWN = [
    ("WGS84", "GCJ02", 116.3972, 39.9096, 116.40344362610347, 39.91100347053958),
    ("WGS84", "BD09", 116.3972, 39.9096, 116.40981552681336, 39.91734348557327),
    ("WGS84", "GCJ02", 121.4737, 31.2304, 121.47822305927693, 31.22845773757727),
    ("WGS84", "BD09", 114.0579, 22.5431, 114.06956398703267, 22.546041559073544),
    ("WGS84", "BD09", 104.0657, 30.6595, 104.0747017028295, 30.663109266260737),
]


@pytest.mark.parametrize(("source", "target", "lon", "lat", "x", "y"), KNOWN)
def test_published_points(
    source: str, target: str, lon: float, lat: float, x: float, y: float
) -> None:
    assert convert(lon, lat, source, target) == pytest.approx((x, y), abs=1e-8)
    assert convert(x, y, target, source) == pytest.approx((lon, lat), abs=1e-8)


@pytest.mark.parametrize("system", ["GCJ02", "BD09", "CGCS2000"])
def test_there_and_back_is_exact(system: str) -> None:
    lon, lat = np.meshgrid(np.linspace(75, 134, 30), np.linspace(18, 53, 30))
    there = convert(lon.ravel(), lat.ravel(), "WGS84", system)
    back = convert(*there, system, "WGS84")
    np.testing.assert_allclose(back[0], lon.ravel(), atol=1e-9)
    np.testing.assert_allclose(back[1], lat.ravel(), atol=1e-9)


def test_points_outside_china_stay() -> None:
    assert convert(2.35, 48.85, "WGS84", "GCJ02") == (2.35, 48.85)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Beijing-54", "crs_refused"), ("Xi'an-80", "crs_refused"), ("X", "crs_unknown")],
)
def test_others_are_refused(name: str, code: str) -> None:
    with pytest.raises(DataError) as refusal:
        convert(116.0, 40.0, name)
    assert refusal.value.code == code
