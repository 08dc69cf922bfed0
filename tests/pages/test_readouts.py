"""The matrix of judgements as people type it."""

import pandas as pd
import pytest

from data.errors import DataError
from metrics.assessment.weight_readouts import (
    COLUMNS,
    consistent,
    judged,
    most_inconsistent,
)
from pages.shared.methods.readout_panels import matrix, pairs_of, upper_of, weights

HEAD = "block,name,A,B1,B2\n"


def read(rows: str) -> tuple[tuple[float, ...], ...]:
    return matrix((HEAD + rows).encode("utf-8-sig"), ["A", "B1", "B2"], "ahp.csv")


def test_fractions_and_blanks_below_the_diagonal_are_read_by_name() -> None:
    # Rows in another order, and nothing below the diagonal: what counts is the name.
    found = read("B2,c,,,1\nA,a,1,3,1/5\nB1,b,,1,0.25\n")
    assert [found[0][1], found[0][2], found[1][2]] == [3, 0.2, 0.25]


@pytest.mark.parametrize(
    "rows",
    [
        "A,a,1,3,\nB1,b,,1,1\nB2,c,,,1\n",
        "A,a,1,3,viel\nB1,b,,1,1\nB2,c,,,1\n",
        "A,a,1,3,1/0\nB1,b,,1,1\nB2,c,,,1\n",
        "A,a,1,3,1\nB1,b,,1,1\n",
    ],
)
def test_a_matrix_with_holes_or_words_is_refused(rows: str) -> None:
    with pytest.raises(DataError) as caught:
        read(rows)
    assert caught.value.code == "ahp_unreadable"


def test_pairs_chosen_one_by_one_are_the_matrix_of_the_file() -> None:
    pairs = pairs_of(["A", "B1", "B2"])
    assert pairs.values.tolist() == [["A", "B1", "1"], ["A", "B2", "1"], ["B1", "B2", "1"]]
    typed = upper_of(pairs.assign(judged=["3", "1/5", "1/4"]), ["A", "B1", "B2"])
    assert typed[0][1:] == (3.0, 0.2)
    assert typed[1][2] == 0.25


def test_the_comparison_that_fits_least_is_named() -> None:
    blocks = ["A", "B1", "B2", "C"]
    # A is twice B1, B1 twice B2, B2 twice C: then A is eight times C; judged a half instead.
    sound = upper_of(pairs_of(blocks).assign(judged=["2", "4", "8", "2", "4", "2"]), blocks)
    assert consistent(judged(sound, blocks).consistency_ratio)
    wrong = upper_of(pairs_of(blocks).assign(judged=["2", "4", "1/2", "2", "4", "2"]), blocks)
    assert not consistent(judged(wrong, blocks, confirmed=True).consistency_ratio)
    a, b, told, fits = most_inconsistent(wrong, blocks)
    assert (a, b, told) == ("A", "C", 0.5)
    # The weights lean towards the five other comparisons, and cannot undo this one.
    assert 1 < fits < 8


def test_every_way_of_weighing_is_said() -> None:
    rows = [
        (method, block, 50.0, 50.0, 9, n)
        for n, method in enumerate(("entropy", "critic", "ahp"))
        for block in ("A", "C")
    ]
    panel = weights(pd.DataFrame(rows, columns=COLUMNS))
    for said in ("按熵权法，**0 个", "按 CRITIC 法，**1 个", "按层次分析法，**2 个"):
        assert said in panel.sentence
