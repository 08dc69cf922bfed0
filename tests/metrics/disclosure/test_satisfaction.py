"""Nothing hidden can be worked out from all that pages and indicators show, taken together.

A patient reader writes down every figure of every view as an equation: the answers it is about are
a sum over kinds of people (township × sex × age × residence × disability) and questions, and n and
n × mean are known of them. The answers of a group of fewer people than the minimum base, to one
question or to an index, must then not be a combination of what is known.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.assessment.township_card import assessed
from metrics.disclosure.divisions import FROM_60, UNDER_60, YOUNGER
from metrics.evaluate import evaluate
from metrics.satisfaction import areas
from metrics.satisfaction import figures as satisfaction
from metrics.satisfaction import groups as satisfaction_groups
from metrics.satisfaction import heat as satisfaction_heat
from metrics.satisfaction import waves as satisfaction_waves
from metrics.satisfaction.groups import DIMENSIONS, UNTOLD
from tests.metrics.satisfaction.test_figures import frames, people
from tests.metrics.satisfaction.test_groups import second_wave

# Questions and indices, and the questions these pool; Q1 is an index of its own.
ITEMS = {"Q1": ["Q1"], "Q2": ["Q2"], "Q3": ["Q3"], "S1": ["Q1"], "S2": ["Q2", "Q3"]}
BLOCKS = {"pair:A": ["Q1"], "pair:B2": ["Q2", "Q3"]}
ASKED = ["Q1", "Q2", "Q3"]
SCOPES = [Scope(), Scope(unit_type="township"), Scope(unit_type="subdistrict")]
SCOPES += [Scope(township=code) for code in ("990101100", "990101101")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    given = facts["survey_answers"]
    facts["survey_answers"] = pd.concat([given, again(given)], ignore_index=True)
    facts["survey_respondents"] = respondents().drop(columns=["Q1", "Q2", "Q3"])
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        for part in (facts, second_wave()):
            opened.publish([Change(n, f) for n, f in part.items()], author="a", message="m")
        yield opened


def again(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(respondent_id=rows["respondent_id"] + "-b")


def respondents() -> pd.DataFrame:
    """The people, each twice, with attributes that have nothing to do with each other."""
    wide = pd.concat([people(), again(people())], ignore_index=True)
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
    """Kinds of people, township × all groupings, and how many answered each question (or none)."""
    told = respondents()
    told["has_disability"] = told["has_disability"].map({True: "true", False: "false"})
    columns = ["township_code", *DIMENSIONS]
    told[columns] = told[columns].astype(object).fillna(UNTOLD)
    levels = [sorted(told[column].unique()) for column in columns]
    every = pd.MultiIndex.from_product(levels, names=columns)
    counts = {q: told.dropna(subset=q).groupby(columns).size() for q in ASKED}
    counts["S2"] = told.dropna(subset=["Q2", "Q3"], how="all").groupby(columns).size()
    found = pd.DataFrame(counts).reindex(every).fillna(0).reset_index()
    street = found["township_code"].str[6].eq("0")
    return found.assign(unit_type=np.where(street, "subdistrict", "township"))


def members(
    found: pd.DataFrame, item: str, scope: Scope, dimension: str = "", level: str = ""
) -> np.ndarray:
    """Which kinds, question by question, are in a place and, if said, in a group of people."""
    inside = pd.Series(True, index=found.index)
    if scope.township:
        inside &= found["township_code"] == scope.township
    if scope.unit_type:
        inside &= found["unit_type"] == scope.unit_type
    if dimension:
        levels = YOUNGER if level == UNDER_60 else (level,)
        inside &= found[dimension].isin(levels)
    pooled = {**ITEMS, **BLOCKS}[item]
    return np.concatenate([inside.to_numpy(float) * (q in pooled) for q in ASKED])


def told(table: pd.DataFrame, *figures: str) -> pd.DataFrame:
    """Rows that say anything at all."""
    return table[table[list(figures)].notna().any(axis=1)]


def known(store: Store, found: pd.DataFrame) -> np.ndarray:
    """Every figure of every view as an equation."""
    equations = []
    for scope in SCOPES[:3]:
        heat = told(satisfaction_heat.heat(store, scope, "S25"), "n", "estimate")
        shown = list(heat[["item", "unit_code"]].itertuples(index=False, name=None))
        waves = satisfaction_waves.changes(store, scope, "S26", "S25", "Q3")
        shown += [("Q3", code) for code in told(waves, "earlier", "estimate")["unit_code"]]
        for item in ("Q2", "Q3", "S2"):
            here = told(satisfaction.by_unit(store, scope, "S25", item), "n", "estimate")
            shown += [(item, code) for code in here["unit_code"]]
        for item, name in {"S1": "S1", "S2": "S2"}.items():
            values = told(evaluate(store, name, replace(scope, year=2025)), "n", "value")
            shown += [(item, c if len(c) == 9 else "") for c in values["unit_code"]]
        equations += [
            members(found, item, Scope(township=code) if code else scope) for item, code in shown
        ]
        gaps = told(evaluate(store, "S7", replace(scope, year=2025)), "value")
        # Which group is the worst-off is not said: the reader guesses right.
        for code in gaps["unit_code"]:
            place = Scope(township=code) if len(code) == 9 else scope
            equations += [members(found, "S1", place, *worst_off(store, place))]
    assessment = assessed(store, Scope(2025))
    pairs = told(assessment.pairs, "n", "value")
    equations += [
        members(found, item, Scope(township=code))
        for item, code in zip(pairs["item"], pairs["unit_code"], strict=True)
    ]
    for scope in SCOPES:
        likert = satisfaction.likert(store, scope, "S25").set_index("question_id")
        likert = told(likert, "n", "not_scored", *(f"share{v}" for v in range(1, 6)))
        equations += [members(found, str(question), scope) for question in likert.index]
        for item in ("Q2", "Q3", "S2"):
            shown = told(groups(store, scope, item).table, "n", "estimate")
            equations += [
                members(found, item, scope, dimension, level)
                for dimension, level in zip(shown["dimension"], shown["level"], strict=True)
            ]
    return np.unique(np.array(equations), axis=0)


@cache
def groups(store: Store, scope: Scope, item: str) -> satisfaction_groups.Groups:
    return satisfaction_groups.by_group(store, scope, "S25", item)


def worst_off(store: Store, scope: Scope) -> tuple[str, str]:
    """The group of S7, as the page of satisfaction names it: it shows the gap as well."""
    found = groups(store, scope, "S1").gaps
    row = found[found["gap"] == "S7"].iloc[0]
    here = evaluate(store, "S7", replace(scope, year=2025))
    gap = here.loc[here["unit_code"].eq(scope.township) if scope.township else here.index[:1]]
    assert row["estimate"] == pytest.approx(gap["value"].iloc[0])
    return str(row["dimension"]), str(row["lower"])


def test_no_small_group_is_a_combination_of_what_is_shown(store: Store) -> None:
    found, base = kinds(), 30
    equations = known(store, found)
    onto = np.linalg.pinv(equations) @ equations
    small = 0
    for item, scope, dimension in product(ITEMS, SCOPES, ["", *DIMENSIONS]):
        levels = {*found[dimension], UNDER_60} if dimension else {""}
        for level in levels if dimension == "age_band" else levels - {UNDER_60}:
            group = members(found, item, scope, dimension, str(level))
            one = "Q1" if item == "S1" else item
            size = found[one] @ (members(found, "Q1", scope, dimension, str(level))[: len(found)])
            if 0 < size < base:
                small += 1
                left = np.abs(group @ onto - group).max()
                assert left > 1e-6, (item, scope, dimension, level, size)
    assert small > 50
    # The reader does learn something: groups of the index where those of its questions are hidden.
    index, question = (
        {
            (scope, level)
            for scope in SCOPES[3:]
            for level in told(groups(store, scope, item).table, "estimate")["level"]
        }
        for item in ("S2", "Q3")
    )
    assert question < index


def test_a_model_of_what_is_shown_knows_nothing_of_what_is_hidden(store: Store) -> None:
    """Other answers in the hidden townships change no figure of the model."""
    hidden = ["990101200", "990101201"]
    facts = frames()
    answers = facts["survey_answers"]
    there = answers["respondent_id"].str[:9].isin(hidden) & answers["question_id"].eq("Q3")
    other = answers[there & answers["value"].notna()].assign(value=1)
    before = areas.by_area(store, Scope(), "S25", "Q3", "subdistrict").table
    with store.rehearse([Change("survey_answers", other)]) as changed:
        after = areas.by_area(changed, Scope(), "S25", "Q3", "subdistrict").table
    assert set(before.loc[before["kind"] == "model", "unit_code"]) == set(hidden)
    pd.testing.assert_frame_equal(after, before)
