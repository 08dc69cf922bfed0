"""Boundary files: holes stay holes, neighbours stay together, what is wrong is named."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.boundaries import display_geojson, read_geojson
from data.errors import DataError

BEIJING = Path(__file__).parents[3] / "shared" / "real-input" / "beijing_townships_wgs84.geojson"


def feature(
    code: object, rings: list[list[list[float]]], kind: str = "Polygon"
) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": rings}
    return {"type": "Feature", "properties": {"code": code, "name": "甲"}, "geometry": geometry}


def box(x: float, y: float, size: float = 1) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def collection(*features: dict[str, object]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_hole_stays_a_hole_and_its_unit_is_kept() -> None:
    ring = feature("990101100", [box(110, 30, 3), box(111, 31)[::-1]])
    frame, problems = read_geojson(collection(ring, feature("990101101", [box(111, 31)])))
    assert problems == []
    drawn = json.loads(display_geojson(frame))["features"]
    areas = [shapely.from_geojson(json.dumps(f["geometry"])).area for f in drawn]
    assert areas == pytest.approx([8.0, 1.0])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (feature("99", [box(110, 30)]), "boundary_code"),
        (feature(None, [box(110, 30)]), "boundary_code"),
        (feature("990101100", [[110, 30]], "Point"), "boundary_kind"),
        (
            feature("990101100", [[[110, 30], [111, 31], [111, 30], [110, 31], [110, 30]]]),
            "boundary_invalid",
        ),
        (feature("990101100", []), "boundary_coordinates"),
    ],
)
def test_a_wrong_feature_is_named(wrong: dict[str, object], code: str) -> None:
    frame, problems = read_geojson(collection(feature("990101101", [box(112, 30)]), wrong))
    assert [(p.record, p.code) for p in problems] == [(2, code)]
    assert frame["unit_code"].tolist() == ["990101101"]


def test_a_code_that_stands_twice_is_not_chosen_from() -> None:
    twice = [feature("990101100", [box(110, 30)]), feature("990101100", [box(112, 30)])]
    frame, problems = read_geojson(collection(*twice))
    assert len(frame) == 0
    assert [p.code for p in problems] == ["boundary_doubled"] * 2


def test_deeply_nested_junk_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        read_geojson(b"[" * 200_000)
    assert refusal.value.code == "geojson_too_deep"


def test_gcj02_boundaries_are_converted() -> None:
    frame, _ = read_geojson(collection(feature("990101100", [box(110, 30)])), crs="GCJ02")
    moved = shapely.from_wkb(frame["geometry"].iloc[0]).bounds
    assert 0 < np.abs(np.array(moved) - [110, 30, 111, 31]).max() < 0.01


@pytest.mark.skipif(not BEIJING.exists(), reason="the real boundaries are not beside the project")
def test_real_townships_are_all_kept() -> None:
    frame, problems = read_geojson(BEIJING.read_bytes())
    assert (len(frame), problems) == (343, [])
    drawn = json.loads(display_geojson(frame))["features"]
    assert len({f["properties"]["code"] for f in drawn}) == 343
    assert all(f["geometry"]["coordinates"] for f in drawn)


@pytest.mark.parametrize(
    ("box_of", "code"),
    [
        ([[[30, 110], [31, 110], [31, 111], [30, 110]]], "lonlat_swapped"),
        ([[[10, 50], [11, 50], [11, 51], [10, 50]]], "outside_china"),
    ],
)
def test_a_file_in_the_wrong_place_is_refused(box_of: list[object], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        read_geojson(collection(feature("990101100", box_of)))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("urn:ogc:def:crs:EPSG::4214", "crs_refused"), ("EPSG:32650", "crs_declared")],
)
def test_a_declared_foreign_system_is_refused(name: str, code: str) -> None:
    told = json.loads(collection(feature("990101100", [box(110, 30)])))
    told["crs"] = {"type": "name", "properties": {"name": name}}
    with pytest.raises(DataError) as refusal:
        read_geojson(json.dumps(told).encode())
    assert refusal.value.code == code


def test_an_open_ring_is_named_with_its_place() -> None:
    frame, [found] = read_geojson(
        collection(feature("990101100", [[[110, 30], [111, 30], [111, 31], [110.5, 31]]]))
    )
    assert (found.code, found.record) == ("boundary_ring", 1)
    assert "110.00000, 30.00000" in found.reason.zh
    assert frame.empty


def test_a_hole_stays_a_hole_in_what_is_drawn() -> None:
    hole = [[110.4, 30.4], [110.4, 30.6], [110.6, 30.6], [110.6, 30.4], [110.4, 30.4]]
    frame, _ = read_geojson(collection(feature("990101100", [*[box(110, 30)], hole])))
    drawn = json.loads(display_geojson(frame))["features"][0]["geometry"]
    assert len(drawn["coordinates"]) == 2
