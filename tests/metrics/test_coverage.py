"""Reach: hand-worked places, a slow twin, a published distance, laws; unknown is never zero."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.coverage import (
    RADIUS,
    best_sites,
    floating_catchment,
    nearest,
    reach,
    tally,
    within,
)  # fmt: skip

DEGREE = np.pi * RADIUS / 180  # metres of one degree of a great circle
NOWHERE = (np.nan, np.nan)


def points(*places: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(places, columns=["lon", "lat"]).assign(
        id=[f"f{n}" for n in range(len(places))]
    )


def none() -> pd.DataFrame:
    return points((110, 0)).iloc[:0]


def row(table: pd.DataFrame) -> list[float]:
    """Inside, outside, unknown, share of a table of one row."""
    return list(table.iloc[0][["inside", "outside", "unknown", "share"]])


def test_by_hand() -> None:
    demand = points((110, 0), (110, 0.01), (110, 1)).assign(population=[100, 200, 300], town="甲")
    table = reach(demand, points((110, 0)), 2000, by="town")
    # 0 m and 1,112 m are inside; 111,195 m is not.
    assert table.iloc[0][["total", "inside", "outside", "unknown"]].tolist() == [600, 300, 300, 0]
    assert table["share"].item() == 0.5
    assert nearest(demand, points((110, 0)))["metres"].tolist() == pytest.approx(
        [0, DEGREE / 100, DEGREE]
    )


def test_published_distance() -> None:
    """Nashville to Los Angeles airport: 2887.2599506 km on a sphere of 6372.8 km (Rosetta Code)."""
    found = nearest(points((-86.67, 36.12)), points((-118.40, 33.94)))["metres"].item()
    assert found == pytest.approx(2887259.9506071106 * RADIUS / 6372800, rel=1e-10)


def test_across_the_date_line_and_the_poles() -> None:
    asked = points((179.9, 0), (0, 89.9), (0, 0))
    found = nearest(asked, points((-179.9, 0), (180, 89.9)))
    assert found["metres"].tolist()[:2] == pytest.approx([0.2 * DEGREE] * 2)
    assert found["id"].tolist() == ["f0", "f1", "f1"]


def test_a_detour_makes_the_way_longer() -> None:
    demand = points((110, 0.015)).assign(population=[10])
    assert reach(demand, points((110, 0)), 2000)["inside"].item() == 10
    assert reach(demand, points((110, 0)), 2000, detour=1.3)["inside"].item() == 0


def test_what_lies_on_the_edge_is_inside() -> None:
    demand = points((110, 30.01)).assign(population=[1])
    for radius, inside in [(DEGREE / 100, 1), (DEGREE / 100 - 0.001, 0), (0, 0)]:
        assert reach(demand, points((110, 30)), radius)["inside"].item() == inside
    assert reach(demand, points((110, 30.01)), 0)["inside"].item() == 1


def test_nobody_within_reach_is_zero_and_an_unknown_place_is_unknown() -> None:
    demand = points((110, 0), NOWHERE).assign(population=[10, 20])
    assert row(reach(demand, points((120, 0)), 1000)) == [0, 10, 20, 0]
    unknown = row(reach(demand.iloc[[1]], points((110, 0)), 1000))
    assert unknown[:3] == [0, 0, 20]
    assert np.isnan(unknown[3])
    # Half a place is none.
    demand.loc[1, "lon"] = 110
    assert row(reach(demand, points((110, 0)), 1000)) == [10, 0, 20, 1]


@pytest.mark.parametrize("supply", [none(), points(NOWHERE)])
@pytest.mark.parametrize("radius", [0, 1000, np.inf, [np.inf, np.inf]])
def test_without_a_placed_facility_nobody_is_reached(supply: pd.DataFrame, radius: Any) -> None:
    demand = points((110, 0), NOWHERE).assign(population=[10, 20])
    assert row(reach(demand, supply, radius)) == [0, 10, 20, 0]
    found = nearest(demand, supply)
    assert found["metres"].tolist() == pytest.approx([np.inf, np.nan], nan_ok=True)
    assert found["id"].isna().all()


def test_an_unplaced_facility_serves_nobody_and_hides_no_other() -> None:
    found = nearest(points((110, 0)), points(NOWHERE, (110, 1)))
    assert found["id"].item() == "f1"


def test_one_radius_for_each_row_some_unknown() -> None:
    demand = points(*[(110, 0.01)] * 3).assign(population=[1, 10, 100])
    assert row(reach(demand, points((110, 0)), [2000, 1000, np.nan])) == [1, 10, 100, 1 / 11]
    assert within([1, 2, np.nan, 3], [1, 1, 1, np.nan]).tolist() == [True, False, None, None]


def test_groups_add_up_and_a_blank_name_is_a_group() -> None:
    people = points((110, 0), (110, 1), NOWHERE, (110, 0)).assign(
        population=[1, 2, 4, 8], town=["a", "b", "a", None], kind=["x", "x", "y", "y"]
    )
    table = reach(people, points((110, 0)), 1000, by=["town", "kind"])
    told = table.fillna({"town": "-"}).set_index(["town", "kind"])["total"].to_dict()
    assert told == {("a", "x"): 1, ("a", "y"): 4, ("b", "x"): 2, ("-", "y"): 8}
    whole = reach(people, points((110, 0)), 1000)
    for name in ("total", "inside", "outside", "unknown"):
        assert table[name].sum() == whole[name].item()
    # A category that no row has is no group.
    only = people.iloc[:1].assign(town=pd.Categorical(["a"], categories=["a", "z"]))
    assert reach(only, points((110, 0)), 1000, by="town")["town"].tolist() == ["a"]


def test_rows_keep_their_index_even_where_it_repeats() -> None:
    demand = points((110, 0), (110, 1), (110, 0)).assign(population=[1, 2, 4], town=["a", "b", "a"])
    demand.index = pd.Index([7, 7, 9])
    assert nearest(demand, points((110, 0))).index.tolist() == [7, 7, 9]
    table = reach(demand, points((110, 0)), 1000, by="town").set_index("town")
    assert table["inside"].to_dict() == {"a": 5, "b": 0}


def test_the_index_names_facilities_that_have_no_id() -> None:
    supply = points((110, 0), (110, 1)).drop(columns="id").set_axis(["x", "y"])
    assert nearest(points((110, 0.9)), supply)["id"].item() == "y"


def test_of_equally_near_facilities_the_same_is_taken_whatever_the_order() -> None:
    supply = points(*[(110 + x, 0) for x in (-1, 1)] * 12)
    orders = [supply.sample(frac=1, random_state=seed) for seed in range(8)]
    assert len({nearest(points((110, 0)), mixed)["id"].item() for mixed in orders}) == 1


def test_the_order_of_rows_changes_neither_distances_nor_names() -> None:
    # Many in one cell of the curve along which points are sorted, some of them in one place.
    rng = np.random.default_rng(4)
    corner = [(110 + x, 30 + y) for x, y in rng.integers(0, 4, (40, 2)) * 5e-6]
    supply, demand = points(*corner, (111, 31)), points(*corner, (110.2, 30.1), (-70, -12))
    first = nearest(demand, supply)
    for seed in range(5):
        mixed = nearest(
            demand.sample(frac=1, random_state=seed), supply.sample(frac=1, random_state=seed)
        )
        pd.testing.assert_frame_equal(mixed.sort_index(), first, check_exact=True)


def test_arrow_tables_are_read() -> None:
    demand = pa.table({"lon": [110.0, None], "lat": [0.0, None], "population": [3, 4]})
    supply = pa.table({"lon": [110.0], "lat": [0.0]})
    assert row(reach(demand, supply, 10)) == [3, 0, 4, 1]


GOOD = points((110, 30)).assign(population=1)
REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("place_invalid", lambda: nearest(points((30, 110)), GOOD)),
    ("place_invalid", lambda: nearest(GOOD, points((30, 110)))),
    ("place_invalid", lambda: nearest(points((181, np.nan)), GOOD)),
    ("not_numeric", lambda: nearest(points((np.inf, 30)), GOOD)),
    ("not_numeric", lambda: nearest(GOOD.assign(lon="东经110度"), GOOD)),
    ("columns_missing", lambda: nearest(GOOD.drop(columns="lon"), GOOD)),
    ("columns_missing", lambda: reach(GOOD, GOOD, 1, by="town")),
    ("columns_missing", lambda: reach(GOOD, GOOD, 1, weight="people")),
    ("columns_repeated", lambda: nearest(pd.concat([GOOD, GOOD[["lon"]]], axis=1), GOOD)),
    ("answers_not_a_table", lambda: nearest([(110, 30)], GOOD)),
    ("figures_invalid", lambda: reach(GOOD.assign(population=-1), GOOD, 1)),
    ("figures_invalid", lambda: reach(GOOD.assign(population=np.nan), GOOD, 1)),
    ("not_numeric", lambda: reach(GOOD.assign(population="many"), GOOD, 1)),
    ("radius_invalid", lambda: reach(GOOD, GOOD, -1)),
    ("radius_invalid", lambda: reach(GOOD, GOOD, np.nan)),
    ("radius_invalid", lambda: reach(GOOD, GOOD, [-1])),
    ("radius_invalid", lambda: reach(GOOD, GOOD, [1, 2])),
    ("radius_invalid", lambda: reach(GOOD, GOOD, "near")),
    ("radius_invalid", lambda: reach(GOOD, GOOD, 10**400)),
    ("radius_invalid", lambda: floating_catchment(GOOD, GOOD.assign(capacity=1), 10**400)),
    ("number_invalid", lambda: best_sites(GOOD, GOOD, 10**400, 1)),
    # Would stand beside the answer of that name, or be overwritten by it.
    ("columns_repeated", lambda: reach(GOOD.assign(inside=1), GOOD, 1, by="inside")),
    ("columns_repeated", lambda: reach(GOOD.assign(share=1), GOOD, 1, by="share")),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_what_cannot_be_counted_is_refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as refusal:
        call()
    assert refusal.value.code == code


def test_a_refusal_names_the_rows_as_people_count_them() -> None:
    demand = pd.concat([GOOD] * 3, ignore_index=True).assign(population=[1, -1, np.nan])
    with pytest.raises(DataError) as refusal:
        reach(demand, GOOD, 1)
    assert "2, 3" in str(refusal.value)


places = st.lists(st.tuples(st.floats(100, 120), st.floats(20, 45)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(places, places, st.floats(1000, 500_000))
def test_equals_the_haversine_twin(
    demand: list[tuple[float, float]], supply: list[tuple[float, float]], radius: float
) -> None:
    people = points(*demand).assign(population=2.0 ** np.arange(len(demand)))
    found = nearest(people, points(*supply))["metres"]
    slow = [min(haversine(*place, *other) for other in supply) for place in demand]
    assert found.tolist() == pytest.approx(slow, abs=1e-3)
    # Each village weighs a power of two, so that the sum tells which of them are reached.
    far = np.array(slow)
    inside = people["population"][far <= radius].sum()
    if np.abs(far - radius).min() > 1e-3:
        assert reach(people, points(*supply), radius)["inside"].item() == inside


@settings(max_examples=50, deadline=None)
@given(places, places, st.floats(1000, 500_000), st.floats(1, 3), st.randoms())
def test_laws_of_reach(
    demand: list[tuple[float, float]],
    supply: list[tuple[float, float]],
    radius: float,
    more: float,
    chance: Any,
) -> None:
    people = points(*demand, NOWHERE).assign(population=2.0 ** np.arange(len(demand) + 1))
    held = points(*supply)
    once = reach(people, held, radius).iloc[0]
    assert once["inside"] + once["outside"] + once["unknown"] == once["total"]
    assert once["unknown"] == people["population"].iloc[-1]
    # Farther, or with one more facility, nobody is lost; a longer way gains nobody.
    assert reach(people, held, radius * more)["inside"].item() >= once["inside"]
    wider = points(*supply, (110, 30))
    assert reach(people, wider, radius)["inside"].item() >= once["inside"]
    assert reach(people, held, radius, detour=more)["inside"].item() <= once["inside"]
    # The order of rows says nothing.
    mixed = people.sample(frac=1, random_state=chance.randrange(1000))
    again = reach(mixed, held.iloc[::-1], radius).iloc[0]
    assert again.tolist() == once.tolist()


def test_tally_counts_what_it_is_told() -> None:
    people = pd.DataFrame({"population": [1, 2, 4, 0]})
    told = np.array([True, False, None, True], dtype=object)
    assert row(tally(people, told)) == [1, 2, 4, 1 / 3]
    assert row(tally(people.iloc[:0], told[:0]))[:3] == [0, 0, 0]
    assert np.isnan(row(tally(people.iloc[3:], told[3:]))[3])


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    a, b, c, d = map(np.radians, (lon1, lat1, lon2, lat2))
    h = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    return float(2 * RADIUS * np.arcsin(min(1.0, np.sqrt(h))))
