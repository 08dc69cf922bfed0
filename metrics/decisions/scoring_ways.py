"""Other ways of scoring the same answers, the bands that would change, and the county's decision.

A decision holds for surveys that start in its year or later, until another one; it is published
like data, so that it is signed, dated and can be taken back. The roll-up then scores that way.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.answer_points import ADOPTABLE, POINTS
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.words import both
from metrics.assessment.township_card import assessed
from metrics.decisions.survey_effect import bands_moved
from metrics.satisfaction.figures import by_unit, standing
from metrics.satisfaction.scale import way_word

KEYS = ["unit_code", "level", "name_zh", "name_en", "n"]
FIGURES = ["estimate", "low", "high"]
UNITS = [*KEYS, "default", *FIGURES, "standing_default", "standing", "shown", "note"]


@dataclass(frozen=True)
class Scored:
    """An item under another way of scoring, beside the default one.

    units: UNITS; default: as the county scores; estimate, low, high: as chosen (shares in %);
    standing: 'above' | 'same' | 'below' the whole by intervals, '' where not shown. scored, bands:
    townships with a band, and those whose band would differ (`satisfaction_effect.BANDS`).
    """

    units: pd.DataFrame
    scored: int
    bands: pd.DataFrame


def compare(store: Store, scope: Scope, survey_id: str, item: str, points: str) -> Scored:
    """Score an item in another way of `data.answer_points` than the one in force."""
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


def adopt(
    store: Store, county: str, points: str, from_year: int, *, author: str, reason: str
) -> int:
    """Publish the decision of a county to score in a way from a year on; return the version.

    points: of `data.answer_points.ADOPTABLE`; the default one takes an earlier decision back.
    Raises DataError `choice_unknown`, and `decision_unsigned` without an author and a reason.
    """
    if points not in ADOPTABLE:
        raise DataError("choice_unknown", what="points", value=points, choices=", ".join(ADOPTABLE))
    if not author.strip() or not reason.strip():
        raise DataError("decision_unsigned", survey=county)
    rows = pd.DataFrame(
        [
            {
                "county_code": county,
                "from_year": from_year,
                "points": points,
                "reason": reason.strip(),
                "decided_by": author.strip(),
            }
        ]
    )
    message = both("points.message", way=way_word(points), year=from_year).zh
    return store.publish([Change("survey_scoring", rows)], author=author.strip(), message=message)
