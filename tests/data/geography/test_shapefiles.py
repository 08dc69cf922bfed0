"""Zipped shapefiles: rings become holes by their place, projections and texts are certain."""

import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapefile
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.geography import boundaries, shapefiles
from data.geography.boundaries import Problem, read_geojson
from data.geography.shapefiles import read_shapefile
from tests.data.reading import damaged

Ring = list[list[float]]
Parts = dict[str, bytes]

WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]]'
)


def gauss(base: str, middle: float, east: float, name: str = "CGCS2000_3_Degree_GK") -> str:
    return (
        f'PROJCS["{name}",{base},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{east}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{middle}],'
        'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


def other(base: str, name: str, datum: str, axis: float) -> str:
    words = {"D_China_2000": datum, "GCS_China_Geodetic_Coordinate_System_2000": name}
    for old, new in words.items():
        base = base.replace(old, new)
    return base.replace('"CGCS2000",6378137.0', f'"E",{axis}')


def box(x: float, y: float, size: float = 1) -> Ring:
    """A square, clockwise as outer rings of shapefiles are."""
    return [[x, y], [x, y + size], [x + size, y + size], [x + size, y], [x, y]]


def layer(
    *units: tuple[str, list[Ring] | None], name: str = "示例镇", encoding: str = "utf-8",
    field: str = "XZQDM", prj: str | None = WGS84,
) -> Parts:  # fmt: skip
    streams = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**streams, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field(field, "C", 20)
        writer.field("XZQMC", "C", 60)
        for code, rings in units:
            writer.null() if rings is None else writer.poly(rings)
            writer.record(code, name)
    parts = {f"a.{ending}": stream.getvalue() for ending, stream in streams.items()}
    return parts if prj is None else {**parts, "a.prj": prj.encode()}


def zipped(tmp_path: Path, parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> Path:
    file = tmp_path / "layer.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def read(tmp_path: Path, parts: Parts, **options: Any) -> tuple[pd.DataFrame, list[Problem], str]:
    file = zipped(tmp_path, parts)
    assert shapefiles.is_zipped(file)
    return read_shapefile(file, file.name, **options)


def refused(tmp_path: Path, parts: Parts, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        read(tmp_path, parts, **options)
    return caught.value


def shapes(frame: pd.DataFrame) -> Any:
    return shapely.from_wkb(frame["geometry"].to_numpy())


def test_columns_are_those_of_the_table(tmp_path: Path) -> None:
    frame, problems, encoding = read(tmp_path, layer(("990101100", [box(110, 30)])))
    assert (problems, encoding) == ([], "utf-8")
    row = frame.iloc[0]
    assert (row["unit_code"], row["level"], row["name_zh"]) == ("990101100", "township", "示例镇")
    assert shapes(frame)[0].bounds == (110, 30, 111, 31)


HOLE = box(110.5, 30.5)[::-1]
ISLAND = box(110.7, 30.7, 0.2)


@pytest.mark.parametrize(
    ("rings", "area", "holes"),
    [
        ([box(110, 30, 3)], 9, [0]),
        ([box(110, 30, 3)[::-1]], 9, [0]),
        ([box(110, 30, 3), HOLE], 8, [1]),
        # A hole may stand before its outer ring, and may hold an island.
        ([HOLE, box(110, 30, 3)], 8, [1]),
        ([HOLE, ISLAND, box(120, 30), box(110, 30, 3)], 9.04, [0, 0, 1]),
        # GeoJSON's order throughout is certain as well.
        ([ring[::-1] for ring in (box(110, 30, 3), HOLE, ISLAND)], 8.04, [0, 1]),
        # A hole goes to the smallest ring around it.
        ([box(110, 30, 9), box(111, 31, 7)[::-1], box(112, 32, 5), box(113, 33)[::-1]],
         81 - 49 + 25 - 1, [1, 1]),
        # Holes that touch the outer ring in a point.
        ([box(110, 30, 3), [[110, 31], [111, 30.5], [111, 31.5], [110, 31]]], 8.5, [1]),
    ],
)  # fmt: skip
def test_rings_are_holes_by_their_place(
    tmp_path: Path, rings: list[Ring], area: float, holes: list[int]
) -> None:
    frame, problems, _ = read(tmp_path, layer(("990101100", rings)))
    assert problems == []
    shape = shapes(frame)[0]
    assert shape.area == pytest.approx(area)
    assert sorted(len(part.interiors) for part in shape.geoms) == holes


def test_a_hole_and_its_unit_are_as_in_geojson(tmp_path: Path) -> None:
    units = {"990101100": [box(110, 30, 3), box(111, 31)[::-1]], "990101101": [box(111, 31)]}
    frame, _, _ = read(tmp_path, layer(*units.items()))
    features = [
        {"type": "Feature", "properties": {"code": code},
         "geometry": {"type": "Polygon", "coordinates": rings}}
        for code, rings in units.items()
    ]  # fmt: skip
    twin, _ = read_geojson(json.dumps({"features": features}).encode())
    assert all(a.equals(b) for a, b in zip(shapes(frame), shapes(twin), strict=True))
    assert frame["unit_code"].tolist() == twin["unit_code"].tolist()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_any_order_of_rings_gives_the_same_area(
    tmp_path: Path, chance: random.Random, depth: int, count: int, reverse: bool
) -> None:
    """Law: squares in squares, side by side: the area is the alternating sum."""
    rings, area = [], 0.0
    for side in range(count):
        for level in range(depth):
            ring = box(80 + 3 * side + level * 0.1, 30 + level * 0.1, 2 - level * 0.2)
            rings.append(ring if level % 2 == reverse else ring[::-1])
            area += (-1) ** level * (2 - level * 0.2) ** 2
    chance.shuffle(rings)
    frame, problems, _ = read(tmp_path, layer(("990101100", rings)))
    assert problems == []
    assert shapes(frame)[0].area == pytest.approx(area)


def raw_layer(rings: list[Ring], **options: Any) -> Parts:
    """A layer whose rings are as given, even if open: pyshp closes those that it writes."""
    parts = layer(("990101100", [box(110, 30)]), ("990101101", [box(112, 30)]), **options)
    points = [point for ring in rings for point in ring]
    starts = np.cumsum([0, *map(len, rings)])[:-1]
    content = struct.pack("<i4d2i", 5, 0, 0, 0, 0, len(rings), len(points))
    content += np.array(starts, "<i4").tobytes() + np.array(points, "<f8").tobytes()
    record = struct.pack(">2i", 1, len(content) // 2) + content
    first = 8 + 2 * struct.unpack_from(">i", parts["a.shp"], 104)[0]
    return {
        **{name: part for name, part in parts.items() if name != "a.shx"},
        "a.shp": parts["a.shp"][:100] + record + parts["a.shp"][100 + first :],
    }


BOW_TIE = [[110.0, 30.0], [111, 31], [111, 30], [110, 31], [110, 30]]


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        ([box(110, 30)[:-1]], "boundary_ring"),
        ([box(110, 30, 3), HOLE[:-1]], "boundary_ring"),
        ([box(110, 30)[:2] + box(110, 30)[:1]], "boundary_ring"),
        ([BOW_TIE], "boundary_invalid"),
        ([box(110, 30, 3), BOW_TIE], "boundary_invalid"),
        ([box(110, 30), box(110.5, 30.6)], "boundary_invalid"),
        ([box(110, 30), box(110, 30)], "boundary_invalid"),
        # An outer ring inside another, a hole outside all: overlap or hole is not ours to guess.
        ([box(110, 30, 3), HOLE[::-1]], "boundary_order"),
        ([box(110, 30), box(114, 30)[::-1]], "boundary_order"),
        ([], "boundary_coordinates"),
        ([[[float("nan")] * 2] * 4], "boundary_coordinates"),
        ([box(10, 50)], "boundary_outside"),
    ],
)
def test_a_wrong_shape_is_named_and_the_others_are_taken(
    tmp_path: Path, rings: list[Ring], code: str
) -> None:
    frame, problems, _ = read(tmp_path, raw_layer(rings))
    assert [(problem.record, problem.value, problem.code) for problem in problems] == [
        (1, "990101100", code)
    ]
    assert frame["unit_code"].tolist() == ["990101101"]


def test_null_shapes_are_named(tmp_path: Path) -> None:
    frame, problems, _ = read(tmp_path, layer(("990101100", None), ("990101101", [box(112, 30)])))
    assert [(p.record, p.code) for p in problems] == [(1, "boundary_empty")]
    assert frame["record"].tolist() == [2]


def test_heights_are_left_out_and_lines_are_named(tmp_path: Path) -> None:
    def written(kind: int, put: Callable[[Any], None]) -> Parts:
        streams = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
        with shapefile.Writer(**streams, shapeType=kind) as writer:
            writer.field("township_c", "N", 9)
            put(writer)
            writer.record(990101100)
        return {f"a.{ending}": stream.getvalue() for ending, stream in streams.items()}

    high = [[[*point, 55.5, 1.0] for point in box(110, 30)]]
    frame, problems, _ = read(tmp_path, written(shapefile.POLYGONZ, lambda w: w.polyz(high)))
    assert problems == []
    assert frame["unit_code"].tolist() == ["990101100"]
    assert not shapely.has_z(shapes(frame)).any()
    parts = written(shapefile.POLYLINE, lambda w: w.line([box(110, 30)]))
    assert [p.code for p in read(tmp_path, parts)[1]] == ["boundary_kind"]


@pytest.mark.parametrize(
    ("written", "cpg", "found"),
    [
        ("utf-8", None, "utf-8"), ("utf-8", b"UTF-8", "utf-8"), ("gb18030", None, "gb18030"),
        ("gbk", b"GBK\r\n", "gb18030"), ("gbk", b"936", "gb18030"), ("big5", b"big5", "big5"),
        # What programs write unasked is not believed.
        ("gbk", b"ISO-8859-1", "gb18030"), ("utf-8", b"88591", "utf-8"),
    ],
)  # fmt: skip
def test_texts_are_read_in_their_encoding(
    tmp_path: Path, written: str, cpg: bytes | None, found: str
) -> None:
    name = "乙鎮" if written == "big5" else "示例镇"
    parts = layer(("990101100", [box(110, 30)]), name=name, encoding=written)
    if cpg is not None:
        parts["a.cpg"] = cpg
    frame, _, encoding = read(tmp_path, parts)
    assert (encoding, frame["name_zh"].tolist()) == (found, [name])


def test_a_text_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path) -> None:
    parts = layer(("990101101", [box(112, 30)]), ("990101100", [box(110, 30)]), encoding="gbk")
    refusal = refused(tmp_path, {**parts, "a.cpg": b"UTF-8"})
    assert refusal.code == "shapefile_encoding"
    assert (refusal.values["record"], refusal.values["field"]) == (1, "XZQMC")
    broken = parts["a.dbf"].replace("示例镇".encode("gbk"), b"\xff\xff\xff\xff\xff\xff")
    assert refused(tmp_path, {**parts, "a.dbf": broken}).code == "shapefile_encoding"


def test_chinese_field_names(tmp_path: Path) -> None:
    for encoding in ("gbk", "utf-8"):
        parts = layer(("990101100", [box(110, 30)]), field="代码", encoding=encoding)
        assert read(tmp_path, parts)[0]["unit_code"].tolist() == ["990101100"]
    nameless = layer(("990101100", [box(110, 30)]), field="ID")
    assert refused(tmp_path, nameless).code == "no_code_property"


@pytest.mark.parametrize(
    ("prj", "code"),
    [
        (other(CGCS2000, "GCS_Beijing_1954", "D_Beijing_1954", 6378245.0), "crs_refused"),
        (other(CGCS2000, "GCS_Xian_1980", "D_Xian_1980", 6378140.0), "crs_refused"),
        (gauss(other(CGCS2000, "GCS_Xian_1980", "D_Xian_1980", 6378140), 111, 5e5), "crs_refused"),
        (gauss(CGCS2000, 111, 5e5, "Beijing 1954 / GK"), "crs_refused"),
        # The ellipsoid of Beijing-54 under another name.
        (other(CGCS2000, "GCS_Unknown", "D_Krasovsky_1940", 6378245.0), "crs_declared"),
        (other(CGCS2000, "CGCS2000", "D_China_2000", 6378245.0), "crs_declared"),
        (other(CGCS2000, "GCS_Local", "D_Local", 6378137.0), "crs_declared"),
        (gauss(WGS84, 111, 5e5), "crs_declared"),
        ("LOCAL_CS[\"x\"]", "crs_declared"),
        ("nonsense", "crs_declared"),
        (gauss(CGCS2000, 111, 5e5).replace("Gauss_Kruger", "No_Such"), "crs_declared"),
    ],
)  # fmt: skip
def test_a_system_that_cannot_be_converted_is_refused(tmp_path: Path, prj: str, code: str) -> None:
    assert refused(tmp_path, layer(("990101100", [box(110, 30)]), prj=prj)).code == code


def gauss_north(lat: float) -> float:
    """Metres along the meridian of CGCS2000 from the equator, by summing small steps."""
    a, f = 6378137.0, 1 / 298.257222101
    squared = f * (2 - f)
    edges = np.linspace(0, np.radians(lat), 200_001)
    middles = (edges[1:] + edges[:-1]) / 2
    return float((a * (1 - squared) / (1 - squared * np.sin(middles) ** 2) ** 1.5).sum()) * float(
        edges[1]
    )


@pytest.mark.parametrize("east", [500_000.0, 37_500_000.0])
def test_gauss_kruger_metres_become_degrees(tmp_path: Path, east: float) -> None:
    """On the middle meridian a northing is the length of the meridian: worked out apart."""
    south, north = gauss_north(30), gauss_north(31)
    ring = [[east, south], [east, north], [east + 1000, north], [east + 1000, south], [east, south]]
    frame, problems, _ = read(
        tmp_path, layer(("990101100", [ring]), prj=gauss(CGCS2000, 111, east))
    )
    assert problems == []
    corners = shapely.get_coordinates(shapes(frame)[0])
    np.testing.assert_allclose(corners[:2], [[111, 30], [111, 31]], atol=1e-8)
    # A kilometre east is so many degrees, by the radius of the parallel.
    a, squared, lat = 6378137.0, 0.00669438002290, np.radians(30)
    degree = np.radians(1) * a * np.cos(lat) / np.sqrt(1 - squared * np.sin(lat) ** 2)
    assert corners[3, 0] - 111 == pytest.approx(1000 / degree, rel=1e-6)


@pytest.mark.parametrize("number", [4491, 4501, 4502, 4513, 4534, 4547, 4554])
def test_every_form_of_the_projection_is_read(tmp_path: Path, number: int) -> None:
    """Its metres, made of known degrees, come back as these, whichever WKT says it."""
    pyproj = pytest.importorskip("pyproj")
    system = pyproj.CRS.from_epsg(number)
    middle = system.coordinate_operation.params[1].value
    there = pyproj.Transformer.from_crs(system.geodetic_crs, system, always_xy=True)
    ring = [list(there.transform(middle + x, y)) for x, y in box(-1.2, 35)]
    for version in ("WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"):
        parts = layer(("990101100", [ring]), prj=system.to_wkt(version))
        frame, problems, _ = read(tmp_path, parts)
        assert problems == []
        wanted = (middle - 1.2, 35, middle - 0.2, 36)
        np.testing.assert_allclose(shapes(frame)[0].bounds, wanted, atol=1e-8)


def test_metres_of_another_zone_are_not_taken(tmp_path: Path) -> None:
    ring = [[37_500_000 + x * 1000, 3_400_000 + y * 1000] for x, y in box(0, 0)]
    parts = layer(("990101100", [ring]), prj=gauss(CGCS2000, 111, 500_000.0))
    frame, problems, _ = read(tmp_path, parts)
    assert frame.empty
    assert [problem.code for problem in problems] == ["boundary_coordinates"]


def test_without_pyproj_metres_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyproj", None)
    parts = layer(("990101100", [box(110, 30)]), prj=gauss(CGCS2000, 111, 5e5))
    assert refused(tmp_path, parts).code == "crs_declared"


def test_without_a_prj_the_person_says_it(tmp_path: Path) -> None:
    parts = layer(("990101100", [box(110, 30)]), prj=None)
    plain = read(tmp_path, parts)[0]
    shifted = read(tmp_path, parts, crs="GCJ02")[0]
    assert shapes(plain)[0].bounds == (110, 30, 111, 31)
    assert shapes(shifted)[0].bounds != (110, 30, 111, 31)
    assert refused(tmp_path, parts, crs="Beijing 54").code == "crs_refused"
    # A .prj cannot declare a shift, so it does not deny one either.
    told = read(tmp_path, {**parts, "a.prj": WGS84.encode()}, crs="GCJ02")[0]
    assert told["geometry"].tolist() == shifted["geometry"].tolist()
    metres = [[x * 100_000, y * 100_000] for x, y in box(5, 34)]
    away = layer(("990101100", [metres]), prj=None)
    assert refused(tmp_path, away).code == "outside_china"
    swapped = layer(("990101100", [[[y, x] for x, y in box(110, 30)]]))
    assert refused(tmp_path, swapped).code == "lonlat_swapped"


def test_one_layer_whole_and_even(tmp_path: Path) -> None:
    one = layer(("990101100", [box(110, 30)]))
    second = {name.replace("a.", "街道/b."): part for name, part in one.items()}
    refusal = refused(tmp_path, one | second)
    assert refusal.code == "shapefile_layers"
    assert refusal.values["layers"] == "a, b"
    shadow = {f"__MACOSX/._{name}": b"x" for name in one} | {"readme.txt": b"x"}
    assert len(read(tmp_path, one | shadow)[0]) == 1
    capitals = {f"folder/{name.upper()}": part for name, part in one.items()}
    assert len(read(tmp_path, capitals)[0]) == 1
    assert refused(tmp_path, {"a.shp": one["a.shp"]}).code == "shapefile_part"
    two = layer(("990101100", [box(110, 30)]), ("990101101", [box(112, 30)]))
    assert refused(tmp_path, {**one, "a.dbf": two["a.dbf"]}).code == "shapefile_uneven"
    assert refused(tmp_path, {**one, "a.shx": two["a.shx"]}).code == "unreadable"
    assert refused(tmp_path, layer()).code == "no_features"


def test_a_deleted_record_is_no_feature(tmp_path: Path) -> None:
    parts = layer(("990101100", [box(110, 30)]), ("990101101", [box(112, 30)]))
    dbf = bytearray(parts["a.dbf"])
    dbf[struct.unpack_from("<H", dbf, 8)[0]] = ord("*")
    frame, problems, _ = read(tmp_path, {**parts, "a.dbf": bytes(dbf)})
    assert problems == []
    assert frame["unit_code"].tolist() == ["990101101"]


def test_bombs_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = layer(("990101100", [box(110, 30)]))
    large = {**parts, "a.dbf": parts["a.dbf"] + bytes(300 << 20)}
    assert zipped(tmp_path, large).stat().st_size < 1 << 20
    assert refused(tmp_path, large).code == "file_too_large"
    file = zipped(tmp_path, parts, zipfile.ZIP_LZMA)
    with pytest.raises(DataError) as caught:
        read_shapefile(file, "a.zip")
    assert caught.value.code == "unreadable"
    monkeypatch.setattr(shapefiles, "LARGEST", 100)
    assert refused(tmp_path, parts).code == "file_too_large"
    assert boundaries.LARGEST > 100


@pytest.mark.parametrize("claim", [-4, -1000, 0, 1, 2**31 - 1])
def test_a_record_of_impossible_length_is_refused(tmp_path: Path, claim: int) -> None:
    """Read as it claims, four bytes back would be read for ever."""
    parts = layer(("990101100", [box(110, 30)]))
    shp = bytearray(parts["a.shp"])
    shp[104:108] = struct.pack(">i", claim)
    assert refused(tmp_path, {**parts, "a.shp": bytes(shp)}).code == "unreadable"
    dbf = bytearray(parts["a.dbf"])
    dbf[4:8] = struct.pack("<i", 2 if claim == 1 else claim)
    assert refused(tmp_path, {**parts, "a.dbf": bytes(dbf)}).code == "shapefile_uneven"


@pytest.mark.parametrize("claim", [-4, 0, 2, 2**31 - 1])
@pytest.mark.parametrize("place", [144, 148])
def test_a_shape_of_impossible_counts_is_named(tmp_path: Path, claim: int, place: int) -> None:
    """Numbers of rings and of points that the record has no room for."""
    parts = layer(("990101100", [box(110, 30)]))
    shp = bytearray(parts["a.shp"])
    shp[place : place + 4] = struct.pack("<i", claim)
    frame, [problem], _ = read(tmp_path, {**parts, "a.shp": bytes(shp)})
    assert frame.empty
    assert problem.code in ("boundary_coordinates", "boundary_ring")


@pytest.mark.parametrize("part", ["a.shp", "a.shx", "a.dbf", "a.prj"])
def test_a_damaged_part_is_read_or_refused(tmp_path: Path, part: str) -> None:
    parts, chance = layer(("990101100", [box(110, 30), box(112, 30)])), random.Random(7)
    broken = [damaged(parts[part], chance) for _ in range(150)]
    broken += [parts[part][:n] for n in range(0, len(parts[part]), 9)]
    for content in broken:
        try:
            frame, _, _ = read(tmp_path, {**parts, part: content})
        except DataError:
            continue
        assert len(frame) <= 1


def test_a_damaged_zip_is_read_or_refused(tmp_path: Path) -> None:
    file, chance = zipped(tmp_path, layer(("990101100", [box(110, 30)]))), random.Random(9)
    content = file.read_bytes()
    for _ in range(200):
        file.write_bytes(damaged(content, chance))
        try:
            read_shapefile(file, "a.zip")
        except DataError:
            continue
    file.write_bytes(content[:50])
    assert not shapefiles.is_zipped(file)
