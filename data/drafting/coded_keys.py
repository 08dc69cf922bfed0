"""The words of keys as numbers: whether two rows have one key, and which keys there are at all.

A long table says the same words over and over: each column's words are numbered once, and all
that is asked of pairs of rows is asked of those numbers. Nothing is hashed, so nothing can
collide.
"""

from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.storage.asking import ROW_GROUP

# Numbers up to so many times the rows are marked in a field of flags; of more, rows are sorted.
_SPARSE = 16
_LARGEST = 1 << 62

_Numbers: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.int64]


def in_words(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of text as numbered words, a row group of the staged file at a time."""
    pieces = range(0, len(cells), ROW_GROUP)
    coded = [cells.slice(at, ROW_GROUP).combine_chunks().dictionary_encode() for at in pieces]
    return pa.chunked_array(coded, pa.dictionary(pa.int32(), cells.type))


class CodedKeys:
    """Columns without empty cells, whose words are numbered when they are first asked for.

    rows: what holds the columns. names: those that may be asked for.
    """

    def __init__(self, rows: pa.Table, names: Collection[str]) -> None:
        self._rows, self._names = rows, frozenset(names)
        self._coded: dict[str, tuple[npt.NDArray[np.int32], pa.Array]] = {}

    def __contains__(self, names: Sequence[str]) -> bool:
        """Say whether keys of these columns can be told by numbers."""
        return bool(names) and self._names.issuperset(names) and self._span(names) < _LARGEST

    def repeats(self, names: Sequence[str]) -> bool:
        """Say whether two rows have the same words in all these columns."""
        numbers, span = self._numbers(names), self._span(names)
        if span <= _SPARSE * len(numbers):
            return int(_flags(numbers, span).sum()) < len(numbers)
        ordered = np.sort(numbers)
        return bool((ordered[1:] == ordered[:-1]).any())

    def distinct(self, names: Sequence[str]) -> pa.Table:
        """Return each combination of words in these columns once."""
        span = self._span(names)
        if len(self._varied(names)) < 2:  # each word is there, or it would have no number
            found = np.arange(span)
        elif span <= _SPARSE * self._rows.num_rows:
            found = np.flatnonzero(_flags(self._numbers(names), span))
        else:
            found = np.sort(self._numbers(names))
            found = found[np.append(True, found[1:] != found[:-1])]
        columns: dict[str, pa.Array] = {}
        for name in reversed(names):
            words = self._code(name)[1]
            found, places = np.divmod(found, len(words))
            columns[name] = words.take(pa.array(places))
        return pa.table({name: columns[name] for name in names})

    def _span(self, names: Sequence[str]) -> int:
        span = 1
        for name in names:
            span *= len(self._code(name)[1])
        return span

    def _varied(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if len(self._code(name)[1]) > 1]

    def _numbers(self, names: Sequence[str]) -> _Numbers:
        """Return one number a row, below the span of the columns: alike where all words are."""
        varied = self._varied(names)
        if not varied:
            return np.zeros(self._rows.num_rows, np.int32)
        first = self._code(varied[0])[0]
        small = self._span(names) <= np.iinfo(np.int32).max
        numbers: _Numbers = first.copy() if small else first.astype(np.int64)
        for name in varied[1:]:
            codes, words = self._code(name)
            numbers *= len(words)
            numbers += codes
        return numbers

    def _code(self, name: str) -> tuple[npt.NDArray[np.int32], pa.Array]:
        if name not in self._coded:
            coded = self._rows[name]
            if pa.types.is_dictionary(coded.type):
                coded = coded.unify_dictionaries().combine_chunks()
            else:
                coded = coded.combine_chunks().dictionary_encode()
            self._coded[name] = (coded.indices.to_numpy(), coded.dictionary)
        return self._coded[name]


def _flags(numbers: _Numbers, span: int) -> npt.NDArray[np.bool_]:
    flags = np.zeros(span, np.bool_)
    flags[numbers] = True
    return flags
