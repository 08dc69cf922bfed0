"""Catchments: published fractions, a slow twin, laws."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.coverage import METHODS, RADIUS, WAN_ZONES, floating_catchment, nearest, reach

METRE = 180 / (np.pi * RADIUS)  # degrees along the equator
VILLAGES = {
    "A": (-1000, 100),
    "B": (2000, 200),
    "C": (5000, 300),
    "D": (900_000, 50),
    "E": (8500, 0),
}
FACILITIES = {"F1": (0, 10), "F2": (4000, 20), "F3": (8000, 5)}
# Exact answers of an outside reference for villages and facilities so far apart, within 3 km.
TWO_STEP = {"A": (1, 30), "B": (11, 150), "C": (17, 300), "D": (0, 1), "E": (1, 60)}
ENHANCED = {"A": (5, 118), "B": (3859, 64310), "C": (409, 6540), "D": (0, 1), "E": (5, 66)}


def on_the_equator(places: dict[str, tuple[float, float]], figure: str) -> pd.DataFrame:
    rows = [(name, 100 + at * METRE, 0.0, held) for name, (at, held) in places.items()]
    return pd.DataFrame(rows, columns=["id", "lon", "lat", figure])


@pytest.mark.parametrize(("method", "exact"), [("2SFCA", TWO_STEP), ("E2SFCA", ENHANCED)])
def test_published_fractions(method: str, exact: dict[str, tuple[int, int]]) -> None:
    found = floating_catchment(
        on_the_equator(VILLAGES, "population"),
        on_the_equator(FACILITIES, "capacity"),
        3000,
        method=method,  # type: ignore[arg-type]
    )
    wanted = [float(Fraction(*exact[name])) for name in VILLAGES]
    assert found["access"].tolist() == pytest.approx(wanted, rel=1e-12)
    assert found["facilities"].tolist() == [1, 2, 2, 0, 1]


def test_order_of_rows_is_irrelevant_and_unknown_places_stay_unknown() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")
    straight = floating_catchment(demand, supply, 3000)["access"]
    mixed = floating_catchment(demand.iloc[::-1], supply.iloc[::-1], 3000)["access"]
    assert mixed.sort_index().tolist() == pytest.approx(straight.tolist(), rel=1e-12)
    demand.loc[1, ["lon", "lat"]] = np.nan
    access = floating_catchment(demand, supply, 3000)["access"]
    assert np.isnan(access[1])
    assert access[0] == pytest.approx(10 / 100)  # B no longer competes for F1
    assert access[3] == 0
    # How many facilities such a village reaches is not known either.
    facilities = floating_catchment(demand, supply, 3000)["facilities"]
    assert facilities.tolist() == pytest.approx([1, np.nan, 2, 0, 1], nan_ok=True)


def test_a_facility_in_the_village_itself_is_reached() -> None:
    here = pd.DataFrame({"lon": [110.0], "lat": [30.0], "population": [4], "capacity": [2]})
    for method in METHODS:
        found = floating_catchment(here, here, 1000, method=method)  # type: ignore[arg-type]
        assert found.iloc[0].tolist() == [0.5, 1]
    assert floating_catchment(here, here, 0).iloc[0].tolist() == [0.5, 1]


def test_nothing_to_share_is_zero_and_capacity_nobody_needs_goes_to_nobody() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")
    for given_supply in (supply.iloc[:0], supply.assign(lon=np.nan), supply.assign(capacity=0)):
        assert floating_catchment(demand, given_supply, 3000)["access"].tolist() == [0] * 5
    assert len(floating_catchment(demand.iloc[:0], supply, 3000)) == 0
    # E has no residents: it reaches F3, but nobody is there to share its places.
    alone = floating_catchment(demand[demand["id"] == "E"], supply, 3000)
    assert alone.iloc[0].tolist() == [0, 1]


def test_bands_may_be_given_in_three_ways() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")

    def access(bands: Any) -> list[float]:
        found = floating_catchment(demand, supply, 3000, method="E2SFCA", bands=bands)
        return found["access"].tolist()

    usual = access(None)
    pairs = [(1000, 1), (2000, 0.68), (3000, 0.22)]
    assert access(pairs) == access(dict(pairs)) == access([1, 0.68, 0.22]) == usual
    # One band of weight 1 is the plain method; a band of weight 0 is out of reach.
    assert access([1]) == floating_catchment(demand, supply, 3000)["access"].tolist()
    near = floating_catchment(demand, supply, 3000, method="E2SFCA", bands=[1, 0, 0])
    assert near["facilities"].tolist() == [1, 0, 1, 0, 1]


cluster = st.lists(
    st.tuples(st.floats(110, 110.02), st.floats(30, 30.02), st.integers(1, 500)),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(cluster, cluster, st.sampled_from(["2SFCA", "E2SFCA", "3SFCA"]))
def test_supply_is_conserved_where_all_are_reached(
    villages: list[tuple[float, float, int]],
    facilities: list[tuple[float, float, int]],
    method: str,
) -> None:
    demand = pd.DataFrame(villages, columns=["lon", "lat", "population"])
    supply = pd.DataFrame(facilities, columns=["lon", "lat", "capacity"])
    access = floating_catchment(demand, supply, 10_000, method=method)["access"]  # type: ignore[arg-type]
    assert (access * demand["population"]).sum() == pytest.approx(supply["capacity"].sum())


@settings(max_examples=40, deadline=None)
@given(cluster, cluster, st.lists(st.integers(0, 3000), min_size=10, max_size=10))
def test_supply_is_conserved_where_everybody_goes_his_own_way(
    villages: list[tuple[float, float, int]],
    facilities: list[tuple[float, float, int]],
    radii: list[int],
) -> None:
    demand = pd.DataFrame(villages, columns=["lon", "lat", "population"])
    supply = pd.DataFrame(facilities, columns=["lon", "lat", "capacity"])
    own = np.array(radii[: len(demand)], float)
    found = floating_catchment(demand, supply, own)
    # What somebody reaches is handed out whole, what nobody reaches to nobody.
    by_whom = [
        (nearest(demand.iloc[[i]], supply.iloc[[j]])["metres"] <= own[i] + 1e-6).item()
        for j in range(len(supply))
        for i in range(len(demand))
    ]
    held = np.array(by_whom).reshape(len(supply), len(demand)).any(axis=1)
    handed = (found["access"] * demand["population"]).sum()
    assert handed == pytest.approx(supply["capacity"][held].sum())
    # One radius for all is the same as everybody's own where they are alike.
    alike = floating_catchment(demand, supply, np.full(len(demand), 900.0))
    pd.testing.assert_frame_equal(alike, floating_catchment(demand, supply, 900))


def test_everybody_goes_as_far_as_his_own_radius() -> None:
    demand, supply = on_the_equator(VILLAGES, "population"), on_the_equator(FACILITIES, "capacity")
    # C reaches F3 only beyond its 1,500 m; A and B share F1, B's neighbour F2 is C's as well.
    own = [3000.0, 3000.0, 1500.0, 3000.0, 400.0]
    found = floating_catchment(demand, supply, own)
    assert found["access"].tolist() == pytest.approx(
        [10 / 300, 10 / 300 + 20 / 500, 20 / 500, 0, 0], rel=1e-12
    )
    # The bands divide each one's own radius: C's 1,000 m lie in the second third of 1,500 m.
    near = floating_catchment(demand, supply, own, method="E2SFCA")["access"]
    f1, f2 = 10 / (100 + 200 * 0.68), 20 / (200 * 0.68 + 300 * 0.68)
    assert near.tolist() == pytest.approx([f1, 0.68 * (f1 + f2), 0.68 * f2, 0, 0], rel=1e-12)
    # A radius that is not known is like a place that is not known.
    lost = floating_catchment(demand, supply, [3000, np.nan, 3000, 3000, 3000])["access"]
    assert lost[0] == pytest.approx(10 / 100)
    assert np.isnan(lost[1])


def slow_access(
    demand: pd.DataFrame, supply: pd.DataFrame, radius: float, method: str
) -> list[float]:
    """Each method as its paper writes it, with loops over pairs and no tree."""

    def weight(i: int, j: int) -> float:
        a, b = demand.iloc[i], supply.iloc[j]
        x, y = np.radians([a["lon"], b["lon"]]), np.radians([a["lat"], b["lat"]])
        h = np.sin((y[1] - y[0]) / 2) ** 2
        h += np.cos(y[0]) * np.cos(y[1]) * np.sin((x[1] - x[0]) / 2) ** 2
        far = 2 * RADIUS * np.arcsin(np.sqrt(h))
        # Compared as the method does: what is on the edge, to a micrometre, is inside.
        band = next((n for n in range(3) if far <= radius * (n + 1) / 3 + 1e-6), 3)
        return float((1, 1, 1, 0)[band] if method == "2SFCA" else (1, 0.68, 0.22, 0)[band])

    rows, columns = range(len(demand)), range(len(supply))
    w = [[weight(i, j) for j in columns] for i in rows]
    # Wan et al.: the chance that people of i choose j among all that they reach.
    chosen = [[w[i][j] / sum(w[i]) if sum(w[i]) else 0.0 for j in columns] for i in rows]
    g = chosen if method == "3SFCA" else [[1.0 for _ in columns] for _ in rows]
    people, places = demand["population"].tolist(), supply["capacity"].tolist()
    crowd = [sum(g[i][j] * people[i] * w[i][j] for i in rows) for j in columns]
    ratio = [places[j] / crowd[j] if crowd[j] else 0.0 for j in columns]
    return [sum(g[i][j] * ratio[j] * w[i][j] for j in columns) for i in rows]


def test_three_steps_by_hand() -> None:
    found = floating_catchment(
        on_the_equator(VILLAGES, "population"),
        on_the_equator(FACILITIES, "capacity"),
        3000,
        method="3SFCA",
    )
    # B goes to F1 and F2 alike; C to F2 and F3 as 1 to 0.22; A and E have no choice.
    f1 = 10 / (100 + 200 / 2 * 0.68)
    f2 = 20 / (200 / 2 * 0.68 + 300 / 1.22)
    f3 = 5 / (300 * 0.22 / 1.22 * 0.22)
    wanted = [f1, 0.68 / 2 * (f1 + f2), (f2 + 0.22**2 * f3) / 1.22, 0, f3]
    assert found["access"].tolist() == pytest.approx(wanted, rel=1e-12)


def test_enhanced_two_steps_by_hand() -> None:
    """Luo and Qi (2009): one village in each band of one doctor, and one beyond."""
    villages = {"near": (900, 100), "middle": (1500, 200), "far": (2900, 300), "out": (3001, 400)}
    found = floating_catchment(
        on_the_equator(villages, "population"),
        on_the_equator({"F": (0, 10)}, "capacity"),
        3000,
        method="E2SFCA",
    )
    ratio = 10 / (100 * 1 + 200 * 0.68 + 300 * 0.22)  # 10 places for 302 weighted people
    assert found["access"].tolist() == pytest.approx([ratio, 0.68 * ratio, 0.22 * ratio, 0])


def test_three_steps_in_the_zones_of_the_paper() -> None:
    """Wan et al. (2012): zones end at 10, 20, 30 and 60 of 60 minutes."""
    villages = {"u": (0, 100), "v": (9000, 50)}
    facilities = {"F": (1000, 4), "G": (12_000, 2)}
    found = floating_catchment(
        on_the_equator(villages, "population"),
        on_the_equator(facilities, "capacity"),
        24_000,
        method="3SFCA",
        bands=[(share * 24_000, held) for share, held in WAN_ZONES],
    )
    # u: F in zone 1, G on the edge of zone 3. v: F on that of zone 2, G in zone 1.
    uf, ug, vf, vg = 0.962, 0.377, 0.704, 0.962
    goes_uf, goes_ug = uf / (uf + ug), ug / (uf + ug)
    goes_vf, goes_vg = vf / (vf + vg), vg / (vf + vg)
    f = 4 / (goes_uf * 100 * uf + goes_vf * 50 * vf)
    g = 2 / (goes_ug * 100 * ug + goes_vg * 50 * vg)
    wanted = [goes_uf * f * uf + goes_ug * g * ug, goes_vf * f * vf + goes_vg * g * vg]
    assert found["access"].tolist() == pytest.approx(wanted, rel=1e-12)
    assert (found["access"] * [100, 50]).sum() == pytest.approx(6)


def test_detour_and_roads_count_as_in_nearest() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")
    # A detour of 1.5 is a radius of two thirds.
    longer = floating_catchment(demand, supply, 3000, detour=1.5)
    pd.testing.assert_frame_equal(longer, floating_catchment(demand, supply, 2000))
    roads = pd.DataFrame({"demand": ["A", "D"], "supply": ["F1", "F3"], "metres": [9000.0, 10.0]})
    found = floating_catchment(demand, supply, 3000, network=roads)["access"]
    assert found[0] == 0
    assert found[3] == pytest.approx(5 / 350)  # with C, for F3
    # A road leads to a village whose place is not known.
    lost = demand.assign(lon=demand["lon"].where(demand["id"] != "D"))
    assert floating_catchment(lost, supply, 3000, network=roads)["access"].tolist() == (
        pytest.approx(found.tolist())
    )


scattered = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 500)), min_size=2, max_size=7
)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30, deadline=None)
@given(villages=scattered, facilities=scattered, radius=st.integers(500, 5000))
def test_equals_the_twin_of_loops(
    villages: list[tuple[int, int, int]],
    facilities: list[tuple[int, int, int]],
    radius: int,
    method: str,
) -> None:
    # A step is some hundred metres, so that all bands occur.
    step = [0.001, 0.001, 1]
    demand = pd.DataFrame(villages, columns=["lon", "lat", "population"]) * step + [110, 30, 0]
    supply = pd.DataFrame(facilities, columns=["lon", "lat", "capacity"]) * step + [110, 30, 0]
    found = floating_catchment(demand, supply, radius, method=method)  # type: ignore[arg-type]
    slow = slow_access(demand, supply, radius, method)
    assert found["access"].tolist() == pytest.approx(slow, rel=1e-9, abs=1e-12)
    # What is handed out is never more than there is.
    handed = (found["access"] * demand["population"]).sum()
    assert handed <= supply["capacity"].sum() * (1 + 1e-9)
    mixed = floating_catchment(demand.iloc[::-1], supply.iloc[::-1], radius, method=method)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(mixed.sort_index(), found, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(cluster, cluster, st.floats(100, 1000), st.floats(1.1, 3))
def test_a_wider_radius_never_loses_anybody(
    villages: list[tuple[float, float, int]],
    facilities: list[tuple[float, float, int]],
    radius: float,
    wider: float,
) -> None:
    demand = pd.DataFrame(villages, columns=["lon", "lat", "population"])
    supply = pd.DataFrame(facilities, columns=["lon", "lat", "capacity"])
    near = reach(demand, supply, radius)["inside"].item()
    assert reach(demand, supply, radius * wider)["inside"].item() >= near
    assert set(nearest(demand, supply)["metres"] >= 0) == {True}


def test_what_cannot_be_counted_is_refused() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")
    catchment: Any = floating_catchment
    wrong: list[tuple[str, Callable[[], object]]] = [
        ("figures_invalid", lambda: reach(demand.assign(population=-1), supply, 1000)),
        ("figures_invalid", lambda: catchment(demand.assign(population=-1), supply, 1)),
        ("figures_invalid", lambda: catchment(demand.assign(population=np.nan), supply, 1)),
        ("figures_invalid", lambda: catchment(demand, supply.assign(capacity=-1), 1)),
        ("columns_missing", lambda: catchment(demand, supply.drop(columns="capacity"), 1)),
        ("place_invalid", lambda: catchment(demand.assign(lat=110), supply, 1)),
        ("radius_invalid", lambda: reach(demand, supply, float("nan"))),
        *(
            ("radius_invalid", lambda r=r, m=m: catchment(demand, supply, r, method=m))
            for r in (float("nan"), float("inf"), -1, "near", None)
            for m in METHODS
        ),
        *(
            ("number_invalid", lambda d=d, m=m: catchment(demand, supply, 1, method=m, detour=d))
            for d in (float("nan"), float("inf"), -1, 0, 0.5)
            for m in METHODS
        ),
        ("radius_invalid", lambda: catchment(demand, supply, [1, 2])),
        ("radius_invalid", lambda: catchment(demand, supply, [1, 2, 3, 4, -1])),
        ("ids_invalid", lambda: catchment(demand, supply.assign(id="F"), 1)),
        ("ids_invalid", lambda: catchment(demand, supply.assign(id=["F", None, "G"]), 1)),
        ("choice_unknown", lambda: catchment(demand, supply, 1, method="4SFCA")),
        *(
            ("bands_invalid", lambda b=b: catchment(demand, supply, 9, method="E2SFCA", bands=b))
            for b in ([], [(2, 1), (1, 1)], [(1, 1), (1, 1)], [(1, -1)], [(1, 2, 3)], "near",
                      [1, float("nan")], {2: 1, 1: 1}, [(1, 1), 2])
        ),
        ("bands_invalid", lambda: catchment(demand, supply, 1, bands=[(1, 1)])),
    ]  # fmt: skip
    for code, call in wrong:
        with pytest.raises(DataError) as refusal:
            call()
        assert refusal.value.code == code
