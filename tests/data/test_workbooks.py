"""Workbooks: what a person sees in the cell, or its fault named; damage is refused."""

import datetime as dt
import io
import random
import zipfile
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
from data.files import Limits, read_grid
from data.grid import Grid
from data.store import Store
from tests.data.test_files import rows

DAY = dt.datetime(2025, 3, 31, 9, 30)
HEADER = ["代码", "名称", "人数", "日期"]
RECORDS = [["0012", "示例镇", "1234", "2025-03-31"], ["0013", "样例乡", "0.1", "2025-04-01"]]


def read(tmp_path: Path, content: bytes, **options: object) -> Grid:
    file = tmp_path / "book"
    file.write_bytes(content)
    return read_grid(file, "book.xlsx", **options)  # type: ignore[arg-type]


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


def test_a_workbook_bomb_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            content = source.read(member)
            if member == "xl/sharedStrings.xml":
                content = content.replace(
                    b"</sst>", b"<si><t>" + b"x" * (40 << 20) + b"</t></si></sst>"
                )
            target.writestr(member, content)
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(DataError) as refusal:
        read(tmp_path, out.getvalue(), limits=Limits(workbook_unpacked_bytes=8 << 20))
    assert refusal.value.code == "file_too_large"


@pytest.mark.parametrize("content", [xlsx(), xls(), ods()], ids=["xlsx", "xls", "ods"])
def test_damage_is_read_around_or_refused_and_never_crashes(tmp_path: Path, content: bytes) -> None:
    chance = random.Random(11)
    refused = 0
    for attempt in range(120):
        damaged = bytearray(content)
        if attempt % 3 == 0:
            damaged = damaged[: chance.randrange(1, len(damaged))]
        else:
            for _ in range(1 + attempt % 5):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(tmp_path, bytes(damaged))
        except DataError:
            refused += 1
    # At least the forty that were cut short.
    assert refused >= 30
