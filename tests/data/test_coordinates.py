"""Coordinates: figures agreed by three outside programs, a slow twin, exact return, refusals."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.coordinates import CHINA, SYSTEMS, convert, system
from data.errors import DataError

# Consensus of three independent programs: Beijing, Shanghai, Shenzhen, Chengdu.
KNOWN = [
    ("GCJ02", 116.3972, 39.9096, 116.40344362610347, 39.91100347053958),
    ("BD09", 116.3972, 39.9096, 116.40981552681336, 39.91734348557327),
    ("GCJ02", 121.4737, 31.2304, 121.47822305927693, 31.22845773757727),
    ("BD09", 121.4737, 31.2304, 121.484781468503, 31.234310593689997),
    ("GCJ02", 114.0579, 22.5431, 114.06301399856547, 22.54038281422246),
    ("BD09", 114.0579, 22.5431, 114.06956398703267, 22.546041559073544),
    ("GCJ02", 104.0657, 30.6595, 104.06820739998749, 30.657079144677592),
    ("BD09", 104.0657, 30.6595, 104.0747017028295, 30.663109266260737),
]
EXACT = 1e-9
# Within a tenth of a degree of GCJ-02's box, two places may have one image (see below).
LONS = st.floats(CHINA[0] + 0.1, CHINA[2] - 0.1)
LATS = st.floats(CHINA[1] + 0.1, CHINA[3] - 0.1)


@pytest.mark.parametrize(("target", "lon", "lat", "x", "y"), KNOWN)
def test_published_points(target: str, lon: float, lat: float, x: float, y: float) -> None:
    assert convert(lon, lat, "WGS84", target) == pytest.approx((x, y), abs=1e-8)
    assert convert(x, y, target, "WGS84") == pytest.approx((lon, lat), abs=1e-8)


def shifted(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 as it was first written down: one number at a time, term by term."""
    x, y, sin, pi = lon - 105, lat - 35, math.sin, math.pi
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    a, ee, angle = 6378245.0, 0.00669342162296594323, lat / 180 * pi
    magic = 1 - ee * sin(angle) ** 2
    north = north * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * pi)
    east = east * 180 / (a / math.sqrt(magic) * math.cos(angle) * pi)
    return lon + east, lat + north


@settings(max_examples=100, deadline=None)
@given(LONS, LATS)
def test_equals_the_term_by_term_twin(lon: float, lat: float) -> None:
    assert convert(lon, lat, "WGS84", "GCJ02") == pytest.approx(shifted(lon, lat), abs=1e-12)


@pytest.mark.parametrize(("source", "target"), [*itertools.product(SYSTEMS, SYSTEMS)])
@settings(max_examples=40, deadline=None)
@given(lon=LONS, lat=LATS)
def test_there_and_back_is_exact(source: str, target: str, lon: float, lat: float) -> None:
    start = convert(lon, lat, "WGS84", source)
    back = convert(*convert(*start, source, target), target, source)
    assert back == pytest.approx(start, abs=EXACT)
    # A detour over a third system comes to the same.
    over = convert(*convert(*start, source, "BD09"), "BD09", target)
    assert over == pytest.approx(convert(*start, source, target), abs=EXACT)


def test_the_one_step_inverse_would_be_off_by_metres() -> None:
    lon, lat = (axis.ravel() for axis in np.meshgrid(np.arange(75, 134), np.arange(18, 53)))
    there = np.array(convert(lon, lat, "WGS84", "GCJ02"))
    one_step = 2 * there - np.array(convert(*there, "WGS84", "GCJ02"))
    assert np.abs(one_step - [lon, lat]).max() * 111_195 > 1
    exact = np.array(convert(*there, "GCJ02"))
    np.testing.assert_allclose(exact, [lon, lat], atol=EXACT, rtol=0)


@pytest.mark.parametrize("target", ["GCJ02", "BD09"])
def test_a_hundred_thousand_places_come_back_within_a_micrometre(target: str) -> None:
    chance = np.random.default_rng(54)
    lon = chance.uniform(CHINA[0] + 0.1, CHINA[2] - 0.1, 100_000)
    lat = chance.uniform(CHINA[1] + 0.1, CHINA[3] - 0.1, 100_000)
    # On 105° east the series has a root of |x|, whose slope there is without bound.
    lon[:300] = 105 + np.concatenate([np.zeros(100), chance.normal(0, 1e-9, 200)])
    back_lon, back_lat = convert(*convert(lon, lat, "WGS84", target), target)
    off = np.hypot((back_lon - lon) * np.cos(np.radians(lat)), back_lat - lat) * 111_195
    assert off.max() < 1e-6


@pytest.mark.parametrize("source", SYSTEMS)
@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [
        ("coordinates_invalid", math.inf, 30),
        ("coordinates_invalid", [110, -math.inf], [30, 30]),
        ("coordinates_invalid", "东经110度", 30),
        ("coordinates_invalid", 110, 1 + 2j),
        ("coordinates_unlike", [110, 111, 112], [30, 31]),
    ],
)
def test_what_is_no_place_is_refused(code: str, lon: object, lat: object, source: str) -> None:
    with pytest.raises(DataError) as refusal:
        convert(lon, lat, source)
    assert refusal.value.code == code


def test_a_refusal_names_the_values_as_people_count_them() -> None:
    with pytest.raises(DataError, match="2, 4"):
        convert([110, math.inf, 110, math.inf], 30, "GCJ02")


def test_columns_and_masked_values_are_read() -> None:
    one = convert(116.3972, 39.9096, "BD09")
    column = pd.Series([116.3972, None])
    nullable = pd.array([39.9096, None], dtype="Float64")
    masked = np.ma.MaskedArray([116.3972, 110.0], mask=[False, True])
    for lon, lat in [(column, nullable), (masked, 39.9096), (column, [39.9096, 30])]:
        x, y = convert(lon, lat, "BD09")
        assert (x[0], y[0]) == one
        assert np.isnan(x[1])


def test_the_reason_of_a_refusal_is_told() -> None:
    with pytest.raises(DataError) as refusal:
        convert(116, 40, "北京54")
    assert "因地而异" in refusal.value.problem.zh
    assert "differs by place" in refusal.value.problem.en
    assert "CGCS2000" in refusal.value.next_step.en


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert convert(116.4, 39.9, "CGCS2000") == (116.4, 39.9)


# The poles and the date line included: the series runs away there, and nothing may overflow.
@pytest.mark.parametrize("place", [(2.35, 48.85), (0, 90), (0, -90), (180, 0), (-170, -80)])
def test_points_outside_china_stay(place: tuple[float, float]) -> None:
    assert convert(*place, "WGS84", "GCJ02") == place
    assert convert(*place, "GCJ02", "WGS84") == place
    assert convert(*convert(*place, "WGS84", "BD09"), "BD09") == pytest.approx(place, abs=EXACT)


def test_the_edge_of_the_box_returns_to_itself() -> None:
    for lon, lat in itertools.product(CHINA[::2], CHINA[1::2]):
        there = convert(lon, lat, "WGS84", "GCJ02")
        assert there != (lon, lat)
        # Rounding may put the very corner a hair outside, where a point is its own image.
        assert convert(*there, "GCJ02") == pytest.approx((lon, lat), abs=0.02)


def test_unknown_places_stay_unknown_and_spoil_no_other() -> None:
    lon, lat = np.array([116.3972, np.nan, 116.3972]), np.array([39.9096, 39.9096, np.nan])
    x, y = convert(lon, lat, "BD09")
    assert (x[0], y[0]) == convert(116.3972, 39.9096, "BD09")
    # Half a place is none: what is left of it would stand there unconverted.
    assert np.isnan([x[1:], y[1:]]).all()
    for blank in (None, pd.NA):
        assert all(math.isnan(value) for value in convert(blank, blank, "GCJ02"))


def test_shapes_are_kept_and_what_is_given_is_left_alone() -> None:
    lon = np.full((2, 3), 116.3972)
    x, y = convert(lon, 39.9096, "WGS84", "GCJ02")
    assert x.shape == y.shape == (2, 3)
    back, _ = convert(x, y, "GCJ02")
    assert (lon == 116.3972).all()
    assert x[0, 0] != pytest.approx(back[0, 0])
    alone = convert(116.3972, 39.9096, "WGS84", "GCJ02")
    assert (x[1, 2], y[1, 2]) == alone
    assert type(alone[0]) is float
    assert [len(part) for part in convert([], [], "GCJ02")] == [0, 0]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("wgs 84", "WGS84"), ("EPSG:4326", "WGS84"), ("CRS84", "WGS84"), ("EPSG:4490", "CGCS2000"),
        ("国家大地坐标系2000", "CGCS2000"), ("百度坐标系", "BD09"), ("火星坐标", "GCJ02"),
        ("2000国家大地坐标系", "CGCS2000"), ("gcj-02", "GCJ02"), ("火星坐标系", "GCJ02"),
        ("BD-09", "BD09"), ("百度", "BD09"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(name: str, meant: str) -> None:
    assert system(name) == meant


REFUSED = ["Beijing-54", "Beijing 1954", "北京54坐标系", "Xi'an-80", "Xi’an 1980", "西安80",
           "1980西安坐标系", "1980年西安坐标系", "1954年北京坐标系", "EPSG:4214", "EPSG:4610",
           "EPSG:2327", "EPSG:2363", "EPSG:2390", "EPSG:2442", "EPSG:21460"]  # fmt: skip
UNKNOWN = ["X", "", "EPSG:32650", "BD09MC", "EPSG:2326", "EPSG:2391", "EPSG:2443", None]


@pytest.mark.parametrize("name", [*REFUSED, *UNKNOWN], ids=str)
@pytest.mark.parametrize(
    "call",
    [lambda name: convert(116.0, 40.0, name), lambda name: convert(116.0, 40.0, "WGS84", name)],
)
def test_others_are_refused(call: Callable[[str], object], name: str) -> None:
    with pytest.raises(DataError) as refusal:
        call(name)
    assert refusal.value.code == ("crs_refused" if name in REFUSED else "crs_unknown")
