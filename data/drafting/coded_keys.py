"""The words of keys as numbers: whether two rows have one key, and which keys there are at all.

A long table says the same words over and over: each column's words are numbered once, and all
that is asked of pairs of rows is asked of those numbers. Nothing is hashed, so nothing can
collide.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# Numbers up to so many times the rows are marked in a field of flags; of more, rows are sorted.
_SPARSE = 16
_LARGEST = 1 << 62


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
        numbers, span = self._numbers(names), self._span(names)
        if span <= _SPARSE * len(numbers):
            found = np.flatnonzero(_flags(numbers, span))
        else:
            found = np.sort(numbers)
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

    def _numbers(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return one number a row, below the span of the columns: alike where all words are."""
        numbers = np.zeros(self._rows.num_rows, np.int64)
        for name in names:
            codes, words = self._code(name)
            if len(words) > 1:
                numbers = numbers * len(words) + codes
        return numbers

    def _code(self, name: str) -> tuple[npt.NDArray[np.int32], pa.Array]:
        if name not in self._coded:
            coded = self._rows[name].combine_chunks().dictionary_encode()
            self._coded[name] = (coded.indices.to_numpy(), coded.dictionary)
        return self._coded[name]


def _flags(numbers: npt.NDArray[np.int64], span: int) -> npt.NDArray[np.bool_]:
    flags = np.zeros(span, np.bool_)
    flags[numbers] = True
    return flags
