"""XML spreadsheets of Excel 2003: cells, dates, merged cells and sheets exactly, or a refusal."""

from pathlib import Path

import pytest

from data.formats.grid import Limits
from tests.data.reading import read, refusal, rows

OFFICE = "urn:schemas-microsoft-com:office"
HEAD = (
    '<?xml version="1.0"{0}?>\n<?mso-application progid="Excel.Sheet"?>\n'
    f'<Workbook xmlns="{OFFICE}:spreadsheet" xmlns:ss="{OFFICE}:spreadsheet" '
    f'xmlns:x="{OFFICE}:excel" xmlns:html="http://www.w3.org/TR/REC-html40">'
)
STYLES = (
    '<Styles><Style ss:ID="Default"/>'
    '<Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style>'
    '<Style ss:ID="p" ss:Parent="q"/><Style ss:ID="q"><NumberFormat ss:Format="0%"/></Style>'
    '<Style ss:ID="t"><NumberFormat ss:Format="h:mm"/></Style>'
    '<Style ss:ID="e"><NumberFormat ss:Format="[h]:mm"/></Style>'
    '<Style ss:ID="f"><NumberFormat ss:Format="Fixed"/></Style></Styles>'
)


def cell(text: object, kind: str = "String", given: str = "") -> str:
    return f'<Cell {given}><Data ss:Type="{kind}">{text}</Data></Cell>'


def row(*cells: str, given: str = "") -> str:
    return f"<Row {given}>{''.join(cells)}</Row>"


def sheet(*lines: str, name: str = "数据", given: str = "", options: str = "") -> str:
    table = f"<Table {given}>\n {''.join(lines)}</Table>"
    said = f'<WorksheetOptions xmlns="{OFFICE}:excel">{options}</WorksheetOptions>'
    return f'<Worksheet ss:Name="{name}">{table}{said}</Worksheet>'


def book(*sheets: str, encoding: str = "") -> bytes:
    head = HEAD.format(f' encoding="{encoding}"' if encoding else "")
    return f"{head}{STYLES}{''.join(sheets)}</Workbook>".encode(encoding or "utf-8")


TOP = row(cell("代码"), cell("名称"), cell("人数"))
TOWN = row(cell("0012"), cell("甲镇"), cell("1234", "Number"))
HIDDEN = sheet(row(cell("说明")), name="说明", options="<Visible>SheetHidden</Visible>")


@pytest.mark.parametrize("encoding", ["", "UTF-8", "gb2312", "GBK", "utf-16"])
def test_a_sheet_is_read_in_the_encoding_that_it_says(tmp_path: Path, encoding: str) -> None:
    other = sheet(row(cell("年")), row(cell("2024")), name="年")
    grid = read(tmp_path, book(HIDDEN, sheet(TOP, TOWN), other, encoding=encoding))
    assert (grid.kind, grid.header) == ("xml", ("代码", "名称", "人数"))
    assert (rows(grid), grid.faults, grid.ragged) == ([["0012", "甲镇", "1234"]], (), ())
    assert (grid.sheet, grid.other_sheets) == ("数据", ("年",))
    named = read(tmp_path, book(HIDDEN, sheet(TOP, TOWN), other, encoding=encoding), sheet="年")
    assert rows(named) == [["2024"]]
    # The declaration may be missing, a mark or blanks may stand before it.
    bare = book(sheet(TOP, TOWN)).decode().partition("\n")[2].encode()
    for before in (b"", b"\xef\xbb\xbf", b"\n "):
        assert rows(read(tmp_path, before + bare)) == [["0012", "甲镇", "1234"]]


@pytest.mark.parametrize(
    ("written", "text", "sound"),
    [
        (cell("3.3000000000000003", "Number"), "3.3", True),
        (cell("110101199003070012", "Number"), "110101199003070012", True),
        (cell("45382", "Number", 'ss:StyleID="d"'), "2024-03-31", True),
        (cell("0.85", "Number", 'ss:StyleID="p"'), "85%", True),
        (cell("2", "Number", 'ss:StyleID="f"'), "2", True),
        (cell("1e5x", "Number"), "1e5x", False),
        (cell("2024-03-31T00:00:00.000", "DateTime", 'ss:StyleID="d"'), "2024-03-31", True),
        (cell("2024-03-31T09:30:00.000", "DateTime"), "2024-03-31 09:30:00", True),
        (cell("1899-12-31T09:30:00.000", "DateTime", 'ss:StyleID="t"'), "09:30:00", True),
        (cell("1900-01-01T02:00:00.000", "DateTime", 'ss:StyleID="e"'), "26:00:00", True),
        (cell("31/03/2024", "DateTime"), "31/03/2024", False),
        (cell("1", "Boolean"), "TRUE", True),
        (cell("x", "Boolean"), "x", False),
        (cell("#DIV/0!", "Error"), "#DIV/0!", False),
        (cell("甲&#10;乙 &amp;&lt;"), "甲\n乙 &<", True),
        ('<Cell ss:Formula="=1"/>', "=1", False),
        ("<Cell><Data>甲</Data></Cell>", "甲", False),
        (cell("7", "Number", 'ss:Formula="=3+4"'), "7", True),
        ('<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>甲</B>乙<BR/>丙'
         "</ss:Data></Cell>", "甲乙\n丙", True),
        ('<Cell><Data ss:Type="String">甲</Data><Comment><ss:Data>批注</ss:Data></Comment></Cell>',
         "甲", True),
    ],
)  # fmt: skip
def test_a_cell_is_what_excel_shows(tmp_path: Path, written: str, text: str, sound: bool) -> None:
    grid = read(tmp_path, book(sheet(TOP, row(cell("0012"), cell("甲镇"), written))))
    assert rows(grid) == [["0012", "甲镇", text]]
    assert [f.column for f in grid.faults] == ([] if sound else [2])


def test_styles_of_rows_columns_and_the_table_count_too(tmp_path: Path) -> None:
    day = cell("45382", "Number")
    columns = '<Column ss:Index="2" ss:Span="1" ss:StyleID="d"/><Column ss:StyleID="p"/>'
    top = row(*map(cell, "甲乙丙丁"))
    by_column = sheet(columns, top, row(day, day, day, cell("0.5", "Number")))
    assert rows(read(tmp_path, book(by_column))) == [["45382", "2024-03-31", "2024-03-31", "50%"]]
    by_row = sheet(columns, top, row(*[day] * 3, cell(1, "Number"), given='ss:StyleID="f"'))
    assert rows(read(tmp_path, book(by_row))) == [["45382"] * 3 + ["1"]]
    by_table = sheet(top, row(*[day] * 4), given='ss:StyleID="d"')
    assert rows(read(tmp_path, book(by_table))) == [["2024-03-31"] * 4]
    year_1904 = f'<ExcelWorkbook xmlns="{OFFICE}:excel"><Date1904/></ExcelWorkbook>'
    assert rows(read(tmp_path, book(year_1904, by_table))) == [["2028-04-01"] * 4]


def test_gaps_and_merged_cells_stand_where_they_say(tmp_path: Path) -> None:
    lines = (
        row(cell("统计表", given='ss:MergeAcross="2"'), given='ss:Index="2"'),
        TOP,
        row(cell("0012", given='ss:MergeDown="1"'), cell("甲镇"), cell(1, "Number")),
        row(cell("乙镇", given='ss:Index="2"'), cell(2, "Number")),
        row(given='ss:Span="1"'),
        row(cell("0013"), cell("3", "Number", 'ss:Index="3"')),
    )
    grid = read(tmp_path, book(sheet(*lines)))
    assert [each.kind for each in grid.left_out] == ["title"]
    assert rows(grid) == [["0012", "甲镇", "1"], [None, "乙镇", "2"], ["0013", None, "3"]]
    assert grid.lines.to_pylist() == [4, 5, 8]
    assert [(f.line, f.column, f.value) for f in grid.faults if f.merged] == [(5, 0, "0012")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (book(sheet(TOP, TOWN))[:-30], "unreadable"),
        (book(sheet(TOP, TOWN))[:700], "unreadable"),
        (book(sheet(TOP, row(cell("&nbsp;")))), "unreadable"),
        (book(sheet(TOP, row(cell("a"), cell("b", given='ss:Index="1"')))), "unreadable"),
        (book(sheet(TOP, row(cell("a"), given='ss:Index="1"'))), "unreadable"),
        (book(sheet(TOP, row(cell("a"), given='ss:Index="99999999"'))), "unreadable"),
        (book(sheet(TOP, row(cell("a", given='ss:Index="0"')))), "unreadable"),
        (book(sheet(TOP, row(cell("a", given='ss:MergeAcross="-1"')))), "unreadable"),
        (book(sheet(TOP, row(cell("a", given='Index="2"')))), "unreadable"),
        (book(sheet(row(cell("a", given='ss:MergeDown="1"')), TOWN)), "unreadable"),
        (book(sheet(TOP, TOWN), sheet(TOP, TOWN)), "unreadable"),
        (book(sheet(TOP, TOWN).replace("</Table>", "</Table><Table/>")), "unreadable"),
        (book(HIDDEN), "empty_file"),
        (book(sheet(TOP, TOWN)).replace(b"<Workbook", b"<Book"), "unreadable"),
        (book(sheet(TOP, TOWN), encoding="gb2312").replace(b"gb2312", b"utf-8"), "undecodable"),
        (book(sheet(TOP, TOWN)).replace(b'"1.0"', b'"1.0" encoding="koi8-r"'), "encoding_unknown"),
    ],
)  # fmt: skip
def test_what_excel_would_not_open_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content).code == code


def test_bombs_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>'
    content = book(sheet(TOP, row(cell("&l9;")))).decode().replace('<?xml version="1.0"?>', bomb)
    assert refusal(tmp_path, content.encode()).code == "unreadable"
    outside = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    content = content.replace(bomb, outside).replace("&l9;", "&x;")
    assert refusal(tmp_path, content.encode()).code == "unreadable"
    wide = book(sheet(TOP, row(cell("a", given='ss:Index="16384"'))))
    assert refusal(tmp_path, wide, limits=Limits(workbook_cells=9_000)).code == "too_many_cells"
