"""Survey estimates worked by hand, their notes, and what is refused."""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.errors import DataError
from data.words import both
from metrics.survey import (
    FIGURES,
    alpha,
    difference,
    estimate,
    importance,
    independence,
    quantile,
    rake,
)
from tests.metrics.survey_samples import DESIGN, small

# By hand.


def test_a_case_worked_by_hand() -> None:
    # A: r = (100+50+100)/4 = 62.5; z: a1 (150-125)/4 = 6.25, a2 (100-125)/4 = -6.25, a3 0;
    #    variance 3/2 · (6.25² + 6.25²) = 117.1875; df: 2 villages with answers - 1 town.
    # B: r = (0+50+200)/4 = 62.5; z: b1 (0-62.5)/4 = -15.625, b2 15.625;
    #    variance 2/1 · 2 · 15.625² = 976.5625, se 31.25.
    table = estimate(small(), "y", by="town", **DESIGN).set_index("town")
    assert table["n"].tolist() == [3, 3]
    assert table["estimate"].tolist() == [62.5, 62.5]
    assert table["se"].tolist() == pytest.approx([117.1875**0.5, 31.25])
    assert table["df"].tolist() == [1, 1]
    # t of one degree of freedom at 97.5 %: 12.7062.
    assert table.loc["B", "low"] == pytest.approx(62.5 - 12.7062047364 * 31.25)
    assert table.loc["B", "high"] == pytest.approx(62.5 + 12.7062047364 * 31.25)
    assert (table["note"] == "").all()


def test_a_design_effect_worked_by_hand() -> None:
    # Two villages of two alike: r = 1/2, variance of z = 2 · 2 · (1/4)² = 1/4; a simple random
    # sample of 4 has s²/n = (1/4 · 4/3) / 4 = 1/12: three times less.
    frame = pd.DataFrame({"village": ["a", "a", "b", "b"], "y": [1, 1, 0, 0]})
    assert estimate(frame, "y", psu="village")["deff"].item() == pytest.approx(3)
    # Half of the villages drawn, a quarter of the people: 1/4 · 1/2 against 1/12 · 3/4.
    known = frame.assign(villages=4, w=4)
    table = estimate(known, "y", psu="village", fpc="villages", weight="w")
    assert table["deff"].item() == pytest.approx(2)


def test_a_single_answer_has_no_design_effect_in_whatever_weights() -> None:
    frame = pd.DataFrame({"y": [25.0], "w": [328.52825554936356]})
    assert np.isnan(estimate(frame, "y", weight="w")["deff"].item())


def test_totals_proportions_and_ratios_by_hand() -> None:
    frame = small().assign(people=[1, 2, 1, 5, 2, 2, 1])
    total = estimate(frame, "y", statistic="total", **DESIGN).iloc[0]
    # a1 150, a2 100, a3 0 around 83⅓; b1 0, b2 250 around 125.
    spread = 1.5 * ((200 / 3) ** 2 + (50 / 3) ** 2 + (250 / 3) ** 2) + 2 * 2 * 125**2
    assert (total["estimate"], total["se"]) == (500, pytest.approx(spread**0.5))
    shares = estimate(frame, "y", statistic="proportion", **DESIGN).set_index("level")
    assert shares["estimate"].to_dict() == {0.0: 1 / 8, 50.0: 4 / 8, 100.0: 3 / 8}
    ratio = estimate(frame, "y", statistic="ratio", denominator="people", **DESIGN).iloc[0]
    assert ratio["estimate"] == pytest.approx(500 / (1 + 2 + 2 + 2 + 2 + 2))
    assert (ratio["n"], np.isnan(ratio["deff"])) == (6, True)


def test_a_change_worked_by_hand() -> None:
    # Villages a: 40 → 60, b: 60 → 70, one answer each. r1 = 50, r2 = 65.
    # z1 = (-5, 5), z2 = (-2.5, 2.5), z2 - z1 = (2.5, -2.5): variance 2 · 2 · 2.5² = 25, se 5.
    # As independent samples it would be √(100 + 25) = 11.2.
    frame = pd.DataFrame(
        {"village": ["a", "b", "a", "b"], "year": [2024, 2024, 2025, 2025], "y": [40, 60, 60, 70]}
    )
    row = difference(frame, "y", "year", psu="village").iloc[0]
    assert row[["earlier_wave", "later_wave", "n_earlier", "n_later"]].tolist() == [
        *(2024, 2025, 2, 2)
    ]
    assert row[["earlier", "later", "estimate", "df"]].tolist() == [50, 65, 15, 1]
    assert row["se"] == pytest.approx(5)
    # With one degree of freedom p = 1 - 2/π · arctan(t), t = 3.
    assert row["p"] == pytest.approx(1 - 2 / np.pi * np.arctan(3))
    assert row["low"] == pytest.approx(15 - 12.7062047364 * 5)


@pytest.mark.parametrize(
    ("rule", "variance"),
    [("remove", 100), ("certainty", 100), ("adjust", 100 + 100), ("average", 100 * 2)],
)
def test_lonely_psus_by_hand(rule: Any, variance: float) -> None:
    # Town B keeps one village. r = 250/5 = 50; z: a1 (150-100)/5 = 10, a2 0, a3 0; b1 -10.
    # A alone: 3/2 · (10² - 10²/3) = 100; B about the mean of all: 10².
    row = estimate(small().iloc[:5], "y", lonely=rule, **DESIGN).iloc[0]
    assert row["se"] == pytest.approx(variance**0.5)
    assert row["note"] == "lonely_psus"


# What cannot be estimated says so.


def test_one_village_has_no_error() -> None:
    row = estimate(small(), "y", by="village", **DESIGN).set_index("village").loc["a2"]
    assert (row["estimate"], row["se"], row["df"]) == (50, 0, 0)
    assert row["note"] == "too_few_psus"
    assert row[["low", "high"]].isna().all()


def test_villages_all_alike_have_no_error() -> None:
    row = estimate(small().assign(y=75.0), "y", **DESIGN).iloc[0]
    assert (row["estimate"], row["se"], row["note"]) == (75, 0, "no_variation")


@pytest.mark.parametrize("statistic", ["mean", "total", "proportion"])
def test_no_answer_at_all_is_a_note_not_a_number(statistic: Any) -> None:
    frame = small().assign(y=np.nan)
    row = estimate(frame, "y", statistic=statistic, **DESIGN).iloc[0]
    assert (row["n"], row["note"]) == (0, "no_answers")
    assert row[["estimate", "se", "low", "high", "deff"]].isna().all()


def test_weights_of_zero_are_no_answers() -> None:
    frame = small().assign(w=[1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0])
    table = estimate(frame, "y", by="town", **DESIGN).set_index("town")
    assert table["n"].tolist() == [3, 0]
    assert table.loc["B", "note"] == "no_answers"


def test_a_ratio_to_nothing_says_so() -> None:
    frame = small().assign(nothing=0)
    row = estimate(frame, "y", statistic="ratio", denominator="nothing", **DESIGN).iloc[0]
    assert (row["note"], np.isnan(row["estimate"])) == ("zero_denominator", True)


def test_only_lonely_villages_have_no_average_error() -> None:
    frame = small().iloc[[0, 4]]
    row = estimate(frame, "y", lonely="average", **DESIGN).iloc[0]
    assert np.isnan(row["se"])
    assert row["note"] == "too_few_psus"


def test_a_stratum_drawn_whole_has_no_error_and_is_not_lonely() -> None:
    # Town B was drawn whole (2 of 2), A 3 of 6: only half of A's variance is left.
    frame = small().assign(villages=[6, 6, 6, 6, 2, 2, 2])
    table = estimate(frame, "y", by="town", fpc="villages", **DESIGN).set_index("town")
    assert table.loc["A", "se"] == pytest.approx((117.1875 / 2) ** 0.5)
    assert (table.loc["B", "se"], table.loc["B", "note"]) == (0, "whole_population")
    alone = small().iloc[:5].assign(share=[0.5, 0.5, 0.5, 0.5, 1.0])
    assert estimate(alone, "y", fpc="share", lonely="fail", **DESIGN)["note"].item() == ""


def test_rows_of_no_domain_stay_in_the_design() -> None:
    frame = small().assign(sex=["f", "f", "f", "f", None, None, None])
    row = estimate(frame, "y", by="sex", **DESIGN)
    assert row["sex"].tolist() == ["f"]
    assert row["se"].item() == pytest.approx(117.1875**0.5)


def test_no_rows_at_all() -> None:
    assert estimate(small().iloc[:0], "y", by="town", **DESIGN).empty
    assert estimate(small().iloc[:0], "y", **DESIGN)["note"].item() == "no_answers"


@pytest.mark.parametrize("code", [
    *("no_answers", "zero_denominator", "too_few_psus"),
    *("only_lonely_psus", "no_variation", "lonely_psus", "synthetic", "no_area_variance"),
    *("interval_open", "empty_cells", "one_level", "too_few_answers"),
])  # fmt: skip
def test_every_note_has_words(code: str) -> None:
    assert all(both(f"survey.note.{code}"))


# What goes in and what is refused.


def test_arrow_tables_and_duckdb_relations_are_understood() -> None:
    frame = small()
    expected = estimate(frame, "y", by="town", **DESIGN)
    arrow = pa.Table.from_pandas(frame)
    relation = duckdb.connect().from_arrow(arrow)
    for answers in (arrow, relation):
        table = estimate(answers, "y", by="town", **DESIGN)
        pd.testing.assert_frame_equal(table, expected, check_dtype=False)


def test_numbers_come_in_many_types() -> None:
    expected = estimate(small(), "y", **DESIGN)["estimate"].item()
    for kind in ("Float64", "object", "category", "double[pyarrow]"):
        frame = small().astype({"y": kind, "w": kind})
        assert estimate(frame, "y", **DESIGN)["estimate"].item() == expected, kind


def test_an_index_named_as_the_columns_changes_nothing() -> None:
    frame = small().assign(sex=list("fmfmfmf"))
    indexed = frame.set_index(["town", "sex"], drop=False)
    for by in ("town", ["town", "sex"]):
        pd.testing.assert_frame_equal(
            estimate(indexed, "y", by=by, **DESIGN), estimate(frame, "y", by=by, **DESIGN)
        )


def test_the_columns_of_the_answer() -> None:
    table = estimate(small(), "y", by=["town"], **DESIGN)
    assert list(table) == ["item", "level", "town", *FIGURES]
    assert table["item"].tolist() == ["y", "y"]
    assert table["level"].isna().all()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"w": -1.0}, "weights_invalid"),
        ({"w": np.nan}, "weights_invalid"),
        ({"w": np.inf}, "not_numeric"),
        ({"y": np.inf}, "not_numeric"),
        ({"village": "a1"}, "psu_in_two_strata"),
        ({"village": None}, "design_blank"),
        ({"town": None}, "design_blank"),
        ({"villages": 9}, "fpc_invalid"),
        ({"villages": np.nan}, "fpc_invalid"),
    ],
)
def test_wrong_rows_are_refused(change: dict[str, object], code: str) -> None:
    frame = small().assign(villages=10.0)
    for column, value in change.items():
        frame.loc[5, column] = value
    with pytest.raises(DataError) as refusal:
        estimate(frame, "y", fpc="villages", **DESIGN)
    assert refusal.value.code == code
    if "rows" in refusal.value.values:
        assert refusal.value.values["rows"] == "6"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"y": "z"}, "columns_missing"),
        ({"by": "z"}, "columns_missing"),
        ({"psu": "z"}, "columns_missing"),
        ({"by": "item"}, "column_name_taken"),
        ({"by": "y"}, "item_in_by"),
        ({"y": []}, "item_count"),
        ({"statistic": "median"}, "choice_unknown"),
        ({"lonely": "ignore"}, "choice_unknown"),
        ({"ci": "normal"}, "choice_unknown"),
        ({"ci": "logit"}, "interval_for_shares"),
        ({"ci": "beta", "statistic": "total"}, "interval_for_shares"),
        ({"level": 95}, "level_outside"),
        ({"statistic": "ratio"}, "denominator_mismatch"),
        ({"denominator": "w"}, "denominator_mismatch"),
        ({"y": "word"}, "not_numeric"),
        ({"y": "day"}, "not_numeric"),
        ({"lonely": "fail", "strata": "village"}, "lonely_psu"),
    ],
)
def test_wrong_questions_are_refused(arguments: dict[str, Any], code: str) -> None:
    frame = small().assign(item="x", word="很好", day=pd.Timestamp("2025-06-01"))
    with pytest.raises(DataError) as refusal:
        estimate(frame, **({"y": "y"} | DESIGN | arguments))
    assert refusal.value.code == code


def test_a_sample_too_small_for_its_population_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        estimate(small().assign(villages=2), "y", fpc="villages", **DESIGN)
    assert refusal.value.code == "fpc_invalid"


def test_the_lonely_stratum_is_named() -> None:
    with pytest.raises(DataError) as refusal:
        estimate(small().iloc[:5], "y", lonely="fail", **DESIGN)
    assert refusal.value.values["strata"] == "B"


def test_columns_of_one_name_are_refused() -> None:
    frame = small()
    frame.columns = ["town", "village", "w", "w"]
    with pytest.raises(DataError) as refusal:
        estimate(frame, "w")
    assert refusal.value.code == "columns_repeated"


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        estimate([1, 2, 3], "y")
    assert refusal.value.code == "answers_not_a_table"


def test_three_waves_are_refused() -> None:
    frame = small().assign(year=[1, 2, 3, 1, 2, 3, 1])
    with pytest.raises(DataError) as refusal:
        difference(frame, "y", "year", **DESIGN)
    assert refusal.value.code == "two_waves"


def test_village_codes_may_start_anew_in_each_town() -> None:
    frame = small().assign(village=["1", "1", "2", "3", "1", "2", "2"])
    nested = estimate(frame, "y", by="town", nested=True, **DESIGN)
    pd.testing.assert_frame_equal(nested, estimate(small(), "y", by="town", **DESIGN))
    with pytest.raises(DataError) as refusal:
        estimate(frame, "y", **DESIGN)
    assert refusal.value.code == "psu_in_two_strata"


def test_a_respondent_stands_there_once_in_each_wave() -> None:
    frame = small().assign(person=[1, 2, 3, 4, 5, 6, 2])
    with pytest.raises(DataError) as refusal:
        estimate(frame, "y", respondent="person", **DESIGN)
    assert (refusal.value.code, refusal.value.values["rows"]) == ("respondent_repeated", "2, 7")
    waves = frame.assign(year=[1, 1, 1, 1, 2, 2, 2])
    expected = difference(waves, "y", "year", **DESIGN)
    asked = difference(waves, "y", "year", respondent="person", **DESIGN)
    pd.testing.assert_frame_equal(asked, expected)
    with pytest.raises(DataError) as refusal:
        estimate(frame.assign(person=None), "y", respondent="person", **DESIGN)
    assert refusal.value.code == "respondent_blank"


def test_a_respondent_named_as_in_the_tables_is_known_without_being_told() -> None:
    frame = small().assign(respondent_id=["1", "2", "3", None, None, "6", "2"], sex="f")
    calls: list[Callable[[pd.DataFrame], object]] = [
        lambda rows: estimate(rows, "y", by="sex", **DESIGN),
        lambda rows: difference(rows, "y", "year", **DESIGN),
        lambda rows: quantile(rows, "y", **DESIGN),
        lambda rows: independence(rows, "sex", "y", **DESIGN),
        lambda rows: alpha(rows, ["w", "y"]),
        lambda rows: importance(rows, "w", ["y"]),
        lambda rows: rake(rows, {"sex": {"f": 7}}),
    ]
    for call in calls:
        with pytest.raises(DataError) as refusal:
            call(frame.assign(year=[1, 2, 1, 2, 1, 2, 2]))
        assert (refusal.value.code, refusal.value.values["rows"]) == ("respondent_repeated", "2, 7")
        call(frame.assign(year=[1, 2, 1, 2, 1, 2, 2], survey_id=list("aaaaaab")))
    # Two questions, two groups or two waves of one person are no answer given twice.
    for name in ("question_id", "sex", "year"):
        apart = frame.assign(year=1).assign(**{name: [1, 1, 1, 1, 1, 2, 2]})
        expected = estimate(apart.drop(columns="respondent_id"), "y", by=name, **DESIGN)
        pd.testing.assert_frame_equal(estimate(apart, "y", by=name, **DESIGN), expected)


def test_a_change_is_neither_a_share_nor_a_group_of_itself() -> None:
    frame = small().assign(year=[1, 2, 1, 2, 1, 2, 1])
    wrong: Any
    for wrong, code in (({"ci": "logit"}, "choice_unknown"), ({"by": "year"}, "item_in_by")):
        with pytest.raises(DataError) as refusal:
            difference(frame, "y", "year", **DESIGN, **wrong)
        assert refusal.value.code == code


@pytest.mark.parametrize("fpc", [1.0, 2, 3])
def test_where_every_unit_was_asked_there_is_no_error_and_that_is_said(fpc: float) -> None:
    rows = {"h": ["a", "a", "b", "b"], "y": [1.0, 3.0, 5.0, 5.0]}
    frame = pd.DataFrame(rows).assign(N=[fpc, fpc, 1.0, 1.0] if fpc == 1 else fpc)
    found = estimate(frame, "y", by="h", strata="h", fpc="N").set_index("h")
    whole = estimate(frame, "y", strata="h", fpc="N").iloc[0]
    if fpc == 3:  # two of three: an error where answers differ, none to estimate where they do not
        assert list(found["note"]) == ["", "no_variation"]
        assert whole["note"] == ""
        return
    assert list(found["note"]) == ["whole_population"] * 2
    assert found[["estimate", "se", "low", "high"]].to_numpy().tolist() == [
        [2, 0, 2, 2],
        [5, 0, 5, 5],
    ]
    assert whole[["estimate", "se", "low", "high"]].tolist() == [3.5, 0, 3.5, 3.5]
    # A stratum that is a single unit, asked: R's degrees of freedom are 0, its error 0.
    one = estimate(frame.iloc[[0]].assign(N=1.0), "y", strata="h", fpc="N").iloc[0]
    assert (one["note"], one["df"], one["low"]) == ("whole_population", 0, 1)
