"""The doors of the calculating half as a stranger calls them: any table, wrong input, no number."""

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.coordinates import convert
from data.errors import DataError
from metrics import coverage, scoring, survey

N = np.nan
ANSWERS = pd.DataFrame(
    {
        "town": list("aabbcc"),
        "village": [1, 2, 3, 4, 5, 6],
        "w": [1.0, 2, 1, 1, 3, 1],
        "y": [1.0, 2, 3, 4, 5, N],
        "g": list("xyxyxy"),
    }
)
DESIGN: dict[str, Any] = {"strata": "town", "psu": "village", "weight": "w"}
META = pd.DataFrame(
    {
        "id": ["a", "b", "c", "A"],
        "parent": ["A", "A", "T", "T"],
        "weight": [1.0, 3, 1, 1],
        "direction": [1, -1, 1, N],
        "goal_low": [0.0, 0, 10, N],
        "goal_high": [100.0, 50, 90, N],
        "level": [2, 2, 1, 1],
    }
)
SCHEME = scoring.Scheme.from_frame(META)
VALUES = pd.DataFrame(
    {
        "unit": ["U1", "U2", "U3", "U4"],
        "a": [0.0, 40, 100, N],
        "b": [40.0, 20, N, 5],
        "c": [10.0, 90, 40, 70],
    }
)
PLACES = pd.DataFrame({"lon": [116.0, 116.01], "lat": [39.0, 39.0], "population": [100, 200]})
SUPPLY = pd.DataFrame({"id": ["F"], "lon": [116.0], "lat": [39.0], "capacity": [10]})
MARGIN = {"g": {"x": 10, "y": 20}}


@pytest.mark.parametrize("kind", [pa.Table.from_pandas, duckdb.from_df])
def test_every_kind_of_table_gives_the_same_answer(kind: Callable[[pd.DataFrame], Any]) -> None:
    plain = survey.estimate(ANSWERS, "y", by="g", **DESIGN)
    pd.testing.assert_frame_equal(survey.estimate(kind(ANSWERS), "y", by="g", **DESIGN), plain)
    scheme = scoring.Scheme.from_frame(kind(META))
    expected = scoring.score(VALUES.set_index("unit"), SCHEME)
    for values in (VALUES, kind(VALUES)):
        pd.testing.assert_frame_equal(scoring.score(values, scheme).table, expected.table)
    drawn = scoring.rank_ranges(kind(VALUES), scheme, draws=5).table
    pd.testing.assert_frame_equal(drawn, scoring.rank_ranges(VALUES, SCHEME, draws=5).table)
    signs = {"a": 1, "b": -1, "c": 1}
    for weigh in (scoring.weights_entropy, scoring.weights_critic):
        pd.testing.assert_series_equal(weigh(kind(VALUES), signs), weigh(VALUES, signs))
    near = coverage.nearest(kind(PLACES), kind(SUPPLY))
    pd.testing.assert_frame_equal(near, coverage.nearest(PLACES, SUPPLY))


def _score(**options: Any) -> Any:
    return scoring.score(VALUES, SCHEME, **options)


def _values(**changes: Any) -> Any:
    return scoring.score(VALUES.assign(**changes), SCHEME)


def _meta(**changes: Any) -> Any:
    return scoring.score(VALUES, scoring.Scheme.from_frame(META.assign(**changes)))


def _mean(**changes: Any) -> Any:
    return survey.estimate(ANSWERS.assign(**changes), "y", **DESIGN)


def _access(**options: Any) -> Any:
    return coverage.floating_catchment(PLACES, SUPPLY, 900, method="E2SFCA", **options)


WRONG: list[tuple[str, Callable[[], Any]]] = [
    # Texts that look like numbers are codes, or columns read without their type.
    ("not_numeric", lambda: _mean(y=list("123456"))),
    ("not_numeric", lambda: _mean(w=list("123456"))),
    ("not_numeric", lambda: _mean(y=np.inf)),
    ("level_outside", lambda: survey.estimate(ANSWERS, "y", level="0.9")),  # type: ignore[arg-type]
    ("level_outside", lambda: survey.estimate(ANSWERS, "y", level=None)),  # type: ignore[arg-type]
    ("margins_missing", lambda: survey.rake(ANSWERS, [1])),  # type: ignore[arg-type]
    ("margin_totals_invalid", lambda: survey.rake(ANSWERS, {"g": {"x": "1", "y": 2}})),  # type: ignore[dict-item]
    ("trim_invalid", lambda: survey.rake(ANSWERS, MARGIN, trim=3)),  # type: ignore[arg-type]
    ("trim_invalid", lambda: survey.rake(ANSWERS, MARGIN, trim=(None, 3))),  # type: ignore[arg-type]
    ("parameter_outside", lambda: survey.rake(ANSWERS, MARGIN, tolerance=-1)),
    ("parameter_outside", lambda: survey.rake(ANSWERS, MARGIN, tolerance=N)),
    ("p_values_invalid", lambda: survey.adjust(0.1)),  # type: ignore[arg-type]
    ("p_values_invalid", lambda: survey.adjust(["0.1"])),  # type: ignore[list-item]
    # An item, a weight or a unit is named by its column; the column itself is not asked for.
    ("item_count", lambda: survey.estimate(ANSWERS, None)),  # type: ignore[arg-type]
    ("columns_missing", lambda: survey.estimate(ANSWERS, 3)),  # type: ignore[arg-type]
    ("column_unnamed", lambda: survey.estimate(ANSWERS, "y", weight=ANSWERS["w"])),  # type: ignore[arg-type]
    ("column_unnamed", lambda: survey.estimate(ANSWERS, "y", psu=["village"])),  # type: ignore[arg-type]
    ("column_unnamed", lambda: survey.difference(ANSWERS, "y", ["g"])),  # type: ignore[arg-type]
    ("column_unnamed", lambda: coverage.reach(PLACES, SUPPLY, 9, weight=None)),  # type: ignore[arg-type]
    ("column_of_lists", lambda: _mean(village=[[1], [2], [3], [4], [5], [6]])),
    ("column_of_lists", lambda: survey.rake(ANSWERS.assign(g=[["x"]] * 6), MARGIN)),
    ("not_numeric", lambda: _mean(y=[b"1"] * 6)),
    ("not_numeric", lambda: _mean(y=1 + 2j)),
    ("item_count", lambda: survey.alpha(ANSWERS, None)),  # type: ignore[arg-type]
    ("probability_outside", lambda: survey.quantile(ANSWERS, "y", "0.5")),  # type: ignore[arg-type]
    ("probability_outside", lambda: survey.quantile(ANSWERS, "y", None)),  # type: ignore[arg-type]
    ("margins_missing", lambda: survey.rake(ANSWERS, {"g": [10, 20]})),  # type: ignore[dict-item]
    ("margins_missing", lambda: survey.rake(ANSWERS, {"g": 10})),  # type: ignore[dict-item]
    ("answers_not_a_table", lambda: scoring.score(VALUES, None)),
    ("scheme_tree", lambda: _meta(id=["a", None, "c", "A"])),
    ("scheme_tree", lambda: _meta(id=["1", 1, "c", "A"])),
    ("node_unknown", lambda: _score().of("Z")),
    ("node_unknown", lambda: _score().ranks("Z")),
    ("node_unknown", lambda: _score().coverage("Z")),
    ("what_if_unknown", lambda: _score().what_if("U1", [("a", 1)])),
    ("methods_none", lambda: scoring.rank_ranges(VALUES, SCHEME, methods=None)),  # type: ignore[arg-type]
    ("method_unknown", lambda: scoring.rank_ranges(VALUES, SCHEME, methods="geometric")),  # type: ignore[arg-type]
    ("method_unknown", lambda: scoring.rank_ranges(VALUES, SCHEME, methods=["rank"])),  # type: ignore[list-item]
    ("method_unknown", lambda: scoring.rank_ranges(VALUES, SCHEME, methods={"mean": ["x"]})),
    ("parameter_outside", lambda: scoring.rank_ranges(VALUES, SCHEME, bands=["A"])),  # type: ignore[list-item]
    ("ahp_shape", lambda: scoring.weights_ahp([[1, 2], [1]])),
    ("ahp_shape", lambda: scoring.weights_ahp(3)),  # type: ignore[arg-type]
    ("ahp_shape", lambda: scoring.weights_ahp(np.ones((2, 2, 2)))),
    ("direction_unclear", lambda: scoring.weights_critic(VALUES[["a"]], [1, 1])),
    ("answers_not_a_table", lambda: scoring.weights_critic(np.ones((2, 2, 2)), [1, 1])),
    ("bands_invalid", lambda: _access(bands=5)),
    # Latitude and longitude swapped, or metres of a grid.
    ("place_invalid", lambda: convert(39, 116, "GCJ02")),
    ("place_invalid", lambda: convert(500_000, 4_300_000, "CGCS2000")),
    ("columns_missing", lambda: scoring.Scheme.from_frame(META.drop(columns="weight"))),
    ("weight_invalid", lambda: _meta(weight=["much", 1, 1, 1])),
    ("weight_invalid", lambda: _meta(weight=np.inf)),
    ("direction_invalid", lambda: _meta(direction=["up", 1, 1, 1])),
    ("direction_invalid", lambda: _meta(direction=N)),
    ("not_numeric", lambda: _meta(goal_low="0")),
    ("goalposts_invalid", lambda: _meta(goal_low=100.0, goal_high=0.0)),
    ("goalposts_invalid", lambda: _meta(goal_high=100.0, goal_low=100.0)),
    ("units_invalid", lambda: _values(unit=["U1", "U1", "U2", "U3"])),
    ("units_invalid", lambda: _values(unit=["U1", None, "U2", "U3"])),
    ("not_numeric", lambda: _values(a=list("1234"))),
    ("columns_repeated", lambda: scoring.score(pd.concat([VALUES, VALUES[["a"]]], axis=1), SCHEME)),
    ("parameter_outside", lambda: _score(data_threshold=1.5)),
    ("parameter_outside", lambda: _score(data_threshold=N)),
    ("parameter_outside", lambda: _score(data_threshold="much")),
    ("method_unknown", lambda: _score(aggregate=None)),
    ("floor_invalid", lambda: _score(aggregate="geometric", floor=100)),
    ("not_numeric", lambda: _score().what_if("U1", {"a": "much"})),
    ("parameter_outside", lambda: scoring.rank_ranges(VALUES, SCHEME, draws=1.5)),  # type: ignore[arg-type]
    ("parameter_outside", lambda: scoring.rank_ranges(VALUES, SCHEME, seed=1.5)),  # type: ignore[arg-type]
    ("answers_not_a_table", lambda: scoring.rank_ranges(VALUES, SCHEME, standard_errors=3)),
    ("no_scored_unit", lambda: scoring.rank_ranges(VALUES.assign(a=N, b=N, c=N), SCHEME)),
    ("not_numeric", lambda: scoring.weights_ahp([["1", "x"], ["x", "1"]])),  # type: ignore[list-item]
    ("not_numeric", lambda: scoring.weights_entropy(VALUES.assign(a="x")[["a"]], [1])),
    ("direction_unclear", lambda: scoring.weights_critic(VALUES[["a"]], 1)),  # type: ignore[arg-type]
    ("not_numeric", lambda: coverage.nearest(PLACES.astype(str), SUPPLY)),
    ("radius_invalid", lambda: coverage.reach(PLACES, SUPPLY, "1000")),
    ("radius_invalid", lambda: coverage.reach(PLACES, SUPPLY, True)),
    ("number_invalid", lambda: coverage.best_sites(PLACES, SUPPLY, 1500, "2")),  # type: ignore[arg-type]
    ("not_numeric", lambda: coverage.gini(["1", "2"])),
    ("coordinates_invalid", lambda: convert("116", 39, "GCJ02")),
    ("coordinates_invalid", lambda: convert(pd.Series(["116", None]), [39, 39], "GCJ02")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "call"), WRONG)
def test_wrong_input_is_refused_and_never_a_number(code: str, call: Callable[[], Any]) -> None:
    with pytest.raises(DataError) as refused:
        call()
    assert refused.value.code == code


def test_what_strangers_may_write_as_well() -> None:
    """None for no domains, a table for a scheme, a Series of directions or of margins."""
    plain = survey.estimate(ANSWERS, "y", **DESIGN)
    pd.testing.assert_frame_equal(survey.estimate(ANSWERS, "y", by=None, **DESIGN), plain)  # type: ignore[arg-type]
    whole = coverage.reach(PLACES, SUPPLY, 1500, by=None)  # type: ignore[arg-type]
    assert whole["inside"].tolist() == [300]
    expected = scoring.score(VALUES, SCHEME).table
    pd.testing.assert_frame_equal(scoring.score(VALUES, META).table, expected)
    drawn = scoring.rank_ranges(VALUES, META, draws=3, methods=[["goalposts", "harmonic"]])  # type: ignore[list-item]
    assert set(drawn.draws["aggregate"]) == {"harmonic"}
    alone = scoring.rank_ranges(VALUES, META, draws=3, methods={"aggregate": "harmonic"})  # type: ignore[dict-item]
    pd.testing.assert_frame_equal(alone.table, drawn.table)
    indices = scoring.sensitivity(VALUES, META, points=8)
    pd.testing.assert_frame_equal(indices, scoring.sensitivity(VALUES, SCHEME, points=8))
    signs = {"c": 1, "b": -1, "a": 1}
    for given in (signs, pd.Series(signs)):
        weight = scoring.weights_critic(VALUES[["a", "b", "c"]], given)  # type: ignore[arg-type]
        pd.testing.assert_series_equal(weight, scoring.weights_critic(VALUES, [1, -1, 1]))
    raked = survey.rake(ANSWERS, {"g": pd.Series({"x": 10, "y": 20})}, trim=np.array([0.1, 9]))  # type: ignore[dict-item,arg-type]
    assert raked.groupby(ANSWERS["g"]).sum().tolist() == pytest.approx([10, 20])
    again = scoring.score(VALUES, SCHEME).what_if("U1", pd.Series({"a": 50}))  # type: ignore[arg-type]
    assert again.of("a")["U1"] == 50


def test_no_order_of_names_turns_the_sign_of_a_change() -> None:
    """Categories often stand as the rows came, and as a text '10' stands before '9'."""
    waves = ANSWERS.assign(wave=[2025, 2024, 2025, 2024, 2025, 2025])
    plain = survey.difference(waves, "y", "wave", weight="w")
    as_they_came = pd.Categorical(waves["wave"], categories=[2025, 2024])
    found = survey.difference(waves.assign(wave=as_they_came), "y", "wave", weight="w")
    assert found["earlier_wave"][0] == 2024
    assert found["estimate"][0] == plain["estimate"][0] != 0
    for names in (["9", "10"], ["第9期", "第10期"], ["2025-9", "2025-10"], [9, "10"]):
        named = waves["wave"].map(dict(zip([2024, 2025], names, strict=True)))
        for column in (named, named.astype("category")):
            found = survey.difference(waves.assign(wave=column), "y", "wave", weight="w")
            assert found["earlier_wave"][0] == names[0]
            assert found["estimate"][0] == plain["estimate"][0]
    # An order that is declared is an order.
    declared = as_they_came.as_ordered()
    found = survey.difference(waves.assign(wave=declared), "y", "wave", weight="w")
    assert found["estimate"][0] == -plain["estimate"][0]


def test_a_scheme_may_say_what_strangers_write() -> None:
    """Numbers as ids, goalposts in order of size where less is better, a row for the root."""
    meta = pd.DataFrame(
        {
            "id": [1, 2, 9],
            "parent": [9, 9, None],
            "weight": [1, 3, N],
            "direction": [1, -1, N],
            "goal_low": [0, 0, N],
            "goal_high": [10, 50, N],
        }
    ).astype({"parent": object})
    scores = scoring.score(
        pd.DataFrame({1: [5], 2: [10]}, index=["U"]), scoring.Scheme.from_frame(meta)
    )
    # (1 · 50 + 3 · (50 − 10) / 50 · 100) / 4
    assert scores.of("9")["U"] == pytest.approx(72.5)


def _points(values: list[float], direction: int, normalise: str) -> list[float]:
    """Normalise one column by the definitions, a value at a time."""
    x = [direction * value for value in values]
    known = [value for value in x if value == value]
    mean = sum(known) / len(known)
    spread = (sum((value - mean) ** 2 for value in known) / (len(known) - 1)) ** 0.5
    low, high = min(known), max(known)

    def points(value: float) -> float:
        below = sum(other < value for other in known)
        return {
            "minmax": 100 * (value - low) / (high - low),
            "zscore": (value - mean) / spread,
            "percentile": 100 * below / (len(known) - 1),
            "rank": 1 + below,
        }[normalise]

    return [points(value) if value == value else N for value in x]


def _mean_of(points: list[float], weights: list[float], aggregate: str) -> float:
    held = [(p, w) for p, w in zip(points, weights, strict=True) if p == p]
    total = sum(w for _, w in held)
    if not held or total < 0.6 * sum(weights):
        return N
    if aggregate == "arithmetic":
        return sum(w * p for p, w in held) / total
    if aggregate == "geometric":
        return float(np.prod([max(p, 1) ** (w / total) for p, w in held]))
    return total / sum(w / max(p, 1) for p, w in held)


@pytest.mark.parametrize(
    ("normalise", "aggregate"),
    [
        ("zscore", "arithmetic"),
        *product(["minmax", "percentile", "rank"], scoring.AGGREGATIONS[:3]),
    ],
)
def test_scores_equal_the_slow_twin(normalise: str, aggregate: str) -> None:
    drawn = np.random.default_rng(7)
    table = pd.DataFrame(drawn.integers(0, 9, (12, 5)) * 1.5, columns=list("abcde"))
    table[drawn.random((12, 5)) < 0.25] = N
    signs, weights = [1, -1, 1, 1, -1], [1.0, 2, 3, 1, 5]
    meta = pd.DataFrame(
        {"id": list("abcde"), "parent": list("PPPTT"), "weight": weights, "direction": signs}
    )
    tree = pd.concat([meta, pd.DataFrame({"id": ["P"], "parent": ["T"], "weight": [4.0]})])
    scores = scoring.score(
        table, scoring.Scheme.from_frame(tree), normalise=normalise, aggregate=aggregate
    )
    points = [_points(list(table[c]), s, normalise) for c, s in zip(table, signs, strict=True)]
    for row in range(len(table)):
        own = [column[row] for column in points]
        branch = _mean_of(own[:3], weights[:3], aggregate)
        # What is scored below carries the root, by the share of its own data.
        data = sum(w for p, w in zip(own[:3], weights, strict=False) if p == p) / 6
        carried = (branch == branch) * data * 4
        carried += sum(w for p, w in zip(own[3:], weights[3:], strict=True) if p == p)
        loose = [*own[3:], branch]
        total = N
        if carried >= 0.6 * 10:
            kept = [(p, w) for p, w in zip(loose, [1.0, 5, 4], strict=True) if p == p]
            total = _mean_of([p for p, _ in kept], [w for _, w in kept], aggregate)
        assert scores.of("P")[row] == pytest.approx(branch, nan_ok=True)
        assert scores.of("T")[row] == pytest.approx(total, nan_ok=True)
    order = scores.of("T")[scores.ranks().notna()].sort_values(ascending=False)
    assert all(scores.ranks()[a] <= scores.ranks()[b] for a, b in pairwise(order.index))
