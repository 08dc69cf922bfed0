"""Do points lie where their codes say? A wrong coordinate system is told by the units they leave.

A shift by GCJ-02 or BD-09 moves points some 300 to 1,200 m: every figure of coverage would be
wrong and look right. The boundaries that are held are the witness: each point is looked for inside
its own unit, as declared and as each other system would have it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import shapely

from data.coordinates import convert
from data.geography.boundaries import CHINA_BOX
from data.store import Store
from data.words import Text, both

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# CGCS2000 is WGS-84 to within centimetres: points cannot tell the two apart.
CANDIDATES = ("WGS84", "GCJ02", "BD09")
MOST_POINTS = 20_000
# One-sided sign test over the points that change sides: below this it is no accident.
SURE = 0.01
_RADIUS = 6371008.8
# Points that tell of boundaries, below which the edges of those held are asked; places on an edge.
_FEWEST, _ON_EDGE = 8, 24
_HELD_POINTS = tuple(
    f"SELECT township_code AS unit_code, lon, lat FROM {name}"  # noqa: S608 - constants
    for name in ("townships", "communities", "facilities")
)


@dataclass(frozen=True)
class Witness:
    """One way to read the coordinates: share of points inside their own unit, and how far the
    points move from where the declaration puts them (median, metres).
    """

    system: str
    inside: float
    shift_m: float


@dataclass(frozen=True)
class Placement:
    """What the boundaries say about a file's points.

    points: those whose unit has a boundary. declared: as the file is read now. others: the other
    systems, best first. suggested: the system under which so many more points lie in their own
    unit that it is no accident; None for none. outside: points outside China's box (those with
    longitude and latitude in each other's place are refused record by record before). about: what
    the file holds: points, or boundaries that points held already are looked for in.
    """

    points: int
    declared: Witness
    others: tuple[Witness, ...]
    suggested: str | None
    outside: int
    about: Literal["points", "boundaries"] = "points"

    def warnings(self) -> tuple[Text, ...]:
        """Say what is suspicious, with the evidence; nothing where all is well."""
        said = []
        if self.outside:
            said.append(both("placement.outside", n=self.outside))
        if self.suggested:
            best = next(each for each in self.others if each.system == self.suggested)
            said.append(
                both(
                    "placement.shifted" if self.about == "points" else "placement.boundaries",
                    n=self.points,
                    declared=both(f"coordinates.{self.declared.system}"),
                    now=_percent(self.declared.inside),
                    system=both(f"coordinates.{best.system}"),
                    then=_percent(best.inside),
                    metres=f"{best.shift_m:,.0f}",
                )
            )
        elif self.points and self.declared.inside < 1:
            away = round(self.points * (1 - self.declared.inside))
            said.append(both("placement.elsewhere", n=self.points, away=away))
        return tuple(said)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def declared_systems(frame: pd.DataFrame, crs: str) -> "pd.Series[str]":
    """Return the system of each row: what was said of the file, else what the row says itself."""
    if "crs" in frame and crs == "WGS84":
        return frame["crs"]
    return pd.Series(crs, index=frame.index)


def of_file(store: Store, accepted: Path, crs: str) -> Placement | None:
    """Judge the staged rows of a table before they are converted; None for one without points.

    crs: what was said of the file.
    """
    if not {"township_code", "lon", "lat"} <= set(pq.read_schema(accepted).names):
        return None
    frame = pd.read_parquet(accepted).rename(columns={"township_code": "unit_code"})
    if frame["lon"].isna().all():
        return None
    units = store.read_once("SELECT unit_code, geometry FROM boundaries WHERE level = 'township'")
    return judge(frame, declared_systems(frame, crs), units)


def of_boundaries(store: Store, frame: pd.DataFrame, crs: str) -> Placement | None:
    """Judge boundaries by the points that are held, else by the inner edges of those held.

    frame: unit_code, geometry (WKB), read as `crs` and converted to WGS-84. None where nothing is
    held that could tell.
    """
    held = pd.concat([store.read_once(query) for query in _HELD_POINTS])
    known = held[held["unit_code"].isin(frame["unit_code"])].dropna()
    if len(known) < _FEWEST:
        known = _inner_edges(store, frame["unit_code"])
    if known.empty:
        return None
    lon, lat = known["lon"].to_numpy(float), known["lat"].to_numpy(float)
    # As the file has them: there the points are moved, for a point is moved exactly and at once.
    units = frame[["unit_code"]].assign(
        geometry=shapely.to_wkb(_moved(shapely.from_wkb(frame["geometry"].to_numpy()), crs))
    )
    system = "WGS84" if crs == "CGCS2000" else crs
    names = list(dict.fromkeys((system, *CANDIDATES)))
    places = {name: convert(lon, lat, "WGS84", name) for name in names}
    inside = {name: _inside_own(known, *place, units) for name, place in places.items()}
    witnesses = {name: _witness(name, places, inside, system) for name in names}
    others = sorted((witnesses[name] for name in names[1:]), key=lambda each: -each.inside)
    best = others[0].system
    suggested = best if _no_accident(inside[system], inside[best]) else None
    return Placement(len(known), witnesses[system], tuple(others), suggested, 0, "boundaries")


def _moved(shapes: Any, crs: str) -> Any:
    """Return shapes as they stood in the file, before they were converted from `crs`."""
    if crs in ("WGS84", "CGCS2000"):
        return shapes
    back = lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1], "WGS84", crs))  # noqa: E731
    return shapely.transform(shapes, back)


def _inner_edges(store: Store, codes: "pd.Series[str]") -> pd.DataFrame:
    """Return places some 50 m inside the edges of the boundaries held: these a shift moves out."""
    held = store.read_once("SELECT unit_code, geometry FROM boundaries")
    rows = []
    for code, wkb in held[held["unit_code"].isin(codes)].itertuples(index=False, name=None):
        edge = shapely.boundary(shapely.buffer(shapely.from_wkb(bytes(wkb)), -0.0005))
        along = np.linspace(0, 1, _ON_EDGE, endpoint=False)
        places = shapely.line_interpolate_point(_longest(edge), along, normalized=True)
        rows += [(code, x, y) for x, y in shapely.get_coordinates(places)]
    return pd.DataFrame(rows, columns=["unit_code", "lon", "lat"])


def _longest(edge: shapely.Geometry) -> shapely.Geometry:
    lines = shapely.get_parts(edge)
    return lines[int(np.argmax(shapely.length(lines)))] if len(lines) else edge


def of_all(parts: Iterable[Placement | None]) -> Placement | None:
    """Return the placement with the most points, where all tables of a kit suggest one system.

    One click converts the whole kit: not where a table of it is right as it is.
    """
    told = [part for part in parts if part and part.points]
    if not told or len({part.suggested for part in told}) > 1:
        return None
    return max(told, key=lambda part: part.points)


def judge(points: pd.DataFrame, declared: "pd.Series[str]", units: pd.DataFrame) -> Placement:
    """Judge points by the boundaries of their own units.

    points: unit_code, lon, lat as the file has them (degrees; NaN: no place). declared: of each,
    the system it is read as (under points' index). units: unit_code, geometry (WKB, WGS-84). Of
    more than MOST_POINTS a regular sample is looked at.
    """
    held = points.assign(declared=declared.fillna("WGS84").replace("CGCS2000", "WGS84"))
    held = held[held["lon"].notna() & held["lat"].notna()]
    lon, lat = held["lon"].to_numpy(float), held["lat"].to_numpy(float)
    in_box = _in_china(lon, lat)
    known = held[held["unit_code"].isin(units["unit_code"]) & in_box]
    known = known.iloc[:: max(1, -(-len(known) // MOST_POINTS))].reset_index(drop=True)
    system = _one(known["declared"])
    places = {name: _read_as(known, name) for name in (system, *CANDIDATES) if name}
    inside = {name: _inside_own(known, *place, units) for name, place in places.items()}
    witnesses = {name: _witness(name, places, inside, system) for name in places}
    others = sorted(
        (each for name, each in witnesses.items() if name != system),
        key=lambda each: -each.inside,
    )
    suggested = None
    if others and _no_accident(inside[system], inside[others[0].system]):
        suggested = others[0].system
    return Placement(len(known), witnesses[system], tuple(others), suggested, int((~in_box).sum()))


def _one(declared: "pd.Series[str]") -> str:
    """Return the system of all, or 'mixed' where rows differ."""
    different = declared.unique()
    return str(different[0]) if len(different) == 1 else ("mixed" if len(different) else "WGS84")


def _read_as(points: pd.DataFrame, system: str) -> tuple[Floats, Floats]:
    """Return the points in WGS-84 if the file were in a system ('mixed': as each row says)."""
    lon, lat = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    if system != "mixed":
        x, y = convert(lon, lat, system)
        return np.asarray(x, float), np.asarray(y, float)
    x, y = lon.copy(), lat.copy()
    for name in points["declared"].unique():
        rows = points["declared"].eq(name).to_numpy()
        x[rows], y[rows] = convert(lon[rows], lat[rows], str(name))
    return x, y


def _in_china(lon: Floats, lat: Floats) -> Bools:
    west, south, east, north = CHINA_BOX
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _inside_own(points: pd.DataFrame, lon: Floats, lat: Floats, units: pd.DataFrame) -> Bools:
    """Return which points lie inside their own unit or on its edge."""
    inside = np.zeros(len(points), bool)
    for rows, shape in _by_unit(points, units):
        inside[rows] = shapely.intersects_xy(shape, lon[rows], lat[rows])
    return inside


def _by_unit(
    points: pd.DataFrame, units: pd.DataFrame
) -> Iterator[tuple[npt.NDArray[np.intp], shapely.Geometry]]:
    shapes = dict(zip(units["unit_code"], units["geometry"], strict=True))
    for code, held in points.groupby("unit_code").indices.items():
        rows = np.asarray(held, dtype=np.intp)
        shape = shapely.from_wkb(bytes(shapes[code]))
        shapely.prepare(shape)
        yield rows, shape


def _witness(
    name: str,
    places: dict[str, tuple[Floats, Floats]],
    inside: dict[str, Bools],
    system: str,
) -> Witness:
    (x, y), (x0, y0) = places[name], places[system]
    share = float(inside[name].mean()) if len(x) else float("nan")
    east = np.radians(x - x0) * np.cos(np.radians(y0))
    moved = _RADIUS * np.hypot(east, np.radians(y - y0))
    return Witness(name, share, float(np.median(moved)) if len(x) else 0.0)


def _no_accident(now: Bools, then: Bools) -> bool:
    """Say whether so many more points come home than leave it that chance hardly does it.

    Exact one-sided sign test over the points that change sides (McNemar 1947).
    """
    home, away = int((then & ~now).sum()), int((now & ~then).sum())
    both_ways = home + away
    if home <= away:
        return False
    # Large numbers: the normal bound of the binomial tail is far below SURE already.
    if both_ways > 1000:
        return (home - away) ** 2 > 9 * both_ways
    tail = sum(comb(both_ways, k) for k in range(home, both_ways + 1))
    return bool(tail <= SURE * 2**both_ways)
