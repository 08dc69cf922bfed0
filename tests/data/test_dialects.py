"""Dialects: the one that explains the file, or a question; what is no record is named, not lost."""

import csv
import io
import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.dialects import DELIMITERS, Dialect
from data.errors import DataError
from data.files import read_grid
from data.reading import read_table
from tests.data.reading import damaged, read, read_or_refuse, refusal, rows

LAW = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


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


@pytest.mark.parametrize("said", ["", "x", "7", ",,", "\\", '"', "tab'x"])
def test_what_is_no_dialect_is_refused(tmp_path: Path, said: str) -> None:
    if said:
        assert refusal(tmp_path, b"a,b\n1,2\n", delimiter=said).code == "dialect_unknown"
    with pytest.raises(DataError):
        Dialect.of(said)


@pytest.mark.parametrize(
    "record",
    ['1"x,y",3', '1"x, y, z"', '"a""b",1"x,y"', '"a\\\\",1"x,y"'],
)
def test_a_delimiter_lost_before_a_quotation_is_no_new_record(tmp_path: Path, record: str) -> None:
    text = f'a,b,c\n1,"2",3\n{record}\n'
    error = refusal(tmp_path, text.encode())
    assert (error.code, error.values["line"]) == ("quote_error", 3)


@pytest.mark.parametrize("record", ['5",6",7"', '5"x3",2,3', '"5"" x","6""",3', 'x"y,z"w,3'])
def test_inches_are_no_quotations(tmp_path: Path, record: str) -> None:
    assert len(rows(read(tmp_path, f"a,b,c\n1,2,3\n{record}\n".encode()))) == 2


def test_quotes_that_are_none_must_be_said(tmp_path: Path) -> None:
    text = b'a,b\n1,"2 inch\n3,4\n'
    assert refusal(tmp_path, text).code == "quote_unclosed"
    assert rows(read(tmp_path, text, delimiter=",none")) == [["1", '"2 inch'], ["3", "4"]]
    assert rows(read(tmp_path, b"a\tb\n1\t2\n", delimiter="Tab")) == [["1", "2"]]


HEAD, DATA = "乡镇,人口,面积\n", "甲,1,2\n乙,3,4\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"2024年统计表\n{HEAD}{DATA}", [(0, 1, "title")]),
        (f"2024年统计表,,\n,,\n\n{HEAD}{DATA}", [(0, 1, "title"), (0, 2, "blank")]),
        (f"统计表,,单位：人\n填报单位：某镇,,日期：2024\n{HEAD}{DATA}", None),
        (f"统计表\n填报单位：某镇,,日期：2024\n{HEAD}{DATA}", [(0, 1, "title"), (0, 2, "title")]),
        (f"# 甲, 乙, 丙, 丁\n#\n{HEAD}{DATA}", [(0, 1, "comment"), (0, 2, "comment")]),
        (f"sep=,\n{HEAD}{DATA}", [(0, 1, "separator")]),
        (f"{HEAD}township,people,area\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD},人,㎡\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD}{DATA}合 计,4,6\n", [(3, 4, "total")]),
        (f"{HEAD}{DATA},,\n\n合计,4\n注：以上,甲\n", [(3, 4, "blank"), (4, 5, "blank"),
                                                  (5, 6, "total"), (6, 7, "footer")]),
        (f"{HEAD}{DATA}填表人：张,,审核人：李\n", [(3, 4, "footer")]),
        (f"{HEAD}合计,4,6\n{DATA}", [(1, 2, "total")]),
        (f"{HEAD}甲,1,2\n#已核\n乙,3,4\n", [(2, 3, "comment")]),
        (f"表一\n{HEAD}甲,1,2\n表一\n\ufeff{HEAD}乙,3,4\n",
         [(0, 1, "title"), (2, 4, "title"), (3, 5, "repeated_header")]),
    ],
)  # fmt: skip
def test_what_is_no_record_is_left_out_and_named(
    tmp_path: Path, text: str, left: list[tuple[int, int, str]] | None
) -> None:
    grid = read(tmp_path, text.encode())
    if left is None:  # Two of three cells are no title: in doubt the row stays.
        assert (grid.header[0], grid.left_out) == ("统计表", ())
        return
    assert grid.header == ("乡镇", "人口", "面积")
    assert (rows(grid), grid.ragged) == ([["甲", "1", "2"], ["乙", "3", "4"]], ())
    assert [each[:3] for each in grid.left_out] == left
    lines = text.splitlines()
    assert all(each.text == lines[each.line - 1] for each in grid.left_out)
    assert grid.lines.to_pylist() == [
        n for n, line in enumerate(lines, 1) if line in DATA.splitlines()
    ]


@pytest.mark.parametrize(
    ("text", "count", "ragged"),
    [
        # The sums do not show it; it is not alone with numbers; nothing but totals.
        ("乡镇,人口\n甲,1\n小计,7\n乙,3\n", 3, 0),
        ("乡镇,人口,县\n甲,1,x\n合计,1,x\n", 2, 0),
        ("乡镇,人口\n合计,1\n", 1, 0),
        # No numbers beneath show that the second row is no record.
        ("乡镇,村\nname,village\n甲,乙\n", 2, 0),
        ("类别,\n名称,说明\n甲,乙\n", 2, 0),
        # Half of a name; a comment that is as long as a record; a note among the records.
        ("乡镇,人口\n甲,1\n合计镇,2\n", 2, 0),
        ("乡镇,人口\n甲,1\n#乙,2\n", 2, 0),
        ("乡镇,人口\n甲,1\n注：甲\n乙,2\n", 2, 1),
        # A header that is too short, or numbers where names are expected.
        ("乡镇\n1,2\n3,4\n", 0, 2),
        ("a,b\n1,2\n\nc,d,e\n1,2,3\n4,5,6\n7,8,9\n", 1, 5),
    ],
)  # fmt: skip
def test_in_doubt_a_row_stays(tmp_path: Path, text: str, count: int, ragged: int) -> None:
    grid = read(tmp_path, text.encode(), delimiter=",")
    assert (grid.cells.num_rows, len(grid.ragged), grid.left_out) == (count, ragged, ())


def test_subtotals_go_where_their_sums_show_them(tmp_path: Path) -> None:
    text = "a,b\n甲,2.10\n乙,4\n小计,6.1\n丙,1\n丁,2\n小计,3\n小计,8\n戊,1\n合计,9\n"
    grid = read(tmp_path, text.encode())
    assert [(each.record, each.kind) for each in grid.left_out] == [
        (3, "total"), (6, "total"), (9, "total"),
    ]  # fmt: skip
    assert ["小计", "8"] in rows(grid)


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


@LAW
@given(tables, st.sampled_from(DELIMITERS), st.sampled_from(sorted(WRITERS)),
       st.sampled_from(["\n", "\r\n", "\r"]))  # fmt: skip
def test_every_dialect_comes_back_or_is_asked_about(
    tmp_path: Path, table: list[list[str]], delimiter: str, writer: str, end: str
) -> None:
    """Law: told, the cells are those written; not told, they are, or the dialect is a question."""
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


def test_what_was_left_out_arrives_from_the_process_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(f"统计表\n{HEAD}{DATA}合计,4,6\n".encode())
    own, expected = read_table(path, "file", tmp_path), read_grid(path, "file")
    assert (own.left_out, own.dialect) == (expected.left_out, ',"')
    assert [each.kind for each in own.left_out] == ["title", "total"]
