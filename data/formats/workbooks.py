"""Workbooks of every kind: one sheet of text cells, the header above the records.

Titles above the header, a second row of headings and totals are told from records as in text
files (`framing.frame_of`).
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from data.errors import DataError
from data.formats.archived_pages import ArchivedPages
from data.formats.framing import HEAD, frame_of
from data.formats.grid import EXCERPT, Fault, GridBuilder, LeftOut, Limits
from data.formats.html_tables import HtmlBook
from data.formats.ods import OdsBook
from data.formats.workbook_cells import Book, SheetRow
from data.formats.xls import XlsBook
from data.formats.xlsx import XlsxBook
from data.formats.xml_parts import ARCHIVE_DAMAGE, XmlParts
from data.formats.xml_spreadsheets import XmlSpreadsheet

WorkbookKind = Literal["xlsx", "ods", "xls", "html", "mht", "xml"]
_PAGES: dict[str, Callable[[Path, str, str | None, Limits], Book]] = {
    "html": HtmlBook,
    "mht": ArchivedPages,
    "xml": XmlSpreadsheet,
}


def read_workbook(
    path: Path,
    kind: WorkbookKind,
    name: str,
    sheet: str | None,
    limits: Limits,
    encoding: str | None = None,
) -> GridBuilder:
    """Read one sheet: the one named, else the first visible one that holds anything.

    Merged cells are not filled, but name the columns they stand above; what one among the records
    covers is a fault. Empty columns before the header and empty rows after the last record are
    left out; an empty row between records, and a record that reaches beyond the header, are named
    as ragged. What is hidden is read, and named. encoding: of a page, where a person said it.
    Raises DataError `sheet_unknown`, `empty_file`, `unreadable`, `file_too_large`,
    `too_many_cells`, `too_many_merged`, `record_too_long`, `page_tables`.
    """
    with _opened(path, kind, name, limits, encoding) as book:
        if sheet is not None and sheet not in book.sheets:
            raise DataError("sheet_unknown", file=name, sheet=sheet, sheets="、".join(book.sheets))
        for title in book.sheets if sheet is None else (sheet,):
            rows = _within(book.rows(title), name, limits)
            if first := next(rows, None):
                builder, left = _collected(chain([first], rows), name, limits)
                for lines, columns in book.merged:
                    builder.merge(lines, range(columns.start - left, columns.stop - left))
                for columns in book.hidden_columns:
                    builder.hide(range(columns.start - left, columns.stop - left))
                builder.sheet = title
                builder.other_sheets = tuple(
                    other
                    for other in book.sheets
                    if other != title and next(_within(book.rows(other), name, limits), None)
                )
                return builder
    raise DataError("empty_file", file=name)


@contextmanager
def _opened(
    path: Path, kind: WorkbookKind, name: str, limits: Limits, encoding: str | None
) -> Iterator[Book]:
    if kind in _PAGES:
        yield _PAGES[kind](path, name, encoding, limits)
        return
    if kind == "xls":
        yield XlsBook(path, name)
        return
    # An archive left in the middle of a member would keep the file open; this closes it.
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except ARCHIVE_DAMAGE as error:
            raise DataError("unreadable", file=name, reason=str(error)[:200]) from error
        parts = XmlParts(archive, name, limits.workbook_unpacked_bytes)
        yield XlsxBook(parts) if kind == "xlsx" else OdsBook(parts)


def _within(rows: Iterator[SheetRow], name: str, limits: Limits) -> Iterator[SheetRow]:
    """Yield rows that hold anything, and stop a sheet that grows beyond the limits."""
    cells, characters = limits.workbook_cells, limits.workbook_unpacked_bytes
    for row in rows:
        cells -= len(row.cells)
        long = sum(len(cell) for cell in row.cells if cell)
        characters -= long
        if long > limits.record_bytes:
            limit = f"{limits.record_bytes >> 20} MB"
            raise DataError("record_too_long", file=name, line=row.number, limit=limit)
        if cells < 0:
            raise DataError("too_many_cells", file=name, limit=limits.workbook_cells)
        if characters < 0:
            limit = f"{limits.workbook_unpacked_bytes >> 20} MB"
            raise DataError("file_too_large", file=name, limit=limit)
        if any(cell and cell.strip() for cell in row.cells):
            yield row


def _collected(rows: Iterator[SheetRow], name: str, limits: Limits) -> tuple[GridBuilder, int]:
    """Return the records, and the column of the sheet in which the header begins."""
    head = list(islice(rows, HEAD))
    texts = _texts(head)
    frame = frame_of(texts)
    first = head[len(frame.above)]
    left = next(position for position, cell in enumerate(first.cells) if cell)
    header = [cell or "" for cell in _trimmed(first.cells)[left:]]
    builder = GridBuilder(frame.joined or header, name, limits, joint="\t")
    header = list(builder.header)
    kinds = [*frame.above, "header", *("second_header",) * frame.beneath]
    for row, text, kind in zip(head, texts, kinds, strict=False):
        if kind != "header":
            builder.left_out.append(LeftOut(0, row.number, kind, "\t".join(text)[:EXCERPT]))
    due = head[len(kinds) - 1].number + 1
    for row in chain(head[len(kinds) :], rows):
        for skipped in range(due, row.number):
            builder.add(skipped, ())
        due = row.number + 1
        fields = _fields(row.cells, left, len(header))
        builder.add(row.number, fields)
        if row.hidden:
            builder.hidden_rows.append(row.number)
        if len(fields) == len(header):
            builder.faults += [
                Fault(builder.record, row.number, position - left, row.cells[position] or "")
                for position in row.faults
                if left <= position < left + len(header)
            ]
    return builder, left


def _texts(rows: list[SheetRow]) -> list[list[str]]:
    """Return rows as records of text of one width, from the first column that holds anything."""
    width = max(len(_trimmed(row.cells)) for row in rows)
    starts = (next(n for n, cell in enumerate(row.cells) if cell) for row in rows)
    left = min(starts)
    return [[cell or "" for cell in (*row.cells, *[None] * width)][left:width] for row in rows]


def _trimmed(cells: list[str | None]) -> list[str | None]:
    """Return a row up to its last cell that says anything."""
    last = max((n for n, cell in enumerate(cells) if cell and cell.strip()), default=-1)
    return cells[: last + 1]


def _fields(cells: list[str | None], left: int, width: int) -> list[str | None]:
    """Return a row as wide as the header, wider where it has cells outside the header."""
    start = 0 if any(cells[:left]) else left
    fields = _trimmed(cells)[start:]
    return fields + [None] * (left + width - start - len(fields))
