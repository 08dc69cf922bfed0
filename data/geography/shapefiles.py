"""Zipped shapefiles of boundaries: the same features, checks and problems as GeoJSON.

A shapefile says of no ring which other one it is a hole of, may declare any projection, and its
table any encoding or none; each is settled here or refused, and `data.geography.boundaries` does
the rest.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.coordinates import system
from data.errors import DataError
from data.formats.xml_parts import ARCHIVE_DAMAGE, PACKINGS
from data.geography.boundaries import LARGEST, PROPERTIES, NotTakenError, Problem, read_features

LARGEST_UNPACKED = 200 << 20
Points = npt.NDArray[np.float64]
Project = Callable[[Points], Points]

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_HEADER, _FIELD_BYTES = 100, 10
_POLYGONS = (5, 15, 25)  # plain, with heights, with measures
# Names of .cpg files; whatever else they say (ISO-8859-1) is what programs write unasked.
_ENCODINGS = {
    **dict.fromkeys(("UTF8", "65001", "CP65001"), "utf-8"),
    **dict.fromkeys(("GBK", "GB2312", "GB18030", "936", "CP936", "MS936", "OEM936"), "gb18030"),
    **dict.fromkeys(("BIG5", "950", "CP950"), "big5"),
}
# What pyshp raises when bytes make no sense.
_DAMAGE = (struct.error, KeyError, ValueError, IndexError, TypeError, AssertionError, EOFError)
_NAMES = re.compile(
    r'(?:PROJC(?:S|RS)|GEOGC(?:S|RS)|GEODCRS|BASEGEO[DG]CRS|G?DATUM)\s*\[\s*"([^"]*)"', re.I
)
_SPHEROID = re.compile(r'(?:SPHEROID|ELLIPSOID)\s*\[\s*"[^"]*"\s*,\s*([0-9]+(?:\.[0-9]*)?)', re.I)
_CGCS2000 = re.compile(
    r"CGCS.?2000|China.?2000|China.Geodetic.Coordinate.System.2000|国家2000|2000国家", re.I
)
_WGS84 = re.compile(r"WGS.?(19)?84|World.Geodetic.System.1984", re.I)
_GEOGRAPHIC = re.compile(r"\s*(GEOGC(S|RS)|GEODCRS)\b", re.I)
_AXIS = 6_378_137.0  # metres, of both ellipsoids


def is_zipped(path: Path) -> bool:
    """Say whether a file is a ZIP that holds a shapefile."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(".shp") for name in archive.namelist())
    except ARCHIVE_DAMAGE:
        return False


def read_shapefile(
    path: Path, name: str, *, crs: str = "WGS84"
) -> tuple[pd.DataFrame, list[Problem], str]:
    """Read a ZIP with one layer: .shp and .dbf, and .shx, .prj and .cpg where it has them.

    crs: what the coordinates are where no .prj says it, or GCJ02 or BD09, which none can say.
    CGCS2000 in Gauss-Krüger projection is turned into degrees. Texts are in the
    encoding of the .cpg, else UTF-8, else GB18030, strictly. Deleted records are not counted.

    Returns rows and problems as `boundaries.read_geojson` does, and the encoding. Raises its
    DataErrors and `unreadable`, `file_too_large`, `shapefile_layers`, `shapefile_part`,
    `shapefile_uneven`, `shapefile_encoding`.
    """
    import shapefile

    start = system(crs)
    parts = _unpacked(path, name)
    start, project = _declared(parts.get(".prj", b""), start)
    try:
        shapes = list(_shapes(parts, project, name))
        texts, encoding = _table(parts, name, len(shapes))
    except (*_DAMAGE, shapefile.ShapefileException, shapefile.dbfFileException) as error:
        raise _damaged(name, error) from error
    features = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for geometry, properties in zip(shapes, texts, strict=True)
        # A record that somebody deleted is no feature.
        if properties is not None
    ]
    if not features:
        raise DataError("no_features")
    return *read_features(features, start), encoding


def _damaged(name: str, reason: object) -> DataError:
    return DataError("unreadable", file=name, reason=str(reason)[:200])


def _unpacked(path: Path, name: str) -> dict[str, bytes]:
    """Return the parts of the one layer by their endings."""
    if path.stat().st_size > LARGEST:
        raise DataError("file_too_large", file=name, limit=f"{LARGEST >> 20} MB")
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, name)
            if sum(member.file_size for member in members.values()) > LARGEST_UNPACKED:
                limit = f"{LARGEST_UNPACKED >> 20} MB"
                raise DataError("file_too_large", file=name, limit=limit)
            if any(member.compress_type not in PACKINGS for member in members.values()):
                raise _damaged(name, "compression method")
            return {ending: archive.read(member) for ending, member in members.items()}
    except ARCHIVE_DAMAGE as error:
        raise _damaged(name, error) from error


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    layers: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in archive.infolist():
        place = PurePosixPath(_readable(member))
        ending = place.suffix.lower()
        # macOS packs a shadow beside every file.
        if ending in _PARTS and "__MACOSX" not in place.parts:
            layers.setdefault(str(place.with_suffix("")).lower(), {})[ending] = member
    named = sorted(stem for stem, parts in layers.items() if ".shp" in parts)
    if len(named) != 1:
        shown = ", ".join(PurePosixPath(stem).name[:40] for stem in named[:5])
        if named:
            raise DataError("shapefile_layers", file=name, layers=shown)
        raise DataError("shapefile_part", file=name, part=".shp")
    if ".dbf" not in layers[named[0]]:
        raise DataError("shapefile_part", file=name, part=".dbf")
    return layers[named[0]]


def _readable(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes it in GBK and does not say so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _declared(prj: bytes, start: str) -> tuple[str, Project | None]:
    """Return the system that the .prj declares, and how its metres become degrees."""
    said = _text(prj).strip("\0 \r\n\t")
    if not said:
        return start, None
    names = _NAMES.findall(said)
    for each in names:
        _refuse_secret(each)
    shown = (names[0] if names else said)[:80]
    axis = _SPHEROID.search(said)
    if axis is None or abs(float(axis[1]) - _AXIS) > 0.5:
        raise DataError("crs_declared", crs=shown)
    geographic = names[1:] if not _GEOGRAPHIC.match(said) else names
    cgcs2000 = any(map(_CGCS2000.search, geographic))
    if not _GEOGRAPHIC.match(said):
        if not cgcs2000:
            raise DataError("crs_declared", crs=shown)
        return "CGCS2000", _to_degrees(said, shown)
    if not cgcs2000 and not any(map(_WGS84.search, geographic)):
        raise DataError("crs_declared", crs=shown)
    # As with GeoJSON: nobody can declare a shift there, and programs write WGS-84 over it.
    return (start if start in ("GCJ02", "BD09") else "WGS84"), None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _refuse_secret(name: str) -> None:
    try:
        system(name)
    except DataError as error:
        if error.code == "crs_refused":
            raise


def _to_degrees(wkt: str, shown: str) -> Project:
    """Return how projected metres become longitude and latitude on the same datum."""
    try:
        from pyproj import CRS, Transformer
        from pyproj.exceptions import ProjError
    except ImportError as error:
        raise DataError("crs_declared", crs=shown) from error
    try:
        projected = CRS.from_user_input(wkt)
        inverse = Transformer.from_crs(projected, projected.geodetic_crs, always_xy=True)
    except (ProjError, TypeError) as error:
        raise DataError("crs_declared", crs=shown) from error

    def project(points: Points) -> Points:
        return np.column_stack(inverse.transform(points[:, 0], points[:, 1]))

    return project


def _shapes(parts: dict[str, bytes], project: Project | None, name: str) -> Iterator[Any]:
    """Give the geometry of every record, as GeoJSON has it."""
    import shapefile

    content = parts[".shp"]
    # The size in the header is of no use: what follows it tells.
    whole = content[:24] + struct.pack(">i", len(content) // 2) + content[28:]
    places = _places(content, parts.get(".shx"), name)
    reader = shapefile.ShpReader(io.BytesIO(whole))
    for n, (offset, size) in enumerate(places):
        try:
            shape = reader.shape(n, offset=offset, shape_len_B=size)
        except (*_DAMAGE, shapefile.ShapefileException):
            yield NotTakenError("boundary_coordinates")
            continue
        if shape.shapeType == 0:
            yield None
        elif shape.shapeType not in _POLYGONS:
            yield {"type": shape.shapeTypeName}
        else:
            yield _polygons(shape.points, shape.parts, project)


def _places(content: bytes, index: bytes | None, name: str) -> list[tuple[int, int]]:
    """Return offset and size of every record, in bytes.

    Records that run backwards or over the end, or are not as the .shx says, are damage.
    """
    places, at = [], _HEADER
    if len(content) < _HEADER or content[:4] != b"\x00\x00\x27\x0a":
        raise _damaged(name, ".shp")
    while at < len(content):
        _, words = struct.unpack_from(">2i", content, at)
        if words < 2 or at + 8 + 2 * words > len(content):
            raise _damaged(name, f".shp: {at}")
        places.append((at, 2 * words))
        at += 8 + 2 * words
    if index is not None:
        # Where records were removed or moved, the index alone knows which are meant.
        told = np.frombuffer(index[_HEADER : _HEADER + (len(index) - _HEADER) // 8 * 8], ">i4")
        if (told.reshape(-1, 2) * 2).tolist() != [list(place) for place in places]:
            raise _damaged(name, ".shx")
    return places


def _polygons(points: Sequence[Any], starts: Sequence[int], project: Project | None) -> Any:
    table = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2)
    cuts = [*starts, len(table)]
    if not len(table) or cuts[0] != 0 or any(b <= a for a, b in pairwise(cuts)):
        return NotTakenError("boundary_coordinates")
    if project is not None:
        table = project(table)
    if not np.isfinite(table).all():
        return NotTakenError("boundary_coordinates")
    rings = [table[a:b] for a, b in pairwise(cuts)]
    try:
        parts = _nested(rings)
    except NotTakenError as reason:
        return reason
    return {"type": "MultiPolygon", "coordinates": parts}


def _nested(rings: list[Points]) -> list[list[Points]]:
    """Return the polygons that rings form: each outer ring with the holes in it.

    A ring inside an even number of others is an outer one. All outer rings must run one way and
    all holes the other; which way is no matter, as programs disagree about it, but rings that do
    not agree among themselves are overlaps or holes, and which of both is not ours to guess.
    """
    closed = [len(ring) > 3 and np.array_equal(ring[0], ring[-1]) for ring in rings]
    if len(rings) == 1 or not all(closed):
        return [[ring] for ring in rings]
    shells = np.array([shapely.polygons(ring) for ring in rings], dtype=object)
    # A broken ring has no inside; alone it is named with its place.
    if not shapely.is_valid(shells).all():
        return [[ring] for ring in rings]
    sizes = shapely.area(shells)
    inner, outer = shapely.STRtree(shells).query(shapely.point_on_surface(shells), "within")
    real = sizes[outer] > sizes[inner]
    inner, outer = inner[real], outer[real]
    holes = np.bincount(inner, minlength=len(rings)) % 2 == 1
    left = np.array([shapely.is_ccw(shapely.linearrings(ring)) for ring in rings])
    if len(set((left ^ holes).tolist())) > 1:
        raise NotTakenError("boundary_order")
    parts: dict[int, list[Points]] = {int(n): [rings[n]] for n in np.flatnonzero(~holes)}
    for hole in np.flatnonzero(holes):
        around = outer[inner == hole]
        parts[int(around[np.argmin(sizes[around])])].append(rings[hole])
    return list(parts.values())


def _table(
    parts: dict[str, bytes], name: str, count: int
) -> tuple[list[dict[str, Any] | None], str]:
    """Return the properties of every record, None for deleted ones, and their encoding."""
    import shapefile

    # Latin-1 gives every byte back, so that the encoding is judged here, record by record.
    reader = shapefile.DbfReader(io.BytesIO(parts[".dbf"]), encoding="latin-1")
    if len(reader) != count:
        raise DataError("shapefile_uneven", file=name, shapes=count, records=len(reader))
    fields = [field.name for field in reader.data_fields]
    rows = [None if row is None else list(row) for row in reader.iterRecords(deleted_as_None=True)]
    encoding = _encoding(parts.get(".cpg", b""), rows)
    names = [_field_name(field, encoding) for field in fields]
    return [
        row if row is None else _properties(row, names, encoding, n, name)
        for n, row in enumerate(rows, start=1)
    ], encoding


def _encoding(cpg: bytes, rows: list[list[Any] | None]) -> str:
    said = re.sub(r"[\s\-_\0]", "", cpg.decode("latin-1")).upper()
    if said in _ENCODINGS:
        return _ENCODINGS[said]
    texts = (each for row in rows if row for each in row if isinstance(each, str))
    try:
        for text in texts:
            text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _field_name(field: str, encoding: str) -> str:
    """Return a field's name; ten bytes hold no more of township_code than township_c."""
    short = field.encode("latin-1").decode(encoding, "ignore").strip()
    whole = [each for each in PROPERTIES if each.isascii() and len(each) > _FIELD_BYTES]
    return next((each for each in whole if each[:_FIELD_BYTES] == short.lower()), short)


def _properties(
    row: list[Any], names: list[str], encoding: str, record: int, name: str
) -> dict[str, Any]:
    told = {}
    for field, value in zip(names, row, strict=True):
        if isinstance(value, str):
            try:
                value = value.encode("latin-1").decode(encoding).rstrip(" \0")
            except UnicodeDecodeError as error:
                raise DataError(
                    "shapefile_encoding",
                    file=name, encoding=encoding.upper(), record=record, field=field,
                ) from error  # fmt: skip
        # A code that was kept as a number with decimals is still the code.
        told[field] = int(value) if isinstance(value, float) and value.is_integer() else value
    return told
