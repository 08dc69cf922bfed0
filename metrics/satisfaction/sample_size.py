"""How many people a survey has to ask, for the county and for each township.

Cochran, Sampling Techniques (3rd ed. 1977), sections 4.4 and 5.2: z^2 p(1-p) / e^2 with the finite
population correction; multiplied by the design effect of a sample in clusters (Kish 1965), in the
form of Krejcie and Morgan (1970) and OpenEpi: deff N p(1-p) / ((e/z)^2 (N-1) + p(1-p)).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.queries import sql

For = Literal["townships", "county"]
PLAN = [
    "unit_code", "level", "name_zh", "name_en", "unit_type", "population", "year", "sample",
    "contacts", "half_width", "everyone",
]  # fmt: skip
LARGEST_DEFF = 20.0


@dataclass(frozen=True)
class Wish:
    """What a survey is to show.

    margin: half the width of the interval, as a share (0.05 is five points). level: of confidence.
    share: expected share; 0.5 asks for the most people. deff: design effect, 1 for a sample drawn
    person by person. response: share of those contacted who answer.
    """

    margin: float
    level: float = 0.95
    share: float = 0.5
    deff: float = 1.0
    response: float = 1.0


@dataclass(frozen=True)
class Needed:
    """How many people a survey needs: the exact figure, answers, people to contact.

    everyone: the whole population has to be asked. infinite: what a population without end would
    take, before the correction and without the design effect.
    """

    exact: float
    answers: int
    contacts: int
    everyone: bool
    infinite: float


def needed(wish: Wish, population: int | None = None) -> Needed:
    """Return how many people of a population (None: without end) have to answer.

    Raises DataError `sample_size_invalid` for values that no survey has.
    """
    _require(wish, population)
    spread, tight = wish.share * (1 - wish.share), (wish.margin / _z(wish)) ** 2
    infinite = spread / tight
    if population is None:
        exact = wish.deff * infinite
    else:
        exact = wish.deff * population * spread / (tight * (population - 1) + spread)
    # The tenth decimal is noise of binary fractions: 96.0000000001 people are 96.
    answers = math.ceil(round(exact, 9))
    everyone = population is not None and answers >= population
    if population is not None:
        answers = min(answers, population)
    return Needed(exact, answers, _contacts(answers, population, wish), everyone, infinite)


def half_width(wish: Wish, answers: int, population: int | None = None) -> float:
    """Return how far an estimated share may be off, as a share; NaN without answers.

    The inverse of `needed`: the interval of so many answers under the same design.
    """
    if answers <= 0:
        return math.nan
    if population is not None and answers >= population:
        return 0.0
    effective = answers / wish.deff
    correction = 1.0 if population is None else (population - effective) / (population - 1)
    return _z(wish) * math.sqrt(wish.share * (1 - wish.share) / effective * max(0.0, correction))


def plan(
    store: Store,
    scope: Scope,
    *,
    margin: float,
    level: float = 0.95,
    deff: float = 1.0,
    response: float = 1.0,
    whom: For = "townships",
) -> pd.DataFrame:
    """Return how many people to ask in each township, and in the county (first row): PLAN.

    whom: 'townships' gives each township the margin; 'county' gives it to the county as a whole
    and divides its sample by residents (largest remainder). half_width: in points, of each row as
    a stratified sample. A township whose residents are not known is taken as without end, and
    population is blank; the county is then not added up to a population either.
    """
    wish = Wish(margin, level=level, deff=deff, response=response)
    towns = store.read_once(sql("collection/populations"), scope.parameters())
    sizes = [None if pd.isna(n) or n <= 0 else int(n) for n in towns["population"]]
    total = sum(n for n in sizes if n) if all(sizes) and sizes else None
    if whom == "townships":
        answers = [needed(wish, size).answers for size in sizes]
    else:
        answers = _divided(needed(wish, total).answers, sizes)
    rows = towns.assign(
        level="township",
        sample=answers,
        contacts=[_contacts(n, size, wish) for n, size in zip(answers, sizes, strict=True)],
        half_width=[
            100 * half_width(wish, n, size) for n, size in zip(answers, sizes, strict=True)
        ],
        everyone=[size is not None and n >= size for n, size in zip(answers, sizes, strict=True)],
    )
    table = pd.concat([_whole(rows, total), rows], ignore_index=True) if len(rows) > 1 else rows
    return table.reindex(columns=PLAN)


def _whole(rows: pd.DataFrame, total: int | None) -> pd.DataFrame:
    """Return the row of the county: sums, and the interval of the townships taken together."""
    weights = rows["population"].astype(float) / total if total else 1 / len(rows)
    width = float(np.sqrt(((weights * rows["half_width"]) ** 2).sum(skipna=False)))
    whole = {
        "unit_code": "",
        "level": "county",
        "population": total,
        "sample": rows["sample"].sum(),
        "contacts": rows["contacts"].sum(),
        "half_width": width if total else math.nan,
        "everyone": bool(rows["everyone"].all()),
    }
    return pd.DataFrame([whole])


def _divided(answers: int, sizes: list[int | None]) -> list[int]:
    """Divide a sample by residents, the largest remainders first; by equal parts if unknown."""
    known = [size for size in sizes if size]
    weights = np.array(known if len(known) == len(sizes) else [1] * len(sizes), dtype=float)
    if not len(weights):
        return []
    exact = answers * weights / weights.sum()
    whole = np.floor(exact).astype(int)
    rest = np.argsort(-(exact - whole), kind="stable")[: answers - int(whole.sum())]
    whole[rest] += 1
    return [int(n) for n in whole]


def _contacts(answers: int, population: int | None, wish: Wish) -> int:
    wanted = math.ceil(round(answers / wish.response, 9))
    return wanted if population is None else min(wanted, population)


def _z(wish: Wish) -> float:
    return float(norm.ppf((1 + wish.level) / 2))


def _require(wish: Wish, population: int | None) -> None:
    sound = {
        "margin": 0 < wish.margin < 1,
        "level": 0.5 <= wish.level < 1,
        "share": 0 < wish.share < 1,
        "deff": 1 <= wish.deff <= LARGEST_DEFF,
        "response": 0 < wish.response <= 1,
        "population": population is None or population >= 1,
    }
    for name, right in sound.items():
        if not right:
            value = population if name == "population" else getattr(wish, name)
            raise DataError("sample_size_invalid", name=name, value=value)
