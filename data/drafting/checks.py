"""Every record against the contract: types, presence, ranges, codes, keys, references, rules.

Input is a staged Parquet file of text (`record`, `line`, and the table's columns); output a staged
Parquet file of typed rows that passed, and a table of problems that names record, line, column,
value and reason. All of it is one scan in DuckDB; identifiers come from the contract only.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.contracts import CODES, TABLES, Column, ForeignKey, Rule, Table
from data.drafting.coded_keys import CodedKeys, in_words
from data.drafting.effects import Mode, same_key
from data.drafting.notations import DAY_OR_MONTH
from data.drafting.typed_cells import (
    quoted,
    quoted_all,
    typed_rows,
    untouched_columns,
    whole_numbers,
)  # fmt: skip
from data.formats.unseen import CLASS, shown
from data.problems import PROBLEM_COLUMNS
from data.store import Store
from data.words import Language, Text, both, say

MOST_CODES = 30  # that a reason lists
_NONE = pd.DataFrame(columns=list(PROBLEM_COLUMNS[:5]))
# Stands in a check for the SQL of the rows that are checked.
_TYPED = "{typed}"

# Longitude and latitude in each other's place, within China; beyond so many degrees it is metres.
_TURNED = {
    "lat": '"lat" BETWEEN 73 AND 136 AND "lon" BETWEEN 3 AND 54',
    "lon": '"lon" BETWEEN 3 AND 54 AND "lat" BETWEEN 73 AND 136',
}
_MOST_DEGREES = 1000
_OF_CODES = ("_id", "_code", "_key", "_of")
_SHORTENED = r"[0-9](\.[0-9]+)?E\+[0-9]{1,3}"
# What is said of a cell as well when a character that nobody sees is the cause of it.
_CAUSED = frozenset({"type", "no_angle", "pattern", "code", "orphan"})
_CAUSES = frozenset({"unseen", "day_or_month"})
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
    visible = untouched_columns(staged)
    given, rows = {"given": staged}, typed_rows(table, visible)
    typed, accepted = (folder / f"{table.name}{end}.parquet" for end in (".typed", ""))
    written = {c.name: f'{_accepted_value(table, c)} AS "{c.name}"' for c in table.columns}
    values = ", ".join(["record", *written.values()])
    as_is = [c.name for c in table.columns if c.name in visible and _is_its_text(table, c)]
    numbers = whole_numbers(table, staged, visible)
    ready = {name: in_words(staged[name]) for name in as_is} | numbers
    quick = staged
    for name, column in ready.items():
        quick = quick.set_column(quick.column_names.index(name), name, column)
    wrong = " OR ".join(f"({c.condition})" for c in _own_checks(table, visible, numbers)) or "false"
    left = [said for name, said in written.items() if name not in ready]
    passing = (
        f"SELECT {', '.join(['record', *left])}, {wrong} AS wrong "  # noqa: S608 - contract names only
        f"FROM {typed_rows(table, visible, numbers)} AS r"
    )
    keys, asked = CodedKeys(quick, ready), list(_checks_beyond(table, batch or {}, mode))
    with ThreadPoolExecutor(1) as meanwhile:
        told_by_keys = meanwhile.submit(_finding_by_keys, store, asked, keys)
        beside = quick.select(["record", *ready])
        passed = store.write_file(
            passing, accepted, tables={"given": quick}, unless="wrong", beside=beside
        )
    failing: list[_Check] = []
    if not passed:
        own = list(_own_checks(table, visible))
        failing = _failing(store, own, rows, given)
        store.write_file(f"SELECT * FROM {rows}", typed, tables=given)  # noqa: S608 - as above
    beyond = told_by_keys.result()
    if beyond is None:
        beyond = _finding(store, asked, _file(typed if failing else accepted), keys)
    if not failing and not beyond:
        return Checked(table, accepted, _worded(table, _NONE), staged.num_rows, staged.num_rows)
    if not failing:
        store.write_file(f"SELECT * FROM {rows}", typed, tables=given)  # noqa: S608 - as above
    found = store.read(_problems_query([*failing, *beyond], _file(typed)))
    bad = pa.table({"record": pa.array(found["record"].unique(), pa.int64())})
    store.write_file(
        f"SELECT {values} FROM {_file(typed)} ANTI JOIN bad USING (record)",  # noqa: S608 - as above
        accepted,
        tables={"bad": bad},
    )
    kept = pq.read_metadata(accepted).num_rows
    return Checked(table, accepted, _worded(table, found), staged.num_rows, kept)


def _file(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _is_its_text(table: Table, column: Column) -> bool:
    """Say whether the value of a column is the text of its cells."""
    return (
        column.type == "VARCHAR" and not column.codes and (table.name, column.name) not in _DERIVED
    )


def _accepted_value(table: Table, column: Column) -> str:
    derived = _DERIVED.get((table.name, column.name))
    return f'COALESCE("{column.name}", {derived})' if derived else f'"{column.name}"'


def _column_checks(column: Column, visible: bool) -> Iterator[tuple[str, str]]:
    """Yield (problem code, SQL condition) for one column; visible: of whose cells each sign is."""
    name, text = f'"{column.name}"', f'"text:{column.name}"'
    if not column.nullable and not visible:
        yield "required", f"{text} IS NULL"
    if column.type != "VARCHAR":
        kind = "no_angle" if column.name in _TURNED else "type"
        yield kind, f"{text} IS NOT NULL AND {name} IS NULL"
    if column.type in ("DATE", "TIMESTAMP"):
        form = f"regexp_full_match({text}, '{DAY_OR_MONTH}')"
        yield "day_or_month", f"{name} IS NULL AND {form}"
    if not visible and (not column.references or column.pattern):
        yield "unseen", _unseen(column)
    if column.name == "lon":
        # What a program writes that did not find the place: far off Africa, outside every reach.
        yield "no_place", f'{name} = 0 AND "lat" = 0'
    told = ""
    if column.name in _TURNED:
        told = f"{_TURNED[column.name]} OR abs({name}) > {_MOST_DEGREES}"
        yield "swapped", _TURNED[column.name]
        yield "not_degrees", f"abs({name}) > {_MOST_DEGREES}"
    limits = [
        f"{name} {sign} {limit}"
        for sign, limit in (("<", column.minimum), (">", column.maximum))
        if limit is not None
    ]
    if limits:
        beyond = " OR ".join(limits)
        # What is said better above is not said twice.
        yield "range", f"({beyond}) AND NOT coalesce({told}, false)" if told else beyond
    yield from _forms(column)


def _forms(column: Column) -> Iterator[tuple[str, str]]:
    """Yield the checks of a text that has a form: a code, a pattern, a code list."""
    name = f'"{column.name}"'
    if column.type == "VARCHAR" and column.name.endswith(_OF_CODES) and not column.references:
        # What a spreadsheet makes of long digits; other digits than these are gone.
        short = f"contains({name}, 'E+') AND regexp_full_match({name}, '{_SHORTENED}')"
        yield "shortened", short
    if column.pattern:
        yield "pattern", f"NOT regexp_full_match({name}, {quoted(column.pattern)})"
    if column.codes:
        values = quoted_all(tuple(code.value for code in CODES[column.codes]))
        yield (
            "code",
            f"len(list_filter(string_split({name}, {quoted(column.separator)}), "
            f"lambda x: trim(x) NOT IN {values})) > 0"
            if column.separator
            else f"{name} NOT IN {values}",
        )


def _unseen(column: Column) -> str:
    """Return the SQL condition that a cell holds a character that nobody sees.

    Where a cell has a form or is looked up elsewhere, only those that do not fit can.
    """
    found = f"regexp_matches(\"text:{column.name}\", '{CLASS}')"
    if column.type != "VARCHAR":
        return f'"{column.name}" IS NULL AND {found}'
    misfit = [condition for code, condition in _forms(column) if code in _CAUSED]
    return f"({misfit[0]}) AND {found}" if misfit else found


@dataclass(frozen=True)
class _Check:
    """Something that must hold of typed rows.

    column: '' where it is no single column's. condition: SQL that is true of a row `r` that has
    the problem. rows: SQL of the rows it is asked of, with _TYPED for the typed rows. key: columns
    of which alone the condition speaks, where it does. parent: SQL of the rows whose key they are.
    """

    column: str
    code: str
    condition: str
    rows: str = _TYPED
    key: tuple[str, ...] = ()
    parent: str = ""

    def problems(self, typed: str) -> str:
        """Return the query for all problems: record, line, column, value, code."""
        value = f'"text:{self.column}"' if self.column else "''"
        query = (
            f'SELECT record, line, {quoted(self.column)} AS "column", {value} AS value, '  # noqa: S608
            f"{quoted(self.code)} AS code FROM {self.rows} AS r WHERE {self.condition}"
        )
        return query.replace(_TYPED, typed)

    def told_by(self, keys: CodedKeys) -> bool:
        """Say whether the rows themselves need not be asked."""
        return self.key in keys

    def some(self, keys: CodedKeys, each_key: str) -> tuple[str, dict[str, pa.Table]]:
        """Return a query for some of its problems, without texts, and the table it asks.

        each_key: what that table is called.
        """
        given = {each_key: keys.distinct(self.key)} if self.key in keys else {}
        if not self.parent:
            rows = self.rows.replace(_TYPED, each_key) if given else self.rows
            return f"SELECT 1 FROM {rows} AS r WHERE {self.condition}", given  # noqa: S608
        names, rows = ", ".join(f'"{name}"' for name in self.key), each_key
        if not given:
            whole = " AND ".join(f'"{name}" IS NOT NULL' for name in self.key)
            rows = f"(SELECT DISTINCT {names} FROM {_TYPED} WHERE {whole})"  # noqa: S608
        # A condition that there is none is answered in twice the time.
        return f"SELECT 1 FROM {rows} AS r ANTI JOIN {self.parent} AS p USING ({names})", given  # noqa: S608


@dataclass(frozen=True)
class _Unlike(_Check):
    """That no two rows have the same key."""

    unlike: tuple[str, ...] = ()

    def told_by(self, keys: CodedKeys) -> bool:
        """Say whether the rows themselves need not be asked."""
        return self.unlike in keys and not keys.repeats(self.unlike)

    def may_be(self, store: Store, typed: str, keys: CodedKeys) -> bool:
        """Say whether two rows may have the same key, of which words or hashes tell."""
        if self.unlike in keys:
            return keys.repeats(self.unlike)
        key = ", ".join(f'"{name}"' for name in self.unlike)
        hashes = store.read(f"SELECT hash({key}) AS h FROM {typed}")["h"].to_numpy()  # noqa: S608
        ordered = np.sort(hashes)
        return bool((ordered[1:] == ordered[:-1]).any())


def _finding_by_keys(
    store: Store, checks: Sequence[_Check], keys: CodedKeys
) -> list[_Check] | None:
    """Return the checks that find a problem; None where one of them must ask the typed rows."""
    if not all(each.told_by(keys) for each in checks):
        return None
    return _finding(store, checks, "", keys)


def _finding(store: Store, checks: Sequence[_Check], typed: str, keys: CodedKeys) -> list[_Check]:
    """Return the checks that find a problem among typed rows, all asked in one question."""
    asked = [c for c in checks if not isinstance(c, _Unlike) or c.may_be(store, typed, keys)]
    given: dict[str, pa.Table] = {}
    parts = []
    for n, each in enumerate(asked):
        query, tables = each.some(keys, f"each_key_{n}")
        parts.append(f'EXISTS ({query}) AS "{n}"')
        given |= tables
    if not asked:
        return []
    sql = f"SELECT {', '.join(parts)}".replace(_TYPED, typed)
    found = store.read(sql, tables=given).iloc[0]
    return [each for n, each in enumerate(asked) if found[str(n)]]


def _failing(
    store: Store, checks: Sequence[_Check], rows: str, given: Mapping[str, pa.Table]
) -> list[_Check]:
    """Return the checks that find a problem among rows, in one look at all of them."""
    counts = ", ".join(f'count_if({c.condition}) AS "{n}"' for n, c in enumerate(checks))
    if not checks:
        return []
    found = store.read(f"SELECT {counts} FROM {rows} AS r", tables=given).iloc[0]  # noqa: S608
    return [check for n, check in enumerate(checks) if found[str(n)]]


def _problems_query(checks: Sequence[_Check], typed: str) -> str:
    """Return one query that lists every problem: record, line, column, value, code."""
    return " UNION ALL ".join(c.problems(typed) for c in checks) + " ORDER BY record, code"


def _own_checks(
    table: Table, visible: Collection[str] = (), numbers: Collection[str] = ()
) -> Iterator[_Check]:
    """Yield the checks that a row answers by itself.

    visible, numbers: columns of which `typed_cells` says that they hold nothing else.
    """
    for column in table.columns:
        for code, condition in _column_checks(column, column.name in visible):
            if code != "type" or column.name not in numbers:
                yield _Check(column.name, code, condition)
    for rule in table.rules:
        if not rule.parent and not rule.reads:
            yield _Check("", f"rule:{rule.name}", f"NOT ({rule.expression})")


def _checks_beyond(table: Table, batch: Mapping[str, Path], mode: Mode) -> Iterator[_Check]:
    """Yield the checks that need other rows: of the file itself, of other tables, of what is held.

    Where they only ask whether there is a problem, they read what would be accepted.
    """
    if table.key:
        key = ", ".join(f'"{name}"' for name in table.key)
        # Keys are long texts: only those whose hash is met twice are compared themselves.
        twice = f"SELECT hash({key}) AS h FROM {_TYPED} GROUP BY h HAVING count(*) > 1"  # noqa: S608
        doubled = (
            f"(SELECT {key} FROM {_TYPED} WHERE hash({key}) IN ({twice}) "  # noqa: S608
            "GROUP BY ALL HAVING count(*) > 1)"
        )
        same = f"EXISTS (SELECT 1 FROM {doubled} AS d WHERE {same_key(table, 'd', 'r')})"  # noqa: S608
        yield _Unlike(table.key[-1], "duplicate_key", same, unlike=table.key)
        yield from _against_held(table, mode)
    for parent in table.foreign_keys:
        yield _orphans(parent, batch)
    for rule in table.rules:
        if rule.reads:
            said = rule.among(lambda name: _parent_rows(name, batch))
            yield _Check("", f"rule:{rule.name}", f"NOT ({said})")
        elif rule.parent:
            rows, spoken_of = _with_parent(table, rule.parent, batch), _spoken_of(table, rule)
            yield _Check("", f"rule:{rule.name}", f"NOT ({rule.expression})", rows, spoken_of)


def _against_held(table: Table, mode: Mode) -> list[_Check]:
    if mode not in ("append", "correct"):
        return []
    held = f'EXISTS (SELECT 1 FROM lake."{table.name}" AS h WHERE {same_key(table, "h", "r")})'  # noqa: S608 - contract names only
    code, condition = ("already_held", held) if mode == "append" else ("not_held", f"NOT {held}")
    return [_Check(table.key[-1], code, condition)]


def against_held(store: Store, table: Table, typed: Path, mode: Mode) -> pd.DataFrame:
    """Return the problems that typed rows (record, columns) have with what is held, for a mode."""
    last = table.key[-1]
    rows = (
        f'(SELECT *, record AS line, CAST("{last}" AS VARCHAR) AS "text:{last}" '  # noqa: S608
        f"FROM {_file(typed)})"
    )
    checks = _against_held(table, mode)
    found = store.read(checks[0].problems(rows)) if checks else _NONE
    return _worded(table, found)


def broken_rules(
    store: Store, table: Table, typed: Path, batch: Mapping[str, Path]
) -> pd.DataFrame:
    """Return where typed rows (record, columns) break a rule of the table; lines are records."""
    rows = f"(SELECT *, record AS line FROM {_file(typed)})"  # noqa: S608 - our own file
    checks = [*_own_checks(table), *_checks_beyond(table, batch, "merge")]
    rules = [each for each in checks if each.code.startswith("rule:")]
    return _worded(table, store.read(_problems_query(rules, rows)) if rules else _NONE)


def _parent_rows(parent: str, batch: Mapping[str, Path]) -> str:
    names = ", ".join(f'"{name}"' for name in TABLES[parent].column_names)
    held = f'SELECT {names} FROM lake."{parent}"'  # noqa: S608 - contract names only
    if parent not in batch:
        return f"({held})"
    return f"({held} UNION SELECT {names} FROM {_file(batch[parent])})"  # noqa: S608


def _orphans(key: ForeignKey, batch: Mapping[str, Path]) -> _Check:
    given = " AND ".join(f'r."{name}" IS NOT NULL' for name in key.columns)
    same = " AND ".join(f'p."{name}" = r."{name}"' for name in key.columns)
    parent = _parent_rows(key.parent, batch)
    missing = f"{given} AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {same})"  # noqa: S608
    return _Check(key.columns[-1], f"orphan:{key.parent}", missing, key=key.columns, parent=parent)


def _spoken_of(table: Table, rule: Rule) -> tuple[str, ...]:
    """Return the columns of a table of which alone a rule with a parent speaks."""
    of_parent = next(key.columns for key in table.foreign_keys if key.parent == rule.parent)
    named = {*of_parent, *re.findall(r"\w+", rule.expression)}
    return tuple(name for name in table.column_names if name in named)


def _with_parent(table: Table, parent: str, batch: Mapping[str, Path]) -> str:
    key = next(key for key in table.foreign_keys if key.parent == parent)
    own = set(table.column_names)
    extra = [name for name in TABLES[parent].column_names if name not in own]
    picked = ", ".join(f'"{name}"' for name in (*key.columns, *extra))
    joined = ", ".join(f'"{name}"' for name in key.columns)
    return (
        f"(SELECT * FROM {_TYPED} JOIN (SELECT {picked} FROM "  # noqa: S608
        f"{_parent_rows(parent, batch)}) USING ({joined}))"
    )


def _worded(table: Table, found: pd.DataFrame) -> pd.DataFrame:
    """Give every problem its reason in both languages."""
    said: dict[tuple[str, str], Text] = {}
    rows = []
    causes = found[found["code"].isin(_CAUSES)]
    cells = set(zip(causes["record"], causes["column"], strict=True))
    for record, line, column, value, code in found.itertuples(index=False, name=None):
        short = code.split(":")[0]
        if (record, column) in cells and short in _CAUSED:
            continue
        if (column, code) not in said:
            said[column, code] = _reason(table, column, code)
        reason = said[column, code]
        text = "" if pd.isna(value) else shown(str(value))
        rows.append((record, line, column, text, short, reason.zh, reason.en))
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _reason(table: Table, column: str, code: str) -> Text:
    kind, _, detail = code.partition(":")
    if kind == "rule":
        return next(rule.text for rule in table.rules if rule.name == detail)
    if kind == "orphan":
        return both("problems.orphan", table=TABLES[detail].label)
    if kind == "duplicate_key":
        labels = [table.column(name).label for name in table.key]
        return both(
            "problems.duplicate_key",
            columns=Text(
                zh="、".join(label.zh for label in labels),
                en=", ".join(label.en for label in labels),
            ),
        )
    declared = table.column(column)
    return both(f"problems.{kind}", column=declared.label, **_detail(declared, kind))


def _detail(column: Column, kind: str) -> dict[str, object]:
    if kind == "type":
        return {"type": both(f"types.{column.type}")}
    if kind == "range":
        return {"range": Text(_range(column, "zh"), _range(column, "en"))}
    if kind == "code" and column.codes:
        codes = CODES[column.codes]
        more = " …" if len(codes) > MOST_CODES else ""
        return {
            "codes": Text(
                zh="、".join(f"{c.label.zh}（{c.value}）" for c in codes[:MOST_CODES]) + more,
                en=", ".join(c.value for c in codes[:MOST_CODES]) + more,
            )
        }
    if kind == "pattern":
        digits = re.search(r"\{(\d+)\}", column.pattern or "")
        return {"digits": digits.group(1) if digits else column.pattern}
    return {}


def _range(column: Column, language: Language) -> str:
    if column.maximum is None:
        return say("problems.at_least", language, minimum=f"{column.minimum:g}")
    if column.minimum is None:
        return say("problems.at_most", language, maximum=f"{column.maximum:g}")
    return say(
        "problems.between", language, minimum=f"{column.minimum:g}", maximum=f"{column.maximum:g}"
    )
