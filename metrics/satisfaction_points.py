"""Other ways of scoring the same answers, and the bands that would change: a read-out.

Points 100/80/60/30/0 are common in China (no authority found), the share rating 3-5 is an
official figure in places, the share rating 4-5 and the net share are used abroad. The assessment
always scores 100/75/50/25/0.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment import assessed
from metrics.satisfaction import POINTS, by_unit, standing
from metrics.satisfaction_effect import bands_moved

KEYS = ["unit_code", "level", "name_zh", "name_en", "n"]
FIGURES = ["estimate", "low", "high"]
UNITS = [*KEYS, "default", *FIGURES, "standing_default", "standing", "shown", "note"]


@dataclass(frozen=True)
class Scored:
    """An item under another way of scoring, beside the default one.

    units: UNITS; default: the score 100/75/50/25/0; estimate, low, high: as chosen (shares in %);
    standing: 'above' | 'same' | 'below' the whole by intervals, '' where not shown. scored, bands:
    townships with a band, and those whose band would differ (`satisfaction_effect.BANDS`).
    """

    units: pd.DataFrame
    scored: int
    bands: pd.DataFrame


def compare(store: Store, scope: Scope, survey_id: str, item: str, points: str) -> Scored:
    """Score an item in another way of `satisfaction.POINTS` than the default one."""
    here = by_unit(store, scope, survey_id, item)
    there = by_unit(store, scope, survey_id, item, points)
    table = there[[*KEYS, *FIGURES, "shown", "note"]].assign(
        default=here["estimate"].where(there["shown"]),
        standing_default=standing(here),
        standing=standing(there),
    )
    worth = np.interp(POINTS[points], (min(POINTS[points]), max(POINTS[points])), (0, 100))
    found = assessed(store, Scope(scope.year, scope.county)).bands_with_points(list(worth))
    names = ["unit_code", "name_zh", "name_en"]
    old = found[names].assign(band=found["band_before"])
    new = found[names].assign(band=found["band_after"])
    return Scored(table[UNITS], *bands_moved(old, new))
