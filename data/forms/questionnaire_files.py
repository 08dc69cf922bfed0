"""A questionnaire as files that other programs read: 问卷星, a table, a workbook to key in paper.

The workbook has the headers of an export, so that paper and screen are imported the same way;
its answers are chosen from lists in words, because bare digits are read best-first by some and
worst-first by others.
"""

import csv
import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from data.surveys.designs import Design, Entry, entries
from data.surveys.question_bank import QUESTIONS
from data.words import Language, both, say

# What 问卷星 calls the kinds of questions in a text to be imported.
_CHOICE, _BLANK = "[单选题]", "[填空题]"
# Its own columns that a keyed-in table has as well; the importer knows an export by them.
_OWN = ("序号", "提交答卷时间", "所用时间")
_FIRST_ROW, _LAST_ROW = 1, 2000
_BANK = {question.question_id: question for question in QUESTIONS}


def wjx_text(design: Design, towns: Sequence[tuple[str, str]], mark: str = "") -> str:
    """Return the text that 问卷星 imports as a questionnaire: title, preface, numbered questions.

    Choices stand one a line below their question, a blank line ends it; always Chinese.
    mark: said before the preface, such as that the county is fictional.
    """
    parts = [design.title.zh, mark + say(f"form.preface.{design.audience}", "zh")]
    for entry in entries(design, towns):
        kind = _CHOICE if entry.options else _BLANK
        lines = [f"{entry.number}、{entry.text.zh}{kind}", *(each.zh for each in entry.options)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def table(design: Design, towns: Sequence[tuple[str, str]], language: Language) -> bytes:
    """Return the questionnaire as CSV in UTF-8 with its mark: one row per question."""
    names = ("number", "code", "use", "text_zh", "text_en", "options_zh", "options_en", "index",
             "pairs_with", "reason")  # fmt: skip
    reasons = {own.text: own.reason for own in design.own}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([say(f"form.column.{name}", language) for name in names])
    for entry in entries(design, towns):
        bank = _BANK.get(entry.code)
        writer.writerow(
            [
                entry.number,
                entry.code,
                say(f"form.use.{entry.use}", language),
                *map(_plain, entry.text),
                *("；".join(map(_plain, said)) for said in _sides(entry)),
                (bank.index_code or "") if bank else "",
                (bank.pair_dim or "") if bank else "",
                _plain(reasons.get(entry.text, "")),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _sides(entry: Entry) -> tuple[list[str], list[str]]:
    return [each.zh for each in entry.options], [each.en for each in entry.options]


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return "'" + text if text.lstrip(" ").startswith(("=", "+", "-", "@")) else text


def keying(design: Design, towns: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook to key in paper forms: headers of an export, answers chosen from lists."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(str(both("form.keying")))
    lists = book.add_worksheet(str(both("form.lists")))
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    asked = entries(design, towns)
    headers = [*_OWN, *(f"{entry.number}、{entry.text.zh}" for entry in asked)]
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, bold)
    for column, entry in enumerate(asked, start=len(_OWN)):
        choices = [each.zh for each in entry.options]
        for row, choice in enumerate(choices):
            lists.write_string(row, column, choice)
        if choices:
            sheet.data_validation(
                _FIRST_ROW, column, _LAST_ROW, column, _list(lists.get_name(), column, choices)
            )
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(headers) - 1, 16)
    lists.hide()
    book.close()
    return target.getvalue()


def _list(sheet: str, column: int, choices: Sequence[str]) -> Mapping[str, object]:
    """Return a choice from a list: what is keyed in must be one of the answers."""
    name = xlsxwriter.utility.xl_col_to_name(column, col_abs=True)
    return {
        "validate": "list",
        "source": f"='{sheet}'!{name}$1:{name}${len(choices)}",
        "error_title": str(both("form.not_in_list")),
        "error_message": str(both("form.choose_one")),
    }
