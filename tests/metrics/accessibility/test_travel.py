"""Ways: roads where a table knows them, straight lines × detour elsewhere; a slow twin, laws."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.coverage import RADIUS, nearest, reach

METRE = 180 / (np.pi * RADIUS)


def line(names: str, *at: float) -> pd.DataFrame:
    places = pd.DataFrame({"id": list(names), "lon": 110 + np.array(at) * METRE, "lat": 0.0})
    return places.assign(population=2 ** np.arange(len(names)))


def roads(*rows: tuple[Any, Any, float], unit: str = "metres") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["demand", "supply", unit])


VILLAGES = line("abc", 0, 1000, 5000)
CLINICS = line("xy", 100, 4000)


def test_by_hand() -> None:
    # A river lies between a and x; c has a short cut to x; b is not in the table.
    table = roads(("a", "x", 7000), ("c", "x", 800), ("elsewhere", "x", 1))
    found = nearest(VILLAGES, CLINICS, network=table, detour=1.3)
    assert found["id"].tolist() == ["y", "x", "x"]
    assert found["metres"].tolist() == pytest.approx([5200, 1170, 800])
    assert found["way"].tolist() == ["line", "line", "road"]
    told = reach(VILLAGES, CLINICS, 1200, network=table, detour=1.3)
    assert told[["inside", "outside", "by_road"]].iloc[0].tolist() == [6, 1, 4]
    parts = reach(VILLAGES, CLINICS, 1200, network=table, detour=1.3, by="id").set_index("id")
    assert parts["by_road"].to_dict() == {"a": 0, "b": 0, "c": 4}
    # Without a table the answer has the columns that it always had.
    assert nearest(VILLAGES, CLINICS).columns.tolist() == ["metres", "id"]
    assert "by_road" not in reach(VILLAGES, CLINICS, 1200)


def test_minutes_need_a_speed() -> None:
    table = roads(("a", "x", 15), unit="minutes")
    found = nearest(VILLAGES, CLINICS, network=table, metres_per_minute=200)
    assert found["metres"].iloc[0] == 3000
    both = roads(("a", "x", 7)).assign(minutes=15)
    assert nearest(VILLAGES, CLINICS, network=both)["metres"].iloc[0] == 7


def test_a_longer_road_is_believed_and_an_empty_table_says_nothing() -> None:
    whole = roads(*((a, x, 9000.0) for a in "abc" for x in "xy"))
    found = nearest(VILLAGES, CLINICS, network=whole)
    assert found["metres"].tolist() == [9000] * 3
    assert found["id"].tolist() == ["x"] * 3
    empty = nearest(VILLAGES, CLINICS, network=roads(), detour=1.3)
    assert empty["way"].tolist() == ["line"] * 3
    pd.testing.assert_frame_equal(empty[["metres", "id"]], nearest(VILLAGES, CLINICS, detour=1.3))


def test_a_road_leads_to_places_without_coordinates() -> None:
    lost = VILLAGES.assign(lon=[np.nan, VILLAGES["lon"][1], np.nan])
    hidden = CLINICS.assign(lon=np.nan)
    found = nearest(lost, hidden, network=roads(("a", "y", 5)))
    assert found["metres"].tolist() == pytest.approx([5, np.inf, np.nan], nan_ok=True)
    assert found["way"].fillna("").tolist() == ["road", "", ""]
    assert nearest(lost, CLINICS.iloc[:0], network=roads(("a", "y", 5)))["id"].isna().all()


def test_the_index_stands_for_ids_and_entrances_share_one() -> None:
    villages = VILLAGES.drop(columns="id").set_axis([7, 8, 9])
    found = nearest(villages, CLINICS, network=roads((9, "x", 3)))
    assert found["metres"].iloc[2] == 3
    gates = CLINICS.assign(id="x")
    assert nearest(VILLAGES, gates)["metres"].tolist() == pytest.approx([100, 900, 1000])
    # A road leads to the facility, whichever gate.
    assert nearest(VILLAGES, gates, network=roads(("c", "x", 3000)))["metres"].iloc[2] == 3000


spots = st.lists(st.integers(0, 40), min_size=1, max_size=6)
ways = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(0, 5000), max_size=20
)


@settings(max_examples=80, deadline=None)
@given(spots, spots, ways, st.floats(1, 2), st.randoms())
def test_equals_the_twin_of_loops(
    here: list[int],
    there: list[int],
    known: dict[tuple[int, int], int],
    detour: float,
    chance: Any,
) -> None:
    demand = line("abcdef"[: len(here)], *(100 * x for x in here))
    supply = line("uvwxyz"[: len(there)], *(100 * x for x in there))
    held = {(i, j): far for (i, j), far in known.items() if i < len(here) and j < len(there)}
    table = roads(*(("abcdef"[i], "uvwxyz"[j], far) for (i, j), far in held.items()))
    found = nearest(demand, supply, network=table, detour=detour)
    for i, x in enumerate(here):
        slow = [held.get((i, j), abs(x - y) * 100 * detour) for j, y in enumerate(there)]
        assert found["metres"][i] == pytest.approx(min(slow), abs=1e-3)
        assert slow["uvwxyz".index(found["id"][i])] == pytest.approx(min(slow), abs=1e-3)
    # The order of rows says nothing, in any of the three tables.
    mixed = demand.sample(frac=1, random_state=chance.randrange(1000))
    again = nearest(mixed, supply[::-1], network=table[::-1], detour=detour).sort_index()
    pd.testing.assert_frame_equal(again, found)
    # A longer detour makes no way shorter.
    longer = nearest(demand, supply, network=table, detour=detour + 1)["metres"]
    assert (longer >= found["metres"] - 1e-9).all()


ONE = roads(("a", "x", 1))
TIMED = roads(("a", "x", 1), unit="minutes")
REFUSED: list[tuple[str, Callable[[], object]]] = [
    *(
        (code, lambda call=call, name=name, value=value: call(**{name: value}))
        for code, name in (("number_invalid", "detour"), ("number_invalid", "metres_per_minute"))
        for value in (0, -1, float("nan"), float("inf"), "far", True)
        for call in (
            lambda **given: nearest(VILLAGES, CLINICS, **given),
            lambda **given: reach(VILLAGES, CLINICS, 1000, **given),
        )
    ),
    ("number_invalid", lambda: nearest(VILLAGES, CLINICS, detour=0.99)),
    ("network_speed", lambda: nearest(VILLAGES, CLINICS, network=TIMED)),
    ("columns_missing", lambda: nearest(VILLAGES, CLINICS, network=ONE[["demand", "supply"]])),
    ("columns_missing", lambda: nearest(VILLAGES, CLINICS, network=ONE[["supply", "metres"]])),
    ("pairs_invalid", lambda: nearest(VILLAGES, CLINICS, network=pd.concat([ONE, ONE]))),
    ("pairs_invalid", lambda: nearest(VILLAGES, CLINICS, network=ONE.assign(supply=None))),
    ("figures_invalid", lambda: nearest(VILLAGES, CLINICS, network=ONE.assign(metres=-1))),
    ("figures_invalid", lambda: nearest(VILLAGES, CLINICS, network=ONE.assign(metres=np.nan))),
    ("not_numeric", lambda: nearest(VILLAGES, CLINICS, network=ONE.assign(metres=np.inf))),
    ("network_unmatched", lambda: nearest(VILLAGES, CLINICS, network=ONE.assign(demand=1))),
    ("answers_not_a_table", lambda: nearest(VILLAGES, CLINICS, network=[1])),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_what_cannot_be_travelled_is_refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as refusal:
        call()
    assert refusal.value.code == code
