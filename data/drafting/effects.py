"""What publishing would do to a table, and what happened between two versions, counted in rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow.parquet as pq

from data.contracts import TABLES, Table
from data.storage.publishing import Change, outdated
from data.storage.publishing import Mode as StoreMode
from data.store import Store

# append refuses rows already held, correct refuses rows not held; both then add and correct by key.
Mode = Literal["merge", "replace", "append", "correct"]
COUNTS = ("new", "changed", "unchanged", "removed")


def changes(accepted: Mapping[str, Path], mode: Mode) -> list[Change]:
    """Return what the store has to do to publish accepted files."""
    stored: StoreMode = "replace" if mode == "replace" else "merge"
    return [Change(name, file, stored) for name, file in accepted.items()]


def effect(store: Store, accepted: Mapping[str, Path], mode: Mode) -> pd.DataFrame:
    """Count what publishing would do: one row per table, with COUNTS."""
    before = outdated(accepted, accepted if mode == "replace" else ())
    rows = [
        {"table": name, **_effect_on(store, TABLES[name], file, mode, before.get(name))}
        for name, file in accepted.items()
    ]
    for name, condition in before.items():
        if name not in accepted and (removed := _held(store, TABLES[name], condition)):
            rows.append({"table": name, "new": 0, "changed": 0, "unchanged": 0, "removed": removed})
    return pd.DataFrame(rows, columns=["table", *COUNTS])


def compare(store: Store, earlier: int, later: int) -> pd.DataFrame:
    """Count the rows that are new, changed, unchanged and removed between two versions.

    One row per table that differs. Raises DataError `unknown_version`.
    """
    rows = []
    for table in store.rewritten(earlier, later):
        before, after = (f"({store.as_of(table, number)})" for number in (earlier, later))
        if table.key:
            counts = _counts(store, table, before, after)
            removed = _absent(store, table, before, after, "true")
            rows.append({"table": table.name, **counts, "removed": removed})
    found = pd.DataFrame(rows, columns=["table", *COUNTS])
    differs = found[["new", "changed", "removed"]].sum(axis=1) > 0
    return found[differs].reset_index(drop=True)


def file_rows(file: Path) -> str:
    """Return the SQL that reads a staged file."""
    return "read_parquet('" + str(file).replace("'", "''") + "')"


def same_key(table: Table, one: str, other: str) -> str:
    """Return the SQL condition that two rows have the same key."""
    return _same(table.key, one, other)


def _same(names: tuple[str, ...], one: str, other: str) -> str:
    return " AND ".join(f'{one}."{n}" IS NOT DISTINCT FROM {other}."{n}"' for n in names)


def _held(store: Store, on: Table, condition: str) -> int:
    query = f'SELECT count(*) AS n FROM lake."{on.name}" AS held WHERE {condition}'  # noqa: S608 - contract names only
    return int(store.read(query)["n"].item())


def _effect_on(
    store: Store, on: Table, file: Path, mode: Mode, outdated_rows: str | None
) -> dict[str, int]:
    """Count for one table; outdated_rows: which rows of `held` go first, whatever the mode."""
    held, staged = f'lake."{on.name}"', file_rows(file)
    if not outdated_rows and not _may_meet(store, on, staged):
        return {"new": pq.read_metadata(file).num_rows, "changed": 0, "unchanged": 0, "removed": 0}
    removed = 0
    if outdated_rows and mode != "replace":
        before = f"(SELECT * FROM {held} AS held WHERE {outdated_rows})"  # noqa: S608 - contract names only
        removed = _absent(store, on, before, staged, "true")
    if mode == "replace":
        slice_of = _same(on.period, "b", "s") or "true"
        within = f"EXISTS (SELECT 1 FROM {staged} s WHERE {slice_of})"  # noqa: S608 - contract names only
        removed = _absent(store, on, held, staged, within)
    return {**_counts(store, on, held, staged), "removed": removed}


def _may_meet(store: Store, on: Table, staged: str) -> bool:
    """Say whether anything is held of the periods of staged rows, or at all where there are none.

    Only then can a row have the key, or be in the period, of one that is held.
    """
    if not store.may_hold(on):
        return False
    within = [name for name in on.period if name in on.key]
    periods = ", ".join(f'"{name}"' for name in within) or "1"
    same = _same(tuple(within), "b", "s") or "true"
    query = (
        f'SELECT EXISTS (SELECT 1 FROM lake."{on.name}" AS b '  # noqa: S608 - contract names only
        f"SEMI JOIN (SELECT DISTINCT {periods} FROM {staged}) AS s ON {same}) AS any"
    )
    return bool(store.read(query)["any"].item())


def _counts(store: Store, on: Table, before: str, after: str) -> dict[str, int]:
    key, equal = same_key(on, "b", "a"), _same(on.column_names, "b", "a")
    missing = f'b."{on.key[0]}" IS NULL'
    counts = store.read(
        f"""-- One row: how the rows of `after` stand to those of `before`.
        SELECT count(*) FILTER ({missing}) AS new,
               count(*) FILTER (NOT {missing} AND NOT ({equal})) AS changed,
               count(*) FILTER (NOT {missing} AND ({equal})) AS unchanged
        FROM {after} a LEFT JOIN {before} b ON {key}"""  # noqa: S608 - contract names only
    ).iloc[0]
    return {name: int(counts[name]) for name in ("new", "changed", "unchanged")}


def _absent(store: Store, on: Table, before: str, after: str, within: str) -> int:
    return int(
        store.read(
            f"""-- One row: rows of `before` that `after` no longer has.
            SELECT count(*) AS n FROM {before} b
            WHERE {within} AND NOT EXISTS (SELECT 1 FROM {after} a WHERE {same_key(on, "b", "a")})
            """  # noqa: S608 - contract names only
        )["n"].item()
    )
