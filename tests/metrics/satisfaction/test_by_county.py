"""Counties side by side: each is told what it is told when it is looked at alone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction import figures, heat, waves
from metrics.survey import estimate
from tests.metrics.satisfaction.test_figures import frames, people

COUNTIES = ("990101", "990102")
SAID = ["estimate", "se", "df", "low", "high", "deff", "share_3_5", "n", "note", "shown"]


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """Put the three units whose code ends from 200 on into a county of their own."""
    table = table.copy()
    for name in ("township_code", "respondent_id", "community_code"):
        if name in table:
            table[name] = table[name].str.replace(r"^990101(2|00)", r"990102\1", regex=True)
    if "county_code" in table:
        table["county_code"] = table["township_code"].str[:6]
    return table


def publish(store: Store, *more: Change) -> None:
    tables = {name: moved(frame) for name, frame in frames().items()}
    answers, respondents = tables["survey_answers"], tables["survey_respondents"]
    # The wave before: the same people, each answer one place up, around the end.
    last = answers.assign(survey_id="S24", value=answers["value"] % 5 + 1)
    tables["survey_answers"] = pd.concat([answers, last], ignore_index=True)
    told = [respondents, respondents.assign(survey_id="S24")]
    tables["survey_respondents"] = pd.concat(told, ignore_index=True)
    asked = [tables["survey_questions"], tables["survey_questions"].assign(survey_id="S24")]
    tables["survey_questions"] = pd.concat(asked, ignore_index=True)
    changes = [Change(name, frame) for name, frame in tables.items()]
    store.publish([*changes, *more], author="a", message="m")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        publish(opened)
        yield opened


@pytest.mark.parametrize("unit_type", [None, "township"])
@pytest.mark.parametrize("item", ["S1", "S2", "Q3"])
def test_a_county_is_told_as_by_itself(store: Store, item: str, unit_type: str | None) -> None:
    scope = Scope(2025, unit_type=unit_type)
    table = figures.by_unit(store, scope, "S25", item, level="county")
    assert table["unit_code"].tolist() == ["", *COUNTIES]
    assert table["level"].tolist() == ["area", "county", "county"]
    assert figures.is_whole(table).tolist() == [True, False, False]
    alone = [scope, *(Scope(2025, county, unit_type=unit_type) for county in COUNTIES)]
    wholes = [figures.by_unit(store, each, "S25", item).iloc[[0]] for each in alone]
    pd.testing.assert_frame_equal(
        table[SAID].reset_index(drop=True), pd.concat(wholes, ignore_index=True)[SAID]
    )
    assert set(figures.standing(table)) <= {"above", "same", "below", ""}


def test_counties_agree_with_the_rows(store: Store) -> None:
    rows = moved(people())
    rows["psu"] = rows["community_code"].fillna(rows["respondent_id"])
    rows["points"] = (rows["Q1"].astype(float) - 1) * 25
    rows["county"], rows["weight"] = rows["township_code"].str[:6], rows["weight"].fillna(1.0)
    twin = estimate(
        rows, "points", weight="weight", strata="township_code", psu="psu", by="county"
    ).set_index("county")
    table = figures.by_unit(store, Scope(2025), "S25", "S1", level="county").iloc[1:]
    for name in ("estimate", "se", "df", "n"):
        expected = twin.loc[list(COUNTIES), name].to_numpy(float)
        np.testing.assert_allclose(table[name].to_numpy(float), expected, rtol=1e-12)


def test_changes_and_indices_of_counties(store: Store) -> None:
    told = ["earlier", "later", "estimate", "se", "p", "shown", "note"]
    table = waves.changes(store, Scope(2025), "S25", "S24", "S1", level="county")
    alone = [
        waves.changes(store, Scope(2025, county), "S25", "S24", "S1").iloc[[0]]
        for county in (None, *COUNTIES)
    ]
    pd.testing.assert_frame_equal(table[told], pd.concat(alone, ignore_index=True)[told])
    # The whole is one comparison, the two counties are two.
    assert table["p_adjusted"].iloc[0] == table["p"].iloc[0]
    assert table["p_adjusted"].iloc[1:].min() == min(2 * table["p"].iloc[1:].min(), 1)
    found = heat.heat(store, Scope(2025), "S25", level="county")
    assert list(zip(found["item"], found["unit_code"], strict=True)) == [
        (item, code) for item in ("S1", "S2") for code in ("", *COUNTIES)
    ]


def test_a_county_of_few_is_hidden_and_with_it_the_whole(tmp_path: Path) -> None:
    town = {"township_code": "990103100", "name_zh": "小镇", "county_code": "990103"}
    few = moved(people()).head(5).assign(township_code="990103100", community_code=None)
    few["respondent_id"] = [f"990103100-{n}" for n in range(5)]
    answers = few.melt(["survey_id", "respondent_id"], ["Q1"], "question_id", "value")
    with Store.open(tmp_path) as store:
        publish(
            store,
            Change("townships", pd.DataFrame([{**town, "unit_type": "township"}])),
            Change("survey_respondents", few.drop(columns=["Q1", "Q2", "Q3"])),
            Change("survey_answers", answers),
        )
        table = figures.by_unit(store, Scope(2025), "S25", "S1", level="county")
    notes = dict(zip(table["unit_code"], table["note"], strict=True))
    # 301 of the whole less those of two counties would be the five.
    assert notes == {"": "complement", **dict.fromkeys(COUNTIES, ""), "990103": "below_base"}
    assert table.loc[table["note"] != "", ["estimate", "low", "n"]].isna().all(axis=None)
