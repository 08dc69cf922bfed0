"""Catchments and equity: published fractions, a slow twin, laws."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.coverage import RADIUS, floating_catchment, gini, nearest, reach

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


def test_gini_by_hand_and_by_the_slow_twin() -> None:
    assert gini([1, 1, 1]) == 0
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 3], [3, 1]) == pytest.approx(0.25)  # as 1, 1, 1, 3
    assert np.isnan(gini([0, 0]))
    values = np.array([0, 2, 5, 5, 11.0])
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(values) == pytest.approx(differences / (2 * values.mean()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 9))
def test_gini_knows_no_scale_and_no_copies(values: list[int], times: int) -> None:
    once = gini(values)
    if np.isnan(once):
        assert sum(values) == 0
        return
    assert 0 <= once < 1
    assert gini([value * times for value in values]) == pytest.approx(once, abs=1e-12)
    assert gini(values * 2) == pytest.approx(once, abs=1e-12)
    assert gini(values, [times] * len(values)) == pytest.approx(once, abs=1e-12)


def test_what_cannot_be_counted_is_refused() -> None:
    demand = on_the_equator(VILLAGES, "population")
    supply = on_the_equator(FACILITIES, "capacity")
    wrong = {
        "figures_invalid": lambda: reach(demand.assign(population=-1), supply, 1000),
        "radius_invalid": lambda: reach(demand, supply, float("nan")),
        "choice_unknown": lambda: floating_catchment(demand, supply, 1, method="4SFCA"),  # type: ignore[arg-type]
        "bands_invalid": lambda: floating_catchment(demand, supply, 1, bands=[(1, 1)]),
        "figures_unlike": lambda: gini([1, 2], [1]),
    }
    for code, call in wrong.items():
        with pytest.raises(DataError) as refusal:
            call()
        assert refusal.value.code == code
