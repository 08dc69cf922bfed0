"""The burden of this system itself: what its templates ask, and what they ask again.

Clause VI.ii (一次采集、多方利用): a field that a form in force collects already is not asked again
without a reason, which is kept (table collection_reasons) and published. The templates are counted
like every other form: registered, their fields stand in form_fields and in indicator F1.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache

import pandas as pd

from data.contracts import FOLDER, TABLES, Column, Table, table
from data.errors import DataError
from data.forms import template_files, templates
from data.forms.templates import OFFERED, Period, Template
from data.scope import Scope
from data.store import Change, Store
from data.words import Text, both
from metrics.queries import sql

OWN = "ZX-"
METER = ["table", "rows", "held_rows", "cells", "held", "asked", "required", "each_more"]
REPEATS = ["table", "column", "code", "other", "other_name", "issuer", "reason_zh", "reason_en"]
# What identifies a unit or places it is given out filled in; it is never asked.
_SUBJECTS = {"township_code": "township", "community_code": "community"}
_TIMES = frozenset({"year", "month"})
# A label that many tables share (名称, 种类) says nothing about which field it is.
_OWN_LABEL = 2


def period_of(scope: Scope) -> Period:
    """Return the slice of the data that a scope asks for."""
    return Period(scope.year, scope.township or scope.county or "")


def field_code(column: Column) -> str:
    """Return the standard code of a field: of what it speaks, and its name there.

    Two tables keyed by the same unit speak of the same: township_year.households and a field of
    the same name in another table of townships would both be township.households.
    """
    key = [name for name in TABLES[column.table].key if name not in _TIMES]
    subject = _SUBJECTS.get(key[0]) if len(key) == 1 else None
    return f"{subject or column.table}.{column.name}"


def asked(each: Table) -> list[Column]:
    """Return the columns of a table that are asked: all but those that identify or place a row."""
    return [c for c in each.columns if not c.key and not c.references and c.name not in _SUBJECTS]


def meter(store: Store, scope: Scope, tables: Sequence[str]) -> pd.DataFrame:
    """Count the cells of a kit, one row a table (METER).

    rows: in the template; held_rows: of these, held for the period. cells: rows times columns;
    held: cells that come filled in; asked: blank cells, required: of these, those that must be
    filled. each_more: cells asked with every row that is added.
    """
    rows = [_counted(each) for each in templates.kit(store, tables, period_of(scope))]
    return pd.DataFrame(rows, columns=METER)


def _counted(each: Template) -> dict[str, object]:
    columns = each.table.columns
    blank = {c.name: int((each.rows[c.name] == "").sum()) for c in columns}
    cells = len(each.rows) * len(columns)
    open_asked = sum(blank.values())
    return {
        "table": each.table.name,
        "rows": len(each.rows),
        "held_rows": each.held,
        "cells": cells,
        "held": cells - open_asked,
        "asked": open_asked,
        "required": sum(blank[c.name] for c in columns if not c.nullable),
        "each_more": len(columns) if each.open else 0,
    }


def disables(store: Store, scope: Scope) -> pd.DataFrame:
    """Return for every table of the kit: rows held for the period, indicators that need it.

    Columns: table, required (M, P, O), rows, indicators (tuple of ids that fall away without it).
    """
    period = period_of(scope)
    rows = [
        (name, TABLES[name].required, templates.rows_held(store, name, period), TABLES[name].feeds)
        for name in OFFERED
    ]
    return pd.DataFrame(rows, columns=["table", "required", "rows", "indicators"])


def repeats(store: Store, scope: Scope, tables: Sequence[str]) -> pd.DataFrame:
    """Return the fields of a kit that are collected already, one row a field and form (REPEATS).

    other: the form (form_fields) or the table that has the field; other_name: of the form, where
    it has one. A field is the same when the
    county's dictionary gives it the same standard code, or the same label where only one or two
    tables of this system use that label. reason: why it is asked again, '' where nobody said.
    """
    columns = [column for name in tables for column in asked(table(name))]
    rows = [*_declared(columns), *_in_forms(store, scope, columns)]
    found = pd.DataFrame(rows, columns=REPEATS)
    given = store.read_once(
        "SELECT form_id, field_std_code, other_form, reason FROM collection_reasons"
    )
    known = {(f, c, o): r for f, c, o, r in given.itertuples(index=False, name=None)}
    for place, row in found.iterrows():
        if said := known.get((OWN + row["table"], row["code"], row["other"])):
            found.loc[place, ["reason_zh", "reason_en"]] = said
    return found


def own_burden(store: Store, scope: Scope) -> pd.DataFrame:
    """Return what the templates of this system ask, the most first.

    Those that ask nothing are left out. Columns: table, label, fields (asked), repeated (collected
    already elsewhere), unexplained (of these, those without a published reason).
    """
    found = repeats(store, scope, OFFERED).drop_duplicates(["table", "column", "reason_zh"])
    bare = found[found["reason_zh"].str.strip().eq("")]
    counts = [each.drop_duplicates(["table", "column"])["table"].value_counts() for each in
              (found, bare)]  # fmt: skip
    rows = [
        (n, TABLES[n].label, len(asked(TABLES[n])), *(int(each.get(n, 0)) for each in counts))
        for n in OFFERED
    ]
    table = pd.DataFrame(rows, columns=["table", "label", "fields", "repeated", "unexplained"])
    table = table[table["fields"] > 0]
    return table.sort_values("fields", ascending=False, kind="stable").reset_index(drop=True)


def kit(store: Store, scope: Scope, tables: Sequence[str]) -> bytes:
    """Return the template kit of the tables as a ZIP; the one door by which a kit is given out.

    Raises DataError `asked_twice` for a field that is collected already and has no published
    reason, and those of `templates.kit`.
    """
    filled = templates.kit(store, tables, period_of(scope))
    found = repeats(store, scope, tables)
    require_reasons(found)
    return template_files.write(filled, explained(found))


def require_reasons(found: pd.DataFrame) -> None:
    """Refuse a kit that asks again without a reason: DataError `asked_twice`."""
    bare = found[found["reason_zh"].str.strip() == ""]
    if len(bare):
        first = bare.iloc[0]
        label = table(first["table"]).column(first["column"]).label
        raise DataError(
            "asked_twice",
            table=table(first["table"]).label,
            column=label,
            other=other_label(first["other"], first["other_name"]),
            issuer=first["issuer"],
            n=len(bare),
        )


def explained(found: pd.DataFrame) -> dict[str, list[Text]]:
    """Return table -> sentences that say what it asks again and why, for the notes of the kit."""
    said: dict[str, list[Text]] = {}
    for row in found.to_dict("records"):
        sentence = both(
            "collection.again",
            column=table(row["table"]).column(row["column"]).label,
            other=other_label(row["other"], row["other_name"]),
            reason=Text(row["reason_zh"], row["reason_en"]),
        )
        said.setdefault(str(row["table"]), []).append(sentence)
    return said


def changes(
    found: pd.DataFrame, reasons: Mapping[tuple[str, str, str], str], *, author: str, day: date
) -> list[Change]:
    """Return what publishes reasons: (table, code, other) -> why the field is asked again."""
    keys = found[["table", "code", "other"]].itertuples(index=False, name=None)
    rows = [
        (OWN + name, code, other, said, author, pd.Timestamp(day))
        for name, code, other in keys
        if (said := reasons.get((name, code, other), "").strip())
    ]
    names = TABLES["collection_reasons"].column_names
    return [Change("collection_reasons", pd.DataFrame(rows, columns=list(names)))] if rows else []


def registration(tables: Iterable[str], county: str) -> Change:
    """Return what registers templates among the forms of a county, so that F1 counts them."""
    issuer = both("collection.issuer").zh
    rows = [
        (OWN + name, issuer, county, field_code(column), table(name).label.zh)
        for name in tables
        for column in asked(table(name))
    ]
    names = TABLES["form_fields"].column_names
    return Change("form_fields", pd.DataFrame(rows, columns=list(names)))


def _declared(columns: Sequence[Column]) -> list[tuple[str, ...]]:
    """Return the repeats within this system that its makers declared, with their reason."""
    issuer = both("collection.issuer").zh
    rows: list[tuple[str, ...]] = []
    for column in columns:
        for held_table, zh, en in _same_fields().get((column.table, column.name), ()):
            rows.append(
                (column.table, column.name, field_code(column), held_table, "", issuer, zh, en)
            )
    others = {field_code(c): n for n in OFFERED for c in asked(table(n))}
    rows += [
        (c.table, c.name, field_code(c), others[field_code(c)], "", issuer, "", "")
        for c in columns
        if others.get(field_code(c), c.table) != c.table
    ]
    return rows


def _in_forms(store: Store, scope: Scope, columns: Sequence[Column]) -> list[tuple[str, ...]]:
    held = store.read_once(sql("collection/forms"), {**scope.parameters(), "own": OWN})
    forms: dict[str, list[tuple[str, str, str]]] = {}
    for form, issuer, code, named in held.itertuples(index=False, name=None):
        forms.setdefault(str(code).strip(), []).append((str(form), str(named), str(issuer)))
    shared = _label_counts()
    rows: list[tuple[str, ...]] = []
    for column in columns:
        names = [field_code(column)]
        if shared[column.label.zh] <= _OWN_LABEL:
            names.append(column.label.zh)
        rows += [
            (column.table, column.name, field_code(column), *form, "", "")
            for name in names
            for form in forms.get(name, ())
        ]
    return rows


def other_label(other: str, name: str) -> Text:
    """Return what people call the form or table that has a field already."""
    return TABLES[other].label if other in TABLES else Text(name or other, name or other)


@cache
def _label_counts() -> Counter[str]:
    return Counter(c.label.zh for name in OFFERED for c in asked(TABLES[name]))


@cache
def _same_fields() -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    with (FOLDER / "same_fields.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            said = (row["held_table"], row["reason_zh"], row["reason_en"])
            found.setdefault((row["table"], row["column"]), []).append(said)
    return found
