"""The matrix of judgements as people type it."""

import pytest

from data.errors import DataError
from pages.shared.readout_panels import matrix

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
