"""The declarations are whole, agree with each other, and can be run."""

import csv
import re
from collections import Counter
from typing import get_args

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contracts import CODES, FOLDER, TABLES, ColumnType, Requirement, table, unit_type_of
from data.errors import DataError

COLUMNS = [column for declared in TABLES.values() for column in declared.columns]
RULES = [rule for declared in TABLES.values() for rule in declared.rules]
DDL_TYPES = {"GEOMETRY": "BLOB"}


def column_id(column):
    return f"{column.table}.{column.name}"


def test_every_table_of_the_framework_is_declared():
    # 32 tables of the framework, four of what follows from it, then boundaries, reported
    # values, indicator parameters, goalposts, settings, two of a county's own framework, ten
    # made of the surveys, the reasons for asking again, and travel times.
    assert len(TABLES) == 55
    assert len(COLUMNS) == 441
    assert Counter(declared.required for declared in TABLES.values()) == {
        "M": 11,
        "P": 14,
        "O": 16,
        "S": 14,
    }


@pytest.mark.parametrize("declared", TABLES.values(), ids=TABLES)
def test_a_table_is_whole(declared):
    assert all(declared.label), declared.name
    assert all(declared.meaning), declared.name
    assert declared.required in get_args(Requirement)
    assert declared.key
    assert len(set(declared.column_names)) == len(declared.columns)
    # DuckDB knows no difference between upper and lower case in names.
    assert len({name.lower() for name in declared.column_names}) == len(declared.columns)
    assert set(declared.period) <= set(declared.column_names)
    assert all(re.fullmatch(r"[A-GS]\d(\.[TS]?\d)?\d?", fed) for fed in declared.feeds)


@pytest.mark.parametrize("column", COLUMNS, ids=column_id)
def test_a_column_is_whole(column):
    assert all(column.label)
    assert bool(column.note.zh) == bool(column.note.en)
    assert column.unit is None or all(column.unit)
    assert column.type in get_args(ColumnType)
    assert column.codes is None or column.codes in CODES
    assert column.separator is None or column.codes
    if column.pattern:
        assert re.compile(column.pattern)
        assert column.type == "VARCHAR"
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum
    # 'Not used' is one of the answers that are counted; a standard without place or year holds
    # everywhere or always.
    blank = {"survey_counts.value"} | {
        f"{table}.{name}"
        for table in ("radius_params", "area_standards")
        for name in ("place_code", "from_year")
    }
    if column.key and column_id(column) not in blank:
        assert not column.nullable


def test_columns_and_rules_belong_to_declared_tables():
    # A row for a table that does not exist would be dropped in silence.
    for file in ("columns.csv", "rules.csv"):
        with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
            assert {record["table"] for record in csv.DictReader(lines)} <= set(TABLES)


@pytest.mark.parametrize("declared", TABLES.values(), ids=TABLES)
def test_references_point_to_a_key_that_the_table_can_name(declared):
    for foreign in declared.foreign_keys:
        parent = table(foreign.parent)
        assert foreign.columns == parent.key
        assert set(foreign.columns) <= set(declared.column_names)
        for name in foreign.columns:
            assert declared.column(name).type == parent.column(name).type


def test_every_place_is_checked_against_the_master():
    for declared in TABLES.values():
        for name, parent in (("township_code", "townships"), ("community_code", "communities")):
            if name in declared.column_names and declared.name != parent:
                assert declared.column(name).references == parent


def test_answers_are_checked_within_their_own_survey():
    found = {foreign.parent: foreign.columns for foreign in table("survey_answers").foreign_keys}
    assert found == {
        "survey_meta": ("survey_id",),
        "survey_respondents": ("survey_id", "respondent_id"),
        "survey_questions": ("survey_id", "question_id"),
    }


def test_code_lists_are_whole_and_used():
    used = {column.codes for column in COLUMNS if column.codes}
    assert used == set(CODES)
    for codes in CODES.values():
        assert len({code.value for code in codes}) == len(codes)
        assert all(code.value and all(code.label) for code in codes)


def test_every_checklist_has_its_items():
    prefixes = Counter(code.value.rsplit("-", 1)[0] for code in CODES["checklist_item"])
    assert prefixes == {
        "PARTY": 7,
        "VILLORG": 10,
        "EMERG6": 6,
        "EMERG3": 3,
        "ZZC": 6,
        "VIRTUE5": 9,
        "ACCESS": 7,
        "SVCSTD": 6,
        "COUNTY": 15,
    }
    assert set(prefixes) == {code.value for code in CODES["checklist"]}


@pytest.fixture(scope="module")
def database():
    """Yield an empty database with every table of the contract."""
    connection = duckdb.connect()
    for declared in TABLES.values():
        columns = ", ".join(
            f'"{column.name}" {DDL_TYPES.get(column.type, column.type)}'
            for column in declared.columns
        )
        connection.execute(f'CREATE TABLE "{declared.name}" ({columns})')
    yield connection
    connection.close()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.name}")
def test_a_rule_is_a_boolean_over_its_own_table(database, rule):
    source = f'"{rule.table}"'
    if rule.parent:
        [foreign] = [key for key in table(rule.table).foreign_keys if key.parent == rule.parent]
        source += f' JOIN "{rule.parent}" USING ({", ".join(foreign.columns)})'
    # S608: the expression under test is the contract's own text.
    found = database.sql(f"SELECT ({rule.expression}) AS holds FROM {source}")  # noqa: S608
    assert [str(kind) for kind in found.types] == ["BOOLEAN"]
    assert all(rule.text)
    names = [other.name for other in table(rule.table).rules]
    assert names.count(rule.name) == 1


@pytest.mark.parametrize(
    ("name", "row", "rule", "holds"),
    [
        ("townships", {"township_code": "990101101", "county_code": "990101"}, 0, True),
        ("townships", {"township_code": "990102101", "county_code": "990101"}, 0, False),
        ("townships", {"township_code": "990101400"}, 1, False),
        ("townships", {"township_code": "990101400", "unit_type": "township"}, 1, True),
        ("townships", {"lat": 30.0}, 2, False),
        ("facilities", {"area_total_m2": 100, "area_office_m2": 120}, 2, False),
        ("facilities", {"area_total_m2": 100, "area_office_m2": 80}, 2, True),
        ("facilities", {"area_office_m2": 80}, 2, None),
        ("service_cases", {"excluded": True, "excluded_reason": " "}, 1, False),
        ("service_cases", {"excluded": True, "excluded_reason": "超出职权"}, 1, True),
        ("service_cases", {"excluded": False}, 1, True),
        ("checklist_results", {"unit_code": "990101", "township_code": "990101101"}, 1, False),
        ("checklist_results", {"unit_code": "990101101001"}, 1, False),
        ("checklist_results", {"checklist": "ZZC", "item_code": "PARTY-1"}, 2, False),
        ("care_registers", {"registered_n": 3, "served_n": 4}, 1, False),
        ("survey_respondents", {"weight": 0}, 1, False),
    ],
)
def test_a_rule_decides_as_worked_out_by_hand(database, name, row, rule, holds):
    columns = [
        f'CAST(${column.name} AS {column.type}) AS "{column.name}"'
        for column in table(name).columns
    ]
    values = {column.name: row.get(column.name) for column in table(name).columns}
    expression = table(name).rules[rule].expression
    # S608: names and expression are the contract's own text; the values are bound.
    query = f"SELECT ({expression}) FROM (SELECT {', '.join(columns)})"  # noqa: S608
    assert database.execute(query, values).fetchone() == (holds,)


@pytest.mark.parametrize(
    ("answer_type", "value", "holds"),
    [("sat5", 0, False), ("sat5", 5, True), ("sat5", None, None), ("yesno", 2, False),
     ("yesno", 0, True), ("count", 60, True), ("text", 1, False)],
)  # fmt: skip
def test_an_answer_must_fit_its_question(database, answer_type, value, holds):
    [rule] = table("survey_answers").rules
    row = "SELECT CAST($t AS VARCHAR) AS answer_type, CAST($v AS INTEGER) AS value"
    # S608: the expression under test is the contract's own text; the values are bound.
    query = f"SELECT ({rule.expression}) FROM ({row})"  # noqa: S608
    assert database.execute(query, {"t": answer_type, "v": value}).fetchone() == (holds,)


@pytest.mark.parametrize(
    ("code", "unit_type"),
    [
        ("110105001", "subdistrict"),
        ("110105099", "subdistrict"),
        ("110114100", "township"),
        ("110114399", "township"),
        ("110114400", None),
        ("110114599", None),
        ("110114000", None),
        ("11011410", None),
        ("示例镇", None),
    ],
)
def test_the_code_decides_the_unit_type(code, unit_type):
    assert unit_type_of(code) == unit_type


@given(st.text())
def test_the_unit_type_of_any_text_is_known_or_open(text):
    assert unit_type_of(text) in {"township", "subdistrict", None}


def test_an_unknown_table_or_column_is_refused_by_name():
    with pytest.raises(DataError) as refusal:
        table("town_ships")
    assert refusal.value.code == "unknown_table"
    assert "town_ships" in refusal.value.place.zh
    with pytest.raises(DataError) as refusal:
        table("townships").column("code")
    assert refusal.value.code == "unknown_column"
