"""Equity: hand-worked spreads, slow twins over single people, laws, refusals."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.coverage import equity, gini, worst_off


def test_gini_by_hand_and_by_the_slow_twin() -> None:
    assert gini([1, 1, 1]) == 0
    assert min(gini([0.1 * n] * k) for n in range(1, 9) for k in range(1, 30)) == 0
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 3], [3, 1]) == pytest.approx(0.25)  # as 1, 1, 1, 3
    assert np.isnan(gini([0, 0]))
    values = np.array([0, 2, 5, 5, 11.0])
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(values) == pytest.approx(differences / (2 * values.mean()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 9))
def test_gini_knows_no_scale_and_no_copies(values: list[int], times: int) -> None:
    once = gini(values)
    if np.isnan(once):
        assert sum(values) == 0
        return
    assert 0 <= once < 1
    assert gini([value * times for value in values]) == pytest.approx(once, abs=1e-12)
    assert gini(values * 2) == pytest.approx(once, abs=1e-12)
    assert gini(values, [times] * len(values)) == pytest.approx(once, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), min_size=1, max_size=12))
def test_gini_equals_the_mean_difference_of_all_pairs(held: list[tuple[int, int]]) -> None:
    values, people = [value for value, _ in held], [n for _, n in held]
    each = np.repeat(np.array(values, float), people)
    if each.sum() == 0:
        assert np.isnan(gini(values, people))
        return
    differences = np.abs(each[:, None] - each[None, :]).mean()
    assert gini(values, people) == pytest.approx(differences / (2 * each.mean()), abs=1e-12)
    assert gini(values[::-1], people[::-1]) == pytest.approx(gini(values, people), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=2, max_size=10), st.integers(1, 50))
def test_what_the_richest_hands_to_the_poorest_makes_it_fairer(
    values: list[int], gift: int
) -> None:
    low, high = min(values), max(values)
    gift = min(gift, (high - low) // 2)
    fairer = sorted(values)
    fairer[0], fairer[-1] = low + gift, high - gift
    assert gini(fairer) <= gini(values) + 1e-12
    # The same for everybody on top as well; and people without any make it less fair.
    assert gini([value + 10 for value in values]) <= gini(values) + 1e-12
    assert gini([*values, 0]) > gini(values)


def test_worst_off_by_hand() -> None:
    # Ten people: the worst-off one has 1; of a fifth, one has 1 and one has 3.
    assert worst_off([1, 3, 9], [1, 4, 5]) == 1
    assert worst_off([1, 3, 9], [1, 4, 5], share=0.2) == 2
    assert worst_off([1, 3, 9], [1, 4, 5], worse="high") == 9
    # A village of 100 in a tenth of 50 counts with half of its people, whatever its size.
    assert worst_off([0, 8], [25, 475]) == pytest.approx(25 * 8 / 50)
    assert worst_off([4, 4, 4]) == 4
    assert np.isnan(worst_off([], []))
    assert np.isnan(worst_off([1, 2], [0, 0]))
    # Nobody's access is a fact: those without any are the worst off.
    assert worst_off([0, 0, 5], [5, 5, 90]) == 0


people = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(people, st.integers(1, 10), st.sampled_from(["low", "high"]))
def test_worst_off_equals_the_mean_of_single_people(
    held: list[tuple[int, int]], tenths: int, worse: str
) -> None:
    values, count = [value for value, _ in held], [10 * n for _, n in held]
    found = worst_off(values, count, share=tenths / 10, worse=worse)  # type: ignore[arg-type]
    each = np.sort(np.repeat(values, count))
    if not len(each):
        assert np.isnan(found)
        return
    each = each[:: -1 if worse == "high" else 1]
    assert found == pytest.approx(each[: len(each) * tenths // 10].mean(), abs=1e-9)
    mean = each.mean()
    assert found <= mean + 1e-9 if worse == "low" else found >= mean - 1e-9
    again = worst_off(values[::-1], count[::-1], share=tenths / 10, worse=worse)  # type: ignore[arg-type]
    assert again == pytest.approx(found, abs=1e-9)


def test_equity_by_unit_type() -> None:
    table = pd.DataFrame(
        {
            "access": [0, 2, 4, 4, np.nan],
            "population": [10, 10, 5, 15, 7],
            "unit_type": ["town", "town", "street", "street", "street"],
        }
    )
    whole = equity(table, "access").iloc[0]
    assert whole[["people", "unknown"]].tolist() == [40, 7]
    assert whole["mean"] == pytest.approx(100 / 40)
    assert whole["gini"] == pytest.approx(gini([0, 2, 4], [10, 10, 20]))
    assert whole["worst_off"] == 0
    types = equity(table, "access", by="unit_type").set_index("unit_type")
    assert types.loc["street"].tolist() == [20, 7, 4, 0, 4]
    assert types.loc["town", ["people", "unknown", "mean"]].tolist() == [20, 0, 1]
    assert types.loc["town", "gini"] == pytest.approx(0.5)
    assert equity(table, "access", by="unit_type", worse="high")["worst_off"].tolist() == [4, 2]
    two = equity(table.assign(year=2025), "access", by=["unit_type", "year"])
    assert two.columns.tolist()[:3] == ["unit_type", "year", "people"]
    assert len(equity(table.iloc[:0], "access", by="unit_type")) == 0
    assert np.isnan(equity(table.iloc[:0], "access")["gini"].item())
    # Who does not say where they belong is a group, as in `tally`.
    blank = table.assign(unit_type=["town", "town", None, None, None])
    assert equity(blank, "access", by="unit_type")["people"].tolist() == [20, 20]


def test_without_its_zeros_a_county_looks_fairer_than_it_is() -> None:
    access = np.array([0, 0, 0, 1, 2, 3.0])
    assert gini(access[access > 0]) < gini(access)
    assert worst_off(access[access > 0]) > worst_off(access)


TABLE = pd.DataFrame({"access": [1.0], "population": [1]})
REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("figures_unlike", lambda: gini([1, 2], [1])),
    ("figures_invalid", lambda: gini([1, None])),
    ("figures_invalid", lambda: gini([1, float("nan")])),
    ("figures_invalid", lambda: gini([1, -1])),
    ("figures_invalid", lambda: gini([1, 2], [1, -1])),
    ("not_numeric", lambda: gini([1, float("inf")])),
    ("figures_invalid", lambda: worst_off([1, None])),
    ("figures_unlike", lambda: worst_off([1, 2], [1])),
    *(
        ("number_invalid", lambda share=share: worst_off([1], share=share))
        for share in (0, -0.1, 1.1, float("nan"), float("inf"), None)
    ),
    ("choice_unknown", lambda: worst_off([1], worse="middle")),  # type: ignore[arg-type]
    ("columns_missing", lambda: equity(TABLE, "metres")),
    ("columns_missing", lambda: equity(TABLE, "access", by="unit_type")),
    ("figures_invalid", lambda: equity(TABLE.assign(population=np.nan), "access")),
    ("figures_invalid", lambda: equity(TABLE.assign(access=-1), "access")),
    ("not_numeric", lambda: equity(TABLE.assign(access=np.inf), "access")),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_what_cannot_be_compared_is_refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as refusal:
        call()
    assert refusal.value.code == code
