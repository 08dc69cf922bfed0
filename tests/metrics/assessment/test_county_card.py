"""The county card on values worked by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment.framework import FULL
from metrics.assessment.township_card import card
from tests.metrics.reported_county import COUNTY, publish, reported, towns

# A target of 100 starts at 50; 18 workers start at 9; 30 m² at 15.
HELD = {"B1.1": 75.0, "G1": 100.0, "G8": 80.0, "G6": 50.0, "A5": 100.0, "G15": 90.0, "D2": 30.0,
        "D4": 100.0, "G10": 13.5, "G13": 100.0, "D1": 100.0}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        publish(opened, townships=towns())
        publish(opened, settings=pd.DataFrame({"name": ["framework"], "value": ["full-2026"]}))
        yield opened


def duty(store: Store) -> pd.DataFrame:
    return card(store, Scope(2025)).duty.set_index("node")


def test_duties_and_total_by_hand(store: Store) -> None:
    publish(store, reported_values=reported({i: {COUNTY: v} for i, v in HELD.items()}))
    found = duty(store)
    assert found.loc["response", "points"] == pytest.approx((50 + 100) / 2)
    assert found.loc["correction", "points"] == 0
    assert found.loc["system", "points"] == pytest.approx((100 + 80) / 2)
    assert found.loc["lists", "note"] == "not_enough_data"  # one of three
    assert found.loc["burden", "note"] == "not_enough_data"
    # 55 of 100 have data: no score.
    assert found.loc["total", "data_share"] < 0.6
    assert np.isnan(found.loc["total", "points"])


def test_opinions_are_thirty_percent(store: Store) -> None:
    full = {i.indicator_id: {COUNTY: i.goal} for i in FULL.of("county") if i.goal}
    tens = {f"9901011{n:02}": 10.0 * (n + 1) for n in range(10)}
    lower = {i: {**tens, COUNTY: 0.0} for i in ("G2", "G3", "G4", "G5", "G7", "F1")}
    told = full | lower | {"B1.2": tens, "S1": {COUNTY: 60.0}}
    publish(store, reported_values=reported(told))
    found = duty(store)
    leaves = found[found["level"].isin(["indicator", "satisfaction"])]
    total = found.loc["total"]
    assert total["note"] == "opinions_missing"  # no survey of cadres
    assert leaves["contribution"].sum() == pytest.approx(total["points"])
    assert leaves["weight"].sum() == pytest.approx(100)
    facts = found.loc[["response", "lists", "burden", "correction", "resources", "system"]]
    scored = facts[facts["points"].notna()]
    by_hand = (scored["points"] * scored["weight"]).sum() / scored["weight"].sum()
    assert total["points"] == pytest.approx((0.7 * by_hand + 0.15 * 60) / 0.85)
    assert leaves.loc["S1", "weight"] == pytest.approx(100 * 0.15 / 0.85)


def test_the_countys_facilities_are_held_against_all_its_villages(store: Store) -> None:
    codes = [f"{COUNTY}{n:06}" for n in range(5)]
    kinds = ["village"] * 4 + ["community"]
    places = pd.DataFrame({"community_code": codes, "name_zh": codes, "kind": kinds})
    inside = [towns()["township_code"].iloc[n] for n in (0, 0, 1, 1, 2)]
    publish(
        store,
        communities=places.assign(township_code=inside),
        reported_values=reported({"D1": {COUNTY: 63.0}}),
    )
    target = (4 * 80 + 100) / 5
    row = duty(store).loc["D1"]
    assert (row["goal_low"], row["goal_high"], row["basis"]) == (target / 2, target, "target")
    assert row["points"] == pytest.approx(100 * (63 - target / 2) / (target / 2))
