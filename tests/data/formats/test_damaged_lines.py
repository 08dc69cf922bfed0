"""A line with broken quotation marks is set aside by itself, or the file is refused; never guessed.

The law: whatever one mark too many or too few does to a file, each record that is read is one that
was written.
"""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.reading import LAW, read, read_or_refuse, refusal, rows

HEAD = "编号,名称,说明,数\n"
GOOD = [f'F{n},甲{n}站,"说明，有逗号, 有""引号""",{n}' for n in range(1, 31)]


def text(*damaged: str, at: int = 10) -> str:
    return HEAD + "\n".join([*GOOD[:at], *damaged, *GOOD[at:]]) + "\n"


@pytest.mark.parametrize(
    "line",
    [
        'X,"乙站,"说明, 长",3',
        'X,乙站,""说明, 长",3',
        'X,乙站,"说明, "长",3',
        '"X,乙站,说明,3',
        'X,乙站,"开展"一村一警"工作, 好",3',
        'X,乙站"说明, 长",3',
        'X,乙站,"说明, 长,3',
    ],
)
def test_one_line_is_set_aside_with_its_text_and_all_others_are_read(
    tmp_path: Path, line: str
) -> None:
    grid = read(tmp_path, text(line).encode())
    assert [(r.record, r.line, r.found, r.expected, r.stray, r.text) for r in grid.ragged] == [
        (11, 12, 0, 4, True, line)
    ]
    assert [row[0] for row in rows(grid)] == [f"F{n}" for n in range(1, 31)]
    assert {row[2] for row in rows(grid)} == {'说明，有逗号, 有"引号"'}
    assert grid.lines.to_pylist() == [*range(2, 12), *range(13, 33)]


BROKEN = 'X,"乙站,"说明, 长",3'


@pytest.mark.parametrize(
    "content",
    [
        # A heading that is damaged itself.
        text().replace("编号", '"编号'),
        # A record with a line break may be the one that is damaged.
        text(BROKEN, 'Y,丙站,"说明\n长",3'),
        # So may one of which a line is a piece.
        text(BROKEN, "Y,丙站,说明"),
        # Two columns: a line of a text may have a comma as well.
        "名称,说明\n" + "甲,说明\n" * 30 + '乙,"说明"长"\n',
        # Too many of them, too few others.
        text(*[BROKEN] * 4),
        HEAD + GOOD[0] + "\n" + BROKEN + "\n",
        # Another mark may be what separates.
        text(BROKEN).replace("说明,数", "说明;数,数"),
    ],
)
def test_in_doubt_the_file_is_refused(tmp_path: Path, content: str) -> None:
    assert refusal(tmp_path, content.encode()).code in ("quote_error", "quote_unclosed")


def test_titles_totals_and_blank_lines_are_no_doubt(tmp_path: Path) -> None:
    content = f"某县统计表,,,\n{text(BROKEN)}合计,,,465\n填表人：甲\n\n"
    grid = read(tmp_path, content.encode())
    assert [r.text for r in grid.ragged] == [BROKEN]
    assert [each.kind for each in grid.left_out] == ["title", "total", "footer"]
    assert len(rows(grid)) == 30
    named = read(tmp_path, ("sep=,\n" + text(BROKEN)).encode())
    assert [(r.line, r.text) for r in named.ragged] == [(13, BROKEN)]
    assert rows(named) == rows(grid)


# A mark behind a number is one of inches; a line that is a piece of a text would need as many
# commas as the table has columns; a text of nothing but a comma looks like the end of two others.
COMMAS = st.text("a甲 ,\"'", max_size=4).map(lambda cell: cell.strip(","))
CELL = COMMAS | st.text("a甲\"\n'", max_size=4)


@settings(LAW, max_examples=80)
@given(
    st.integers(3, 5).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=3,
                               max_size=12)
    ),
    st.booleans(),
    st.data(),
)  # fmt: skip
def test_whatever_a_mark_does_what_is_read_was_written(
    tmp_path: Path, table: list[list[str]], quoted: bool, data: st.DataObject
) -> None:
    head = ["甲列", "乙列", "丙列", "丁列", "戊列"][: len(table[0])]
    out = io.StringIO()
    how = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, quoting=how, lineterminator="\n").writerows([head, *table])
    content = out.getvalue()
    place = data.draw(st.integers(0, len(content)))
    marks = [at for at, sign in enumerate(content) if sign == '"']
    if marks and data.draw(st.booleans()):
        at = marks[place % len(marks)]
        content = content[:at] + content[at + 1 :]
    else:
        content = content[:place] + '"' + content[place:]
    grid = read_or_refuse(tmp_path, content.encode(), delimiter=",")
    if grid is not None and grid.header == tuple(head):
        assert not Counter(map(tuple, rows(grid))) - Counter(map(tuple, table))
