"""The fast reader of plain text against the exact one: the same grid, or the same refusal."""

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.files import Grid, read_grid
from data.formats import delimited, plain_text

UNSEEN = "\ufeff\u200b\u200f\u00ad\u2028"
CELL = st.text(alphabet="a1甲 .|;\t\"'\\#-，\u3000\x85é" + UNSEEN, max_size=4)
CLEAN = st.text(alphabet="a1甲乙 .-\u3000" + UNSEEN, max_size=4)
END = st.sampled_from(["\n", "\r\n", "\n", "\n\n", "\r"])


def told(grid: Grid) -> dict[str, object]:
    arrays = {"cells": grid.cells.to_pydict(), "records": grid.records.to_pylist()}
    return {**vars(grid), **arrays, "lines": grid.lines.to_pylist(), "types": grid.cells.schema}


def read(file: Path, **how: str) -> dict[str, object]:
    try:
        return told(read_grid(file, "f.csv", **how))
    except DataError as refusal:
        return {"refused": refusal.code, "values": refusal.values}


def both(content: bytes, **how: str) -> tuple[dict[str, object], dict[str, object], bool]:
    """Read with and without the fast reader; say whether it took the file."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "f.csv"
        file.write_bytes(content)
        with mock.patch.object(delimited, "read_plain", wraps=plain_text.read_plain) as fast:
            taken: list[bool] = []

            def spy(*arguments: object) -> object:
                found = plain_text.read_plain(*arguments)  # type: ignore[arg-type]
                taken.append(found is not None)
                return found

            fast.side_effect = spy
            quick = read(file, **how)
        with mock.patch.object(delimited, "read_plain", return_value=None):
            exact = read(file, **how)
    return quick, exact, any(taken)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=2, max_size=3), max_size=7),
    st.lists(END, min_size=8, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.booleans(),
)
@example([["a", "1"], ["", ""], ["", ""]], ["\n"] * 8, ",", "utf-8", True)
def test_any_text_is_read_as_the_exact_reader_reads_it(
    rows: list[list[str]], ends: list[str], mark: str, encoding: str, last: bool
) -> None:
    lines = [mark.join(row) + end for row, end in zip([["k", "值"], *rows], ends, strict=False)]
    text = "".join(lines) if last else "".join(lines).rstrip("\r\n")
    quick, exact, _ = both(text.encode(encoding), delimiter="tab" if mark == "\t" else mark)
    assert quick == exact


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CLEAN, CLEAN, CLEAN), min_size=3, max_size=9),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_plain_text_is_read_fast_and_alike(
    rows: list[tuple[str, str, str]], end: str, encoding: str
) -> None:
    records = [["代码", "name", "v"], *([f"c{n}", *row[1:]] for n, row in enumerate(rows))]
    text = end.join(",".join(record) for record in records) + end
    quick, exact, fast = both(text.encode(encoding))
    assert quick == exact
    assert fast or "refused" in quick


@pytest.mark.parametrize(
    ("text", "fast"),
    [
        ("k,v\na,1\nb,2\n", True),
        ("k,v\r\na,1\r\nb,2", True),
        ("k,v\na,1\n\n\n", True),
        ("\n\nk,v\na,1\nb,2\n", True),
        ("sep=,\nk,v\na,1\nb,2\n", True),
        ("单位名单,,\nk,v,w\na,1,3\nb,2,4\n", True),
        ("k,v\na,1\n\nb,2\n", False),
        ("k,v\na,1\rb,2\n", False),
        ('k,v\na,"1"\n', False),
        ("k,v\na,1,2\nb,2\n", False),
        ("k,v\na\nb,2\n", False),
        ("k,v\n\na,1\n", False),
        ("k,v\n\ufeffa,1\n", False),
    ],
)
def test_what_is_plain(text: str, fast: bool) -> None:
    quick, exact, taken = both(text.encode(), delimiter=",")
    assert quick == exact
    assert taken == fast


def test_a_bar_within_a_chinese_character_of_gb18030_is_none() -> None:
    sign = b"\x81\x7c".decode("gb18030")  # its second byte is the bar
    text = f"名称|值\n{sign}县|1\n乙县|2\n"
    quick, exact, taken = both(text.encode("gb18030"), delimiter="|", encoding="gb18030")
    assert quick == exact
    assert taken or "refused" in quick
