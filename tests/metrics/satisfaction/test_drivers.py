"""Importance, shares and alpha from a published survey: against the rows, under the base rule."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction import figures
from metrics.satisfaction.drivers import read_out
from metrics.survey import drivers
from tests.metrics.satisfaction.test_figures import frames, people


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    third = facts["survey_questions"]
    # Q3 alone in S3, so that there are two indices beside S1.
    facts["survey_questions"] = third.assign(
        index_code=third["index_code"].mask(third["question_id"].eq("Q3"), "S3")
    )
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        opened.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        yield opened


def wide() -> pd.DataFrame:
    table = people()
    answers = (table[["Q1", "Q2", "Q3"]].astype(float) - 1) * 25
    return answers.assign(weight=table["weight"].fillna(1.0))


def test_importance_is_the_weighted_correlation_of_those_who_answered_both(store: Store) -> None:
    found = read_out(store, Scope(), "S25").questions.set_index("question_id")
    assert found.index.tolist() == ["Q2", "Q3"]
    for question in ("Q2", "Q3"):
        both = wide().dropna(subset=["Q1", question])
        covariance = np.cov(both["Q1"], both[question], aweights=both["weight"])
        twin = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert found.loc[question, "importance"] == pytest.approx(twin)
        assert found.loc[question, "n"] == len(both)


def test_performance_is_the_score_every_other_panel_shows(store: Store) -> None:
    found = read_out(store, Scope(unit_type="subdistrict"), "S25").questions
    for row in found.itertuples():
        table = figures.by_unit(store, Scope(unit_type="subdistrict"), "S25", row.question_id)
        assert row.performance == pytest.approx(table.loc[0, "estimate"])


def test_corners_are_cut_at_the_means(store: Store) -> None:
    found = read_out(store, Scope(), "S25").questions
    well = found["performance"] >= found["performance"].mean()
    much = found["importance"] >= found["importance"].mean()
    names = {(True, False): "improve", (True, True): "keep", (False, False): "later"}
    wanted = [names.get(pair, "enough") for pair in zip(much, well, strict=True)]
    assert found["corner"].tolist() == wanted


def test_shares_are_those_of_the_complete_rows(store: Store) -> None:
    found = read_out(store, Scope(), "S25").shares
    twin = drivers(wide().rename(columns={"Q1": "S1"}), "S1", ["Q2", "Q3"], "weight")
    assert found["item"].tolist() == ["S2", "S3"]
    assert found["share"].tolist() == pytest.approx(twin["share"].tolist())
    assert found["n"].tolist() == twin["n"].tolist()
    assert found["part"].sum() == pytest.approx(1)


def test_alpha_of_two_questions_by_hand(tmp_path: Path) -> None:
    # S2 of the common survey: Q2 and Q3.
    with Store.open(tmp_path) as opened:
        opened.publish([Change(n, f) for n, f in frames().items()], author="a", message="m")
        row = read_out(opened, Scope(), "S25").alphas.iloc[0]
    both = wide().dropna(subset=["Q2", "Q3"])
    cov = np.cov(both["Q2"], both["Q3"], aweights=both["weight"])
    assert row["alpha"] == pytest.approx(2 * (1 - np.trace(cov) / cov.sum()))
    assert (row["item"], row["questions"], row["n"]) == ("S2", 2, len(both))


@pytest.mark.parametrize("township", ["990101200", "990101201"])
def test_what_the_base_rule_hides_is_hidden_here_too(store: Store, township: str) -> None:
    # Q3 has 12 answers in the one, and the other covers it.
    found = read_out(store, Scope(township=township), "S25")
    row = found.questions.set_index("question_id").loc["Q3"]
    assert row["note"] in ("below_base", "complement")
    assert row[["n", "performance", "importance"]].isna().all()
    assert found.questions.set_index("question_id").loc["Q2", "shown"]
    assert found.shares["share"].isna().all()
    assert found.shares["note"].isin(["below_base", "complement"]).all()


def test_a_survey_without_an_overall_question_has_no_read_out(store: Store) -> None:
    found = read_out(store, Scope(), "S24")
    assert found.questions.empty
    assert found.shares.empty
