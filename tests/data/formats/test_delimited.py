"""Delimited text: each record as written, or named with its line; never padded, cut or shifted."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.data.reading import read, refusal, rows


def test_records_that_do_not_fit_are_set_aside_with_their_place(tmp_path: Path) -> None:
    text = 'a,b,c\n1,2,3\n4,5\n6,7,8,\n"x\ny",2,3\n9,9,9\n'
    grid = read(tmp_path, text.encode())
    assert rows(grid) == [["1", "2", "3"], ["x\ny", "2", "3"], ["9", "9", "9"]]
    assert [(r.record, r.line, r.found, r.expected, r.text) for r in grid.ragged] == [
        (2, 3, 2, 3, "4,5"),
        (3, 4, 4, 3, "6,7,8,"),
    ]
    assert grid.lines.to_pylist() == [2, 5, 7]
    assert grid.records.to_pylist() == [1, 4, 5]


def test_records_beside_a_torn_piece_are_set_aside_too(tmp_path: Path) -> None:
    # 109.4953 was torn: its record still has three fields, and a number that is wrong.
    text = "a,b,c\n甲,1,2\n乙,1,109.4\n953\n丙,1,2\n丁,1,2\n注：核对过\n戊,1,2\n"
    grid = read(tmp_path, text.encode())
    assert [row[0] for row in rows(grid)] == ["甲", "丁", "戊"]
    assert [(r.record, r.line, r.found, r.expected) for r in grid.ragged] == [
        (2, 3, 3, 3), (3, 4, 1, 3), (4, 5, 3, 3), (6, 7, 1, 3),
    ]  # fmt: skip
    assert grid.ragged[0].text == "乙,1,109.4"
    # What lies between them may be of the same text.
    grid = read(tmp_path, "a,b,c\n甲,1,2\n乙,1,说\n\n明\n好\n\n丙,1,2\n丁,1,2\n".encode())
    assert [row[0] for row in rows(grid)] == ["甲", "丁"]


def joins(table: list[list[str]], joint: str) -> bool:
    """Say whether a record is of lines that each could be one."""
    texts = [[part for part in re.split(r"[\r\n]+", joint.join(row)) if part] for row in table]
    width = len(table[0])
    return width > 2 and any(
        len(lines) > 1 and all(line.count(joint) == width - 1 for line in lines) for lines in texts
    )


def test_two_marks_too_many_join_no_records(tmp_path: Path) -> None:
    # Between the marks stand two whole records, and the second number would be the first one's.
    text = 'a,b,c\n"甲,1,2\n乙",3,4\n丙,5,6\n"一\n二",7,"8,9"\n'
    grid = read(tmp_path, text.encode())
    assert rows(grid) == [["丙", "5", "6"], ["一\n二", "7", "8,9"]]
    assert [(r.line, r.stray) for r in grid.ragged] == [(2, True)]


@pytest.mark.parametrize(
    ("text", "cells", "ragged"),
    [
        # Nothing is trimmed, and what only looks empty is kept.
        ("a,b\n 1 ,\t\n", [[" 1 ", "\t"]], []),
        ('a,b\n"",\n', [["", ""]], []),
        ("a,b\n0012,1.70\n", [["0012", "1.70"]], []),
        ("a,b\n1,it's 5\" long\n", [["1", 'it\'s 5" long']], []),
        # The end of the last line may be missing, lines may end in any of three ways.
        ("a,b\r1,2\r3,4", [["1", "2"], ["3", "4"]], []),
        # A blank line is a record only where records follow.
        ("\n\na,b\n1,2\n\n\n", [["1", "2"]], []),
        ("a,b\n1,2\n\n\n3,4\n\n", [["1", "2"], ["3", "4"]], [(3, 0), (4, 0)]),
        ("a,b\n1,2\n  \n", [["1", "2"]], [(3, 1)]),
        # A delimiter after the last field, in the header as well or not.
        ("a,b,\n1,2,\n", [["1", "2", ""]], []),
        ("a,b\n1,2,\n3,4\n", [["3", "4"]], [(2, 3)]),
        # One quoted comma does not make commas the delimiter.
        ('a;b\n"1,5";2\n3;4\n', [["1,5", "2"], ["3", "4"]], []),
        ("a|b\n1|2\n", [["1", "2"]], []),
        ("a\tb\n1,5\t2,5\n", [["1,5", "2,5"]], []),
        # Same heading twice, and no heading at all.
        ("a,a,\n1,2,3\n", [["1", "2", "3"]], []),
        ("a,b\n", [], []),
    ],
)  # fmt: skip
def test_cells_are_as_written(
    tmp_path: Path, text: str, cells: list[list[str]], ragged: list[tuple[int, int]]
) -> None:
    grid = read(tmp_path, text.encode())
    assert rows(grid) == cells
    assert [(r.line, r.found) for r in grid.ragged] == ragged


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('a,b\n1,"2\n3,4\n', "quote_unclosed", 2),
        ('a,b\n1,2\n"3"4,5\n', "quote_error", 3),
        ('"a,b\n1,2\n', "quote_unclosed", 1),
        ("a;b,c\n1;2,3\n", "dialect_ambiguous", None),
        # Half of the file in one dialect, half in the other.
        ("a,b\n1,2\n1,2\n3;4\n5;6\na;b\n", "too_ragged", None),
        ("one\ntwo\n", "one_column", None),
    ],
)
def test_what_has_two_readings_or_none_is_refused(
    tmp_path: Path, text: str, code: str, line: int | None
) -> None:
    if code == "too_ragged":
        # Under ten thousand such records each is named, and the one beside; beyond, the file is.
        grid = read(tmp_path, text.encode())
        assert [r.line for r in grid.ragged] == [3, 4, 5, 6]
        text += "5;6\n" * 10_000
    error = refusal(tmp_path, text.encode())
    assert error.code == code
    assert line is None or error.values["line"] == line


def test_a_million_blank_lines_at_the_end_are_nothing(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b"a,b\n1,2\n" + b"\n" * 1_000_000)) == [["1", "2"]]


def test_a_quoted_cell_may_reach_beyond_the_sample(tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 1_990 + '3,"' + "x\n" * 50 + '"\n5,6\n'
    grid = read(tmp_path, text.encode())
    assert rows(grid)[-2:] == [["3", "x\n" * 50], ["5", "6"]]
    assert grid.lines.to_pylist()[-2:] == [1_992, 2_043]


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"),
                  include_characters="\r\n\t,;\"'|"),
    max_size=12,
)  # fmt: skip
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tables,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_a_written_table_comes_back(
    tmp_path: Path,
    table: list[list[str]],
    delimiter: str,
    quoting: int,
    end: str,
    encoding: str,
) -> None:
    """Law: with the delimiter told, what a csv writer wrote is what is read, cell by cell."""
    assume(not joins(table, delimiter))
    header = [f"列{n}" for n in range(len(table[0]))]
    if quoting == csv.QUOTE_MINIMAL:
        # Older writers leave a lone carriage return unquoted, where it ends the line.
        table = [[cell.replace("\r", "") for cell in row] for row in table]
    text = io.StringIO(newline="")
    # Records of common words, so that no chance mixture makes the encoding doubtful.
    common = [["示例镇样例乡的名称与编号"] * len(header)] * (12 if encoding == "gb18030" else 0)
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([header, *common, *table])
    content = text.getvalue().encode(encoding)
    if encoding == "gb18030" and any(not c.isascii() for row in table for c in row):
        # Signs from all over the world are not weighed as Chinese text; that is decode's matter.
        content = text.getvalue().encode("utf-8")
    grid = read(tmp_path, content, delimiter=delimiter)
    assert grid.header == tuple(header)
    assert not grid.ragged
    assert rows(grid) == [*common, *table]
