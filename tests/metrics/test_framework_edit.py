"""A county edits its framework: table, proposal, publication."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Text
from metrics.assessment import card
from metrics.framework import LIGHT, in_force
from metrics.framework_edit import choose, propose, publish, table_of
from tests.metrics.reported_county import TOWNS, reported, towns
from tests.metrics.reported_county import publish as fill

NAME = Text("本县", "Ours")
HELD = {"B4.1": 1.0, "C2": 75.0, "D9": 100.0, "E2": 50.0, "F3": 90.0, "A4": 100.0, "C1": 100.0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        fill(opened, townships=towns(), reported_values=reported(HELD))
        yield opened


def edited(**weights: float):
    """Return the light start with weights that add up to 100, some of them changed."""
    rows = table_of(LIGHT)
    for card_name in ("township", "county"):
        mine = rows["card"].eq(card_name)
        rows.loc[mine, "weight"] *= 100 / rows.loc[mine, "weight"].sum()
    for indicator, weight in weights.items():
        rows.loc[rows["indicator_id"].eq(indicator) & rows["card"].eq("township"), "weight"] = (
            weight
        )
    return rows


def test_the_table_holds_what_may_be_scored() -> None:
    rows = table_of(LIGHT)
    assert rows["weight"].notna().sum() == 17
    assert not rows["indicator_id"].str.startswith("S").any()
    assert "G1" not in set(rows.loc[rows["card"].eq("township"), "indicator_id"])
    assert {"D1"} <= set(rows.loc[rows["card"].eq("county"), "indicator_id"])


def test_a_proposal_says_what_would_change_and_keeps_nothing(store: Store) -> None:
    weight = float(edited().set_index(["card", "indicator_id"])["weight"]["township", "C2"])
    made = propose(store, edited(C2=0.0, C1=weight), "own", NAME, 2025)
    assert made.refused == []
    assert set(made.changes["indicator_id"]) >= {"C1", "C2"}
    assert "B2.2" in made.unused
    assert in_force(store, 2025) is LIGHT
    version = publish(store, made, author="李评", reason="突出规范化")
    assert store.history()[0].number == version
    assert in_force(store, 2025).id == "own"
    score = card(store, Scope(2025)).overview.set_index("unit_code")["score"]
    told = made.bands.set_index("unit_code")["score_after"]
    assert score.fillna(-1).tolist() == pytest.approx(told.fillna(-1).tolist())
    assert in_force(store, 2024) is LIGHT


def test_what_breaks_the_rules_is_not_published(store: Store) -> None:
    made = propose(store, edited(C2=1.0), "own", NAME, 2025)
    assert any("应为 100" in text.zh for text in made.refused)
    for code, act in (
        ("framework_refused", lambda: publish(store, made, author="李", reason="因")),
        ("framework_name", lambda: propose(store, edited(), "light-2026", NAME, 2025)),
        ("framework_unsigned", lambda: publish(
            store, propose(store, edited(), "own", NAME, 2025), author=" ", reason="因")),
        ("unknown_framework", lambda: choose(store, "none", author="李")),
        ("framework_unsigned", lambda: choose(store, "full-2026", author="")),
    ):  # fmt: skip
        with pytest.raises(DataError) as caught:
            act()
        assert caught.value.code == code
    assert in_force(store, 2025) is LIGHT


def test_a_built_in_framework_is_chosen(store: Store) -> None:
    choose(store, "full-2026", author="李评")
    assert in_force(store, 2025).id == "full-2026"
    tree = card(store, Scope(2025, township=TOWNS[0])).tree
    assert "A4" in set(tree["node"])
