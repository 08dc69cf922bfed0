"""Boundary files: holes stay holes, neighbours stay together, what is wrong is named."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.coordinates import convert
from data.errors import DataError
from data.geography import boundaries
from data.geography.boundaries import COARSEST, display_geojson, read_geojson, unit_at

BEIJING = Path(__file__).parents[4] / "shared" / "real-input" / "beijing_townships_wgs84.geojson"

Ring = list[list[float]]


def feature(
    code: object, rings: Any, kind: str = "Polygon", **properties: object
) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": rings}
    told = {"code": code, "name": "甲", **properties}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def box(x: float, y: float, size: float = 1) -> Ring:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def collection(*features: Any, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def declared(name: object) -> bytes:
    crs = {"type": "name", "properties": {"name": name}}
    return collection(feature("990101100", [box(110, 30)]), crs=crs)


def drawn(content: bytes) -> list[Any]:
    features = json.loads(content)["features"]
    return [shapely.from_geojson(json.dumps(each["geometry"])) for each in features]


def shapes(frame: pd.DataFrame) -> Any:
    return shapely.from_wkb(frame["geometry"].to_numpy())


def code_of_refusal(content: bytes, **options: str) -> str:
    with pytest.raises(DataError) as refusal:
        read_geojson(content, **options)
    return refusal.value.code


def test_a_hole_stays_a_hole_and_its_unit_is_kept() -> None:
    ring = feature("990101100", [box(110, 30, 3), box(111, 31)[::-1]])
    frame, problems = read_geojson(collection(ring, feature("990101101", [box(111, 31)])))
    assert problems == []
    assert shapely.area(shapes(frame)).tolist() == pytest.approx([8.0, 1.0])
    areas = [shape.area for shape in drawn(display_geojson(frame))]
    assert areas == pytest.approx([8.0, 1.0])
    assert unit_at(frame, 111.5, 31.5) == "990101101"
    assert unit_at(frame, 110.5, 30.5) == "990101100"
    assert unit_at(frame, 114, 30) is None


def test_the_standards_own_polygon_with_a_hole() -> None:
    """RFC 7946, appendix A.3, moved thirty degrees north into China."""
    outer = [[100.0, 0.0], [101.0, 0.0], [101.0, 1.0], [100.0, 1.0], [100.0, 0.0]]
    hole = [[100.8, 0.8], [100.8, 0.2], [100.2, 0.2], [100.2, 0.8], [100.8, 0.8]]
    north = [[[lon, lat + 30] for lon, lat in ring] for ring in (outer, hole)]
    frame, problems = read_geojson(collection(feature("990101100", north)))
    assert problems == []
    assert shapes(frame)[0].area == pytest.approx(1 - 0.36)
    assert [len(shape.interiors) for shape in drawn(display_geojson(frame))] == [1]
    assert unit_at(frame, 100.5, 30.5) is None


@pytest.mark.parametrize("outer", [1, -1])
@pytest.mark.parametrize("inner", [1, -1])
def test_either_order_of_rings_is_taken(outer: int, inner: int) -> None:
    """RFC 7946, 3.1.6: holes are told by their position, and either order is to be accepted."""
    rings = [box(110, 30, 3)[::outer], box(111, 31)[::inner]]
    frame, problems = read_geojson(collection(feature("990101100", rings)))
    assert problems == []
    assert shapes(frame)[0].area == pytest.approx(8)


def test_columns_are_those_of_the_table() -> None:
    told = feature(
        990101100,
        [[[*point, 55.5] for point in box(110, 30)]],
        name_en=" A Town ",
        来源="自然资源局",
    )
    county = feature("990101", [[box(112, 30)], [box(114, 30)]], "MultiPolygon", name="")
    frame, problems = read_geojson(b"\xef\xbb\xbf" + collection(told, county, crs=None))
    assert problems == []
    assert frame.columns.tolist() == [
        "record", "unit_code", "level", "name_zh", "name_en", "geometry", "source",
        "map_approval_no",
    ]  # fmt: skip
    first, second = frame.to_dict("records")
    assert (first["unit_code"], first["level"]) == ("990101100", "township")
    assert (first["name_zh"], first["name_en"], first["source"]) == ("甲", "A Town", "自然资源局")
    assert (second["unit_code"], second["level"]) == ("990101", "county")
    assert pd.isna(second["name_zh"])
    # Heights are left out.
    assert not shapely.has_z(shapes(frame)).any()
    assert shapely.get_num_geometries(shapes(frame)).tolist() == [1, 2]


def test_a_township_may_name_its_county_as_well() -> None:
    one = feature("990101", [box(110, 30)], 乡镇代码="990101100")
    assert read_geojson(collection(one))[0]["unit_code"].tolist() == ["990101100"]


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:3857",
        {"type": "EPSG", "properties": {"code": 3857}},
        {"type": "link", "properties": {"href": "http://example.org/3857.prj"}},
    ],
)
def test_a_system_is_heard_in_whatever_form_and_place_it_is_declared(crs: Any) -> None:
    one = feature("990101100", [box(110, 30)])
    shape = {**one, "geometry": {**one["geometry"], "crs": crs}}
    for content in (collection(one, crs=crs), collection({**one, "crs": crs}), collection(shape)):
        assert code_of_refusal(content) == "crs_declared"
    shifted = {"properties": {"name": "GCJ02"}}
    both_said = collection({**one, "crs": shifted}, crs={"properties": {"name": "EPSG:4326"}})
    assert code_of_refusal(both_said) == "crs_declared"


@pytest.mark.parametrize("name", ["XZQDM", "行政区划代码", "adcode", "Township_Code"])
def test_codes_under_the_names_that_occur(name: str) -> None:
    one = feature("", [box(110, 30)], **{name: "990101100"})
    assert read_geojson(collection(one))[0]["unit_code"].tolist() == ["990101100"]


BOW_TIE = [[110, 30], [111, 31], [111, 30], [110, 31], [110, 30]]
OPEN = [[110, 30], [111, 30], [111, 31], [110.5, 31]]
WRONG = [
    (feature("99", [box(110, 30)]), "boundary_code"),
    (feature("９９０１０１１００", [box(110, 30)]), "boundary_code"),
    (feature(None, [box(110, 30)]), "boundary_code"),
    ("no feature", "boundary_code"),
    (feature("990101100", [[110, 30]], "Point"), "boundary_kind"),
    ({**feature("990101100", []), "geometry": None}, "boundary_empty"),
    (feature("990101100", [BOW_TIE]), "boundary_invalid"),
    (feature("990101100", [[box(110, 30)], [box(110.5, 30)]], "MultiPolygon"), "boundary_invalid"),
    (feature("990101100", [box(110, 30), box(114, 30)]), "boundary_invalid"),
    (feature("990101100", [OPEN]), "boundary_ring"),
    (feature("990101100", [box(110, 30)[:2] + box(110, 30)[:1]]), "boundary_ring"),
    (feature("990101100", [[[110, 30], [111, 30], [110, 30], [110, 30]]]), "boundary_ring"),
    (feature("990101100", [[[110, 30]] * 4]), "boundary_ring"),
    (
        feature("990101100", [[[110, 30], [110.1, 30.1], [110.3, 30.3], [110, 30]]]),
        "boundary_invalid",
    ),
    (feature("990101100", [box(110, 30)], adcode="990101102"), "boundary_codes"),
    (feature("990101", [box(110, 30)], CODE="990102"), "boundary_codes"),
    (feature("990101100", []), "boundary_coordinates"),
    (feature("990101100", {}), "boundary_coordinates"),
    (feature("990101100", [[]], "MultiPolygon"), "boundary_coordinates"),
    (feature("990101100", [[[110], [111], [110]]]), "boundary_coordinates"),
    (feature("990101100", [[[110, 30], [111], [110, 30]]]), "boundary_coordinates"),
    (feature("990101100", [[["110", "30"]] * 4]), "boundary_coordinates"),
    (feature("990101100", [[*box(110, 30), [float("nan")] * 2]]), "boundary_coordinates"),
    (feature("990101100", [[*box(110, 30), [10**400, 30]]]), "boundary_coordinates"),
    (feature("990101100", [box(10, 50)]), "boundary_outside"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG)
def test_a_wrong_feature_is_named_and_the_others_are_taken(wrong: Any, code: str) -> None:
    frame, problems = read_geojson(collection(feature("990101101", [box(112, 30)]), wrong))
    assert [(problem.record, problem.code) for problem in problems] == [(2, code)]
    assert frame["unit_code"].tolist() == ["990101101"]
    # Chinese readers are not told in English what is wrong.
    assert not re.search("[a-z]{3}", problems[0].reason.zh)


@pytest.mark.parametrize("rings", [[OPEN], [BOW_TIE]])
def test_what_is_wrong_is_named_with_its_place(rings: list[Ring]) -> None:
    frame, [found] = read_geojson(collection(feature("990101100", rings)))
    assert (found.column, found.value, found.record) == ("geometry", "990101100", 1)
    place = "110.00000, 30.00000" if rings == [OPEN] else "110.50000, 30.50000"
    assert place in found.reason.zh
    assert place in found.reason.en
    assert frame.empty


def test_a_code_that_stands_twice_is_not_chosen_from() -> None:
    twice = [feature("990101100", [box(110, 30)]), feature("990101100", [box(112, 30)])]
    frame, problems = read_geojson(collection(*twice, feature("990101101", [box(114, 30)])))
    assert frame["unit_code"].tolist() == ["990101101"]
    assert [(p.record, p.code) for p in problems] == [
        (1, "boundary_doubled"),
        (2, "boundary_doubled"),
    ]
    # Nor is half of a unit taken for the whole because its other half is broken.
    frame, problems = read_geojson(collection(twice[0], feature("990101100", [OPEN])))
    assert frame.empty
    assert [p.code for p in problems] == ["boundary_doubled", "boundary_ring"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 200_000, "geojson_too_deep"),
        (b'{"a":' * 200_000, "geojson_too_deep"),
        (b"", "not_geojson"),
        (b'{"type": "FeatureCollection", "features": [', "not_geojson"),
        ('{"name": "甲"}'.encode("gb18030"), "not_geojson"),
        (b"[]", "no_features"),
        (collection(), "no_features"),
        (json.dumps(feature("990101100", [box(110, 30)])).encode(), "no_features"),
        (collection({"properties": {"height": 3}}), "no_code_property"),
        (collection("a", None), "no_code_property"),
        (b'{"features": [{"geometry": 1, "geometry": 2}]}', "geojson_doubled"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, code: str) -> None:
    assert code_of_refusal(content) == code


def test_a_file_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "LARGEST", 10)
    assert code_of_refusal(b"[" * 11) == "file_too_large"


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        ([[lat, lon] for lon, lat in box(110, 30)], "lonlat_swapped"),
        (box(10, 50), "outside_china"),
        (box(440_000, 4_400_000, 1000), "outside_china"),
    ],
)
def test_a_file_in_the_wrong_place_is_refused(rings: Ring, code: str) -> None:
    assert code_of_refusal(collection(feature("990101100", [rings]))) == code
    # One right unit among three does not make the file right.
    three = [feature(f"99010110{n}", [rings]) for n in range(2)]
    assert code_of_refusal(collection(*three, feature("990101109", [box(110, 30)]))) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:ogc:def:crs:EPSG::4214", "crs_refused"),
        ("Beijing 1954", "crs_refused"),
        ("EPSG:32650", "crs_declared"),
        ("urn:ogc:def:crs:EPSG::4547", "crs_declared"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "crs_declared"),
        ("a b c", "crs_declared"),
    ],
)
def test_a_declared_foreign_system_is_refused(name: str, code: str) -> None:
    assert code_of_refusal(declared(name)) == code


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "EPSG:4326", "urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:EPSG:9.8:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4490", "", None,
    ],
)  # fmt: skip
def test_longitude_and_latitude_are_taken_however_declared(name: object) -> None:
    frame, problems = read_geojson(declared(name))
    assert problems == []
    assert shapes(frame)[0].bounds == (110, 30, 111, 31)


@pytest.mark.parametrize(("name", "code"), [("Beijing-54", "crs_refused"), ("X", "crs_unknown")])
def test_a_system_that_cannot_be_converted_is_refused(name: str, code: str) -> None:
    assert code_of_refusal(declared("EPSG:4326"), crs=name) == code


@pytest.mark.parametrize("crs", ["GCJ02", "gcj-02", "BD09", "WGS84", "EPSG:4490"])
def test_every_point_is_converted(crs: str) -> None:
    hole = [[110.2, 30.2], [110.2, 30.4], [110.4, 30.4], [110.2, 30.2]]
    frame, _ = read_geojson(collection(feature("990101100", [box(110, 30), hole])), crs=crs)
    for ring, given_ring in zip(
        [shapes(frame)[0].exterior, *shapes(frame)[0].interiors], [box(110, 30), hole], strict=True
    ):
        wanted = np.column_stack(convert(*np.array(given_ring).T, crs))
        np.testing.assert_allclose(np.sort(shapely.get_coordinates(ring), 0), np.sort(wanted, 0))


def test_a_shift_that_the_file_declares_is_undone() -> None:
    asked = read_geojson(declared("EPSG:4326"), crs="GCJ02")[0]
    told = read_geojson(declared("GCJ02"))[0]
    assert told["geometry"].tolist() == asked["geometry"].tolist()
    assert shapes(told)[0].bounds != (110, 30, 111, 31)


def wavy(rows: int, steps: int = 200) -> pd.DataFrame:
    """A county of square townships whose common borders are finely jagged; one has an enclave."""
    noise = np.random.default_rng(3)
    nodes = {}

    def border(x: int, y: int, across: bool) -> Any:
        if (x, y, across) not in nodes:
            along = np.linspace(0, 0.1, steps)
            # Narrow at the ends, where the borders of four townships meet without crossing.
            widest = np.minimum(1e-3, np.minimum(along, along[::-1]) / 2)
            off = noise.uniform(-1, 1, steps) * widest
            step = np.column_stack([along, off] if across else [off, along])
            # Rounded, so that the ends of four borders are one and the same point.
            nodes[x, y, across] = (step + np.array([110 + x / 10, 30 + y / 10])).round(9)
        return nodes[x, y, across]

    squares = []
    for x in range(rows):
        for y in range(rows):
            up, down = border(x, y + 1, True)[::-1], border(x, y, True)
            ring = [down, border(x + 1, y, False), up, border(x, y, False)[::-1]]
            squares.append(shapely.polygons(np.concatenate(ring)))
    enclave = shapely.box(110.04, 30.04, 110.06, 30.06)
    squares[0] = squares[0].difference(enclave)
    codes = [f"99010{n:04d}" for n in range(len(squares) + 1)]
    held = pd.DataFrame({"unit_code": codes, "name_zh": None, "name_en": None})
    return held.assign(geometry=shapely.to_wkb(np.array([*squares, enclave], dtype=object)))


@pytest.mark.parametrize("most", [5_000, 500, 1])
def test_lightened_neighbours_stay_together_and_nobody_is_lost(most: int) -> None:
    frame = wavy(4)
    assert shapely.is_valid(shapes(frame)).all()
    light = drawn(display_geojson(frame, most_points=most))
    assert len(light) == len(frame) == 17
    assert all(shape.is_valid and shape.area > 0 for shape in light)
    points = shapely.get_num_coordinates(light).sum()
    assert points <= max(most, 5 * len(frame)) * 1.2
    # No gap and no overlap: together they are one shape without a hole.
    together = shapely.union_all(light)
    assert together.geom_type == "Polygon"
    assert len(together.interiors) == 0
    assert sum(shape.area for shape in light) == pytest.approx(together.area, rel=1e-9)
    # And each is still where it was, within the coarsest tolerance, the enclave in its hole.
    assert together.area == pytest.approx(0.16, rel=0.02)
    assert len(light[0].interiors) == 1
    apart = shapely.hausdorff_distance(np.array(light), shapes(frame))
    assert apart.max() < COARSEST


def test_a_unit_that_simplifying_would_lose_keeps_its_own_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = wavy(2)

    def losing(held: Any, _: float) -> Any:
        return np.where(np.arange(len(held)) == 4, shapely.Polygon(), shapely.envelope(held))

    monkeypatch.setattr(shapely, "coverage_simplify", losing)
    light = drawn(display_geojson(frame, most_points=100))
    assert light[4].area == pytest.approx(shapes(frame)[4].area)


def test_a_light_file_is_not_simplified() -> None:
    frame = wavy(2, steps=5)
    for shape, whole in zip(drawn(display_geojson(frame)), shapes(frame), strict=True):
        assert shapely.get_num_coordinates(shape) == shapely.get_num_coordinates(whole)
        assert shapely.hausdorff_distance(shape, whole) < 1e-5


def test_drawn_names_fall_back_on_what_is_known() -> None:
    frame, _ = read_geojson(
        collection(
            feature("990101100", [box(110, 30)], name='</script>"甲', name_en="A"),
            feature("990101101", [box(112, 30)], name="乙"),
            feature("990101102", [box(114, 30)], name=""),
        )
    )
    told = [each["properties"] for each in json.loads(display_geojson(frame))["features"]]
    assert told == [
        {"code": "990101100", "name_zh": '</script>"甲', "name_en": "A"},
        {"code": "990101101", "name_zh": "乙", "name_en": "乙"},
        {"code": "990101102", "name_zh": "990101102", "name_en": "990101102"},
    ]
    nothing = display_geojson(frame.iloc[:0])
    assert json.loads(nothing) == {"type": "FeatureCollection", "features": []}
    assert unit_at(frame.iloc[:0], 110.5, 30.5) is None


corner = st.integers(0, 20)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(corner, corner), min_size=3, max_size=7, unique=True),
    st.lists(st.tuples(corner, corner), min_size=1, max_size=20),
)
def test_inside_equals_the_ray_twin(
    corners: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    ring = [[110 + x / 10, 30 + y / 10] for x, y in [*corners, corners[0]]]
    frame, problems = read_geojson(collection(feature("990101100", [ring])))
    assert len(frame) + len(problems) == 1  # taken as it is or named, never mended
    # A third of a step away from the grid no point lies on a border.
    for x, y in ((a + 0.37, b + 0.31) for a, b in asked if len(frame)):
        if on_border(corners, x, y):
            continue
        inside = unit_at(frame, 110 + x / 10, 30 + y / 10) is not None
        assert inside == (crossings(corners, x, y) % 2 == 1)


def sides(corners: list[tuple[int, int]]) -> Any:
    return zip(corners, [*corners[1:], corners[0]], strict=True)


def on_border(corners: list[tuple[int, int]], x: float, y: float) -> bool:
    return any(
        abs((x - a) * (d - b) - (y - b) * (c - a)) < 1e-6 for (a, b), (c, d) in sides(corners)
    )


def crossings(corners: list[tuple[int, int]], x: float, y: float) -> int:
    """How many sides a ray to the east meets."""
    return sum(
        (b > y) != (d > y) and x < a + (y - b) * (c - a) / (d - b)
        for (a, b), (c, d) in sides(corners)
    )


@pytest.mark.skipif(not BEIJING.exists(), reason="the real boundaries are not beside the project")
def test_real_townships_are_all_kept() -> None:
    frame, problems = read_geojson(BEIJING.read_bytes())
    assert (len(frame), problems) == (343, [])
    features = json.loads(display_geojson(frame))["features"]
    assert [f["properties"]["code"] for f in features] == frame["unit_code"].tolist()
    assert all(f["geometry"]["coordinates"] for f in features)
    # Almost every township's own inner point falls into it and into no other.
    inner = shapely.get_coordinates(shapely.point_on_surface(shapes(frame)))[::20]
    found = [unit_at(frame, lon, lat) for lon, lat in inner]
    assert found == frame["unit_code"].tolist()[::20]
