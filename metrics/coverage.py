"""Coverage of people by facilities, on the sphere (WGS-84 degrees, R = 6371008.8 m).

Points are unit vectors in space; a KD-tree on them is exact, while one on degrees finds the wrong
neighbour for one point in fifteen. Nobody within reach is 0 and a fact; an unknown place is not.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from data.errors import DataError

RADIUS = 6371008.8
Floats = npt.NDArray[np.float64]


def nearest(demand: pd.DataFrame, supply: pd.DataFrame) -> pd.DataFrame:
    """Find the nearest supply point of every demand point.

    demand and supply have lon, lat and (supply) id. Returns metres and id, indexed as demand: NaN
    metres where the demand point's place is unknown, infinity where there is no supply at all.
    """
    _places(demand)
    known = demand["lon"].notna() & demand["lat"].notna()
    metres = pd.Series(np.where(known, np.inf, np.nan), index=demand.index)
    ids = pd.Series(None, index=demand.index, dtype=object)
    held = supply.dropna(subset=["lon", "lat"])
    if len(held) and known.any():
        chord, where = KDTree(_vectors(held)).query(_vectors(demand[known]))
        metres[known] = _arc(np.asarray(chord, float))
        ids[known] = held["id"].to_numpy()[where]
    return pd.DataFrame({"metres": metres, "id": ids})


def reach(
    demand: pd.DataFrame,
    supply: pd.DataFrame,
    radius_m: float | pd.Series,
    *,
    by: str | None = None,
    weight: str = "population",
    detour: float = 1.0,
) -> pd.DataFrame:
    """Count people inside and outside a radius of the nearest supply point.

    radius_m: metres, one for all or one per demand row. detour: factor from straight line to way.
    Returns one row (per value of `by`): total, inside, outside (of those whose place is known),
    unknown (people whose place or radius is not known), share (inside / known, NaN without known).
    """
    metres = nearest(demand, supply)["metres"] * detour
    radius = pd.Series(radius_m, index=demand.index, dtype=float)
    people = demand[weight].astype(float)
    unknown = metres.isna() | radius.isna()
    inside = ~unknown & (metres <= radius)
    parts = pd.DataFrame(
        {
            "total": people,
            "inside": people.where(inside, 0.0),
            "outside": people.where(~inside & ~unknown, 0.0),
            "unknown": people.where(unknown, 0.0),
        }
    )
    groups = demand[by] if by else pd.Series(0, index=demand.index)
    sums = parts.groupby(groups).sum()
    known = sums["inside"] + sums["outside"]
    sums["share"] = sums["inside"] / known.where(known > 0)
    return sums.reset_index(drop=by is None)


def _places(points: pd.DataFrame) -> None:
    wrong = (points["lat"].abs() > 90) | (points["lon"].abs() > 180)
    if wrong.any():
        raise DataError("place_invalid", rows=", ".join(map(str, points.index[wrong][:10])))


def _vectors(points: pd.DataFrame) -> Floats:
    lon = np.radians(points["lon"].to_numpy(float))
    lat = np.radians(points["lat"].to_numpy(float))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _arc(chord: Floats) -> Any:
    return 2 * RADIUS * np.arcsin(np.minimum(chord / 2, 1.0))
