"""Small workbooks for tests: the same table in every format, and hand-written cells."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

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


def sheets(*tables: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for number, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(f"表{number}")
        for line, row in enumerate(table):
            sheet.write_row(line, 0, row)
    book.close()
    return out.getvalue()
