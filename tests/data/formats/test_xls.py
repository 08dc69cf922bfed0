"""Cells of .xls: what a person sees in them, or their fault named."""

import datetime as dt
import io
import random
from pathlib import Path

import xlwt

from tests.data.books import (
    xls,
)
from tests.data.reading import damaged, read, read_or_refuse, rows


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


def test_damage_to_an_xls_is_read_or_refused(tmp_path: Path) -> None:
    content, chance = xls(), random.Random(11)
    for _ in range(400):
        grid = read_or_refuse(tmp_path, damaged(content, chance))
        assert grid is None or all(len(row) == len(grid.header) for row in rows(grid))
