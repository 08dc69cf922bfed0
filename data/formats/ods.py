"""OpenDocument spreadsheets (.ods), cell by cell from their XML (ODF 1.2, part 1).

Read here and not by a library because a library gives an error cell (#DIV/0!) as 0.
"""

import re
from collections.abc import Iterator

from data.formats.workbook_cells import Merged, SheetRow, displayed, number_text, serial_text
from data.formats.xml_parts import Attributes, XmlParts, ignore

_CONTENT = "content.xml"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?")
_COPIES = "number-columns-repeated"
_CELLS = ("table-cell", "covered-table-cell")
# What may lie on a cell and hold text of its own: remarks, reading aids, pictures and shapes.
_ASIDE = (
    "annotation", "ruby-text", "frame", "g", "line", "rect", "circle", "ellipse", "polyline",
    "polygon", "path", "regular-polygon", "connector", "measure", "caption", "control",
    "custom-shape",
)  # fmt: skip


class OdsBook:
    """An .ods workbook; visible sheets only, in the order of their tabs."""

    # Of the sheet that was read to its end last.
    merged: tuple[Merged, ...] = ()
    hidden_columns: tuple[range, ...] = ()

    def __init__(self, parts: XmlParts) -> None:
        self._parts = parts
        names: list[str] = []
        hidden: set[str | None] = set()
        style: list[str | None] = [None]

        def start(tag: str, given: Attributes) -> None:
            if tag == "style":
                style[0] = _of(given, "name")
            elif tag == "table-properties" and _of(given, "display") == "false":
                hidden.add(style[0])
            elif tag == "table" and _of(given, "style-name") not in hidden:
                names.append(_of(given, "name") or "")

        parts.read(_CONTENT, start, ignore, ignore)
        self.sheets = tuple(names)

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet from the top."""
        reader = _ContentReader(self._parts, sheet)
        for _ in self._parts.stream(_CONTENT, reader.start, reader.end, reader.text):
            for row, copies in reader.finished:
                for copy in range(copies):
                    yield SheetRow(row.number + copy, row.cells, row.faults, row.hidden)
            reader.finished.clear()
        self.merged, self.hidden_columns = tuple(reader.merged), tuple(reader.hidden_columns)


def _of(given: Attributes, name: str) -> str | None:
    """Return an attribute by its name without the namespace."""
    return next((value for key, value in given.items() if key.rpartition(" ")[2] == name), None)


def _repeated(given: Attributes, name: str) -> int:
    count = int(_of(given, name) or "1")
    if count < 1:
        raise ValueError(f"{name}={count}")
    return count


def _is_hidden(given: Attributes) -> bool:
    """Say whether nobody sees a row or column: it is hidden, or filtered out."""
    return _of(given, "visibility") in ("collapse", "filter")


class _ContentReader:
    """Turns the elements of content.xml into the rows of one sheet."""

    def __init__(self, parts: XmlParts, sheet: str) -> None:
        self.finished: list[tuple[SheetRow, int]] = []
        self.merged: list[Merged] = []
        self.hidden_columns: list[range] = []
        self._hidden, self._next_column = False, 0
        self._parts, self._sheet = parts, sheet
        self._inside = False
        self._next_row, self._row_copies = 1, 1
        self._cells: list[str | None] = []
        self._faults: list[int] = []
        self._column = 0
        self._cell: Attributes = {}
        # Text of the cell so far, None before its first paragraph.
        self._shown: list[str] | None = None
        self._in_paragraph = False
        self._depth_aside = 0
        # A few bytes may stand for thousands of spaces, so what they grow to is counted.
        self._room = parts.unpacked_bytes

    def start(self, tag: str, given: Attributes) -> None:
        if tag == "table":
            self._begin_table(given)
        if not self._inside:
            return
        if tag == "table-row":
            self._cells, self._faults, self._column = [], [], 0
            self._row_copies = _repeated(given, "number-rows-repeated")
            self._hidden = _is_hidden(given)
        elif tag == "table-column":
            self._take_columns(given)
        elif tag in _CELLS:
            self._cell, self._shown = given, None
        elif tag in _ASIDE:
            self._depth_aside += 1
        elif not self._depth_aside:
            self._begin_text(tag, given)

    def _begin_table(self, given: Attributes) -> None:
        if self._inside:
            raise self._parts.damaged("a table inside a table")
        self._inside = _of(given, "name") == self._sheet

    def _take_columns(self, given: Attributes) -> None:
        columns = range(self._next_column, self._next_column + _repeated(given, _COPIES))
        self._next_column = columns.stop
        self.hidden_columns += [columns] if _is_hidden(given) else []

    def _begin_text(self, tag: str, given: Attributes) -> None:
        if tag == "p":
            if self._shown is None:
                self._shown = []
            else:
                self._shown.append("\n")
            self._in_paragraph = True
        elif tag == "s":
            self.text(" " * min(int(_of(given, "c") or "1"), 32_767))
        elif tag == "tab":
            self.text("\t")
        elif tag == "line-break":
            self.text("\n")

    def text(self, part: str) -> None:
        """Take the text of a paragraph; text anywhere else is layout of the XML."""
        if self._shown is None or not self._in_paragraph or self._depth_aside:
            return
        self._room -= len(part)
        if self._room < 0:
            raise self._parts.too_large()
        self._shown.append(part)

    def end(self, tag: str) -> None:
        if not self._inside:
            return
        if tag == "table":
            self._inside = False
        elif tag in _ASIDE:
            self._depth_aside -= 1
        elif tag == "p" and not self._depth_aside:
            self._in_paragraph = False
        elif tag in _CELLS:
            self._end_cell()
        elif tag == "table-row":
            self._end_row()

    def _end_cell(self) -> None:
        copies = _repeated(self._cell, _COPIES)
        text, sound = self._read()
        self._shown = None
        spans = ("number-rows-spanned", "number-columns-spanned")
        down, across = (_repeated(self._cell, name) for name in spans)
        if down > 1 or across > 1:
            rows = range(self._next_row, self._next_row + down)
            self.merged.append(Merged(rows, range(self._column, self._column + across)))
        if text is not None:
            if self._column + copies > _MOST_COLUMNS:
                raise self._parts.damaged(f"{self._column + copies} columns")
            self._cells.extend([None] * (self._column - len(self._cells)))
            if not sound:
                self._faults.extend(range(self._column, self._column + copies))
            self._cells.extend([text] * copies)
        self._column += copies

    def _read(self) -> tuple[str | None, bool]:
        """Return the text of a cell, and whether it is a value and no error."""
        # A program that shows nothing may still say the text (`string-value`).
        shown = _of(self._cell, "string-value") if self._shown is None else "".join(self._shown)
        kinds = [v for k, v in self._cell.items() if k.rpartition(" ")[2] == "value-type"]
        if "error" in kinds:
            return shown or "", False
        formula = _of(self._cell, "formula")
        if formula and not kinds:
            # Nobody has calculated it since a program wrote it: no value is known.
            return formula, False
        kind = kinds[0] if kinds else "string"
        match kind:
            case "float" | "percentage" | "currency":
                value = _of(self._cell, "value") or ""
                text = number_text(value)
                if text is not None and kind == "percentage":
                    text = serial_text(float(value), "percent")
                return (value, False) if text is None else (displayed(text, shown or ""), True)
            case "boolean":
                return ("TRUE" if _of(self._cell, "boolean-value") == "true" else "FALSE"), True
            case "date":
                return _date(_of(self._cell, "date-value") or ""), True
            case "time":
                return _time(_of(self._cell, "time-value") or "")
        return shown, True

    def _end_row(self) -> None:
        if self._cells:
            if self._next_row + self._row_copies - 1 > _MOST_ROWS:
                raise self._parts.damaged(f"row {self._next_row + self._row_copies - 1}")
            row = SheetRow(self._next_row, self._cells, tuple(self._faults), self._hidden)
            self.finished.append((row, self._row_copies))
        self._next_row += self._row_copies


def _date(value: str) -> str:
    return value.replace("T", " ").removesuffix(" 00:00:00")


def _time(value: str) -> tuple[str, bool]:
    """Write a duration (PT09H30M00S) as a clock shows it."""
    parts = _DURATION.fullmatch(value)
    if parts is None:
        return value, False
    hours, minutes, seconds, fraction = parts.groups()
    clock = ":".join(f"{int(part or 0):02}" for part in (hours, minutes, seconds))
    return clock + (fraction or "").rstrip("0").removesuffix("."), True
