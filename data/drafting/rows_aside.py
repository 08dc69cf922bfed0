"""Rows and cells of a grid that no table takes, as problems and as words."""

from collections.abc import Iterator

import pandas as pd

from data.files import Grid, Ragged
from data.formats import fixed_width
from data.problems import PROBLEM_COLUMNS, problem
from data.words import Text, both, listing

_ROWS_NAMED = 6
_HEADING = 40


def ragged(grid: Grid) -> pd.DataFrame:
    """Return the records with another number of fields than the header, as problems."""
    rows = [
        problem(r.record, r.line, "", r.text, code, found=r.found, expected=r.expected)
        for r in grid.ragged
        for code in [_kind_of(r)]
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _kind_of(record: Ragged) -> str:
    if record.stray and not record.found:
        return "broken_quotes"
    if record.found != record.expected:
        return "ragged"
    return "stray_quote" if record.stray else "beside_piece"


def faulty(grid: Grid, used: set[int]) -> pd.DataFrame:
    """Return the workbook cells that hold an error (#N/A), in columns that are taken."""
    rows = [
        problem(fault.record, fault.line, grid.header[fault.column], fault.value, code)
        for fault in grid.faults
        if fault.column in used
        for code in ["cell_merged" if fault.merged else "cell_error"]
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def not_read(grid: Grid) -> tuple[Text, ...]:
    """Say what of a file was not read (rows that are no records, other sheets), or read unseen."""
    said = list(_unseen(grid))
    if grid.dialect == fixed_width.SAID:
        said.append(both("import.fixed_width", n=len(grid.header)))
    if grid.left_out:
        shown = [
            Text(*(f"{each.line} ({getattr(_kind(each.kind), side)})" for side in ("zh", "en")))
            for each in grid.left_out[:_ROWS_NAMED]
        ]
        rows = listing(shown)
        more = Text("等", " and others") if len(grid.left_out) > _ROWS_NAMED else ""
        said.append(both("import.left_out", n=len(grid.left_out), rows=rows, more=more))
    if grid.other_sheets:
        sheets = listing(grid.other_sheets)
        said.append(both("import.other_sheets", sheet=grid.sheet, sheets=sheets))
    return tuple(said)


def _unseen(grid: Grid) -> Iterator[Text]:
    """Say of the rows and columns that a workbook hides that they were read as the others."""
    if grid.hidden_rows:
        rows = listing(grid.hidden_rows[:_ROWS_NAMED])
        more = Text("等", " and others") if len(grid.hidden_rows) > _ROWS_NAMED else ""
        yield both("import.hidden_rows", n=len(grid.hidden_rows), rows=rows, more=more)
    if grid.hidden_columns:
        names = [heading.split("\n")[0][:_HEADING] for heading in grid.hidden_columns]
        yield both("import.hidden_columns", n=len(names), columns=listing(names))


def _kind(kind: str) -> Text:
    return both(f"import.left_out_kind.{kind}")
