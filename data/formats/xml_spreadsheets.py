"""XML spreadsheets of Excel 2003, which many systems export under the name .xls.

Cells, styles and merged cells as Microsoft's "XML Spreadsheet Reference" (2001) has them. What
Excel itself would not open is refused: cells that overlap, rows out of order.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from xml.parsers import expat

from data.errors import DataError
from data.formats.decode import declared_encoding, encoding_of, texts
from data.formats.grid import Limits
from data.formats.workbook_cells import (
    MOMENTS,
    Merged,
    SheetRow,
    Shown,
    number_text,
    serial_text,
    shown_as,
)
from data.formats.xml_parts import Attributes, parser_of

_SPACE = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL = "urn:schemas-microsoft-com:office:excel "
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_ASIDE = ("Comment", "PhoneticText")
_PLACES = frozenset({"Index", "MergeAcross", "MergeDown", "Span", "Type"})
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?")
# Formats that have a name; what else they show is a plain number.
_NAMED: Mapping[str, Shown | None] = {
    "general date": "datetime", "long date": "date", "medium date": "date", "short date": "date",
    "long time": "time", "medium time": "time", "short time": "time", "percent": "percent",
    **dict.fromkeys(("general", "general number", "currency", "euro currency", "fixed", "standard",
                     "scientific", "yes/no", "true/false", "on/off"), None),
}  # fmt: skip


class XmlSpreadsheet:
    """A file read as a workbook; visible sheets only, in order.

    merged, hidden_columns: of the sheet that was read to its end last. Raises DataError
    `unreadable` and those of `decode.encoding_of`.
    """

    merged: tuple[Merged, ...] = ()
    hidden_columns: tuple[range, ...] = ()

    def __init__(self, path: Path, name: str, encoding: str | None, limits: Limits) -> None:
        self._path, self._name = path, name
        told = encoding or declared_encoding(path, "encoding", name)
        self.encoding = encoding_of(path, name, limits.workbook_unpacked_bytes, told)
        outline = _Outline()
        for _ in self._parse(outline):
            pass
        if not outline.root.startswith(f"{_SPACE}Workbook"):
            raise self._damaged(outline.root)
        self._kinds, self._from_1904 = outline.kinds(), outline.from_1904
        self._all = tuple(outline.sheets)
        self.sheets = tuple(n for n in self._all if n not in outline.hidden)
        if len(set(self._all)) < len(self._all):
            raise self._damaged("ss:Name")

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet from the top."""
        reader = _SheetReader(self._all.index(sheet), self._kinds, self._from_1904)
        for _ in self._parse(reader):
            yield from reader.finished
            reader.finished.clear()
        self.merged, self.hidden_columns = tuple(reader.merged), tuple(reader.hidden_columns)

    def _parse(self, reader: "_Outline | _SheetReader") -> Iterator[None]:
        parser = parser_of(reader.start, reader.end, reader.text)
        # As text that is decoded already: the XML's own reader knows neither GBK nor Big5.
        pieces = texts(self._path, self.encoding)
        first = next(pieces, "").removeprefix("\ufeff").lstrip()
        try:
            for piece in chain((first,), pieces):
                parser.Parse(piece, False)
                yield
            parser.Parse("", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise self._damaged(error) from error
        yield

    def _damaged(self, reason: object) -> DataError:
        return DataError("unreadable", file=self._name, reason=str(reason)[:200])


class _Outline:
    """What stands in a file besides cells: sheets, which of them are hidden, number formats."""

    def __init__(self) -> None:
        self.root = ""
        self.sheets: list[str] = []
        self.hidden: set[str] = set()
        self.from_1904 = False
        self._formats: dict[str, str | None] = {}
        self._parents: dict[str, str] = {}
        self._style = ""
        self._said: list[str] | None = None

    def start(self, tag: str, given: Attributes) -> None:
        self.root = self.root or tag
        if tag == f"{_SPACE}Worksheet":
            self.sheets.append(given[f"{_SPACE}Name"])
        elif tag == f"{_SPACE}Style":
            self._style = given.get(f"{_SPACE}ID", "")
            self._formats[self._style] = None
            self._parents[self._style] = given.get(f"{_SPACE}Parent", "")
        elif tag == f"{_SPACE}NumberFormat":
            self._formats[self._style] = given.get(f"{_SPACE}Format", "General")
        elif tag == f"{_EXCEL}Date1904":
            self.from_1904 = True
        elif tag == f"{_EXCEL}Visible":
            self._said = []

    def end(self, tag: str) -> None:
        if tag == f"{_EXCEL}Visible":
            if "".join(self._said or ()).strip() in ("SheetHidden", "SheetVeryHidden"):
                self.hidden.update(self.sheets[-1:])
            self._said = None

    def text(self, part: str) -> None:
        if self._said is not None:
            self._said.append(part)

    def kinds(self) -> dict[str, Shown | None]:
        """Return for each style whether it shows a date, a time or a percentage."""
        return {style: self._kind(style) for style in self._formats}

    def _kind(self, style: str) -> Shown | None:
        for _ in self._formats:
            code = self._formats.get(style)
            if code is not None:
                named = code.strip().lower()
                return _NAMED[named] if named in _NAMED else shown_as(0, code)
            style = self._parents.get(style, "")
        return None


class _SheetReader:
    """Turns the elements of one sheet, told by its place among all, into rows."""

    def __init__(self, place: int, kinds: Mapping[str, Shown | None], from_1904: bool) -> None:
        self.finished: list[SheetRow] = []
        self.merged: list[Merged] = []
        self.hidden_columns: list[range] = []
        self._left, self._kinds, self._from_1904 = place, kinds, from_1904
        self._inside = False
        self._tables = 0
        self._next_row, self._column, self._next_column = 1, 0, 0
        self._cells: list[str | None] = []
        self._faults: list[int] = []
        self._row: Attributes = {}
        self._cell: Attributes = {}
        self._styles: dict[int, str] = {}
        self._next_style, self._table_style = 0, ""
        # Column -> the last row that a cell from above reaches down to.
        self._taken: dict[int, int] = {}
        self._type: str | None = None
        self._said: list[str] | None = None
        self._aside = 0
        self._begins = {
            "Table": self._begin_table,
            "Column": self._begin_columns,
            "Row": self._begin_row,
            "Cell": self._begin_cell,
            "Data": self._begin_data,
        }

    def start(self, tag: str, given: Attributes) -> None:
        name = tag.removeprefix(_SPACE)
        if name == "Worksheet":
            self._inside, self._left = self._left == 0, self._left - 1
        if not self._inside:
            return
        if name in _ASIDE:
            self._aside += 1
        elif begin := self._begins.get(name):
            if bare := _PLACES.intersection(given):
                # Programs that overlook them show other cells than those that do not.
                raise ValueError(f"{min(bare)}, not ss:{min(bare)}")
            begin(given)
        elif tag.lower().endswith(" br"):
            self.text("\n")

    def end(self, tag: str) -> None:
        if not self._inside:
            return
        name = tag.removeprefix(_SPACE)
        if name in _ASIDE:
            self._aside -= 1
        elif name == "Cell":
            self._end_cell()
        elif name == "Row":
            self._end_row()
        elif name == "Worksheet":
            self._inside = False

    def text(self, part: str) -> None:
        """Take the text of a cell; text anywhere else is layout of the XML."""
        if self._said is not None and not self._aside:
            self._said.append(part)

    def _begin_table(self, given: Attributes) -> None:
        self._tables += 1
        if self._tables > 1:
            raise ValueError("Table")
        self._table_style = given.get(f"{_SPACE}StyleID", "")

    def _begin_columns(self, given: Attributes) -> None:
        first = _number(given, "Index", self._next_style + 1, _MOST_COLUMNS) - 1
        last = first + _number(given, "Span", 0, _MOST_COLUMNS - 1 - first)
        if style := given.get(f"{_SPACE}StyleID"):
            self._styles |= dict.fromkeys(range(first, last + 1), style)
        if _is_hidden(given):
            self.hidden_columns.append(range(first, last + 1))
        self._next_style = last + 1

    def _begin_row(self, given: Attributes) -> None:
        number = _number(given, "Index", self._next_row, _MOST_ROWS)
        if number < self._next_row:
            raise ValueError(f"Row {number}")
        self._row, self._next_row, self._next_column = given, number, 0
        self._cells, self._faults = [], []

    def _begin_cell(self, given: Attributes) -> None:
        column = _number(given, "Index", self._next_column + 1, _MOST_COLUMNS) - 1
        if column < self._next_column:
            raise ValueError(f"Cell {self._next_row}, {column + 1}")
        self._cell, self._column = given, column
        self._type, self._said = None, None

    def _begin_data(self, given: Attributes) -> None:
        if not self._aside:
            self._type, self._said = given.get(f"{_SPACE}Type"), []

    def _end_cell(self) -> None:
        column = self._column
        across = _number(self._cell, "MergeAcross", 0, _MOST_COLUMNS - 1 - column) + 1
        down = _number(self._cell, "MergeDown", 0, _MOST_ROWS - self._next_row) + 1
        self._next_column = column + across
        text, sound = self._read()
        columns = range(column, column + across)
        if text is None and down == across == 1:
            return
        if any(self._taken.get(each, 0) >= self._next_row for each in columns):
            raise ValueError(f"Cell {self._next_row}, {column + 1}: MergeDown")
        if down > 1 or across > 1:
            self.merged.append(Merged(range(self._next_row, self._next_row + down), columns))
        if down > 1:
            self._taken |= dict.fromkeys(columns, self._next_row + down - 1)
        if text is not None:
            self._cells += [None] * (column - len(self._cells))
            self._cells.append(text)
            self._faults += [] if sound else [column]

    def _end_row(self) -> None:
        if self._cells:
            faults, hidden = tuple(self._faults), _is_hidden(self._row)
            self.finished.append(SheetRow(self._next_row, self._cells, faults, hidden))
        # Rows of the same look that hold nothing may be told by their number alone.
        self._next_row += 1 + _number(self._row, "Span", 0, _MOST_ROWS)

    def _read(self) -> tuple[str | None, bool]:
        """Return the text of a cell, None where it is empty, and whether it is a value."""
        if self._said is None:
            # A formula that nobody has calculated since a program wrote it: no value is known.
            formula = self._cell.get(f"{_SPACE}Formula")
            return formula, not formula
        said, self._said = "".join(self._said), None
        match self._type:
            case "String":
                return said or None, True
            case "Boolean":
                words = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
                return words.get(said.strip(), said), said.strip() in words
            case "Number":
                return self._number(said.strip())
            case "DateTime":
                return self._moment(said.strip())
        return said, False

    def _number(self, said: str) -> tuple[str, bool]:
        text, kind = number_text(said), self._kind()
        if text is None or kind is None:
            return text or said, text is not None
        date = serial_text(float(said), kind, from_1904=self._from_1904)
        return date or text, date is not None

    def _moment(self, said: str) -> tuple[str, bool]:
        """Write a point in time as its style shows it: a day, a time of day, hours that passed."""
        parts = _MOMENT.fullmatch(said)
        if parts is None:
            return said, False
        year, month, date, hours, minutes, seconds = (int(part or 0) for part in parts.groups()[:6])
        day = dt.date(year, month, date)
        # Excel counts from the last day of 1899, and a 29 February 1900 with it.
        days = (day - dt.date(1899, 12, 31)).days + (day >= dt.date(1900, 3, 1))
        milliseconds = int((parts[7] or "0").ljust(3, "0"))
        milliseconds += ((hours * 60 + minutes) * 60 + seconds) * 1000
        kind = self._kind()
        shown: Shown = kind if kind in MOMENTS else "date"
        text = serial_text(days + milliseconds / 86_400_000, shown)
        return text or said, text is not None

    def _kind(self) -> Shown | None:
        """Return what the cell's style shows: its own, else that of its row, column or table."""
        styles = (
            self._cell.get(f"{_SPACE}StyleID"),
            self._row.get(f"{_SPACE}StyleID"),
            self._styles.get(self._column),
            self._table_style,
            "Default",
        )
        return self._kinds.get(next(style for style in styles if style))


def _is_hidden(given: Attributes) -> bool:
    return given.get(f"{_SPACE}Hidden") == "1"


def _number(given: Attributes, name: str, otherwise: int, most: int) -> int:
    """Return a whole number that an attribute says; raises ValueError for one out of bounds."""
    said = given.get(f"{_SPACE}{name}")
    number = otherwise if said is None else int(said)
    if not 0 <= number <= most or (name == "Index" and number == 0):
        raise ValueError(f"ss:{name}={said}")
    return number
