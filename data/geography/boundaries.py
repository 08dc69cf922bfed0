"""Boundary files: polygons to the contract table `boundaries`, geometry as WKB in WGS-84.

GeoJSON is read here; `data.geography.shapefiles` brings what it read as features of the same form.

Every feature is taken exactly as it is or named as a problem: rings that are open, cross
themselves or lie in the wrong place are not repaired in silence, and holes stay holes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.contracts import TABLES
from data.coordinates import convert, system
from data.errors import DataError
from data.words import Text, both

LARGEST = 50 << 20
CHINA_BOX = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north
# Two coordinates of a drawn point take some 19 bytes: about one megabyte.
MOST_DRAWN_POINTS = 50_000
FINEST, COARSEST = 0.0001, 0.05
SHOWN_NAMES = 12

# Names of properties as they occur, lower case; XZQDM and XZQMC are those of the land survey.
_CODES = (
    *("unit_code", "township_code", "code", "adcode", "xzqdm", "town_code", "id_code"),
    *("代码", "区划代码", "行政区划代码", "行政区代码", "乡镇代码", "单位代码"),
)
_NAMES = ("name_zh", "name", "名称", "乡镇名称", "行政区名称", "xzqmc", "单位名称")
_ENGLISH = ("name_en", "英文名称")
_SOURCE = ("source", "来源")
_APPROVAL = ("map_approval_no", "审图号")
_LEVELS = {6: "county", 9: "township"}
# All of them; another reader has them cut short.
PROPERTIES = _CODES + _NAMES + _ENGLISH + _SOURCE + _APPROVAL
# What GEOS says of an invalid polygon, and the key of our own words for it.
_GEOS_WORDS = {
    "Self-intersection": "crossing",
    "Ring Self-intersection": "touching",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "holes_nested",
    "Nested shells": "shells_nested",
    "Interior is disconnected": "disconnected",
    "Duplicate Rings": "rings_doubled",
}
# Square degrees, about a square centimetre: what is left of a line when numbers are rounded.
_NO_AREA = 1e-14

_NO_REASON = Text("", "")

Bools = npt.NDArray[np.bool_]
Bounds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """A feature that is not taken: its number, what is wrong, and where, in both languages."""

    record: int
    column: str
    value: str
    code: str
    reason: Text = _NO_REASON


class NotTakenError(Exception):
    """Why a geometry is not taken: the code of its problem, and the reason."""

    def __init__(self, code: str, reason: Text = _NO_REASON) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


def read_geojson(content: bytes, *, crs: str = "WGS84") -> tuple[pd.DataFrame, list[Problem]]:
    """Read a FeatureCollection of polygons.

    crs: what the coordinates are, unless the file itself declares GCJ-02 or BD-09; they are
    converted to WGS-84. Returns the rows that are right (record and the columns of `boundaries`)
    and the problems, worded at problems.<code>. Raises DataError when the file as a whole is not
    usable: `file_too_large`, `not_geojson`, `geojson_too_deep`, `geojson_doubled`, `no_features`,
    `no_code_property`, `lonlat_swapped`, `outside_china`, `crs_declared`, `crs_refused`,
    `crs_unknown`.
    """
    if len(content) > LARGEST:
        raise DataError("file_too_large", file="GeoJSON", limit=f"{LARGEST >> 20} MB")
    start = system(crs)
    features, declared = _features(content)
    return read_features(features, declared or start)


def read_features(features: list[Any], start: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Judge features as GeoJSON has them and convert them to WGS-84 from one of SYSTEMS.

    A geometry may also be the NotTakenError with which another reader gave it up. Returns and
    raises as `read_geojson` does, which says what.
    """
    _judge_properties(features)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for record, feature in enumerate(features, start=1):
        taken = _feature(record, feature)
        if isinstance(taken, Problem):
            problems.append(taken)
        else:
            rows.append(taken)
    problems += _misplaced(rows)
    problems += _doubled(rows, problems)
    bad = {problem.record for problem in problems}
    frame = pd.DataFrame([row for row in rows if row["record"] not in bad])
    if len(frame):
        frame["geometry"] = shapely.to_wkb(_converted(frame["geometry"].to_numpy(), start))
    problems.sort(key=lambda problem: problem.record)
    return frame.reindex(columns=["record", *TABLES["boundaries"].column_names]), problems


def unit_at(frame: pd.DataFrame, lon: float, lat: float) -> str | None:
    """Return the code of the unit in which a point lies; frame: unit_code, geometry (WKB)."""
    inside = shapely.contains_xy(_shapes(frame), lon, lat)
    return str(frame["unit_code"].to_numpy()[inside][0]) if inside.any() else None


def display_geojson(frame: pd.DataFrame, *, most_points: int = MOST_DRAWN_POINTS) -> bytes:
    """Return a light FeatureCollection for drawing: code and names only, holes kept.

    Neighbours are simplified together, so that no gaps open between them, and only as far as
    `most_points` demands. No unit is lost: one smaller than the tolerance keeps its own shape.
    """
    shapes = _shapes(frame)
    light = shapely.set_precision(_lightened(shapes, most_points), 1e-5, mode="pointwise")
    # RFC 7946: the outer ring against the clock, holes with it, whatever the file had.
    light = shapely.orient_polygons(light)
    features = [
        f'{{"type":"Feature","properties":{_properties(code, zh, en)},"geometry":{geometry}}}'
        for code, zh, en, geometry in zip(
            frame["unit_code"],
            frame["name_zh"],
            frame["name_en"],
            shapely.to_geojson(light),
            strict=True,
        )
    ]
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def _shapes(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    wkb = [bytes(geometry) for geometry in frame["geometry"]]
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)


def _lightened(shapes: npt.NDArray[np.object_], most_points: int) -> npt.NDArray[np.object_]:
    light, tolerance = shapes, FINEST
    while shapely.get_num_coordinates(light).sum() > most_points and tolerance <= COARSEST:
        simpler = shapely.coverage_simplify(shapes, tolerance)
        light = np.where(shapely.is_empty(simpler), shapes, simpler)
        tolerance *= 2
    return light


def _properties(code: Any, zh: Any, en: Any) -> str:
    names = [name for name in (zh, en) if isinstance(name, str) and name.strip()]
    words = {"code": code, "name_zh": zh if zh in names else code}
    words["name_en"] = en if en in names else words["name_zh"]
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _features(content: bytes) -> tuple[list[Any], str | None]:
    """Return the features and the shift (GCJ02, BD09) that the file declares, if any."""
    try:
        collection = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except RecursionError as error:
        raise DataError("geojson_too_deep") from error
    except ValueError as error:
        where = getattr(error, "pos", getattr(error, "start", 0)) + 1
        raise DataError("not_geojson", position=where) from error
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        raise DataError("no_features")
    return features, _declared(collection, features)


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object; of two of one name nobody knows which is meant."""
    told = dict(members)
    if len(told) < len(members):
        names = [name for name, held in Counter(name for name, _ in members).items() if held > 1]
        raise DataError("geojson_doubled", names=", ".join(name[:SHOWN_NAMES] for name in names))
    return told


def _judge_properties(features: list[Any]) -> None:
    held = dict.fromkeys(name for feature in features for name in _told(feature))
    if not any(name.lower() in _CODES for name in held):
        listed = [name[:SHOWN_NAMES] for name in held][:SHOWN_NAMES]
        raise DataError(
            "no_code_property", held=", ".join(listed) or "-", wanted=", ".join(_CODES[:4])
        )


def _declared(collection: dict[str, Any], features: list[Any]) -> str | None:
    """Return the shift that a file declares, anywhere; refuse what is no longitude and latitude.

    Programs write CRS84 under whatever they export, but nobody declares a shift by habit.
    """
    shapes = [f.get("geometry") for f in features if isinstance(f, dict)]
    held = [each for each in (collection, *features, *shapes) if isinstance(each, dict)]
    names = sorted({_name_of_system(each.get("crs")) for each in held} - {""})
    systems = set(map(_system, names))
    shift = systems & {"GCJ02", "BD09"}
    if shift and len(systems) > 1:
        raise DataError("crs_declared", crs=", ".join(names)[:80])
    return shift.pop() if shift else None


def _name_of_system(crs: Any) -> str:
    """Return what a declaration says, '' where it says nothing.

    Before 2008 it was `{"type": "EPSG", "properties": {"code": 4326}}`.
    """
    told = crs.get("properties") if isinstance(crs, dict) else crs
    if isinstance(told, dict):
        told = f"EPSG:{told['code']}" if "code" in told else told.get("name") or told.get("href")
    return str(told or "").strip()


def _system(name: str) -> str:
    # A version may stand between the register and the number: EPSG:9.8:4326, EPSG/0/4326.
    number = re.search(r"EPSG.*?(\d+)$", name, re.IGNORECASE)
    plain = f"EPSG{number[1]}" if number else re.split("[:/]", name)[-1]
    try:
        return system(plain)
    except DataError as error:
        if error.code == "crs_refused":
            raise
        raise DataError("crs_declared", crs=name[:80]) from error


def _told(feature: Any) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _feature(record: int, feature: Any) -> dict[str, Any] | Problem:
    properties = {name.lower(): value for name, value in _told(feature).items()}
    codes = _codes(_told(feature))
    if len(codes) != 1:
        value = ", ".join(codes) or _property(properties, _CODES)
        return Problem(record, "unit_code", value, "boundary_codes" if codes else "boundary_code")
    code = codes[0]
    raw = feature.get("geometry")
    try:
        geometry = _geometry(raw)
    except NotTakenError as reason:
        return Problem(record, "geometry", code, reason.code, reason.reason)
    return {
        "record": record,
        "unit_code": code,
        "level": _LEVELS[len(code)],
        "name_zh": _property(properties, _NAMES) or None,
        "name_en": _property(properties, _ENGLISH) or None,
        "geometry": geometry,
        "source": _property(properties, _SOURCE) or None,
        "map_approval_no": _property(properties, _APPROVAL) or None,
    }


def _codes(told: dict[str, Any]) -> list[str]:
    """Return the codes that a shape is given: of townships, else of counties."""
    given = (str(value).strip() for name, value in told.items() if name.lower() in _CODES)
    codes = [code for code in dict.fromkeys(given) if re.fullmatch(r"[0-9]{6}|[0-9]{9}", code)]
    return [code for code in codes if len(code) == max(map(len, codes))]


def _property(properties: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = properties.get(name)
        if value not in (None, ""):
            return str(value).strip()
    return ""


def _geometry(raw: Any) -> Any:
    """Return a valid polygon or multipolygon; raises NotTakenError."""
    if raw is None:
        raise NotTakenError("boundary_empty")
    if isinstance(raw, NotTakenError):
        raise raw
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise NotTakenError("boundary_kind")
    parts = raw.get("coordinates")
    parts = [parts] if kind == "Polygon" else parts
    if not isinstance(parts, list) or not parts:
        raise NotTakenError("boundary_coordinates")
    polygons = [_polygon(part) for part in parts]
    geometry = polygons[0] if kind == "Polygon" else shapely.multipolygons(polygons)
    if not shapely.is_valid(geometry):
        raise NotTakenError("boundary_invalid", _invalid_words(shapely.is_valid_reason(geometry)))
    for flat in (each for each in polygons if shapely.area(each) < _NO_AREA):
        where = _at(*shapely.get_coordinates(flat)[0])
        raise NotTakenError("boundary_invalid", _with_place(both("boundary_reason.flat"), where))
    return geometry


def _polygon(part: Any) -> Any:
    if not isinstance(part, list) or not part:
        raise NotTakenError("boundary_coordinates")
    rings = [_ring(points) for points in part]
    return shapely.polygons(rings[0], rings[1:] or None)


def _ring(points: Any) -> Any:
    """Return a ring of longitude and latitude; heights are left out."""
    try:
        table = np.array(points)
    except ValueError as error:
        raise NotTakenError("boundary_coordinates") from error
    if table.ndim != 2 or table.shape[1] not in (2, 3, 4) or table.dtype.kind not in "if":
        raise NotTakenError("boundary_coordinates")
    if not np.isfinite(table).all():
        raise NotTakenError("boundary_coordinates")
    closed = np.array_equal(table[0, :2], table[-1, :2])
    # Two places, however often repeated, are a line; GEOS says so in English only.
    if not closed or len(np.unique(table[:, :2], axis=0)) < 3:
        raise NotTakenError("boundary_ring", _at(*table[0, :2]))
    return shapely.linearrings(table[:, :2].astype(float))


def _at(lon: float, lat: float) -> Text:
    return Text(*[f"{lon:.5f}, {lat:.5f}"] * 2)


def _invalid_words(said: str) -> Text:
    """Put GEOS's reason, such as `Self-intersection[116.1 39.9]`, in both languages."""
    told = re.fullmatch(r"(.*?)\s*\[(\S+) (\S+)\]", said)
    key = _GEOS_WORDS.get(told[1]) if told else None
    if told is None or key is None:
        return Text(said, said)
    return _with_place(both(f"boundary_reason.{key}"), _at(float(told[2]), float(told[3])))


def _with_place(words: Text, place: Text) -> Text:
    return Text(*(f"{word} ({where})" for word, where in zip(words, place, strict=True)))


def _doubled(rows: list[dict[str, Any]], problems: list[Problem]) -> list[Problem]:
    """Name the rows whose code stands twice, be it on a shape that is not taken."""
    places = {row["record"]: row["unit_code"] for row in rows}
    places |= {
        problem.record: problem.value for problem in problems if problem.column == "geometry"
    }
    held = Counter(places.values())
    return [
        Problem(row["record"], "unit_code", row["unit_code"], "boundary_doubled")
        for row in rows
        if held[row["unit_code"]] > 1
    ]


def _misplaced(rows: list[dict[str, Any]]) -> Iterator[Problem]:
    """Name the features outside China; refuse the file where most of them are."""
    if not rows:
        return
    bounds = shapely.bounds(np.array([row["geometry"] for row in rows], dtype=object))
    left, bottom, right, top = CHINA_BOX
    inside = _in_box(bounds, (left, bottom, right, top))
    swapped = _in_box(bounds, (bottom, left, top, right))
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    seen = f"{west:.4f}, {south:.4f} … {east:.4f}, {north:.4f}"
    if swapped.mean() > 0.5:
        raise DataError("lonlat_swapped", seen=seen, n=int(swapped.sum()), all=len(rows))
    if inside.mean() < 0.5:
        raise DataError("outside_china", seen=seen, n=int((~inside).sum()), all=len(rows))
    for n in np.flatnonzero(~inside):
        code = str(rows[n]["unit_code"])
        where = ", ".join(f"{value:.4f}" for value in bounds[n])
        yield Problem(rows[n]["record"], "geometry", code, "boundary_outside", Text(where, where))


def _in_box(bounds: Bounds, box: tuple[float, float, float, float]) -> Bools:
    lowest, highest = np.array(box[:2]), np.array(box[2:])
    return np.asarray((bounds[:, :2] >= lowest).all(1) & (bounds[:, 2:] <= highest).all(1))


def _converted(geometry: Any, start: str) -> Any:
    def transform(points: Any) -> Any:
        return np.column_stack(convert(points[:, 0], points[:, 1], start))

    return geometry if start in ("WGS84", "CGCS2000") else shapely.transform(geometry, transform)
