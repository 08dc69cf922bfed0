"""The way between demand and supply: by road where a table knows it, else straight × detour.

A road table has one row for each pair that somebody has measured: demand (id), supply (id) and
metres, or minutes together with a declared speed. It may hold more places than are asked about.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from data.errors import DataError
from metrics.accessibility.sphere import (
    EDGE,
    Bools,
    Floats,
    Rows,
    along_curve,
    arc,
    figures,
    names_of,
    option,
    pairs_within,
    places,
    rows_named,
)
from metrics.frames import as_frame, require


@dataclass(frozen=True)
class Ways:
    """Ways from demand rows to supply rows in metres, and which of them a road table gave."""

    here: Rows
    there: Rows
    metres: Floats
    by_road: Bools


def nearest(
    demand: Any,
    supply: Any,
    *,
    network: Any = None,
    detour: float = 1.0,
    metres_per_minute: float | None = None,
) -> pd.DataFrame:
    """Find the nearest supply point of every demand point.

    supply has id, or its index stands for one; an id on several rows is one facility with several
    entrances. network: a road table (demand id, supply id, and metres or minutes); its ways stand
    in place of straight lines, and a pair that it lacks keeps the straight line × detour.
    metres_per_minute: turns a table of minutes into metres.

    Returns metres and id, one row per row of demand under its index: NaN where the demand point's
    place is unknown, infinity where there is no supply at all. Of equally near points the same one
    is taken whatever the order. With a network the column way says 'road' or 'line' (empty: none);
    a road leads to places whose coordinates are unknown, too.

    Raises DataError number_invalid (detour below 1, speed), and for the table columns_missing,
    figures_invalid, pairs_invalid, network_unmatched, network_speed.
    """
    factor = option("detour", detour, least=1.0)
    demand, supply = as_frame(demand), as_frame(supply)
    roads = read_network(network, demand, supply, metres_per_minute)
    metres, row, by_road = shortest(demand, supply, roads, factor)
    ids = np.full(len(demand), None, dtype=object)
    ids[row >= 0] = names_of(supply)[row[row >= 0]]
    table = pd.DataFrame({"metres": metres, "id": ids}, index=demand.index)
    if network is None:
        return table
    way = np.full(len(demand), None, dtype=object)
    way[row >= 0] = "line"
    way[by_road] = "road"
    return table.assign(way=way)


def shortest(
    demand: pd.DataFrame, supply: pd.DataFrame, roads: Ways, detour: float
) -> tuple[Floats, Rows, Bools]:
    """Return of each demand row the metres to the nearest supply row, that row (-1: none), and
    whether a road leads there.
    """
    metres, row = _by_line(demand, supply, roads, detour)
    by_road, road_row = _by_road(roads, len(demand), _rank(supply))
    shorter = np.isfinite(by_road) & (by_road <= np.where(np.isnan(metres), np.inf, metres))
    return np.where(shorter, by_road, metres), np.where(shorter, road_row, row), shorter


def ways_within(
    demand: pd.DataFrame, supply: pd.DataFrame, most: float, detour: float, roads: Ways
) -> Ways:
    """Return all ways of at most so many metres; a pair in the road table never goes straight."""
    known, vectors = places(demand)
    held, where = places(supply)
    near, far, straight = pairs_within(vectors, where, most / detour)
    here, there = np.flatnonzero(known)[near], np.flatnonzero(held)[far]
    line = ~np.isin(_key(here, there, len(supply)), _key(roads.here, roads.there, len(supply)))
    metres = straight[line] * detour
    short = roads.metres <= most + EDGE
    return Ways(
        np.append(here[line], roads.here[short]),
        np.append(there[line], roads.there[short]),
        np.append(metres, roads.metres[short]),
        np.append(np.zeros(len(metres), bool), np.ones(int(short.sum()), bool)),
    )


def read_network(
    network: Any, demand: pd.DataFrame, supply: pd.DataFrame, metres_per_minute: float | None
) -> Ways:
    """Return the ways of a road table between rows of demand and supply (none without a table)."""
    speed = 1.0 if metres_per_minute is None else option("metres_per_minute", metres_per_minute)
    if network is None:
        none = np.empty(0, dtype=np.intp)
        return Ways(none, none, np.empty(0), np.empty(0, bool))
    table = as_frame(network)
    timed = "metres" not in table and "minutes" in table
    require(table, ["demand", "supply", "minutes" if timed else "metres"])
    if timed and metres_per_minute is None:
        raise DataError("network_speed")
    pairs = table[["demand", "supply"]].astype(object)
    if (wrong := (pairs.isna().any(axis=1) | pairs.duplicated(keep=False)).to_numpy(bool)).any():
        raise DataError("pairs_invalid", rows=rows_named(wrong))
    metres = figures(table, "minutes") * speed if timed else figures(table, "metres")
    found = (
        pairs.assign(metres=metres)
        .merge(_rows_of(demand, "demand"), on="demand")
        .merge(_rows_of(supply, "supply"), on="supply")
    )
    if len(pairs) and len(demand) and len(supply) and found.empty:
        # Codes read as numbers here and as text there would else pass for a county without roads.
        raise DataError("network_unmatched", example=", ".join(map(str, pairs.iloc[0])))
    return Ways(
        found["row_demand"].to_numpy(np.intp),
        found["row_supply"].to_numpy(np.intp),
        found["metres"].to_numpy(float),
        np.ones(len(found), bool),
    )


def _rows_of(points: pd.DataFrame, name: str) -> pd.DataFrame:
    table = pd.DataFrame({name: names_of(points), f"row_{name}": np.arange(len(points))})
    return table[table[name].notna()].astype({name: object})


def _key(here: Rows, there: Rows, columns: int) -> Rows:
    return np.asarray(here * columns + there, dtype=np.intp)


def _rank(supply: pd.DataFrame) -> Rows:
    """Return the place of each supply row in the order that decides between equally near ones."""
    rank = np.empty(len(supply), dtype=np.intp)
    rank[np.argsort(names_of(supply).astype(str), kind="stable")] = np.arange(len(supply))
    return rank


def _by_line(
    demand: pd.DataFrame, supply: pd.DataFrame, roads: Ways, detour: float
) -> tuple[Floats, Rows]:
    """Return straight line × detour to the nearest row that no road leads to, and that row."""
    known, vectors = places(demand)
    held, where = places(supply)
    metres = np.where(known, np.inf, np.nan)
    row = np.full(len(demand), -1, dtype=np.intp)
    if not held.any() or not known.any():
        return metres, row
    # Of points in one cell of the curve the order of ids decides, so that no order of rows does.
    order = np.lexsort((_rank(supply)[held], along_curve(where)))
    rows = np.flatnonzero(held)[order]
    tree = KDTree(where[order])
    roads_here = np.bincount(roads.here, minlength=len(demand))[known]
    along = np.argsort(along_curve(vectors))
    at = np.flatnonzero(known)
    for some in (along[roads_here[along] == 0], along[roads_here[along] > 0]):
        if len(some):
            # One more neighbour than there are roads: one of them must be without a road.
            count = min(int(roads_here[some].max()) + 1, len(rows))
            chord, found = tree.query(vectors[some], k=np.arange(1, count + 1))
            _take_first(at[some], arc(chord) * detour, rows[found], roads, len(supply), metres, row)
    return metres, row


def _take_first(
    at: Rows,
    far: Floats,
    found: npt.NDArray[np.intp],
    roads: Ways,
    columns: int,
    metres: Floats,
    row: Rows,
) -> None:
    """Write down the first neighbour of each row (they stand from near to far) without a road."""
    if not len(roads.here):
        metres[at], row[at] = far[:, 0], found[:, 0]
        return
    taken = np.isin(_key(at[:, None], found, columns), _key(roads.here, roads.there, columns))
    first = np.argmin(taken, axis=1)
    each = np.arange(len(at))
    free = ~taken[each, first]
    metres[at[free]] = far[each, first][free]
    row[at[free]] = found[each, first][free]


def _by_road(roads: Ways, rows: int, rank: Rows) -> tuple[Floats, Rows]:
    """Return the shortest road of each demand row (infinity without one) and where it leads."""
    metres, row = np.full(rows, np.inf), np.full(rows, -1, dtype=np.intp)
    # Written from the longest to the shortest: the last one written stays.
    order = np.lexsort((rank[roads.there], roads.metres, roads.here))[::-1]
    metres[roads.here[order]] = roads.metres[order]
    row[roads.here[order]] = roads.there[order]
    return metres, row
