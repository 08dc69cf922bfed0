"""The township card on a tiny county worked by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.contracts import TABLES
from data.scope import Scope
from data.store import ROLLED_UP, Change, Store
from metrics.assessment.framework import LIGHT
from metrics.assessment.township_card import Card, band, card, freeze_goalposts

BLOCKS = LIGHT.groups("township")
TOWNS = [f"9901011{n:02}" for n in range(10)]
# Points of the ten values 10 ... 100 between their 10th and 90th percentile, 19 and 91.
PEERED = ["B2.2", "B2.5", "B3.2", "B5.3", "D6", "D7"]
TARGETED = {"C2": 75.0, "D9": 100.0, "E2": 50.0, "F3": 90.0}


def publish(store: Store, **tables: pd.DataFrame) -> None:
    # Sums are made by a publication of what they rest on; those of a test are put in their place.
    changes = [Change(name, rows) for name, rows in tables.items()]
    for derived in (False, True):
        part = [change for change in changes if (change.table in ROLLED_UP) == derived]
        if part:
            store.publish(part, author="t", message="t")


def reported(*, without: tuple[str, ...] = (), towns: int = 10) -> pd.DataFrame:
    rows = [(t, i, 10.0 * (k + 1)) for i in PEERED for k, t in enumerate(TOWNS[:towns])]
    rows += [(t, i, value) for i, value in TARGETED.items() for t in TOWNS]
    rows += [(t, "B4.1", 2.0) for t in TOWNS]
    rows += [(t, "G7", 10.0) for t in TOWNS[:5]] + [("990101", "G1", 75.0)]
    table = pd.DataFrame(rows, columns=["unit_code", "indicator_id", "value"])
    return table[~table["indicator_id"].isin(without)].assign(year=2025)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        towns = pd.DataFrame({"township_code": TOWNS, "name_zh": TOWNS})
        publish(opened, townships=towns.assign(county_code="990101", unit_type="township"))
        yield opened


def look(store: Store) -> Card:
    return card(store, Scope(2025, None, TOWNS[4]))


def points(found: Card) -> dict[str, float]:
    return dict(zip(found.tree["node"], found.tree["points"], strict=True))


def parts(found: Card) -> pd.DataFrame:
    return found.tree[found.tree["level"].isin(["indicator", "satisfaction"])]


def test_points_by_hand(store: Store) -> None:
    publish(store, reported_values=reported())
    got = points(look(store))
    assert got["C2"] == 50  # half the target is worth nothing
    assert (got["D9"], got["E2"], got["F3"], got["B4.1"]) == (100, 0, 80, 100)
    assert got["B2.2"] == pytest.approx(100 * (50 - 19) / 72)
    assert np.isnan(got["D1"])


def test_contributions_add_up_to_the_score(store: Store) -> None:
    publish(store, reported_values=reported())
    found = look(store)
    score = found.overview["score"].iloc[0]
    peered = 100 * (50 - 19) / 72
    blocks = {"B2": peered, "B3": peered, "B4": 100, "B5": peered, "C": 50, "E": 0, "F": 80}
    blocks["D"] = (2 * peered + 100) / 3  # D1 has no data: three of four carry the block
    by_hand = sum(BLOCKS[b] * p for b, p in blocks.items()) / 89
    assert score == pytest.approx(by_hand)
    assert parts(found)["contribution"].sum() == pytest.approx(score)
    assert parts(found)["weight"].sum() == pytest.approx(100)
    assert found.overview["note"].iloc[0] == "facts_only"


def test_a_block_is_seventy_percent_facts(store: Store) -> None:
    # Two villages, 85 and 95 points; one village alone behind B5.
    told = [("pair:C", "p", 15), ("pair:C", "q", 15), ("pair:E", "p", 14), ("pair:E", "q", 15)]
    sums = pd.DataFrame([*told, ("pair:B5", "p", 40)], columns=["item", "psu", "n"]).assign(
        survey_id="s", township_code=TOWNS[4], stratum=TOWNS[4], sw=10.0, swyy=0.0
    )
    sums["swy"] = np.where(sums["psu"].eq("p"), 850.0, 950.0)
    psus = pd.DataFrame({"psu": ["p", "q"], "n": 40, "set_aside": 0, "sw": 1.0, "sww": 1.0})
    days = pd.to_datetime(["2025-05-01"])
    meta = {"survey_id": ["s"], "title_zh": "卷", "mode": "face", "audience": "resident"}
    publish(
        store,
        reported_values=reported(),
        survey_sums=sums,
        survey_psus=psus.assign(survey_id="s", township_code=TOWNS[4]),
        survey_meta=pd.DataFrame(meta | {"start_on": days, "end_on": days}),
    )
    found = look(store)
    got = points(found)
    assert got["C"] == pytest.approx(0.7 * 50 + 0.3 * 90)
    assert got["E"] == 0  # 29 respondents: facts alone, and it says so
    notes = dict(zip(found.tree["node"], found.tree["note"], strict=True))
    assert (notes["C"], notes["E"], notes["pair:E"]) == ("", "facts_only", "below_base")
    assert (notes["B5"], notes["pair:B5"]) == ("facts_only", "not_estimable")
    assert found.overview["note"].iloc[0] == "partly_facts"  # not of facts alone: C is heard
    assert parts(found)["contribution"].sum() == pytest.approx(found.overview["score"].iloc[0])


def test_a_block_without_data_gives_its_weight_to_the_others(store: Store) -> None:
    publish(store, reported_values=reported(without=("C2",)))
    found = look(store)
    rows = found.tree.set_index("node")
    assert rows.loc["C", "note"] == "not_enough_data"
    assert rows.loc["C", "weight"] == 0
    assert rows.loc["total", "data_share"] == pytest.approx(1 - (15 + 22 / 4) / 89)
    assert parts(found)["contribution"].sum() == pytest.approx(rows.loc["total", "points"])


def test_too_little_data_gives_no_score(store: Store) -> None:
    publish(store, reported_values=reported(without=("C2", "D9", "D6", "E2")))
    found = look(store)
    assert found.overview["score"].isna().all()
    assert found.overview["band"].isna().all()
    assert set(found.overview["note"]) == {"not_enough_data"}


def test_fewer_than_eight_peers_earn_no_points(store: Store) -> None:
    publish(store, reported_values=reported(towns=7))
    rows = look(store).tree.set_index("node")
    assert rows.loc["B2.2", "value"] == 50
    assert np.isnan(rows.loc["B2.2", "points"])
    assert rows.loc["B2.2", "note"] == "few_peers"


def test_frozen_goalposts_do_not_move_with_new_values(store: Store) -> None:
    publish(store, reported_values=reported())
    frozen = freeze_goalposts(store, 2025)
    assert list(frozen.columns) == list(TABLES["goalposts"].column_names)
    assert set(frozen["indicator_id"]) == set(PEERED)
    publish(store, goalposts=frozen)
    later = reported()
    later.loc[later["indicator_id"].eq("B2.2") & later["unit_code"].ne(TOWNS[4]), "value"] = 1.0
    publish(store, reported_values=later)
    row = look(store).tree.set_index("node").loc["B2.2"]
    assert row["points"] == pytest.approx(100 * (50 - 19) / 72)
    assert row["basis"] == "frozen"


def test_the_county_s_duties_stand_beside(store: Store) -> None:
    publish(store, reported_values=reported())
    duty = look(store).duty.set_index("node")
    owed = duty[duty["level"].eq("indicator")]
    assert list(owed.index) == ["G1", "G7", "G8", "G2", "G4"]
    assert duty.loc["G1", "points"] == 50
    assert duty.loc["G2", "note"] == "no_data"


def test_targets_of_facilities_follow_villages_and_communities(store: Store) -> None:
    codes = [f"{TOWNS[4]}{n:03}" for n in range(4)]
    kinds = ["village", "village", "village", "community"]
    places = pd.DataFrame({"community_code": codes, "name_zh": codes, "kind": kinds})
    publish(store, communities=places.assign(township_code=TOWNS[4]), reported_values=reported())
    assert look(store).tree.set_index("node").loc["D1", "goal_high"] == (3 * 80 + 100) / 4


def test_bands_have_their_cut_points_inside() -> None:
    assert [band(x) for x in (90, 89.9, 75, 60, 40, 39.9)] == [1, 2, 2, 3, 4, 5]
    assert np.isnan(band(np.nan))


def test_without_a_township_there_is_no_tree_and_without_units_nothing(store: Store) -> None:
    found = card(store, Scope(2025))
    assert found.tree.empty
    assert len(found.overview) == 10
    assert card(store, Scope(2025, "110101")).overview.empty
