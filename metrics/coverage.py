"""Coverage of people by facilities, on the sphere (WGS-84 degrees, R = 6371008.8 m).

Points are unit vectors in space; a KD-tree on them is exact, while one on degrees finds the wrong
neighbour for one point in fifteen. Nobody within reach is 0 and a fact; an unknown place is
unknown and counted apart. A supply point whose place is unknown can serve nobody here.

All tables are a DataFrame, a pyarrow Table or a DuckDB relation with lon and lat.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from data.errors import DataError
from metrics.survey_design import as_frame, numbers, require

RADIUS = 6371008.8
# A micrometre: what is exactly on the edge counts as inside, however its degrees were rounded.
EDGE = 1e-6
# Luo and Qi (2009), slow decay over three bands of equal width.
BAND_WEIGHTS = (1.0, 0.68, 0.22)
METHODS = ("2SFCA", "E2SFCA", "3SFCA")
SHOWN_ROWS = 10

Method = Literal["2SFCA", "E2SFCA", "3SFCA"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def nearest(demand: Any, supply: Any) -> pd.DataFrame:
    """Find the nearest supply point of every demand point.

    supply has id, or its index stands for one. Returns metres (straight line) and id, one row per
    row of demand under its index: NaN where the demand point's place is unknown, infinity where
    there is no supply at all. Of equally near points the same one is taken whatever the order.
    """
    demand, supply = as_frame(demand), as_frame(supply)
    known, vectors = _places(demand)
    metres = np.where(known, np.inf, np.nan)
    ids = np.full(len(demand), None, dtype=object)
    held, where = _places(supply)
    names = (supply["id"] if "id" in supply else supply.index.to_series()).to_numpy(object)[held]
    if held.any() and known.any():
        order = np.argsort(names.astype(str), kind="stable")
        chord, row = KDTree(where[order]).query(vectors)
        metres[known] = _arc(chord)
        ids[known] = names[order][row]
    return pd.DataFrame({"metres": metres, "id": ids}, index=demand.index)


def reach(
    demand: Any,
    supply: Any,
    radius_m: Any,
    *,
    by: str | Sequence[str] = (),
    weight: str = "population",
    detour: float = 1.0,
) -> pd.DataFrame:
    """Count people inside and outside a radius of the nearest supply point.

    radius_m: metres, one for all or one per demand row (NaN: not known). detour: the way is the
    straight line times this. Returns the table of `tally`.
    """
    demand = as_frame(demand)
    radius = np.broadcast_to(np.asarray(radius_m, float), len(demand))
    if (wrong := (radius < 0) | (np.isnan(radius) if np.ndim(radius_m) == 0 else False)).any():
        raise DataError("radius_invalid", value=radius[wrong][0])
    way = nearest(demand, supply)["metres"].to_numpy() * detour
    return tally(demand, within(way, radius), by=by, weight=weight)


def within(metres: Any, radius_m: Any) -> npt.NDArray[np.object_]:
    """Return True or False for every distance, None where it or its radius is not known."""
    far, most = np.asarray(metres, float), np.asarray(radius_m, float)
    # Infinity says that there is no supply at all: no radius reaches it, however wide.
    reached = np.asarray((far <= most + EDGE) & (far < np.inf), dtype=object)
    reached[np.isnan(far) | np.isnan(most)] = None
    return reached


def tally(
    demand: pd.DataFrame,
    reached: npt.NDArray[np.object_],
    *,
    by: str | Sequence[str] = (),
    weight: str = "population",
) -> pd.DataFrame:
    """Count people by whether they are reached (True, False, None: not known).

    Returns one row, or one per value of `by`: total, inside, outside, unknown, and share: inside
    of those who are known (0 to 1; NaN where nobody is).
    """
    names = [by] if isinstance(by, str) else list(by)
    require(demand, [*names, weight])
    people = _figures(demand, weight)
    parts = pd.DataFrame(
        {
            "total": people,
            "inside": np.where(reached == True, people, 0.0),  # noqa: E712 - an object array
            "outside": np.where(reached == False, people, 0.0),  # noqa: E712
            "unknown": np.where(pd.isna(reached), people, 0.0),
        },
        index=demand.index,
    )
    if names:
        keys = [demand[name] for name in names]
        sums = parts.groupby(keys, dropna=False).sum().reset_index()
    else:
        sums = parts.sum().to_frame().T
    known = sums["inside"] + sums["outside"]
    return sums.assign(share=sums["inside"] / known.where(known > 0))


def floating_catchment(
    demand: Any,
    supply: Any,
    radius_m: float,
    *,
    method: Method = "2SFCA",
    bands: Mapping[float, float] | Sequence[Any] | None = None,
    weight: str = "population",
    capacity: str = "capacity",
) -> pd.DataFrame:
    """Return each demand point's share of the capacity within reach, per person.

    2SFCA: Luo and Wang 2003; E2SFCA with weights by distance band: Luo and Qi 2009; 3SFCA, where
    people also choose between facilities: Wan, Zou and Sternberg 2012. bands: (upper metres,
    weight) pairs, or weights of bands of equal width; by default BAND_WEIGHTS. Where all are
    reached, the sum of access times people is the whole capacity.

    Returns access and facilities (how many are within reach) under demand's index. No access is
    0; both are NaN only where the place is unknown, and its people then compete for nothing.
    Capacity that nobody is there to share goes to nobody.
    """
    if not np.isfinite(radius_m) or radius_m < 0:
        raise DataError("radius_invalid", value=radius_m)
    demand, supply = as_frame(demand), as_frame(supply)
    require(demand, [weight])
    require(supply, [capacity])
    if method not in METHODS:
        raise DataError("choice_unknown", what="method", value=method, choices=", ".join(METHODS))
    upper, decay = _bands(bands, radius_m, method)
    known, vectors = _places(demand)
    held, where = _places(supply)
    people, places = _figures(demand, weight)[known], _figures(supply, capacity)[held]

    here, there, metres = _pairs(vectors, where, radius_m)
    pull = np.append(decay, 0.0)[np.searchsorted(upper + EDGE, metres)]
    if method == "3SFCA":
        choices = np.bincount(here, pull, len(people))
        pull = pull * pull / np.where(choices > 0, choices, 1.0)[here]
    crowd = np.bincount(there, people[here] * pull, len(places))
    ratio = np.divide(places, crowd, out=np.zeros(len(places)), where=crowd > 0)
    access = np.full(len(demand), np.nan)
    access[known] = np.bincount(here, ratio[there] * pull, len(people))
    count = np.full(len(demand), np.nan)
    count[known] = np.bincount(here[pull > 0], minlength=len(people))
    return pd.DataFrame({"access": access, "facilities": count}, index=demand.index)


def gini(values: Any, weights: Any = None) -> float:
    """Return the Gini coefficient: 0 all alike, towards 1 all with one.

    values: not negative, zeros included (leaving them out makes a county look fairer than it is);
    weights: people behind each value. NaN where there is nothing to share. Raises DataError
    `figures_invalid` for unknown values: decide first what they are.
    """
    x = np.asarray(values, dtype=object).ravel()
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=object).ravel()
    if len(w) != len(x):
        raise DataError("figures_unlike", values=len(x), weights=len(w))
    table = pd.DataFrame({"values": x, "weights": w})
    x, w = _figures(table, "values"), _figures(table, "weights")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    held = np.cumsum(w * x)
    if not len(x) or held[-1] <= 0:
        return float("nan")
    lorenz = np.sum(w * (2 * held - w * x))
    return float(max(0.0, 1.0 - lorenz / (np.sum(w) * held[-1])))


def _figures(frame: pd.DataFrame, name: str) -> Floats:
    """Return people or places as floats; unknown and negative ones are refused by row."""
    figures = numbers(frame, name)
    if (wrong := ~(figures >= 0)).any():
        raise DataError("figures_invalid", column=name, rows=_rows(wrong))
    return figures


def _places(points: pd.DataFrame) -> tuple[Bools, Floats]:
    """Return which rows have a place, and the unit vectors of those."""
    require(points, ["lon", "lat"])
    lon, lat = numbers(points, "lon"), numbers(points, "lat")
    if (astray := (np.abs(lon) > 180) | (np.abs(lat) > 90)).any():
        raise DataError("place_invalid", rows=_rows(astray))
    known = ~np.isnan(lon) & ~np.isnan(lat)
    x, y = np.radians(lon[known]), np.radians(lat[known])
    return known, np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])


def _rows(wrong: Bools) -> str:
    return ", ".join(str(row) for row in np.flatnonzero(wrong)[:SHOWN_ROWS] + 1)


def _arc(chord: Any) -> Floats:
    return np.asarray(2 * RADIUS * np.arcsin(np.minimum(np.asarray(chord, float) / 2, 1.0)))


def _pairs(
    demand: Floats, supply: Floats, radius_m: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Return the pairs within the radius: demand row, supply row, metres."""
    none = np.empty(0, dtype=np.intp)
    if not len(demand) or not len(supply):
        return none, none, np.empty(0)
    chord = 2 * np.sin(min((radius_m + EDGE) / RADIUS, np.pi) / 2)
    found = KDTree(demand).sparse_distance_matrix(KDTree(supply), chord, output_type="ndarray")
    metres = _arc(found["v"])
    return found["i"].astype(np.intp), found["j"].astype(np.intp), metres


def _bands(
    bands: Mapping[float, float] | Sequence[Any] | None, radius_m: float, method: Method
) -> tuple[Floats, Floats]:
    """Return the upper edges of the bands and their weights."""
    if method == "2SFCA":
        if bands is not None:
            raise DataError("bands_invalid", value=bands)
        return np.array([radius_m]), np.ones(1)
    given = BAND_WEIGHTS if bands is None else bands
    pairs = list(given.items()) if isinstance(given, Mapping) else list(given)
    try:
        table = np.array(pairs, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("bands_invalid", value=bands) from error
    if table.ndim == 1:
        edges = radius_m * np.arange(1, len(table) + 1) / len(table)
        table = np.column_stack([edges, table])
    rising = table.ndim == 2 and table.shape[1:] == (2,) and bool(np.all(np.diff(table[:, 0]) > 0))
    if not len(table) or not rising or not np.isfinite(table).all() or (table < 0).any():
        raise DataError("bands_invalid", value=bands)
    return table[:, 0], table[:, 1]
