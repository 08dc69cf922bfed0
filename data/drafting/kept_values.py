"""What a file has no column for stays as it is held: its rows are completed by it.

A file of states alone says nothing of areas; published as it is, it would empty them. What comes
together that way is held against the rules anew.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.contracts import Table
from data.drafting.checks import Checked, broken_rules
from data.drafting.effects import Mode, file_rows, same_key
from data.files import Grid
from data.store import Store
from data.words import Text, both, listing


def complete(
    store: Store,
    checked: Checked,
    grid: Grid,
    given: Collection[str],
    mode: Mode,
    batch: Mapping[str, Path],
) -> tuple[Checked, tuple[Text, ...]]:
    """Return the accepted rows with what is held of columns that are not `given`, and words of it.

    Where a period is replaced, they stay empty, and that is said.
    """
    table = checked.table
    absent = [c.name for c in table.columns if c.name not in given and c.name not in table.key]
    held = _held_values(store, table, checked.accepted, absent) if table.key and absent else {}
    if not held:
        return checked, ()
    columns = listing(table.column(name).label for name in held)
    told = {"columns": columns, "rows": max(held.values())}
    if mode == "replace":
        return checked, (both("import.columns_emptied", **told),)
    completed = _completed(store, table, checked.accepted, list(held))
    problems = broken_rules(store, table, completed, batch)
    if len(problems):
        problems = problems.assign(line=_lines(grid, problems["record"]))
        bad = pa.table({"record": pa.array(problems["record"].unique(), pa.int64())})
        sound = completed.with_suffix(".sound.parquet")
        query = f"SELECT * FROM {file_rows(completed)} ANTI JOIN bad USING (record)"  # noqa: S608 - our own file
        store.write_file(query, sound, tables={"bad": bad})
        completed = sound
    kept = pq.read_metadata(completed).num_rows
    problems = pd.concat([checked.problems, problems])
    told_of = both("import.columns_kept", **told)
    return replace(checked, accepted=completed, problems=problems, kept=kept), (told_of,)


def _held_values(store: Store, table: Table, file: Path, absent: list[str]) -> dict[str, int]:
    """Return in how many rows that the file has as well a column holds something, where any."""
    counts = ", ".join(f'count(h."{name}") AS "{name}"' for name in absent)
    found = store.read(
        f"SELECT {counts} FROM {file_rows(file)} a "  # noqa: S608 - contract names only
        f'JOIN lake."{table.name}" h ON {same_key(table, "h", "a")}'
    ).iloc[0]
    return {name: int(found[name]) for name in absent if found[name]}


def _completed(store: Store, table: Table, file: Path, names: list[str]) -> Path:
    values = ", ".join(
        f'coalesce(h."{c.name}", a."{c.name}") AS "{c.name}"'
        if c.name in names
        else f'a."{c.name}"'
        for c in table.columns
    )
    completed = file.with_suffix(".completed.parquet")
    store.write_file(
        f"SELECT a.record, {values} FROM {file_rows(file)} a "  # noqa: S608 - contract names only
        f'LEFT JOIN lake."{table.name}" h ON {same_key(table, "h", "a")} ORDER BY a.record',
        completed,
    )
    return completed


def _lines(grid: Grid, records: pd.Series) -> list[int]:
    lines = dict(zip(grid.records.to_pylist(), grid.lines.to_pylist(), strict=True))
    return [lines[record] for record in records]
