"""Templates of what is no table of the kit: the answers of a survey, and map boundaries.

Answers come as one wide sheet, one row per respondent, whose first row names the questions of the
bank; `wide_files.read_wide` reads it as it is. Boundaries are drawn by other programs: what the
file must hold is said, with the units it is asked for.
"""

import io
from collections.abc import Sequence
from typing import Any

from data.contracts import CODES
from data.forms import workbook_files
from data.forms.own_parts import CODES as CODE_SHEET
from data.forms.own_parts import EXAMPLE, NOTES
from data.forms.templates import NO, YES
from data.store import Store
from data.surveys import answer_labels
from data.surveys.question_bank import Audience, Question, questions
from data.words import Text, both

_ROOM = 2_000
_SATISFIED = (*answer_labels.FAMILIES["very-rather"], "不了解")
_PEOPLE = ("sex", "age_band", "residence_type")
_STEPS = ("format", "code", "name", "crs", "shape", "approval")


def answers(store: Store, place: str = "", audience: Audience = "resident") -> bytes:
    """Return a workbook for the answers of a survey: one row per respondent.

    place: county or township by the start of its code; its townships are offered by name.
    """
    asked = questions(audience)
    towns = _units(store, place)
    out = io.BytesIO()
    with workbook_files.workbook(out) as book:
        heading = book.add_format(workbook_files.HEADING)
        sheet = book.add_worksheet(both("template_files.answers").zh)
        people = [("township_code", both("template_files.township"))]
        people += [(name, both(f"template_files.{name}")) for name in _PEOPLE]
        columns = [*people, *((each.question_id, each.text) for each in asked)]
        for position, (name, said) in enumerate(columns):
            workbook_files.text(sheet, 0, position, f"{name}\n{said.zh}", heading)
            sheet.write_comment(0, position, said.en)
        sheet.set_row(0, 96)
        sheet.set_column(0, len(columns) - 1, 18)
        sheet.freeze_panes(1, 1)
        _notes(book, [both("template_files.answers_how"), both("template_files.answers_free")])
        _example(book, columns, asked, towns, heading)
        listed = book.add_worksheet(CODE_SHEET)
        for row, (code, name) in enumerate(towns):
            workbook_files.text(listed, row, 0, name)
            workbook_files.text(listed, row, 1, code)
        for position, choices in enumerate(_choices(asked, len(towns))):
            if choices:
                rule = {"validate": "list", "source": choices, "error_type": "warning"}
                sheet.data_validation(1, position, _ROOM, position, rule)
        sheet.activate()
    return out.getvalue()


def boundaries(store: Store, place: str = "") -> bytes:
    """Return a workbook that says what a boundary file must hold, and for which units."""
    held = set(store.read_once("SELECT unit_code FROM boundaries")["unit_code"])
    towns = _units(store, place)
    out = io.BytesIO()
    with workbook_files.workbook(out) as book:
        heading = book.add_format(workbook_files.HEADING)
        sheet = book.add_worksheet(workbook_files.sheet_name(both("template_files.units").zh, ()))
        titles = [both(f"template_files.unit_{name}") for name in ("code", "name", "held")]
        for column, title in enumerate(titles):
            workbook_files.text(sheet, 0, column, f"{title.zh}\n{title.en}", heading)
        counties = sorted({(code[:6], "") for code, _ in towns})
        for row, (code, name) in enumerate([*counties, *towns], start=1):
            for column, cell in enumerate((code, name, YES if code in held else NO)):
                workbook_files.text(sheet, row, column, cell)
        sheet.set_column(0, 2, 24)
        sheet.freeze_panes(1, 0)
        _notes(book, [both(f"template_files.boundary_{step}") for step in _STEPS])
        sheet.activate()
    return out.getvalue()


def _units(store: Store, place: str) -> list[tuple[str, str]]:
    found = store.read(
        "SELECT township_code, name_zh FROM townships "
        "WHERE starts_with(township_code, $place) ORDER BY township_code",
        {"place": place},
    )
    return list(found.itertuples(index=False, name=None))


def _notes(book: Any, said: Sequence[Text]) -> None:
    sheet = book.add_worksheet(NOTES)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 1, 70)
    for row, sentence in enumerate(said):
        for column, part in enumerate(sentence):
            workbook_files.text(sheet, row, column, part, wrapped)


def _example(
    book: Any,
    columns: Sequence[tuple[str, Text]],
    asked: Sequence[Question],
    towns: Sequence[tuple[str, str]],
    heading: Any,
) -> None:
    """Write one filled row, what it is said once above it: it is fictional."""
    sheet = book.add_worksheet(EXAMPLE)
    said = both("template_files.example")
    workbook_files.text(sheet, 0, 0, f"{said.zh} {said.en}")
    people = [towns[0][1] if towns else "", *(CODES[name][0].label.zh for name in _PEOPLE)]
    answer = {"sat5": _SATISFIED[1], "yesno": YES, "count": "2", "text": ""}
    for column, (name, _) in enumerate(columns):
        workbook_files.text(sheet, 1, column, name, heading)
    for column, cell in enumerate([*people, *(answer[each.answer_type] for each in asked)]):
        workbook_files.text(sheet, 2, column, cell)


def _choices(asked: Sequence[Question], towns: int) -> list[object]:
    """Return what the drop-down of each column offers, None for none."""
    places = f"='{CODE_SHEET}'!$A$1:$A${towns}" if towns else None
    people = [[code.label.zh for code in CODES[name]] for name in _PEOPLE]
    of_kind = {"sat5": list(_SATISFIED), "yesno": [YES, NO, "不了解"]}
    return [places, *people, *(of_kind.get(each.answer_type) for each in asked)]
