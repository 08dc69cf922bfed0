"""The base rule: nothing hidden can be worked out from what is shown."""

from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.surveys.question_bank import questions as bank
from metrics.disclosure.base_rule import Protection, protect, protect_items
from metrics.disclosure.groups import protect_groups

MINIMUM = 30


def units(*rows: tuple[str, str, str | None, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit_code", "county_code", "unit_type", "n"])


def of_one_kind(**bases: int) -> pd.DataFrame:
    return units(*((code, "1", "township", n) for code, n in bases.items()))


def test_large_bases_hide_nothing() -> None:
    assert protect(of_one_kind(a=30, b=31), MINIMUM) == Protection({}, {})


def test_one_small_unit_takes_the_smallest_other_with_it() -> None:
    # County 110 - b - c would be a's 10 respondents.
    found = protect(of_one_kind(a=10, b=60, c=40), MINIMUM)
    assert found == Protection({"a": "below_base", "c": "complement"}, {})


def test_small_units_together_below_the_base_take_another_with_them() -> None:
    # a and b are 15 people between them; with c it is 55.
    found = protect(of_one_kind(a=10, b=5, c=40, d=50), MINIMUM)
    assert found.units == {"a": "below_base", "b": "below_base", "c": "complement"}


def test_small_units_that_are_many_together_cover_each_other() -> None:
    found = protect(of_one_kind(a=20, b=20, c=40), MINIMUM)
    assert found == Protection({"a": "below_base", "b": "below_base"}, {})


def test_a_unit_without_answers_is_no_secret() -> None:
    assert protect(of_one_kind(a=0, b=40, c=50), MINIMUM) == Protection({}, {})


def test_a_county_below_the_base_is_hidden_with_all_it_has() -> None:
    found = protect(of_one_kind(a=10, b=12), MINIMUM)
    assert set(found.units) == {"a", "b"}
    assert found.totals[None, None] == found.totals["1", None] == "below_base"


def test_the_views_by_type_protect_each_other() -> None:
    # Hiding the street c (35) to protect the township a would show it in the view of streets;
    # within townships it must be b.
    found = protect(
        units(
            ("a", "1", "township", 10),
            ("b", "1", "township", 60),
            ("c", "1", "subdistrict", 35),
            ("d", "1", "subdistrict", 90),
        ),
        MINIMUM,
    )
    assert found == Protection({"a": "below_base", "b": "complement"}, {})


def test_a_small_type_closes_the_total_of_the_other() -> None:
    # All 150 minus townships 130 would be the 20 of the only street.
    found = protect(
        units(
            ("a", "1", "subdistrict", 20),
            ("b", "1", "township", 60),
            ("c", "1", "township", 70),
        ),
        MINIMUM,
    )
    assert found.units == {"a": "below_base", "b": "complement"}
    assert found.totals == {
        ("1", "subdistrict"): "below_base",
        ("1", "township"): "complement",
        (None, "subdistrict"): "below_base",
        (None, "township"): "complement",
    }


def test_a_small_county_closes_the_total_of_all_counties() -> None:
    found = protect(units(("a", "1", "township", 20), ("b", "2", "township", 60)), MINIMUM)
    assert found.units == {"a": "below_base"}
    assert found.totals[None, None] == "complement"
    assert ("2", None) not in found.totals


tables = st.lists(
    st.tuples(
        st.sampled_from(["1", "2"]),
        st.sampled_from(["township", "subdistrict", None]),
        st.sampled_from([0, 1, 9, 14, 15, 16, 29, 30, 31, 60, 100]),
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: units(*((f"u{i}", *row) for i, row in enumerate(rows))))


@settings(max_examples=300, deadline=None)
@given(tables)
def test_what_is_shown_never_tells_of_fewer_than_the_base(table: pd.DataFrame) -> None:
    """Solve the shown totals for every set of hidden units, as a patient reader would."""
    found = protect(table, MINIMUM)
    answered = table[table["n"] > 0]
    hidden = answered[answered["unit_code"].isin(found.units)]
    equations = [
        hidden["unit_code"].isin(answered.loc[member, "unit_code"]).to_numpy(float)
        for total, member in totals_of(answered)
        if total not in found.totals
    ]
    known = np.array([e for e in equations if e.any()])
    for size in range(1, len(hidden) + 1):
        for chosen in combinations(range(len(hidden)), size):
            group = np.isin(np.arange(len(hidden)), chosen).astype(float)
            if len(known) and solvable(known, group):
                assert size > 1
                assert hidden["n"].to_numpy() @ group >= MINIMUM


def solvable(known: np.ndarray, group: np.ndarray) -> bool:
    rank = np.linalg.matrix_rank(known)
    return bool(np.linalg.matrix_rank(np.vstack([known, group])) == rank)


def totals_of(table: pd.DataFrame) -> list[tuple[tuple[str | None, str | None], pd.Series]]:
    """Every total a view can show, with its members."""
    found = []
    for county, kind in chain(
        *([(c, None), (c, "township"), (c, "subdistrict")] for c in ("1", "2", None))
    ):
        member = pd.Series(True, index=table.index)
        if county:
            member &= table["county_code"] == county
        if kind:
            member &= table["unit_type"] == kind
        found.append(((county, kind), member))
    return found


@settings(max_examples=200, deadline=None)
@given(tables)
def test_every_small_figure_is_hidden_and_reasons_are_right(table: pd.DataFrame) -> None:
    found = protect(table, MINIMUM)
    for row in table.itertuples():
        reason = found.units.get(row.unit_code)
        if row.n == 0:
            assert reason is None
        elif row.n < MINIMUM:
            assert reason == "below_base"
        else:
            assert reason in (None, "complement")
    for total, member in totals_of(table):
        n = table.loc[member, "n"].sum()
        if 0 < n < MINIMUM:
            assert found.totals[total] == "below_base"


@settings(max_examples=100, deadline=None)
@given(tables, st.randoms())
def test_the_order_of_the_units_changes_nothing(table: pd.DataFrame, random: object) -> None:
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert protect(table.iloc[order], MINIMUM) == protect(table, MINIMUM)


@pytest.mark.parametrize("minimum", [10, 30, 100])
def test_the_minimum_is_the_callers(minimum: int) -> None:
    found = protect(of_one_kind(a=minimum - 1, b=minimum, c=10 * minimum), minimum)
    assert found.units == {"a": "below_base", "b": "complement"}


# Groups of people: a table of units and groups, whose margins are known.


def cells(*rows: tuple[str, str | None, dict[str, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(code, "1", kind, level, n) for code, kind, levels in rows for level, n in levels.items()],
        columns=["unit_code", "county_code", "unit_type", "level", "n"],
    )


def test_large_groups_hide_nothing() -> None:
    table = cells(("a", "township", {"f": 30, "m": 31}), ("b", "township", {"f": 40, "m": 50}))
    found = protect_groups(table, MINIMUM)
    assert not found.units
    assert not any(found.totals.values())


def test_a_unit_with_a_small_group_is_not_divided_and_another_covers_it() -> None:
    # County 160 men − 40 of b − 50 of c would be... all men; women 110 − 50 − 55 are a's 5.
    table = cells(
        ("a", "township", {"f": 5, "m": 70}),
        ("b", "township", {"f": 50, "m": 40}),
        ("c", "township", {"f": 55, "m": 50}),
    )
    found = protect_groups(table, MINIMUM)
    assert found.units == {
        "a": {"f": "below_base", "m": "complement"},
        "b": {"f": "complement", "m": "complement"},
    }
    assert not any(found.totals.values())


def test_a_small_group_of_the_county_takes_the_smallest_other_with_it() -> None:
    table = cells(
        ("a", "township", {"x": 4, "y": 60, "z": 90}), ("b", "township", {"x": 5, "y": 70, "z": 95})
    )
    found = protect_groups(table, MINIMUM)
    assert found.totals["1", None] == {"x": "below_base", "y": "complement"}
    assert set(found.units) == {"a", "b"}


def test_who_did_not_say_is_a_group_like_any_other() -> None:
    table = cells(
        ("a", "township", {"f": 60, "m": 70, "": 4}), ("b", "township", {"f": 60, "m": 70, "": 4})
    )
    assert protect_groups(table, MINIMUM).totals["1", None] == {
        "": "below_base",
        "f": "complement",
    }


divided = st.lists(
    st.tuples(
        st.sampled_from(["township", "subdistrict", None]),
        st.lists(st.sampled_from([0, 4, 14, 16, 30, 31, 60]), min_size=3, max_size=3),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: cells(
        *((f"u{i}", kind, dict(zip("xyz", n, strict=True))) for i, (kind, n) in enumerate(rows))
    )
)


@settings(max_examples=150, deadline=None)
@given(divided)
def test_groups_shown_never_tell_of_fewer_than_the_base(table: pd.DataFrame) -> None:
    """Solve everything shown, units and groups, for every set of hidden cells."""
    found = protect_groups(table, MINIMUM)
    sizes = table.groupby(["unit_code", "county_code"], as_index=False).agg(
        n=("n", "sum"), unit_type=("unit_type", "first")
    )
    units = protect(sizes, MINIMUM)
    named = zip(table["unit_code"], table["level"], strict=True)
    hidden = np.array([level in found.units.get(code, {}) for code, level in named])
    secret = table[hidden | table["n"].eq(0).to_numpy()]
    if secret.empty:
        return
    known = []
    for code in set(table["unit_code"]) - set(units.units):
        known.append(secret["unit_code"].eq(code).to_numpy(float))
    for kind in (None, "township", "subdistrict"):
        inside = secret["unit_type"].eq(kind) if kind else pd.Series(True, index=secret.index)
        if ("1", kind) not in units.totals:
            known.append(inside.to_numpy(float))
        for level in "xyz":
            if level not in found.totals.get(("1", kind), {}):
                known.append((inside & secret["level"].eq(level)).to_numpy(float))
    # Numbers of a subset, added up, that the known ones determine: those in their span.
    rows = np.array([row for row in known if row.any()]).reshape(-1, len(secret))
    onto = np.linalg.pinv(rows) @ rows if len(rows) else np.zeros((len(secret),) * 2)
    sets = (np.arange(1, 1 << len(secret))[:, None] >> np.arange(len(secret))) & 1
    told = np.abs(sets @ onto - sets).max(axis=1) < 1e-7
    n = sets[told] @ secret["n"].to_numpy()
    assert ((n == 0) | (n >= MINIMUM)).all()


def bank_pools() -> dict[str, frozenset[str]]:
    """The indices and blocks of the question bank with their questions."""
    pools: dict[str, set[str]] = {}
    for each in bank("resident"):
        for name in filter(None, [each.index_code, each.pair_dim and f"pair:{each.pair_dim}"]):
            if each.answer_type == "sat5":
                pools.setdefault(name, set()).add(each.question_id)
    return {name: frozenset(asked) for name, asked in pools.items()}


def test_a_hidden_question_takes_the_next_of_its_index_with_it() -> None:
    rows = [("X", 90), ("p", 90), ("q", 80), ("r", 20)]
    bases = pd.concat([of_one_kind(a=n, b=n if item != "r" else 90, c=90).assign(item=item)
                       for item, n in rows])  # fmt: skip
    # X less p and q would be what 20 people said of r; b covers them, and b less p and q likewise.
    also = protect_items(bases, {"X": frozenset("pqr")}, MINIMUM)
    assert {item: set(where) for item, where in also.items() if where} == {"q": {"a", "b"}}
    # Nothing else is asked: the index is hidden itself.
    also = protect_items(bases, {"X": frozenset("r")}, MINIMUM)
    assert "a" in also["X"]


@pytest.mark.parametrize("seed", range(3))
def test_no_small_question_is_a_combination_of_what_a_township_shows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pools = bank_pools()
    asked = sorted(frozenset().union(*pools.values()))
    towns = ["a", "b", "c", "d"]
    n = {q: np.where(rng.random(4) < 0.15, rng.integers(1, 30, 4), 70 + rng.integers(0, 9, 4))
         for q in asked}  # fmt: skip
    n |= {name: np.max([n[q] for q in held], axis=0) for name, held in pools.items()}
    bases = pd.concat([of_one_kind(**dict(zip(towns, own, strict=True))).assign(item=item)
                       for item, own in n.items()])  # fmt: skip
    also = protect_items(bases, pools, MINIMUM)
    secret = {
        item: protect(part, MINIMUM, also.get(item, ())).units
        for item, part in bases.groupby("item")
    }
    questions = {q: frozenset([q]) for q in asked}
    small = 0
    for place, town in enumerate(towns):
        shown = [held for item, held in {**questions, **pools}.items() if town not in secret[item]]
        known = np.array([[q in held for q in asked] for held in shown], dtype=float)
        rank = np.linalg.matrix_rank(known)
        for number, q in enumerate(asked):
            if n[q][place] < MINIMUM:
                small += 1
                one = np.eye(len(asked))[[number]]
                assert np.linalg.matrix_rank(np.vstack([known, one])) > rank, (town, q)
    assert small > 3
