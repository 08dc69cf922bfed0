"""The checks that first ask whether anything is wrong, against those that list every row."""

from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contracts import TABLES
from data.drafting import checks, coded_keys, typed_cells
from data.formats.unseen import BLANKS
from data.storage import asking
from data.store import Change, Store

TABLE = TABLES["survey_answers"]
PAD = st.sampled_from(["", "", "", "", " ", "\t", "\u3000", "\u3000\r\n ", "\xa0", "\x0b"])


def padded(*values: str) -> Any:
    return st.builds("{}{}{}".format, PAD, st.sampled_from(values), PAD)


# Nearly always right, so that there are files without a problem, with one and with many.
ROWS = st.lists(
    st.tuples(
        padded(*["S1"] * 9, "S2", ""),
        padded(*(f"r{n}" for n in range(12)), "a b", "\u4e00r"),
        padded(*["Q1", "Q2"] * 5, "T1", "Q9"),
        padded(*"12345" * 2, "", "+3", "6", "-1", "3.0", "三", "１"),
    ),
    max_size=8,
)


def held(store: Store) -> Store:
    people = {"survey_id": "S1", "respondent_id": [f"r{n}" for n in range(12)] + ["a b"]}
    frames = {
        "survey_meta": {"survey_id": ["S1", "S2"], "title_zh": "调查"},
        "survey_questions": {"survey_id": "S1", "question_id": ["Q1", "Q2", "T1"],
                             "answer_type": ["sat5", "yesno", "text"]},
        "survey_respondents": {**people, "township_code": "990101100"},
    }  # fmt: skip
    changes = [Change(name, pd.DataFrame(columns)) for name, columns in frames.items()]
    store.publish(changes, author="李评", message="")
    return store


def staged(rows: list[tuple[str, ...]]) -> pa.Table:
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    columns = zip(*rows, strict=True) if rows else [()] * 4
    texts = [pa.array(column, pa.string()) for column in columns]
    return pa.table([numbers, numbers, *texts], names=["record", "line", *TABLE.column_names])


def told(store: Store, rows: list[tuple[str, ...]], folder: Path) -> tuple[Any, ...]:
    checked = checks.check(store, TABLE, staged(rows), folder)
    kept = pq.read_table(checked.accepted).select(["record", *TABLE.column_names])
    return checked.problems.values.tolist(), kept.to_pylist(), checked.read, checked.kept


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_asking_first_finds_what_listing_finds(towns: Store, rows: Any) -> None:
    if not towns.read("SELECT 1 FROM survey_meta").size:
        held(towns)
    folder = towns.folder / "staging"
    quick = told(towns, rows, folder)
    with (
        mock.patch.object(checks, "_finding", lambda _, checks, *__: list(checks)),
        mock.patch.object(checks, "untouched_columns", return_value=frozenset()),
        mock.patch.object(checks, "_failing", lambda _, checks, *__: checks),
    ):
        assert quick == told(towns, rows, folder)
    kept = {row["record"]: row for row in quick[1]}
    for number, row in kept.items():
        texts = [cell.strip(BLANKS) or None for cell in rows[number - 1]]
        assert [row[name] for name in TABLE.key] == texts[:3]
        assert row["value"] == (int(texts[3]) if texts[3] else None)


def test_what_is_derived_is_looked_at_by_no_rule_of_two_tables() -> None:
    derived = {name for name, _ in checks._DERIVED}
    assert not [rule for name in derived for rule in TABLES[name].rules if rule.parent]


def test_a_file_that_was_written_anew_is_read_anew(towns: Store) -> None:
    """What passed is written again without the refused, under the same name, and read at once.

    With DuckDB's cache of files every second such reading of answers gave pages of the file before.
    """
    asked = "SELECT current_setting('enable_external_file_cache') AS kept"
    assert not towns.read(asked)["kept"].item()


def test_what_is_written_as_numbered_words_is_read_as_texts(towns: Store) -> None:
    """In several row groups, each of which numbers its own words."""
    rows = [("S1", f"r{n % 12}", f"Q{1 + n // 12}", "1") for n in range(24)]
    folder = towns.new_staging("words")
    with mock.patch.object(coded_keys, "ROW_GROUP", 7), mock.patch.object(asking, "ROW_GROUP", 7):
        checked = checks.check(held(towns), TABLE, staged(rows), folder)
    assert checked.kept == 24
    assert pq.read_metadata(checked.accepted).num_row_groups > 1
    kept = pq.read_table(checked.accepted)
    texts = {name: kept.schema.field(name).type for name in TABLE.column_names[:3]}
    assert set(texts.values()) == {pa.string()}
    assert kept.select([*TABLE.column_names[:3]]).to_pylist() == [
        dict(zip(TABLE.column_names, row[:3], strict=False)) for row in rows
    ]


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(st.text("a!~ \t\x0b\x7f甲", max_size=2), max_size=4), cut=st.integers(0, 3))
def test_only_cells_of_visible_signs_are_not_looked_at(cells: list[str], cut: int) -> None:
    column = pa.array(["x", *cells], pa.string()).slice(min(cut, len(cells)))
    found = typed_cells.untouched_columns(pa.table({"a": column}))
    seen = all(cell and cell.isascii() and cell.isprintable() and " " not in cell
               for cell in column.to_pylist())  # fmt: skip
    assert found == ({"a"} if seen else set())


def test_a_day_has_a_year_of_four_digits_that_can_be_meant(towns: Store) -> None:
    days = {
        "2025-03-31": "2025-03-31", "2025年3月1日": "2025-03-01", "9999-12-31": "9999-12-31",
        "25-03-31": None, "25/3/31": None, "0025-03-31": None, "2025-02-30": None,
    }  # fmt: skip
    for name, column in (("drills", "held_on"), ("service_cases", "created_at")):
        table = TABLES[name]
        text = {c: pa.array([None] * len(days), pa.string()) for c in table.column_names}
        numbers = pa.array(range(len(days)), pa.int64())
        given = pa.table(text | {column: list(days), "record": numbers, "line": numbers})
        rows = typed_cells.typed_rows(table, ())
        read = towns.read(f'SELECT "{column}" AS day FROM {rows}', tables={"given": given})  # noqa: S608
        told = [None if pd.isna(day) else str(day)[:10] for day in read["day"]]
        of_time = {day: None for day in days if "年" in day} if column == "created_at" else {}
        assert told == list((days | of_time).values())
