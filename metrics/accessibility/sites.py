"""Where to open next: the sites that bring most people within reach, idle buildings first."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from data.errors import DataError
from metrics.accessibility.site_model import (
    Model,
    best_saved,
    greedy,
    quick_bound,
    reduced,
    restricted,
)
from metrics.accessibility.site_solver import PROVEN, Answer, solve
from metrics.accessibility.sphere import (
    EDGE,
    Bools,
    Floats,
    figures,
    names_of,
    option,
    places,
    require_single,
    rows_named,
)
from metrics.accessibility.travel import Ways, read_network, shortest, ways_within
from metrics.frames import as_frame, require

Objective = Literal["coverage", "p_median"]
OBJECTIVES = ("coverage", "p_median")
TIME_LIMIT_S = 30.0
# Metres; ways this close are one way: what parts them is rounding, and saves nobody a step.
SAME_WAY = 1e-6


@dataclass(frozen=True)
class Sites:
    """Which sites to open, in which order, and how sure that is.

    sites: one row per site, first the one that does most: id, people (whom it newly brings within
    the radius), cumulative, idle; for the p-median ordered by metres saved, with mean_metres (of
    all who have a known way, once this site and those before it are open).
    objective: coverage: total counts people newly reached; p_median: people × metres to the
    nearest facility, the less the better.
    total: of the sites named; bound: what no choice of p sites can pass; gap: (bound - total) over
    the greater of both; proven: the gap is 0 to seven digits, so that this is an optimum.
    idle_proven: of all optima this has the fewest new buildings, then the fewest sites.
    people: all of demand; already: within reach of `existing`; unknown: whose place is not known.
    """

    sites: pd.DataFrame
    objective: Objective
    total: float
    bound: float
    gap: float
    proven: bool
    idle_proven: bool
    people: float
    already: float
    unknown: float


@dataclass(frozen=True)
class _Question:
    """Demand rows × candidates, the candidates in the order of their ids."""

    model: Model
    covers: sp.csr_array
    fresh: Floats
    names: npt.NDArray[np.object_]
    # People × metres before anything is chosen; 0 for covering.
    before: float
    known: float


def best_sites(
    demand: Any,
    candidates: Any,
    radius_m: float,
    p: int,
    *,
    existing: Any = None,
    exact: bool = True,
    objective: Objective = "coverage",
    weight: str = "population",
    detour: float = 1.0,
    network: Any = None,
    metres_per_minute: float | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Sites:
    """Choose at most p of the candidates.

    demand: lon, lat and people; candidates: id (or index), lon, lat, and, where known, idle (True:
    an existing building that stands empty). existing: facilities that are there already; whom they
    reach is not counted again. detour, network, metres_per_minute: as in `nearest`; a network may
    hold ways to existing facilities as well.

    objective 'coverage': most people newly within the radius (maximal covering location problem,
    Church and ReVelle 1974). 'p_median': least people × metres to the nearest facility, existing
    ones included (Hakimi 1964); it takes only demand and candidates with a place, and the radius
    then only counts people; infinite, it counts all who have a way to any facility. Idle first, in
    this order: exactly as many people (or metres) as any choice can give; among those optima the
    fewest new buildings, that is as many idle ones instead of new ones as possible; then the fewest
    sites. A site that adds nothing is not named, so there may be fewer than p.

    exact: by HiGHS within time_limit_s (its bound and gap stand in the answer when time runs out);
    False: one site after the other, the best each time, an idle one before an equal new one: at
    once, and for coverage never below 63 % of the optimum. Rows in any order give the same answer.

    Raises DataError number_invalid (radius, p, detour, time limit: finite, but for the radius of a
    p-median, and above 0), ids_invalid (a candidate's id blank or on several rows), idle_invalid,
    choice_unknown, figures_invalid, columns_missing, and as `nearest` does for the network.
    """
    _require_objective(objective)
    radius, count = _radius(radius_m, objective), _whole("p", p)
    limit, factor = option("time_limit_s", time_limit_s), option("detour", detour, least=1.0)
    demand, candidates = as_frame(demand), _by_name(as_frame(candidates))
    require(demand, [weight])
    people = figures(demand, weight)
    there = as_frame(candidates.iloc[:0] if existing is None else existing)
    roads, old_roads = _roads(network, demand, candidates, there, metres_per_minute)
    near = shortest(demand, there, old_roads, factor)[0]
    # Infinity says that there is no facility at all: no radius reaches it, however wide.
    already = (near <= radius + EDGE) & (near < np.inf)

    ways = ways_within(demand, candidates, radius, factor, roads)
    question = _covering(ways, np.where(already, 0.0, people), candidates)
    placed = places(demand)[0]
    if objective == "p_median":
        ways = ways_within(demand, candidates, np.inf, factor, roads)
        useful = places(candidates)[0]
        question = _median(question, ways, near, np.where(placed, people, 0.0), useful)
    answer = _answer(question.model, count, limit if exact else None)
    known = placed | np.isin(np.arange(len(demand)), np.append(roads.here, old_roads.here))
    groups = (people, people[already], people[~known])
    return _told(question, answer, objective, *(float(each.sum()) for each in groups))


def _require_objective(objective: str) -> None:
    if objective not in OBJECTIVES:
        raise DataError(
            "choice_unknown", what="objective", value=objective, choices=", ".join(OBJECTIVES)
        )


def _radius(value: Any, objective: Objective) -> float:
    """Return metres; infinity where nobody is left out by a radius, as in the p-median."""
    endless = isinstance(value, float | np.floating) and value == np.inf
    return np.inf if endless and objective == "p_median" else option("radius_m", value)


def _by_name(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return candidates in the order of their ids, so that no order of rows sways the answer."""
    require_single(candidates, "candidates")
    return candidates.iloc[np.argsort(names_of(candidates).astype(str), kind="stable")]


def _whole(name: str, value: Any) -> int:
    """Return a number of things: whole and at least 1."""
    figure = option(name, value, least=1.0)
    if figure != int(figure):
        raise DataError("number_invalid", name=name, value=value, least="1")
    return int(figure)


def _idle(candidates: pd.DataFrame) -> Bools:
    """Return which candidates are existing buildings that stand empty; without a column, none."""
    if "idle" not in candidates:
        return np.zeros(len(candidates), dtype=np.bool_)
    require(candidates, ["idle"])
    held = candidates["idle"].to_numpy(object)
    wrong = np.array([not isinstance(value, bool | np.bool_) for value in held], dtype=np.bool_)
    if wrong.any():
        raise DataError("idle_invalid", rows=rows_named(wrong))
    return held.astype(np.bool_)


def _roads(
    network: Any,
    demand: pd.DataFrame,
    candidates: pd.DataFrame,
    there: pd.DataFrame,
    metres_per_minute: float | None,
) -> tuple[Ways, Ways]:
    """Return the ways of one road table to candidates and to facilities that exist."""
    both = pd.DataFrame({"id": np.append(names_of(candidates), names_of(there))})
    roads = read_network(network, demand, both, metres_per_minute)
    new = roads.there < len(candidates)
    return (
        Ways(roads.here[new], roads.there[new], roads.metres[new], roads.by_road[new]),
        Ways(roads.here[~new], roads.there[~new] - len(candidates), roads.metres[~new],
             roads.by_road[~new]),
    )  # fmt: skip


def _table(ways: Ways, figures: Floats, rows: int, columns: int) -> sp.csr_array:
    return sp.csr_array((figures, (ways.here, ways.there)), shape=(rows, columns))


def _covering(ways: Ways, fresh: Floats, candidates: pd.DataFrame) -> _Question:
    """Return the question of the people whom each candidate newly reaches; fresh: of each row."""
    covers = _table(ways, np.ones(len(ways.metres)), len(fresh), len(candidates))
    model = Model(covers, fresh, _idle(candidates), 0, np.arange(len(candidates)))
    return _Question(model, covers, fresh, names_of(candidates), 0.0, 0.0)


def _median(
    covering: _Question, ways: Ways, near: Floats, people: Floats, useful: Bools
) -> _Question:
    """Return the question of the metres that each candidate saves one person of each row.

    Where nothing exists yet, everybody starts from the farthest candidate: one must be chosen, so
    that nobody is ever worse off than that. people: 0 in rows without a place.
    """
    near = np.where(np.isnan(near), np.inf, near)
    sure = (people[ways.here] > 0) & useful[ways.there]
    ways = Ways(ways.here[sure], ways.there[sure], ways.metres[sure], ways.by_road[sure])
    farthest = np.full(len(near), -np.inf)
    np.maximum.at(farthest, ways.here, ways.metres)
    base = np.where(np.isfinite(near) | np.isneginf(farthest), near, farthest)
    nearer = base[ways.here] - ways.metres
    saved = np.where(nearer > SAME_WAY, nearer, 0.0)
    least = int(not np.isfinite(near).any() and useful.any())
    saves = _table(ways, saved, len(near), len(useful))
    model = replace(covering.model, saves=saves, people=people, least=least)
    counted = people > 0
    before = float(people[counted] @ base[counted])
    return replace(covering, model=model, before=before, known=float(people.sum()))


def _answer(model: Model, p: int, limit: float | None) -> Answer:
    """Return the choice in columns of the whole model; without a limit, the greedy one."""
    small = reduced(model)
    if limit is not None:
        found = solve(small, p, limit)
    else:
        chosen = greedy(small, p)
        bound = quick_bound(small, chosen, p)
        found = Answer(chosen, bound, small.value(chosen) >= bound * (1 - PROVEN), False)
    return replace(found, chosen=small.columns[found.chosen])


def _told(
    question: _Question,
    answer: Answer,
    objective: Objective,
    people: float,
    already: float,
    unknown: float,
) -> Sites:
    """Put the sites in the order of what they add and the figures beside them."""
    model = question.model
    few = restricted(model, np.sort(answer.chosen))
    order = few.columns[greedy(few, len(answer.chosen))]
    steps = range(len(order) + 1)
    reached = [float(question.fresh @ best_saved(question.covers, order[:n])) for n in steps]
    saved = [model.value(order[:n]) for n in steps]
    table = pd.DataFrame(
        {
            "id": question.names[order],
            "people": np.diff(reached),
            "cumulative": reached[1:],
            "idle": model.idle[order],
        }
    )
    total, bound = saved[-1], max(answer.bound, saved[-1])
    if objective == "p_median":
        total, bound = question.before - total, question.before - bound
        left = question.before - np.array(saved[1:])
        table["mean_metres"] = left / question.known if question.known else np.nan
    if answer.proven:
        bound = total
    gap = 0.0 if answer.proven else abs(bound - total) / max(bound, total)
    return Sites(
        table, objective, total, bound, gap, answer.proven, answer.fewest, people, already, unknown
    )
