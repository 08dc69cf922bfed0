"""Ranges of ranks and sensitivity: every draw against `score`, known answers, laws, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.composite.ranking import ranks
from metrics.scoring import (
    Scheme,
    rank_ranges,
    score,
    sensitivity,
    sobol_indices,
)

N = np.nan
META = pd.DataFrame(
    {
        "id": ["a1", "a2", "b1", "b2", "b3", "c", "A", "B"],
        "parent": ["A", "A", "B", "B", "B", "T", "T", "T"],
        "weight": [1, 3, 1, 1, 2, 0.3, 0.4, 0.6],
        "goal_low": 0.0,
        "goal_high": 100.0,
    }
)
TREE = Scheme.from_frame(META)
LEAVES = ["a1", "a2", "b1", "b2", "b3", "c"]


def some(units: int, seed: int = 1) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).uniform(0, 100, (units, len(LEAVES)))
    return pd.DataFrame(drawn, columns=LEAVES, index=[f"u{i}" for i in range(units)])


ALL_METHODS = [
    (normalise, aggregate)
    for normalise in ("goalposts", "minmax", "percentile")
    for aggregate in ("arithmetic", "geometric", "harmonic", "topsis", "copeland")
] + [("zscore", "arithmetic"), ("zscore", "topsis")]


@pytest.mark.parametrize("holes", [False, True])
def test_every_draw_is_a_score_of_its_own(holes: bool) -> None:
    """The slow twin: score() with the weights, the method and the moved values of each draw."""
    values = some(9)
    if holes:
        values.iloc[[0, 2, 5], [1, 3, 5]] = N
        values.iloc[1, :2] = N
        values.iloc[3] = N
    errors = pd.DataFrame({"b2": 8.0, "c": 3.0}, index=values.index)
    options = {"methods": ALL_METHODS, "standard_errors": errors, "data_threshold": 0.0}
    found = rank_ranges(values, TREE, draws=80, seed=5, **options)  # type: ignore[arg-type]
    slow = {"A": [], "B": [], "T": []}
    for number, draw in found.draws.iterrows():
        weights = META["id"].map(draw)
        moved = values.copy()
        for leaf in errors:
            moved[leaf] += found.simulator.errors(leaf, number)
        tree = Scheme.from_frame(META.assign(weight=weights.astype(float)))
        methods = {"normalise": draw["normalise"], "aggregate": draw["aggregate"]}
        again = score(moved, tree, data_threshold=0, **methods)
        replayed = found.replay(number)
        for node, rows in slow.items():
            np.testing.assert_allclose(replayed[node], again.of(node), atol=1e-9)
            rows.append(again.ranks(node))
    for node, rows in slow.items():
        table = found.of(node)
        expected = np.array(rows)[:, np.isfinite(table["rank"])]
        np.testing.assert_allclose(
            table[["low", "median", "high"]].dropna().T,
            np.nanquantile(expected, [0.05, 0.5, 0.95], axis=0),
            atol=1e-9,
        )
        np.testing.assert_array_equal(table["draws"].sum(), np.isfinite(expected).sum())
    assert set(found.draws["left_out"]) == {"", "A", "B", "c"}


def test_weights_stay_within_their_noise() -> None:
    draws = rank_ranges(some(4), TREE, draws=300, leave_out=False, weight_noise=0.25).draws
    ratio = draws["a2"] / draws["a1"] / 3
    assert ratio.between(0.75 / 1.25, 1.25 / 0.75).all()
    assert ratio.max() > 1.4
    np.testing.assert_allclose(draws[["A", "B", "c"]].sum(axis=1), 1)


def test_a_draw_depends_on_the_seed_and_its_number_alone() -> None:
    values = some(6)
    few, many = (rank_ranges(values, TREE, draws=n, seed=3) for n in (5, 50))
    pd.testing.assert_frame_equal(few.draws, many.draws.iloc[:5])
    pd.testing.assert_frame_equal(few.replay(4), many.replay(4))
    other = rank_ranges(values, TREE, draws=5, seed=4)
    assert not other.draws["A"].equals(few.draws["A"])


def test_without_choices_a_range_is_the_declared_rank() -> None:
    values = some(12)
    found = rank_ranges(
        values, TREE, draws=20, weight_noise=0, methods=[("goalposts", "arithmetic")],
        leave_out=False, bands=(90, 75, 60, 40),
    )  # fmt: skip
    declared = score(values, TREE)
    for node in ("A", "B", "T"):
        table = found.of(node)
        for column in ("rank", "low", "median", "high"):
            np.testing.assert_array_equal(table[column], declared.ranks(node))
        cuts = [np.inf, 90, 75, 60, 40, -np.inf]
        for band in range(1, 6):
            inside = (declared.of(node) >= cuts[band]) & (declared.of(node) < cuts[band - 1])
            np.testing.assert_array_equal(table[f"band_{band}"], inside.astype(float))


def test_a_unit_that_is_best_in_all_is_always_first_and_twins_stay_together() -> None:
    values = some(8)
    values.loc["u0"] = 100
    values.loc["u2"] = values.loc["u1"]
    table = rank_ranges(values, TREE, draws=200).of()
    assert list(table.loc["u0", ["low", "median", "high"]]) == [1, 1, 1]
    assert table.loc["u1"].equals(table.loc["u2"])


def test_a_score_on_a_cut_is_in_the_better_band() -> None:
    values = pd.DataFrame({leaf: [60.0, 59.9] for leaf in LEAVES})
    table = rank_ranges(values, TREE, draws=30, bands=[60]).of()
    assert table[["band_1", "band_2"]].to_numpy().tolist() == [[1, 0], [0, 1]]


def test_sampling_error_moves_only_what_was_sampled() -> None:
    values = pd.DataFrame({leaf: [40.0, 50, 90] for leaf in LEAVES}, index=["x", "y", "z"])
    errors = pd.DataFrame({leaf: [15.0, 15] for leaf in LEAVES}, index=["x", "y"])
    quiet = {"weight_noise": 0, "leave_out": False, "methods": [("goalposts", "arithmetic")]}
    table = rank_ranges(values, TREE, standard_errors=errors, **quiet).of()  # type: ignore[arg-type]
    assert list(table["low"]) == [2, 2, 1]
    assert list(table["high"]) == [3, 3, 1]


def test_a_unit_with_too_little_data_is_not_ranked_in_any_draw() -> None:
    values = some(5)
    values.loc["u0", ["a1", "a2", "b3"]] = N
    found = rank_ranges(values, TREE, draws=200)
    assert found.of().loc["u0", ["rank", "low", "median", "high"]].isna().all()
    assert found.of().loc["u0", "draws"] == 0
    assert found.of()["high"].max() <= 4


@settings(max_examples=30, deadline=None)
@given(st.randoms(), st.floats(0.01, 500))
def test_order_of_units_and_scale_of_weights_do_not_matter(chance, factor: float) -> None:
    values = some(5, seed=8)
    order = list(values.index)
    chance.shuffle(order)
    scaled = Scheme.from_frame(META.assign(weight=META["weight"] * factor))
    found = rank_ranges(values.loc[order], scaled, draws=40).of().loc[list(values.index)]
    pd.testing.assert_frame_equal(found, rank_ranges(values, TREE, draws=40).of())


CLASHING = {"normalise": ["goalposts", "zscore"], "aggregate": ["arithmetic", "geometric"]}


def errors_of(node: str, error: float) -> pd.DataFrame:
    return pd.DataFrame({node: [float(error)]}, index=["u0"])


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("methods_clash", {"methods": CLASHING}),
        ("methods_clash", {"methods": [("goalposts", "arithmetic"), ("zscore", "harmonic")]}),
        ("method_unknown", {"methods": [("goalposts", "borda")]}),
        ("method_unknown", {"methods": [("softmax", "arithmetic")]}),
        ("methods_none", {"methods": []}),
        ("floor_invalid", {"floor": 0}),
        ("parameter_outside", {"weight_noise": 1}),
        ("parameter_outside", {"weight_noise": -0.1}),
        ("parameter_outside", {"seed": -1}),
        ("parameter_outside", {"draws": 0}),
        ("standard_errors_invalid", {"standard_errors": errors_of("a1", -1)}),
        ("standard_errors_invalid", {"standard_errors": errors_of("A", 1)}),
        ("node_without_children", {"nodes": ["a1"]}),
        ("parameter_outside", {"data_threshold": 1.1}),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_beforehand(code: str, options: dict[str, object]) -> None:
    with pytest.raises(DataError) as refused:
        rank_ranges(some(4), TREE, **{"draws": 10, **options})  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_normalisation_that_fails_does_so_before_the_first_draw() -> None:
    methods = [("goalposts", "arithmetic"), ("minmax", "arithmetic")]
    with pytest.raises(DataError) as refused:
        rank_ranges(some(4).assign(c=5.0), TREE, methods=methods)
    assert refused.value.code == "constant_column"


@pytest.mark.parametrize("units", [1, 40, 2000, 5000, 70_000])
@pytest.mark.parametrize("step", [1e-9, 1e-3, 10.0])
def test_ranks_agree_with_pandas_for_few_and_for_many(units: int, step: float) -> None:
    chance = np.random.default_rng(units)
    scores = np.round(chance.normal(50, 10, (2, units)) / step) * step
    scores[:, ::7] = N
    if step == 10.0:  # one score spreads them too far for keys that carry their place
        scores[:, 1:2] *= 1e7
    slow = pd.DataFrame(scores).round(9).rank(axis=1, ascending=False, method="min").fillna(0)
    np.testing.assert_array_equal(ranks(scores), slow)
    np.testing.assert_array_equal(ranks(np.full((1, units), N)), 0)


def test_ranks_of_scores_that_differ_in_the_last_digits_only() -> None:
    scores = 1e-9 * np.random.default_rng(0).integers(0, 10**11, (1, 3000))
    scores[0, :1000] = 50 + 1e-9 * np.arange(1000)
    slow = pd.Series(scores[0]).round(9).rank(ascending=False, method="min")
    np.testing.assert_array_equal(ranks(scores)[0], slow)


GROUPS = {"x1": [0], "x2": [1], "x3": [2]}


def ishigami(inputs: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * inputs - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


@pytest.mark.parametrize("offset", [0, 10_000])
def test_indices_of_the_ishigami_function(offset: float) -> None:
    """Known in closed form; a large mean must not disturb them, as it does without centring."""
    found = sobol_indices(lambda x: ishigami(x) + offset, GROUPS, points=4096)
    np.testing.assert_allclose(found["first"], [0.3139, 0.4424, 0], atol=0.02)
    np.testing.assert_allclose(found["total"], [0.5576, 0.4424, 0.2437], atol=0.02)
    for index, known in (("first", [0.3139, 0.4424, 0]), ("total", [0.5576, 0.4424, 0.2437])):
        assert (found[f"{index}_low"] < known).all()
        assert (found[f"{index}_high"] > known).all()


def test_indices_of_inputs_varied_together() -> None:
    """Of x1 + x2 + 2 x3 the first two carry 1/6 each, the third 4/6; nothing interacts."""
    found = sobol_indices(
        lambda x: x[:, 0] + x[:, 1] + 2 * x[:, 2], {"pair": [0, 1], "x3": [2]}, points=2048
    )
    np.testing.assert_allclose(found["first"], [1 / 3, 2 / 3], atol=0.01)
    np.testing.assert_allclose(found["total"], [1 / 3, 2 / 3], atol=0.01)


def test_an_output_that_never_varies_has_no_indices() -> None:
    assert sobol_indices(lambda x: np.full(len(x), 7.0), GROUPS, points=64).isna().all(axis=None)


def test_points_are_a_power_of_two() -> None:
    with pytest.raises(DataError) as refused:
        sensitivity(some(4), TREE, points=100)
    assert refused.value.code == "parameter_outside"


def test_the_only_choice_carries_all_and_what_does_not_matter_none() -> None:
    values = some(15)
    alone = sensitivity(values, TREE, weight_noise=0, methods=[("goalposts", "arithmetic")])
    assert list(alone["factor"]) == ["left_out"]
    np.testing.assert_allclose(alone[["first", "total"]], 1, atol=0.05)
    same = values.assign(a1=values["a2"])
    shown = sensitivity(same, TREE, leave_out=False, methods=[("goalposts", "arithmetic")])
    shown = shown.set_index("node")
    # The two indicators of A are one and the same, so how they are weighed moves nobody.
    assert shown.loc["A", "total"] == pytest.approx(0, abs=1e-9)
    assert shown.loc["T", "total"] > 0.2


def test_choices_have_names_and_totals_are_not_below_first_orders() -> None:
    values = some(15)
    methods = {"normalise": ["goalposts", "minmax"], "aggregate": ["arithmetic", "harmonic"]}
    errors = pd.DataFrame({"c": 10.0}, index=values.index)
    found = sensitivity(values, TREE, methods=methods, standard_errors=errors)
    assert list(found["factor"]) == [
        *["weights"] * 3, "normalise", "aggregate", "left_out", "sampling",
    ]  # fmt: skip
    assert list(found["node"][:3]) == ["T", "A", "B"]
    assert (found["total"] > found["first"] - 0.1).all()
    pairs = [("goalposts", "arithmetic"), ("zscore", "arithmetic"), ("goalposts", "geometric")]
    assert "method" in set(sensitivity(values, TREE, methods=pairs, points=16)["factor"])
    own = sensitivity(values, TREE, unit="u3", points=64)
    assert own[["first", "total"]].notna().all(axis=None)


def test_nothing_to_choose_gives_no_row_and_no_unit_a_refusal() -> None:
    quiet = {"weight_noise": 0, "leave_out": False, "methods": [("goalposts", "arithmetic")]}
    assert sensitivity(some(4), TREE, **quiet).empty  # type: ignore[arg-type]
    with pytest.raises(DataError) as refused:
        sensitivity(some(4), TREE, unit="nobody")
    assert refused.value.code == "what_if_unknown"


@pytest.mark.parametrize("holes", [False, True])
def test_the_mean_of_all_units_has_the_draws_of_the_ranks(holes: bool) -> None:
    """The slow twin: the mean of every draw, replayed one by one."""
    values = some(7, seed=3)
    if holes:
        values.iloc[2] = N
    errors = pd.DataFrame({"a2": 5.0}, index=values.index)
    options = {"draws": 40, "seed": 4, "standard_errors": errors, "data_threshold": 0.0}
    ranges = rank_ranges(values, TREE, **options)  # type: ignore[arg-type]
    means = [ranges.replay(number)["T"].mean() for number in range(40)]
    assert ranges.of_mean() == pytest.approx(np.quantile(means, [0.05, 0.5, 0.95]), abs=1e-9)
    # Nothing varies: the mean of the declared scores, three times.
    still = {"weight_noise": 0.0, "leave_out": False, "methods": [("goalposts", "arithmetic")]}
    declared = score(values, TREE, data_threshold=0).of("T").mean()
    found = rank_ranges(values, TREE, draws=3, data_threshold=0, **still)  # type: ignore[arg-type]
    assert found.of_mean() == pytest.approx([declared] * 3, abs=1e-9)
