"""Satisfaction figures of pages: by hand from a small survey, and what must stay hidden."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.scope import Scope
from data.store import Change, Store
from metrics import satisfaction
from metrics.satisfaction import FIGURES, protect
from metrics.survey import estimate


def survey(store: Store, per_town: dict[str, int]) -> pd.DataFrame:
    """Publish a survey with one question R01 and return its rows."""
    rng = np.random.default_rng(7)
    town = np.repeat(list(per_town), list(per_town.values()))
    people = pd.DataFrame(
        {
            "survey_id": "s",
            "respondent_id": [f"r{n}" for n in range(len(town))],
            "township_code": town,
            "weight": rng.integers(1, 4, len(town)) / 2,
        }
    )
    village = rng.integers(1, 5, len(town))
    people["community_code"] = [f"{t}20{v}" for t, v in zip(town, village, strict=True)]
    people["value"] = rng.integers(1, 6, len(town))
    start, end = pd.Timestamp(2025, 5, 1), pd.Timestamp(2025, 6, 1)
    told = {"title_zh": "调查", "mode": "face", "audience": "resident"}
    meta = pd.DataFrame([{"survey_id": "s", **told, "start_on": start, "end_on": end}])
    asked = {"question_id": "R01", "index_code": "S1", "pair_dim": "A", "answer_type": "sat5"}
    questions = pd.DataFrame([{"survey_id": "s", **asked, "text_zh": "总体", "text_en": "Overall"}])
    answers = people.assign(question_id="R01")
    changes = [
        Change("survey_meta", meta),
        Change("survey_questions", questions),
        Change("survey_respondents", people),
        Change("survey_answers", answers),
    ]
    store.publish(changes, author="a", message="m")
    return people.assign(y=(people["value"] - 1) * 25.0)


def test_pages_show_what_the_rows_give(towns: Store) -> None:
    rows = survey(towns, {"990101100": 60, "990101101": 45, "990101001": 80})
    table = satisfaction.by_unit(towns, Scope(), "s", "S1").set_index("unit_code")
    design = {"strata": "township_code", "psu": "community_code", "weight": "weight"}
    whole = estimate(rows, "y", **design).iloc[0]
    each = estimate(rows, "y", by="township_code", **design).set_index("township_code")
    for figure in ("n", "estimate", "se", "df", "low", "high"):
        assert table.loc["", figure] == pytest.approx(whole[figure], rel=1e-9)
        for town in each.index:
            assert table.loc[town, figure] == pytest.approx(each.loc[town, figure], rel=1e-9)


def test_the_scope_never_filters_the_design(towns: Store) -> None:
    survey(towns, {"990101100": 60, "990101101": 45, "990101001": 80})
    all_rows = satisfaction.by_unit(towns, Scope(), "s", "S1").set_index("unit_code")
    one = satisfaction.by_unit(towns, Scope(township="990101100"), "s", "S1").set_index("unit_code")
    for figure in ("estimate", "se", "df"):
        assert one.loc["990101100", figure] == pytest.approx(all_rows.loc["990101100", figure])


def test_likert_shares_are_weighted_and_leave_out_what_is_not_scored(towns: Store) -> None:
    rows = survey(towns, {"990101100": 60})
    table = satisfaction.likert(towns, Scope(), "s").iloc[0]
    for value in range(1, 6):
        share = 100 * rows.loc[rows["value"] == value, "weight"].sum() / rows["weight"].sum()
        assert table[f"share{value}"] == pytest.approx(share)


def test_a_small_town_is_hidden_and_so_is_the_one_that_would_give_it_away(towns: Store) -> None:
    survey(towns, {"990101100": 60, "990101101": 12, "990101001": 80})
    table = satisfaction.by_unit(towns, Scope(), "s", "S1").set_index("unit_code")
    assert table["note"].to_dict() == {
        "": "", "990101100": "complement", "990101101": "below_base", "990101001": "",
    }  # fmt: skip
    assert table.loc[["990101100", "990101101"], [*FIGURES, "n"]].isna().all().all()


def test_the_minimum_base_can_be_lowered_to_ten_and_no_further(towns: Store) -> None:
    frame = pd.DataFrame({"name": ["minimum_base"], "value": ["2"]})
    towns.publish([Change("settings", frame)], author="a", message="m")
    assert satisfaction.minimum_base(towns) == 10


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=8))
def test_no_single_hidden_town_can_be_worked_out(sizes: list[int]) -> None:
    towns = pd.DataFrame({"level": "township", "n": np.array(sizes, float)})
    whole = pd.DataFrame({"level": ["county"], "n": [float(sum(sizes))]})
    table = pd.concat([whole, towns], ignore_index=True)
    table = table.assign(
        unit_code="", name_zh="", name_en="", unit_type="", note="", **dict.fromkeys(FIGURES, 1.0)
    )
    result = protect(table, 30)
    shown = result["shown"]
    assert not (shown & (table["n"] < 30)).any()
    hidden = table["level"].eq("township") & ~shown & (table["n"] > 0)
    if shown.iloc[0] and hidden.any():
        # What subtraction from the total gives is a group of at least 30, and never one town,
        # unless nothing at all is left to hide it with.
        others = table["level"].eq("township") & shown
        assert (hidden.sum() > 1 and table.loc[hidden, "n"].sum() >= 30) or not others.any()
