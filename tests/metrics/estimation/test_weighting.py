"""Raking: by hand, by the law of its solution, and against R's `rake` and `trimWeights`."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.estimation import weighting
from metrics.survey import rake
from tests.metrics.survey_samples import made

MARGINS: dict[str, Any] = {
    "sex": {"f": 520, "m": 480},
    "age": {0: 300, 1: 450, 2: 250},
    "town": {"A": 200, "B": 500, "C": 300},
}


def four(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"sex": list("ffmm"), "age": list("yoyo")} | columns)


def test_one_margin_is_post_stratification_by_hand() -> None:
    # f: weights 1 and 3 are to make 8, so they double; m: 2 and 2 are to make 1, a quarter.
    frame = four(w=[1.0, 3.0, 2.0, 2.0])
    weight = rake(frame, {"sex": {"f": 8, "m": 1}}, weight="w")
    assert weight.tolist() == [2, 6, 0.5, 0.5]
    # n·Σw²/(Σw)² = 4 · (4 + 36 + 1/2) / 81
    assert weight.attrs["design_effect"] == pytest.approx(2)
    assert (weight.attrs["rounds"], weight.attrs["trimmed"]) == (1, 0)


def test_two_margins_by_hand() -> None:
    # Nobody is m and y: f-y must carry all of y, f-o the rest of f, m-o all of m.
    frame = four().drop(2)
    weight = rake(frame, {"sex": {"f": 6, "m": 4}, "age": {"y": 2, "o": 8}})
    assert weight.tolist() == pytest.approx([2, 4, 4], rel=1e-9)
    assert weight.index.tolist() == [0, 1, 3]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(0.2, 5), min_size=5, max_size=5),
    st.lists(st.integers(1, 9), min_size=60, max_size=60),
)
def test_the_solution_is_the_base_times_a_factor_of_each_level(
    factors: list[float], base: list[int]
) -> None:
    # The calibrated weights with the raking distance are base · exp(x'λ) (Deville and Särndal
    # 1992), and only one such set meets the totals: so what made the totals must come back.
    frame = made().assign(w=base)
    sex = frame["sex"].map(dict(zip("fm", factors, strict=False)))
    age = frame["age"].map(dict(enumerate(factors[2:])))
    wanted = frame["w"] * sex * age
    margins = {name: wanted.groupby(frame[name]).sum().to_dict() for name in ("sex", "age")}
    weight = rake(frame, margins, weight="w", tolerance=1e-12)
    assert weight.to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-9)


def test_the_answers_of_r() -> None:
    # R <- rake(svydesign(~1, weights=~w, data=d), list(~sex, ~age, ~town), list(<MARGINS>),
    #   control=list(maxit=500, epsilon=1e-13)); weights(R)[c(1,2,3,24,60)]; sum(weights(R)^2)
    weight = rake(made(), MARGINS, weight="w", tolerance=1e-13)
    assert weight.iloc[[0, 1, 2, 23, 59]].tolist() == pytest.approx(
        [
            3.64353667282214,
            4.75391111729813,
            30.32097770172499,
            19.74542416560663,
            10.86019985347368,
        ]
    )
    assert (weight**2).sum() == pytest.approx(26448.5135724099)
    assert weight.attrs["gap"] < 1e-12


def test_the_school_example_of_r() -> None:
    # The example on R's help page of rake (apiclus1, ~stype and ~sch.wide), run to convergence.
    schools = {
        ("E", "No"): (12, 39.839236247130),
        ("E", "Yes"): (132, 29.870675492685),
        ("H", "No"): (3, 67.125529241195),
        ("H", "Yes"): (11, 50.329401116039),
        ("M", "No"): (8, 49.069072163857),
        ("M", "Yes"): (17, 36.791024864070),
    }
    rows = [(*kind, w) for kind, (n, w) in schools.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["stype", "wide", "expected"])
    margins = {"stype": {"E": 4421, "H": 755, "M": 1018}, "wide": {"No": 1072, "Yes": 5122}}
    weight = rake(frame.assign(pw=6194 / 183), margins, weight="pw")
    assert weight.tolist() == pytest.approx(frame["expected"].tolist(), rel=1e-9)
    # In R: trimWeights(R, lower=20, upper=45): weights of 45 instead of 49.1, 50.3 and 67.1.
    cut = rake(frame.assign(pw=6194 / 183), margins, weight="pw", trim=(20, 45))
    expected = (frame["expected"] + 0.978588).clip(upper=45)
    assert cut.tolist() == pytest.approx(expected.tolist(), abs=1e-6)
    assert (cut.attrs["bounds"], cut.attrs["trimmed"]) == ((20, 45), 22)
    again = rake(
        frame.assign(pw=6194 / 183), margins, weight="pw", trim=(20 * 183 / 6194, 45 * 183 / 6194)
    )
    assert cut.tolist() == pytest.approx(again.tolist())


def test_trimmed_weights_of_r() -> None:
    # In R: trimWeights(R, lower=.35*1000/60, upper=2*1000/60, strict=TRUE)
    weight = rake(made(), MARGINS, weight="w", tolerance=1e-13, trim=(0.35, 2))
    assert weight.iloc[[0, 1, 2, 23, 59]].tolist() == pytest.approx(
        [
            5.83333333333333,
            5.83333333333333,
            31.44236869484081,
            20.86681515872245,
            11.98159084658950,
        ]
    )
    assert (weight**2).sum() == pytest.approx(21940.9173523926)
    assert weight.attrs["trimmed"] == 17
    # It no longer meets the margins, and says by how much: svytable(~sex) gives 494.755557.
    assert weight[made()["sex"] == "f"].sum() == pytest.approx(494.755557091084)
    assert weight.attrs["gap"] > 0.04


@pytest.mark.parametrize("low", [0, 0.5])
def test_trimming_by_hand(low: float) -> None:
    # Mean 3: 9 is cut to 6, and each of the others takes one of the 3 that are left. With a lower
    # bound of 1.5 all four are cut at first; then the three at 1.5 share what is left, 1.5.
    frame = pd.DataFrame({"all": ["x"] * 4, "w": [1.0, 1.0, 1.0, 9.0]})
    weight = rake(frame, {"all": {"x": 12}}, weight="w", trim=(low, 2))
    assert weight.tolist() == pytest.approx([2, 2, 2, 6])
    assert weight.attrs["trimmed"] == 1


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.01, 100), min_size=2, max_size=30), st.floats(0, 0.9), st.floats(1.2, 5)
)
def test_trimmed_weights_keep_their_sum_their_order_and_the_bounds(
    base: list[float], low: float, high: float
) -> None:
    frame = pd.DataFrame({"all": "x", "w": base})
    weight = rake(frame, {"all": {"x": 100}}, weight="w", trim=(low, high))
    mean = 100 / len(base)
    assert weight.sum() == pytest.approx(100)
    assert weight.between(low * mean * (1 - 1e-9), high * mean * (1 + 1e-9)).all()
    assert (np.diff(weight.to_numpy()[np.argsort(base)]) >= -1e-9 * mean).all()


def test_levels_may_be_a_category_a_number_or_a_series() -> None:
    frame = made().astype({"sex": "category", "age": "Int64"})
    margins = {name: pd.Series(totals) for name, totals in MARGINS.items()}
    expected = rake(made(), MARGINS, weight="w")
    assert rake(frame, margins, weight="w").tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ({}, "margins_missing"),
        ({"sex": {}}, "margins_missing"),
        ({"sect": {"f": 1}}, "columns_missing"),
        ({"sex": {"f": 1, "m": 0}}, "margin_totals_invalid"),
        ({"sex": {"f": 1, "m": "many"}}, "margin_totals_invalid"),
        ({"sex": {"f": 1, "m": np.inf}}, "margin_totals_invalid"),
        ({"sex": {"f": 1}}, "margin_levels_missing"),
        ({"sex": {"f": 1, "m": 1, "x": 1}}, "margin_levels_empty"),
        ({"sex": {"f": 1, "m": 1}, "age": {"y": 2, "o": 1}}, "margins_inconsistent"),
        ({"sex": {"f": 1, "m": 1}, "blank": {"a": 2}}, "margin_blank"),
        # m has only o: one m and one o cannot leave an o for f, who has to have one.
        ({"sex": {"f": 1, "m": 3}, "less": {"y": 2, "o": 2}}, "raking_diverged"),
    ],
)
def test_margins_that_cannot_be_met_are_refused(margins: Any, code: str) -> None:
    frame = four(blank=["a", "a", None, "a"], less=["y", "o", "o", "o"])
    with pytest.raises(DataError) as refusal:
        rake(frame, margins)
    assert refusal.value.code == code


def test_no_answers_are_refused() -> None:
    with pytest.raises(DataError) as refusal:
        rake(four().iloc[:0], {"sex": {"f": 1, "m": 1}})
    assert refusal.value.code == "margin_levels_empty"


@pytest.mark.parametrize(
    ("weight", "code"),
    [(0.0, "weights_not_positive"), (-1.0, "weights_invalid"), (np.nan, "weights_invalid")],
)
def test_base_weights_are_above_zero(weight: float, code: str) -> None:
    with pytest.raises(DataError) as refusal:
        rake(four(w=[1, 1, weight, 1]), {"sex": {"f": 1, "m": 1}}, weight="w")
    assert (refusal.value.code, refusal.value.values["rows"]) == (code, "3")


@pytest.mark.parametrize("trim", [(-1, 2), (1, 2), (0.5, 1), (0.5, np.nan), (20, 45)])
def test_bounds_that_do_not_enclose_the_mean_are_refused(trim: Any) -> None:
    with pytest.raises(DataError) as refusal:
        rake(four(), {"sex": {"f": 1, "m": 1}}, trim=trim)
    assert refusal.value.code == "trim_invalid"


def test_trimming_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighting, "_ROUNDS", 1)
    with pytest.raises(DataError) as refusal:
        rake(four(), {"sex": {"f": 1, "m": 9}}, trim=(0.5, 1.5))
    assert refusal.value.code == "trim_unreachable"
