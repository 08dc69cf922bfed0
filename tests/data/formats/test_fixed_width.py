"""Columns made by blanks are read where every line has them at the same places, else refused."""

from pathlib import Path

import pytest

from tests.data.reading import read, refusal, rows

HEAD = "code       name    people"
# By character; by two places for a Chinese one.
NARROW = "\n".join([HEAD, "990101100  甲镇        1200", "990101101  样例乡         45",
                    "990101102               7"])  # fmt: skip
WIDE = "\n".join([HEAD, "990101100  甲镇      1200", "990101101  样例乡      45",
                  "990101102               7"])  # fmt: skip
CELLS = [["990101100", "甲镇", "1200"], ["990101101", "样例乡", "45"], ["990101102", "", "7"]]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("text", [NARROW, WIDE])
def test_places_by_character_and_by_width(tmp_path: Path, text: str, encoding: str) -> None:
    grid = read(tmp_path, (text + "\n").encode(encoding))
    assert (grid.header, grid.dialect) == (("code", "name", "people"), "fixed")
    assert rows(grid) == CELLS
    assert grid.lines.to_pylist() == [2, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        # A cell beyond its column, one that is even with neither edge, no heading above a column.
        NARROW.replace("甲镇        1200", "甲镇甲镇甲镇甲镇甲镇 1200"),
        NARROW.replace("样例乡         45", "样例乡        45 "),
        NARROW.replace("people", "      "),
        NARROW.replace("code ", "co de"),
    ],
)
def test_in_any_doubt_it_is_said_what_the_file_is(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, f"{text}\n".encode()).code == "fixed_width_unclear"


def test_a_list_of_words_is_one_column(tmp_path: Path) -> None:
    assert refusal(tmp_path, "名称\n甲镇\n乙乡\n丙镇\n".encode()).code == "one_column"
