"""Questions, indices and blocks by township: an attacker who knows all that is shown."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from metrics.disclosure.attack import smallest_known
from metrics.disclosure.base_rule import Protection, protect, protect_items

MINIMUM = 30
KEYS = ["unit_code", "county_code", "unit_type"]
Pools = dict[str, frozenset[str]]


def county(seed: int) -> tuple[pd.DataFrame, list[str], Pools]:
    """People of a few units, which questions each answered, and what pools these."""
    rng = np.random.default_rng(seed)
    units, size = int(rng.integers(3, 10)), int(rng.integers(3, 9))
    questions = [f"q{n}" for n in range(size)]
    index, block = rng.integers(0, 3, size), rng.integers(0, 3, size)
    pools: dict[str, set[str]] = {}
    for n, question in enumerate(questions):
        pools.setdefault(f"X{index[n]}", set()).add(question)
        if rng.random() < 0.8:
            pools.setdefault(f"pair:{block[n]}", set()).add(question)
    rate = rng.choice([0.3, 0.6, 0.9, 0.97, 1.0], size)
    parts = []
    for unit in range(units):
        n, kind = int(rng.choice([20, 33, 40, 60, 90, 120])), rng.choice(["township", "street"])
        answered = rng.random((n, size)) < rate * rng.uniform(0.6, 1, size)
        named = {"unit_code": f"u{unit}", "unit_type": kind, "county_code": "1"}
        parts.append(pd.DataFrame(answered, columns=questions).assign(**named))
    people = pd.concat(parts, ignore_index=True)
    return people, questions, {name: frozenset(held) for name, held in pools.items()}


def decide(people: pd.DataFrame, questions: list[str], pools: Pools) -> Mapping[str, Protection]:
    items = {**pools, **{q: frozenset([q]) for q in questions}}
    bases = pd.concat(
        [people[people[sorted(held)].any(axis=1)].groupby(KEYS).size().rename("n").reset_index()
         .assign(item=item) for item, held in items.items()]
    )  # fmt: skip
    also = protect_items(bases, pools, MINIMUM)
    return {item: protect(bases[bases["item"].eq(item)], MINIMUM, also.get(item, ()))
            for item in items}  # fmt: skip


def recovered(
    people: pd.DataFrame, questions: list[str], pools: Pools, decided: Mapping[str, Protection]
) -> list[int]:
    """People behind one unit or two, and questions of any number, that are known and too few."""
    units = sorted(people["unit_code"].unique())
    cells = pd.MultiIndex.from_product([units, questions], names=["unit", "q"]).to_frame(
        index=False
    )
    kind = cells["unit"].map(people.groupby("unit_code")["unit_type"].first())
    shown = []
    for item, held in {**pools, **{q: frozenset([q]) for q in questions}}.items():
        mine = cells["q"].isin(held)
        shown += [mine & (True if k is None else kind.eq(k)) for k in (None, "township", "street")
                  if ("1", k) not in decided[item].totals]  # fmt: skip
        shown += [mine & cells["unit"].eq(u) for u in units if u not in decided[item].units]
    rows = np.unique(np.array([each.to_numpy(float) for each in shown]), axis=0)
    onto = np.linalg.pinv(rows) @ rows
    asked = [c for k in range(1, len(questions) + 1) for c in combinations(questions, k)]
    behind = {c: people[people[list(c)].any(axis=1)].groupby("unit_code").size() for c in asked}
    sets, sizes = [], []
    for places in [*((u,) for u in units), *combinations(units, 2)]:
        for chosen in asked:
            n = sum(int(behind[chosen].get(u, 0)) for u in places)
            if 0 < n < MINIMUM:
                one = cells["unit"].isin(places) & cells["q"].isin(chosen)
                sets.append(one.to_numpy(float))
                sizes.append(n)
    known = np.abs(np.array(sets) @ onto - np.array(sets)).max(axis=1) < 1e-7
    return list(np.array(sizes)[known])


@pytest.mark.parametrize("seed", [1, 10, 25, 62, 82, 93])
def test_no_few_people_follow_from_questions_indices_and_blocks(seed: int) -> None:
    people, questions, pools = county(seed)
    assert recovered(people, questions, pools, decide(people, questions, pools)) == []


def test_the_attacker_finds_the_smallest_group_and_what_tells_of_it() -> None:
    # Cells a, b of one unit and c, d of another; known are a + b, a + c and b + d.
    sums = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1]], dtype=float)
    people, unit = np.array([5.0, 7.0, 40.0, 50.0]), np.array([0, 0, 1, 1])
    # a and b are of the same people, at least 7 of them.
    assert smallest_known(sums, people, unit, 0, 8) == [0]
    assert smallest_known(sums, people, unit, 0, 7) is None
    assert smallest_known(sums[1:], people, unit, 0, 30) is None
