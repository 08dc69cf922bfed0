"""Nothing hidden can be worked out from all that the satisfaction page shows, taken together.

A patient reader writes down every figure of every view as an equation: the people it is about are
a sum of kinds of people (township × sex × age × residence), and n and n × mean are known of them.
A group of fewer than the minimum base must then not be a combination of what is known.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics import (
    satisfaction,
    satisfaction_areas,
    satisfaction_groups,
    satisfaction_heat,
    satisfaction_waves,
)
from metrics.satisfaction_groups import DIMENSIONS, FROM_60, UNDER_60, UNTOLD
from tests.metrics.test_satisfaction import frames, people
from tests.metrics.test_satisfaction_groups import second_wave

ITEM = "Q3"
SCOPES = [Scope(), Scope(unit_type="township"), Scope(unit_type="subdistrict")]
SCOPES += [Scope(township=code) for code in ("990101100", "990101200", "990101001")]
YOUNGER = ("18-29", "30-44", "45-59")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    facts["survey_respondents"] = respondents().drop(columns=["Q1", "Q2", "Q3"])
    # Q3 is an index of its own, so that the table of indices shows it too.
    asked = facts["survey_questions"]
    asked["index_code"] = asked["index_code"].mask(asked["question_id"].eq(ITEM), "S5")
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        for part in (facts, second_wave()):
            opened.publish([Change(n, f) for n, f in part.items()], author="a", message="m")
        yield opened


def respondents() -> pd.DataFrame:
    """The people with attributes that have nothing to do with each other."""
    wide = people()
    rng = np.random.default_rng(5)
    size = len(wide)
    said = rng.random(size) < 0.8
    return wide.assign(
        weight=1.0,
        sex=rng.choice(["male", "female"], size),
        age_band=rng.choice([*YOUNGER, FROM_60], size),
        residence_type=rng.choice(["local", "migrant"], size, p=[0.9, 0.1]),
        has_disability=pd.Series(rng.random(size) < 0.3).astype(object).where(said, None),
    )


def kinds() -> pd.DataFrame:
    """Kinds of people: township × all groupings, n of them who answered the item (may be 0)."""
    told = respondents().dropna(subset=ITEM)
    told["has_disability"] = told["has_disability"].map({True: "true", False: "false"})
    columns = ["township_code", *DIMENSIONS]
    told[columns] = told[columns].astype(object).fillna(UNTOLD)
    levels = [sorted(told[column].unique()) for column in columns]
    every = pd.MultiIndex.from_product(levels, names=columns)
    found = told.groupby(columns).size().reindex(every, fill_value=0).rename("n").reset_index()
    street = found["township_code"].str[6].eq("0")
    return found.assign(unit_type=np.where(street, "subdistrict", "township"))


def members(found: pd.DataFrame, scope: Scope, dimension: str = "", level: str = "") -> np.ndarray:
    """Which kinds are in a place and, if said, in a group of people."""
    inside = pd.Series(True, index=found.index)
    if scope.township:
        inside &= found["township_code"] == scope.township
    if scope.unit_type:
        inside &= found["unit_type"] == scope.unit_type
    if dimension:
        levels = YOUNGER if level == UNDER_60 else (level,)
        inside &= found[dimension].isin(levels)
    return inside.to_numpy(float)


def known(store: Store, found: pd.DataFrame) -> np.ndarray:
    """Every figure of every view as an equation."""
    equations = []
    for scope in SCOPES[:3]:
        heat = satisfaction_heat.heat(store, scope, "S25")
        shown = heat[heat["n"].notna() | heat["estimate"].notna()]
        waves = satisfaction_waves.changes(store, scope, "S26", "S25", ITEM)
        moved = waves[waves["earlier"].notna() | waves["estimate"].notna()]
        equations += [
            members(found, Scope(township=code) if code else scope)
            for code in [*shown.loc[shown["item"] == "S5", "unit_code"], *moved["unit_code"]]
        ]
    for scope in SCOPES:
        likert = satisfaction.likert(store, scope, "S25").set_index("question_id").loc[ITEM]
        if likert.drop(["text_zh", "text_en", "index_code", "shown", "note"]).notna().any():
            equations.append(members(found, scope))
        groups = satisfaction_groups.by_group(store, scope, "S25", ITEM)
        shown = groups.table[groups.table["n"].notna() | groups.table["estimate"].notna()]
        equations += [
            members(found, scope, dimension, level)
            for dimension, level in zip(shown["dimension"], shown["level"], strict=True)
        ]
    return np.unique(np.array(equations), axis=0)


def test_no_small_group_is_a_combination_of_what_is_shown(store: Store) -> None:
    found, base = kinds(), 30
    equations = known(store, found)
    rank = np.linalg.matrix_rank(equations)
    # The reader does learn something, and small groups do exist.
    assert rank > 1
    small = 0
    for scope, dimension in product(SCOPES, ["", *DIMENSIONS]):
        levels = [*found[dimension].unique(), UNDER_60] if dimension else [""]
        for level in levels if dimension == "age_band" else set(levels) - {UNDER_60}:
            group = members(found, scope, dimension, str(level))
            size = found["n"].to_numpy() @ group
            if 0 < size < base:
                small += 1
                told = np.linalg.matrix_rank(np.vstack([equations, group])) == rank
                assert not told, (scope, dimension, level, size)
    assert small > 0
    assert {FROM_60, *YOUNGER} == set(found["age_band"])


def test_a_model_of_what_is_shown_knows_nothing_of_what_is_hidden(store: Store) -> None:
    """Other answers in the hidden townships change no figure of the model."""
    hidden = ["990101200", "990101201"]
    facts = frames()
    answers = facts["survey_answers"]
    there = answers["respondent_id"].str[:9].isin(hidden) & answers["question_id"].eq(ITEM)
    other = answers[there & answers["value"].notna()].assign(value=1)
    before = satisfaction_areas.by_area(store, Scope(), "S25", ITEM, "subdistrict").table
    with store.rehearse([Change("survey_answers", other)]) as changed:
        after = satisfaction_areas.by_area(changed, Scope(), "S25", ITEM, "subdistrict").table
    assert set(before.loc[before["kind"] == "model", "unit_code"]) == set(hidden)
    pd.testing.assert_frame_equal(after, before)
