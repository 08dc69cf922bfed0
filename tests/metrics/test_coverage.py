"""Coverage: hand-worked places, a slow twin, laws; unknown is never zero."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics import service_coverage
from metrics.coverage import RADIUS, nearest, reach

DEGREE = np.pi * RADIUS / 180  # metres of one degree of a great circle


def points(*places: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(places, columns=["lon", "lat"]).assign(
        id=[f"f{n}" for n in range(len(places))]
    )


def test_by_hand() -> None:
    demand = points((110, 0), (110, 0.01), (110, 1)).assign(population=[100, 200, 300], town="甲")
    table = reach(demand, points((110, 0)), 2000, by="town")
    # 0 m and 1,112 m are inside; 111,195 m is not.
    assert table.iloc[0][["total", "inside", "outside", "unknown"]].tolist() == [600, 300, 300, 0]
    assert table["share"].item() == 0.5
    assert nearest(demand, points((110, 0)))["metres"].tolist() == pytest.approx(
        [0, DEGREE / 100, DEGREE]
    )


def test_a_detour_makes_the_way_longer() -> None:
    demand = points((110, 0.015)).assign(population=[10])
    assert reach(demand, points((110, 0)), 2000)["inside"].item() == 10
    assert reach(demand, points((110, 0)), 2000, detour=1.3)["inside"].item() == 0


def test_nobody_within_reach_is_zero_and_an_unknown_place_is_unknown() -> None:
    demand = points((110, 0), (np.nan, np.nan)).assign(population=[10, 20])
    row = reach(demand, points((120, 0)), 1000).iloc[0]
    assert row[["inside", "outside", "unknown", "share"]].tolist() == [0, 10, 20, 0]
    without = reach(demand, points().reindex(columns=["lon", "lat", "id"]), 1000).iloc[0]
    assert without[["inside", "outside", "share"]].tolist() == [0, 10, 0]
    unknown = reach(demand.iloc[[1]], points((110, 0)), 1000).iloc[0]
    assert np.isnan(unknown["share"])


def test_places_off_the_globe_are_refused() -> None:
    with pytest.raises(DataError):
        nearest(points((30, 110)), points((110, 30)))


places = st.lists(st.tuples(st.floats(100, 120), st.floats(20, 45)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(places, places, st.floats(1000, 500_000))
def test_equals_the_haversine_twin(
    demand: list[tuple[float, float]], supply: list[tuple[float, float]], radius: float
) -> None:
    people = points(*demand).assign(population=1.0)
    found = nearest(people, points(*supply))["metres"]
    for n, (lon, lat) in enumerate(demand):
        slow = min(haversine(lon, lat, x, y) for x, y in supply)
        assert found[n] == pytest.approx(slow, abs=1e-3)
    near, far = (reach(people, points(*supply), r)["inside"].item() for r in (radius, 2 * radius))
    assert near <= far
    assert reach(people.iloc[::-1], points(*supply), radius)["inside"].item() == near


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    a, b, c, d = map(np.radians, (lon1, lat1, lon2, lat2))
    h = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    return float(2 * RADIUS * np.arcsin(min(1.0, np.sqrt(h))))


def test_by_unit_reads_radii_settings_and_operating_facilities(towns: Store) -> None:
    def village(
        n: int, town: str, lat: float | None, setting: str, people: int
    ) -> tuple[object, ...]:
        return (
            f"{town}20{n}",
            town,
            f"村{n}",
            "village",
            setting,
            None if lat is None else 110.0,
            lat,
            people,
        )

    rows = [
        village(1, "990101100", 30.0, "220", 100),
        village(2, "990101100", 30.02, "220", 50),  # 2,224 m x 1.3 = 2,891 m
        village(3, "990101101", 30.02, "111", 70),  # urban: 1,000 m
        village(4, "990101101", None, "220", 30),
    ]
    columns = [
        "community_code",
        "township_code",
        "name_zh",
        "kind",
        "urban_rural_code",
        "lon",
        "lat",
        "pop",
    ]
    held = pd.DataFrame(rows, columns=columns)
    facility = {
        "township_code": "990101100",
        "services": "elderly;medical",
        "is_comprehensive": True,
    }
    facilities = pd.DataFrame(
        [
            {
                "facility_id": "a",
                "name_zh": "甲",
                "status": "operating",
                "lat": 30.0,
                "lon": 110.0,
                **facility,
            },
            {
                "facility_id": "b",
                "name_zh": "乙",
                "status": "idle",
                "lat": 30.02,
                "lon": 110.0,
                **facility,
            },
        ]
    )
    radii = pd.DataFrame(
        {"service": "elderly", "setting": ["urban", "rural"], "radius_m": [1000.0, 3000.0]}
    )
    year = held.assign(year=2025, resident_pop=held["pop"], households=1)
    changes = [
        Change("communities", held), Change("community_year", year),
        Change("facilities", facilities), Change("radius_params", radii),
    ]  # fmt: skip
    towns.publish(changes, author="a", message="m")
    table = service_coverage.by_unit(towns, Scope(year=2025), "elderly").set_index("unit_code")
    wanted = ["residents", "inside", "outside", "unknown"]
    assert table.loc["990101100", wanted].tolist() == [150, 150, 0, 0]
    assert table.loc["990101101", wanted].tolist() == [100, 0, 70, 30]
    assert table.loc["", [*wanted, "share"]].tolist() == [
        250,
        150,
        70,
        30,
        pytest.approx(100 * 150 / 220),
    ]
    # A service without radius parameters has no share, rather than a wrong one.
    assert service_coverage.by_unit(towns, Scope(year=2025), "medical")["share"].isna().all()
    unknown = service_coverage.by_unit(towns, Scope(year=2024), "elderly")
    assert set(unknown["note"]) == {"no_population"}
    assert unknown[["inside", "outside", "share"]].isna().all(axis=None)
