"""Workbooks: what a person sees in the cell, or its fault named; damage is refused."""

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from data import ingest
from data.errors import DataError
from data.files import Grid, Limits
from data.store import Store
from tests.data.reading import damaged, read, read_or_refuse, refusal, rows

DAY = dt.datetime(2025, 3, 31, 9, 30)
HEADER = ["代码", "名称", "人数", "日期"]
RECORDS = [["0012", "示例镇", "1234", "2025-03-31"], ["0013", "样例乡", "0.1", "2025-04-01"]]


def xlsx(*, date_1904: bool = False) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", "date_1904": date_1904})
    hidden = book.add_worksheet("说明")
    hidden.write(0, 0, "不是数据")
    hidden.hide()
    sheet = book.add_worksheet("数据")
    sheet.activate()
    sheet.set_first_sheet()
    for column, word in enumerate(HEADER):
        sheet.write(1, column + 1, word)
    sheet.write_row(2, 1, ["0012", "示例镇", 1234])
    sheet.write_datetime(2, 4, dt.datetime(2025, 3, 31))
    sheet.write_row(3, 1, ["0013", "样例乡", 0.1])
    sheet.write_datetime(3, 4, dt.datetime(2025, 4, 1))
    book.close()
    return out.getvalue()


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, word in enumerate(HEADER):
        sheet.write(0, column, word)
    for line, (code, name, people, date) in enumerate(RECORDS, start=1):
        sheet.write(line, 0, code)
        sheet.write(line, 1, name)
        sheet.write(line, 2, float(people))
        sheet.write(line, 3, dt.datetime.fromisoformat(date), day)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="数据")
    for record in [HEADER, *RECORDS]:
        row = TableRow()
        for position, cell in enumerate(record):
            plain = record is HEADER or position < 2
            typed = TableCell(valuetype="string") if plain else None
            if typed is None and position == 2:
                typed = TableCell(valuetype="float", value=cell)
            typed = typed or TableCell(valuetype="date", datevalue=cell)
            typed.addElement(P(text=cell))
            row.addElement(typed)
        table.addElement(row)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


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


def repacked(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one member of a zipped workbook; its checksum then fits again."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, change(part) if name == member else part)
    return out.getvalue()


def renamed(content: bytes, member: str, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for found in source.namelist():
            target.writestr(name if found == member else found, source.read(found))
    return out.getvalue()


def sheet_xml(body: str, *, styles: str = "") -> bytes:
    """Put hand-written rows into a workbook; the first row is the header."""
    content = repacked(
        xlsx(),
        "xl/worksheets/sheet2.xml",
        lambda _: (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>'
            f'<c r="B1" t="inlineStr"><is><t>b</t></is></c></row>{body}</sheetData></worksheet>'
        ).encode(),
    )
    formats = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<numFmts>{styles}</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    return repacked(content, "xl/styles.xml", lambda _: formats.encode())


@pytest.mark.parametrize(
    ("cell", "text", "sound"),
    [
        ("<c><v>3.3000000000000003</v></c>", "3.3", True),
        ("<c><v>1.1010100100100001E+17</v></c>", "110101001001000000", True),
        ("<c><v>110101199001011234</v></c>", "110101199001011234", True),
        ("<c><v>-0</v></c>", "0", True),
        ("<c><v>1E-7</v></c>", "0.0000001", True),
        ("<c><v>many</v></c>", "many", False),
        ('<c t="b"><v>1</v></c>', "TRUE", True),
        ('<c t="b"><v>false</v></c>', "FALSE", True),
        ('<c t="e"><v>#DIV/0!</v></c>', "#DIV/0!", False),
        ('<c t="d"><v>2025-03-31T09:30:00</v></c>', "2025-03-31 09:30:00", True),
        ('<c t="str"><f>A1</f><v>a_x000A_b</v></c>', "a\nb", True),
        ('<c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>', "甲乙", True),
        ('<c t="inlineStr"><is><t>甲</t><rPh><t>jiǎ</t></rPh></is></c>', "甲", True),
        # Written by a program and never calculated: no value is known.
        ("<c><f>1+1</f></c>", "=1+1", False),
        ("<c><f>1+1</f><v>2</v></c>", "2", True),
        ('<c s="1"><v>45747</v></c>', "2025-03-31", True),
        ('<c s="1"><v>45747.5</v></c>', "2025-03-31 12:00:00", True),
        # Days that no calendar has.
        ('<c s="1"><v>60</v></c>', "60", False),
        ('<c s="1"><v>-1</v></c>', "-1", False),
        ('<c s="2"><v>45747</v></c>', "45747", True),
    ],
)
def test_cells_of_xlsx(tmp_path: Path, cell: str, text: str, sound: bool) -> None:
    # A quoted semicolon ends no section: this format shows a number of days, not a date.
    days = '<numFmt numFmtId="200" formatCode="&quot;days; &quot;0"/>'
    body = f'<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'
    grid = read(tmp_path, sheet_xml(body, styles=days))
    assert rows(grid) == [["1", text]]
    assert [(f.column, f.value) for f in grid.faults] == ([] if sound else [(1, text)])


@pytest.mark.parametrize(
    "body",
    [
        '<row r="2"><c r="A3"><v>1</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="3"/><row r="2"/>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        '<row r="many"/>',
    ],
)
def test_cells_that_contradict_each_other_are_damage(tmp_path: Path, body: str) -> None:
    assert refusal(tmp_path, sheet_xml(body)).code == "unreadable"


def test_one_far_cell_takes_no_room(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(tmp_path, sheet_xml(far)).code == "too_ragged"


def ods_cells(cells: str, *, style: str = "") -> bytes:
    """Put hand-written cells into the second row of an .ods; the header is a, b."""
    names = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("o", "office"), ("t", "table"), ("x", "text"), ("d", "drawing"), ("s", "style")
        )
    )  # fmt: skip
    head = "".join(
        f'<t:table-cell o:value-type="string"><x:p>{word}</x:p></t:table-cell>' for word in "ab"
    )
    content = (
        f'<o:document-content {names} xmlns:c="urn:calcext">'
        '<o:automatic-styles><s:style s:name="t1" s:family="table">'
        f"<s:table-properties {style}/></s:style></o:automatic-styles>"
        '<o:body><o:spreadsheet><t:table t:name="一" t:style-name="t1">'
        f"<t:table-row>{head}</t:table-row><t:table-row>{cells}</t:table-row>"
        '</t:table><t:table t:name="二"><t:table-row>'
        f"{head.replace('>a<', '>c<')}</t:table-row></t:table>"
        "</o:spreadsheet></o:body></o:document-content>"
    )
    return repacked(ods(), "content.xml", lambda _: content.encode())


ONE = '<t:table-cell o:value-type="float" o:value="1"/>'


@pytest.mark.parametrize(
    ("cell", "text", "sound"),
    [
        ('<t:table-cell o:value-type="float" o:value="0.1"/>', "0.1", True),
        ('<t:table-cell o:value-type="boolean" o:boolean-value="true"/>', "TRUE", True),
        ('<t:table-cell o:value-type="time" o:time-value="PT09H30M00S"/>', "09:30:00", True),
        ('<t:table-cell o:value-type="date" o:date-value="2025-03-31T00:00:00"/>',
         "2025-03-31", True),
        ('<t:table-cell o:value-type="string" o:string-value="甲"/>', "甲", True),
        ('<t:table-cell o:value-type="float" c:value-type="error" o:value="0">'
         "<x:p>#DIV/0!</x:p></t:table-cell>", "#DIV/0!", False),
        ('<t:table-cell t:formula="of:=1+1"/>', "of:=1+1", False),
        ("<t:table-cell>\n <x:p>甲<x:s x:c=\"2\"/><x:span>乙</x:span></x:p>\n"
         " <x:p>丙</x:p>\n</t:table-cell>", "甲  乙\n丙", True),
        # Remarks, pictures and reading aids lie on the cell, they are not its value.
        ("<t:table-cell><o:annotation><x:p>remark</x:p></o:annotation>"
         "<x:p>甲</x:p></t:table-cell>", "甲", True),
        ("<t:table-cell><d:frame><d:image><x:p/></d:image></d:frame>"
         "<x:p>甲</x:p></t:table-cell>", "甲", True),
        ("<t:table-cell><x:p><x:ruby><x:ruby-base>甲</x:ruby-base>"
         "<x:ruby-text>jiǎ</x:ruby-text></x:ruby></x:p></t:table-cell>", "甲", True),
    ],
)  # fmt: skip
def test_cells_of_ods(tmp_path: Path, cell: str, text: str, sound: bool) -> None:
    grid = read(tmp_path, ods_cells(ONE + cell))
    assert rows(grid) == [["1", text]]
    assert [(f.column, f.value) for f in grid.faults] == ([] if sound else [(1, text)])


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, ods_cells(ONE)).header == ("a", "b")
    hidden = ods_cells(ONE, style='t:display="false"')
    assert read(tmp_path, hidden).header == ("c", "b")
    assert refusal(tmp_path, hidden, sheet="一").code == "sheet_unknown"
    assert refusal(tmp_path, xlsx(), sheet="说明").code == "sheet_unknown"


def test_a_table_inside_a_table_is_refused(tmp_path: Path) -> None:
    inner = f'<t:table t:name="三"><t:table-row>{ONE}</t:table-row></t:table>'
    content = ods_cells(f"<t:table-cell>{inner}</t:table-cell>")
    assert refusal(tmp_path, content).code == "unreadable"


def test_cells_of_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("说明").write(0, 0, "不是数据")
    book.get_sheet(0).visibility = 1
    sheet = book.add_sheet("数据")
    for column, word in enumerate("abcde"):
        sheet.write(0, column, word)
    clock = xlwt.easyxf(num_format_str="hh:mm:ss")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheet.write(1, 0, True)
    sheet.write(1, 1, dt.time(9, 30), clock)
    sheet.write(1, 2, 60, day)
    sheet.write(1, 3, 1.5)
    # Texts longer than a record, of letters one and two bytes wide.
    sheet.write(1, 4, "a" * 9_000 + "甲" * 9_000)
    sheet.write(3, 0, -0.01)
    for column in range(1, 5):
        sheet.write(3, column, "乙")
    out = io.BytesIO()
    book.save(out)
    grid = read(tmp_path, out.getvalue())
    assert rows(grid) == [
        ["TRUE", "09:30:00", "60", "1.5", "a" * 9_000 + "甲" * 9_000],
        ["-0.01", "乙", "乙", "乙", "乙"],
    ]
    assert [(f.record, f.column, f.value) for f in grid.faults] == [(1, 2, "60")]
    assert [r.line for r in grid.ragged] == [3]


def test_errors_and_days_since_1904_of_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("数据")
    for column, word in enumerate("abc"):
        sheet.write(0, column, word)
    sheet.row(1).set_cell_error(0, 42)
    sheet.row(1).set_cell_error(1, 7)
    # 45747 days after the first of 1904.
    sheet.write(1, 2, 45747, xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    out = io.BytesIO()
    book.save(out)
    grid = read(tmp_path, out.getvalue())
    assert rows(grid) == [["#N/A", "#DIV/0!", "2029-04-01"]]
    assert [(f.record, f.line, f.column) for f in grid.faults] == [(1, 2, 0), (1, 2, 1)]


def sheets(*tables: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for number, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(f"表{number}")
        for line, row in enumerate(table):
            sheet.write_row(line, 0, row)
    book.close()
    return out.getvalue()


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


def test_names_of_parts_do_not_tell_capitals(tmp_path: Path) -> None:
    content = renamed(xlsx(), "xl/sharedStrings.xml", "xl/SharedStrings.xml")
    assert rows(read(tmp_path, content)) == RECORDS


@pytest.mark.parametrize(
    "member",
    [
        "xl/styles.xml",
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet2.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
    ],
)
def test_a_lost_part_is_damage(tmp_path: Path, member: str) -> None:
    """Without its styles a workbook would give 45747 for a date."""
    content = renamed(xlsx(), member, "xl/lost.xml")
    assert refusal(tmp_path, content).code == "unreadable"


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


def test_damage_to_an_xls_is_read_or_refused(tmp_path: Path) -> None:
    content, chance = xls(), random.Random(11)
    for _ in range(400):
        grid = read_or_refuse(tmp_path, damaged(content, chance))
        assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))


@pytest.mark.parametrize("content", [xlsx(), xls(), ods()], ids=["xlsx", "xls", "ods"])
def test_a_workbook_cut_short_is_refused(tmp_path: Path, content: bytes) -> None:
    for cut in range(1, len(content) - 1024, 131):
        assert read_or_refuse(tmp_path, content[:cut]) is None
