"""Rows around the records of a table: left out where that is certain, and named."""

from pathlib import Path

import pytest

from data.files import read_grid
from data.formats.framing import closed
from data.reading import read_table
from tests.data.reading import DATA, HEAD, read, rows


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"2024年统计表\n{HEAD}{DATA}", [(0, 1, "title")]),
        (f"2024年统计表,,\n,,\n\n{HEAD}{DATA}", [(0, 1, "title"), (0, 2, "blank")]),
        (f"统计表,,单位：人\n填报单位：某镇,,日期：2024\n{HEAD}{DATA}", None),
        (f"统计表\n填报单位：某镇,,日期：2024\n{HEAD}{DATA}", [(0, 1, "title"), (0, 2, "title")]),
        (f"填报单位：某镇,,2024年12月\n{HEAD}{DATA}", [(0, 1, "title")]),
        (f"报送：某镇,,（2024年度）\n{HEAD}{DATA}", [(0, 1, "title")]),
        (f"# 甲, 乙, 丙, 丁\n#\n{HEAD}{DATA}", [(0, 1, "comment"), (0, 2, "comment")]),
        (f"sep=,\n{HEAD}{DATA}", [(0, 1, "separator")]),
        (f"{HEAD}township,people,area\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD},人,㎡\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD}甲,乙,1\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD}栏次,1,2\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD}（1）,(2),(3)\n{DATA}", [(0, 2, "second_header")]),
        (f"{HEAD},人,㎡\n甲,乙,1\n{DATA}", [(0, 2, "second_header"), (0, 3, "second_header")]),
        (f"{HEAD}{DATA}合 计,4,6\n", [(3, 4, "total")]),
        (f"{HEAD}{DATA}注：1.年末人口,,\n2.不含寄居人口,,\n",
         [(3, 4, "footer"), (4, 5, "footer")]),
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
        ("乡镇,召开日期\n,2024-12-01\n甲,2024-12-02\n", 2, 0),
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


def test_what_was_left_out_arrives_from_the_process_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(f"统计表\n{HEAD}{DATA}合计,4,6\n".encode())
    own, expected = read_table(path, "file", tmp_path), read_grid(path, "file")
    assert (own.left_out, own.dialect) == (expected.left_out, ',"')
    assert [each.kind for each in own.left_out] == ["title", "total"]


@pytest.mark.parametrize(
    ("header", "records", "told"),
    [
        (["a", "b"], [["甲", "1", ""], ["乙", "2", ""]], ["a", "b", ""]),
        (["a", "b", ""], [["甲", "1"], [], ["乙", "2"]], ["a", "b"]),
        # One that holds something has lost its name, or the names stand one field too early.
        (["a", "b"], [["甲", "1", "x"], ["乙", "2", ""]], ["a", "b"]),
        (["a", "b"], [["1", "甲", ""], ["2", "乙", ""]], ["a", "b"]),
        (["a", "b"], [["0", "甲", ""], ["1", "乙", ""]], ["a", "b"]),
        # Not all of them, or too few to tell.
        (["a", "b"], [["甲", "1", ""], ["乙", "2"]], ["a", "b"]),
        (["a", "b"], [["甲", "1", ""]], ["a", "b"]),
        (["a", "b", "c"], [["甲", "1"], ["乙", "2"]], ["a", "b", "c"]),
        (["a", ""], [["甲", "1"], ["乙", "2"]], ["a", ""]),
    ],
)
def test_a_last_field_without_name_and_content_is_none(
    header: list[str], records: list[list[str]], told: list[str]
) -> None:
    assert closed(header, records) == told
