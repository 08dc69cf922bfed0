"""The problems file to send back: every record that did not pass, as it was, with the reasons.

One Excel sheet a file. The original columns stay as they were, so that the corrected file can be
uploaded as it is: the columns in front are taken off again (`data.forms.own_parts`). Cells that
hold names, numbers or addresses of respondents stay blank.
"""

import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import ingest
from data.contracts import TABLES
from data.drafting.declared_units import declared
from data.drafting.headers import Place, recognise_table
from data.formats.framing import with_unit
from data.formats.grid import Grid
from data.forms import workbook_files
from data.forms.own_parts import LINE, OTHER, REASON_EN, REASON_ZH
from data.ingest import Draft
from data.store import Store
from data.words import Text

SHEET = "问题 Problems"
MOST_RECORDS = 20_000
_FRONT = (LINE, REASON_ZH, REASON_EN)
_WIDTHS = (12, 44, 44)
_LINE_POINTS, _HIGHEST_ROW = 15, 409
# A note of a cell: pixels wide, pixels a line, and letters on one.
_NOTE = (300, 18, 40)


@dataclass
class _Marked:
    """What is wrong with one record: reasons in order, and the cells they are about."""

    line: int
    reasons: list[Text] = field(default_factory=list)
    cells: dict[int, list[Text]] = field(default_factory=lambda: defaultdict(list))


def write(store: Store, path: Path, draft: Draft) -> bytes:
    """Return the problems workbook of a draft whose file is at `path`."""
    return workbook(draft, ingest.grids(store, path, draft))


def workbook(draft: Draft, grids: Mapping[str, Grid]) -> bytes:
    """Return the problems workbook of a draft.

    grids: file name -> its table of text (`ingest.grids`). At most MOST_RECORDS records a file;
    the rest is named in the sheet of other problems, as are problems that belong to no row.
    """
    out = io.BytesIO()
    with workbook_files.workbook(out) as book:
        forms = _forms(book)
        others: list[tuple[str, int, str, Text, str]] = []
        for name, problems in _by_file(draft):
            grid = grids.get(name)
            marked = _marked(draft, grid, problems) if grid else {}
            if grid and marked:
                _write_records(book, draft, name, grid, marked, forms)
            shown = set(list(marked)[:MOST_RECORDS])
            others += _others(draft, name, problems[~problems["record"].isin(shown)])
        if others:
            _write_others(book, others, forms)
    return out.getvalue()


def _by_file(draft: Draft) -> list[tuple[str, pd.DataFrame]]:
    if "file" not in draft.problems:
        return [(draft.name, draft.problems)]
    return [(str(name), part) for name, part in draft.problems.groupby("file", sort=False)]


def _marked(draft: Draft, grid: Grid, problems: pd.DataFrame) -> dict[int, _Marked]:
    """Return record -> what is wrong with it, for the records that stand in the grid."""
    places = _places(draft, grid)
    known = set(grid.records.to_pylist())
    found: dict[int, _Marked] = {}
    ordered = problems.sort_values("record", kind="stable")
    for row in ordered.to_dict("records"):
        record = int(row["record"])
        if record not in known:
            continue
        reason = Text(str(row["reason_zh"]), str(row["reason_en"]))
        each = found.setdefault(record, _Marked(int(row["line"])))
        if reason not in each.reasons:
            each.reasons.append(reason)
        for column in (row["column"], *_of_rule(draft, str(row["code"]), reason)):
            if column in places:
                each.cells[places[column]].append(reason)
    return found


def _of_rule(draft: Draft, code: str, reason: Text) -> tuple[str, ...]:
    """Return the columns that a broken rule speaks of, known by its words; none else."""
    if code != "rule":
        return ()
    tables = (TABLES[name] for name in draft.accepted if name in TABLES)
    broken = ((t, rule) for t in tables for rule in t.rules if rule.text == reason)
    return tuple(name for t, rule in broken for name in t.column_names if name in rule.words)


def _places(draft: Draft, grid: Grid) -> dict[str, int]:
    """Return header or contract column -> its position in the grid."""
    by_header = {header: n for n, header in reversed(list(enumerate(grid.header)))}
    if draft.kind == "survey":
        asked = draft.reading.understood if draft.reading else ()
        return {u.use: u.columns[0] for u in asked if u.columns} | by_header
    places = _recognised(draft, grid)
    return by_header | {name: place.position for name, place in places.items()}


def _recognised(draft: Draft, grid: Grid) -> dict[str, Place]:
    said = replace(draft.options.said, declared=declared(grid))
    return recognise_table(grid.header, draft.options.table, said)[1]


def _headings(draft: Draft, grid: Grid) -> list[str]:
    """Return the headings, with the units that stood above the table: those rows are not given."""
    told = list(grid.header)
    if draft.kind == "survey":
        return told
    said = draft.options.said
    for place in _recognised(draft, grid).values():
        heading = grid.header[place.position]
        if place.factor != 1 and not {heading} & {*said.columns, *said.units}:
            told[place.position] = with_unit(heading, place.unit)
    return told


def _personal(draft: Draft, grid: Grid) -> set[int]:
    """Return the columns whose cells are not given out."""
    dropped = set(draft.reading.personal) if draft.reading else set()
    return {n for n, header in enumerate(grid.header) if header in dropped}


def _forms(book: Any) -> dict[str, Any]:
    wrapped = {"text_wrap": True, "valign": "top"}
    return {
        "heading": book.add_format(workbook_files.HEADING),
        "plain": book.add_format({"valign": "top", "num_format": "@"}),
        "reason": book.add_format(wrapped | {"bg_color": "#FFF6E5"}),
        "bad": book.add_format(
            {
                "bg_color": "#F8D7DA", "font_color": "#7A0C16", "border": 2,
                "border_color": "#B4141E", "valign": "top", "num_format": "@",
            }
        ),
    }  # fmt: skip


def _write_records(
    book: Any,
    draft: Draft,
    name: str,
    grid: Grid,
    marked: Mapping[int, _Marked],
    forms: Mapping[str, Any],
) -> None:
    taken = [sheet.get_name() for sheet in book.worksheets()]
    title = Path(name).stem if draft.kind == "kit" else SHEET
    sheet = book.add_worksheet(workbook_files.sheet_name(title, taken))
    records = list(marked)[:MOST_RECORDS]
    rows = grid.cells.filter(pc.is_in(grid.records, pa.array(records, pa.int64())))
    cells = [column.to_pylist() for column in rows.columns]
    personal = _personal(draft, grid)
    for column, heading in enumerate((*_FRONT, *_headings(draft, grid))):
        workbook_files.text(sheet, 0, column, heading, forms["heading"])
    for row, record in enumerate(records, 1):
        each = marked[record]
        workbook_files.text(sheet, row, 0, each.line, forms["reason"])
        heights = [1]
        for column, language in ((1, "zh"), (2, "en")):
            said = "\n".join(getattr(reason, language) for reason in each.reasons)
            workbook_files.text(sheet, row, column, said, forms["reason"])
            heights.append(_lines(said, _WIDTHS[column]))
        # Not every program makes a row as high as its text, nor a note.
        sheet.set_row(row, min(_LINE_POINTS * max(heights), _HIGHEST_ROW))
        for position, column_cells in enumerate(cells):
            value = "" if position in personal else column_cells[row - 1] or ""
            form = forms["bad" if position in each.cells else "plain"]
            workbook_files.text(sheet, row, len(_FRONT) + position, value, form)
            if position in each.cells:
                note = "\n".join(f"{said.zh}\n{said.en}" for said in each.cells[position])
                size = {"width": _NOTE[0], "height": _NOTE[1] * (_lines(note, _NOTE[2]) + 1)}
                sheet.write_comment(row, len(_FRONT) + position, note, size)
    _finish(sheet, len(records), len(_FRONT) + len(grid.header))


def _lines(text: str, letters: int) -> int:
    """Return how many lines a text takes at so many letters a line; Chinese takes two each."""
    widths = [sum(1 + (sign > "\u2e7f") for sign in line) for line in text.split("\n")]
    return sum(max(1, -(-width // letters)) for width in widths)


def _finish(sheet: Any, rows: int, columns: int) -> None:
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    if columns > len(_WIDTHS):
        sheet.set_column(len(_WIDTHS), columns - 1, 16)
    sheet.freeze_panes(1, len(_WIDTHS))
    # Codes and numbers are text here; Excel's green corners would hide the marks.
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{rows + 1}"})


def _others(
    draft: Draft, name: str, problems: pd.DataFrame
) -> list[tuple[str, int, str, Text, str]]:
    """Return the problems without a row: (file, line, column, reason, what stands there)."""
    private = draft.kind == "survey"
    return [
        (
            name,
            int(row["line"]),
            _label(draft, str(row["column"])),
            Text(str(row["reason_zh"]), str(row["reason_en"])),
            "" if private else str(row["value"]),
        )
        for row in problems.to_dict("records")
    ]


def _label(draft: Draft, column: str) -> str:
    tables = [TABLES[name] for name in draft.accepted if name in TABLES]
    found = next((t for t in tables if column in t.column_names), None)
    return " ".join((*found.column(column).label, column)) if found else column


def _write_others(
    book: Any, others: list[tuple[str, int, str, Text, str]], forms: Mapping[str, Any]
) -> None:
    sheet = book.add_worksheet(OTHER)
    for column, heading in enumerate((*_FRONT, "文件 File", "列 Column", "内容 Content")):
        workbook_files.text(sheet, 0, column, heading, forms["heading"])
    for row, (name, line, column_name, reason, value) in enumerate(others, 1):
        for column, cell in enumerate((line, *reason, name, column_name, value)):
            form = forms["reason" if column < len(_FRONT) else "plain"]
            workbook_files.text(sheet, row, column, cell, form)
    _finish(sheet, len(others), len(_FRONT) + 3)
