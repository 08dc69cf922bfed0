"""Web pages of one plain table, which many systems export under the name .xls.

What a browser shows in a cell is its text. A page with several tables, a table within a table or
cells that hold no text (a field of a form, a picture) is refused or named, never read in part.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from data.errors import DataError
from data.formats.decode import declared_encoding, encoding_of, open_text
from data.formats.grid import Limits
from data.formats.workbook_cells import Merged, SheetRow, number_text

_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576
# Text in these is none that is shown in the table.
_UNSEEN = frozenset({"script", "style", "title", "head", "xml", "noscript", "template"})
# What a cell may show that is no text.
_NO_TEXT = frozenset(
    {"input", "select", "textarea", "img", "svg", "object", "canvas", "iframe", "video", "audio"}
)
_HIDDEN = re.compile(r"^hidden:|display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BREAKS = frozenset({"br", "p", "div", "li"})
_NUMBER = re.compile(r"[-+]?(\d[\d,]*(\.\d+)?|\.\d+)")


class HtmlBook:
    """A page read as a workbook of one sheet. Raises DataError `page_tables`, `unreadable`, …"""

    sheets: tuple[str, ...] = ("HTML",)
    merged: tuple[Merged, ...]
    hidden_columns: tuple[range, ...]

    def __init__(self, path: Path, name: str, encoding: str | None, limits: Limits) -> None:
        told = encoding or declared_encoding(path, "charset")
        self.encoding = encoding_of(path, name, limits.workbook_bytes, told)
        with open_text(path, self.encoding) as text:
            self._rows, self.merged, self.hidden_columns = read_page(text.read(), name)

    def rows(self, _sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of the table from the top."""
        yield from self._rows


def read_page(text: str, name: str) -> tuple[list[SheetRow], tuple[Merged, ...], tuple[range, ...]]:
    """Return the rows, merged cells and hidden columns of a page of one table.

    Raises DataError `page_tables`, `unreadable`.
    """
    page = _Page()
    page.feed(text)
    page.close()
    if page.tables != 1:
        raise DataError("page_tables", file=name, tables=page.tables)
    if page.open or page.damage:
        raise DataError("unreadable", file=name, reason=page.damage or "</table>")
    return page.rows, tuple(page.merged), tuple(page.hidden_columns)


class _Page(HTMLParser):
    """Collects the rows of the tables of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables = 0
        self.open = 0
        self.damage = ""
        self.rows: list[SheetRow] = []
        self.merged: list[Merged] = []
        self.hidden_columns: list[range] = []
        self._row, self._hidden, self._next_column = 0, False, 0
        self._cells: list[str | None] = []
        self._faults: list[int] = []
        # Column -> the last row that a cell from above reaches down to.
        self._taken: dict[int, int] = {}
        self._text: list[str] | None = None
        self._cell: dict[str, str] = {}
        self._sound = True
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell; note what a cell holds beside text."""
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self.tables += 1
            self.open += 1
        elif not self.open or self.tables > 1:
            return
        elif tag in ("tr", "caption", "td", "th", "col"):
            self._begin(tag, {name: value or "" for name, value in attrs})
        elif self._text is not None:
            # What is hidden within a cell is text that nobody sees beside text that is seen.
            self._sound = self._sound and tag not in _NO_TEXT and not _is_hidden(attrs)
            if tag in _BREAKS:
                self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a table, row or cell."""
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "caption", "thead", "tbody", "tfoot"):
            self._end_row()
        elif tag == "table":
            self._end_row()
            self.open = max(0, self.open - 1)

    def handle_data(self, data: str) -> None:
        """Take the text of a cell; between cells there may be none."""
        if self._unseen or not self.open:
            return
        if self._text is not None:
            self._text.append(re.sub(r"[ \t\r\n\f]+", " ", data))
        elif data.strip():
            self.damage = self.damage or data.strip()[:100]

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "col":
            columns = range(self._next_column, self._next_column + self._span("span", given))
            self._next_column = columns.stop
            self.hidden_columns += [columns] if _is_hidden(given.items()) else []
            return
        if tag in ("tr", "caption"):
            self._end_row()
            self._row, self._hidden = self._row + 1, _is_hidden(given.items())
        self._end_cell()
        self._row = max(self._row, 1)
        if tag != "tr":
            self._cell, self._text, self._sound = given, [], True

    def _end_cell(self) -> None:
        if self._text is None:
            return
        column = len(self._cells)
        while self._taken.get(column, 0) >= self._row:
            column += 1
        across, down = (self._span(name, self._cell) for name in ("colspan", "rowspan"))
        if column + across > _MOST_COLUMNS or self._row + down > _MOST_ROWS:
            self.damage = self.damage or f"colspan={across} rowspan={down}"
            across = down = 1
        if _is_hidden(self._cell.items()):
            self.hidden_columns.append(range(column, column + across))
        self._cells += [None] * (column - len(self._cells))
        text = "".join(self._text)
        text = "\n".join(part.strip(" \xa0") for part in text.split("\n")).strip("\n")
        self._cells += [_exact(text, self._cell.get("x:num", "")) or None, *[None] * (across - 1)]
        if not self._sound:
            self._faults.append(column)
        if down > 1 or across > 1:
            rows, columns = range(self._row, self._row + down), range(column, column + across)
            self.merged.append(Merged(rows, columns))
            self._taken |= dict.fromkeys(columns, self._row + down - 1)
        self._text = None

    def _span(self, name: str, given: dict[str, str]) -> int:
        said = given.get(name, "").strip() or "1"
        if not re.fullmatch("[1-9][0-9]{0,6}", said):
            self.damage = self.damage or f"{name}={said[:20]}"
            return 1
        return int(said)

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells:
            faults = tuple(self._faults)
            self.rows.append(SheetRow(self._row, self._cells, faults, self._hidden))
        self._cells, self._faults = [], []


def _is_hidden(attrs: Iterable[tuple[str, str | None]]) -> bool:
    return any(_HIDDEN.search(f"{name}:{value}") for name, value in attrs)


def _exact(shown: str, stored: str) -> str:
    """Return the number that Excel stored beside the rounded one it shows, else what is shown."""
    if stored and _NUMBER.fullmatch(shown):
        return number_text(stored) or shown
    return shown
