"""Points on the sphere (WGS-84 degrees, R = 6371008.8 m) and what is asked of figures and options.

Points are unit vectors in space; a KD-tree on them is exact, while one on degrees finds the wrong
neighbour for one point in fifteen.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from data.errors import DataError
from metrics.frames import numbers, require

RADIUS = 6371008.8
# A micrometre: what is exactly on the edge counts as inside, however its degrees were rounded.
EDGE = 1e-6
SHOWN_ROWS = 10
# 21 bits for each axis; each step halves the runs of bits that are still side by side, so that in
# the end two free bits follow every one.
_CELLS = (1 << 21) - 1
_SPREAD = (
    (32, 0x001F00000000FFFF), (16, 0x001F0000FF0000FF), (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3), (2, 0x1249249249249249),
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


def places(points: pd.DataFrame) -> tuple[Bools, Floats]:
    """Return which rows have a place, and the unit vectors (n × 3) of those."""
    require(points, ["lon", "lat"])
    lon, lat = numbers(points, "lon"), numbers(points, "lat")
    if (astray := (np.abs(lon) > 180) | (np.abs(lat) > 90)).any():
        raise DataError("place_invalid", rows=rows_named(astray))
    known = ~np.isnan(lon) & ~np.isnan(lat)
    x, y = np.radians(lon[known]), np.radians(lat[known])
    return known, np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])


def arc(chord: Any) -> Floats:
    """Return metres along the sphere for chords between unit vectors."""
    return np.asarray(2 * RADIUS * np.arcsin(np.minimum(np.asarray(chord, float) / 2, 1.0)))


def along_curve(vectors: Floats) -> npt.NDArray[np.uint64]:
    """Return where each unit vector (n × 3) stands on a curve that fills space (Morton 1966).

    Points in its order lie beside their neighbours in memory: a KD-tree is built and asked twice
    as fast. Cells of six metres; all points of one cell stand at one place.
    """
    cells = ((vectors + 1.0) * (0.5 * _CELLS)).astype(np.uint64)
    for shift, mask in _SPREAD:
        cells |= cells << np.uint64(shift)
        cells &= np.uint64(mask)
    return np.asarray(cells[:, 0] | cells[:, 1] << np.uint64(1) | cells[:, 2] << np.uint64(2))


def pairs_within(demand: Floats, supply: Floats, metres: float) -> tuple[Rows, Rows, Floats]:
    """Return the pairs of unit vectors at most so far apart: demand row, supply row, metres."""
    none = np.empty(0, dtype=np.intp)
    if not len(demand) or not len(supply):
        return none, none, np.empty(0)
    chord = 2 * np.sin(min((metres + EDGE) / RADIUS, np.pi) / 2)
    found = KDTree(demand).sparse_distance_matrix(KDTree(supply), chord, output_type="ndarray")
    return found["i"].astype(np.intp), found["j"].astype(np.intp), arc(found["v"])


def figures(frame: pd.DataFrame, name: str) -> Floats:
    """Return people, places or metres as floats; unknown and negative ones are refused by row."""
    if name is None:
        raise DataError("column_unnamed", kind="None")
    held = numbers(frame, name)
    if (wrong := ~(held >= 0)).any():
        raise DataError("figures_invalid", column=name, rows=rows_named(wrong))
    return held


def option(name: str, value: Any, *, least: float = 0.0) -> float:
    """Return a numeric option: finite, above 0 and at least `least`; else `number_invalid`."""
    try:
        figure = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError("number_invalid", name=name, value=value, least=f"{least:g}") from error
    if isinstance(value, bool | str) or not np.isfinite(figure) or figure <= 0 or figure < least:
        raise DataError("number_invalid", name=name, value=value, least=f"{least:g}")
    return figure


def names_of(points: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the ids of points: the column id, or the index where there is none."""
    if "id" not in points:
        return points.index.to_numpy(object)
    require(points, ["id"])
    return points["id"].to_numpy(object)


def require_single(points: pd.DataFrame, table: str) -> None:
    """Refuse ids that are blank or stand on several rows: each row would count once more."""
    names = pd.Series(names_of(points))
    if (wrong := (names.isna() | names.duplicated(keep=False)).to_numpy(bool)).any():
        raise DataError("ids_invalid", table=table, rows=rows_named(wrong))


def rows_named(wrong: Bools) -> str:
    """Name the first wrong rows as people count them."""
    return ", ".join(str(row) for row in np.flatnonzero(wrong)[:SHOWN_ROWS] + 1)
