"""How well each township is run and how content its people are, and a few planted problems.

Neither is observed: both drive the tables, with noise, so that facts hang together and
satisfaction follows facts without being a copy of them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.sample.draws import YEARS, Floats
from data.sample.places import County

DIMENSIONS = ("A", "B1", "B2", "B3", "B4", "B5", "C", "D", "E", "F", "G")


class Problems(NamedTuple):
    """Units (positions) with a problem that a careful reader of the pages should find.

    good_but_disliked: facts among the best, satisfaction among the lowest.
    idle_elderly: many residents, its elderly care facilities stand idle.
    no_drill: no comprehensive emergency drill in either year.
    few_answers: fewer than 30 respondents in the later survey wave.
    perfect_village: a unit with one village that answers 'very satisfied' to everything, asked
    by one interviewer in about a minute, in the later wave.
    inspected: inspections outside the annual plan have multiplied in the later year.
    late_department: a county department that seldom answers in time.
    """

    good_but_disliked: int
    idle_elderly: int
    no_drill: int
    few_answers: int
    perfect_village: int
    inspected: int
    late_department: str


@dataclass(frozen=True)
class Qualities:
    """Latent qualities, about standard normal: dimension → unit × year.

    facts: what is done. feelings: how it is felt. problems: only in the first county.
    """

    facts: dict[str, Floats]
    feelings: dict[str, Floats]
    problems: Problems | None


def problems_of(county: County) -> Problems | None:
    """Return the planted problems; small samples let one unit have several."""
    if county.index:
        return None
    cities = np.flatnonzero(county.units.subdistrict)
    towns = np.flatnonzero(~county.units.subdistrict & ~county.units.rural)
    rural = np.flatnonzero(county.units.rural)
    people = np.bincount(county.villages.unit, county.villages.population)
    return Problems(
        good_but_disliked=int(towns[min(2, towns.size - 1)]),
        idle_elderly=int(cities[np.argmax(people[cities])]),
        no_drill=int(rural[min(1, rural.size - 1)]),
        few_answers=int(rural[-1]),
        perfect_village=int(towns[min(4, towns.size - 1)]),
        inspected=int(cities[np.argmin(people[cities])]),
        late_department="县自然资源局",
    )


def qualities_of(county: County) -> Qualities:
    """Draw the latent qualities of every township."""
    rng = county.stream("qualities")
    units = len(county.units)
    problems = problems_of(county)
    general = rng.normal(0, 1, units)
    # Far, hilly townships find everything a little harder.
    general -= 0.3 * np.clip(county.units.hills, -1, 2)
    liked = rng.normal(0, 0.35, units)
    if problems:
        general[problems.good_but_disliked] = 1.8
        liked[problems.good_but_disliked] = -4.0
    progress = 0.15 * np.arange(len(YEARS))
    facts, feelings = {}, {}
    for dimension in DIMENSIONS:
        own = rng.normal(0, 0.4, units)
        shake = rng.normal(0, 0.2, (units, len(YEARS)))
        facts[dimension] = (0.85 * general + own)[:, None] + progress + shake
        felt = rng.normal(0, 0.25, units) + liked
        feelings[dimension] = 0.75 * facts[dimension] + felt[:, None]
    if problems:
        feelings["D"][problems.idle_elderly] -= 0.8
        feelings["B4"][problems.no_drill] -= 0.6
    return Qualities(facts, feelings, problems)
