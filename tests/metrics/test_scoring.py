"""Composite scores: a tree worked by hand, laws that must hold, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import DataError
from metrics.scoring import Scheme, rank_ranges, score

# A published case worked by hand: two branches, one of them renormalised over what is there.
META = pd.DataFrame(
    {
        "id": ["a1", "a2", "b1", "b2", "b3", "A", "B"],
        "parent": ["A", "A", "B", "B", "B", "TOTAL", "TOTAL"],
        "weight": [1, 3, 1, 1, 2, 0.4, 0.6],
        "direction": 1,
        "goal_low": 0.0,
        "goal_high": 100.0,
    }
)
N = np.nan
VALUES = pd.DataFrame(
    {
        "a1": [0, 100, N, 50, N],
        "a2": [100, N, N, 50, N],
        "b1": [50, 0, 100, N, N],
        "b2": [50, 100, 100, N, N],
        "b3": [50, N, 100, N, N],
    },
    index=["U1", "U2", "U3", "U4", "U5"],
)


def scheme(**changes: object) -> Scheme:
    return Scheme.from_frame(META.assign(**changes))


def test_the_tree_by_hand() -> None:
    scores = score(VALUES, scheme(), data_threshold=0)
    np.testing.assert_array_equal(scores.of("A"), [75, 100, N, 50, N])
    np.testing.assert_array_equal(scores.of("B"), [50, 50, 100, N, N])
    np.testing.assert_allclose(scores.of("TOTAL"), [60, 70, 100, 50, N])
    np.testing.assert_array_equal(scores.ranks(), [3, 2, 1, 4, N])


def test_a_unit_with_a_missing_branch_gets_no_score_and_so_no_first_place() -> None:
    scores = score(VALUES, scheme(), data_threshold=0.7)
    np.testing.assert_array_equal(scores.ranks(), [1, N, N, N, N])
    np.testing.assert_allclose(scores.coverage("TOTAL"), [1, 0.1 + 0.3, 0.6, 0.4, 0])
    notes = scores.table.query("node == 'TOTAL'").set_index("unit")["note"]
    assert list(notes) == ["", *["not_enough_data"] * 3, "no_data"]


def test_a_unit_without_a_branch_keeps_its_score_and_has_no_place() -> None:
    """U3 has full points on all it has, which is six tenths: alone among them it would be first."""
    scores = score(VALUES, scheme())
    np.testing.assert_array_equal(scores.of("TOTAL"), [60, N, 100, N, N])
    np.testing.assert_array_equal(scores.ranks(), [1, N, N, N, N])
    np.testing.assert_array_equal(scores.ranks("B"), [2, N, 1, N, N])
    drawn = rank_ranges(VALUES, scheme(), draws=20).of()
    assert drawn["median"].isna().tolist() == [False, True, True, True, True]
    # A branch that nobody has is nobody's lack.
    without = VALUES.assign(a1=N, a2=N)
    np.testing.assert_array_equal(score(without, scheme()).ranks(), [2, N, 1, N, N])


def test_contributions_add_up_to_the_score() -> None:
    scores = score(VALUES, scheme(), data_threshold=0)
    sums = scores.contributions().groupby("unit")["contribution"].sum(min_count=1)
    np.testing.assert_allclose(sums, scores.of("TOTAL"))


def test_a_table_that_is_written_to_changes_no_other() -> None:
    scores = score(VALUES, scheme())
    table, again = scores.contributions(), scores.contributions()
    before = again["points"].to_list()
    table.loc[:, "points"] = -1.0
    np.testing.assert_array_equal(again["points"], before)
    np.testing.assert_array_equal(scores.contributions()["points"], before)
    np.testing.assert_array_equal(scores.of("a1"), before[: len(VALUES)])


def test_what_if_changes_one_unit_only() -> None:
    after = score(VALUES, scheme()).what_if("U1", {"a1": 100})
    assert after.of("TOTAL")["U1"] == pytest.approx(0.4 * 100 + 0.6 * 50)
    assert VALUES.loc["U1", "a1"] == 0


def flat(direction: int, **goals: float) -> Scheme:
    leaf = {"id": "x", "parent": "T", "weight": 1, "direction": direction}
    return Scheme.from_frame(pd.DataFrame([leaf | goals]))


def scores_of(values: list[float], tree: Scheme, **options: str) -> list[float]:
    return list(score(pd.DataFrame({"x": values}), tree, **options).of("T"))  # type: ignore[arg-type]


def test_goalposts_cut_at_both_ends_and_follow_the_direction() -> None:
    up = flat(1, goal_low=50, goal_high=100)
    assert scores_of([40, 50, 75, 100, 120], up) == [0, 0, 50, 100, 100]
    down = flat(-1, goal_low=20, goal_high=0)
    assert scores_of([30, 20, 5, 0], down) == [0, 0, 75, 100]
    middle = flat(0, goal_low=0, best_low=10, best_high=20, goal_high=40)
    assert scores_of([0, 5, 15, 30, 50], middle) == [0, 50, 100, 50, 0]


def test_normalisations_by_hand() -> None:
    down = flat(-1, goal_low=N, goal_high=N)
    assert scores_of([1, 2, 5], down, normalise="minmax") == [100, 75, 0]
    assert scores_of([1, 2, 5], down, normalise="rank") == [3, 2, 1]
    assert scores_of([1, 2, 5], down, normalise="percentile") == [100, 50, 0]
    np.testing.assert_allclose(scores_of([1, 2, 3], down, normalise="zscore"), [1, 0, -1])


def test_ties_and_gaps_as_in_the_reference_program() -> None:
    """n_rank and n_prank of R's COINr: values alike share the smaller rank, gaps have none."""
    up = flat(1, goal_low=N, goal_high=N)
    np.testing.assert_array_equal(scores_of([3, 1, N, 3, 2], up, normalise="rank"), [3, 1, N, 3, 2])
    np.testing.assert_allclose(
        scores_of([3, 1, N, 3, 2], up, normalise="percentile"), [200 / 3, 0, N, 200 / 3, 100 / 3]
    )


def test_geometric_and_harmonic_means_by_hand() -> None:
    values = pd.DataFrame({"x": [0.0, 25], "y": [100.0, 100]})
    goals = {"direction": 1, "goal_low": 0.0, "goal_high": 100.0, "weight": 1, "parent": "T"}
    tree = Scheme.from_frame(pd.DataFrame([{"id": "x"} | goals, {"id": "y"} | goals]))
    # The floor of 1 stands in for 0.
    np.testing.assert_allclose(score(values, tree, aggregate="geometric").of("T"), [10, 50])
    harmonic = score(values, tree, aggregate={"T": "harmonic"})
    np.testing.assert_allclose(harmonic.of("T"), [2 / 1.01, 40])
    with pytest.raises(DataError) as refused:
        harmonic.contributions()
    assert refused.value.code == "not_additive"


def test_ranks_share_the_smallest_place_and_ignore_dust() -> None:
    values = pd.DataFrame({"x": [0.1 + 0.2, 0.3, 0.9]})
    assert list(score(values, flat(1, goal_low=0, goal_high=1)).ranks()) == [2, 2, 1]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("weight_invalid", {"weight": -1}),
        ("weights_all_zero", {"weight": 0}),
        ("direction_invalid", {"direction": 2}),
        ("scheme_tree", {"parent": ["A", "A", "B", "B", "B", "B", "A"]}),
        ("scheme_tree", {"id": "a1"}),
    ],
)
def test_unsound_schemes_are_refused(code: str, changes: dict[str, object]) -> None:
    with pytest.raises(DataError) as refused:
        scheme(**changes)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("methods_clash", {"normalise": "zscore", "aggregate": "geometric"}),
        ("method_unknown", {"aggregate": "median"}),
        ("method_unknown", {"normalise": "copeland"}),
        ("floor_invalid", {"aggregate": "harmonic", "floor": 0}),
        ("constant_column", {"normalise": "minmax"}),
    ],
)
def test_methods_that_cannot_be_are_refused(code: str, options: dict[str, object]) -> None:
    values = VALUES.assign(b1=7.0)
    with pytest.raises(DataError) as refused:
        score(values, scheme(), **options)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_goalposts_against_the_direction_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        score(VALUES, scheme(goal_low=100.0, goal_high=0.0))
    assert refused.value.code == "goalposts_invalid"
    with pytest.raises(DataError) as refused:
        score(VALUES.drop(columns="b3"), scheme())
    assert refused.value.code == "leaf_missing"


cells = st.one_of(st.just(np.nan), st.floats(-20, 120).map(lambda x: round(x, 3)))
tables = st.lists(st.lists(cells, min_size=5, max_size=5), min_size=1, max_size=6).map(
    lambda rows: pd.DataFrame(rows, columns=list(VALUES.columns), dtype=float)
)
methods = st.sampled_from(["arithmetic", "geometric", "harmonic"])


@given(tables, methods, st.sampled_from(list(VALUES.columns)), st.floats(0, 50))
def test_raising_a_good_indicator_never_lowers_a_score(
    values: pd.DataFrame, method: str, leaf: str, more: float
) -> None:
    before = score(values, scheme(), aggregate=method).table["score"]
    after = score(values.assign(**{leaf: values[leaf] + more}), scheme(), aggregate=method)
    assert not (after.table["score"] < before - 1e-9).any()


@given(tables, methods)
def test_adding_a_unit_moves_nobody(values: pd.DataFrame, method: str) -> None:
    alone = score(values.iloc[:1], scheme(), aggregate=method).of("TOTAL")
    among = score(values, scheme(), aggregate=method).of("TOTAL").iloc[:1]
    np.testing.assert_array_equal(alone, among)


@given(tables, st.floats(0.001, 1000))
def test_scaling_all_weights_changes_nothing(values: pd.DataFrame, factor: float) -> None:
    scaled = scheme(weight=META["weight"] * factor)
    np.testing.assert_allclose(
        score(values, scaled).of("TOTAL"), score(values, scheme()).of("TOTAL"), atol=1e-9
    )


@pytest.mark.parametrize("method", ["arithmetic", "topsis", "copeland"])
def test_data_under_a_weight_of_zero_carry_no_score(method: str) -> None:
    values = pd.DataFrame({"x": [N, 10, 20], "y": [N, 10, 20], "z": [5.0, 10, 20]})
    leaves = {"id": ["x", "y", "z"], "parent": "T", "weight": [0.1, 0.2, 0]}
    tree = Scheme.from_frame(pd.DataFrame(leaves).assign(goal_low=0.0, goal_high=100.0))
    found = score(values, tree, aggregate=method, data_threshold=0)
    np.testing.assert_array_equal(found.of("T").isna(), [True, False, False])


def test_what_is_not_finite_is_missing() -> None:
    tree = flat(1, goal_low=0, goal_high=100)
    np.testing.assert_array_equal(scores_of([np.inf, -np.inf, 40], tree), [N, N, 40])


def test_the_best_interval_counts_in_every_normalisation() -> None:
    """10 to 20 is best; 5 and 30 lie 5 and 10 outside."""
    middle = flat(0, goal_low=0, best_low=10, best_high=20, goal_high=40)
    values = [12.0, 5, 30]
    assert scores_of(values, middle, normalise="minmax") == [100, 50, 0]
    assert scores_of(values, middle, normalise="percentile") == [100, 50, 0]
    np.testing.assert_allclose(scores_of(values, middle, normalise="zscore"), [1, 0, -1])
    assert scores_of([12.0, 15, 30], middle, normalise="rank") == [2, 2, 1]
    with pytest.raises(DataError) as refused:
        scores_of(values, flat(0, goal_low=0, goal_high=40), normalise="rank")
    assert refused.value.code == "goalposts_invalid"


def test_units_may_be_named_by_several_columns() -> None:
    """A township in a year: the levels of the index together name the unit."""
    units = pd.MultiIndex.from_tuples([("甲镇", 2024), ("甲镇", 2025), ("乙镇", 2024)])
    values = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 5.0, 4.0]}, index=units)
    meta = pd.DataFrame({"id": ["a", "b"], "parent": "all", "weight": 1.0})
    scores = score(values, meta.assign(goal_low=0.0, goal_high=10.0))
    assert scores.of("all").to_dict() == {units[0]: 20.0, units[1]: 35.0, units[2]: 35.0}
    assert scores.what_if(units[0], {"a": 5.0}).of("all")[units[0]] == 40.0
    with pytest.raises(DataError) as refused:
        score(values.iloc[[0, 0]], meta)
    assert refused.value.code == "units_invalid"
