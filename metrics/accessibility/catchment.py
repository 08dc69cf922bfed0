"""Floating catchments: how much capacity each person can reach, shared with all who reach it too.

No access is 0 and a fact; an unknown place is unknown.
"""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.accessibility.sphere import EDGE, Floats, Rows, figures, option, places, require_single
from metrics.accessibility.travel import read_network, ways_within
from metrics.frames import as_frame, require

# Luo and Qi (2009), slow decay over three bands of equal width (their sharp one: 1, 0.42, 0.09).
BAND_WEIGHTS = (1.0, 0.68, 0.22)
# Wan, Zou and Sternberg (2012): ends of their four zones as shares of the catchment (10, 20, 30
# and 60 of 60 minutes), with Gaussian weights.
WAN_ZONES = ((1 / 6, 0.962), (1 / 3, 0.704), (1 / 2, 0.377), (1.0, 0.042))
METHODS = ("2SFCA", "E2SFCA", "3SFCA")

Method = Literal["2SFCA", "E2SFCA", "3SFCA"]


def floating_catchment(
    demand: Any,
    supply: Any,
    radius_m: Any,
    *,
    method: Method = "2SFCA",
    bands: Mapping[float, float] | Sequence[Any] | None = None,
    weight: str = "population",
    capacity: str = "capacity",
    detour: float = 1.0,
    network: Any = None,
    metres_per_minute: float | None = None,
) -> pd.DataFrame:
    """Return each demand point's share of the capacity within reach, per person.

    P people of village k, S places of facility j, W the weight of the distance band of a pair:
      2SFCA (Luo and Wang 2003)      R_j = S_j / Σ_k P_k           A_i = Σ_j R_j
      E2SFCA (Luo and Qi 2009)       R_j = S_j / Σ_k P_k W_kj      A_i = Σ_j R_j W_ij
      3SFCA (Wan, Zou, Sternberg 2012), where people choose between facilities: with
      G_ij = W_ij / Σ_j W_ij         R_j = S_j / Σ_k G_kj P_k W_kj A_i = Σ_j G_ij R_j W_ij
    radius_m: metres, one for all or one per demand row, as far as its people go (NaN: not known,
    they are left out like those whose place is unknown).
    bands: (upper metres, weight) pairs, or weights of bands of equal width; a way that ends on an
    edge lies in the nearer band. By default, for both methods alike so that they can be compared,
    BAND_WEIGHTS; the zones of Wan et al. are WAN_ZONES, times the radius. Bands of equal width
    divide each row's own radius; upper metres are the same for all and end at it. Where all are
    reached, the sum of access times people is the whole capacity. detour, network,
    metres_per_minute: as in `nearest`.

    Returns access and facilities (how many are within reach) under demand's index. No access is
    0; both are NaN only where the place is unknown, and its people then compete for nothing.
    Capacity that nobody is there to share goes to nobody.

    Raises DataError radius_invalid, number_invalid, bands_invalid, choice_unknown, figures_invalid,
    and ids_invalid where an id of supply stands on several rows: its places would count twice.
    """
    factor = option("detour", detour, least=1.0)
    demand, supply = as_frame(demand), as_frame(supply)
    radius = _radii(radius_m, len(demand))
    require(demand, [weight])
    require(supply, [capacity])
    if "id" in supply:
        require_single(supply, "supply")
    if method not in METHODS:
        raise DataError("choice_unknown", what="method", value=method, choices=", ".join(METHODS))
    shares, upper, decay = _bands(bands, method)
    people, held = figures(demand, weight), figures(supply, capacity)

    roads = read_network(network, demand, supply, metres_per_minute)
    ways = ways_within(demand, supply, float(np.nanmax(radius, initial=0.0)), factor, roads)
    own = ways.metres <= radius[ways.here] + EDGE
    here, there = ways.here[own], ways.there[own]
    pull = _pull(shares, upper, decay, ways.metres[own], radius[here])
    if method == "3SFCA":
        pull = _by_choice(here, pull, len(people))
    table = _shared(here, there, pull, people, held)
    lost = ~places(demand)[0] & ~np.isin(np.arange(len(people)), roads.here) | np.isnan(radius)
    table.loc[lost] = np.nan
    return table.set_axis(demand.index)


def _by_choice(here: Rows, pull: Floats, count: int) -> Floats:
    """Return weights G·W: W, times its share G of all weights that stand before the same people."""
    choices = np.bincount(here, pull, count)
    return np.asarray(pull * pull / np.where(choices > 0, choices, 1.0)[here])


def _shared(here: Rows, there: Rows, pull: Floats, people: Floats, held: Floats) -> pd.DataFrame:
    """Return the two steps: places over all who come, then summed for who comes; and how many."""
    crowd = np.bincount(there, people[here] * pull, len(held))
    ratio = np.divide(held, crowd, out=np.zeros(len(held)), where=crowd > 0)
    access = np.bincount(here, ratio[there] * pull, len(people))
    count = np.bincount(here[pull > 0], minlength=len(people))
    return pd.DataFrame({"access": access, "facilities": count}, dtype=float)


def _radii(radius_m: Any, count: int) -> Floats:
    """Return the radius of every demand row; NaN only where each row has its own."""
    single = np.ndim(radius_m) == 0
    try:
        if single and (isinstance(radius_m, bool) or not isinstance(radius_m, Real)):
            raise TypeError
        radius: Floats = np.broadcast_to(np.asarray(radius_m, float), count)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError("radius_invalid", value=radius_m) from error
    wrong = (radius < 0) | np.isinf(radius) | (np.isnan(radius) & single)
    if wrong.any() or (single and not 0 <= radius_m < np.inf):
        raise DataError("radius_invalid", value=radius_m if single else radius[wrong][0])
    return radius


def _pull(shares: bool, upper: Floats, decay: Floats, metres: Floats, radius: Floats) -> Floats:
    """Return the weight of every way; a way that ends on an edge lies in the nearer band."""
    weights: Floats = np.append(decay, 0.0)
    if shares:
        # The edges of every way's own radius; no way is longer than the last one.
        band = (metres[:, None] > upper[None, :-1] * radius[:, None] + EDGE).sum(axis=1)
    else:
        band = np.searchsorted(upper + EDGE, metres)
    pull: Floats = weights[band]
    return pull


def _bands(
    bands: Mapping[float, float] | Sequence[Any] | None, method: str
) -> tuple[bool, Floats, Floats]:
    """Return whether the upper edges are shares of the radius (else metres), edges and weights."""
    if method == "2SFCA":
        if bands is not None:
            raise DataError("bands_invalid", value=bands)
        return True, np.ones(1), np.ones(1)
    given = BAND_WEIGHTS if bands is None else bands
    try:
        pairs = list(given.items()) if isinstance(given, Mapping) else list(given)
        table = np.array(pairs, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("bands_invalid", value=bands) from error
    shares = table.ndim == 1
    if shares:
        table = np.column_stack([np.arange(1, len(table) + 1) / len(table), table])
    rising = table.ndim == 2 and table.shape[1:] == (2,) and bool(np.all(np.diff(table[:, 0]) > 0))
    if not len(table) or not rising or not np.isfinite(table).all() or (table < 0).any():
        raise DataError("bands_invalid", value=bands)
    return shares, table[:, 0], table[:, 1]
