"""Keys as numbers: the same answers as comparing the words themselves."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.drafting import coded_keys
from data.drafting.coded_keys import CodedKeys, in_words

WORDS = st.text("ab1", min_size=1, max_size=2)
NAMES = ("a", "b", "c")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=30),
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    cut=st.integers(0, 30),
    sparse=st.sampled_from([0, 16]),
    coded=st.booleans(),
)
def test_numbers_tell_what_the_words_tell(
    rows: list[tuple[str, str, str]], names: list[str], cut: int, sparse: int, coded: bool
) -> None:
    """Whether many numbers are marked in flags or sorted, and however the rows come in pieces.

    coded: the words of each few rows are numbered already, those of the next few anew.
    """
    parts = [pa.array([row[n] for row in rows], pa.string()) for n in range(3)]
    pieces = [pa.chunked_array([part[:cut], part[cut:]]) for part in parts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coded_keys, "_SPARSE", sparse)
        patch.setattr(coded_keys, "ROW_GROUP", 4)
        if coded:
            words_of_few = [in_words(piece) for piece in pieces]
            assert [each.cast(pa.string()) for each in words_of_few] == pieces
            pieces = words_of_few
        keys = CodedKeys(pa.table(dict(zip(NAMES, pieces, strict=True))), NAMES)
        words = Counter(tuple(row[NAMES.index(name)] for name in names) for row in rows)
        assert keys.repeats(names) == any(count > 1 for count in words.values())
        found = keys.distinct(names)
    assert found.column_names == names
    assert Counter(zip(*found.to_pydict().values(), strict=True)) == dict.fromkeys(words, 1)


def test_only_columns_that_were_named_are_told_by_numbers() -> None:
    keys = CodedKeys(pa.table({"a": ["x"], "b": ["y"]}), ["a"])
    assert ("a",) in keys
    assert ("a", "b") not in keys
    assert () not in keys
