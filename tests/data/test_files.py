"""The door for files: exact cells or a refusal, whatever is brought."""

import csv
import datetime as dt
import io
import random
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.files import Limits, read_grid
from data.grid import Grid


def read(tmp_path: Path, content: bytes, **options: object) -> Grid:
    file = tmp_path / "file"
    file.write_bytes(content)
    return read_grid(file, "file.csv", **options)  # type: ignore[arg-type]


def read_or_refuse(tmp_path: Path, content: bytes) -> Grid | None:
    """Return None for a refusal; any other failure is the test's."""
    try:
        return read(tmp_path, content)
    except DataError:
        return None


def rows(grid: Grid) -> list[list[str | None]]:
    columns = [column.to_pylist() for column in grid.cells.columns]
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encodings_give_the_same_cells(tmp_path: Path, encoding: str, told: str) -> None:
    text = '代码,名称,说明\r\n0012,示例镇,"引号""和，逗号"\r\n0013,样例乡,\r\n' * 3
    grid = read(tmp_path, text.encode(encoding))
    assert grid.encoding == told
    assert grid.header == ("代码", "名称", "说明")
    assert rows(grid)[:2] == [["0012", "示例镇", '引号"和，逗号'], ["0013", "样例乡", ""]]


def test_records_that_do_not_fit_are_set_aside_with_their_place(tmp_path: Path) -> None:
    text = 'a,b,c\n1,2,3\n4,5\n6,7,8,\n"x\ny",2,3\n9,9,9\n'
    grid = read(tmp_path, text.encode())
    assert rows(grid) == [["1", "2", "3"], ["x\ny", "2", "3"], ["9", "9", "9"]]
    assert [(r.record, r.line, r.found, r.expected) for r in grid.ragged] == [
        (2, 3, 2, 3),
        (3, 4, 4, 3),
    ]
    assert grid.lines.to_pylist() == [2, 5, 7]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"\xff\xd8\xff\xe0 a picture", "not_a_table"),
        (b"%PDF-1.7 a document", "not_a_table"),
        (b"<!DOCTYPE html><table></table>", "not_a_table"),
        (b'{"a": [1, 2]}', "not_a_table"),
        (b'a,b\n1,"2\n3,4\n', "quote_unclosed"),
        (b'a,b\n1,"2"3\n', "quote_error"),
        (b"a,b\n1,\x00\n", "not_text"),
        (b"a;b,c\n1;2,3\n", "delimiter_ambiguous"),
        (b"PAR1\x00\x00 cut short", "unreadable"),
        (b"PK\x03\x04 cut short", "unreadable"),
        (
            "乡镇名称,编号\n".encode() * 3 + "乡镇名称,编号\n".encode("gb18030") * 3,
            "encoding_mixed",
        ),
        ("乡镇名称,编号\n".encode() + b"\xff\xff\n", "undecodable"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(DataError) as refusal:
        read(tmp_path, content)
    assert refusal.value.code == code


def test_a_file_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="file"):
        read(tmp_path, b"a,b\n" + b"1,2\n" * 1000, limits=Limits(text_bytes=1000))
    with pytest.raises(DataError):
        read(tmp_path, b"a,b\n" + b"1,2\n" * 1000, limits=Limits(cells=500))
    with pytest.raises(DataError):
        read(tmp_path, b",".join([b"c"] * 100) + b"\n", limits=Limits(columns=50))


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t,;\"'|"),
    max_size=12,
)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tables,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_a_written_table_comes_back_or_is_refused(
    tmp_path: Path,
    table: list[list[str]],
    delimiter: str,
    quoting: int,
    end: str,
    encoding: str,
) -> None:
    """Law: with the delimiter told, what a csv writer wrote is what is read, cell by cell."""
    header = [f"列{n}" for n in range(len(table[0]))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([header, *table])
    grid = read(tmp_path, text.getvalue().encode(encoding), delimiter=delimiter)
    assert grid.header == tuple(header)
    assert not grid.ragged
    assert rows(grid) == table


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    grid = read_or_refuse(tmp_path, content)
    assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))


def parquet(tmp_path: Path, table: pa.Table) -> Grid:
    out = io.BytesIO()
    pq.write_table(table, out)
    return read(tmp_path, out.getvalue())


def test_parquet_is_read_as_canonical_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "code": ["0012", None],
            "whole": pa.array([990101001001.0, 0.5]),
            "count": pa.array([7, None], pa.int32()),
            "day": pa.array([dt.date(2025, 3, 31), None]),
            "at": pa.array([dt.datetime(2025, 3, 31, 9, 30), None], pa.timestamp("us")),
            "yes": [True, False],
            "money": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        }
    )
    grid = parquet(tmp_path, table)
    assert grid.header == tuple(table.column_names)
    assert rows(grid) == [
        ["0012", "990101001001", "7", "2025-03-31", "2025-03-31 09:30:00", "true", "1.50"],
        [None, "0.5", None, None, None, "false", None],
    ]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (pa.array([[1], [2]]), "nested_columns"),
        (pa.array([{"a": 1}, {"a": 2}]), "nested_columns"),
        (pa.array([b"\x00", b"\x01"]), "column_type"),
    ],
)
def test_parquet_that_is_no_flat_table_is_refused(
    tmp_path: Path, column: pa.Array, code: str
) -> None:
    with pytest.raises(DataError) as refusal:
        parquet(tmp_path, pa.table({"a": ["x", "y"], "b": column}))
    assert refusal.value.code == code


def test_a_parquet_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = pa.table({"a": pa.array(["x" * 1000] * 200_000).dictionary_encode()})
    out = io.BytesIO()
    pq.write_table(bomb, out)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(DataError) as refusal:
        read(tmp_path, out.getvalue(), limits=Limits(parquet_unpacked_bytes=1 << 20))
    assert refusal.value.code == "file_too_large"


def test_damaged_parquet_is_read_or_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": ["x", "y"] * 50, "b": list(range(100))}), out)
    chance = random.Random(7)
    for _ in range(60):
        content = bytearray(out.getvalue())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        grid = read_or_refuse(tmp_path, bytes(content))
        assert grid is None or len(grid.header) == 2
