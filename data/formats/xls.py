"""Excel 97 workbooks (.xls), record by record ([MS-XLS], BIFF8).

Read here and not by a library because a library gives error cells as empty ones, and a few
damaged bytes let it ask for terabytes, which ends the whole process.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import DataError
from data.formats.compound_file import CompoundFile
from data.formats.workbook_cells import (
    Merged,
    SheetRow,
    Shown,
    number_text,
    serial_text,
    shown_as,
)

# Records by their numbers in [MS-XLS] 2.3.
_BOF, _EOF, _CONTINUE, _LOCKED, _DATE_MODE = 0x0809, 0x000A, 0x003C, 0x002F, 0x0022
_BOUND_SHEET, _SHARED_TEXTS, _FORMAT, _STYLE = 0x0085, 0x00FC, 0x041E, 0x00E0
_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _BOOLEAN_OR_ERROR = 0x0203, 0x027E, 0x00BD, 0x0205
_SHARED_TEXT, _TEXT, _RICH_TEXT, _FORMULA, _FORMULA_TEXT = 0x00FD, 0x0204, 0x00D6, 0x0006, 0x0207
_MERGED, _ROW, _COLUMNS = 0x00E5, 0x0208, 0x007D
_CELLS = (
    _NUMBER, _SHORT_NUMBER, _BOOLEAN_OR_ERROR, _SHARED_TEXT, _TEXT, _RICH_TEXT, _FORMULA
)  # fmt: skip
_BIFF8 = 0x0600
_MOST_COLUMNS = 256
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}

# The text of a cell, and whether it is a value and no error.
Value = tuple[str, bool]


class XlsBook:
    """An .xls workbook; visible worksheets only, in the order of their tabs."""

    # Of the sheet that was read last.
    merged: tuple[Merged, ...] = ()
    hidden_columns: tuple[range, ...] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        self._starts: dict[str, int] = {}
        self._texts: list[str] = []
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._from_1904 = False
        self._hidden_rows: set[int] = set()
        with _refusing_damage(name):
            self._stream = CompoundFile(path.read_bytes()).stream("Workbook") or b""
            for kind, parts in _substream(self._stream, 0):
                self._take_global(kind, parts)
        self._dates = [shown_as(n, self._formats.get(n)) for n in self._styles]
        self.sheets = tuple(self._starts)

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet from the top."""
        with _refusing_damage(self._name):
            rows = self._sheet(self._starts[sheet])
        for number in sorted(rows):
            filled = rows[number]
            texts: list[str | None] = [None] * (max(filled) + 1)
            for column, (text, _) in filled.items():
                texts[column] = text
            faults = sorted(column for column, (_, sound) in filled.items() if not sound)
            yield SheetRow(number + 1, texts, tuple(faults), number in self._hidden_rows)

    def _take_global(self, kind: int, parts: list[bytes]) -> None:
        """Take one record of what all sheets share."""
        body = parts[0]
        if kind == _LOCKED:
            raise DataError("workbook_locked", file=self._name)
        if kind == _DATE_MODE:
            self._from_1904 = body[0] == 1
        elif kind == _FORMAT:
            self._formats[struct.unpack_from("<H", body)[0]] = _Pieces([body[2:]]).text()
        elif kind == _STYLE:
            self._styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _BOUND_SHEET:
            start, state, sort, length = struct.unpack_from("<IBBB", body)
            # Hidden sheets, charts and macros are not read.
            if state & 3 == 0 and sort == 0:
                self._starts[_Pieces([body[7:]]).characters(length)] = start
        elif kind == _SHARED_TEXTS:
            pieces = _Pieces([body[8:], *parts[1:]])
            count = struct.unpack_from("<I", body, 4)[0]
            self._texts = [pieces.text() for _ in range(count)]

    def _sheet(self, start: int) -> dict[int, dict[int, Value]]:
        """Return row -> column -> value, 0-based, of all cells that hold anything."""
        rows: dict[int, dict[int, Value]] = {}
        waiting: tuple[int, int] | None = None
        self.merged = self.hidden_columns = ()
        self._hidden_rows = set()
        for kind, parts in _substream(self._stream, start):
            if kind == _SHORT_NUMBERS:
                row, first = struct.unpack_from("<HH", parts[0])
                for n in range((len(parts[0]) - 6) // 6):
                    style, number = struct.unpack_from("<HI", parts[0], 4 + 6 * n)
                    value = self._number(_short_number(number), style)
                    rows.setdefault(row, {})[_column(first + n)] = value
            elif kind in _CELLS:
                row, column, style = struct.unpack_from("<HHH", parts[0])
                rows.setdefault(row, {})[_column(column)] = self._value(kind, parts, style)
                waiting = (row, column)
            elif kind == _FORMULA_TEXT and waiting:
                rows[waiting[0]][waiting[1]] = (_Pieces(parts).text(), True)
            else:
                self._take_layout(kind, parts[0])
        return rows

    def _take_layout(self, kind: int, body: bytes) -> None:
        """Take what says nothing of a cell itself: merged cells, hidden rows and columns."""
        if kind == _MERGED:
            self.merged += tuple(_merged(body))
        elif kind == _ROW and body[12] & 0x20:
            self._hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            self.hidden_columns += (range(first, last + 1),)

    def _value(self, kind: int, parts: list[bytes], style: int) -> Value:
        body = parts[0][6:]
        match kind:
            case 0x0203:  # _NUMBER
                return self._number(struct.unpack_from("<d", body)[0], style)
            case 0x027E:  # _SHORT_NUMBER
                return self._number(_short_number(struct.unpack_from("<I", body)[0]), style)
            case 0x00FD:  # _SHARED_TEXT
                return self._texts[struct.unpack_from("<I", body)[0]], True
            case 0x0205:  # _BOOLEAN_OR_ERROR
                return _boolean_or_error(body[0], is_error=bool(body[1]))
            case 0x0006:  # _FORMULA
                return self._result(body, style)
        return _Pieces([body, *parts[1:]]).text(), True

    def _result(self, body: bytes, style: int) -> Value:
        """Read what a formula gave when it was last calculated."""
        if body[6:8] != b"\xff\xff":
            return self._number(struct.unpack_from("<d", body)[0], style)
        if body[0] in (1, 2):
            return _boolean_or_error(body[2], is_error=body[0] == 2)
        # A text follows in a record of its own; else it is empty.
        return "", True

    def _number(self, number: float, style: int) -> Value:
        text = number_text(number)
        if text is None:
            return str(number), False
        kind: Shown | None = self._dates[style]
        if kind is None:
            return text, True
        date = serial_text(number, kind, from_1904=self._from_1904)
        return (text, False) if date is None else (date, True)


@contextmanager
def _refusing_damage(name: str) -> Iterator[None]:
    try:
        yield
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise DataError("unreadable", file=name, reason=str(error)[:200]) from error


def _merged(body: bytes) -> Iterator[Merged]:
    for n in range(struct.unpack_from("<H", body)[0]):
        top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * n)
        yield Merged(range(top + 1, bottom + 2), range(left, _column(right) + 1))


def _column(column: int) -> int:
    if column >= _MOST_COLUMNS:
        raise ValueError(f"column {column}")
    return column


def _boolean_or_error(value: int, *, is_error: bool) -> Value:
    if is_error:
        return _ERRORS.get(value, f"#{value}"), False
    return ("TRUE" if value else "FALSE"), True


def _short_number(packed: int) -> float:
    """Unpack a number of 30 bits: a whole number or the upper part of a double, maybe / 100."""
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFF_FFFC))[0]
    return number / 100 if packed & 1 else number


def _substream(stream: bytes, place: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (record number, its parts) from one beginning to its end, charts inside left out."""
    kind, _, version = struct.unpack_from("<HHH", stream, place)
    if (kind, version) != (_BOF, _BIFF8):
        raise ValueError("not BIFF8")
    depth = 0
    held: tuple[int, list[bytes]] = (0, [])
    while True:
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        place += 4 + length
        if kind == _CONTINUE:
            held[1].append(body)
            continue
        if depth == 1 and held[1]:
            yield held
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        held = (kind, [body] if depth == 1 else [])


class _Pieces:
    """Texts in a record and those that continue it, one after the other."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts, self._part, self._place = parts, 0, 0

    def _take(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            if self._place >= len(self._parts[self._part]):
                self._part, self._place = self._part + 1, 0
            end = self._place + count - len(taken)
            more = self._parts[self._part][self._place : end]
            taken += more
            self._place += len(more)
        return bytes(taken)

    def text(self) -> str:
        """Read a text with its length before it; formatting and reading aids are passed over."""
        length = struct.unpack("<H", self._take(2))[0]
        flags = self._take(1)[0]
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        aids = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        text = self._run(length, wide=bool(flags & 1))
        self._take(4 * runs)
        self._take(aids)
        return text

    def characters(self, count: int) -> str:
        """Read so many characters after the byte that says how wide they are."""
        return self._run(count, wide=bool(self._take(1)[0] & 1))

    def _run(self, count: int, *, wide: bool) -> str:
        read = b""
        while len(read) < 2 * count:
            width = 2 if wide else 1
            left = len(self._parts[self._part]) - self._place
            here = min(count - len(read) // 2, left // width)
            piece = self._take(here * width)
            read += piece if wide else piece.decode("latin-1").encode("utf-16-le")
            if len(read) < 2 * count:
                # The text goes on in the next part, whose first byte says how wide it is there.
                if self._place:
                    self._part, self._place = self._part + 1, 0
                wide = bool(self._take(1)[0] & 1)
        return read.decode("utf-16-le")
