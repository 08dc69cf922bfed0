"""Delimited text (RFC 4180) read strictly: a record has as many fields as the header, or is named.

DuckDB's and pandas' readers pad, cut or shift such records; here every field is counted.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from data.decode import pieces
from data.errors import DataError

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_RECORDS = 200
BATCH = 50_000
LARGEST_FIELD = 1 << 20


@dataclass(frozen=True)
class Ragged:
    """A record whose number of fields differs from the header's; it is not among the cells."""

    record: int
    line: int
    found: int
    expected: int
    text: str


@dataclass(frozen=True)
class Delimited:
    """The header, the cells as text by position, and where each record began."""

    header: tuple[str, ...]
    cells: pa.Table
    records: pa.Array
    lines: pa.Array
    ragged: tuple[Ragged, ...]
    delimiter: str


class _Lines(io.TextIOBase):
    """Text pieces as lines that keep their ends, for csv.reader; \\r alone ends a line too."""

    def __init__(self, parts: Iterator[str]) -> None:
        self.parts = parts
        self.rest = ""

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        for part in self.parts:
            text = self.rest + part
            lines = io.StringIO(text, newline="").readlines()
            self.rest = lines.pop() if lines else ""
            yield from lines
        if self.rest:
            yield from io.StringIO(self.rest, newline="")


def read_delimited(path: Path, encoding: str, name: str) -> Delimited:
    """Read a whole file with the one delimiter that explains it.

    Raises DataError `empty_file`, `quote_error` (with its line), `one_column`,
    `delimiter_ambiguous`.
    """
    delimiter = _delimiter(path, encoding, name)
    rows = _rows(path, encoding, delimiter, name)
    first = next(rows, None)
    if first is None:
        raise DataError("empty_file", file=name)
    header = tuple(cell.removeprefix("\ufeff") for cell in first[1])
    return _collect(header, rows, delimiter)


def _rows(path: Path, encoding: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line where the record starts, fields); blank lines are empty lists."""
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(iter(_Lines(pieces(path, encoding))), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError("quote_error", file=name, line=start, reason=error) from error
        yield start, row
        start = reader.line_num + 1


def _delimiter(path: Path, encoding: str, name: str) -> str:
    """Choose the delimiter under which header and records have one field count above one."""
    fitting: dict[str, int] = {}
    failures: list[DataError] = []
    for delimiter in DELIMITERS:
        try:
            counts = _field_counts(path, encoding, delimiter, name)
        except DataError as error:
            failures.append(error)
            continue
        if counts and counts[0] > 1:
            fitting[delimiter] = counts.count(counts[0]) * 1000 // len(counts)
    if not fitting:
        if failures:
            raise failures[0]
        raise DataError("one_column", file=name)
    best = [delimiter for delimiter, fit in fitting.items() if fit == max(fitting.values())]
    if len(best) > 1:
        raise DataError("delimiter_ambiguous", file=name, delimiters=" ".join(map(repr, best)))
    return best[0]


def _field_counts(path: Path, encoding: str, delimiter: str, name: str) -> list[int]:
    rows = (row for _, row in _rows(path, encoding, delimiter, name) if row)
    return [len(row) for row in islice(rows, SAMPLE_RECORDS)]


def _collect(
    header: tuple[str, ...], rows: Iterator[tuple[int, list[str]]], delimiter: str
) -> Delimited:
    width = len(header)
    schema = pa.schema([(f"c{n}", pa.string()) for n in range(width)])
    batches: list[pa.RecordBatch] = []
    records: list[int] = []
    lines: list[int] = []
    kept: list[list[str]] = []
    ragged: list[Ragged] = []
    blanks: list[Ragged] = []
    record = 0

    def flush() -> None:
        if kept:
            columns = [pa.array(column, pa.string()) for column in zip(*kept, strict=True)]
            batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
            kept.clear()

    for line, row in rows:
        record += 1
        if not row:
            blanks.append(Ragged(record, line, 0, width, ""))
            continue
        # Blank lines count against the file only when records follow them.
        ragged += blanks
        blanks = []
        if len(row) != width:
            ragged.append(Ragged(record, line, len(row), width, delimiter.join(row)[:200]))
            continue
        kept.append(row)
        records.append(record)
        lines.append(line)
        if len(kept) >= BATCH:
            flush()
    flush()
    return Delimited(
        header=header,
        cells=pa.Table.from_batches(batches, schema=schema),
        records=pa.array(records, pa.int64()),
        lines=pa.array(lines, pa.int64()),
        ragged=tuple(ragged),
        delimiter=delimiter,
    )
