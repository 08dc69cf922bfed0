"""A template kit as a file: a ZIP with one workbook a table, ready to be filled in and sent back.

The first sheet of a workbook is the table itself, so that it is imported as it is; notes, the
worked example and the code lists stand on sheets of their own, which the import passes over.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from data.contracts import CODES, Column, Table
from data.formats.workbook_cells import number_text
from data.forms import workbook_files
from data.forms.own_parts import CODES as CODE_SHEET
from data.forms.own_parts import EXAMPLE, NOTES, UNIT_NAME
from data.forms.templates import NO, YES, Template, example, meaning, shown_codes
from data.words import Text, both

# Rows below the filled ones that still have their drop-downs.
_ROOM = 2_000
_GROUND = {"valign": "top", "border": 1, "border_color": "#D9D9D9"}
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE")


def write(kit: Sequence[Template], words: Mapping[str, Sequence[Text]] | None = None) -> bytes:
    """Return the kit as a ZIP.

    words: table -> sentences that its notes end with, such as why it asks something again.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(kit, 1):
            title = f"{number:02d}-{each.table.label.zh}-{each.table.name}.xlsx"
            archive.writestr(title, workbook(each, (words or {}).get(each.table.name, ())))
    return out.getvalue()


def workbook(each: Template, words: Sequence[Text] = ()) -> bytes:
    """Return one template as a workbook."""
    out = io.BytesIO()
    with workbook_files.workbook(out) as book:
        forms = _forms(book)
        sheet = book.add_worksheet(workbook_files.sheet_name(each.table.label.zh, ()))
        _write_rows(sheet, each, forms)
        _write_notes(book.add_worksheet(NOTES), each, words, forms)
        _write_example(book.add_worksheet(EXAMPLE), each.table, forms)
        ranges = _write_codes(book.add_worksheet(CODE_SHEET), each.table, forms)
        _offer_codes(sheet, each, ranges)
        sheet.activate()
    return out.getvalue()


def _forms(book: Any) -> dict[str, Any]:
    """Known cells are grey, cells that must be filled yellow; the notes say so in words."""
    grounds = {"held": {"bg_color": "#EDEDED"}, "asked": {"bg_color": "#FFF4CC"}, "free": {}}
    forms = {
        f"{name}-{kind}": book.add_format(_GROUND | ground | form)
        for name, ground in grounds.items()
        for kind, form in (("text", {"num_format": "@"}), ("number", {"num_format": "General"}))
    }
    forms["heading"] = book.add_format(workbook_files.HEADING)
    forms["name"] = book.add_format(_GROUND | {"italic": True, "font_color": "#595959"})
    forms["wrapped"] = book.add_format({"text_wrap": True, "valign": "top"})
    forms["title"] = book.add_format({"bold": True, "font_size": 14})
    return forms


def _layout(each: Template) -> list[Column | None]:
    """Return the columns of the sheet in order; None is the name of the unit, beside its code."""
    columns: list[Column | None] = list(each.table.columns)
    if (each.names != "").any():
        codes = [n for n, c in enumerate(each.table.columns) if c.name.endswith("_code") and c.key]
        columns.insert(codes[0] + 1 if codes else 0, None)
    return columns


def _write_rows(sheet: Any, each: Template, forms: Mapping[str, Any]) -> None:
    columns = _layout(each)
    for place, column in enumerate(columns):
        heading = column.heading if column else UNIT_NAME
        workbook_files.text(sheet, 0, place, heading, forms["heading"])
        if column:
            said = meaning(column)
            sheet.write_comment(0, place, f"{said.zh}\n{said.en}", {"x_scale": 2, "y_scale": 1.5})
        sheet.set_column(place, place, 18)
        cells = each.names if column is None else each.rows[column.name]
        for row, cell in enumerate(cells, 1):
            _write_cell(sheet, row, place, str(cell), column, forms)
    sheet.set_row(0, 64)
    sheet.freeze_panes(1, 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _write_cell(
    sheet: Any, row: int, place: int, cell: str, column: Column | None, forms: Mapping[str, Any]
) -> None:
    if column is None:
        workbook_files.text(sheet, row, place, cell, forms["name"])
        return
    ground = "held" if cell else "free" if column.nullable else "asked"
    form = forms[f"{ground}-{'number' if column.type in _NUMBERS else 'text'}"]
    # A number that the workbook would round stays text: what is held comes back to the digit.
    if cell and column.type in _NUMBERS and number_text(float(cell)) == cell:
        sheet.write_number(row, place, float(cell), form)
    else:
        workbook_files.text(sheet, row, place, cell, form)


def _write_notes(
    sheet: Any, each: Template, words: Sequence[Text], forms: Mapping[str, Any]
) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 60)
    title = f"{each.table.label.zh} {each.table.label.en}"
    workbook_files.text(sheet, 0, 0, title, forms["title"])
    said = [
        each.table.meaning,
        both("template_files.how", held=each.held, due=len(each.rows) - each.held),
        *((both("template_files.more", more=each.more),) if each.more else ()),
        *words,
    ]
    for row, sentence in enumerate(said, 1):
        for column, part in enumerate(sentence, 1):
            workbook_files.text(sheet, row, column, part, forms["wrapped"])
    start = len(said) + 2
    for column, heading in enumerate(("列 Column", "说明（中文）", "Meaning (English)")):
        workbook_files.text(sheet, start, column, heading, forms["heading"])
    for row, declared in enumerate(each.table.columns, start + 1):
        for column, part in enumerate((declared.heading, *meaning(declared))):
            workbook_files.text(sheet, row, column, part, forms["wrapped"])


def _write_example(sheet: Any, table: Table, forms: Mapping[str, Any]) -> None:
    """Write one worked row, what it is said once above it: it is fictional."""
    said = both("template_files.example")
    workbook_files.text(sheet, 0, 0, f"{said.zh} {said.en}", forms["title"])
    filled = example(table.name)
    for place, column in enumerate(table.columns):
        workbook_files.text(sheet, 1, place, column.heading, forms["heading"])
        workbook_files.text(sheet, 2, place, filled.get(column.name, ""), forms["free-text"])
        sheet.set_column(place, place, 20)


def _write_codes(sheet: Any, table: Table, forms: Mapping[str, Any]) -> dict[str, str]:
    """Write the code lists side by side; return code list -> the range a drop-down offers."""
    ranges: dict[str, str] = {}
    for column in table.columns:
        if not column.codes or column.codes in ranges:
            continue
        place = 4 * len(ranges)
        heading = f"{column.label.zh} {column.label.en}"
        for beside, word in enumerate((heading, "代码 Code", "English")):
            workbook_files.text(sheet, 0, place + beside, word, forms["heading"])
        shown, codes = shown_codes(column), CODES[column.codes]
        for row, code in enumerate(codes, 1):
            for beside, word in enumerate((shown[code.value], code.value, code.label.en)):
                workbook_files.text(sheet, row, place + beside, word)
        sheet.set_column(place, place + 2, 26)
        letters = _letters(place)
        ranges[column.codes] = f"='{CODE_SHEET}'!${letters}$2:${letters}${len(codes) + 1}"
    if not ranges:
        workbook_files.text(sheet, 0, 0, "—")
    return ranges


def _offer_codes(sheet: Any, each: Template, ranges: Mapping[str, str]) -> None:
    last = len(each.rows) + _ROOM
    said = both("template_files.pick")
    for place, column in enumerate(_layout(each)):
        source: object = None
        if column and column.type == "BOOLEAN":
            source = [YES, NO]
        elif column and column.codes and not column.separator:
            source = ranges[column.codes]
        if source:
            rule = {"validate": "list", "source": source, "error_message": f"{said.zh} {said.en}"}
            sheet.data_validation(1, place, last, place, rule)


def _letters(place: int) -> str:
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
