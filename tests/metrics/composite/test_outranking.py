"""TOPSIS and Copeland: by hand, as published, against slow twins, and the laws they obey."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import DataError
from metrics.scoring import Scheme, closeness, copeland, score

N = np.nan


def scheme(*weights: float) -> Scheme:
    leaves = [{"id": f"x{i}", "parent": "T", "weight": w} for i, w in enumerate(weights)]
    return Scheme.from_frame(pd.DataFrame(leaves).assign(goal_low=0.0, goal_high=100.0))


def table(*units: list[float]) -> pd.DataFrame:
    return pd.DataFrame(units, columns=[f"x{i}" for i in range(len(units[0]))], dtype=float)


def test_closeness_as_published() -> None:
    """Hwang and Yoon (1981), choice of a fighter aircraft, with the textbook's vector norm."""
    fighters = np.array(
        [
            [2.0, 1500, 20000, 5.5, 5, 9],
            [2.5, 2700, 18000, 6.5, 3, 5],
            [1.8, 2000, 21000, 4.5, 7, 7],
            [2.2, 1800, 20000, 5.0, 5, 5],
        ]
    ).T
    fighters[3] *= -1
    unit_length = fighters / np.linalg.norm(fighters, axis=1, keepdims=True)
    found = closeness(unit_length, np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3]))
    np.testing.assert_allclose(found, [0.643, 0.268, 0.613, 0.312], atol=0.001)


def test_closeness_at_a_node_by_hand() -> None:
    """The ideal is (100, 100), the anti-ideal (0, 0); the first is 0 off it, then 1/2, 1/2, 1."""
    values = table([100, 100], [100, 0], [50, 50], [0, 0])
    found = score(values, scheme(1, 1), aggregate="topsis").of("T")
    np.testing.assert_allclose(found, [100, 50, 50, 0])
    # With weights 3 and 1 the second is 1 of 4 off in the axis of length 1: 3 / (3 + 1).
    found = score(values, scheme(3, 1), aggregate="topsis").of("T")
    np.testing.assert_allclose(found, [100, 75, 50, 0])


def test_copeland_by_hand() -> None:
    """Weights 5, 3, 2. A beats B by 7 to 3, B beats C by 8 to 2, A and C tie 5 to 5."""
    values = table([90, 10, 50], [50, 90, 10], [10, 50, 90])
    found = score(values, scheme(5, 3, 2), aggregate="copeland")
    np.testing.assert_allclose(found.of("T"), [75, 50, 25])


def test_dust_is_a_tie() -> None:
    values = table([0.1 + 0.2, 5], [0.3, 5])
    for method in ("topsis", "copeland"):
        assert list(score(values, scheme(1, 1), aggregate=method).of("T")) == [50, 50]


@pytest.mark.parametrize("method", ["topsis", "copeland"])
def test_who_is_alone_is_neither_best_nor_worst(method: str) -> None:
    assert list(score(table([80, 20]), scheme(1, 1), aggregate=method).of("T")) == [50]


@pytest.mark.parametrize("method", ["topsis", "copeland"])
def test_a_unit_without_enough_data_has_no_score_and_compares_with_nobody(method: str) -> None:
    values = table([60, 40], [40, 40], [N, 100], [N, N])
    found = score(values, scheme(3, 1), aggregate=method)
    np.testing.assert_allclose(found.of("T"), [100, 0, N, N])
    lenient = score(values, scheme(3, 1), aggregate=method, data_threshold=0).of("T")
    assert lenient[2] == 100
    assert np.isnan(lenient[3])


def test_one_method_per_node_and_no_contributions() -> None:
    meta = pd.DataFrame(
        {
            "id": ["a", "b", "c", "A"],
            "parent": ["A", "A", "T", "T"],
            "weight": 1,
            "goal_low": 0.0,
            "goal_high": 100.0,
        }
    )
    values = pd.DataFrame({"a": [100.0, 0], "b": [100.0, 0], "c": [20.0, 40]})
    found = score(values, Scheme.from_frame(meta), aggregate={"A": "topsis"})
    assert list(found.of("T")) == [60, 20]
    with pytest.raises(DataError) as refused:
        found.contributions()
    assert refused.value.code == "not_additive"


points = st.lists(
    st.lists(st.sampled_from([N, 0.0, 10.0, 25.5, 50.0, 50.1, 100.0]), min_size=3, max_size=3),
    min_size=1,
    max_size=7,
).map(lambda rows: np.array(rows).T)
weights = st.lists(st.integers(1, 9), min_size=3, max_size=3).map(lambda w: np.array(w) / sum(w))


def slow_copeland(x: np.ndarray, w: np.ndarray) -> list[float]:
    found = []
    for a in range(x.shape[1]):
        won = 0.0
        for b in range(x.shape[1]):
            if a == b:
                continue
            ahead = sum(w[k] for k in range(3) if x[k, a] > x[k, b])
            behind = sum(w[k] for k in range(3) if x[k, a] < x[k, b])
            margin = round(ahead - behind, 9)
            won += 1.0 if margin > 0 else 0.5 if margin == 0 else 0.0
        alone = 50.0 if x.shape[1] == 1 else 100 * won / (x.shape[1] - 1)
        found.append(N if np.isnan(x[:, a]).all() else alone)
    return found


def slow_closeness(x: np.ndarray, w: np.ndarray) -> list[float]:
    found = []
    for unit in x.T:
        held = [k for k in range(3) if not np.isnan(unit[k])]
        off = sum((w[k] * (np.nanmax(x[k]) - unit[k])) ** 2 for k in held) ** 0.5
        on = sum((w[k] * (unit[k] - np.nanmin(x[k]))) ** 2 for k in held) ** 0.5
        found.append(N if not held else 0.5 if on + off == 0 else on / (on + off))
    return found


@given(points, weights)
def test_slow_twins_agree(x: np.ndarray, w: np.ndarray) -> None:
    np.testing.assert_allclose(copeland(x, w), slow_copeland(x, w), atol=1e-9)
    np.testing.assert_allclose(closeness(x, w), slow_closeness(x, w), atol=1e-9)


@given(points, weights, st.integers(0, 2), st.floats(0.1, 60))
def test_raising_one_s_own_indicator_never_lowers_one_s_score(
    x: np.ndarray, w: np.ndarray, child: int, more: float
) -> None:
    raised = x.copy()
    raised[child, 0] += more
    for method in (closeness, copeland):
        assert not method(raised, w)[0] < method(x, w)[0] - 1e-9


@given(points, weights, st.randoms())
def test_order_and_scale_of_weights_do_not_matter(x: np.ndarray, w: np.ndarray, chance) -> None:
    units, children = list(range(x.shape[1])), [0, 1, 2]
    chance.shuffle(units)
    chance.shuffle(children)
    mixed = x[children][:, units]
    np.testing.assert_allclose(closeness(mixed, 7 * w[children]), closeness(x, w)[units], atol=1e-9)
    np.testing.assert_allclose(copeland(mixed, w[children]), copeland(x, w)[units], atol=1e-9)


def test_many_units_are_compared_in_parts() -> None:
    """Each step of one unit wins against all below it, across the parts of the work."""
    many = np.arange(2500.0)[None]
    np.testing.assert_allclose(copeland(many, np.ones(1)), 100 * many[0] / 2499)
