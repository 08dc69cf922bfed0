"""Sites: hand-worked cases, every subset as the slow twin, laws, refusals, time and speed."""

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.accessibility.site_model import Model, quick_bound, reduced
from metrics.coverage import RADIUS, Sites, best_sites, nearest, reach

METRE = 180 / (np.pi * RADIUS)  # degrees along the equator


def line(**places: tuple[float, int]) -> pd.DataFrame:
    """Villages along the equator: metres east, people."""
    rows = [(name, 100 + at * METRE, 0.0, people) for name, (at, people) in places.items()]
    return pd.DataFrame(rows, columns=["id", "lon", "lat", "population"])


def spots(*places: tuple[str, float, bool]) -> pd.DataFrame:
    rows = [(name, 100 + at * METRE, 0.0, idle) for name, at, idle in places]
    return pd.DataFrame(rows, columns=["id", "lon", "lat", "idle"])


VILLAGES = line(a=(0, 100), b=(1000, 80), c=(2000, 60), d=(5000, 50), e=(9000, 40))
# West reaches a and b, middle b and c, greedy's choice is all of a, b, c; east d; far nobody.
SPOTS = spots(("west", 500, False), ("middle", 1500, False), ("east", 5000, False),
              ("far", 20_000, False))  # fmt: skip


def test_by_hand() -> None:
    found = best_sites(VILLAGES, SPOTS, 1000, 2)
    # West 180 and then middle 60 (c; b is reached already): 240, more than west and east (230).
    assert found.sites["id"].tolist() == ["west", "middle"]
    assert found.sites["people"].tolist() == [180, 60]
    assert found.sites["cumulative"].tolist() == [180, 240]
    assert (found.total, found.bound, found.gap, found.proven) == (240, 240, 0, True)
    assert (found.people, found.already, found.unknown) == (330, 0, 0)
    # A third and a fourth: east adds 50, far nobody and is not named.
    assert best_sites(VILLAGES, SPOTS, 1000, 4).sites["id"].tolist() == ["west", "middle", "east"]


def test_whom_existing_facilities_reach_is_not_counted_again() -> None:
    there = spots(("old", 0, False))
    found = best_sites(VILLAGES, SPOTS, 1000, 1, existing=there)
    # a and b have the old one: west adds nobody, middle 60.
    assert (found.sites["id"].item(), found.total, found.already) == ("middle", 60, 180)


def test_greedy_may_miss_what_exact_finds() -> None:
    villages = line(a=(0, 6), b=(1000, 6), c=(2000, 6), d=(3000, 6))
    villages["population"] = [60, 65, 65, 60]
    held = spots(("left", 500, False), ("right", 2500, False), ("trap", 1500, False))
    assert best_sites(villages, held, 600, 2, exact=False).sites["id"].iloc[0] == "trap"
    exact = best_sites(villages, held, 600, 2)
    assert set(exact.sites["id"]) == {"left", "right"}
    assert exact.total == 250
    preview = best_sites(villages, held, 600, 2, exact=False)
    assert preview.total == 190
    assert preview.bound >= 250
    assert not preview.proven


def test_idle_buildings_come_first_where_they_reach_as_many() -> None:
    new, idle = ("new", 500, False), ("idle", 510, True)
    assert best_sites(VILLAGES, spots(new, idle), 1000, 1).sites["id"].item() == "idle"
    assert best_sites(VILLAGES, spots(new, idle), 1000, 1, exact=False).sites["idle"].item()
    # People first: an idle building that reaches fewer gives way.
    worse = ("idle", 9000, True)
    assert best_sites(VILLAGES, spots(new, worse), 1000, 1).sites["id"].item() == "new"
    # One new building for all, or two idle ones: no new one is needed.
    pair = spots(("new", 500, False), ("i1", 0, True), ("i2", 1000, True))
    found = best_sites(VILLAGES.iloc[:2], pair, 500.0, 2)
    assert sorted(found.sites["id"]) == ["i1", "i2"]
    assert found.idle_proven
    # Of idle ones alone, as few as will do.
    spare = spots(("i1", 0, True), ("i2", 1000, True), ("i3", 500, True))
    assert best_sites(VILLAGES.iloc[:2], spare, 500, 3).sites["id"].tolist() == ["i3"]


def test_p_median_by_hand() -> None:
    villages = line(a=(0, 3), b=(1000, 1), c=(4000, 2))
    held = spots(("x", 0, False), ("y", 1000, False), ("z", 4000, False))
    one = best_sites(villages, held, 500, 1, objective="p_median")
    # x: 1×1000 + 2×4000 = 9000; y: 3×1000 + 2×3000 = 9000; z: 15000. x comes first by its id.
    assert one.total == pytest.approx(9000, rel=1e-9)
    two = best_sites(villages, held, 500, 2, objective="p_median")
    # x and z: only b walks 1000 m.
    assert sorted(two.sites["id"]) == ["x", "z"]
    assert two.total == pytest.approx(1000, rel=1e-9)
    assert two.sites["mean_metres"].iloc[-1] == pytest.approx(1000 / 6, rel=1e-9)
    assert two.sites["people"].sum() == 5
    there = best_sites(
        villages, held, 500, 1, objective="p_median", existing=spots(("o", 0, False))
    )
    assert (there.sites["id"].item(), there.already) == ("z", 3)
    assert there.total == pytest.approx(1000, rel=1e-9)


def test_without_a_limit_everybody_goes_to_the_nearest_site() -> None:
    villages = line(a=(0, 3), b=(1000, 1), c=(4000, 2)).assign(
        lon=lambda t: [*t["lon"][:2], np.nan]
    )
    held = spots(("x", 0, False), ("y", 1000, False))
    # x: b walks 1000 m; both placed villages have it, the third has no place; y brings nobody new.
    one = best_sites(villages, held, np.inf, 1, objective="p_median")
    assert one.sites[["id", "people", "cumulative"]].to_numpy().tolist() == [["x", 4, 4]]
    assert (one.already, one.unknown) == (0, 2)
    assert one.total == pytest.approx(1000, rel=1e-9)
    two = best_sites(villages, held, np.inf, 2, objective="p_median")
    assert two.sites["people"].tolist() == [4, 0]
    assert two.total == pytest.approx(0, abs=1e-6)
    # Where one stands already, all who have a place have somewhere to go.
    old = spots(("o", 9000, False))
    there = best_sites(villages, held, np.float64("inf"), 1, objective="p_median", existing=old)
    assert (there.already, there.sites["people"].tolist()) == (4, [0])
    lost = best_sites(
        villages, held, np.inf, 1, objective="p_median", existing=old.assign(lon=np.nan)
    )
    assert (lost.already, lost.sites["people"].tolist()) == (0, [4])


def test_a_single_candidate_is_chosen_where_nothing_exists() -> None:
    found = best_sites(VILLAGES, spots(("x", 0, False)), 500, 3, objective="p_median")
    assert found.sites["id"].tolist() == ["x"]
    assert found.total == pytest.approx(80e3 + 120e3 + 250e3 + 360e3, rel=1e-9)


def test_without_anything_to_choose_from() -> None:
    nowhere = SPOTS.assign(lon=np.nan)
    for held in (SPOTS.iloc[:0], nowhere, spots(("far", 90_000, False))):
        found = best_sites(VILLAGES, held, 1000, 2)
        assert (len(found.sites), found.total, found.bound, found.proven) == (0, 0, 0, True)
    lost = VILLAGES.assign(lon=np.nan)
    found = best_sites(lost, SPOTS, 1000, 1)
    assert (found.total, found.unknown, found.people) == (0, 330, 330)
    assert best_sites(VILLAGES.iloc[:0], SPOTS, 1000, 1).total == 0
    for demand in (lost, VILLAGES.iloc[:0]):
        assert best_sites(demand, SPOTS, 1000, 1, objective="p_median").total == 0
    assert best_sites(VILLAGES, nowhere, 1000, 1, objective="p_median").total == np.inf


def test_detour_and_roads_count_as_in_reach() -> None:
    assert best_sites(VILLAGES, SPOTS, 500, 1).total == 180
    assert best_sites(VILLAGES, SPOTS, 500, 1, detour=1.3).total == 50
    # A mountain lies between d and east; a road leads from e to far, and from d to the old one.
    roads = pd.DataFrame({"demand": ["d", "e"], "supply": ["east", "far"], "metres": [9000, 400]})
    found = best_sites(VILLAGES, SPOTS, 1000, 4, network=roads)
    assert dict(zip(found.sites["id"], found.sites["people"], strict=True)) == {
        "west": 180, "middle": 60, "far": 40
    }  # fmt: skip
    old = spots(("old", 50_000, False))
    there = pd.DataFrame({"demand": ["d"], "supply": ["old"], "metres": [10]})
    assert best_sites(VILLAGES, SPOTS, 1000, 4, existing=old, network=there).already == 50


coordinate = st.integers(0, 12)
villages = st.lists(st.tuples(coordinate, coordinate, st.integers(0, 9)), min_size=1, max_size=9)
sites = st.lists(st.tuples(coordinate, coordinate, st.booleans()), min_size=1, max_size=7)


def tables(
    demand: list[tuple[int, int, int]], held: list[tuple[int, int, bool]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = pd.DataFrame(demand, columns=["lon", "lat", "population"]) * [0.001, 0.001, 1]
    some = pd.DataFrame(held, columns=["lon", "lat", "idle"]).astype({"idle": bool})
    some[["lon", "lat"]] = some[["lon", "lat"]] * 0.001 + [110, 30]
    return people.add([110, 30, 0]), some.assign(id=[f"s{n}" for n in range(len(held))])


def every_choice(count: int, p: int, least: int) -> list[tuple[int, ...]]:
    sizes = range(least, min(p, count) + 1)
    return [choice for size in sizes for choice in itertools.combinations(range(count), size)]


def each_way(people: pd.DataFrame, some: pd.DataFrame) -> Any:
    """Return metres, villages × sites, one site at a time."""
    ways = [nearest(people, some.iloc[[row]])["metres"] for row in range(len(some))]
    return np.column_stack(ways)


def slow_coverage(people: pd.DataFrame, held: pd.DataFrame, radius: float, p: int) -> Any:
    """Return most people, then fewest new ones, then fewest sites, over all subsets."""
    covers, count = each_way(people, held) <= radius + 1e-6, people["population"].to_numpy()
    new = ~held["idle"].to_numpy(bool)
    return min(
        (-count[covers[:, choice].any(axis=1)].sum(), int(new[list(choice)].sum()), len(choice))
        for choice in every_choice(len(held), p, 0)
    )


@settings(max_examples=40, deadline=None)
@given(villages, sites, st.integers(100, 900), st.integers(1, 4), st.randoms())
def test_covers_as_many_as_the_best_of_all_subsets(
    demand: list[tuple[int, int, int]],
    held: list[tuple[int, int, bool]],
    radius: int,
    p: int,
    chance: Any,
) -> None:
    people, some = tables(demand, held)
    found = best_sites(people, some, radius, p)
    new = int((~found.sites["idle"].astype(bool)).sum())
    assert (-found.total, new, len(found.sites)) == slow_coverage(people, some, radius, p)
    assert found.proven
    assert found.idle_proven
    assert found.sites["people"].gt(0).all()
    chosen = some[some["id"].isin(found.sites["id"])]
    assert reach(people, chosen, radius)["inside"].item() == found.total
    # What each site adds never grows along the list.
    assert found.sites["people"].is_monotonic_decreasing
    # More sites or a wider radius lose nobody; the preview is no better; its bound holds.
    assert best_sites(people, some, radius, p + 1).total >= found.total
    assert best_sites(people, some, radius * 1.5, p).total >= found.total
    preview = best_sites(people, some, radius, p, exact=False)
    assert preview.total <= found.total <= preview.bound + 1e-9
    assert preview.total >= (1 - 1 / np.e) * found.total - 1e-9
    # The order of rows says nothing, about which sites either.
    mixed = people.sample(frac=1, random_state=chance.randrange(1000))
    again = best_sites(mixed, some.iloc[::-1], radius, p)
    pd.testing.assert_frame_equal(again.sites, found.sites)


@settings(max_examples=40, deadline=None)
@given(villages, sites, sites, st.integers(100, 900), st.integers(1, 3))
def test_existing_facilities_are_as_if_their_people_were_gone(
    demand: list[tuple[int, int, int]],
    held: list[tuple[int, int, bool]],
    there: list[tuple[int, int, bool]],
    radius: int,
    p: int,
) -> None:
    people, some = tables(demand, held)
    old = tables(demand, there)[1]
    found = best_sites(people, some, radius, p, existing=old)
    far = nearest(people, old)["metres"] > radius
    assert found.total == best_sites(people[far], some, radius, p).total
    assert found.total + found.already + found.unknown <= found.people


def test_a_site_as_far_as_what_exists_saves_nobody_a_step() -> None:
    # The village lies midway; in floats one of the ways is longer, by less than an atom.
    village = pd.DataFrame({"id": ["v"], "lon": [110.01], "lat": [30.0], "population": [10]})
    new = pd.DataFrame({"id": ["new"], "lon": [110.0], "lat": [30.0]})
    old = pd.DataFrame({"id": ["old"], "lon": [110.02], "lat": [30.0]})
    for there, fresh in ((old, new), (new, old)):
        found = best_sites(village, fresh, 500, 1, existing=there, objective="p_median")
        assert found.sites.empty
        assert found.proven


@pytest.mark.parametrize("with_old", [False, True])
@settings(max_examples=30, deadline=None)
@given(villages, sites, st.integers(1, 4), st.randoms())
def test_p_median_is_the_best_of_all_subsets(
    with_old: bool,
    demand: list[tuple[int, int, int]],
    held: list[tuple[int, int, bool]],
    p: int,
    chance: Any,
) -> None:
    people, some = tables(demand, held)
    old = some.iloc[:1].assign(id="old", lon=110.02) if with_old else None

    ways, count = each_way(people, some), people["population"].to_numpy()
    before = np.full(len(people), np.inf) if old is None else each_way(people, old)[:, 0]

    def cost(choice: tuple[int, ...]) -> float:
        return float(np.minimum(ways[:, choice].min(axis=1, initial=np.inf), before) @ count)

    found = best_sites(people, some, 500, p, existing=old, objective="p_median")
    costs = {choice: cost(choice) for choice in every_choice(len(some), p, int(not with_old))}
    least = min(costs.values())
    assert found.total == pytest.approx(least, rel=1e-6, abs=1e-6)
    assert found.proven
    rows = tuple(np.flatnonzero(some["id"].isin(found.sites["id"])))
    assert costs[rows] == pytest.approx(least, rel=1e-6, abs=1e-6)
    # Rounding may part optima that are one: only those clearly as good are compared.
    new = min(
        int((~some["idle"].iloc[list(choice)]).sum())
        for choice, metres in costs.items()
        if metres <= least * (1 + 1e-12)
    )
    assert int((~found.sites["idle"].astype(bool)).sum()) <= new
    again = best_sites(
        people.sample(frac=1, random_state=chance.randrange(1000)), some.iloc[::-1], 500, p,
        existing=old, objective="p_median",
    )  # fmt: skip
    assert again.total == pytest.approx(found.total, rel=1e-9, abs=1e-9)
    preview = best_sites(people, some, 500, p, existing=old, objective="p_median", exact=False)
    assert preview.bound - 1e-6 <= found.total <= preview.total + 1e-6


@settings(max_examples=30, deadline=None)
@given(villages, sites, st.integers(1, 4), st.booleans())
def test_no_limit_is_a_radius_beyond_all_ways(
    demand: list[tuple[int, int, int]],
    held: list[tuple[int, int, bool]],
    p: int,
    with_old: bool,
) -> None:
    people, some = tables(demand, held)
    old = some.iloc[:1].assign(id="old", lon=110.02) if with_old else None
    endless, wide = (
        best_sites(people, some, radius, p, existing=old, objective="p_median")
        for radius in (np.inf, 3e7)
    )
    pd.testing.assert_frame_equal(endless.sites, wide.sites)
    for name in ("total", "bound", "already", "unknown", "proven"):
        assert getattr(endless, name) == getattr(wide, name)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(1, 4),
)
def test_the_smaller_model_has_the_same_optima(
    rows: list[list[int]], idle: list[bool], p: int
) -> None:
    import scipy.sparse as sp

    people = np.arange(1.0, len(rows) + 1)
    saves = sp.csr_array(np.array(rows, float))
    whole = Model(saves, people, np.array(idle), 0, np.arange(5))
    before = saves.toarray().copy()
    small = reduced(whole)
    assert (whole.saves.toarray() == before).all()

    def best(model: Model) -> tuple[float, int, int]:
        choices = every_choice(model.saves.shape[1], p, 0)
        arrays = [np.array(choice, dtype=np.intp) for choice in choices]
        return min(
            (-model.value(chosen), int((~model.idle[chosen]).sum()), len(chosen))
            for chosen in arrays
        )

    most = best(whole)
    assert best(small) == most
    for chosen in every_choice(5, p, 0):
        bound = quick_bound(whole, np.array(chosen, dtype=np.intp), p)
        assert bound >= -most[0] - 1e-9


def county(seed: int, villages: int = 500, sites: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    chance = np.random.default_rng(seed)
    centres = chance.uniform(0, 0.5, (12, 2))
    place = centres[chance.integers(0, 12, villages)] + chance.normal(0, 0.04, (villages, 2))
    demand = pd.DataFrame(place, columns=["lon", "lat"]).add([110, 30])
    held = pd.DataFrame(chance.uniform(0, 0.5, (sites, 2)), columns=["lon", "lat"]).add([110, 30])
    held = held.assign(id=[f"c{n}" for n in range(sites)], idle=chance.random(sites) < 0.2)
    return demand.assign(population=chance.lognormal(6, 1, villages).round()), held


@pytest.mark.parametrize("p", [5, 20])
@pytest.mark.parametrize("radius", [1500, 3000, 5000])
def test_a_county_is_exact_within_five_seconds(radius: float, p: int) -> None:
    demand, held = county(p)
    start = time.process_time()
    found = best_sites(demand, held, radius, p, detour=1.3)
    assert time.process_time() - start < 5
    assert found.proven
    assert found.idle_proven
    assert found.total >= best_sites(demand, held, radius, p, detour=1.3, exact=False).total


@pytest.mark.parametrize("p", [3, 10])
def test_the_p_median_of_a_county_is_exact_within_five_seconds(p: int) -> None:
    demand, held = county(p)
    start = time.process_time()
    found = best_sites(demand, held, 3000, p, detour=1.3, objective="p_median")
    assert time.process_time() - start < 5
    assert found.proven
    assert found.idle_proven


def test_two_visitors_may_ask_at_once() -> None:
    demand, held = county(7, villages=150, sites=80)

    def ask(p: int) -> Sites:
        return best_sites(demand, held, 3000, p, objective="p_median")

    with ThreadPoolExecutor(4) as visitors:
        together = list(visitors.map(ask, [3, 4, 3, 4]))
    assert [found.total for found in together] == [ask(p).total for p in (3, 4)] * 2


def test_when_time_runs_out_the_bound_says_how_far_it_may_be() -> None:
    demand, held = county(3)
    found = best_sites(demand, held, 3000, 8, objective="p_median", time_limit_s=1e-9)
    assert not found.proven
    assert 0 < found.gap < 1
    assert found.bound < found.total
    assert len(found.sites) == 8
    exact = best_sites(demand, held, 3000, 8, objective="p_median")
    assert found.bound <= exact.total <= found.total
    assert exact.proven


def test_the_solver_writes_nothing_and_is_loaded_only_when_asked() -> None:
    code = (
        "import sys, pandas as pd\n"
        "from metrics.coverage import best_sites\n"
        "d = pd.DataFrame({'lon': [110.0, 110.1], 'lat': [30.0, 30.0], 'population': [1, 2]})\n"
        "best_sites(d, d, 10, 1, exact=False)\n"
        "assert 'highspy' not in sys.modules\n"
        "assert best_sites(d, d, 10, 1, objective='p_median').proven\n"
        "assert 'highspy' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def call(**options: Any) -> Callable[[], Sites]:
    given = {"demand": VILLAGES, "candidates": SPOTS, "radius_m": 1000, "p": 1} | options
    return lambda: best_sites(**given)


REFUSED: list[tuple[str, Callable[[], Sites]]] = [
    *(
        ("number_invalid", call(**{name: value}))
        for name in ("radius_m", "p", "detour", "time_limit_s")
        for value in (0, -1, float("nan"), float("inf"), "near", None, True)
    ),
    ("number_invalid", call(p=1.5)),
    ("number_invalid", call(detour=0.9)),
    ("choice_unknown", call(objective="p_center")),
    ("ids_invalid", call(candidates=SPOTS.assign(id="x"))),
    ("ids_invalid", call(candidates=SPOTS.assign(id=["a", "b", None, "d"]))),
    ("idle_invalid", call(candidates=SPOTS.assign(idle="yes"))),
    ("idle_invalid", call(candidates=SPOTS.assign(idle=[True, None, False, False]))),
    ("figures_invalid", call(demand=VILLAGES.assign(population=-1))),
    ("columns_missing", call(demand=VILLAGES.drop(columns="population"))),
    ("columns_missing", call(candidates=SPOTS.drop(columns="lat"))),
    ("place_invalid", call(candidates=SPOTS.assign(lat=110))),
    ("answers_not_a_table", call(existing=[1])),
]


@pytest.mark.parametrize(("code", "asked"), REFUSED)
def test_what_cannot_be_chosen_is_refused(code: str, asked: Callable[[], Sites]) -> None:
    with pytest.raises(DataError) as refusal:
        asked()
    assert refusal.value.code == code
