"""What of a table says nothing: empty columns, empty rows, a column that numbers the rows."""

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from data.formats.grid import Grid, LeftOut, cell_names

# Headings of a column that may only number the rows, as programs and people write them.
_NUMBERS_ROWS = re.compile(r"|#|no\.?|index", re.IGNORECASE)
# These only number them, also where rows were taken out or each township's begin anew.
_ONLY_NUMBERS = re.compile(r"序号|编序|行号|unnamed: ?0|__index_level_[0-9]+__", re.IGNORECASE)


def select(grid: Grid, kept: list[int]) -> Grid:
    """Return a grid with some of its columns."""
    places = {old: new for new, old in enumerate(kept)}
    return replace(
        grid,
        header=tuple(grid.header[n] for n in kept),
        cells=grid.cells.select(kept).rename_columns(cell_names(len(kept))),
        faults=tuple(
            replace(fault, column=places[fault.column])
            for fault in grid.faults
            if fault.column in places
        ),
    )


def without_idle(grid: Grid) -> Grid:
    """Return a grid without columns and rows that hold nothing; the rows are named as left out."""
    empty = {n for n, title in enumerate(grid.header) if not title.strip() and _is_empty(grid, n)}
    if empty and len(empty) < len(grid.header):
        grid = select(grid, [n for n in range(len(grid.header)) if n not in empty])
    blank = _blank_rows(grid)
    torn = tuple(each for each in grid.ragged if each.found or each.stray)
    if not len(blank) and len(torn) == len(grid.ragged):
        return grid
    lines = zip(blank.to_pylist(), pc.filter(grid.lines, pc.is_in(grid.records, blank)).to_pylist(),
                strict=True)  # fmt: skip
    left = [LeftOut(record, line, "blank", "") for record, line in lines]
    empty_lines = (each for each in grid.ragged if not each.found and not each.stray)
    left += [LeftOut(each.record, each.line, "blank", "") for each in empty_lines]
    keep = pc.invert(pc.is_in(grid.records, blank))
    return replace(
        grid,
        cells=grid.cells.filter(keep),
        records=grid.records.filter(keep),
        lines=grid.lines.filter(keep),
        ragged=torn,
        left_out=(*grid.left_out, *sorted(left)),
    )


def numbering(grid: Grid) -> str | None:
    """Return the heading of the column that only numbers the rows, if there is one."""
    for n, heading in enumerate(grid.header):
        only = _ONLY_NUMBERS.fullmatch(heading.strip())
        if (only or _NUMBERS_ROWS.fullmatch(heading.strip())) and grid.header.count(heading) == 1:
            cells = [cell for cell in grid.cells.column(n).to_pylist() if cell and cell.strip()]
            if all(re.fullmatch(r"\s*[0-9]{1,9}(\.0)?\s*", cell) for cell in cells):
                numbers = [int(float(cell)) for cell in cells]
                if (
                    only
                    or not cells
                    or numbers == list(range(numbers[0], numbers[0] + len(numbers)))
                ):
                    return heading
    return None


def _is_empty(grid: Grid, position: int) -> bool:
    cells = pc.utf8_trim_whitespace(pc.fill_null(grid.cells.column(position), ""))
    return not pc.any(pc.not_equal(cells, "")).as_py()


def _blank_rows(grid: Grid) -> pa.Array:
    """Return the numbers of the records whose cells are all blank; nearly none begins blank."""
    blank = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(grid.cells.column(0), "")), "")
    rows, records = grid.cells.filter(blank), grid.records.filter(blank)
    keep = pa.array([True] * len(records), pa.bool_())
    for column in rows.columns[1:] if len(records) else ():
        empty = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(column, "")), "")
        keep = pc.and_(keep, empty.combine_chunks())
    return records.filter(keep)
