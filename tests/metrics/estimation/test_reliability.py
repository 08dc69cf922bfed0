"""Cronbach's alpha: by hand, by other forms of it, and against R."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.survey import alpha
from tests.metrics.survey_samples import made

ITEMS = ["q1", "q2", "q3"]


def test_two_items_by_hand() -> None:
    # Variances 2/3 and 2/3, covariance 1/3, variance of the sum 2: α = 2 · (1 − (4/3)/2) = 2/3.
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2]})
    row = alpha(frame, ["a", "b"]).iloc[0]
    assert row[["items", "n", "note"]].tolist() == [2, 3, ""]
    assert row["alpha"] == pytest.approx(2 / 3)


def test_the_answers_of_r() -> None:
    # svycralpha(~q1+q2+q3, D); psych::alpha(d[,c("q1","q2","q3")])$total$raw_alpha
    assert alpha(made(), ITEMS, "w")["alpha"].item() == pytest.approx(0.685818947876901)
    assert alpha(made(), ITEMS)["alpha"].item() == pytest.approx(0.695327437858509)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.sampled_from([1, 2, 3, 4, 5, None])] * 3, st.integers(0, 3)),
        min_size=3,
        max_size=25,
    )
)
def test_weights_are_repetitions_and_alpha_a_ratio_of_means(rows: list[Any]) -> None:
    frame = pd.DataFrame(rows, columns=[*ITEMS, "w"], dtype=float)
    whole = frame.loc[frame.index.repeat(frame["w"].astype(int))].dropna()
    row = alpha(frame, ITEMS, "w").iloc[0]
    assert row["n"] == (frame["w"] > 0).where(frame.notna().all(axis=1), False).sum()
    if row["note"]:
        assert whole[ITEMS].sum(axis=1).nunique() <= 1
        return
    # α = k·c̄ / (v̄ + (k − 1)·c̄): mean covariance and mean variance of the items.
    moments = np.cov(whole[ITEMS].T)
    v = np.trace(moments) / 3
    c = (moments.sum() - np.trace(moments)) / 6
    assert row["alpha"] == pytest.approx(3 * c / (v + 2 * c), rel=1e-6, abs=1e-9)


def test_items_that_repeat_each_other_have_an_alpha_of_one() -> None:
    frame = made().assign(q2=lambda d: d["q1"] + 1, q3=lambda d: d["q1"])
    assert alpha(frame, ITEMS, "w")["alpha"].item() == pytest.approx(1)


def test_items_that_run_against_each_other_have_a_negative_one() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 2]})
    assert alpha(frame, ["a", "b"])["alpha"].item() < 0


@pytest.mark.parametrize(
    ("change", "n", "note"),
    [
        ({"q2": np.nan}, 0, "no_answers"),
        ({"w": 0.0}, 0, "no_answers"),
        ({"q1": 3, "q2": 0.1, "q3": 5}, 60, "no_variation"),
        ({"q2": -made()["q1"], "q3": 0.1}, 60, "no_variation"),
    ],
)
def test_where_there_is_no_alpha(change: dict[str, Any], n: int, note: str) -> None:
    row = alpha(made().assign(**change), ITEMS, "w").iloc[0]
    assert (row["n"], row["note"], np.isnan(row["alpha"])) == (n, note, True)


def test_no_rows_have_no_answers() -> None:
    assert alpha(made().iloc[:0], ITEMS)["note"].item() == "no_answers"


@pytest.mark.parametrize(
    ("items", "weight", "code"),
    [
        (["q1"], None, "item_count"),
        (["q1", "q1"], None, "item_count"),
        (["q1", "q9"], None, "columns_missing"),
        (["q1", "sex"], None, "not_numeric"),
        (["q1", "q2"], "minus", "weights_invalid"),
        (["q1", "q2"], "y", "weights_invalid"),
    ],
)
def test_wrong_questions_are_refused(items: list[str], weight: str | None, code: str) -> None:
    with pytest.raises(DataError) as refusal:
        alpha(made().assign(minus=-1), items, weight)
    assert refusal.value.code == code
