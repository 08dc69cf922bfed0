"""A printed questionnaire as a Word document, A4, in large type."""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from data.forms.paper import BODY, BOX, HEAD, SMALL, TITLE, Line, Rows, Sheet

# Every Windows has it; elsewhere the program that opens the file takes its own Chinese font.
FONT = "Microsoft YaHei"
_WIDTH = 17.4


def word(sheet: Sheet) -> bytes:
    """Return the sheet as a .docx file."""
    document = Document()
    _page(document)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(sheet.title)
    run.bold, run.font.size = True, Pt(TITLE)
    if sheet.mark:
        document.add_paragraph(sheet.mark).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for label, value in sheet.registration:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        line.add_run(f"{label}  {value or '＿' * 10}").font.size = Pt(SMALL)
    document.add_paragraph(sheet.preface)
    for part in sheet.parts:
        if isinstance(part, Rows):
            _rows(document, part, *HEAD[sheet.language])
        else:
            _line(document, part)
    document.add_paragraph(sheet.thanks)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(BODY)
    # Word takes the font of Chinese signs from an attribute of its own.
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(6)


def _line(document: Any, part: Line) -> None:
    question = document.add_paragraph()
    question.paragraph_format.keep_with_next = True
    question.add_run(part.text).bold = True
    if part.choices:
        document.add_paragraph("    ".join(f"{BOX} {choice}" for choice in part.choices))
    for _ in range(part.blanks):
        document.add_paragraph("＿" * 22)


def _rows(document: Any, part: Rows, size: int, width: float) -> None:
    document.add_paragraph(part.heading).paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=1 + len(part.head))
    table.style = "Table Grid"
    table.autofit = False
    _margins(table)
    for cell, text in zip(table.rows[0].cells[1:], part.head, strict=True):
        _centred(cell, text, size)
    _mark(table.rows[0], "w:tblHeader")
    for question in part.questions:
        row = table.add_row()
        row.cells[0].paragraphs[0].add_run(question)
        for cell in row.cells[1:]:
            _centred(cell, BOX, BODY)
        _mark(row, "w:cantSplit")
    widths = [_WIDTH - width * len(part.head), *([width] * len(part.head))]
    # Word goes by the width of each cell, other programs by that of the columns.
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Cm(wide)
    for row in table.rows:
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Cm(wide)
    document.add_paragraph()


def _centred(cell: Any, text: str, size: int) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).font.size = Pt(size)


def _margins(table: Any) -> None:
    """Let cells end where their borders are: Word's own margins leave no room for four signs."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "30")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)


def _mark(row: Any, name: str) -> None:
    """Set a property of a table row: a heading on every page, or never cut between two."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))
