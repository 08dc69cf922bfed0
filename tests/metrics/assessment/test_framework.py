"""Frameworks: the built-in ones, a county's own, and the rules it must keep."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Text
from metrics.assessment.framework import (
    FULL,
    LIGHT,
    changes,
    check,
    from_frame,
    in_force,
    named,
    spans,
)
from metrics.assessment.township_card import card
from tests.metrics.reported_county import TOWNS, publish, reported, towns

NAME = Text("本县指标体系", "Our framework")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        publish(opened, townships=towns())
        yield opened


def own(rows: list[tuple[str, str, float, float | None]], start: int = 2025) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["card", "indicator_id", "weight", "target"])
    return table.assign(framework=f"own-{start}")


def held(rows: pd.DataFrame, start: int = 2025) -> dict[str, pd.DataFrame]:
    head = {"framework": f"own-{start}", "name_zh": "本县", "effective_from": start}
    return {"frameworks": pd.DataFrame([head]), "framework_items": rows}


def test_the_whole_framework_is_thirty_three_and_twenty_three() -> None:
    assert len(FULL.of("township", "township")) == 33
    assert len(FULL.of("township", "subdistrict")) == 33
    assert len(FULL.of("county")) == 23
    for kind in ("township", "subdistrict"):
        assert sum(i.weight for i in FULL.of("township", kind)) == pytest.approx(100)
    assert sum(i.weight for i in FULL.of("county")) == pytest.approx(100)
    assert max(i.weight for i in FULL.of("township")) <= 5


def test_weights_are_those_the_register_rounds() -> None:
    for item in FULL.items:
        found = item.indicator
        said = found.weight_township if item.card == "township" else found.weight_county
        assert item.weight == pytest.approx(said, abs=0.006), item.indicator_id


def test_the_light_start_is_twelve_and_five() -> None:
    assert (len(LIGHT.of("township")), len(LIGHT.of("county"))) == (12, 5)
    assert LIGHT.groups("township")["C"] == 15
    assert "A" not in LIGHT.groups("township")


def test_alternatives_of_townships_and_sub_districts_count_once() -> None:
    assert FULL.groups("township")["B2"] == pytest.approx(12)


def test_what_is_built_in_keeps_the_rules() -> None:
    assert check(FULL, FULL) == []


def test_every_rule_is_said() -> None:
    rows = [("township", "C2", 60.0, None), ("township", "G1", 20.0, None)]
    rows += [("township", "S1", 10.0, None), ("township", "A1", 10.0, None)]
    rows += [("county", i.indicator_id, i.weight - 2, None) for i in LIGHT.of("county")]
    made = from_frame(own(rows), "own", NAME, 2025, LIGHT)
    said = "\n".join(text.zh for text in check(made, LIGHT))
    assert re.search("G1 .*另一层级", said)
    assert re.search("S1 .*配对", said)
    assert re.search("A1 .*背景", said)
    assert "县级履责卡各项权重之和为 55，应为 100，或与现行的 65 相同" in said
    # A card that shifts weight among its own keeps the sum it had, 89 and 65 of the light start.
    assert check(LIGHT, LIGHT) == []
    assert any("县级履责卡各项权重之和为 65" in text.zh for text in check(LIGHT, FULL))
    targets = [("township", "C2", 60.0, 120.0), ("township", "B4.1", 40.0, 0.0)]
    targets += [("county", "G7", 50.0, 0.0), ("county", "G2", 50.0, -1.0)]
    said = "\n".join(t.zh for t in check(from_frame(own(targets), "o", NAME, 2025, FULL), FULL))
    assert [each in said for each in ("C2 ", "B4.1 ", "G7 ", "G2 ")] == [True, True, False, True]
    assert check(from_frame(own([("county", "G7", 100.0, 0.0), ("township", "C2", 100.0, 80.0)]),
                            "o", NAME, 2025, FULL), FULL) == []  # fmt: skip
    thirteen = own([("township", i, 1.0, None) for i in _thirteen()])
    grown = from_frame(thirteen, "o", NAME, 2025, LIGHT)
    assert any("每增一项，须减一项" in text.zh for text in check(grown, LIGHT))


def _thirteen() -> list[str]:
    return [i.indicator_id for i in FULL.of("township", "township")][:13]


def test_wrong_tables_are_refused() -> None:
    for rows, code in (
        ([("township", "C99", 5.0, None)], "unknown_indicator"),
        ([("village", "C2", 5.0, None)], "framework_card_unknown"),
        ([("township", "C2", 5.0, None)] * 2, "framework_item_twice"),
        ([("township", "C2", -1.0, None)], "framework_weight"),
    ):
        with pytest.raises(DataError) as caught:
            from_frame(own(rows), "own", NAME, 2025, LIGHT)
        assert caught.value.code == code


def test_an_own_framework_is_in_force_from_its_year(store: Store) -> None:
    rows = own([("township", "C2", 100.0, 90.0), ("county", "G1", 100.0, None)])
    publish(store, **held(rows), reported_values=reported({"C2": 81.0, "D9": 10.0}))
    assert in_force(store, 2024).id == "light-2026"
    assert in_force(store, 2025).id == "own-2025"
    found = card(store, Scope(2025, township=TOWNS[0]))
    # A target of 90 starts at 45: 81 is (81 - 45) / 45 of the way.
    assert found.overview["score"].iloc[0] == pytest.approx(80)
    assert "D9" not in set(found.tree["node"])
    assert found.framework.name.zh == "本县"
    with_light = card(store, Scope(2025, township=TOWNS[0]), framework="light-2026")
    assert "D9" in set(with_light.tree["node"])
    with pytest.raises(DataError) as caught:
        named(store, "none")
    assert caught.value.code == "unknown_framework"


def test_of_two_from_the_same_year_the_one_that_replaces_the_other_holds(store: Store) -> None:
    """Whatever they are called: the earlier one may come last by its name."""
    rows = [("township", "C2", 100.0, 90.0), ("county", "G1", 100.0, None)]
    table = own(rows)
    heads = [("own-z", "甲", 2025, "light-2026"), ("own-a", "乙", 2025, "own-z")]
    heads += [("own-m", "丙", 2027, "own-a")]
    names = ["framework", "name_zh", "effective_from", "replaces"]
    for head in heads:
        frame = pd.DataFrame([head], columns=names)
        publish(store, frameworks=frame, framework_items=table.assign(framework=head[0]))
    assert [in_force(store, year).id for year in (2024, 2025, 2026, 2027)] == [
        "light-2026", "own-a", "own-a", "own-m",
    ]  # fmt: skip
    said = [(start, name.zh) for start, name in spans(store, Scope())]
    assert said == [(None, LIGHT.name.zh), (2025, "乙"), (2027, "丙")]


def test_what_differs_between_two_frameworks() -> None:
    rows = [(i.card, i.indicator_id, i.weight, None) for i in LIGHT.items if i.indicator_id != "F3"]
    rows = [(c, i, 18.0 if i == "E2" else w, 90.0 if i == "C2" else t) for c, i, w, t in rows]
    made = from_frame(own(rows), "own", NAME, 2025, LIGHT)
    found = changes(LIGHT, made).set_index("indicator_id")
    assert set(found.index) == {"F3", "E2", "C2"}
    assert found.loc["E2", ["weight_before", "weight_after"]].tolist() == [9, 18]
    assert found.loc["C2", ["target_before", "target_after"]].tolist() == [100, 90]
    assert pd.isna(found.loc["F3", "weight_after"])


def test_the_setting_chooses_among_the_built_in(store: Store) -> None:
    publish(store, settings=pd.DataFrame({"name": ["framework"], "value": ["full-2026"]}))
    assert in_force(store, 2025).id == "full-2026"


def test_alternatives_do_not_lower_the_data_share(store: Store) -> None:
    publish(store, townships=towns({TOWNS[0]: "subdistrict"}))
    ids = {i.indicator_id: 100.0 for i in FULL.of("township")}
    publish(store, reported_values=reported(ids))
    overview = card(store, Scope(2025), framework="full-2026").overview.set_index("unit_code")
    # All have every value that applies to them; those without a target have no peers that differ.
    full = {i.indicator_id for i in FULL.of("township", "township") if i.goal is not None}
    share = sum(i.weight for i in FULL.of("township", "township") if i.indicator_id in full)
    assert overview["data_share"].tolist()[1:] == pytest.approx([share / 100] * 9)
    assert overview["data_share"].iloc[0] < share / 100  # T1 has a target, S1 to S3 have none
