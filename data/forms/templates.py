"""What a template kit asks: for each table the rows that are due, filled with all that is held.

Only blank cells are asked (clause VI.ii, 一次采集、多方利用). Rows held for the period stand there
as they are; rows that are due and not held (a township of the year, the items of a checklist, the
people and matters of the last year) stand there with the cells that are known already.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from data.contracts import CODES, FOLDER, TABLES, Column, Table, table
from data.errors import DataError
from data.store import Store
from data.words import Text

# Answers are one wide file, boundaries a map file (`data.forms.other_templates`); frameworks are
# nobody's burden: a county writes its own.
NOT_TEMPLATES = frozenset(
    {
        "survey_questions", "survey_respondents", "survey_answers", "boundaries", "frameworks",
        "framework_items",
    }
)  # fmt: skip
OFFERED = tuple(
    name for name, each in TABLES.items() if each.uploadable and name not in NOT_TEMPLATES
)
KIT = (*OFFERED, "frameworks", "framework_items")
MINIMUM = tuple(name for name in OFFERED if TABLES[name].required == "M")
MOST_ROWS = 20_000
YES, NO = "是", "否"
# What of a row of last year is known this year: who or what it is, and where it belongs.
_STAYS = frozenset({"township_code", "community_code", "county_code"})
# Tables with a row for each unit of the year: table -> where the units stand.
_OF_UNITS = {"township_year": "townships", "community_year": "communities"}
_NAMED_BY = (
    ("community_code", "communities"), ("unit_code", "communities"), ("unit_code", "townships"),
    ("township_code", "townships"),
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """The slice that is asked: a year, or all; a county or township by the start of its code."""

    year: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Template:
    """One table of a kit.

    rows: the table's columns as text, '' where a cell is asked. names: of the unit of each row, ''
    where none is known; they are shown and not imported. held: rows that are held for the period
    (the others are due). more: rows held that are not in the template, beyond MOST_ROWS.
    """

    table: Table
    rows: pd.DataFrame
    names: pd.Series
    held: int
    more: int

    @property
    def open(self) -> bool:
        """Say whether rows are added as things happen: cases, drills, disputes."""
        return self.table.name not in _OF_UNITS


def kit(store: Store, names: Iterable[str], period: Period) -> tuple[Template, ...]:
    """Return the templates of the tables chosen.

    Raises DataError `unknown_table`, `no_template` for a table that is not brought this way,
    `nothing_chosen` for none.
    """
    chosen = [table(name) for name in dict.fromkeys(names)]
    if not chosen:
        raise DataError("nothing_chosen")
    for each in chosen:
        if each.name not in KIT:
            raise DataError("no_template", table=each.label)
    return tuple(_template(store, each, period) for each in chosen)


def rows_held(store: Store, name: str, period: Period) -> int:
    """Return how many rows of a table are held for the period."""
    query, bound = _held_query(table(name), period)
    found = store.read_once(f"SELECT count(*) AS n FROM ({query})", bound)  # noqa: S608 - contract names only
    return int(found["n"].item())


def example(name: str) -> dict[str, str]:
    """Return the worked example of a table: column -> text."""
    return _examples().get(name, {})


def shown_codes(column: Column) -> Mapping[str, str]:
    """Return code -> what stands for it in a cell: its Chinese label where it is unmistakable.

    Where several may stand in a cell, a label that holds the mark between them would be two.
    """
    codes = CODES[column.codes] if column.codes else ()
    times = Counter(word for code in codes for word in {code.label.zh, code.label.en, code.value})
    split = {c.label.zh for c in codes if column.separator and column.separator in c.label.zh}
    unmistakable = {word for word, n in times.items() if n == 1} - split
    return {
        code.value: code.label.zh if code.label.zh in unmistakable else code.value for code in codes
    }


def meaning(column: Column) -> Text:
    """Say what a column is, in one paragraph of each language."""
    unit = column.unit or Text("", "")
    need = Text("可以留空", "may stay blank") if column.nullable else Text("必填", "required")
    several = (
        Text(
            f"；可填几个，用“{column.separator}”分隔", f"; several, separated by {column.separator}"
        )
        if column.separator
        else Text("", "")
    )
    return Text(
        zh=f"{column.label.zh}{f'（{unit.zh}）' if unit.zh else ''}：{column.note.zh}"
        f"【{need.zh}{several.zh}】",
        en=f"{column.label.en}{f' ({unit.en})' if unit.en else ''}. {column.note.en} "
        f"[{need.en}{several.en}]",
    )


@cache
def _examples() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with (FOLDER / "examples.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            found.setdefault(row["table"], {})[row["column"]] = row["value"]
    return found


def _template(store: Store, each: Table, period: Period) -> Template:
    query, bound = _held_query(each, period)
    order = ", ".join(f'"{name}"' for name in each.key)
    held = store.read(f"{query} ORDER BY {order} LIMIT {MOST_ROWS}", bound)
    total = rows_held(store, each.name, period)
    rows = pd.DataFrame({c.name: _texts(held[c.name], c) for c in each.columns})
    due = _due(store, each, period, rows)
    rows = pd.concat([rows, due], ignore_index=True).astype(object).fillna("")
    return Template(each, rows, _names(store, rows), len(held), total - len(held))


def _held_query(each: Table, period: Period) -> tuple[str, dict[str, object]]:
    """Return the query for the rows of a table that are held for the period."""
    conditions, bound = ["true"], dict[str, object]()
    if period.year is not None and (when := _when(each)):
        conditions.append(f"{when} = $year")
        bound["year"] = period.year
    if period.place and (where := _where(each)):
        conditions.append(where)
        bound["place"] = period.place
    columns = ", ".join(f'"{name}"' for name in each.column_names)
    text = f'SELECT {columns} FROM "{each.name}" WHERE {" AND ".join(conditions)}'  # noqa: S608 - contract names only
    return text, bound


def _when(each: Table) -> str | None:
    """Return the SQL for the year of a row: its year, else its first day that must be given."""
    if "year" in each.column_names and not each.column("year").nullable:
        return '"year"'
    days = (c.name for c in each.columns if c.type in ("DATE", "TIMESTAMP") and not c.nullable)
    first = next(days, None)
    return f'year("{first}")' if first else None


def _where(each: Table) -> str | None:
    """Return the SQL condition that a row belongs to a county (6 digits) or township (9)."""
    for name in ("unit_code", "township_code"):
        if name in each.column_names:
            return f'starts_with("{name}", $place)'
    if "county_code" in each.column_names:
        return 'starts_with($place, "county_code")'
    return None


def _due(store: Store, each: Table, period: Period, held: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the year that are due and not held, with what is known of them."""
    blank = pd.DataFrame(columns=list(each.column_names), dtype=str)
    if period.year is None or "year" not in each.key:
        return blank
    known = _of_last_year(store, each, period)
    if each.name in _OF_UNITS:
        master, bound = _held_query(TABLES[_OF_UNITS[each.name]], Period(None, period.place))
        known = store.read(master, bound)
    due = known.reindex(columns=[n for n in known.columns if n in {*each.key, *_STAYS}])
    due = due.reindex(columns=list(each.column_names)).assign(year=str(period.year)).astype(object)
    due = pd.DataFrame({c.name: _texts(due[c.name], c) for c in each.columns})
    key = list(each.key)
    present = set(held[key].itertuples(index=False, name=None))
    missing = [row not in present for row in due[key].itertuples(index=False, name=None)]
    return due[missing].drop_duplicates(key).head(max(0, MOST_ROWS - len(held)))


def _of_last_year(store: Store, each: Table, period: Period) -> pd.DataFrame:
    """Return the rows of the last year before this one that has any."""
    found = store.read_once(f'SELECT DISTINCT "year" FROM "{each.name}" ORDER BY 1 DESC')  # noqa: S608 - contract names only
    earlier = [int(year) for year in found["year"] if period.year and year < period.year]
    query, bound = _held_query(each, Period(earlier[0] if earlier else -1, period.place))
    return store.read(query, bound)


def _texts(values: pd.Series, column: Column) -> pd.Series:
    """Return held values as a person would type them, '' where there is none."""
    words = shown_codes(column)
    return values.map(lambda value: _text(value, column, words)).astype(object)


def _text(value: Any, column: Column, words: Mapping[str, str]) -> str:
    if value is None or pd.isna(value):
        return ""
    if column.type == "BOOLEAN" and not isinstance(value, str):
        return YES if value else NO
    if column.type == "DATE" and not isinstance(value, str):
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if column.type == "TIMESTAMP" and not isinstance(value, str):
        return f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}"
    if column.type in ("INTEGER", "BIGINT"):
        return str(int(value))
    if column.type == "DOUBLE":
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if column.separator:
        parts = str(value).split(column.separator)
        return column.separator.join(words.get(part, part) for part in parts)
    return words.get(str(value), str(value))


def _names(store: Store, rows: pd.DataFrame) -> pd.Series:
    """Return the name of the unit of each row, for the reader; '' where the row has one itself."""
    names = pd.Series("", index=rows.index, dtype=object)
    if "name_zh" in rows:
        return names
    for column, master in _NAMED_BY:
        if column in rows:
            key = TABLES[master].key[0]
            held = store.read_once(f'SELECT "{key}" AS code, name_zh FROM "{master}"')  # noqa: S608 - contract names only
            known = dict(zip(held["code"], held["name_zh"], strict=True))
            names = names.where(names != "", rows[column].map(known).fillna(""))
    return names
