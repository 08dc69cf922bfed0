"""Importance and shares of R²: by hand, over all orders of entry, and against R's relaimpo."""

from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.survey import drivers, importance
from tests.metrics.survey_samples import made

ITEMS = ["q1", "q2", "q3"]


def with_correlations(correlation: list[list[float]], names: list[str]) -> pd.DataFrame:
    """Answers that have exactly these correlations: the rows of a square root, and their mirror."""
    upper = np.array(correlation)
    whole = upper + upper.T - np.eye(len(names))
    root = np.linalg.cholesky(whole).T
    return pd.DataFrame(np.vstack([root, -root]), columns=names)


def test_two_items_by_hand() -> None:
    # r1 = 0.6, r2 = 0.5, r12 = 0.4: R² = (0.36 + 0.25 − 2 · 0.6 · 0.5 · 0.4) / (1 − 0.16)
    # = 0.37 / 0.84. First in: 0.36; last in: R² − 0.25; the share is their mean.
    frame = with_correlations([[1, 0.6, 0.5], [0, 1, 0.4], [0, 0, 1]], ["all", "a", "b"])
    table = drivers(frame, "all", ["a", "b"]).set_index("item")
    r_squared = 0.37 / 0.84
    assert table["n"].tolist() == [6, 6]
    assert table["r_squared"].tolist() == pytest.approx([r_squared] * 2)
    assert table.loc["a", "share"] == pytest.approx((0.36 + r_squared - 0.25) / 2)
    assert table.loc["b", "share"] == pytest.approx((0.25 + r_squared - 0.36) / 2)
    assert table["part"].sum() == pytest.approx(1)
    beside = importance(frame + 3, "all", ["a", "b"])
    assert beside["importance"].tolist() == pytest.approx([0.6, 0.5])
    assert beside["performance"].tolist() == pytest.approx([3, 3])


def test_the_published_shares_of_the_swiss_provinces() -> None:
    # The example of Grömping (2006), J. Stat. Software 17: calc.relimp(Fertility ~ ., swiss). The
    # digits are those of R's lm() itself, averaged over all 120 orders of entry into the model:
    # summary(lm(reformulate(before, "Fertility"), swiss))$r.squared and the rise with each entry.
    names = ["Fertility", "Agriculture", "Examination", "Education", "Catholic", "Mortality"]
    correlation = [
        [1, 0.35307918362, -0.645882706457, -0.6637888570351, 0.463684700652, 0.416556031435],
        [0, 1, -0.6865422086171, -0.6395225189483, 0.401095053049, -0.0608586084166],
        [0, 0, 1, 0.6984152962885, -0.572741806064, -0.114021596482],
        [0, 0, 0, 1, -0.153858917091, -0.0993218458213],
        [0, 0, 0, 0, 1, 0.175495907597],
        [0, 0, 0, 0, 0, 1],
    ]
    table = drivers(with_correlations(correlation, names), names[0], names[1:])
    assert table["share"].tolist() == pytest.approx(
        [0.05709122077, 0.17117302890, 0.26013467862, 0.10557015037, 0.11276592293], abs=1e-9
    )
    assert table["r_squared"].iloc[0] == pytest.approx(0.7067350016, abs=1e-9)


def r_squared(frame: pd.DataFrame, items: list[str]) -> float:
    """R² of a weighted regression, fitted anew by least squares."""
    root = np.sqrt(frame["w"].to_numpy(dtype=float))
    x = np.column_stack([np.ones(len(frame)), *(frame[name] for name in items)]) * root[:, None]
    y = frame["all"].to_numpy(dtype=float) * root
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    mean = (y @ root) / (root @ root) * root
    return float(((fitted - mean) ** 2).sum() / ((y - mean) ** 2).sum())


def slow_shares(frame: pd.DataFrame, items: list[str]) -> list[float]:
    shares = dict.fromkeys(items, 0.0)
    for order in permutations(items):
        for place, item in enumerate(order):
            rise = r_squared(frame, list(order[: place + 1])) - r_squared(
                frame, list(order[:place])
            )
            shares[item] += rise / factorial(len(items))
    return list(shares.values())


def test_equals_the_mean_over_all_orders_of_entry() -> None:
    for items in (ITEMS, [*ITEMS, "age", "village"]):
        table = drivers(made(), "all", items, "w")
        assert table["share"].tolist() == pytest.approx(slow_shares(made(), items), abs=1e-9)
        assert table["r_squared"].iloc[0] == pytest.approx(r_squared(made(), items))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 5)] * 5), min_size=8, max_size=20))
def test_equals_the_slow_twin(rows: list[tuple[int, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["all", *ITEMS, "w"])
    table = drivers(frame, "all", ITEMS, "w")
    if frame["all"].nunique() == 1:
        assert (table["note"] == "no_variation").all()
        return
    assert table["share"].tolist() == pytest.approx(slow_shares(frame, ITEMS), abs=1e-6)
    assert (table["share"] >= -1e-9).all()


def test_the_correlations_of_r() -> None:
    # cov.wt(d[,c("all","q1","q2","q3")], wt=d$w/sum(d$w), cor=TRUE): $cor[1,], $center
    table = importance(made(), "all", ITEMS, "w")
    assert table["importance"].tolist() == pytest.approx(
        [0.815465981551724, 0.683452968890492, 0.491533575891982]
    )
    assert table["performance"].tolist() == pytest.approx([2.7, 1.95, 2.22222222222222])


def test_an_item_that_repeats_another_shares_with_it() -> None:
    frame = made().assign(again=lambda d: 10 * d["q1"] - 3)
    alone = drivers(frame, "all", ["q1", "q2"], "w")
    table = drivers(frame, "all", ["q1", "again", "q2"], "w")
    assert table["share"].iloc[0] == pytest.approx(table["share"].iloc[1])
    assert table["r_squared"].iloc[0] == pytest.approx(alone["r_squared"].iloc[0])


def test_each_pair_has_its_own_base() -> None:
    frame = made()
    frame.loc[:9, "q2"] = None
    frame.loc[5:14, "all"] = None
    assert importance(frame, "all", ITEMS)["n"].tolist() == [50, 45, 50]
    assert drivers(frame, "all", ITEMS)["n"].tolist() == [45, 45, 45]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"all": np.nan}, "no_answers"),
        ({"w": 0.0}, "no_answers"),
        ({"all": 0.1}, "no_variation"),
        ({"all": made()["all"].where(made().index < 4)}, "too_few_answers"),
    ],
)
def test_where_there_are_no_shares(change: dict[str, Any], note: str) -> None:
    table = drivers(made().assign(**change), "all", ITEMS, "w")
    assert (table["note"] == note).all()
    assert table[["share", "part", "r_squared"]].isna().all(axis=None)


def test_where_there_is_no_importance() -> None:
    frame = made().assign(q1=np.nan, q2=0.1)
    table = importance(frame, "all", ITEMS, "w")
    assert table["note"].tolist() == ["no_answers", "no_variation", ""]
    assert table["importance"].isna().tolist() == [True, True, False]
    assert table["performance"].iloc[1] == pytest.approx(0.1)
    assert (importance(frame.iloc[:0], "all", ITEMS)["note"] == "no_answers").all()


def test_an_item_the_same_for_all_has_no_share() -> None:
    table = drivers(made().assign(q2=0.1), "all", ITEMS, "w")
    assert table["share"].iloc[1] == 0
    assert table["part"].sum() == pytest.approx(1)


@pytest.mark.parametrize("question", [importance, drivers])
@pytest.mark.parametrize(
    ("items", "weight", "code"),
    [
        ([], None, "item_count"),
        (["all"], None, "same_column"),
        (["q9"], None, "columns_missing"),
        (["sex"], None, "not_numeric"),
        (["q1"], "minus", "weights_invalid"),
    ],
)
def test_wrong_questions_are_refused(
    question: Any, items: list[str], weight: str | None, code: str
) -> None:
    with pytest.raises(DataError) as refusal:
        question(made().assign(minus=-1), "all", items, weight)
    assert refusal.value.code == code


def test_more_items_than_can_be_combined_are_refused() -> None:
    items = [f"i{number}" for number in range(13)]
    frame = made().assign(**{name: number for number, name in enumerate(items)})
    with pytest.raises(DataError) as refusal:
        drivers(frame, "all", items)
    assert (refusal.value.code, refusal.value.values["most"]) == ("item_count", 12)
