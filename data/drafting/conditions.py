"""What must hold of typed rows: SQL conditions, each with the code of the problem it finds.

Of columns by themselves, of rows, and of rows beside other rows: of the file, of other tables, of
what is held. Identifiers come from the contract only.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.contracts import CODES, TABLES, Column, ForeignKey, Rule, Table
from data.drafting.coded_keys import CodedKeys
from data.drafting.effects import Mode, file_rows, same_key
from data.drafting.notations import DAY_OR_MONTH
from data.drafting.typed_cells import quoted, quoted_all
from data.formats.unseen import CLASS
from data.store import Store

# Stands in a check for the SQL of the rows that are checked.
TYPED = "{typed}"

# Longitude and latitude in each other's place, within China; beyond so many degrees it is metres.
_TURNED = {
    "lat": '"lat" BETWEEN 73 AND 136 AND "lon" BETWEEN 3 AND 54',
    "lon": '"lon" BETWEEN 3 AND 54 AND "lat" BETWEEN 73 AND 136',
}
_MOST_DEGREES = 1000
_OF_CODES = ("_id", "_code", "_key", "_of")
_SHORTENED = r"[0-9](\.[0-9]+)?E\+[0-9]{1,3}"
# What is said of a cell as well when a character that nobody sees is the cause of it.
CAUSED = frozenset({"type", "no_angle", "pattern", "code", "orphan"})
CAUSES = frozenset({"unseen", "day_or_month"})


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
    misfit = [condition for code, condition in _forms(column) if code in CAUSED]
    return f"({misfit[0]}) AND {found}" if misfit else found


@dataclass(frozen=True)
class Check:
    """Something that must hold of typed rows.

    column: '' where it is no single column's. condition: SQL that is true of a row `r` that has
    the problem. rows: SQL of the rows it is asked of, with TYPED for the typed rows. key: columns
    of which alone the condition speaks, where it does. parent: SQL of the rows whose key they are.
    """

    column: str
    code: str
    condition: str
    rows: str = TYPED
    key: tuple[str, ...] = ()
    parent: str = ""

    def problems(self, typed: str) -> str:
        """Return the query for all problems: record, line, column, value, code."""
        value = f'"text:{self.column}"' if self.column else "''"
        query = (
            f'SELECT record, line, {quoted(self.column)} AS "column", {value} AS value, '  # noqa: S608
            f"{quoted(self.code)} AS code FROM {self.rows} AS r WHERE {self.condition}"
        )
        return query.replace(TYPED, typed)

    def told_by(self, keys: CodedKeys) -> bool:
        """Say whether the rows themselves need not be asked."""
        return self.key in keys

    def some(self, keys: CodedKeys, each_key: str) -> tuple[str, dict[str, pa.Table]]:
        """Return a query for some of its problems, without texts, and the table it asks.

        each_key: what that table is called.
        """
        given = {each_key: keys.distinct(self.key)} if self.key in keys else {}
        if not self.parent:
            rows = self.rows.replace(TYPED, each_key) if given else self.rows
            return f"SELECT 1 FROM {rows} AS r WHERE {self.condition}", given  # noqa: S608
        names, rows = ", ".join(f'"{name}"' for name in self.key), each_key
        if not given:
            whole = " AND ".join(f'"{name}" IS NOT NULL' for name in self.key)
            rows = f"(SELECT DISTINCT {names} FROM {TYPED} WHERE {whole})"  # noqa: S608
        # A condition that there is none is answered in twice the time.
        return f"SELECT 1 FROM {rows} AS r ANTI JOIN {self.parent} AS p USING ({names})", given  # noqa: S608


@dataclass(frozen=True)
class Unlike(Check):
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


def own_checks(
    table: Table, visible: Collection[str] = (), numbers: Collection[str] = ()
) -> Iterator[Check]:
    """Yield the checks that a row answers by itself.

    visible, numbers: columns of which `typed_cells` says that they hold nothing else.
    """
    for column in table.columns:
        for code, condition in _column_checks(column, column.name in visible):
            if code != "type" or column.name not in numbers:
                yield Check(column.name, code, condition)
    for rule in table.rules:
        if not rule.parent and not rule.reads:
            yield Check("", f"rule:{rule.name}", f"NOT ({rule.expression})")


def checks_beyond(table: Table, batch: Mapping[str, Path], mode: Mode) -> Iterator[Check]:
    """Yield the checks that need other rows: of the file itself, of other tables, of what is held.

    Where they only ask whether there is a problem, they read what would be accepted.
    """
    if table.key:
        key = ", ".join(f'"{name}"' for name in table.key)
        # Keys are long texts: only those whose hash is met twice are compared themselves.
        twice = f"SELECT hash({key}) AS h FROM {TYPED} GROUP BY h HAVING count(*) > 1"  # noqa: S608
        doubled = (
            f"(SELECT {key} FROM {TYPED} WHERE hash({key}) IN ({twice}) "  # noqa: S608
            "GROUP BY ALL HAVING count(*) > 1)"
        )
        same = f"EXISTS (SELECT 1 FROM {doubled} AS d WHERE {same_key(table, 'd', 'r')})"  # noqa: S608
        yield Unlike(table.key[-1], "duplicate_key", same, unlike=table.key)
        yield from held_checks(table, mode)
    for parent in table.foreign_keys:
        yield _orphans(parent, batch)
    for rule in table.rules:
        if rule.reads:
            said = rule.among(lambda name: _parent_rows(name, batch))
            yield Check("", f"rule:{rule.name}", f"NOT ({said})")
        elif rule.parent:
            rows, spoken_of = _with_parent(table, rule.parent, batch), _spoken_of(table, rule)
            yield Check("", f"rule:{rule.name}", f"NOT ({rule.expression})", rows, spoken_of)


def held_checks(table: Table, mode: Mode) -> list[Check]:
    """Return the checks of a mode against what is held under the same keys."""
    if mode not in ("append", "correct"):
        return []
    held = f'EXISTS (SELECT 1 FROM lake."{table.name}" AS h WHERE {same_key(table, "h", "r")})'  # noqa: S608 - contract names only
    code, condition = ("already_held", held) if mode == "append" else ("not_held", f"NOT {held}")
    return [Check(table.key[-1], code, condition)]


def _parent_rows(parent: str, batch: Mapping[str, Path]) -> str:
    names = ", ".join(f'"{name}"' for name in TABLES[parent].column_names)
    held = f'SELECT {names} FROM lake."{parent}"'  # noqa: S608 - contract names only
    if parent not in batch:
        return f"({held})"
    return f"({held} UNION SELECT {names} FROM {file_rows(batch[parent])})"  # noqa: S608


def _orphans(key: ForeignKey, batch: Mapping[str, Path]) -> Check:
    given = " AND ".join(f'r."{name}" IS NOT NULL' for name in key.columns)
    same = " AND ".join(f'p."{name}" = r."{name}"' for name in key.columns)
    parent = _parent_rows(key.parent, batch)
    missing = f"{given} AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {same})"  # noqa: S608
    return Check(key.columns[-1], f"orphan:{key.parent}", missing, key=key.columns, parent=parent)


def _spoken_of(table: Table, rule: Rule) -> tuple[str, ...]:
    """Return the columns of a table of which alone a rule with a parent speaks."""
    of_parent = next(key.columns for key in table.foreign_keys if key.parent == rule.parent)
    named = {*of_parent, *rule.words}
    return tuple(name for name in table.column_names if name in named)


def _with_parent(table: Table, parent: str, batch: Mapping[str, Path]) -> str:
    key = next(key for key in table.foreign_keys if key.parent == parent)
    own = set(table.column_names)
    extra = [name for name in TABLES[parent].column_names if name not in own]
    picked = ", ".join(f'"{name}"' for name in (*key.columns, *extra))
    joined = ", ".join(f'"{name}"' for name in key.columns)
    return (
        f"(SELECT * FROM {TYPED} JOIN (SELECT {picked} FROM "  # noqa: S608
        f"{_parent_rows(parent, batch)}) USING ({joined}))"
    )
