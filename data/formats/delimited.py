"""Delimited text read strictly: a record has as many fields as the header, or is named.

Other readers pad, cut or shift such records; here every field is counted. Rows that are certainly
no records (titles, totals, footers) are taken out and named; in doubt a row stays.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, dropwhile, groupby, islice
from pathlib import Path

import pyarrow as pa

from data.errors import DataError
from data.formats import damaged_lines
from data.formats.decode import open_text
from data.formats.dialect_choice import choose
from data.formats.dialects import Dialect, Stray, separator_line
from data.formats.framing import (
    HEAD,
    TOTALS,
    closed,
    closing_kind,
    frame_of,
    is_header,
    is_number,
    is_numbered_note,
)
from data.formats.grid import EXCERPT, Grid, GridBuilder, LeftOut, Limits, Ragged
from data.formats.plain_text import read_plain
from data.watch import TELLER

# How many of the last records may be totals and footers, how many totals may stand among records.
_TAIL = 40
_MOST_TOTALS = 5_000
_AT_ONCE = 8_192
# A text of one or two delimiters a line may be somebody's own.
_LEAST_FIELDS = 3

_Record = tuple[int, list[str]]


def read_delimited(
    path: Path, encoding: str, name: str, limits: Limits, delimiter: str | None = None
) -> tuple[GridBuilder, Dialect]:
    """Read a whole file; return its records and the dialect. `leave_out` then completes the grid.

    delimiter: as `Dialect.of` takes it; None to find the dialect that explains the file. Raises
    DataError `empty_file`, `one_column`, `dialect_ambiguous`, `dialect_unknown`, `quote_error`,
    `quote_unclosed`, `record_too_long`, and those of GridBuilder.
    """
    dialect = Dialect.of(delimiter) if delimiter else choose(path, encoding, name, limits)
    try:
        with open_text(path, encoding) as lines:
            first = next(lines, "")
            told = first if separator_line(first) else ""
            rest = lines if told else chain([first], lines)
            records = dialect.records(rest, name, limits, first=2 if told else 1)
            return _built(path, encoding, name, limits, dialect, records, told), dialect
    except DataError as fault:
        by_line = damaged_lines.records(path, encoding, dialect, name, limits, fault)
        if by_line is None:
            raise
        return _built(path, encoding, name, limits, dialect, *by_line), dialect


def _built(
    path: Path,
    encoding: str,
    name: str,
    limits: Limits,
    dialect: Dialect,
    records: Iterator[_Record],
    told: str,
) -> GridBuilder:
    """Build a grid of records; told: the line that names the delimiter, where there is one."""
    left = [LeftOut(0, 1, "separator", told.strip())] if told else []
    records = dropwhile(lambda record: not record[1], records)
    head = list(islice(records, HEAD))
    if not head:
        raise DataError("empty_file", file=name)
    frame = frame_of([fields for _, fields in head if fields])
    body = chain(head, records)
    for kind in frame.above:
        left.append(_left(_filled(body), kind, dialect))
    last, header = _filled(body)
    header = list(frame.joined) or closed(header, [fields for line, fields in head if line > last])
    builder = GridBuilder(header, name, limits, joint=dialect.delimiter)
    for _ in range(frame.beneath):
        second = _filled(body)
        last = second[0]
        left.append(_left(second, "second_header", dialect))
    plain = read_plain(path, encoding, dialect, len(builder.header), last + 1)
    if plain is not None:
        builder.add_plain(plain, last + 1)
    else:
        TELLER.expect(path)
        _fill(builder, body)
    builder.left_out.extend(left)
    return builder


def _filled(records: Iterator[_Record]) -> _Record:
    return next(record for record in records if record[1])


def _left(record: _Record, kind: str, dialect: Dialect) -> LeftOut:
    line, fields = record
    return LeftOut(0, line, kind, dialect.delimiter.join(fields)[:EXCERPT])


def _fill(builder: GridBuilder, records: Iterator[_Record]) -> None:
    width = len(builder.header)
    lines: list[int] = []
    rows: list[list[str]] = []
    blank = 0
    for line, fields in records:
        # Nearly every record: kept at hand, for a call for each would cost as much as reading it.
        fitting = len(fields) == width and not blank and len(rows) < _AT_ONCE
        if fitting and fields.__class__ is list:
            lines.append(line)
            rows.append(fields)
            continue
        builder.add_rows(lines, rows)
        lines, rows = [], []
        if not fields:
            blank = blank or line
            continue
        # Blank lines count only when records follow them.
        for skipped in range(blank or line, line):
            builder.add(skipped, ())
        blank = 0
        if isinstance(fields, damaged_lines.Broken):
            builder.add_broken(line, fields.text)
        else:
            builder.add(line, fields, isinstance(fields, Stray))
    builder.add_rows(lines, rows)


def leave_out(grid: Grid) -> Grid:
    """Take out of a grid what is certainly no record, and name it in `Grid.left_out`."""
    rows = _Rows(grid)
    found = {each.record: each for each in rows.closing()}
    if grid.cells.num_rows:
        found |= {each.record: each for each in (*rows.repeated(), *rows.totals(found))}
    ragged = {each.record: each for each in grid.ragged if each.record not in found}
    beside = {each.record: each for each in (*rows.beside(ragged, found), *rows.joined())}
    if not found and not beside:
        return grid
    import pyarrow.compute as pc

    keep = pc.invert(pc.is_in(grid.records, pa.array([*found, *beside], pa.int64())))
    ragged |= beside
    return replace(
        grid,
        cells=grid.cells.filter(keep),
        records=grid.records.filter(keep),
        lines=grid.lines.filter(keep),
        ragged=tuple(ragged[record] for record in sorted(ragged)),
        faults=tuple(each for each in grid.faults if each.record not in found),
        left_out=(*grid.left_out, *(found[record] for record in sorted(found))),
    )


class _Rows:
    """The rows of a grid, looked at for what they are."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.width = grid, len(grid.header)
        self.joint = grid.delimiter or "\t"
        self.columns = list(map(_filled_in, grid.cells.columns))

    def row(self, place: int) -> list[str]:
        return [column[place].as_py() for column in self.columns]

    def left(self, place: int, kind: str) -> LeftOut:
        return LeftOut(*self.grid.numbers(place), kind, self.text(self.row(place)))

    def text(self, fields: Sequence[str]) -> str:
        return self.joint.join(fields)[:EXCERPT]

    def places(self, *allowed: tuple[int, Sequence[str]]) -> list[int]:
        """Return the rows that hold one of the given words in each of the given columns."""
        if any(_nowhere(self.columns[at], words) for at, words in allowed):
            return []
        import pyarrow.compute as pc  # takes as long to import as to read a small file

        fits = [pc.is_in(self.columns[at], pa.array(list(words))) for at, words in allowed]
        both = fits[0]
        for fit in fits[1:]:
            both = pc.and_(both, fit)
        return [] if not pc.any(both).as_py() else pc.indices_nonzero(both).to_pylist()

    def closing(self) -> Iterator[LeftOut]:
        """Totals and footers at the end, blank records among them; comments anywhere."""
        start = max(0, self.grid.cells.num_rows - _TAIL)
        tail = [
            (*self.grid.numbers(place), self.row(place))
            for place in range(start, self.grid.cells.num_rows)
        ]
        ragged = [(r.record, r.line, r.text.split(self.joint)) for r in self.grid.ragged]
        for record, line, fields in ragged:
            if closing_kind(fields, self.width) == "comment":
                yield LeftOut(record, line, "comment", self.text(fields))
        blanks: list[LeftOut] = []
        found: list[LeftOut] = []
        notes: list[LeftOut] = []  # 2.…, which are only that beneath 注：1.…
        for record, line, fields in sorted((*tail, *ragged[-_TAIL:]), reverse=True):
            if is_numbered_note(fields):
                notes.append(LeftOut(record, line, "footer", self.text(fields)))
            elif not any(map(str.strip, fields)):
                # Blank records at the very end are data that say nothing, as they always were.
                if found:
                    blanks.append(LeftOut(record, line, "blank", self.text(fields)))
            elif (kind := closing_kind(fields, self.width)) and (not notes or kind == "footer"):
                found += [
                    *(blanks if found else ()),
                    *notes,
                    LeftOut(record, line, kind, self.text(fields)),
                ]
                blanks, notes = [], []
            else:
                # Blank records between the data and what closes them belong to neither.
                yield from (*found, *blanks)
                return

    def beside(self, ragged: Mapping[int, Ragged], found: Collection[int]) -> Iterator[Ragged]:
        """Yield the records on both sides of a piece of text that may have been torn off them.

        Beside one of broken marks so may be those that have a line break within.
        """
        pieces = {
            record
            for record, each in ragged.items()
            if each.found == 1 < self.width
            and each.text.strip()
            and closing_kind([each.text], self.width) is None
        }
        # A mark too many may join records up to the next mark, whose own record then breaks.
        marked = {at for at, each in ragged.items() if each.stray or '"' in each.text}
        # Blank lines and further pieces between them may be of the same text.
        blank = {at for at, each in ragged.items() if not (each.text.strip() or each.stray)}
        near, beside = set[int](), set[int]()
        for _, run in groupby(enumerate(sorted(pieces | blank | marked)), lambda n: n[1] - n[0]):
            of_run = {at for _, at in run}
            ends = {min(of_run) - 1, max(of_run) + 1}
            near |= ends if of_run & pieces else set()
            beside |= ends if of_run & marked else set()
        asked = sorted((near | beside) - {*ragged, *found})
        if not asked:
            return
        import pyarrow.compute as pc

        held = pc.is_in(self.grid.records, pa.array(asked, pa.int64()))
        for place in pc.indices_nonzero(held).to_pylist():
            record, line = self.grid.numbers(place)
            row = self.row(place)
            if record in near or any("\n" in cell or "\r" in cell for cell in row):
                yield Ragged(record, line, self.width, self.width, self.text(row))

    def joined(self) -> Iterator[Ragged]:
        """Yield records of several lines each of which is a whole record by itself.

        Two marks too many, each in a line of its own, join what stands between them to one text.
        """
        if not self.grid.delimiter or self.width < _LEAST_FIELDS:
            return
        for place in self._broken():
            text = self.joint.join(self.row(place))
            lines = [line for line in re.split(r"[\r\n]+", text) if line]
            whole = len(lines) > 1 and all(n.count(self.joint) == self.width - 1 for n in lines)
            if whole:
                record, line = self.grid.numbers(place)
                yield Ragged(record, line, self.width, self.width, text[:EXCERPT], stray=True)

    def _broken(self) -> list[int]:
        """Return the places of records with a line break in a cell."""
        contents = (chunk.buffers()[-1] for column in self.columns for chunk in column.chunks)
        texts = (content.to_pybytes() for content in contents if content)
        if not any(b"\n" in text or b"\r" in text for text in texts):
            return []
        import pyarrow.compute as pc  # see places

        found = (pc.match_substring_regex(column, r"[\r\n]") for column in self.columns)
        return sorted({place.as_py() for each in found for place in pc.indices_nonzero(each)})

    def repeated(self) -> Iterator[LeftOut]:
        """Headers of files that were joined to one, with the titles above and units beneath."""
        header = self.grid.header
        if self.width < 2 or not is_header(header):
            return
        first = (header[0], "\ufeff" + header[0])
        places = [
            place
            for place in self.places((0, first), (1, header[1:2]))
            if self.row(place)[1:] == list(header[1:])
        ]
        yield from (self.left(place, "repeated_header") for place in places)
        if places:
            yield from self._around(places)

    def _around(self, places: list[int]) -> Iterator[LeftOut]:
        """What was left out around the header, where it is repeated around a repeated header."""
        known = {each.text: each.kind for each in self.grid.left_out}
        for place in places:
            for near in (*range(max(0, place - len(known)), place), place + 1):
                if near < self.grid.cells.num_rows:
                    kind = known.get(self.text(self.row(near)))
                    yield from [self.left(near, kind)] if kind else []
        for each in self.grid.ragged:
            if kind := known.get(each.text.removeprefix("\ufeff")):
                yield LeftOut(each.record, each.line, kind, each.text)

    def totals(self, closing: dict[int, LeftOut]) -> Iterator[LeftOut]:
        """Totals among the records: only those whose numbers are the sums of records."""
        words = _total_words()
        places = self.places((0, words))
        if self.width > 1:
            places += self.places((0, ("",)), (1, words))
        named = sorted(p for p in places if closing_kind(self.row(p), self.width) == "total")
        if not named or len(named) > _MOST_TOTALS:
            return
        last = [p for p in named if self.grid.numbers(p)[0] in closing]
        previous = -1
        for place in named:
            if place not in last and self._adds_up(place, previous, set(named)):
                yield self.left(place, "total")
            previous = place

    def _adds_up(self, place: int, previous: int, totals: set[int]) -> bool:
        count = self.grid.cells.num_rows
        ranges = (range(previous + 1, place), range(place), range(place + 1, count))
        for column in self.columns[1:]:
            value = column[place].as_py()
            if not is_number(value) or value.strip().endswith(("%", "％")):
                continue
            cells = column.to_pylist()
            for among in ranges:
                told = [cells[other] for other in among if other not in totals]
                if len(told) > 1 and all(map(is_number, told)) and _sum(told) == _exact(value):
                    return True
        return False


def _filled_in(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with empty texts for nulls: the empty cells of a workbook."""
    if not column.null_count:
        return column
    import pyarrow.compute as pc

    return pc.fill_null(column, "")


def _nowhere(column: pa.ChunkedArray, words: Sequence[str]) -> bool:
    """Say whether the bytes of a column show that no cell is one of the words."""
    told, last = ([each.encode() for each in some] for some in (words, {w[-1:] for w in words}))
    contents = [chunk.buffers()[-1] for chunk in column.chunks]
    return not any(
        any(sign in content for sign in last) and any(word in content for word in told)
        for content in (each.to_pybytes() for each in contents if each)
    )


def _exact(cell: str) -> Decimal:
    return Decimal(cell.strip().rstrip("%％").replace(",", ""))


def _sum(cells: Sequence[str]) -> Decimal:
    return sum(map(_exact, cells), Decimal())


def _total_words() -> list[str]:
    forms = (str.lower, str.upper, str.title, str.capitalize, " ".join, "　".join)
    return sorted({form(word) for word in TOTALS for form in forms})
