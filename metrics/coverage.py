"""Coverage of people by facilities, on the sphere (WGS-84 degrees, R = 6371008.8 m).

Nobody within reach is 0 and a fact; an unknown place is unknown and counted apart. A supply point
whose place is unknown can serve nobody here, unless a road table knows the way to it.

All tables are a DataFrame, a pyarrow Table or a DuckDB relation with lon and lat. The rows are what
is counted: an id of demand may stand on several of them (a village of several hamlets).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError
from metrics.accessibility.catchment import BAND_WEIGHTS, METHODS, WAN_ZONES, floating_catchment
from metrics.accessibility.equity import equity, gini, worst_off
from metrics.accessibility.sites import Sites, best_sites
from metrics.accessibility.sphere import EDGE, RADIUS, figures
from metrics.accessibility.travel import nearest
from metrics.frames import as_frame, columns_of, require

__all__ = [
    "BAND_WEIGHTS", "EDGE", "METHODS", "RADIUS", "WAN_ZONES", "Sites", "best_sites", "equity",
    "floating_catchment", "gini", "nearest", "reach", "tally", "within", "worst_off",
]  # fmt: skip


# Columns of an answer: none of them may be what it is counted by.
ANSWERS = ("total", "inside", "outside", "unknown", "share", "by_road")


def reach(
    demand: Any,
    supply: Any,
    radius_m: Any,
    *,
    by: str | Sequence[str] = (),
    weight: str = "population",
    detour: float = 1.0,
    network: Any = None,
    metres_per_minute: float | None = None,
) -> pd.DataFrame:
    """Count people inside and outside a radius of the nearest supply point.

    radius_m: metres, one for all or one per demand row (NaN: not known); 0 reaches only what stands
    at the place itself, infinity whoever has a facility at all. detour: the way is the straight
    line times this (1 or more). network, metres_per_minute: a road table as in `nearest`.

    Returns the table of `tally`; with a network also by_road: the people whose nearest way was read
    from the table, all others being straight line × detour. Raises DataError radius_invalid
    (negative, NaN, words, not one per row) and as `nearest` and `tally` do.
    """
    demand = as_frame(demand)
    given = np.asarray(radius_m)
    try:
        # Texts and truth values would else pass for metres.
        if given.dtype.kind in "USbc":
            raise DataError("radius_invalid", value=radius_m)
        radius = np.broadcast_to(given.astype(float), len(demand))
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError("radius_invalid", value=radius_m) from error
    if (wrong := (radius < 0) | (np.isnan(radius) if np.ndim(radius_m) == 0 else False)).any():
        raise DataError("radius_invalid", value=radius[wrong][0])
    near = nearest(
        demand, supply, network=network, detour=detour, metres_per_minute=metres_per_minute
    )
    table = tally(demand, within(near["metres"].to_numpy(), radius), by=by, weight=weight)
    if network is None:
        return table
    roads = np.asarray(near["way"] == "road", dtype=object)
    return table.assign(by_road=tally(demand, roads, by=by, weight=weight)["inside"])


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
    of those who are known (0 to 1; NaN where nobody is). Raises DataError columns_repeated where
    `by` has a name of these, columns_missing and figures_invalid.
    """
    names = columns_of(by)
    require(demand, [*names, weight])
    if taken := [name for name in names if name in ANSWERS]:
        raise DataError("columns_repeated", columns=", ".join(taken))
    people = figures(demand, weight)
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
