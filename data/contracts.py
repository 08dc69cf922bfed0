"""The data contract: every table, column, code list and rule, declared in `contracts/*.csv`.

`tables.csv` and `columns.csv` say what is collected; `codes.csv` the code lists; `rules.csv`
the relations between columns of one row. The declarations are read once, when this module is
imported: they are constants of the program.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple, cast

from data.errors import DataError
from data.words import Text

Requirement = Literal["M", "P", "O", "S"]
ColumnType = Literal[
    "VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "GEOMETRY"
]
UnitType = Literal["township", "subdistrict"]

FOLDER = Path(__file__).parent / "contracts"
_READ = re.compile(r"\bFROM (\w+)")
# NBS statistical division codes, digits 7-9; 400-599 are township-like units without a fixed type.
_UNIT_TYPES: tuple[tuple[range, UnitType], ...] = (
    (range(1, 100), "subdistrict"),
    (range(100, 400), "township"),
)


class Code(NamedTuple):
    """One permitted value of a code list."""

    value: str
    label: Text


class ForeignKey(NamedTuple):
    """Columns whose values, taken together, must exist as the key of the parent table."""

    columns: tuple[str, ...]
    parent: str


@dataclass(frozen=True)
class Rule:
    """A relation that must hold within each row.

    expression: SQL boolean over the table's own columns; false breaks the rule, NULL does not.
    parent: a table whose columns the expression uses as well, joined on the foreign key.
    """

    table: str
    name: str
    expression: str
    parent: str | None
    text: Text

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables whose rows the expression looks through."""
        return tuple(dict.fromkeys(_READ.findall(self.expression)))

    @property
    def words(self) -> frozenset[str]:
        """The words of the expression: what it names of columns is among them."""
        return frozenset(re.findall(r"\w+", self.expression))

    def among(self, rows: Callable[[str], str]) -> str:
        """Return the expression, each table it reads replaced by what `rows` says of its name."""
        return _READ.sub(lambda found: f"FROM {rows(found[1])}", self.expression)


@dataclass(frozen=True)
class Column:
    """One column: type, place in the key, permitted values, and its words.

    references: the table in whose key the value must exist (see `Table.foreign_keys`).
    minimum, maximum: inclusive. pattern: a regular expression for the whole value.
    codes: a code list of `CODES`. separator: stands between codes where a cell holds several.
    """

    table: str
    name: str
    type: ColumnType
    nullable: bool
    key: bool
    references: str | None
    minimum: float | None
    maximum: float | None
    pattern: str | None
    codes: str | None
    separator: str | None
    unit: Text | None
    label: Text
    note: Text

    @property
    def heading(self) -> str:
        """Return what stands above the column in a template: label, unit, English, name."""
        unit = f"（{self.unit.zh}）" if self.unit else ""
        return f"{self.label.zh}{unit}\n{self.label.en}\n{self.name}"


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    required: M minimum upload, P needed for its page, O optional, S written by the system.
    period: the columns whose values say which slice of the table a file replaces.
    feeds: ids of the indicators computed from the table.
    """

    name: str
    label: Text
    meaning: Text
    required: Requirement
    columns: tuple[Column, ...]
    feeds: tuple[str, ...]
    period: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """Return the names of the key columns, in table order."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of all columns, in table order."""
        return tuple(column.name for column in self.columns)

    @property
    def uploadable(self) -> bool:
        """Say whether people bring this table; the others are written by the system."""
        return self.required != "S"

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Return the references to other tables.

        A parent with a key of several columns is matched on all of them together: an answer's
        respondent is looked up within the answer's own survey.
        """
        return tuple(
            ForeignKey(table(column.references).key, column.references)
            for column in self.columns
            if column.references
        )

    def column(self, name: str) -> Column:
        """Return one column by name, or raise DataError `unknown_column`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise DataError("unknown_column", table=self.name, column=name)


def _records(file: str) -> Iterator[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, strict=True)


def _text(record: Mapping[str, str], field: str) -> Text:
    return Text(zh=record[f"{field}_zh"], en=record[f"{field}_en"])


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _list(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _column(record: Mapping[str, str]) -> Column:
    return Column(
        table=record["table"],
        name=record["name"],
        type=cast(ColumnType, record["type"]),
        nullable=record["nullable"] == "Y",
        key=record["key"] == "Y",
        references=record["references"] or None,
        minimum=_number(record["minimum"]),
        maximum=_number(record["maximum"]),
        pattern=record["pattern"] or None,
        codes=record["codes"] or None,
        separator=record["separator"] or None,
        unit=_text(record, "unit") if record["unit_zh"] else None,
        label=_text(record, "label"),
        note=_text(record, "note"),
    )


def _rule(record: Mapping[str, str]) -> Rule:
    return Rule(
        table=record["table"],
        name=record["rule"],
        expression=record["expression"],
        parent=record["parent"] or None,
        text=Text(zh=record["zh"], en=record["en"]),
    )


def _tables() -> dict[str, Table]:
    columns = [_column(record) for record in _records("columns.csv")]
    rules = [_rule(record) for record in _records("rules.csv")]
    return {
        record["name"]: Table(
            name=record["name"],
            label=_text(record, "label"),
            meaning=_text(record, "meaning"),
            required=cast(Requirement, record["required"]),
            columns=tuple(column for column in columns if column.table == record["name"]),
            feeds=_list(record["feeds"]),
            period=_list(record["period"]),
            rules=tuple(rule for rule in rules if rule.table == record["name"]),
        )
        for record in _records("tables.csv")
    }


def _codes() -> dict[str, tuple[Code, ...]]:
    lists = {
        name: tuple(Code(record["value"], _text(record, "label")) for record in records)
        for name, records in groupby(_records("codes.csv"), key=lambda record: record["list"])
    }
    # An indicator is declared once; whoever names one by id must name one of these.
    lists["indicator"] = tuple(
        Code(record["id"], _text(record, "name")) for record in _records("indicators.csv")
    )
    return lists


TABLES: Mapping[str, Table] = _tables()
CODES: Mapping[str, tuple[Code, ...]] = _codes()


def table(name: str) -> Table:
    """Return one table by name, or raise DataError `unknown_table`."""
    if name not in TABLES:
        raise DataError("unknown_table", table=name, tables=", ".join(TABLES))
    return TABLES[name]


def unit_type_of(township_code: str) -> UnitType | None:
    """Return the unit type that digits 7-9 of a township code stand for.

    None where the code does not decide it (400-599 township-like units, or no 9-digit code):
    the type must then be given. Source: NBS rules for statistical division codes.
    """
    if not re.fullmatch(r"[0-9]{9}", township_code):
        return None
    number = int(township_code[6:])
    for numbers, unit_type in _UNIT_TYPES:
        if number in numbers:
            return unit_type
    return None
