"""Minutes by road: by hand, by a walk through every pair, and by what they must not change."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import ingest
from data.scope import Scope
from data.store import Store
from metrics.accessibility import gaps, roads, service_coverage
from metrics.accessibility.sphere import RADIUS
from metrics.evaluate import evaluate
from metrics.exports import extracts
from metrics.exports.extract_words import in_words
from metrics.maps import layers
from tests.metrics.accessibility.test_service_coverage import (
    RADII,
    A,
    B,
    C,
    Village,
    by_unit,
    communities,
    facilities,
    fill,
    publish,
)

YEAR = Scope(year=2025)
COUNTS = ["residents", "inside", "outside", "unknown", "by_road"]
HELD: list[Village] = [
    (A, 0, "220", 100),
    (A, 2000, "220", 50),  # 2,600 m of way
    (B, 2000, "111", 70),  # urban: 1,000 m
    (B, None, "220", 30),
    (B, 1900, "220", 40),
]
SUPPLY = facilities(
    ("a", A, 0, "operating", "elderly"),
    ("b", A, 2000, "idle", "culture"),
    ("c", C, None, "operating", "elderly"),
)
CODES = communities(HELD)["community_code"].tolist()


def minutes(*held: tuple[int, str, float], mode: str = "walk") -> pd.DataFrame:
    """Village's place in HELD, facility, minutes."""
    rows = [(CODES[n], facility, time, "路网甲") for n, facility, time in held]
    table = pd.DataFrame(rows, columns=["community_code", "facility_id", "minutes", "source"])
    return table.assign(mode=mode)


# At 15 minutes for 1 km; the village of B without a place is 40 minutes from a hall without one.
ROADS = minutes((1, "a", 46), (2, "a", 15), (3, "c", 45), (1, "b", 90), (0, "c", 90))


def counts(store: Store) -> dict[str, list[float]]:
    table = by_unit(store)
    return {unit: table.loc[unit, COUNTS].tolist() for unit in (A, B, "")}


def equals_the_indicator(store: Store) -> bool:
    """D6 walks through every pair in SQL."""
    table, asked = by_unit(store), evaluate(store, "D6", YEAR).set_index("unit_code")
    return all(
        (asked.loc[unit, "num"], asked.loc[unit, "den"])
        == (table.loc[unit, "inside"], table.loc[unit, ["inside", "outside"]].sum())
        for unit in (A, B)
    )


def test_by_hand(towns: Store) -> None:
    fill(towns, HELD, SUPPLY, RADII)
    assert counts(towns) == {
        A: [150, 150, 0, 0, 0], B: [140, 40, 70, 30, 0], "": [290, 190, 70, 30, 0]
    }  # fmt: skip
    publish(towns, travel_times=ROADS)
    # 46 minutes are more than 3 km though the line is shorter; 15 are 1 km and 45 are 3 km.
    assert counts(towns) == {
        A: [150, 100, 50, 0, 1], B: [140, 140, 0, 0, 2], "": [290, 240, 50, 0, 3]
    }  # fmt: skip
    assert equals_the_indicator(towns)
    table = service_coverage.villages(towns, YEAR, "elderly").sort_values("name_zh")
    assert table["way"].tolist() == ["line", "road", "road", "road", "line"]
    assert table["facility"].tolist() == ["a", "a", "a", "c", "a"]
    assert table["metres"].tolist() == pytest.approx([0, 46_000 / 15, 1000, 3000, 2470], abs=1e-5)
    assert table["minutes"].tolist() == pytest.approx([np.nan, 46, 15, 45, np.nan], nan_ok=True)
    used = service_coverage.ways(towns, YEAR, "elderly").iloc[0]
    assert used.tolist() == [3, 0, 2, 4, ("路网甲",)]
    # The idle hall is 90 minutes from the village beside it: it would reach nobody of A.
    assert gaps.idle(towns, YEAR, "elderly").empty
    # A new place in the village itself reaches it: nobody has measured the way there.
    found = gaps.next_sites(towns, YEAR, "elderly", 1)
    assert (found.outside, found.total, found.proven) == (50, 50, True)
    assert found.sites["kind"].tolist() == ["new"]
    # a is shared by 100 + 70 + 40, c by the 30 for whom it is the only one.
    access = layers.villages(towns, YEAR, "M02", "access").sort_values("name_zh")["access"]
    one, other = 10_000 / 210, 10_000 / 30
    assert access.tolist() == pytest.approx([one, 0, one, other, one])
    # What leaves says it, too.
    wish = extracts.Wish("coverage", YEAR, by="village", service="elderly")
    headings, rows = in_words(extracts.extract(towns, wish), "zh")
    assert headings["way"] == "路程依据"
    assert sorted(rows["way"]) == ["直线距离×绕行系数"] * 2 + ["路上耗时"] * 3


def test_minutes_by_car_are_told_from_those_on_foot(towns: Store) -> None:
    fill(towns, HELD, SUPPLY, RADII)
    by_car = minutes((1, "a", 6), (4, "a", 6.1), (2, "a", 2), mode="drive")
    publish(towns, travel_times=by_car)
    # At 2 minutes for 1 km: 3,000 m, 3,050 m and the 1,000 m of the urban one.
    assert counts(towns)[A] == [150, 150, 0, 0, 1]
    assert counts(towns)[B] == [140, 70, 40, 30, 2]
    assert equals_the_indicator(towns)
    # The pair that has both goes on foot, however its rows stand.
    both = minutes((1, "a", 46), (4, "a", 45))
    publish(towns, travel_times=pd.concat([by_car, both]).sort_values("minutes"))
    assert counts(towns)[A] == [150, 100, 50, 0, 1]
    assert counts(towns)[B] == [140, 110, 0, 30, 2]
    assert equals_the_indicator(towns)
    used = service_coverage.ways(towns, YEAR, "elderly").iloc[0]
    assert used[["walk", "drive", "line"]].tolist() == [2, 1, 1]
    # A place sets its own speed, for cars alone.
    own = pd.DataFrame(
        {"parameter": ["reach.minutes_per_km_drive"], "place_code": "990101", "from_year": 2020,
         "value": 1.0, "source": "x"}
    )  # fmt: skip
    publish(towns, indicator_params=own)
    assert counts(towns)[B] == [140, 40, 70, 30, 2]
    assert counts(towns)[A] == [150, 100, 50, 0, 1]
    assert equals_the_indicator(towns)


def test_minutes_to_what_does_not_run_or_serve_change_nothing(towns: Store) -> None:
    fill(towns, HELD, SUPPLY, RADII)
    before = by_unit(towns)
    publish(towns, travel_times=minutes((1, "b", 1), (3, "b", 1), (2, "b", 0)))
    pd.testing.assert_frame_equal(by_unit(towns), before)
    assert service_coverage.ways(towns, YEAR, "elderly").iloc[0].tolist() == [0, 0, 4, 0, ()]
    assert roads.network(roads.read(towns, YEAR), before.assign(community_code="x", detour=1.0),
                         SUPPLY.rename(columns={"facility_id": "id"})) is None  # fmt: skip


@pytest.fixture
def scattered(towns: Store) -> tuple[Store, pd.DataFrame]:
    """A store of 40 villages and 9 halls along a line, and its minutes: as long as the lines."""
    chance = np.random.default_rng(11)
    held: list[Village] = [
        ([A, B, C][n % 3], float(chance.uniform(0, 40_000)), ["111", "220"][n % 2],
         int(chance.integers(1, 500)))
        for n in range(40)
    ]  # fmt: skip
    halls = [("operating", "elderly"), ("idle", "culture"), ("operating", "elderly;legal")] * 3
    supply = facilities(
        *((f"f{n}", A, float(chance.uniform(0, 40_000)), *hall) for n, hall in enumerate(halls))
    )
    fill(towns, held, supply, RADII)
    places = communities(held)[["community_code", "lat"]]
    pairs = places.merge(supply[["facility_id", "lat"]], how="cross", suffixes=("", "_there"))
    way = 1.3 * np.radians((pairs["lat"] - pairs["lat_there"]).abs()) * RADIUS
    # On foot and by car alike: their paces make one distance of both.
    driven = np.arange(len(pairs)) % 5 == 0
    pairs["minutes"] = np.where(driven, 2, 15) * way / 1000
    pairs["mode"] = np.where(driven, "drive", "walk")
    return towns, pairs[["community_code", "facility_id", "mode", "minutes"]]


def everything(store: Store) -> list[object]:
    table = by_unit(store).drop(columns="by_road")
    access = layers.villages(store, YEAR, "M02", "access")["access"]
    found = gaps.next_sites(store, YEAR, "elderly", 3)
    return [
        table.to_numpy().tolist(),
        access.round(6).tolist(),
        gaps.idle(store, YEAR, "elderly").to_numpy().tolist(),
        (found.outside, found.total, found.sites["id"].tolist()),
        gaps.outside(store, YEAR).fillna(-1).to_numpy().tolist(),
    ]


def test_minutes_in_proportion_to_distance_change_no_answer(
    scattered: tuple[Store, pd.DataFrame],
) -> None:
    store, pairs = scattered
    before = everything(store)
    publish(store, travel_times=pairs.iloc[::3])
    some = by_unit(store)["by_road"].iloc[0]
    assert everything(store) == before
    publish(store, travel_times=pairs)
    assert everything(store) == before
    assert 0 < some < by_unit(store)["by_road"].iloc[0] == 40
    assert equals_the_indicator(store)


def test_every_pair_by_a_walk(scattered: tuple[Store, pd.DataFrame]) -> None:
    """Some pairs have minutes of their own, longer or shorter than the line; each stands alone."""
    store, pairs = scattered
    chance = np.random.default_rng(3)
    own = pairs.assign(minutes=pairs["minutes"] * chance.uniform(0.3, 3, len(pairs))).iloc[::2]
    publish(store, travel_times=own)
    villages = service_coverage.villages(store, YEAR, "elderly").set_index("community_code")
    halls = service_coverage.facilities(store, YEAR, "elderly")
    running = set(halls.loc[halls["status"] == "operating", "id"])
    pace = pairs["mode"].map({"walk": 15, "drive": 2}).to_numpy()
    way = pairs.set_index(["community_code", "facility_id"])["minutes"]
    way.update(own.set_index(["community_code", "facility_id"])["minutes"])
    metres = 1000 * (way / pace).unstack()
    reached = metres.le(villages["radius_m"], axis=0)
    now = reached[list(running)].any(axis=1)
    assert villages["reached"].eq(now).all()
    assert villages["metres"].tolist() == pytest.approx(
        metres[list(running)].min(axis=1).reindex(villages.index).tolist(), abs=1e-4
    )
    assert equals_the_indicator(store)
    people = villages["population"]
    told = gaps.idle(store, YEAR, "elderly").set_index("id")["people"].to_dict()
    idle = [hall for hall in metres if hall not in running]
    gains = {hall: people[reached[hall] & ~now].sum() for hall in idle}
    assert told == {hall: gain for hall, gain in gains.items() if gain > 0}
    # One site: the best of the idle halls by road, and of the villages by the line.
    far = villages["lat"].to_numpy()[:, None] - villages["lat"].to_numpy()
    near = 1.3 * np.radians(np.abs(far)) * RADIUS <= villages["radius_m"].to_numpy()[:, None]
    best = max(*gains.values(), *((people * ~now).to_numpy() @ near))
    assert gaps.next_sites(store, YEAR, "elderly", 1).total == pytest.approx(best)


def test_a_file_of_minutes_is_taken_and_what_fits_nothing_named(
    towns: Store, tmp_path: Path
) -> None:
    fill(towns, HELD, SUPPLY, RADII)
    file = tmp_path / "耗时.csv"
    rows = [f"{CODES[2]},a,步行,15", "990101100999,a,步行,1", f"{CODES[1]},zz,车程,1",
            f"{CODES[1]},a,步行,-1", f"{CODES[3]},a,,9"]  # fmt: skip
    file.write_text("\n".join(["村（社区）代码,设施编号,出行方式,耗时", *rows]), encoding="utf-8")
    made = ingest.prepare(towns, file, file.name, ingest.Options())
    assert (made.options.table, made.records_kept) == ("travel_times", 1)
    found = made.problems[["record", "column", "code"]].to_numpy().tolist()
    assert sorted(found) == [
        [2, "community_code", "orphan"], [3, "facility_id", "orphan"], [4, "minutes", "range"],
        [5, "mode", "required"],
    ]  # fmt: skip
    ingest.publish(towns, made, author="a", message="m", accept_valid=True)
    assert counts(towns)[B] == [140, 110, 0, 30, 1]
