"""Parquet: values as a person writes them, judged from schema and footer before they are read."""

import datetime as dt
import io
import random
import struct
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.files import Limits
from tests.data.reading import damaged, read, read_or_refuse, refusal, rows


def parquet(columns: pa.Table | dict[str, object], **options: object) -> bytes:
    out = io.BytesIO()
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, out, **options)
    return out.getvalue()


MORNING = dt.datetime(2025, 3, 31, 9, 30)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["0012", "", None]), ["0012", "", None]),
        (pa.array(["甲", "甲"]).dictionary_encode(), ["甲", "甲"]),
        (pa.array([7, None], pa.int8()), ["7", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([990101001001.0, 0.5, -0.0, None]), ["990101001001", "0.5", "0", None]),
        (pa.array([0.1, 1e20, float("nan"), float("inf")]), ["0.1", "1e+20", "nan", "inf"]),
        (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216"]),
        (pa.array([1.5, 2.0], pa.float16()), ["1.5", "2"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([None, None], pa.null()), [None, None]),
        (pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)), ["1.50", None]),
        # As many digits as its scale, never 1E-7.
        (pa.array([Decimal("1E-7"), Decimal(0)], pa.decimal128(7, 7)), ["0.0000001", "0.0000000"]),
        (pa.array([dt.date(2025, 3, 31), dt.date(1, 1, 1)]), ["2025-03-31", "0001-01-01"]),
        (pa.array([dt.date(2025, 3, 31)], pa.date64()), ["2025-03-31"]),
        (pa.array([MORNING], pa.timestamp("us")), ["2025-03-31 09:30:00"]),
        (pa.array([1_500_000_000], pa.timestamp("ns")), ["1970-01-01 00:00:01.5"]),
        (pa.array([0], pa.timestamp("s", "Asia/Shanghai")), ["1970-01-01 08:00:00"]),
        (pa.array([0], pa.timestamp("s", "UTC")), ["1970-01-01 08:00:00"]),
        (pa.array([0], pa.timestamp("ms", "Nowhere/Land")), ["1970-01-01 08:00:00"]),
        (pa.array([dt.time(9, 30), dt.time(9, 30, 0, 500_000)]), ["09:30:00", "09:30:00.5"]),
    ],
)  # fmt: skip
def test_values_are_written_as_text(
    tmp_path: Path, column: pa.Array, texts: list[str | None]
) -> None:
    grid = read(tmp_path, parquet({"a": column}))
    assert [row[0] for row in rows(grid)] == texts
    assert (grid.kind, grid.encoding, grid.delimiter) == ("parquet", "parquet", None)
    assert grid.lines.to_pylist() == list(range(1, len(texts) + 1))


def test_columns_are_known_by_their_place(tmp_path: Path) -> None:
    twice = pa.table([pa.array([1]), pa.array(["x"]), pa.array(["y"])], names=["a", "a", "b.c"])
    grid = read(tmp_path, parquet(twice))
    assert grid.header == ("a", "a", "b.c")
    assert rows(grid) == [["1", "x", "y"]]


def test_records_are_numbered_through_all_batches(tmp_path: Path) -> None:
    count = 140_000
    grid = read(tmp_path, parquet({"a": list(range(count))}, row_group_size=50_000))
    assert grid.records.to_pylist() == list(range(1, count + 1))
    assert grid.cells["c0"].to_pylist() == [str(n) for n in range(count)]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (pa.array([[1], [2]]), "nested_columns"),
        (pa.array([{"a": 1}, {"a": 2}]), "nested_columns"),
        (pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())), "nested_columns"),
        (pa.array([b"\x00", b"\x01"]), "column_type"),
        (pa.array([1, 2], pa.duration("s")), "column_type"),
    ],
)
def test_what_is_no_flat_table_is_refused(tmp_path: Path, column: pa.Array, code: str) -> None:
    error = refusal(tmp_path, parquet({"a": ["x", "y"], "b": column}))
    assert error.code == code
    assert "b" in str(error)


def test_a_table_without_columns_is_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path, parquet(pa.table({"a": [1]}).select([]))).code == "empty_file"
    assert rows(read(tmp_path, parquet({"a": pa.array([], pa.string())}))) == []


@pytest.mark.parametrize("dictionary", [True, False])
def test_bytes_that_claim_to_be_text_are_refused(tmp_path: Path, dictionary: bool) -> None:
    places, letters = struct.pack("<3i", 0, 2, 4), b"\xff\xfeab"
    texts = pa.StringArray.from_buffers(2, pa.py_buffer(places), pa.py_buffer(letters))
    content = parquet({"a": texts}, use_dictionary=dictionary, store_schema=False)
    assert refusal(tmp_path, content).code == "unreadable"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        # The footer tells how much a column unpacks to; a dictionary hides how long its texts are.
        (Limits(parquet_unpacked_bytes=1 << 20), "file_too_large"),
        (Limits(cells=100_000), "too_many_cells"),
        (Limits(columns=0), "too_many_columns"),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, limits: Limits, code: str) -> None:
    bomb = parquet({"a": pa.array(["x" * 1000] * 200_000).dictionary_encode()})
    assert len(bomb) < 100_000
    assert refusal(tmp_path, bomb, limits=limits).code == code


def test_damage_is_read_or_refused(tmp_path: Path) -> None:
    content = parquet({"a": ["x", "y"] * 50, "b": list(range(100)), "c": [MORNING, None] * 50})
    chance = random.Random(7)
    for _ in range(300):
        grid = read_or_refuse(tmp_path, damaged(content, chance))
        assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))
    for cut in range(4, len(content), 17):
        assert read_or_refuse(tmp_path, content[:cut]) is None
