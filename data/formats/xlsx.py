"""Excel workbooks (.xlsx), cell by cell from their XML (ECMA-376).

Read here and not by a library because a library gives error cells as empty ones, negative dates
as midnight, and reserves room for a whole sheet when one far cell is filled.
"""

import posixpath
import re
from collections.abc import Iterator

from data.formats.workbook_cells import (
    Merged,
    SheetRow,
    Shown,
    number_text,
    serial_text,
    shown_as,
)
from data.formats.xml_parts import Attributes, XmlParts, ignore

_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
# Characters that XML cannot hold are written _x000D_; a literal one as _x005F_x000D_.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo Excel's way of writing characters that XML cannot hold."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1), 16)
    # Zero and half of a surrogate pair are no text; they stay as written.
    return match.group(0) if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


def column_number(letters: str) -> int:
    """Return the 0-based position of a column by its letters: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class XlsxBook:
    """An .xlsx workbook; visible worksheets only, in the order of their tabs.

    merged, hidden_columns: of the sheet that was read to its end last.
    """

    merged: tuple[Merged, ...] = ()
    hidden_columns: tuple[range, ...] = ()

    def __init__(self, parts: XmlParts) -> None:
        self._parts = parts
        self._main = self._main_part()
        related = self._relations(self._main)
        self._from_1904 = self._uncalculated = False
        self._given: dict[str, frozenset[int]] = {}
        tabs: list[tuple[str, str]] = []

        def start(tag: str, given: Attributes) -> None:
            if tag == "workbookPr":
                self._from_1904 = given.get("date1904", "0") in ("1", "true")
            if tag == "calcPr":  # programs say so that write formulas and calculate none
                self._uncalculated = given.get("fullCalcOnLoad") in ("1", "true")
            if tag == "sheet" and given.get("state", "visible") == "visible":
                tabs.append((given["name"], _relation_id(given)))

        self._parts.read(self._main, start, ignore, ignore)
        if lost := [name for name, key in tabs if key not in related]:
            raise self._parts.damaged(f"sheet {lost[0]}")
        self._members = {
            name: related[key][1] for name, key in tabs if related[key][0] == "worksheet"
        }
        self.sheets = tuple(self._members)
        kinds = dict(related.values())
        self._texts = self._shared_texts(kinds.get("sharedStrings"))
        self._dates = self._date_styles(kinds.get("styles"))

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet from the top."""
        reader = _SheetReader(self._parts, self._texts, self._dates, self._from_1904)
        if self._uncalculated:
            reader.calculated = self._calculated(sheet)
        for _ in self._parts.stream(
            self._members[sheet], reader.start, reader.end, reader.text_parts.append
        ):
            yield from reader.finished
            reader.finished.clear()
        self.merged, self.hidden_columns = tuple(reader.merged), tuple(reader.hidden_columns)

    def _calculated(self, sheet: str) -> frozenset[int]:
        """Return the columns in which a formula has given something: there 0 is a result too."""
        if sheet not in self._given:
            reader = _SheetReader(self._parts, self._texts, self._dates, self._from_1904)
            for _ in self._parts.stream(
                self._members[sheet], reader.start, reader.end, reader.text_parts.append
            ):
                reader.finished.clear()
            self._given[sheet] = frozenset(reader.given)
        return self._given[sheet]

    def _main_part(self) -> str:
        kinds = dict(self._relations("").values())
        return kinds.get("officeDocument", "xl/workbook.xml")

    def _relations(self, member: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a member: id -> (kind, target member)."""
        folder, file = posixpath.split(member)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: Attributes) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, given["Target"]))
                kind = given["Type"].rpartition("/")[2]
                found[given["Id"]] = (kind, target.removeprefix("/"))

        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if self._parts.has(path):
            self._parts.read(path, start, ignore, ignore)
        return found

    def _shared_texts(self, member: str | None) -> list[str]:
        """Read the texts that cells refer to by number; reading aids (rPh) are left out."""
        texts: list[str] = []
        if member is None or not self._parts.has(member):
            return texts
        parts: list[str] = []
        inside: list[str] = []

        def start(tag: str, _: Attributes) -> None:
            inside.append(tag)
            if tag == "si":
                parts.clear()

        def end(tag: str) -> None:
            inside.pop()
            if tag == "si":
                texts.append(unescape("".join(parts)))

        def text(part: str) -> None:
            if inside[-1] == "t" and "rPh" not in inside:
                parts.append(part)

        self._parts.read(member, start, end, text)
        return texts

    def _date_styles(self, member: str | None) -> list[Shown | None]:
        """Return for each cell style whether it shows a date."""
        codes: dict[int, str] = {}
        styles: list[Shown | None] = []
        inside: list[str] = []

        def start(tag: str, given: Attributes) -> None:
            if tag == "numFmt":
                codes[int(given["numFmtId"])] = given["formatCode"]
            if tag == "xf" and inside[-1] == "cellXfs":
                format_id = int(given.get("numFmtId", "0"))
                styles.append(shown_as(format_id, codes.get(format_id)))
            inside.append(tag)

        def end(_: str) -> None:
            inside.pop()

        # Styles that are named and missing would turn dates into numbers: that is damage.
        if member is not None:
            self._parts.read(member, start, end, ignore)
        return styles


def _relation_id(given: Attributes) -> str:
    return next((value for key, value in given.items() if key.endswith(" id")), "")


def _is_hidden(given: Attributes, size: str) -> bool:
    """Say whether nobody sees a row or column: it is hidden, or has no height or width."""
    return given.get("hidden") in ("1", "true") or given.get(size) == "0"


class _SheetReader:
    """Turns the elements of a worksheet into rows."""

    def __init__(
        self,
        parts: XmlParts,
        texts: list[str],
        dates: list[Shown | None],
        from_1904: bool,
    ) -> None:
        self.finished: list[SheetRow] = []
        self.text_parts: list[str] = []
        self.merged: list[Merged] = []
        self.hidden_columns: list[range] = []
        self._parts, self._texts, self._dates = parts, texts, dates
        self._from_1904 = from_1904
        # Of a workbook whose formulas may never have been calculated: the columns where they were.
        self.calculated: frozenset[int] | None = None
        # The columns in which a formula gives anything but 0.
        self.given: set[int] = set()
        self._row, self._hidden = 0, False
        self._cells: list[str | None] = []
        self._faults: list[int] = []
        self._column = -1
        self._type, self._style = "n", 0
        self._value: str | None = None
        self._formula = ""
        self._inline: list[str] = []
        self._aside = False

    def start(self, tag: str, given: Attributes) -> None:
        if tag == "c":
            self._begin_cell(given)
        elif tag in ("v", "t", "f"):
            self.text_parts.clear()
        elif tag == "row":
            self._begin_row(int(given.get("r", self._row + 1)))
            self._hidden = _is_hidden(given, "ht")
        elif tag == "col" and _is_hidden(given, "width"):
            self.hidden_columns.append(range(int(given["min"]) - 1, int(given["max"])))
        elif tag == "rPh":
            self._aside = True
        elif tag == "mergeCell" and (place := _RANGE.fullmatch(given.get("ref", ""))):
            left, top, right, bottom = place.groups()
            columns = range(column_number(left), column_number(right) + 1)
            self.merged.append(Merged(range(int(top), int(bottom) + 1), columns))

    def end(self, tag: str) -> None:
        if tag == "v":
            self._value = "".join(self.text_parts)
        elif tag == "f":
            self._formula = "=" + "".join(self.text_parts)
        elif tag == "t" and not self._aside:
            self._inline.extend(self.text_parts)
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            if self._cells:
                self.finished.append(self._finished_row())
        elif tag == "rPh":
            self._aside = False

    def _finished_row(self) -> SheetRow:
        return SheetRow(self._row, self._cells, tuple(self._faults), self._hidden)

    def _begin_row(self, number: int) -> None:
        if not self._row < number <= _MOST_ROWS:
            raise self._parts.damaged(f"row {number}")
        self._row, self._cells, self._faults, self._column = number, [], [], -1

    def _begin_cell(self, given: Attributes) -> None:
        column = self._column + 1
        if reference := given.get("r"):
            place = _REFERENCE.fullmatch(reference)
            if place is None or int(place.group(2)) != self._row:
                raise self._parts.damaged(f"cell {reference}")
            column = column_number(place.group(1))
        if not self._column < column < _MOST_COLUMNS:
            raise self._parts.damaged(f"cell {reference}")
        self._column = column
        self._type, self._style = given.get("t", "n"), int(given.get("s", "0"))
        self._value, self._formula = None, ""
        self._inline.clear()

    def _end_cell(self) -> None:
        blank = not self._value if self._type == "n" else self._value is None
        zero = self._type == "n" and self._value == "0"
        blank |= zero and self.calculated is not None and self._column not in self.calculated
        if self._formula and not blank and not zero:
            self.given.add(self._column)
        if blank and self._formula:
            # A program wrote the formula and nobody has calculated it since: no value is known.
            text, sound = self._formula, False
        elif not self._value and blank and self._type != "inlineStr":
            return
        else:
            text, sound = self._read(self._value or "")
        self._cells.extend([None] * (self._column - len(self._cells)))
        if not sound:
            self._faults.append(self._column)
        self._cells.append(text)

    def _read(self, value: str) -> tuple[str, bool]:
        """Return the text of a cell, and whether it is a value and no error."""
        match self._type:
            case "s":
                return self._texts[int(value) if value.isdecimal() else len(self._texts)], True
            case "inlineStr":
                return unescape("".join(self._inline)), True
            case "str":
                return unescape(value), True
            case "b":
                return ("TRUE" if value in ("1", "true") else "FALSE"), True
            case "d":
                return value.replace("T", " "), True
            case "e":
                return value, False
        return self._number(value)

    def _number(self, value: str) -> tuple[str, bool]:
        text = number_text(value)
        if text is None:
            return value, False
        kind = self._dates[self._style] if self._style < len(self._dates) else None
        if kind is None:
            return text, True
        date = serial_text(float(value), kind, from_1904=self._from_1904)
        return (text, False) if date is None else (date, True)
