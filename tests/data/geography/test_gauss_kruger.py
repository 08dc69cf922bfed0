"""Metres of CGCS2000's zones: a meridian's own length by hand, its scale, what is left alone."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data import ingest
from data.drafting.options import Options
from data.geography.gauss_kruger import in_degrees
from data.store import Store
from tests.data.reading import in_this_process

A, F = 6378137.0, 1 / 298.257222101  # GB 22021-2008: the ellipsoid of CGCS2000
HEAD = "facility_id,township_code,name_zh,services,is_comprehensive,status,lon,lat\n"


def read(*pairs: tuple[object, object], crs: str = "CGCS2000") -> list[tuple[str, str]]:
    lon, lat = (pa.chunked_array([[str(pair[n]) for pair in pairs]]) for n in (0, 1))
    held, _ = in_degrees({"lon": lon, "lat": lat}, crs)
    return list(zip(held["lon"].to_pylist(), held["lat"].to_pylist(), strict=True))


def arc(latitude: float) -> float:
    """Metres of meridian from the equator: the integral of its radius of curvature."""
    edges = np.linspace(0, np.radians(latitude), 20_001)
    middle, squared = (edges[1:] + edges[:-1]) / 2, F * (2 - F)
    radius = A * (1 - squared) / (1 - squared * np.sin(middle) ** 2) ** 1.5
    return float(np.sum(radius * np.diff(edges)))


@pytest.mark.parametrize(("zone", "meridian"), [(40, 120), (25, 75), (45, 135), (20, 117)])
def test_on_the_central_meridian_the_northing_is_the_length_of_the_meridian(
    zone: int, meridian: int
) -> None:
    east = zone * 1_000_000 + 500_000
    for pair in ((east, arc(30.0)), (arc(30.0), east)):  # surveyors write the northing first
        lon, lat = map(float, read(pair)[0])
        assert (lon, lat) == pytest.approx((meridian, 30.0), abs=1e-8)


def test_east_and_west_of_the_meridian_are_alike_and_the_map_is_true_to_scale() -> None:
    (west, south), (east, north) = (
        tuple(map(float, pair)) for pair in read((40_400_000, 3_320_000), (40_600_000, 3_320_000))
    )
    assert (120 - west, south) == pytest.approx((east - 120, north), abs=1e-8)
    # 100 km from it a metre of map is 1 + y²/2R² metres, that is 1.000123 with R = 6,370 km.
    near = tuple(map(float, read((40_600_100, 3_320_000))[0]))
    sine = np.sin(np.radians(north))
    across = A / np.sqrt(1 - F * (2 - F) * sine**2)
    metres = np.hypot(
        np.radians(near[0] - east) * across * np.cos(np.radians(north)),
        np.radians(near[1] - north) * 6_351_000,
    )
    assert 100 / metres == pytest.approx(1.000123, abs=2e-6)


@pytest.mark.parametrize(
    "pair",
    [
        (500_123, 3_345_678),  # no zone: nobody knows the meridian
        (24_500_123, 3_345_678),  # no such zone
        (40_900_000, 3_345_678),  # far beyond the zone
        (40_500_123, 100_000),  # on no land of China
        (120.2, 30.2), ("", ""), ("东经120°", "30°"),
    ],
)  # fmt: skip
def test_all_else_stays_as_it_is(pair: tuple[object, object]) -> None:
    assert read(pair) == [(str(pair[0]), str(pair[1]))]
    assert read((40_500_123, 3_345_678), crs="WGS84") == [("40500123", "3345678")]


def test_a_file_of_metres_says_what_to_do_and_is_told_what_was_done(
    towns: Store, tmp_path: Path
) -> None:
    file = tmp_path / "f.csv"
    row = "F{},990101100,站,medical,否,运行中,{},{}\n"
    places = [(37_512_345, 3_345_678), ("东经111°30′", "N30°30′36″"), ("30度", "111度")]
    rows = [row.format(n, *place) for n, place in enumerate(places)]
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    with in_this_process():
        asked = ingest.prepare(towns, file, file.name)
        made = ingest.prepare(towns, file, file.name, Options(crs="CGCS2000"))
    found = asked.problems[["record", "column", "code"]].values.tolist()
    assert sorted(each for each in found if each[0] == 1) == [
        [1, "lat", "not_degrees"],
        [1, "lon", "not_degrees"],
    ]
    assert "坐标系选为 CGCS2000" in asked.problems["reason_zh"].iloc[0]
    assert {each[2] for each in found if each[0] == 3} == {"swapped"}
    assert 1 not in set(made.problems["record"])
    assert any("3 度带第 37 带，中央子午线东经 111°" in told.zh for told in made.warnings)
    assert any("“东经111°30′”读作“111.5”" in told.zh for told in made.warnings)
