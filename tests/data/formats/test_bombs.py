"""Files made to hurt: each costs one refusal in words, soon.

What has brought engines down goes the whole way, through a process of its own.
"""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import reading
from data.errors import DataError
from tests.data.books import repacked, xlsx
from tests.data.reading import refusal

# Much more than any takes on a busy machine.
PATIENCE_SECONDS = 60
ROWS, LONG = 3_000_000, 1_444


def parquet(column: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": column}), out)
    return out.getvalue()


def thousand_fold() -> bytes:
    """Make a small file that unpacks to 13 GB: one long text, said three million times."""
    places = pa.nulls(ROWS, pa.int8()).fill_null(0)
    return parquet(pa.DictionaryArray.from_arrays(places, pa.array(["甲" * LONG])))


def nested(depth: int) -> bytes:
    """Make a small file whose one column is a list of lists of lists …"""
    column = pa.array([1])
    for _ in range(depth):
        column = pa.ListArray.from_arrays([0, 1], column)
    return parquet(column)


def sheet(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = f'<worksheet xmlns="{space}"><dimension ref="A1:XFD1048576"/>{body}</worksheet>'
    return repacked(xlsx(), "xl/worksheets/sheet2.xml", lambda _: part.encode())


def far_cells() -> bytes:
    """Make a sheet of two cells that stand as far apart as a sheet allows."""
    ends = (("1", "A1"), ("1048576", "XFD1048576"))
    rows = "".join(f'<row r="{r}"><c r="{at}"><v>1</v></c></row>' for r, at in ends)
    return sheet(f"<sheetData>{rows}</sheetData>")


def packed_away() -> bytes:
    """Make a workbook one part of which is said to unpack to 600 MB."""
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/media/filling.bin", b"x")
        target.filelist[-1].file_size = 600 << 20
    return out.getvalue()


def entities() -> bytes:
    """Make a sheet whose few words would grow to a thousand million (billion laughs)."""
    told = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return repacked(
        xlsx(),
        "xl/worksheets/sheet2.xml",
        lambda part: part.replace(b"?>", f'?><!DOCTYPE a [<!ENTITY a0 "x">{told}]>'.encode(), 1),
    )


def long_cell() -> bytes:
    """Make a sheet with a cell that no program writes: Excel's hold 32,767 characters."""
    text = f'<c r="A1" t="inlineStr"><is><t>{"x" * (17 << 20)}</t></is></c>'
    return sheet(f'<sheetData><row r="1">{text}</row></sheetData>')


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "Parquet of 13 GB": (thousand_fold, "file_too_large"),
    "nested Parquet": (lambda: nested(40), "nested_columns"),
    "Parquet nested beyond all measure": (lambda: nested(400), "unreadable"),
    "far cells": (far_cells, "too_ragged"),
    "hidden filling": (packed_away, "file_too_large"),
}
PLAIN: dict[str, tuple[Callable[[], bytes], str]] = {
    "entities": (entities, "unreadable"),
    "line ends and no more": (lambda: b"\n" * (8 << 20), "empty_file"),
    "a cell without end": (long_cell, "record_too_long"),
    "a line without end": (lambda: b"a,b\n1," + b"x" * (17 << 20), "record_too_long"),
    "five thousand columns": (lambda: b",".join([b"a"] * 5_000) + b"\n", "too_many_columns"),
    "zeros": (lambda: bytes(1 << 20), "not_text"),
}


@pytest.mark.parametrize(("made", "code"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_one_refusal(tmp_path: Path, made: Callable[[], bytes], code: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(made())
    began = time.monotonic()
    with pytest.raises(DataError) as refused:
        reading.read_table(path, "file", tmp_path)
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert refused.value.code == code
    assert refused.value.next_step.zh
    assert refused.value.next_step.en
    assert not (tmp_path / "cells.json").exists()


@pytest.mark.parametrize(("made", "code"), PLAIN.values(), ids=PLAIN)
def test_what_grows_without_end_is_refused(
    tmp_path: Path, made: Callable[[], bytes], code: str
) -> None:
    assert refusal(tmp_path, made()).code == code
