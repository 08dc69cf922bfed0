"""A county edits its framework: table, proposal, publication."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Text
from metrics.assessment.framework import LIGHT, in_force
from metrics.assessment.framework_edit import choose, propose, publish, rehearse, table_of, undoable
from metrics.assessment.township_card import card
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
    own = in_force(store, 2025)
    assert own.id == "own"
    order = table_of(own).dropna(subset=["weight"])
    assert [(i.card, i.indicator_id) for i in own.items] == list(
        order[["card", "indicator_id"]].itertuples(index=False, name=None)
    )
    score = card(store, Scope(2025)).overview.set_index("unit_code")["score"]
    told = made.bands.set_index("unit_code")["score_after"]
    assert score.fillna(-1).tolist() == pytest.approx(told.fillna(-1).tolist())
    assert in_force(store, 2024) is LIGHT


def test_what_breaks_the_rules_is_not_published(store: Store) -> None:
    made = propose(store, edited(C2=1.0), "own", NAME, 2025)
    whole = rehearse(store, Scope(2025), framework_id="full-2026")
    assert any("应为 100" in text.zh for text in made.refused)
    for code, act in (
        ("framework_refused", lambda: publish(store, made, author="李", reason="因")),
        ("framework_name", lambda: propose(store, edited(), "light-2026", NAME, 2025)),
        ("framework_unsigned", lambda: publish(
            store, propose(store, edited(), "own", NAME, 2025), author=" ", reason="因")),
        ("unknown_framework", lambda: rehearse(store, Scope(2025), framework_id="none")),
        ("framework_unsigned", lambda: choose(store, whole, author="")),
    ):  # fmt: skip
        with pytest.raises(DataError) as caught:
            act()
        assert caught.value.code == code
    assert in_force(store, 2025) is LIGHT


def test_a_built_in_framework_is_chosen_with_its_goalposts_in_one_version(store: Store) -> None:
    spread = {code: 10.0 * place for place, code in enumerate(TOWNS)}
    fill(store, reported_values=reported(dict.fromkeys(["B1.4", "B2.2", "B2.5"], spread), 2024))
    fill(store, reported_values=reported({"B1.4": 45.0}, 2025))
    before = store.version
    made = rehearse(store, Scope(2025), framework_id="full-2026", baseline=2024)
    assert (made.year, made.baseline, made.held) == (2025, 2024, False)
    assert {"B1.4", "B2.2", "B2.5"} <= set(made.posts["indicator_id"])
    assert "B5.2" in made.without
    version = choose(store, made, author="李评")
    assert version == before + 1
    assert in_force(store, 2025).id == "full-2026"
    found = card(store, Scope(2025, township=TOWNS[0]))
    b14 = found.tree.set_index("node").loc["B1.4"]
    # The 10th and 90th percentile of 0, 10 … 90 are 9 and 81.
    assert (b14["basis"], b14["goal_low"], b14["goal_high"]) == ("frozen", 9, 81)
    told = made.bands.set_index("unit_code")["score_after"].fillna(-1)
    score = card(store, Scope(2025)).overview.set_index("unit_code")["score"].fillna(-1)
    assert told.tolist() == pytest.approx(score.tolist())


def test_a_change_of_framework_is_undone_and_its_goalposts_are_frozen_only_once(
    store: Store,
) -> None:
    assert undoable(store) is None
    before = store.version
    choose(store, rehearse(store, Scope(2025), framework_id="full-2026"), author="李评")
    assert undoable(store) == before
    store.restore(before, author="李评", message="撤销")
    assert in_force(store, 2025) is LIGHT
    assert undoable(store) is None
    spread = {code: 10.0 * place for place, code in enumerate(TOWNS)}
    fill(store, reported_values=reported({"B2.2": spread}, 2025))
    choose(store, rehearse(store, Scope(2025), framework_id="full-2026"), author="李评")
    light = rehearse(store, Scope(2025), framework_id="light-2026")
    choose(store, light, author="李评")
    again = rehearse(store, Scope(2025), framework_id="full-2026")
    assert again.held
    assert again.posts.empty
    # Other data published since would be lost by going back: it is no longer offered.
    fill(store, reported_values=reported({"C2": 60.0}, 2025))
    assert undoable(store) is None


def test_a_framework_of_a_year_to_come_is_tried_on_the_newest_year_with_data(store: Store) -> None:
    made = propose(store, edited(), "next", NAME, 2027)
    assert made.year == 2025
    assert len(made.bands) == len(TOWNS)
