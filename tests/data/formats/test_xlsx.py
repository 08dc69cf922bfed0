"""Cells of .xlsx: what a person sees in them, or their fault named."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from tests.data.books import RECORDS, renamed, repacked, sheet_xml, xlsx
from tests.data.reading import read, refusal, rows


@pytest.mark.parametrize(
    ("cell", "text", "sound"),
    [
        ("<c><v>3.3000000000000003</v></c>", "3.3", True),
        ("<c><v>1.1010100100100001E+17</v></c>", "1.10101001001E+17", True),
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


def test_a_formula_that_nobody_calculated_is_not_0(tmp_path: Path) -> None:
    """Programs that calculate nothing write 0, and that all is to be calculated on opening."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c", "d"])
        sheet.write_row(1, 0, [1, 0])
        sheet.write_formula(1, 2, "=A2+1")
        sheet.write_formula(1, 3, "=A2+1", None, 2)
    grid = read(tmp_path, out.getvalue())
    assert rows(grid) == [["1", "0", "=A2+1", "2"]]
    assert [(fault.column, fault.value) for fault in grid.faults] == [(2, "=A2+1")]
    content = repacked(
        out.getvalue(), "xl/workbook.xml", lambda part: part.replace(b'fullCalcOnLoad="1"', b"")
    )
    assert read(tmp_path, content).faults == ()  # calculated, and 0


def test_0_is_a_result_where_the_formulas_of_its_column_have_given_others(tmp_path: Path) -> None:
    """A workbook may want to be calculated anew though it was calculated before."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        for row, given in enumerate((7, 0), 1):
            sheet.write_number(row, 0, row)
            sheet.write_formula(row, 1, "=A2+1", None, given)
            sheet.write_formula(row, 2, "=A2+1")
    grid = read(tmp_path, out.getvalue())
    assert rows(grid) == [["1", "7", "=A2+1"], ["2", "0", "=A2+1"]]
    assert [fault.column for fault in grid.faults] == [2, 2]
