"""Boundary files: GeoJSON polygons to the contract table `boundaries`, geometry as WKB in WGS-84.

Every feature is taken exactly as it is or named as a problem; invalid rings are not repaired in
silence, holes stay holes.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.contracts import TABLES
from data.coordinates import convert
from data.errors import DataError

LARGEST = 50 << 20
CHINA_BOX = (73.0, 3.0, 136.0, 54.0)
_CODES = ("unit_code", "township_code", "code", "adcode", "代码", "区划代码", "乡镇代码")
_NAMES = ("name_zh", "name", "名称", "乡镇名称")
_ENGLISH = ("name_en",)
_LEVELS = {6: "county", 9: "township"}


@dataclass(frozen=True)
class Problem:
    """A feature that is not taken: its number, what is wrong, GEOS's own words."""

    record: int
    column: str
    value: str
    code: str
    reason: str = ""


def read_geojson(content: bytes, *, crs: str = "WGS84") -> tuple[pd.DataFrame, list[Problem]]:
    """Read a FeatureCollection of polygons.

    Returns the rows that are right (record and the columns of `boundaries`) and the problems,
    worded at problems.<code>. Raises DataError when the file as a whole is
    not usable: `not_geojson`, `no_features`, `lonlat_swapped`, `outside_china`, `crs_refused`.
    """
    if len(content) > LARGEST:
        raise DataError("file_too_large", file="GeoJSON", limit=f"{LARGEST >> 20} MB")
    features = _features(content)
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    for record, feature in enumerate(features, start=1):
        row, problem = _feature(record, feature)
        if problem:
            problems.append(problem)
        else:
            rows.append({"record": record, **row})
    problems += _doubled(rows)
    bad = {problem.record for problem in problems}
    frame = pd.DataFrame([row for row in rows if row["record"] not in bad])
    if len(frame):
        _check_place(frame)
        geometry = _converted(frame["geometry"].to_numpy(), crs)
        frame["geometry"] = shapely.to_wkb(geometry)
    return frame.reindex(columns=["record", *TABLES["boundaries"].column_names]), problems


def _features(content: bytes) -> list[Any]:
    try:
        collection = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError("not_geojson", reason=type(error).__name__) from error
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        raise DataError("no_features")
    return features


def _feature(record: int, feature: Any) -> tuple[dict[str, object], Problem | None]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    code = _property(properties, _CODES)
    if not re.fullmatch(r"\d{6}|\d{9}", code):
        return {}, Problem(record, "unit_code", code, "boundary_code")
    geometry = _geometry(feature.get("geometry"))
    if geometry is None:
        return {}, Problem(record, "geometry", code, "boundary_kind")
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        return {}, Problem(record, "geometry", code, "boundary_invalid", reason)
    row = {
        "unit_code": code,
        "level": _LEVELS[len(code)],
        "name_zh": _property(properties, _NAMES) or None,
        "name_en": _property(properties, _ENGLISH) or None,
        "geometry": geometry,
        "source": _property(properties, ("source",)) or None,
        "map_approval_no": _property(properties, ("map_approval_no", "审图号")) or None,
    }
    return row, None


def _property(properties: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = properties.get(name)
        if value not in (None, ""):
            return str(value).strip()
    return ""


def _geometry(raw: Any) -> Any:
    if not isinstance(raw, dict) or raw.get("type") not in ("Polygon", "MultiPolygon"):
        return None
    try:
        shape = shapely.from_geojson(json.dumps(raw))
    except (shapely.errors.GEOSException, ValueError, TypeError):
        return None
    return shape if not shape.is_empty and np.isfinite(shape.bounds).all() else None


def _doubled(rows: list[dict[str, object]]) -> list[Problem]:
    codes = pd.Series([row["unit_code"] for row in rows], dtype=object)
    return [
        Problem(int(str(rows[n]["record"])), "unit_code", str(codes[n]), "boundary_doubled")
        for n in np.flatnonzero(codes.duplicated(keep=False))
    ]


def _check_place(frame: pd.DataFrame) -> None:
    """Refuse a file whose points are not longitude and latitude in China, saying what was seen."""
    west, south, east, north = shapely.total_bounds(frame["geometry"].to_numpy())
    left, bottom, right, top = CHINA_BOX
    if left <= west and east <= right and bottom <= south and north <= top:
        return
    seen = f"{west:.4f}, {south:.4f} … {east:.4f}, {north:.4f}"
    if left <= south and north <= right and bottom <= west and east <= top:
        raise DataError("lonlat_swapped", seen=seen)
    raise DataError("outside_china", seen=seen)


def _converted(geometry: Any, crs: str) -> Any:
    def transform(points: Any) -> Any:
        return np.column_stack(convert(points[:, 0], points[:, 1], crs))

    convert(0.0, 0.0, crs)  # refuses unknown systems even where nothing needs converting
    return geometry if crs in ("WGS84", "CGCS2000") else shapely.transform(geometry, transform)


def display_geojson(frame: pd.DataFrame, *, tolerance: float = 0.0005) -> bytes:
    """Return a light FeatureCollection for drawing: code and names only, holes kept.

    Neighbours are simplified together, so that no gaps open between them.
    """
    shapes = shapely.from_wkb(frame["geometry"].map(bytes).to_numpy(dtype=object))
    light = shapely.coverage_simplify(shapes, tolerance)
    # A unit smaller than the tolerance keeps its own shape.
    light = np.where(shapely.is_empty(light), shapes, light)
    light = shapely.set_precision(light, 1e-5, mode="pointwise")
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name_zh": zh or code, "name_en": en or zh or code},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, zh, en, shape in zip(
            frame["unit_code"], frame["name_zh"], frame["name_en"], light, strict=True
        )
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
