"""Words of a file that a person has said to mean codes of the contract's lists."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import CODES, Column
from data.formats.unseen import BLANKS


def unknown(cells: pa.ChunkedArray, column: Column) -> list[str]:
    """Return the words of a column that its code list does not have, in order of appearance."""
    if not column.codes:
        return []
    codes = CODES[column.codes]
    known = {word for code in codes for word in (code.value, code.label.zh, code.label.en)}
    words = (word for cell in pc.unique(cells).to_pylist() for word in _words(cell, column))
    return [word for word in dict.fromkeys(words) if word and word not in known]


def as_codes(cells: pa.ChunkedArray, column: Column, meant: Mapping[str, str]) -> pa.ChunkedArray:
    """Return cells in which each word that is meant as a code is that code; the rest stays."""
    encoded = cells.combine_chunks().dictionary_encode()
    read = [
        (column.separator or "").join(meant.get(word, word) for word in _words(cell, column))
        for cell in encoded.dictionary.to_pylist()
    ]
    return pa.chunked_array([pc.take(pa.array(read, pa.string()), encoded.indices)])


def _words(cell: str | None, column: Column) -> list[str]:
    parts = (cell or "").split(column.separator) if column.separator else [cell or ""]
    return [part.strip(BLANKS) for part in parts]
