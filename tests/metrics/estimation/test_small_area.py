"""Fay and Herriot's model: by hand, against the likelihood itself, and against R's sae."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from data.errors import DataError
from metrics.estimation import small_area as module
from metrics.survey import estimate, small_area
from tests.metrics.survey_samples import made

TEN = pd.DataFrame(
    {
        "area": list("abcdefghij"),
        "estimate": [61.2, 72.5, 55.1, 68.4, 80.3, 49.9, 63.7, 75.8, 70.2, 58.6],
        "se": [4, 6, 5, 3, 7, 8, 2.5, 6, 5.5, 9],
        "n": [60, 30, 40, 120, 25, 20, 150, 30, 35, 15],
        "x": [1.2, 2.5, 0.8, 2.2, 3.1, 0.4, 1.9, 2.4, 2.6, 1.5],
    }
)
DIRECT, KNOWN = TEN.drop(columns="x"), TEN[["area", "x"]]


def test_three_areas_by_hand() -> None:
    # Equal errors D = 1 and no covariate: REML gives A = s² − D = 4 − 1 = 3, each area keeps 3/4
    # of its distance from the mean. g1 = 3/4, g2 = (1/4)² · 4/3, g3 = D²/4³ · 2·4²/3 = 1/6.
    direct = pd.DataFrame({"area": list("abc"), "estimate": [0.0, 2.0, 4.0], "se": 1.0})
    table = small_area(direct, [], area="area")
    assert table.attrs["area_variance"] == pytest.approx(3)
    assert table.attrs["coefficients"] == {"constant": pytest.approx(2)}
    assert table["estimate"].tolist() == pytest.approx([0.5, 2, 3.5])
    assert table["shrinkage"].tolist() == pytest.approx([0.25] * 3)
    assert table["mse"].tolist() == pytest.approx([3 / 4 + 1 / 12 + 2 / 6] * 3)
    assert table["high"].iloc[0] == pytest.approx(0.5 + 1.959963984540054 * (7 / 6) ** 0.5)


def test_an_area_without_answers_by_hand() -> None:
    # The model alone: mean 2, error A + Var(mean) = 3 + 4/3.
    direct = pd.DataFrame({"area": list("abcd"), "estimate": [0, 2, 4, np.nan], "se": 1.0})
    row = small_area(direct, [], area="area").iloc[3]
    assert row[["note", "shrinkage"]].tolist() == ["synthetic", 1]
    assert [row["estimate"], row["mse"]] == pytest.approx([2, 3 + 4 / 3])
    assert row[["direct", "direct_se"]].isna().all()


def test_the_milk_data_as_the_package_sae() -> None:
    # Fresh milk expenditure, the first 15 of the areas of Arora and Lahiri (1997), Statistica
    # Sinica 7, with the figures of mseFH(yi ~ as.factor(MajorArea), SD^2) of R's sae, as the
    # package emdi keeps them for its own tests. sae halts at a precision of 1e-4.
    milk = pd.DataFrame(
        {
            "area": range(1, 16),
            "estimate": [
                *(1.099, 1.075, 1.105, 0.628, 0.753, 0.981, 1.257, 1.095),
                *(1.405, 1.356, 0.615, 1.46, 1.338, 0.854, 1.176),
            ],
            "se": [
                *(0.163, 0.08, 0.083, 0.109, 0.119, 0.141, 0.202, 0.127),
                *(0.168, 0.178, 0.1, 0.201, 0.148, 0.143, 0.149),
            ],
        }
    ).assign(second=[0] * 7 + [1] * 7 + [0], third=[0] * 14 + [1])
    table = small_area(milk, ["second", "third"], area="area")
    assert table.attrs["area_variance"] == pytest.approx(0.0586208980532843, rel=1e-5)
    assert table["estimate"].tolist() == pytest.approx(
        [
            *(1.06005441595641, 1.06507100886069, 1.09123736845466, 0.68632929661644),
            *(0.79602400851859, 0.97925919142571, 1.14090855595495, 1.10285677122342),
            *(1.31608583911629, 1.27720207123738, 0.69025582498179, 1.32593597193115),
            *(1.28180497663906, 0.92574415066477, 1.176),
        ],
        abs=1e-6,
    )
    assert table["mse"].tolist() == pytest.approx(
        [
            *(0.0211715891069412, 0.00611477761808056, 0.00655598404642548, 0.0108344476243808),
            *(0.012652442984967, 0.0168545606839988, 0.0286032090230383, 0.0141980471153529),
            *(0.0222481453821331, 0.0242055513311493, 0.00929036943972355, 0.0285749279042909),
            *(0.0182932628319531, 0.0173071452459663, 0.0237089060929068),
        ],
        rel=1e-5,
    )


def test_the_predictions_of_metafor() -> None:
    # m <- rma(y, s^2, method="REML", control=list(threshold=1e-14, maxiter=1000)); m$tau2; m$beta;
    # blup(m)$pred
    table = small_area(TEN, [], area="area")
    assert table.attrs["area_variance"] == pytest.approx(34.1230603923700)
    assert table["synthetic"].iloc[0] == pytest.approx(65.7492224209711)
    assert table["estimate"].tolist() == pytest.approx(
        [
            *(62.652177065122, 69.034264313548, 59.602990182806, 67.846769362049, 71.722499388174),
            *(60.237531573985, 64.017232332813, 70.640099807104, 68.108503635760, 63.630156548349),
        ]
    )
    # rma(y, s^2, mods=~x, ...): no variance is left between the areas, m$beta, m$vb.
    leaning = small_area(TEN, "x", area="area")
    assert leaning.attrs["area_variance"] == 0
    assert (leaning["note"] == "no_area_variance").all()
    assert list(leaning.attrs["coefficients"].values()) == pytest.approx(
        [46.647359001864, 9.926806970627]
    )
    # g1 = 0, and with all on the model only its own error and that of A are left.
    x = np.array([1, 1.2])
    spread = np.array([[20.913584074731, -10.023974535290], [-10.023974535290, 5.3009468019856]])
    variance_of_a = 2 / (TEN["se"] ** -4.0).sum()
    assert leaning["mse"].iloc[0] == pytest.approx(x @ spread @ x + 2 * variance_of_a / 16)


def slow_area(y: Any, d: Any, x: Any, a: float) -> tuple[Any, Any]:
    """BLUP and mean squared error with every matrix written out."""
    m = len(y)
    v = np.linalg.inv(np.diag(a + d))
    q = np.linalg.inv(x.T @ v @ x)
    beta = q @ x.T @ v @ y
    pull = a * v
    predicted = x @ beta + pull @ (y - x @ beta)
    g1 = np.diag(a * np.eye(m) - a * v * a)
    away = x - pull @ x
    g2 = np.diag(away @ q @ away.T)
    slope = v - a * v @ v
    g3 = np.diag(slope @ np.diag(a + d) @ slope.T) * 2 / np.trace(v @ v)
    return predicted, g1 + g2 + 2 * g3


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 15), st.sampled_from([0.0, 1.0, 4.0]))
def test_equals_the_maximum_of_the_likelihood(seed: int, m: int, spread: float) -> None:
    random = np.random.default_rng(seed)
    x, se = random.normal(size=m), np.exp(random.normal(0, 0.5, m))
    y = 3 + x + random.normal(0, 1, m) * spread + random.normal(0, 1, m) * se
    design, d = np.column_stack([np.ones(m), x]), se**2
    table = small_area(pd.DataFrame({"estimate": y, "se": se, "x": x}), "x")

    def restricted(a: float) -> float:
        v = np.diag(1 / (a + d))
        inner = design.T @ v @ design
        p = v - v @ design @ np.linalg.solve(inner, design.T @ v)
        return float(np.log(a + d).sum() + np.linalg.slogdet(inner)[1] + y @ p @ y)

    a = table.attrs["area_variance"]
    best = minimize_scalar(restricted, bounds=(max(a / 3 - 0.1, 0), 3 * a + 0.1), method="bounded")
    assert restricted(a) <= best.fun + 1e-9
    predicted, mse = slow_area(y, d, design, a)
    assert table["estimate"].tolist() == pytest.approx(predicted.tolist())
    assert table["mse"].tolist() == pytest.approx(mse.tolist())


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 1000), st.floats(-1000, 1000), st.permutations(range(10)))
def test_units_and_order_change_nothing(factor: float, shift: float, order: list[int]) -> None:
    table = small_area(TEN, [], area="area")
    other = TEN.assign(estimate=TEN["estimate"] * factor + shift, se=TEN["se"] * factor)
    moved = small_area(other.iloc[order], [], area="area").set_index("area").loc[table["area"]]
    tight = 1e-6 * (factor + abs(shift))
    assert moved["estimate"].tolist() == pytest.approx(
        (table["estimate"] * factor + shift).tolist(), abs=tight
    )
    assert moved["se"].tolist() == pytest.approx((table["se"] * factor).tolist(), rel=1e-6)
    between = table[["direct", "synthetic"]]
    assert (table["estimate"] >= between.min(axis=1)).all()
    assert (table["estimate"] <= between.max(axis=1)).all()


def test_where_the_errors_differ_a_hundredfold_the_search_still_ends() -> None:
    # Plain Fisher scoring jumps to and fro on these and does not settle.
    errors = [0.01, 5.73, 7.9, 5.97, 6.62, 8.34, 0.11, 2.13]
    y = [7.2, 3.9, 4.5, 2.8, 3.0, 0.8, -1.0, 5.4]
    table = small_area(pd.DataFrame({"estimate": y, "se": errors}), [])
    assert table.attrs["area_variance"] == pytest.approx(11.896347118854653)


def test_smoothing_by_hand() -> None:
    # Errors of exactly 20/√n follow the model: nothing changes, and the area without an error of
    # its own (one village) is lent 20/√25 = 4.
    direct = TEN.assign(se=20 / np.sqrt(TEN["n"]))
    plain = small_area(direct, "x", area="area")
    smooth = small_area(direct, "x", area="area", smooth=True)
    assert smooth["direct_se"].tolist() == pytest.approx(plain["direct_se"].tolist())
    assert smooth["estimate"].tolist() == pytest.approx(plain["estimate"].tolist())
    lone = pd.DataFrame({"area": ["k"], "estimate": [60.0], "se": [0.0], "n": [25], "x": [1.0]})
    more = pd.concat([direct, lone])
    assert small_area(more, "x", area="area")["note"].iloc[10] == "synthetic"
    lent = small_area(more, "x", area="area", smooth=True)
    assert lent["direct_se"].iloc[10] == pytest.approx(4)
    # The sum of the variances is kept where they do not follow the model.
    uneven = small_area(TEN, "x", area="area", smooth=True)
    assert (uneven["direct_se"] ** 2).sum() == pytest.approx((TEN["se"] ** 2).sum())


def test_samples_of_one_size_all_get_the_mean_variance() -> None:
    alike = small_area(TEN.assign(n=30), "x", area="area", smooth=True)
    assert (alike["direct_se"] ** 2).tolist() == pytest.approx(
        [float((TEN["se"] ** 2).mean())] * 10
    )


def test_covariates_come_in_a_table_of_their_own() -> None:
    known = pd.concat([KNOWN.iloc[::-1], pd.DataFrame({"area": ["z"], "x": [2.0]})])
    table = small_area(DIRECT, known)
    expected = small_area(TEN, "x", area="area")
    assert table["area"].tolist() == [*"abcdefghij", "z"]
    assert table["note"].iloc[10] == "synthetic"
    assert table["estimate"].iloc[:10].tolist() == pytest.approx(expected["estimate"].tolist())


def test_the_answer_of_estimate_goes_in_as_it_is() -> None:
    direct = estimate(made(), "y", by="village", strata="town", weight="w")
    known = pd.DataFrame({"village": range(15), "distance": [v * v % 7 for v in range(15)]})
    table = small_area(direct, known)
    assert table["village"].tolist() == list(range(15))
    assert table["direct"].tolist() == direct["estimate"].tolist()
    assert (table["se"] > 0).all()


@pytest.mark.parametrize(
    ("direct", "arguments", "code"),
    [
        (TEN, {"covariates": "z"}, "columns_missing"),
        (TEN, {"covariates": "x", "se": "error"}, "columns_missing"),
        (TEN, {"covariates": "x", "level": 95}, "level_outside"),
        (TEN, {"covariates": "area"}, "not_numeric"),
        (TEN.assign(se=-1.0), {"covariates": "x"}, "direct_errors_invalid"),
        (TEN.assign(x=[None, *range(9)]), {"covariates": "x"}, "areas_without_covariates"),
        (TEN.assign(area="a"), {"covariates": "x", "area": "area"}, "areas_repeated"),
        (TEN.assign(x=5), {"covariates": "x"}, "covariates_collinear"),
        (TEN.assign(x=0), {"covariates": "x"}, "covariates_collinear"),
        (TEN.assign(v=TEN["x"] * 9 + 3), {"covariates": ["x", "v"]}, "covariates_collinear"),
        (TEN.iloc[:2], {"covariates": "x"}, "areas_too_few"),
        (TEN.iloc[:0], {"covariates": "x"}, "areas_too_few"),
        (TEN.assign(se=np.nan), {"covariates": "x"}, "areas_too_few"),
        (DIRECT, {"covariates": TEN[["x"]]}, "areas_unnamed"),
        (DIRECT, {"covariates": KNOWN.iloc[1:]}, "areas_without_covariates"),
        (DIRECT, {"covariates": KNOWN.assign(area="a")}, "areas_repeated"),
        (DIRECT, {"covariates": KNOWN.assign(area=range(10))}, "areas_without_covariates"),
        ([1], {"covariates": "x"}, "answers_not_a_table"),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(direct: Any, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        small_area(direct, **arguments)
    assert refusal.value.code == code


def test_a_search_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROUNDS", 2)
    with pytest.raises(DataError) as refusal:
        small_area(TEN, [], area="area")
    assert refusal.value.code == "small_area_diverged"
