"""AHP, entropy and CRITIC weights: as published, by hand, their laws and refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.errors import DataError
from metrics.scoring import weights_ahp, weights_critic, weights_entropy

N = np.nan
# Saaty: drinks consumed in the United States, and the choice of a house.
DRINKS = [
    [1, 9, 5, 2, 1, 1, 1 / 2],
    [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2],
    [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [2, 9, 9, 3, 2, 3, 1],
]
HOUSE = [
    [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
    [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
    [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
    [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
    [4, 7, 5, 8, 6, 6, 2, 1],
]
# Hwang and Yoon: four fighter aircraft.
FIGHTERS = pd.DataFrame(
    {
        "speed": [2.0, 2.5, 1.8, 2.2],
        "range": [1500.0, 2700, 2000, 1800],
        "payload": [20000.0, 18000, 21000, 20000],
        "cost": [5.5, 6.5, 4.5, 5.0],
        "reliability": [5.0, 3, 7, 5],
        "manoeuvre": [9.0, 5, 7, 5],
    }
)


def code_of(refusal: pytest.ExceptionInfo[DataError]) -> str:
    return refusal.value.code


def test_ahp_as_published() -> None:
    found = weights_ahp(DRINKS)
    np.testing.assert_allclose(
        found.weights, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], atol=0.0005
    )
    assert found.consistency_ratio == pytest.approx(0.022, abs=0.0005)
    assert found.lambda_max == pytest.approx(7.17662903933035)


def test_a_contradicting_matrix_is_refused_unless_confirmed() -> None:
    with pytest.raises(DataError) as refused:
        weights_ahp(HOUSE)
    assert code_of(refused) == "ahp_inconsistent"
    found = weights_ahp(HOUSE, confirmed=True)
    np.testing.assert_allclose(
        found.weights, [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], atol=0.0005
    )
    assert found.consistency_ratio == pytest.approx(0.169, abs=0.0005)


def test_a_circle_names_the_judgement_that_departs() -> None:
    circle = pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]], ["a", "b", "c"])
    with pytest.raises(DataError) as refused:
        weights_ahp(circle)
    assert {refused.value.values["a"], refused.value.values["b"]} <= {"a", "b", "c"}
    found = weights_ahp(circle, confirmed=True)
    np.testing.assert_allclose(found.weights, 1 / 3)
    # lambda = 1 + 9 + 1/9, CI = (lambda - 3) / 2, CR = CI / 0.58.
    assert found.consistency_ratio == pytest.approx((7 + 1 / 9) / 2 / 0.58)


@given(st.lists(st.floats(0.1, 9), min_size=1, max_size=8))
def test_weights_come_back_from_consistent_judgements(own: list[float]) -> None:
    w = np.array(own)
    found = weights_ahp(w[:, None] / w[None, :])
    np.testing.assert_allclose(found.weights, w / w.sum())
    assert found.consistency_ratio < 1e-9


@pytest.mark.parametrize(
    ("code", "matrix"),
    [
        ("ahp_shape", [[1, 2, 3], [0.5, 1, 2]]),
        ("ahp_shape", np.ones((16, 16))),
        ("ahp_not_reciprocal", [[1, 3], [0.5, 1]]),
        ("ahp_not_reciprocal", [[2, 3], [1 / 3, 1]]),
        ("ahp_not_reciprocal", [[1, -3], [-1 / 3, 1]]),
        ("ahp_not_reciprocal", [[1, N], [1 / 3, 1]]),
        ("ahp_not_reciprocal", [[1, 0], [0, 1]]),
    ],
)
def test_matrices_that_are_no_comparisons_are_refused(code: str, matrix: object) -> None:
    with pytest.raises(DataError) as refused:
        weights_ahp(matrix)  # type: ignore[arg-type]
    assert code_of(refused) == code


def test_entropy_as_computed_by_others() -> None:
    """Figures of pymcdm, all to be raised; then of pyDecision, the cost to be lowered."""
    np.testing.assert_allclose(
        weights_entropy(FIGHTERS, [1] * 6),
        [0.06418973, 0.20608816, 0.01344459, 0.08132563, 0.35868002, 0.27627186],
        atol=5e-9,
    )
    np.testing.assert_allclose(
        weights_entropy(FIGHTERS, {**dict.fromkeys(FIGHTERS, 1), "cost": -1}),
        [0.06445979, 0.20695509, 0.01350119, 0.07746112, 0.36018881, 0.27743400],
        atol=5e-8,
    )


def test_entropy_by_hand() -> None:
    """Direction first: 1 and 3 to be lowered are as far apart as 3 and 1 to be raised."""
    values = pd.DataFrame({"a": [1.0, 3], "b": [1.0, 3], "same": [7.0, 7]})
    found = weights_entropy(values, {"a": 1, "b": -1, "same": 1})
    assert list(found) == pytest.approx([0.5, 0.5, 0])
    # 0 ln 0 is 0: a column held by one of two units has no entropy at all, E = 0; a has 0.8113.
    values = pd.DataFrame({"a": [1.0, 3], "b": [0.0, 5]})
    entropy = (np.log(4) / 4 + 3 * np.log(4 / 3) / 4) / np.log(2)
    expected = [(1 - entropy) / (2 - entropy), 1 / (2 - entropy)]
    assert list(weights_entropy(values, [1, 1])) == pytest.approx(expected)


def test_critic_by_hand() -> None:
    """Scaled a 0, ½, 1; b 0, 1, ½; c (lowered) 0, 1, 1: ρ_ab = ½, ρ_ac = ρ_bc = √3/2."""
    values = pd.DataFrame({"a": [0.0, 1, 2], "b": [0.0, 20, 10], "c": [9.0, 5, 5], "same": 1.0})
    agree = np.sqrt(3) / 2
    parts = np.array([0.5 * (1.5 - agree), 0.5 * (1.5 - agree), 2 * (1 - agree) / np.sqrt(3), 0])
    found = weights_critic(values, {"a": 1, "b": 1, "c": -1, "same": 1})
    np.testing.assert_allclose(found, parts / parts.sum())


def test_weights_are_those_of_other_programs() -> None:
    # CRITIC as pymcdm (cost turned round) and pyDecision give it, entropy as pymcdm does; drawn
    # matrices with costs and ties agreed to 1e-12.
    signs = {**dict.fromkeys(FIGHTERS, 1), "cost": -1}
    np.testing.assert_allclose(
        weights_critic(FIGHTERS, signs),
        [0.23587444, 0.20881846, 0.12700027, 0.13061547, 0.12092616, 0.1767652],
        atol=1e-8,
    )
    np.testing.assert_allclose(
        weights_entropy(FIGHTERS, signs),
        [0.06445976, 0.2069551, 0.01350115, 0.07746109, 0.36018886, 0.27743403],
        atol=1e-8,
    )


def test_critic_applies_the_direction_first() -> None:
    """Two columns that agree once turned carry no conflict; the third carries all of it twice."""
    values = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1]})
    np.testing.assert_allclose(weights_critic(values, [1, 1]), [0.5, 0.5])
    np.testing.assert_allclose(weights_critic(values, [1, -1]), [0.5, 0.5])
    three = values.assign(c=[1.0, 3, 1])
    np.testing.assert_allclose(weights_critic(three, [1, -1, 1])["c"], 2 / (2 + np.sqrt(3)))


def test_a_column_alone_takes_everything() -> None:
    values = pd.DataFrame({"a": [1.0, 2], "b": [4.0, 4]})
    assert list(weights_critic(values, [1, 1])) == [1, 0]
    assert list(weights_entropy(values, [1, 1])) == [1, 0]


@pytest.mark.parametrize("method", [weights_entropy, weights_critic])
@pytest.mark.parametrize(
    "values", [{"a": [1.0]}, {"a": [2.0, 2], "b": [3.0, 3]}, {"a": [N, N]}, {"a": [N, 5.0]}]
)
def test_without_differences_there_are_no_weights(method, values: dict[str, list[float]]) -> None:
    with pytest.raises(DataError) as refused:
        method(pd.DataFrame(values), [1] * len(values))
    assert code_of(refused) == "weights_no_spread"


@pytest.mark.parametrize("directions", [{"a": 0}, {"b": 1}, [], [2]])
@pytest.mark.parametrize("method", [weights_entropy, weights_critic])
def test_every_column_needs_a_direction(method, directions: object) -> None:
    with pytest.raises(DataError) as refused:
        method(pd.DataFrame({"a": [1.0, 2]}), directions)
    assert code_of(refused) == "direction_unclear"


@pytest.mark.parametrize(("values", "direction"), [([-1.0, 2], 1), ([0.0, 2], -1)])
def test_entropy_refuses_what_has_no_logarithm(values: list[float], direction: int) -> None:
    with pytest.raises(DataError) as refused:
        weights_entropy(pd.DataFrame({"a": values}), [direction])
    assert code_of(refused) == "entropy_needs_positive"


columns = st.lists(
    st.lists(st.integers(1, 50), min_size=4, max_size=4), min_size=2, max_size=8
).map(lambda rows: pd.DataFrame(rows, columns=list("abcd"), dtype=float))


@given(columns, st.lists(st.sampled_from([1, -1]), min_size=4, max_size=4), st.randoms())
def test_weights_are_shares_whatever_the_order_and_the_unit(
    values: pd.DataFrame, directions: list[int], chance
) -> None:
    assume(values.nunique().gt(1).any())
    own = dict(zip("abcd", directions, strict=True))
    rows = list(values.index)
    chance.shuffle(rows)
    other = (values * [1, 1000, 0.01, 7]).loc[rows, list("cadb")]
    for method in (weights_entropy, weights_critic):
        found = method(values, own)
        assert found.sum() == pytest.approx(1)
        assert found.ge(0).all()
        assert found[values.nunique().eq(1)].eq(0).all()
        np.testing.assert_allclose(method(other, own)[list("abcd")], found, atol=1e-9)
