"""How the villages of the map fare, packed short: whether each is reached, and how far it has."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.accessibility import service_coverage
from metrics.maps import layers

# With more villages than this none is drawn until the reader is near (map.js): how they fare is
# then fetched when it is needed, and no repaint carries it.
MOST_SENT = 1_500
STANDARD, EVERY_TYPE = "standard", "all"
_STEP_M = 10
_SIGNS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
_LONGEST = _STEP_M * (36**3 - 1)
_NAME = re.compile(
    r"states-(?P<year>\d{1,4})-(?P<layer>M\d{2})-(?P<measure>[\w.]{1,20})"
    r"-(?P<radius>standard|\d{1,6})-(?P<type>all|township|subdistrict)\.json"
)


@dataclass(frozen=True)
class Villages:
    """How the villages of the points layer fare, in its order.

    flags: '1' reached, '0' not, '?' not known, '-' not in view. ways: three signs each, the way
    in tens of metres to the base 36, '---' for none (see `ways`). url: in place of both the address
    from which they are fetched.
    """

    flags: str = ""
    ways: str = ""
    url: str = ""


def ways(metres: npt.ArrayLike) -> str:
    """Return ways as the map reads them: three signs each."""
    far = np.asarray(metres, float)
    known = (far >= 0) & (far < _LONGEST)
    steps = np.round(np.where(known, far, 0) / _STEP_M).astype(int)
    signs = _SIGNS[np.stack([steps // 36**2, steps // 36 % 36, steps % 36], axis=-1)]
    signs[~known] = "-"
    return "".join(signs.ravel())


def packed(found: pd.DataFrame, codes: Sequence[str]) -> Villages:
    """Return villages of `layers.villages` in the order of the points layer's codes."""
    rows = found.set_index("community_code").reindex(codes)
    reached = rows["reached"].to_numpy(object)
    states = np.select([reached == True, reached == False], ["1", "0"], "?")  # noqa: E712
    flags = np.where(rows["township_code"].isna(), "-", states)
    return Villages("".join(flags.tolist()), ways(rows["metres"].to_numpy(float)))


def name(
    year: int | None, layer: str, measure: str, radius_m: float | None, unit_type: str | None
) -> str:
    """Return the name under which the browser asks how villages fare in a view."""
    radius = STANDARD if radius_m is None else f"{radius_m:.0f}"
    return f"states-{year or 0}-{layer}-{measure}-{radius}-{unit_type or EVERY_TYPE}.json"


def of_name(store: Store, county: str | None, asked: str) -> dict[str, Any] | None:
    """Return flags and ways of the view that a name stands for; None for a name of another kind.

    Raises DataError `unknown_layer`, `unknown_measure`.
    """
    told = _NAME.fullmatch(asked)
    if told is None:
        return None
    kind = told["type"] if told["type"] != EVERY_TYPE else None
    scope = Scope(year=int(told["year"]) or None, county=county, unit_type=kind)
    radius = None if told["radius"] == STANDARD else float(told["radius"])
    found = layers.villages(store, scope, told["layer"], told["measure"], radius)
    places = service_coverage.map_villages(store, Scope(year=scope.year, county=county))
    held = packed(found, places["community_code"].tolist())
    return {"flags": held.flags, "ways": held.ways}
