"""Changes written into the lake, inside the transaction of one publication."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow.parquet as pq

from data.contracts import TABLES, Table
from data.storage.lake import Cursor, Transaction, column_type, literal
from data.storage.roll_up import ROLLED_UP, SURVEY_TABLES, roll_up

LARGEST_SORTED = 200_000

Mode = Literal["merge", "replace"]


@dataclass(frozen=True)
class Change:
    """Rows to be published into one contract table.

    rows: a staged Parquet file (inside the store's staging folder) or a frame, holding all the
    table's columns with the contract's types. merge adds and corrects by key; replace also
    removes what is held for the same period (`Table.period`) and absent from the rows.
    """

    table: str
    rows: Path | pd.DataFrame
    mode: Mode = "merge"


def outdated(files: Mapping[str, Path], replaced: Collection[str] = ()) -> dict[str, str]:
    """Return what a publication leaves without its ground: table -> SQL condition on `held`.

    files: contract table -> staged rows of one publication. replaced: those of them whose periods
    are replaced. What somebody wrote, ranked or was marked for stands in rows of its own, which a
    blank in the new file does not overwrite; kept is what the file does not ask. Who or what a
    replaced list no longer holds takes along all that hangs on it.
    """
    found: dict[str, list[str]] = {}
    if {"survey_respondents", "survey_questions"} <= set(files):
        people, asked = (
            _staged(files[name], ("survey_id", key))
            for name, key in (
                ("survey_respondents", "respondent_id"),
                ("survey_questions", "question_id"),
            )
        )
        found = {name: [f"{people} AND {asked}"] for name in ("survey_comments", "survey_rankings")}
        found["survey_marks"] = [people]
    for parent in (TABLES[name] for name in replaced):
        if not parent.period or parent.period == parent.key:
            continue
        gone = f"{_staged(files[parent.name], parent.period)} AND NOT " + _staged(
            files[parent.name], parent.key
        )
        for child in TABLES.values():
            refers = any(key.parent == parent.name for key in child.foreign_keys)
            if refers and child.name not in files:
                found.setdefault(child.name, []).append(gone)
    return {name: " OR ".join(f"({each})" for each in some) for name, some in found.items()}


def _staged(file: Path, names: Sequence[str]) -> str:
    """Return the SQL condition that a held row has its like among the rows of a file."""
    same = " AND ".join(f'staged."{name}" = held."{name}"' for name in names)
    return f"EXISTS (SELECT 1 FROM read_parquet({literal(file)}) AS staged WHERE {same})"  # noqa: S608 - contract names only


def touched(changes: Sequence[Change]) -> frozenset[str]:
    """Return the tables that publishing the changes writes to."""
    tables = frozenset(change.table for change in changes)
    tables |= frozenset(outdated({name: Path() for name in tables}, _replaced(changes)))
    return tables | frozenset(ROLLED_UP) if tables & SURVEY_TABLES else tables


def _replaced(changes: Sequence[Change]) -> list[str]:
    return [change.table for change in changes if change.mode == "replace"]


def apply(
    inside: Transaction, changes: Sequence[Change], files: Sequence[Path], unused: Set[str]
) -> None:
    """Write staged rows (the file of each change) into their tables and roll surveys up anew.

    unused: tables without rows, where nothing has to give way. The lake would look for it for
    longer than it takes to write a small table.
    """
    cursor = inside.cursor
    surveys: dict[str, set[str]] = {}
    staged = {change.table: file for change, file in zip(changes, files, strict=True)}
    empty = set(unused)
    gone = outdated(staged, _replaced(changes))
    for name, condition in ((n, gone[n]) for n in gone if n not in empty):
        cursor.execute(f'DELETE FROM lake."{name}" AS held WHERE {condition}')  # noqa: S608 - contract names only
    for change, file in zip(changes, files, strict=True):
        _write(inside, TABLES[change.table], file, change.mode, empty)
        empty.discard(change.table)
        if change.table in SURVEY_TABLES:
            for survey_id in _surveys(cursor, file):
                surveys.setdefault(survey_id, set()).add(change.table)
        if change.table == "survey_scoring":
            for survey_id in _scored_otherwise(cursor, file):
                surveys.setdefault(survey_id, set()).add(change.table)
    roll_up(cursor, surveys, empty)


def _surveys(cursor: Cursor, file: Path) -> list[str]:
    """Return the surveys of which a staged file has rows."""
    if only := _only_value(file, "survey_id"):
        return [only]
    sql = "SELECT DISTINCT survey_id FROM read_parquet($file)"
    return [survey_id for (survey_id,) in cursor.execute(sql, {"file": str(file)}).fetchall()]


def _only_value(file: Path, column: str) -> str | None:
    """Return the text that stands in all rows of a column, where a file's statistics say it."""
    told = pq.read_metadata(file)
    place = told.schema.names.index(column)
    groups = [told.row_group(n).column(place).statistics for n in range(told.num_row_groups)]
    if not groups or not all(each and each.has_min_max and not each.null_count for each in groups):
        return None
    values = {value for each in groups for value in (each.min, each.max)}
    return str(values.pop()) if len(values) == 1 else None


def _scored_otherwise(cursor: Cursor, file: Path) -> set[str]:
    """Return the surveys of the years that the decisions of a staged file reach."""
    first = cursor.execute(
        "SELECT min(from_year) FROM read_parquet($file)", {"file": str(file)}
    ).fetchall()[0][0]
    held = cursor.execute("SELECT survey_id, year(start_on) FROM survey_meta").fetchall()
    return {survey_id for survey_id, year in held if year is not None and year >= first}


def _write(inside: Transaction, table: Table, file: Path, mode: Mode, unused: Set[str]) -> None:
    """Write staged rows into a table; names come from the contract only."""
    cursor = inside.cursor
    columns = ", ".join(
        f'CAST("{c.name}" AS {column_type(c.type)}) AS "{c.name}"' for c in table.columns
    )
    # A view takes no parameters; the file is our own, quoted.
    cursor.execute(
        f"CREATE TEMP VIEW staged AS SELECT {columns} FROM read_parquet({literal(file)})"  # noqa: S608
    )
    if table.name not in unused:
        _give_way(cursor, table, mode)
    order = _order(cursor, table, file)
    if order or not _as_it_will_be(cursor, table, file):
        # The names are the contract's own.
        cursor.execute(f'INSERT INTO lake."{table.name}" BY NAME FROM temp.staged {order}')
    else:
        inside.bring(table.name, file)
    cursor.execute("DROP VIEW temp.staged")


def _give_way(cursor: Cursor, table: Table, mode: Mode) -> None:
    """Delete the held rows that staged ones take the place of."""
    match = table.period if mode == "replace" and table.period else table.key
    on = " AND ".join(f'held."{name}" IS NOT DISTINCT FROM staged."{name}"' for name in match)
    if mode == "replace" and not table.period:
        cursor.execute(f'DELETE FROM lake."{table.name}"')  # noqa: S608 - contract names only
    elif _may_hold(cursor, table):
        cursor.execute(
            f'DELETE FROM lake."{table.name}" AS held '  # noqa: S608 - contract names only
            f"WHERE EXISTS (SELECT 1 FROM temp.staged AS staged WHERE {on})"
        )


def _as_it_will_be(cursor: Cursor, table: Table, file: Path) -> bool:
    """Say whether a staged file has the table's columns and their types, so that it may be kept."""
    told = cursor.execute("DESCRIBE FROM read_parquet($file)", {"file": str(file)}).fetchall()
    held = {name: kind for name, kind, *_ in told}
    return all(held.get(c.name) == column_type(c.type) for c in table.columns)


def _order(cursor: Cursor, table: Table, file: Path) -> str:
    """Return how the staged rows are sorted, so that later questions need not read them all.

    To sort a large file by its key takes longer than to write it and helps nobody: its questions
    are of a whole period. One that is of a single period is left as it is.
    """
    if pq.read_metadata(file).num_rows <= LARGEST_SORTED or not table.period:
        return _by((*table.period, *table.key))
    if table.period == ("survey_id",) and _only_value(file, "survey_id"):
        return ""
    periods = ", ".join(f'"{name}"' for name in table.period)
    several = f"SELECT count(*) > 1 FROM (SELECT DISTINCT {periods} FROM temp.staged)"  # noqa: S608
    return _by(table.period) if cursor.execute(several).fetchall()[0][0] else ""


def _by(names: Sequence[str]) -> str:
    return "ORDER BY " + ", ".join(f'"{name}"' for name in dict.fromkeys(names)) if names else ""


def _may_hold(cursor: Cursor, table: Table) -> bool:
    """Say whether the table holds a row of a period of the staged rows, which they may replace."""
    # A key that tells periods apart is looked for only where its period is held at all.
    on = [name for name in table.period if name in table.key]
    same = " AND ".join(f'held."{name}" IS NOT DISTINCT FROM staged."{name}"' for name in on)
    periods = ", ".join(f'"{name}"' for name in on) or "1"
    return bool(
        cursor.execute(
            f'SELECT EXISTS (SELECT 1 FROM lake."{table.name}" AS held '  # noqa: S608 - contract names only
            f"SEMI JOIN (SELECT DISTINCT {periods} FROM temp.staged) AS staged "
            f"ON {same or 'true'})"
        ).fetchall()[0][0]
    )
