"""Workbooks: one table of records whatever the format; damage and bombs are refused."""

import datetime as dt
import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
import xlwt

from data import ingest
from data.drafting import rows_aside
from data.errors import DataError
from data.files import Grid, Limits
from data.store import Store
from tests.data.books import (
    HEADER,
    ONE,
    RECORDS,
    ods,
    ods_cells,
    repacked,
    sheets,
    xls,
    xlsx,
)
from tests.data.reading import damaged, read, read_or_refuse, refusal, rows


@pytest.mark.parametrize(
    ("content", "kind"),
    [(xlsx(), "xlsx"), (xlsx(date_1904=True), "xlsx"), (xls(), "xls"), (ods(), "ods")],
    ids=["xlsx", "xlsx-1904", "xls", "ods"],
)
def test_every_kind_of_workbook_gives_the_same_cells(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    grid = read(tmp_path, content)
    assert grid.kind == kind
    assert grid.header == tuple(HEADER)
    assert rows(grid) == RECORDS
    assert not grid.faults


@pytest.mark.parametrize("content", [xlsx(), xls(), ods()], ids=["xlsx", "xls", "ods"])
def test_calamine_sees_the_same_texts_and_numbers(tmp_path: Path, content: bytes) -> None:
    """Outside witness, for ordinary cells."""
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
    lines = book.get_sheet_by_name("数据").to_python(skip_empty_area=True)
    theirs = [
        [str(cell) if isinstance(cell, (str, dt.date)) else f"{cell:g}" for cell in line]
        for line in lines[1:]
    ]
    assert rows(read(tmp_path, content)) == theirs


def test_error_cells_are_faults_and_reject_their_record(towns: Store, tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["township_code", "name_zh", "county_code", "name_en"])
    sheet.write_row(1, 0, ["990101100", "示例镇", "990101"])
    sheet.write_row(2, 0, ["990101101", None, "990101"])
    sheet.write_formula(2, 1, "=NA()", value="#N/A")
    book.close()
    grid = read(tmp_path, out.getvalue())
    assert [(f.record, f.line, f.column, f.value) for f in grid.faults] == [(2, 3, 1, "#N/A")]
    file = tmp_path / "towns.xlsx"
    file.write_bytes(out.getvalue())
    draft = ingest.prepare(towns, file, file.name, ingest.Options(table="townships"))
    assert (draft.records_read, draft.records_kept) == (2, 1)
    assert draft.problems[["record", "line", "column", "code"]].values.tolist() == [
        [2, 3, "name_zh", "cell_error"]
    ]


def test_empty_rows_between_records_and_cells_beyond_the_header_are_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, [1, 2])
    sheet.write_row(3, 0, [3, 4])
    sheet.write_row(4, 0, [5, 6, 7])
    book.close()
    grid = read(tmp_path, out.getvalue())
    assert rows(grid) == [["1", "2"], ["3", "4"]]
    assert [(r.line, r.found) for r in grid.ragged] == [(3, 0), (5, 3)]


def test_a_sheet_is_chosen_by_name_or_refused_with_the_names(tmp_path: Path) -> None:
    assert read(tmp_path, xlsx(), sheet="数据").header == tuple(HEADER)
    with pytest.raises(DataError) as refusal:
        read(tmp_path, xlsx(), sheet="没有")
    assert refusal.value.code == "sheet_unknown"
    assert "数据" in str(refusal.value)


def told(grid: Grid) -> list[tuple[int, str]]:
    return [(each.line, each.kind) for each in grid.left_out]


def test_a_merged_title_totals_and_footers_are_no_records(tmp_path: Path) -> None:
    table: list[list[object]] = [
        ["示例县统计表", None, None],
        ["单位：人", None, None],
        ["名称", "男", "女"],
        ["甲村", 1, 2],
        ["乙村", 3, 4],
        ["合计", 4, 6],
        ["填表人：张三", None, None],
    ]
    grid = read(tmp_path, sheets(table))
    assert grid.header == ("名称", "男", "女")
    assert rows(grid) == [["甲村", "1", "2"], ["乙村", "3", "4"]]
    assert told(grid) == [(1, "title"), (2, "title"), (6, "total"), (7, "footer")]
    assert grid.lines.to_pylist() == [4, 5]


def test_merged_headings_name_the_columns_beneath(tmp_path: Path) -> None:
    table: list[list[object]] = [
        ["名称", "人口", None, "面积"],
        [None, "男", "女", None],
        ["甲村", 1, 2, 30],
        ["乙村", 3, 4, 50],
    ]
    grid = read(tmp_path, sheets(table))
    assert grid.header == ("名称", "人口/男", "人口/女", "面积")
    assert rows(grid) == [["甲村", "1", "2", "30"], ["乙村", "3", "4", "50"]]
    assert told(grid) == [(2, "second_header")]


def test_a_record_beneath_an_unnamed_column_is_no_heading(tmp_path: Path) -> None:
    table: list[list[object]] = [["名称", "说明", None], ["甲村", "好", "一"], ["乙村", "差", "二"]]
    grid = read(tmp_path, sheets([*table, ["丙村", "好", "三"]]))
    assert grid.header == ("名称", "说明")
    assert [each.record for each in grid.ragged] == [1, 2, 3]


def test_a_title_without_a_table_of_words_stays_the_header(tmp_path: Path) -> None:
    grid = read(tmp_path, sheets([["示例县统计表", None, None], [1, 2, 3], [4, 5, 6]]))
    assert grid.header == ("示例县统计表",)
    assert [each.found for each in grid.ragged] == [3, 3]


def test_other_sheets_that_hold_something_are_named(tmp_path: Path) -> None:
    grid = read(tmp_path, sheets([["a", "b"], [1, 2]], [], [["c"], [3]]))
    assert (grid.sheet, grid.other_sheets) == ("表1", ("表3",))


def longer(member: bytes) -> bytes:
    return member.replace(b"</sst>", b"<si><t>" + b"x" * (10 << 20) + b"</t></si></sst>")


SPACES = '<x:s x:c="32767"/>' * 300


@pytest.mark.parametrize(
    "bomb",
    [
        repacked(xlsx(), "xl/sharedStrings.xml", longer),
        ods_cells(f"<t:table-cell><x:p>{SPACES}</x:p></t:table-cell>"),
        ods_cells(ONE.replace("/>", ' t:number-columns-repeated="16384"/>')),
    ],
    ids=["long text", "spaces", "wide"],
)
def test_a_bomb_is_refused(tmp_path: Path, bomb: bytes) -> None:
    assert len(bomb) < 1 << 20
    limits = Limits(workbook_unpacked_bytes=8 << 20, workbook_cells=10_000)
    error = refusal(tmp_path, bomb, limits=limits)
    assert error.code in ("file_too_large", "too_many_cells")


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.replace(b"?>", b"?><!DOCTYPE a [<!ENTITY b 'c'>]>", 1),
        lambda part: part.replace(b"UTF-8", b"no-such"),
        lambda part: part[:-20],
        lambda _: b"",
    ],
    ids=["entities", "encoding", "cut", "nothing"],
)
def test_xml_that_is_none_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    content = repacked(xlsx(), "xl/workbook.xml", change)
    assert refusal(tmp_path, content).code == "unreadable"


@pytest.mark.parametrize("content", [xlsx(), ods()], ids=["xlsx", "ods"])
def test_damage_to_a_zipped_workbook_is_never_read_as_other_values(
    tmp_path: Path, content: bytes
) -> None:
    """Law: checksums hold, so a damaged file gives the same cells or none."""
    chance = random.Random(11)
    refused = 0
    for _ in range(400):
        grid = read_or_refuse(tmp_path, damaged(content, chance))
        refused += grid is None
        assert grid is None or rows(grid) == RECORDS
    assert refused > 100


@pytest.mark.parametrize(
    ("content", "member"),
    [
        (xlsx(), "xl/worksheets/sheet2.xml"),
        (xlsx(), "xl/workbook.xml"),
        (xlsx(), "xl/styles.xml"),
        (xlsx(), "xl/sharedStrings.xml"),
        (ods(), "content.xml"),
    ],
)
def test_damage_inside_a_part_is_read_or_refused(
    tmp_path: Path, content: bytes, member: str
) -> None:
    chance = random.Random(5)
    for _ in range(120):
        changed = repacked(content, member, lambda part: damaged(part, chance))
        grid = read_or_refuse(tmp_path, changed)
        assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))


@pytest.mark.parametrize("content", [xlsx(), xls(), ods()], ids=["xlsx", "xls", "ods"])
def test_a_workbook_cut_short_is_refused(tmp_path: Path, content: bytes) -> None:
    for cut in range(1, len(content) - 1024, 131):
        assert read_or_refuse(tmp_path, content[:cut]) is None


def hidden_xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for line, row in enumerate(HALF_SEEN):
        sheet.write_row(line, 1, row)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_column(2, 2, None, None, {"hidden": True})
    sheet.set_column(9, 20, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def hidden_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    for line, row in enumerate(HALF_SEEN):
        for column, cell in enumerate(row, start=1):
            sheet.write(line, column, cell)
    sheet.row(2).hidden = True
    sheet.col(2).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _marked(line: int, said: str) -> str:
    return said if line == 2 else ""


def hidden_ods() -> bytes:
    def row(line: int, cells: list[str]) -> str:
        texts = "".join(f"<t:table-cell><x:p>{cell}</x:p></t:table-cell>" for cell in cells)
        seen = _marked(line, 't:visibility="filter"')
        return f"<t:table-row {seen}><t:table-cell/>{texts}</t:table-row>"

    columns = '<t:table-column t:number-columns-repeated="2"/>'
    columns += '<t:table-column t:visibility="collapse"/>'
    table = columns + "".join(row(line, cells) for line, cells in enumerate(HALF_SEEN))
    first = re.compile('(<t:table t:name="一"[^>]*>).*?</t:table>')
    return repacked(
        ods_cells(""),
        "content.xml",
        lambda part: first.sub(rf"\g<1>{table}</t:table>", part.decode()).encode(),
    )


def hidden_page() -> bytes:
    def row(line: int, cells: list[str]) -> str:
        seen = _marked(line, "style='mso-height: 0; display: none'")
        return f"<tr {seen}><td>{''.join(f'<td>{cell}' for cell in cells)}"

    columns = "<col span=2><col style='display:none'><col>"
    table = "".join(row(line, cells) for line, cells in enumerate(HALF_SEEN))
    return f"<html><meta charset=utf-8><table>{columns}{table}</table></html>".encode()


def hidden_xml() -> bytes:
    def row(line: int, cells: list[str]) -> str:
        texts = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells)
        seen = _marked(line, 'ss:Hidden="1"')
        return f"<Row {seen}><Cell/>{texts}</Row>"

    columns = '<Column ss:Index="3" ss:Hidden="1"/>'
    table = columns + "".join(row(line, cells) for line, cells in enumerate(HALF_SEEN))
    office = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{office}" xmlns:ss="{office}">'
        f'<Worksheet ss:Name="数据"><Table>{table}</Table></Worksheet></Workbook>'
    ).encode()


HALF_SEEN = [["代码", "名称", "人数"], ["0012", "甲镇", "1"], ["0013", "乙乡", "2"]]
HALF_SEEN += [["0014", "丙乡", "3"]]


@pytest.mark.parametrize("made", [hidden_xlsx, hidden_xls, hidden_ods, hidden_page, hidden_xml])
def test_what_a_sheet_hides_is_read_and_named(tmp_path: Path, made: Callable[[], bytes]) -> None:
    """A filter hides rows from who looks at the sheet, not from what counts them."""
    grid = read(tmp_path, made())
    assert ([list(grid.header), *rows(grid)], grid.ragged) == (HALF_SEEN, ())
    assert (grid.hidden_rows, grid.hidden_columns) == ((3,), ("名称",))
    said = rows_aside.not_read(grid)
    assert [word for word in ("1 行", "第 3 行。") if word not in said[0].zh] == []
    assert "名称" in said[1].zh


def test_a_sheet_that_hides_nothing_says_nothing(tmp_path: Path) -> None:
    for content in (xlsx(), xls(), ods()):
        grid = read(tmp_path, content)
        assert (grid.hidden_rows, grid.hidden_columns) == ((), ())
