"""Reports as files: Word, PDF, a workbook. Names and sentences are data in all of them."""

import io
import json
import re
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.forms.fonts import chinese_fonts
from metrics.exports.reports import Report, Section
from metrics.exports.table_files import write_cell
from metrics.exports.table_room import Room, shared

TEMPLATE = Path(__file__).with_name("report.typ")
# Every Windows has it; elsewhere the program that opens the file takes its own Chinese font.
WORD_FONT = "Microsoft YaHei"
BODY, SMALL, TITLE = 12, 10, 20
CELLS = (9, 8, 7)  # type of tables, the largest in which no word is broken
LINE = 174 / 25.4 * 72  # points between the margins of both, as in report.typ
WIDEST_COLUMN = 40
SHEET_NAME_LENGTH = 31


def docx(report: Report) -> bytes:
    """Return the report as a Word document, A4, its mark and version on every page."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document: Any = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = WORD_FONT, Pt(BODY)
    for name in ("Normal", "Title", "Heading 1"):
        held = document.styles[name]
        held.font.name = WORD_FONT
        # Word takes the font of Chinese signs from an attribute of its own.
        held.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), WORD_FONT)
    page.header.paragraphs[0].add_run(report.mark).bold = True
    page.footer.paragraphs[0].add_run(_foot(report)).font.size = Pt(SMALL)
    document.add_heading(report.title, 0)
    for line in report.lines:
        document.add_paragraph(line).paragraph_format.space_after = Pt(0)
    for section in report.sections:
        document.add_heading(section.title, 1)
        document.add_paragraph(section.sentence)
        if section.columns and len(section.table):
            _word_table(document, section)
        if section.note:
            document.add_paragraph().add_run(section.note).font.size = Pt(SMALL)
    document.add_page_break()
    document.add_heading(report.method_title, 1)
    for line in report.method:
        document.add_paragraph(line, style="List Bullet")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _word_table(document: Any, section: Section) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    table = document.add_table(rows=1, cols=len(section.columns))
    table.style, table.autofit = "Table Grid", False
    room = _room(section)
    for column, want in zip(table.columns, room.widths, strict=True):
        column.width = column.cells[0].width = Pt(LINE * want / sum(room.widths))

    def fill(cell: Any, text: str, *, bold: bool = False, number: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(room.size), bold
        if number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    headings = list(section.columns.values())
    for cell, (heading, _) in zip(table.rows[0].cells, headings, strict=True):
        fill(cell, heading, bold=True)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for texts in section.rows():
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, (_, form) in zip(row.cells, texts, headings, strict=True):
            fill(cell, text, number=form is not None)
    document.add_paragraph()


def _room(section: Section) -> Room:
    headings = [heading for heading, _ in section.columns.values()]
    return shared(headings, section.rows(), LINE, CELLS)


def pdf(report: Report) -> bytes:
    """Return the report as PDF.

    Raises DataError `no_chinese_font` where this machine has no font with Chinese signs.
    """
    import typst

    fonts = chinese_fonts()
    if not fonts:
        raise DataError("no_chinese_font")
    form = {
        "title": report.title,
        "lines": report.lines,
        "mark": report.mark,
        "foot": _foot(report),
        "fonts": fonts[:1],
        "language": report.language,
        "method_title": report.method_title,
        "method": report.method,
        "sections": [
            {
                "title": section.title,
                "sentence": section.sentence,
                "note": section.note,
                "table": _printed(section) if section.columns and len(section.table) else None,
            }
            for section in report.sections
        ],
    }
    inputs = {"form": json.dumps(form, ensure_ascii=False)}
    made: bytes = typst.compile(str(TEMPLATE), format="pdf", sys_inputs=inputs)
    return made


def _printed(section: Section) -> dict[str, Any]:
    """Return a table as report.typ takes it."""
    room = _room(section)
    return {
        "headings": [heading for heading, _ in section.columns.values()],
        "figures": [form is not None for _, form in section.columns.values()],
        "size": room.size,
        "widths": room.widths,
        "rows": section.rows(),
    }


def xlsx(report: Report) -> bytes:
    """Return the report as a workbook: what it is, one sheet a section, the method."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        names: set[str] = set()
        head = [report.mark] if report.mark else []
        front = book.add_worksheet(_sheet_name(report.title, names))
        for line, text in enumerate([report.title, *head, *report.lines]):
            front.write_string(line, 0, text, bold if line == 0 else None)
        for section in report.sections:
            sheet = book.add_worksheet(_sheet_name(section.title, names))
            said = [section.title, *head, *report.lines[:2], section.sentence]
            for line, text in enumerate(said):
                sheet.write_string(line, 0, text, bold if line == 0 else None)
            _sheet_table(sheet, section, len(said) + 1, bold)
        method = book.add_worksheet(_sheet_name(report.method_title, names))
        for line, text in enumerate([report.method_title, *head, *report.method]):
            method.write_string(line, 0, text, bold if line == 0 else None)
    return out.getvalue()


def _sheet_table(sheet: Any, section: Section, top: int, bold: Any) -> None:
    for place, (heading, _) in enumerate(section.columns.values()):
        sheet.write_string(top, place, heading, bold)
        sheet.set_column(place, place, min(max(10, 2 * len(heading)), WIDEST_COLUMN))
    cells = section.table[list(section.columns)].itertuples(index=False, name=None)
    for line, row in enumerate(cells, top + 1):
        for place, cell in enumerate(row):
            write_cell(sheet, line, place, cell)
    sheet.write_string(top + len(section.table) + 2, 0, section.note)


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a title as the name of a sheet: short, without signs Excel forbids, once only."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", title)[: SHEET_NAME_LENGTH - 3].strip()
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain} {number}"
    taken.add(name.lower())
    return name


def _foot(report: Report) -> str:
    return " · ".join(part for part in (report.title, *report.lines[:2]) if part)
