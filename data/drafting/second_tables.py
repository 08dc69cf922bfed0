"""A second table beneath the first, behind a blank row and under headings of its own.

Where only one of the two is a table that is wanted, that one is read and the other named as not
read; where both are, only a person can say which one is meant.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from data.drafting.headers import Said, recognise_table
from data.errors import DataError
from data.files import Grid
from data.formats.framing import is_header
from data.formats.grid import cell_names
from data.words import Text, both

_SHOWN = 200
# Rows above that show what records of the first table look like.
_LOOKED_AT = 1_000
# Why a heading is not that of a table; what else is wrong with it is for the table to say.
_NO_TABLE = ("table_not_recognised", "missing_columns", "unknown_columns")


class _Second(NamedTuple):
    """The headings of a second table: record and line in which they stand; place: among rows."""

    record: int
    line: int
    headings: tuple[str, ...]
    place: int | None


def parted(grid: Grid, table: str | None, said: Said) -> tuple[Grid, tuple[Text, ...]]:
    """Return the one table of a grid that is wanted, and what is said of the other.

    Raises DataError `second_table` where a file has two and which one is meant is not certain.
    """
    second = _second(grid)
    if second is None:
        return grid, ()
    first_fits = _fits(grid.header, table, said)
    second_fits = _fits(second.headings, table, said)
    shown = ", ".join(second.headings)[:_SHOWN]
    apart = _is_apart(grid, second)
    if not second_fits:  # rows of words between the records are for the checks to name
        told = both("import.second_table_left", line=second.line, header=shown)
        return (_until(grid, second), (told,)) if first_fits and apart else (grid, ())
    if not first_fits and second.place is not None and apart:
        told = both("import.first_table_left", line=second.line, header=", ".join(grid.header))
        return _from(grid, second), (told,)
    raise DataError("second_table", line=second.line, header=shown)


def _second(grid: Grid) -> _Second | None:
    blank = {each.record for each in grid.left_out if each.kind == "blank" and each.record}
    if not blank or not is_header([cell for cell in grid.header if cell.strip()]):
        return None
    places = pc.index_in(pa.array([record + 1 for record in blank], pa.int64()), grid.records)
    found = [_headings(grid, place) for place in places.to_pylist() if place is not None]
    joint = grid.delimiter or "\t"
    for each in grid.ragged:
        fields = tuple(cell.strip() for cell in each.text.split(joint))
        # A text that was cut short may have lost some of its headings.
        if each.record - 1 in blank and len(fields) == each.found and len(each.text) < _SHOWN:
            found.append(_Second(each.record, each.line, fields, None))
    last = max((each.record for each in grid.ragged), default=0)
    if count := grid.cells.num_rows:
        last = max(last, grid.numbers(count - 1)[0])
    told = [s for s in found if s and s.record < last and len(s.headings) > 1]
    told = [s for s in told if is_header(s.headings) and s.headings != grid.header]
    return min(told, default=None)


def _headings(grid: Grid, place: int) -> _Second | None:
    """Return a row as headings: filled from its first cell to its last, and unlike those above."""
    cells = [(column[place].as_py() or "").strip() for column in grid.cells.columns]
    filled = [cell for cell in cells if cell]
    if cells[: len(filled)] != filled or _alike(grid, place):
        return None
    return _Second(*grid.numbers(place), tuple(filled), place)


def _alike(grid: Grid, place: int) -> bool:
    """Say whether a row of words above shows that such rows are records of the first table."""
    near = max(0, place - _LOOKED_AT)
    pieces = (column.slice(near, place - near) for column in grid.cells.columns)
    above = zip(*(piece.to_pylist() for piece in pieces), strict=True)
    return any(is_header([cell or "" for cell in row]) for row in above)


def _fits(headings: Sequence[str], table: str | None, said: Said) -> bool:
    try:
        recognise_table(headings, table, said)
    except DataError as refusal:
        return refusal.code not in _NO_TABLE
    return True


def _is_apart(grid: Grid, second: _Second) -> bool:
    """Say whether all that follows stands beneath the headings of the second table, not beside."""
    width = len(second.headings)
    beneath = pc.greater(grid.records, second.record)
    if second.place is None:
        ragged = [each.found for each in grid.ragged if each.record > second.record]
        return not pc.any(beneath).as_py() and {*ragged} <= {width}
    beside = grid.cells.select(range(width, len(grid.header))).filter(beneath)
    return not any(
        pc.any(pc.not_equal(pc.fill_null(column, ""), "")).as_py() for column in beside.columns
    ) and (width < len(grid.header) or not _fits(grid.header, None, Said({}, {})))


def _until(grid: Grid, second: _Second) -> Grid:
    keep = pc.less(grid.records, second.record)
    ragged = tuple(each for each in grid.ragged if each.record < second.record)
    faults = tuple(each for each in grid.faults if each.record < second.record)
    return _kept(replace(grid, ragged=ragged, faults=faults), keep)


def _from(grid: Grid, second: _Second) -> Grid:
    width = len(second.headings)
    keep = pc.greater(grid.records, second.record)
    lower = replace(
        grid,
        header=second.headings,
        cells=grid.cells.select(range(width)).rename_columns(cell_names(width)),
        ragged=tuple(each for each in grid.ragged if each.record > second.record),
        faults=tuple(f for f in grid.faults if f.record > second.record and f.column < width),
    )
    return _kept(lower, keep)


def _kept(grid: Grid, keep: pa.Array) -> Grid:
    return replace(
        grid,
        cells=grid.cells.filter(keep),
        records=grid.records.filter(keep),
        lines=grid.lines.filter(keep),
    )
