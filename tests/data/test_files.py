"""The door for files: a kind is known by its content, what is no table is refused by name."""

import io
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.files import Limits, read_grid
from tests.data.reading import damaged, read, read_or_refuse, refusal, rows


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def packed(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


def parquet(columns: dict[str, object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\xff\xd8\xff\xe0 a picture", "not_a_table"),
        (b"%PDF-1.7 a document", "not_a_table"),
        (b"MZ\x90\x00 a program", "not_a_table"),
        (b"\x1f\x8b\x08 an archive", "not_a_table"),
        (b"<!DOCTYPE html><table></table>", "empty_file"),
        (b"\xef\xbb\xbf<html><p>1</p></html>", "page_tables"),
        (b'{"a": [1, 2]}', "not_a_table"),
        (zipped(**{"readme.txt": b"no workbook"}), "not_a_table"),
        (zipped(**{"word/document.xml": b"<a/>"}), "not_a_table"),
        (zipped(**{"xl/workbook.bin": b"\x00"}), "not_a_table"),
        (zipped(**{"xl/workbook.xml": b"<workbook>"}), "unreadable"),
        (packed(zipfile.ZIP_LZMA), "unreadable"),
        (packed(zipfile.ZIP_BZIP2), "unreadable"),
        (b"PAR1\x00\x00 cut short", "unreadable"),
        (b"PAR1 and nothing between PAR1", "unreadable"),
        (b"PK\x03\x04 cut short", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content).code == code


@pytest.mark.parametrize(
    "header", ["MZ编号,名称", "BMI,身高", "PAR1,PAR2", "PK,名称", "GIF,名称", "[a],{b}"]
)
def test_letters_that_also_begin_other_files_may_begin_a_table(tmp_path: Path, header: str) -> None:
    grid = read(tmp_path, f"{header}\n1,2\n".encode())
    assert grid.header == tuple(header.split(","))


def test_the_kind_is_found_whatever_the_name_says(tmp_path: Path) -> None:
    file = tmp_path / "table.xlsx"
    file.write_bytes(b"a\tb\n1\t2\n")
    grid = read_grid(file, file.name)
    assert (grid.kind, grid.delimiter, grid.encoding, grid.size) == ("tsv", "\t", "utf-8", 8)
    file.write_bytes(parquet({"a": ["1"], "b": ["2"]}))
    assert read_grid(file, file.name).kind == "parquet"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_grid(tmp_path / "nowhere.csv", "nowhere.csv")
    assert caught.value.code == "file_unopened"
    assert "nowhere.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "limits", "code"),
    [
        (b"a,b\n" + b"1,2\n" * 1000, Limits(text_bytes=1000), "file_too_large"),
        (b"a,b\n" + b"1,2\n" * 1000, Limits(cells=500), "too_many_cells"),
        (b",".join([b"c"] * 100) + b"\n", Limits(columns=50), "too_many_columns"),
        (b"a,b\n1,2\n" + b"3" * 5000 + b",4\n", Limits(record_bytes=1000), "record_too_long"),
        (b'a,b\n1,"' + b"3\n" * 5000 + b'"\n', Limits(record_bytes=1000), "record_too_long"),
        (zipped(**{"xl/a.xml": b"x" * 2000}), Limits(workbook_bytes=1000), "file_too_large"),
        (parquet({"a": ["x"] * 10}), Limits(parquet_unpacked_bytes=10), "file_too_large"),
    ],
)
def test_a_file_beyond_the_limits_is_refused(
    tmp_path: Path, content: bytes, limits: Limits, code: str
) -> None:
    assert refusal(tmp_path, content, limits=limits).code == code


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(
        [b"", b"PK\x03\x04", b"PAR1\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a,b\n"]
    ),
    st.binary(max_size=400),
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, start: bytes, content: bytes) -> None:
    grid = read_or_refuse(tmp_path, start + content)
    assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))


def test_a_damaged_text_loses_no_record_without_a_word(tmp_path: Path) -> None:
    """Law: every line of a file that is read is a record, a ragged one or part of a quoted cell."""
    content = "代码,名称,说明\n".encode() + "0012,示例镇,好\n".encode() * 40
    chance = random.Random(3)
    for _ in range(200):
        grid = read_or_refuse(tmp_path, damaged(content, chance))
        if grid is not None and not any("\n" in (c or "") for row in rows(grid) for c in row):
            assert grid.cells.num_rows + len(grid.ragged) >= 40 - 4
            assert grid.records.to_pylist() == sorted(set(grid.records.to_pylist()))
