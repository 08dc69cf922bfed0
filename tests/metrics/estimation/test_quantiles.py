"""Quantiles: by hand, against a slow twin, and against R's `svyquantile`."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.survey import estimate, quantile
from tests.metrics.survey_samples import DESIGN, made, samples, small
from tests.metrics.test_survey_against_r import DESIGNS, REFERENCE


def test_a_median_by_hand() -> None:
    # Town A: 50 (weight 3), 100 (1): half of the weight is reached at 50. Town B: 0 (1), 50 (1),
    # 100 (2): at 50 exactly half. Whatever the interval, one village alone would not have one.
    table = quantile(small(), "y", by="town", **DESIGN)
    assert table["estimate"].tolist() == [50, 50]
    assert table["n"].tolist() == [3, 3]
    third = quantile(small(), "y", [0.75, 0.76], by="town", **DESIGN)
    assert third["estimate"].tolist() == [50, 100, 100, 100]
    assert third["probability"].tolist() == [0.75, 0.75, 0.76, 0.76]


def test_an_interval_by_hand() -> None:
    # 100 people, 1 to 100: at or below 50 are p = 0.5, se = √(0.25/99), t(99) = 1.984217: the
    # bounds 0.4002879 and 0.5997121 are reached at 41 and 60.
    frame = pd.DataFrame({"y": np.arange(1.0, 101)})
    row = quantile(frame, "y").iloc[0]
    assert row[["estimate", "low", "high", "df"]].tolist() == [50, 41, 60, 99]
    assert row["se"] == pytest.approx((60 - 41) / (2 * 1.98421695))


def slow_quantile(values: pd.Series, weight: pd.Series, share: float) -> float:
    """The smallest answer with at least that share at or below it, by trying each."""
    for value in sorted(values.dropna().unique()):
        below = weight[values <= value].sum() / weight[values.notna()].sum()
        if below >= share - 1e-10:
            return float(value)
    return np.nan


@settings(max_examples=15, deadline=None)
@given(samples(), st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_equals_the_slow_twin(frame: pd.DataFrame, share: float) -> None:
    for row in quantile(frame, "y", share, by="sex", **DESIGN).to_dict("records"):
        rows = frame["sex"] == row["sex"]
        answers, weight = frame.loc[rows, "y"], frame.loc[rows, "w"]
        value = slow_quantile(answers, weight, share)
        assert row["estimate"] == pytest.approx(value, nan_ok=True)
        # Woodruff: the interval of the share at or below the quantile, carried back.
        below = (frame["y"] <= value).astype(float).where(frame["y"].notna())
        around = estimate(frame.assign(below=below), "below", by="sex", **DESIGN)
        bounds = around.set_index("sex").loc[row["sex"]]
        for name in ("low", "high"):
            bound = bounds[name]
            expected = slow_quantile(answers, weight, bound) if 0 <= bound <= 1 else np.nan
            assert row[name] == pytest.approx(expected, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(samples(), st.sampled_from([0.2, 0.5, 0.8]))
def test_a_rising_scale_carries_its_quantiles_along(frame: pd.DataFrame, share: float) -> None:
    columns = ["estimate", "low", "high"]
    table = quantile(frame, "y", share, by="town", **DESIGN)
    longer = quantile(frame.assign(y=frame["y"] ** 2 + 1), "y", share, by="town", **DESIGN)
    np.testing.assert_allclose(longer[columns], table[columns] ** 2 + 1)


def test_the_answers_of_r() -> None:
    # svyquantile(~y, D, c(.25,.5,.75), na.rm=TRUE)
    table = quantile(made(), "y", [0.25, 0.5, 0.75], **DESIGN)
    assert table["estimate"].tolist() == [0, 50, 75]
    assert table["low"].tolist() == [0, 50, 75]
    assert table["high"].tolist() == [50, 100, 100]
    assert table["se"].tolist() == pytest.approx(
        [11.47413842051695, 11.47413842051695, 5.73706921025848]
    )
    # In R: svyquantile(~I(w*q3+all), subset(D, sex==s), c(.5,.8))
    frame = made().assign(z=made()["w"] * made()["q3"] + made()["all"])
    table = quantile(frame, "z", [0.5, 0.8], by="sex", **DESIGN)
    assert table["estimate"].tolist() == [9, 11, 14, 13]
    np.testing.assert_array_equal(table["low"], [7, 10, 11, 12])
    np.testing.assert_array_equal(table["high"], [16, 13, np.nan, 19])
    assert table["se"].tolist() == pytest.approx(
        [2.065344915693051, 0.688448305231017, np.nan, 1.606379378872373], nan_ok=True
    )
    assert table["note"].tolist() == ["", "", "interval_open", ""]


@pytest.mark.skipif(not REFERENCE.exists(), reason="R's answers are not beside the project")
def test_the_schools_of_r() -> None:
    # In R: svyquantile(~api00, design, c(.25,.5,.9)), and for enroll in the subset stype=="M"
    whole = {
        "clus1": [
            (552, 492, 627, 31.471661205399),
            (652, 561, 714, 35.667882699453),
            (781, 745, 836, 21.214230886603),
        ],
        "strat": [
            (565, 535, 597, 15.719451132039),
            (668, 642, 694, 13.184055788162),
            (836, 806, 865, 14.958832528876),
        ],
    }
    middle = {"clus1": (940, 728, 1243, 116.99306504605), "strat": (739, 696, 893, 49.015333280436)}
    columns = ["estimate", "low", "high", "se"]
    for name, (file, design) in DESIGNS.items():
        frame = pd.read_csv(REFERENCE / file)
        found = quantile(frame, "api00", [0.25, 0.5, 0.9], **design)[columns]
        np.testing.assert_allclose(found, whole[name], rtol=1e-9)
        of = quantile(frame, "enroll", by="stype", **design).set_index("stype").loc["M", columns]
        np.testing.assert_allclose(of.astype(float), middle[name], rtol=1e-9)


def test_many_domains_lose_no_digits() -> None:
    # Three answers of equal weight in each of 20,000 villages: a third is reached at the first.
    y = np.tile([1.0, 2.0, 3.0], 20_000)
    frame = pd.DataFrame({"village": np.arange(60_000) // 3, "y": y, "w": 0.1})
    table = quantile(frame, "y", [1 / 3, 2 / 3], by="village", psu="village", weight="w")
    assert (table["estimate"] == np.repeat([1.0, 2.0], 20_000)).all()
    assert (table["note"] == "too_few_psus").all()


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"y": np.nan}, "no_answers"),
        ({"w": 0.0}, "no_answers"),
        ({"y": 50.0}, "no_variation"),
        ({"town": "A", "village": "a"}, "too_few_psus"),
    ],
)
def test_where_there_is_no_interval(change: dict[str, Any], note: str) -> None:
    row = quantile(small().assign(**change), "y", **DESIGN).iloc[0]
    assert row["note"] == note
    assert np.isnan(row["se"]) == (note != "no_variation")


def test_no_rows_and_rows_of_no_domain() -> None:
    assert quantile(small().iloc[:0], "y", by="town", **DESIGN).empty
    assert quantile(small().iloc[:0], "y", **DESIGN)["note"].item() == "no_answers"
    table = quantile(small().assign(sex=["f"] * 4 + [None] * 3), "y", by="sex", **DESIGN)
    assert table[["sex", "n", "estimate"]].to_numpy().tolist() == [["f", 3, 50.0]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"probability": 0}, "probability_outside"),
        ({"probability": [0.5, 1.5]}, "probability_outside"),
        ({"probability": []}, "probability_outside"),
        ({"probability": np.nan}, "probability_outside"),
        ({"y": []}, "item_count"),
        ({"y": "town"}, "not_numeric"),
        ({"by": "y"}, "item_in_by"),
        ({"by": "se"}, "column_name_taken"),
        ({"level": 95}, "level_outside"),
        ({"lonely": "no"}, "choice_unknown"),
        ({"weight": "minus"}, "weights_invalid"),
    ],
)
def test_wrong_questions_are_refused(arguments: dict[str, Any], code: str) -> None:
    frame = small().assign(se=1, minus=-1)
    with pytest.raises(DataError) as refusal:
        quantile(frame, **({"y": "y"} | DESIGN | arguments))
    assert refusal.value.code == code
