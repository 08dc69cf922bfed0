"""Every record against the contract: types, presence, ranges, codes, keys, references, rules.

Input is a staged Parquet file of text (`record`, `line`, and the table's columns); output a staged
Parquet file of typed rows that passed, and a table of problems that names record, line, column,
value and reason. All of it is one scan in DuckDB; identifiers come from the contract only.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.contracts import Column, Table
from data.drafting.coded_keys import CodedKeys, in_words
from data.drafting.conditions import (
    TYPED,
    Check,
    Unlike,
    checks_beyond,
    held_checks,
    own_checks,
)  # fmt: skip
from data.drafting.effects import Mode, file_rows
from data.drafting.reasons import worded
from data.drafting.typed_cells import typed_rows, untouched_columns, whole_numbers
from data.problems import PROBLEM_COLUMNS
from data.store import Store
from data.watch import Watch, current

_NONE = pd.DataFrame(columns=list(PROBLEM_COLUMNS[:5]))
# Blank values that the contract itself derives from another column.
_DERIVED = {
    ("townships", "unit_type"): "CASE WHEN substr(township_code, 7, 1) IN ('1', '2', '3') "
    "THEN 'township' WHEN substr(township_code, 7, 1) = '0' THEN 'subdistrict' END",
    ("townships", "crs"): "'WGS84'",
    ("survey_respondents", "weight"): "1.0",
}


@dataclass(frozen=True)
class Checked:
    """What became of one table of a file.

    accepted: Parquet file of typed rows (record, then the table's columns).
    problems: PROBLEM_COLUMNS, in record order. read and kept: numbers of records.
    """

    table: Table
    accepted: Path
    problems: pd.DataFrame
    read: int
    kept: int


def check(
    store: Store,
    table: Table,
    staged: pa.Table,
    folder: Path,
    batch: Mapping[str, Path] | None = None,
    mode: Mode = "merge",
) -> Checked:
    """Check staged text and write the rows that passed to `folder`.

    staged: record, line and a column of text for each column of the table. batch: accepted files
    of parent tables that are published together with this one. mode: 'append' refuses rows already
    held, 'correct' rows that are not.

    Nearly every large file is faultless: what would be accepted is written in the same look at it
    that says whether anything is wrong, and only checks that find something are asked for rows.
    Texts of visible signs are right as they stand, and are written so; what their keys alone tell
    is asked while they are written.
    """
    watch = current() or Watch()
    watch.check(staged.num_rows)
    visible = untouched_columns(staged)
    given, rows = {"given": staged}, typed_rows(table, visible)
    typed, accepted = (folder / f"{table.name}{end}.parquet" for end in (".typed", ""))
    written = _accepted_values(table)
    quick, ready, numbers = _quick(table, staged, visible)
    wrong = " OR ".join(f"({c.condition})" for c in own_checks(table, visible, numbers)) or "false"
    left = [said for name, said in written.items() if name not in ready]
    passing = (
        f"SELECT {', '.join(['record', *left])}, {wrong} AS wrong "  # noqa: S608 - contract names only
        f"FROM {typed_rows(table, visible, numbers)} AS r"
    )
    keys, asked = CodedKeys(quick, ready), list(checks_beyond(table, batch or {}, mode))
    with ThreadPoolExecutor(1) as meanwhile:
        told_by_keys = meanwhile.submit(_finding_by_keys, store, asked, keys)
        beside = quick.select(["record", *ready])
        passed = store.write_file(
            passing,
            accepted,
            tables={"given": quick},
            unless="wrong",
            beside=beside,
            heard=watch.checked,
        )
    failing: list[Check] = []
    if not passed:
        own = list(own_checks(table, visible))
        failing = _failing(store, own, rows, given)
        store.write_file(f"SELECT * FROM {rows}", typed, tables=given)  # noqa: S608 - as above
    beyond = told_by_keys.result()
    if beyond is None:
        beyond = _finding(store, asked, file_rows(typed if failing else accepted), keys)
    if not failing and not beyond:
        return Checked(table, accepted, worded(table, _NONE), staged.num_rows, staged.num_rows)
    if not failing:
        store.write_file(f"SELECT * FROM {rows}", typed, tables=given)  # noqa: S608 - as above
    found, kept = _without_bad(store, table, typed, accepted, [*failing, *beyond])
    return Checked(table, accepted, worded(table, found), staged.num_rows, kept)


def _without_bad(
    store: Store, table: Table, typed: Path, accepted: Path, checks: Sequence[Check]
) -> tuple[pd.DataFrame, int]:
    """Write the typed rows without a problem; return the problems and how many rows are left."""
    found = store.read(_problems_query(checks, file_rows(typed)))
    bad = pa.table({"record": pa.array(found["record"].unique(), pa.int64())})
    values = ", ".join(["record", *_accepted_values(table).values()])
    store.write_file(
        f"SELECT {values} FROM {file_rows(typed)} ANTI JOIN bad USING (record)",  # noqa: S608 - contract names only
        accepted,
        tables={"bad": bad},
    )
    return found, pq.read_metadata(accepted).num_rows


def _quick(
    table: Table, staged: pa.Table, visible: Collection[str]
) -> tuple[pa.Table, list[str], Collection[str]]:
    """Return the rows with what needs no SQL to be read: which columns, and those of numbers."""
    as_is = [c.name for c in table.columns if c.name in visible and _is_its_text(table, c)]
    with ThreadPoolExecutor() as cores:  # Arrow numbers the words of a column on one
        numbers = cores.submit(whole_numbers, table, staged, visible)
        words = cores.map(in_words, [staged[name] for name in as_is])
        ready = dict(zip(as_is, words, strict=True)) | numbers.result()
    for name, column in ready.items():
        staged = staged.set_column(staged.column_names.index(name), name, column)
    return staged, [*ready], [*numbers.result()]


def _is_its_text(table: Table, column: Column) -> bool:
    """Say whether the value of a column is the text of its cells."""
    return (
        column.type == "VARCHAR" and not column.codes and (table.name, column.name) not in _DERIVED
    )


def _accepted_values(table: Table) -> dict[str, str]:
    """Return column -> its value as SQL, named by it."""
    return {c.name: f'{_accepted_value(table, c)} AS "{c.name}"' for c in table.columns}


def _accepted_value(table: Table, column: Column) -> str:
    derived = _DERIVED.get((table.name, column.name))
    return f'COALESCE("{column.name}", {derived})' if derived else f'"{column.name}"'


def _finding_by_keys(store: Store, checks: Sequence[Check], keys: CodedKeys) -> list[Check] | None:
    """Return the checks that find a problem; None where one of them must ask the typed rows."""
    if not all(each.told_by(keys) for each in checks):
        return None
    return _finding(store, checks, "", keys)


def _finding(store: Store, checks: Sequence[Check], typed: str, keys: CodedKeys) -> list[Check]:
    """Return the checks that find a problem among typed rows, all asked in one question."""
    asked = [c for c in checks if not isinstance(c, Unlike) or c.may_be(store, typed, keys)]
    given: dict[str, pa.Table] = {}
    parts = []
    for n, each in enumerate(asked):
        query, tables = each.some(keys, f"each_key_{n}")
        parts.append(f'EXISTS ({query}) AS "{n}"')
        given |= tables
    if not asked:
        return []
    sql = f"SELECT {', '.join(parts)}".replace(TYPED, typed)
    found = store.read(sql, tables=given).iloc[0]
    return [each for n, each in enumerate(asked) if found[str(n)]]


def _failing(
    store: Store, checks: Sequence[Check], rows: str, given: Mapping[str, pa.Table]
) -> list[Check]:
    """Return the checks that find a problem among rows, in one look at all of them."""
    counts = ", ".join(f'count_if({c.condition}) AS "{n}"' for n, c in enumerate(checks))
    if not checks:
        return []
    found = store.read(f"SELECT {counts} FROM {rows} AS r", tables=given).iloc[0]  # noqa: S608
    return [check for n, check in enumerate(checks) if found[str(n)]]


def _problems_query(checks: Sequence[Check], typed: str) -> str:
    """Return one query that lists every problem: record, line, column, value, code."""
    return " UNION ALL ".join(c.problems(typed) for c in checks) + " ORDER BY record, code"


def against_held(store: Store, table: Table, typed: Path, mode: Mode) -> pd.DataFrame:
    """Return the problems that typed rows (record, columns) have with what is held, for a mode."""
    last = table.key[-1]
    rows = (
        f'(SELECT *, record AS line, CAST("{last}" AS VARCHAR) AS "text:{last}" '  # noqa: S608
        f"FROM {file_rows(typed)})"
    )
    checks = held_checks(table, mode)
    found = store.read(checks[0].problems(rows)) if checks else _NONE
    return worded(table, found)


def broken_rules(
    store: Store, table: Table, typed: Path, batch: Mapping[str, Path]
) -> pd.DataFrame:
    """Return where typed rows (record, columns) break a rule of the table; lines are records."""
    rows = f"(SELECT *, record AS line FROM {file_rows(typed)})"  # noqa: S608 - our own file
    checks = [*own_checks(table), *checks_beyond(table, batch, "merge")]
    rules = [each for each in checks if each.code.startswith("rule:")]
    return worded(table, store.read(_problems_query(rules, rows)) if rules else _NONE)
