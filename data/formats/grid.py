"""What a file says before any meaning is given to it: a header and cells of text."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import pyarrow as pa

from data.errors import DataError
from data.watch import TELLER

Kind = Literal["csv", "tsv", "parquet", "xlsx", "xls", "ods", "html", "mht", "xml", "sav"]

_BATCH = 16_384
EXCERPT = 200
_BROKEN_EXCERPT = 2_000
_MOST_RAGGED = 10_000
_MOST_MERGED = 200_000


@dataclass(frozen=True)
class Limits:
    """How large a file may be, in bytes; unpacked: what a compressed file grows to.

    cells: rows times columns. record_bytes: one line, or one quoted field.
    """

    text_bytes: int = 512 << 20
    workbook_bytes: int = 50 << 20
    workbook_unpacked_bytes: int = 512 << 20
    parquet_unpacked_bytes: int = 2 << 30
    cells: int = 200_000_000
    workbook_cells: int = 20_000_000
    columns: int = 4_096
    record_bytes: int = 16 << 20


@dataclass(frozen=True)
class Ragged:
    """A record that has not as many fields as the header; it is in no cell of the grid.

    So is one that has as many and stands beside a piece of text that may be torn off it, or has a
    quotation mark without a counterpart (stray). record: 1-based number among all data records.
    found: 0 of a stray one where the marks leave it open. text: at most 200 characters of it, of
    such a one 2,000 of the line as it stands in the file.
    """

    record: int
    line: int
    found: int
    expected: int
    text: str
    stray: bool = False


@dataclass(frozen=True)
class Fault:
    """A workbook cell that holds an error (#N/A) or no readable value; its text is kept.

    column: 0-based position in the grid. merged: it holds nothing, for it is part of a merged cell;
    value is then what stands above it in that cell, '' where nothing does.
    """

    record: int
    line: int
    column: int
    value: str
    merged: bool = False


class LeftOut(NamedTuple):
    """A row of a text file or workbook that is certainly no record; it is in no cell of the grid.

    record: its number among all data records, 0 above them. kind: separator (`sep=;`), comment,
    title, blank, second_header, repeated_header, total, footer. text: at most 200 characters.
    """

    record: int
    line: int
    kind: str
    text: str


# The numbers of rows: those that count upwards one by one are written out when asked for.
Numbers: TypeAlias = range | pa.Array


class _Numbers:
    """Numbers of rows: a range until somebody looks at each of them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, grid: "Grid", owner: type) -> pa.Array:
        numbers = grid.__dict__[self._name]
        if isinstance(numbers, range):
            import numpy as np  # takes longer to import than a text to read

            numbers = np.arange(numbers.start, numbers.stop, dtype=np.int64)
            numbers = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
            grid.__dict__[self._name] = numbers
        return numbers

    def __set__(self, grid: "Grid", numbers: "range | pa.Array") -> None:
        grid.__dict__[self._name] = numbers


@dataclass(frozen=True)
class Grid:
    """A file as text, nothing interpreted, nothing dropped without a word.

    header: as written, in order, duplicates allowed; no byte-order mark.
    cells: string columns c0, c1, ... by position; '' stays '', null only where the file itself
    has none (a null of Parquet, an empty workbook cell).
    records, lines: int64 per row of cells: 1-based record number, and where it starts: physical
    line (text), sheet row (workbook), record number (Parquet).
    ragged, faults, left_out: what a person must be told; see there.
    encoding: utf-8, utf-8-sig, gb18030, utf-16, or the kind of a file that is not text.
    delimiter: None where the file is not text. size: bytes.
    dialect: delimiter, quotes and escapes of a text, as `delimiter=` of read_grid takes them.
    sheet: of a workbook, the one that was read. other_sheets: those that hold something too.
    hidden_rows, hidden_columns: its rows and headings that nobody sees who opens it; they are read.
    """

    header: tuple[str, ...]
    cells: pa.Table
    records: pa.Array
    lines: pa.Array
    ragged: tuple[Ragged, ...]
    faults: tuple[Fault, ...]
    encoding: str
    kind: Kind
    delimiter: str | None
    size: int
    left_out: tuple[LeftOut, ...] = ()
    dialect: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()

    def numbers(self, place: int) -> tuple[int, int]:
        """Return record and line of a row of cells."""
        told = (self.__dict__[name][place] for name in ("records", "lines"))
        record, line = (each if isinstance(each, int) else each.as_py() for each in told)
        return record, line

    def __post_init__(self) -> None:
        # They come as plain lists from the process that reads.
        object.__setattr__(self, "left_out", tuple(LeftOut(*each) for each in self.left_out))
        for name in ("other_sheets", "hidden_rows", "hidden_columns"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


Grid.records, Grid.lines = _Numbers("records"), _Numbers("lines")


def cell_names(count: int) -> list[str]:
    """Return c0, c1, ... for so many columns."""
    return [f"c{position}" for position in range(count)]


class GridBuilder:
    """Collects records into text columns, setting aside those that do not fit the header."""

    def __init__(self, header: Sequence[str], name: str, limits: Limits, joint: str = ",") -> None:
        if len(header) > limits.columns:
            raise DataError(
                "too_many_columns", file=name, columns=len(header), limit=limits.columns
            )
        self.header = tuple(header)
        self.ragged: list[Ragged] = []
        self.faults: list[Fault] = []
        self.left_out: list[LeftOut] = []
        self.sheet: str | None = None
        self.other_sheets: tuple[str, ...] = ()
        self.hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self.record = 0
        self._name, self._limits, self._joint = name, limits, joint
        self._schema = pa.schema([(cell, pa.string()) for cell in cell_names(len(header))])
        self._rows: list[Sequence[str | None]] = []
        self._batches: list[pa.RecordBatch] = []
        self._records: list[int] = []
        self._lines: list[int] = []
        self._plain: tuple[pa.Table, int] | None = None

    def add(self, line: int, fields: Sequence[str | None], stray: bool = False) -> None:
        """Take one data record, of any length; stray: with a quotation mark too many."""
        self.record += 1
        if len(fields) != len(self.header) or stray:
            self._set_aside(line, fields, stray)
            return
        self._rows.append(fields)
        self._records.append(self.record)
        self._lines.append(line)
        if len(self._rows) >= _BATCH:
            self._flush()

    def add_rows(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
        """Take data records of the right length, many at once."""
        self._records.extend(range(self.record + 1, self.record + len(rows) + 1))
        self._lines.extend(lines)
        self._rows.extend(rows)
        self.record += len(rows)
        if len(self._rows) >= _BATCH:
            self._flush()

    def add_batch(self, columns: Sequence[pa.Array]) -> None:
        """Take whole columns of text, one record per row; its line is its number."""
        count = len(columns[0])
        numbers = range(self.record + 1, self.record + count + 1)
        self._records.extend(numbers)
        self._lines.extend(numbers)
        self.record += count
        self._batches.append(pa.RecordBatch.from_arrays(list(columns), schema=self._schema))

    def add_plain(self, table: pa.Table, line: int) -> None:
        """Take all data records at once: text columns, one record a line from `line` on."""
        self._refuse_more(table.num_rows)
        self._plain = (table, line)
        self.record = table.num_rows

    def merge(self, lines: range, columns: range) -> None:
        """Name the cells of these lines and columns that one merged cell covers.

        A merged cell that is empty covers nothing. Raises DataError `too_many_merged`.
        """
        first, last = (bisect_left(self._lines, line) for line in (lines.start, lines.stop))
        within = range(max(columns.start, 0), min(columns.stop, len(self.header)))
        if first == last or not within:
            return
        begins = self._lines[first] == lines.start and columns.start >= 0
        shown = self._cell(first, columns.start) if begins else ""
        if begins and not (shown or "").strip():
            return
        if len(self.faults) + (last - first) * len(within) > _MOST_MERGED:
            raise DataError("too_many_merged", file=self._name, limit=_MOST_MERGED)
        self.faults += [
            Fault(self._records[place], self._lines[place], column, value or "", merged=True)
            for place in range(first, last)
            for column in within
            if not (begins and (place, column) == (first, columns.start))
            for value in [shown if column == columns.start else ""]
        ]

    def hide(self, columns: range) -> None:
        """Note that nobody sees these columns, as far as the table reaches."""
        self._hidden_columns |= {*range(max(columns.start, 0), min(columns.stop, len(self.header)))}

    def _cell(self, place: int, column: int) -> str | None:
        """Return a cell of a record that was taken, by its place among them."""
        if self._rows:
            self._flush()
        for batch in self._batches:
            if place < batch.num_rows:
                text: str | None = batch.column(column)[place].as_py()
                return text
            place -= batch.num_rows
        raise IndexError(place)

    def add_broken(self, line: int, text: str) -> None:
        """Take one data record of which nobody knows where its fields begin and end."""
        self.record += 1
        self._refuse_more_ragged()
        self.ragged.append(
            Ragged(self.record, line, 0, len(self.header), text[:_BROKEN_EXCERPT], stray=True)
        )

    def _set_aside(self, line: int, fields: Sequence[str | None], stray: bool) -> None:
        found, expected = len(fields), len(self.header)
        self._refuse_more_ragged()
        text = self._joint.join(field or "" for field in fields)[:EXCERPT]
        self.ragged.append(Ragged(self.record, line, found, expected, text, stray))

    def _refuse_more_ragged(self) -> None:
        if len(self.ragged) == _MOST_RAGGED:
            first = self.ragged[0]
            raise DataError(
                "too_ragged",
                file=self._name,
                count=_MOST_RAGGED,
                line=first.line,
                found=first.found,
                expected=first.expected,
            )

    def _flush(self) -> None:
        self._refuse_more(len(self._records))
        TELLER.tell(self.record)
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(self.header)
        arrays = [pa.array(column, pa.string()) for column in columns]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows = []

    def _refuse_more(self, records: int) -> None:
        if records * len(self.header) > self._limits.cells:
            raise DataError("too_many_cells", file=self._name, limit=self._limits.cells)

    def _columns(self) -> tuple[pa.Table, Numbers, Numbers]:
        """Return cells, record numbers and lines of all that was taken."""
        if self._plain:
            cells, line = self._plain
            return cells, range(1, cells.num_rows + 1), range(line, line + cells.num_rows)
        self._flush()
        cells = pa.Table.from_batches(self._batches, schema=self._schema)
        return cells, pa.array(self._records, pa.int64()), pa.array(self._lines, pa.int64())

    def grid(
        self,
        *,
        size: int,
        encoding: str,
        kind: Kind,
        delimiter: str | None = None,
        dialect: str | None = None,
    ) -> Grid:
        """Return all that was collected."""
        cells, records, lines = self._columns()
        return Grid(
            header=self.header,
            cells=cells,
            records=records,
            lines=lines,
            ragged=tuple(self.ragged),
            faults=tuple(self.faults),
            encoding=encoding,
            kind=kind,
            delimiter=delimiter,
            size=size,
            left_out=tuple(self.left_out),
            dialect=dialect,
            sheet=self.sheet,
            other_sheets=self.other_sheets,
            hidden_rows=tuple(self.hidden_rows),
            hidden_columns=tuple(
                self.header[n] for n in sorted(self._hidden_columns) if self.header[n].strip()
            ),
        )
