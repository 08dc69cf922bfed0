"""The gap finder: by hand, against every choice of sites, and idle buildings before new ones."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.accessibility import gaps, roads, service_coverage
from tests.conftest import fill_towns
from tests.metrics.accessibility.test_service_coverage import A, B, C, facilities, fill

YEAR = Scope(year=2025)
# Along one line; 1,300 m of way is 1,000 m straight. Urban ones reach half as far as rural ones.
HELD = [
    (A, 0, "220", 100),
    (A, 5000, "220", 400),
    (A, 6500, "220", 300),
    (B, 20000, "111", 250),
    (B, 20800, "111", 260),
    (B, 40000, "220", 90),
    (B, None, "220", 1000),
    (C, 60000, None, 500),
]
SUPPLY = facilities(
    ("now", A, 0, "operating", "elderly"),
    ("idle", A, 5800, "idle", "culture"),
    ("far", B, 90000, "idle", "elderly"),
    ("plan", B, 20400, "planned", "elderly"),
)
RADII = pd.DataFrame(
    {"service": "elderly", "setting": ["urban", "rural"], "radius_m": [1100.0, 2200.0]}
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    opened = Store.open(tmp_path_factory.mktemp("gaps") / "data")
    fill_towns(opened)
    fill(opened, HELD, SUPPLY, RADII)
    return opened


def test_outside_by_service_is_that_of_the_page(store: Store) -> None:
    table = gaps.outside(store, YEAR).set_index("service")
    own = service_coverage.by_unit(store, YEAR, "elderly").iloc[0]
    assert table.loc["elderly", ["inside", "outside", "share"]].tolist() == pytest.approx(
        own[["inside", "outside", "share"]].tolist()
    )
    assert table.loc["elderly", ["residents", "operating", "idle"]].tolist() == [1400, 1, 1]
    # A township has its own facilities beside its own residents, whoever serves these.
    for township, held in ((A, [1, 0]), (B, [0, 1])):
        part = gaps.outside(store, Scope(year=2025, township=township)).set_index("service")
        assert part.loc["elderly", ["operating", "idle"]].tolist() == held
    assert table.loc["culture", "note"] == "no_radius"
    assert np.isnan(table.loc["culture", "outside"])


def test_next_sites_by_hand(store: Store) -> None:
    found = gaps.next_sites(store, YEAR, "elderly", 2)
    # 700 people of A from the idle hall between them; the two of B are 800 m x 1.3 apart.
    assert found.sites[["id", "kind", "people", "cumulative"]].to_numpy().tolist()[0] == [
        "idle", "idle", 700, 700,
    ]  # fmt: skip
    assert found.sites["people"].tolist() == [700, 510]
    assert found.sites["kind"].tolist() == ["idle", "new"]
    assert (found.total, found.bound, found.outside, found.proven) == (1210, 1210, 1300, True)
    assert found.sites["services"].iloc[0] == "culture"
    # More than there is to reach: the last two of five would add nothing and are not named.
    assert gaps.next_sites(store, YEAR, "elderly", 5).sites["people"].tolist() == [700, 510, 90]


@pytest.mark.parametrize("count", [1, 2])
def test_no_other_choice_reaches_more(store: Store, count: int) -> None:
    """Every choice of as many places, counted by the page's own rule."""
    places = {"idle": 5800, **{f"v{n}": row[1] for n, row in enumerate(HELD) if row[1] is not None}}
    before = service_coverage.by_unit(store, YEAR, "elderly")["inside"].iloc[0]
    villages = service_coverage.villages(store, YEAR, "elderly")
    best = 0.0
    for choice in combinations(places.values(), count):
        opened = pd.concat(
            [SUPPLY.iloc[:1], *(facilities(("x", A, at, "operating", "elderly")) for at in choice)]
        )
        supply = opened.rename(columns={"facility_id": "id"})
        table = service_coverage.reached_by(villages, supply, roads.read(store, YEAR))
        inside = table.loc[
            table["reached"].eq(True) & table["radius_m"].notna(), "population"
        ].sum()
        best = max(best, inside - before)
    found = gaps.next_sites(store, YEAR, "elderly", count)
    assert found.total == pytest.approx(best)
    assert found.proven


def test_idle_buildings_alone(store: Store) -> None:
    table = gaps.idle(store, YEAR, "elderly")
    assert table[["id", "people"]].to_numpy().tolist() == [["idle", 700]]
    assert gaps.idle(store, Scope(year=2025, township=B), "elderly").empty


def test_nothing_to_do_and_nothing_known_are_told_apart(store: Store) -> None:
    assert gaps.next_sites(store, YEAR, "culture", 1).note == "no_radius"
    assert gaps.next_sites(store, Scope(year=2020), "elderly", 1).note == "no_population"
    everybody = gaps.next_sites(store, YEAR, "elderly", 1, 200_000.0)
    assert (everybody.note, everybody.proven, len(everybody.sites)) == ("nobody_outside", True, 0)
