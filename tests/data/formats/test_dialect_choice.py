"""The dialect that explains a whole file, or a question; damaged files are read or refused."""

import csv
import io
import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.formats import dialect_choice
from data.formats.dialect_choice import DELIMITERS
from data.formats.dialects import Dialect
from tests.data.reading import DATA, HEAD, LAW, damaged, read, read_or_refuse, refusal, rows


@pytest.mark.parametrize(
    ("text", "dialect", "cells"),
    [
        ("a;b\n1,5;2\n3;4\n", ';"', [["1,5", "2"], ["3", "4"]]),
        ("a\tb\n1\t2,5\n", 'tab"', [["1", "2,5"]]),
        # Single quotes are certain where they hide a delimiter, or stand around the header.
        ("a,b\n'1,5',x\n", ",'", [["1,5", "x"]]),
        ("'a';'b'\n'it''s';'x'\n", ";'", [["it's", "x"]]),
        ("a,b\nit's,o'clock\n'90s,x\n", ',"', [["it's", "o'clock"], ["'90s", "x"]]),
        # A backslash escapes where only so every quote is closed; one of a path does not.
        ('a,b\n"x \\"y\\", z",2\n', ',"\\', [['x "y", z', "2"]]),
        ("a,b\n1\\,5,2\n3,4\n", ',"\\', [["1,5", "2"], ["3", "4"]]),
        ("'a','b'\n'it\\'s, so','2'\n", ",'\\", [["it's, so", "2"]]),
        ('a,b\n"C:\\dir\\",2\n', ',"', [["C:\\dir\\", "2"]]),
        # Before anything but a quote, a delimiter or itself a backslash is a character.
        ('a,b\n"8\\\'9\\" long, x",2\n', ',"\\', [["8\\'9\" long, x", "2"]]),
        ('a,b\n"8\\\'9"" long, x",2\n', ',"', [["8\\'9\" long, x", "2"]]),
        # A blank after each delimiter hides quotes; else it stays.
        ('a, b\n1, "x, y"\n', ', "', [["1", "x, y"]]),
        ("a,b\n1, x\n", ',"', [["1", " x"]]),
        ('a,b\n1," ""x"""\n2, y\n', ',"', [["1", ' "x"'], ["2", " y"]]),
        ('a,b\n1,"x, ""y"" and ""z"""\n2, y\n', ',"', [["1", 'x, "y" and "z"'], ["2", " y"]]),
        # Rarer marks where no usual one separates anything.
        ("甲，乙\n1，2\n", '，"', [["1", "2"]]),
        ("a b c\n1 2 3\n4 5 6\n", ' "', [["1", "2", "3"], ["4", "5", "6"]]),
        ("a^b\n1^2\n", '^"', [["1", "2"]]),
        # All line ends in one file; a carriage return in quotes stays.
        ('a,b\r\n1,2\n3,4\r5,"6\r7"\r\n', ',"', [["1", "2"], ["3", "4"], ["5", "6\r7"]]),
    ],
)  # fmt: skip
def test_a_dialect_is_found(
    tmp_path: Path, text: str, dialect: str, cells: list[list[str]]
) -> None:
    grid = read(tmp_path, text.encode())
    assert (grid.dialect, rows(grid), grid.ragged) == (dialect, cells, ())
    assert Dialect.of(dialect).said == dialect
    assert rows(read(tmp_path, text.encode(), delimiter=dialect)) == cells


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("a;b,c\n1;2,3\n", [',"', ';"']),
        ("a,b\n'1',x\n", [',"', ",'"]),
        ('a,b\n"x\\\\y",2\n', [',"', ',"\\']),
        # A title would explain the one, a record of another length the other.
        ("name,note\n甲,a;b\n乙,c;d\n丙,e;f,x\n", [';"', ',"']),
        # One record that fits no dialect takes nothing away from a question about the others.
        ('a,b\nx \\"y\\",2\n3,4\n5\n', [',"', ',"\\']),
        # What tells them apart may stand far beyond the sample.
        ("a,b\n" + "1,2\n" * 3_000 + "'3',4\n", [',"', ",'"]),
    ],
)  # fmt: skip
def test_two_readings_are_asked_about(tmp_path: Path, text: str, choices: list[str]) -> None:
    error = refusal(tmp_path, text.encode())
    assert error.code == "dialect_ambiguous"
    assert error.values["choices"] == "  ".join(choices)
    for choice in choices:
        assert read(tmp_path, text.encode(), delimiter=choice).dialect == choice


def test_what_only_the_rest_of_a_file_tells_is_told(tmp_path: Path) -> None:
    text = "a;b,c\n" + "1;2,3\n" * 3_000
    assert refusal(tmp_path, text.encode()).code == "dialect_ambiguous"
    grid = read(tmp_path, (text + "4;5\n").encode())
    assert (grid.dialect, rows(grid)[-1], grid.ragged) == (';"', ["4", "5"], ())
    text = "a,b\n" + "1,2\n" * 3_000 + '3,"x \\"y\\""\n'
    assert rows(read(tmp_path, text.encode()))[-1] == ["3", 'x "y"']


cells = st.text("中a1 ,;\t|\"'\\\n", max_size=6)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
)
WRITERS = {
    "minimal": {"quoting": csv.QUOTE_MINIMAL},
    "all": {"quoting": csv.QUOTE_ALL},
    "single": {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
    "backslash": {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    "single backslash": {
        "quoting": csv.QUOTE_ALL, "quotechar": "'", "doublequote": False, "escapechar": "\\",
    },
    "unquoted": {"quoting": csv.QUOTE_NONE, "doublequote": False, "escapechar": "\\"},
}  # fmt: skip
SAID = {"single": "'", "backslash": '"\\', "single backslash": "'\\", "unquoted": '"\\'}


def each_line_is_whole(row: list[str], delimiter: str) -> bool:
    lines = [line for line in delimiter.join(row).splitlines() if line]
    return len(lines) > 1 and {line.count(delimiter) for line in lines} == {len(row) - 1}


@LAW
@given(tables, st.sampled_from(DELIMITERS), st.sampled_from(sorted(WRITERS)),
       st.sampled_from(["\n", "\r\n", "\r"]))  # fmt: skip
def test_every_dialect_comes_back_or_is_asked_about(
    tmp_path: Path, table: list[list[str]], delimiter: str, writer: str, end: str
) -> None:
    """Law: told, the cells are those written; not told, they are, or the dialect is a question.

    Not of a record whose every line is a whole record: two stray marks would write the same.
    """
    assume(not any(each_line_is_whole(row, delimiter) for row in table))
    text = io.StringIO(newline="")
    header = [f"列{n}" for n in range(len(table[0]))]
    if writer == "unquoted" or (writer, end) == ("minimal", "\r"):
        # Older writers leave a line feed unquoted that is not their line end.
        table = [[cell.replace("\n", "") for cell in row] for row in table]
    out = csv.writer(text, delimiter=delimiter, lineterminator=end, **WRITERS[writer])  # type: ignore[arg-type]
    out.writerows([header, *table])
    content = text.getvalue().encode()
    told = read(tmp_path, content, delimiter=delimiter + SAID.get(writer, ""))
    assert (told.header, rows(told), told.ragged) == (tuple(header), table, ())
    found = read_or_refuse(tmp_path, content)
    if found is None:
        assert refusal(tmp_path, content).code == "dialect_ambiguous"
    else:
        assert (found.header, rows(found), found.ragged) == (tuple(header), table, ())


# What DuckDB's sniffer makes of a file is wrong; ours is the cells, a question, or names the rows.
BETTER = {
    "ragged_last.csv": ("a,b,c\n1,2,3\n4,5\n6,7,8\n", [["1", "2", "3"], ["6", "7", "8"]]),
    "two_delimiters.csv": ("a;b,c\n1;2,3\n", "dialect_ambiguous"),
    "extra_delimiter.csv": ("a,b\n1,2,\n3,4\n", [["3", "4"]]),
    "title_padded.csv": ("统计表,,\n填报单位：镇,,\n" + HEAD + DATA,
                         [["甲", "1", "2"], ["乙", "3", "4"]]),
    "footer.csv": ("乡镇,人口\n甲,1\n乙,2\n合计,3\n注：来自统计局\n", [["甲", "1"], ["乙", "2"]]),
    "apostrophes.csv": ("a,b\n'1',x\n'2',y\n", "dialect_ambiguous"),
    "unclosed.csv": ('a,b\n1,"2\n3,4\n5,6\n', "quote_unclosed"),
    "line_ends.csv": ("a,b\n1,2\r3,4\r\n5,6\n", [["1", "2"], ["3", "4"], ["5", "6"]]),
    "two_tables.csv": ("a,b\n1,2\n\nc,d,e\n1,2,3\n4,5,6\n7,8,9\n", [["1", "2"]]),
    "header_short.csv": ("a,b\n1,2,3\n4,5,6\n7,8,9\n", []),
    "joined.csv": ("乡镇,人口\n甲,1\n乡镇,人口\n乙,2\n", [["甲", "1"], ["乙", "2"]]),
    "escapes.csv": ('a,b\n"x\\\\y",2\n', "dialect_ambiguous"),
}  # fmt: skip


def sniffed(path: Path) -> object:
    try:
        found = duckdb.execute("SELECT * FROM read_csv(?, all_varchar = true)", [str(path)])
        return [list(row) for row in found.fetchall()]
    except duckdb.Error:
        return None


@pytest.mark.parametrize("name", sorted(BETTER))
def test_where_another_sniffer_is_wrong_this_one_is_not(tmp_path: Path, name: str) -> None:
    """Reference: DuckDB's own sniffer (sniff_csv, which read_csv uses)."""
    text, expected = BETTER[name]
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert duckdb.__version__
    assert sniffed(path) != expected
    if isinstance(expected, str):
        assert refusal(tmp_path, text.encode()).code == expected
        return
    grid = read(tmp_path, text.encode())
    assert rows(grid) == expected
    # Every line is in a row, or is named.
    named = len(grid.ragged) + len(grid.left_out) + len(expected) + 1
    assert named >= len(list(filter(str.strip, text.replace("\r", "\n").split("\n"))))


SEEDS = (
    f"sep=;\n统计表\n{HEAD}{DATA}合计,4,6\n注：x\n".replace(",", ";"),
    "'a','b'\n'it''s','x, y'\n# 1\n'2','3'\n",
    'a|b\n"x \\"y\\""|2\n\n3|4\n',
    f"# c\n{HEAD}name,people,area\n{DATA}{HEAD}{DATA}小计,4,6\n",
    'a, b\n1, "x, y"\n2, z\n',
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5"])
def test_damaged_files_are_read_or_refused(tmp_path: Path, encoding: str) -> None:
    chance = random.Random(encoding)
    for number in range(250):
        content = SEEDS[number % len(SEEDS)].encode(encoding, "ignore")
        content = damaged(content[: chance.randrange(1, len(content)) + 1], chance)
        said = encoding if chance.random() < 0.5 else None
        mark = chance.choice([None, ",", ";'", '|"\\', ",none"])
        grid = read_or_refuse(tmp_path, content, encoding=said, delimiter=mark)
        if grid is not None:
            assert all(len(row) == len(grid.header) for row in rows(grid))
            numbers = [*grid.records.to_pylist(), *(r.record for r in grid.ragged),
                       *(e.record for e in grid.left_out if e.record)]  # fmt: skip
            assert sorted(numbers) == list(range(1, len(numbers) + 1))


@LAW
@given(st.text("中1#合计：注,;\t|\"'\\ \n\r=sep", max_size=60))
def test_any_text_is_read_or_refused_and_every_record_is_somewhere(
    tmp_path: Path, text: str
) -> None:
    grid = read_or_refuse(tmp_path, text.encode())
    if grid is not None:
        numbers = [*grid.records.to_pylist(), *(r.record for r in grid.ragged),
                   *(e.record for e in grid.left_out if e.record)]  # fmt: skip
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_long_list_of_words_is_not_read_whole_for_each_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three million lines took minutes; what does not explain the beginning explains nothing."""
    asked = []
    trial = dialect_choice._Source.trial

    def counted(source: object, dialect: Dialect, whole: bool = False) -> object:
        asked.append(whole)
        return trial(source, dialect, whole)  # type: ignore[arg-type]

    monkeypatch.setattr(dialect_choice._Source, "trial", counted)
    assert refusal(tmp_path, b"name\n" + b"word\n" * 5_000).code == "one_column"
    assert asked
    assert not any(asked)
    # A mark that explains it all is still found, and tried on all of it.
    assert read(tmp_path, b"a^b\n" + b"1^2\n" * 5_000).cells.num_rows == 5_000
    assert any(asked)
