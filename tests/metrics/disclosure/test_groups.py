"""Groups of an index and of its questions together: an attacker who knows all that is shown.

The reader of every figure knows sums of answers over unit × question × group. Sets of these cells
that are a combination of what is shown must rest on enough people.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest

from metrics.disclosure.base_rule import Protection, protect, protect_items
from metrics.disclosure.groups import GroupProtection, protect_groups, protect_index

MINIMUM = 30
INDEX = "X"
KEYS = ["unit_code", "county_code", "unit_type"]
Decided = tuple[Mapping[str, Protection], Mapping[str, GroupProtection]]


def county(seed: int) -> tuple[pd.DataFrame, list[str]]:
    """People of a few units with their group, and whether they answered each question."""
    rng = np.random.default_rng(seed)
    questions = [f"q{n}" for n in range(rng.integers(1, 5))]
    groups = rng.integers(2, 4)
    rates = rng.choice([0.5, 0.8, 0.9, 0.97, 1.0], len(questions))
    parts = []
    for unit in range(rng.integers(3, 6)):
        n = int(rng.choice([35, 60, 80, 100, 140, 200]))
        level = rng.choice(groups, n, p=rng.dirichlet(np.full(groups, rng.choice([1, 3, 10]))))
        answered = rng.random((n, len(questions))) < rates
        part = pd.DataFrame(answered, columns=questions).assign(level=[f"g{k}" for k in level])
        kind = rng.choice(["township", "subdistrict"])
        parts.append(part.assign(unit_code=f"u{unit}", county_code="1", unit_type=kind))
    return pd.concat(parts, ignore_index=True), questions


def answered(people: pd.DataFrame, questions: list[str]) -> dict[str, pd.DataFrame]:
    """Those behind the index and behind each question."""
    items = {q: people[people[q]] for q in questions if people[q].any()}
    return {INDEX: people[people[questions].any(axis=1)], **items}


def decide(people: pd.DataFrame, questions: list[str], *, together: bool = True) -> Decided:
    items = answered(people, questions)
    bases = pd.concat(
        [own.groupby(KEYS).size().rename("n").reset_index().assign(item=item)
         for item, own in items.items()]
    )  # fmt: skip
    also = protect_items(bases, {INDEX: frozenset(questions)}, MINIMUM)
    wholes = {
        item: protect(bases[bases["item"].eq(item)], MINIMUM, also.get(item, ())) for item in items
    }
    cells = {
        item: own.groupby([*KEYS, "level"]).size().rename("n").reset_index()
        for item, own in items.items()
    }
    if together:
        return wholes, protect_index(INDEX, cells, MINIMUM, also)
    return wholes, {i: protect_groups(own, MINIMUM, also.get(i, ())) for i, own in cells.items()}


def known(cells: pd.DataFrame, decided: Decided) -> np.ndarray:
    """Every figure that is shown, as the cells it adds up."""
    wholes, groups = decided
    everything = pd.Series(True, index=cells.index)
    found = []
    for item, whole in wholes.items():
        mine = everything if item == INDEX else cells["question"].eq(item)
        for kind in (None, "township", "subdistrict"):
            inside = mine & (everything if kind is None else cells["unit_type"].eq(kind))
            if ("1", kind) in whole.totals:
                continue
            hidden = groups[item].totals.get(("1", kind), {})
            found += [inside, *(inside & cells["level"].eq(level)
                                for level in set(cells["level"]) - set(hidden))]  # fmt: skip
        for unit in cells["unit_code"].unique():
            inside = mine & cells["unit_code"].eq(unit)
            if unit not in whole.units:
                found.append(inside)
            if unit not in groups[item].units:
                found += [inside & cells["level"].eq(level) for level in cells["level"].unique()]
    rows = np.array([each.to_numpy(float) for each in found if each.any()])
    return np.unique(rows.reshape(-1, len(cells)), axis=0)


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(names, k + 1) for k in range(len(names))))


def recovered(people: pd.DataFrame, questions: list[str], decided: Decided) -> list[int]:
    """People behind every set units × questions × groups that is known and has too few of them."""
    axes = [sorted(people["unit_code"].unique()), questions, sorted(people["level"].unique())]
    every = pd.MultiIndex.from_product(axes, names=["unit_code", "question", "level"])
    cells = every.to_frame(index=False)
    kinds = people.groupby("unit_code")["unit_type"].first()
    cells["unit_type"] = cells["unit_code"].map(kinds)
    shown = known(cells, decided)
    onto = np.linalg.pinv(shown) @ shown
    sizes, sets = [], []
    for asked in subsets(questions):
        those = people[people[list(asked)].any(axis=1)]
        n = pd.crosstab(those["unit_code"], those["level"]).reindex(index=axes[0], columns=axes[2])
        behind = n.fillna(0).to_numpy()
        for units, levels in product(subsets(axes[0]), subsets(axes[2])):
            parts = zip(axes, (units, asked, levels), strict=True)
            chosen = [np.isin(axis, part) for axis, part in parts]
            sizes.append(behind[np.ix_(chosen[0], chosen[2])].sum())
            sets.append(np.einsum("u,q,g->uqg", *chosen).ravel())
    few = np.array(sizes) < MINIMUM
    rows = np.array(sets, dtype=float)[few & (np.array(sizes) > 0)]
    told = np.abs(rows @ onto - rows).max(axis=1, initial=0) < 1e-7
    return list(np.array(sizes)[few & (np.array(sizes) > 0)][told])


@pytest.mark.parametrize("seed", [5, 8, 9, 13, 33, 45])
def test_no_few_people_follow_from_an_index_and_its_questions(seed: int) -> None:
    people, questions = county(seed)
    assert recovered(people, questions, decide(people, questions)) == []


def test_decided_one_by_one_they_give_each_other_away() -> None:
    people, questions = county(5)
    assert recovered(people, questions, decide(people, questions, together=False))
