"""Which table and columns a file may mean, by its headings and first cells: never applied unasked.

A heading such as 村码 says little, twelve digits beneath it much: cells that fit a column's form
(its pattern, its code list, years, degrees) speak for it, cells that cannot be read against it.
"""

import re
from collections.abc import Mapping, Sequence

from data.contracts import CODES, TABLES, Column, Table
from data.drafting.headers import Said, match, missing, suggest
from data.formats.grid import Grid

# How much a form says: a pattern of digits nearly all, degrees only that they may be.
_PATTERN, _CODES, _YEAR, _DEGREES = 0.95, 0.9, 0.85, 0.6
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_RANGES = {"lat": (3.0, 54.0), "lon": (73.0, 136.0)}
_NOBODY = Said({}, {})
# Wider files are surveys: nobody maps them column by column.
_MOST_COLUMNS = 80
LOOKED_AT = 50  # first rows

Cells = Sequence[Sequence[str]]


def first_cells(grid: Grid) -> list[list[str]]:
    """Return the first cells of each column that hold anything."""
    return [
        [cell.strip() for cell in column.slice(0, LOOKED_AT).to_pylist() if cell and cell.strip()]
        for column in grid.cells.columns
    ]


def likely(table: Table, header: Sequence[str], cells: Cells) -> dict[int, tuple[str, float]]:
    """Return position in the header -> column that it may mean, and how likely (1: by its name).

    cells: the first cells of each column that hold anything. No column is named twice. Raises
    DataError as `headers.match` does.
    """
    found, _ = match(table, header, _NOBODY)
    sure = {place.position: (name, 1.0) for name, place in found.items()}
    pairs = [
        (score, position, column.name)
        for position, heading in enumerate(header)
        if position not in sure
        for wordings in [{each.column: each.similarity for each in suggest(table, heading)}]
        for column in table.columns
        if (score := _score(column, wordings.get(column.name, 0.0), cells[position]))
    ]
    told = dict(sure)
    taken = set(found)
    for score, position, name in sorted(pairs, key=lambda pair: -pair[0]):
        if position not in told and name not in taken:
            told[position] = (name, score)
            taken.add(name)
    return told


def likeliest_table(header: Sequence[str], cells: Cells) -> Table:
    """Return the table of which a file may hold most columns and lacks fewest.

    Raises DataError as `headers.match` does.
    """

    def fit(table: Table) -> float:
        told = likely(table, header, cells) if len(header) <= _MOST_COLUMNS else {}
        named: Mapping[str, object] = {name: None for name, _ in told.values()}
        return sum(score for _, score in told.values()) - len(missing(table, named))

    return max((table for table in TABLES.values() if table.uploadable), key=fit)


def _score(column: Column, wording: float, cells: Sequence[str]) -> float:
    """Say how likely cells under a heading of so much likeness are a column's; 0 for not at all."""
    form = _form(column, cells) if cells else None
    if form is False:
        return 0.0
    return max(wording, form or 0.0)


def _form(column: Column, cells: Sequence[str]) -> float | None:
    """Say how much the form of cells speaks for a column; False where it speaks against it."""
    if column.pattern:
        return all(re.fullmatch(column.pattern, cell) for cell in cells) and _PATTERN
    if column.codes and not column.separator:
        known = {word for c in CODES[column.codes] for word in (c.value, c.label.zh, c.label.en)}
        return all(cell in known for cell in cells) and _CODES
    if column.type in ("INTEGER", "BIGINT", "DOUBLE"):
        if not all(map(_NUMBER.fullmatch, cells)):
            return False
        if column.name in _RANGES:
            low, high = _RANGES[column.name]
            return all(low <= float(cell) <= high for cell in cells) and _DEGREES
        if column.name == "year":
            return all(re.fullmatch("20[0-9]{2}", cell) for cell in cells) and _YEAR
    return None
