"""The questionnaire as files: the text for 问卷星, the table, the workbook to key in, on paper."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from data.errors import DataError
from data.files import read_grid
from data.forms import paper_pdf
from data.forms.paper import BODY, BOX, Line, Rows, sheet
from data.forms.paper_pdf import pdf
from data.forms.paper_word import word
from data.forms.questionnaire_files import keying, table, wjx_text
from data.surveys import designs
from data.surveys.designs import Own, entries
from data.surveys.question_bank import questions
from data.surveys.questionnaires import fingerprint
from data.surveys.wjx import recognise
from data.words import LANGUAGES, Text
from tests.data.surveys.test_designs import TOWNS, WHOLE

PLACES = list(TOWNS.items())
HOSTILE = Own(Text('=HYPERLINK("x") #[eval] $a$ *b* <b>', "=1+1 #set page()"), "text")


def test_the_text_for_an_online_form_has_every_question_once_with_its_choices() -> None:
    blocks = wjx_text(WHOLE, PLACES).strip().split("\n\n")
    assert blocks[0] == "2026年调查"
    asked = entries(WHOLE, PLACES)
    assert len(blocks) == 2 + len(asked)
    for block, entry, header in zip(blocks[2:], asked, designs.header(WHOLE), strict=True):
        first, *choices = block.split("\n")
        # Its title comes back as the header of the export; see test_designs.
        assert first in (f"{header}[单选题]", f"{header}[填空题]")
        assert choices == [option.zh for option in entry.options]
        assert first.endswith("[单选题]") == bool(choices)
    assert blocks[2] == "1、您所在的乡镇（街道）[单选题]\n甲镇\n乙镇\n丙街道"


def test_the_table_says_of_every_question_what_it_counts_in_and_runs_no_formula() -> None:
    own = replace(HOSTILE, reason="=2+2")
    made = table(replace(WHOLE, own=(own,)), PLACES, "zh")
    rows = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"))))
    assert len(rows) == len(entries(WHOLE)) - len(WHOLE.own) + 1
    r13 = next(row for row in rows if row["题库编号"] == "R13")
    assert (r13["计入指数"], r13["对照板块"], r13["回答方式"]) == ("S4", "B5", "五级满意度")
    assert r13["选项"].split("；")[-1] == "没用过、不了解"
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    english = next(iter(csv.reader(io.StringIO(table(WHOLE, PLACES, "en").decode("utf-8-sig")))))
    assert english[3] == "Question in Chinese"


def test_the_workbook_to_key_in_is_an_export_whose_answers_are_chosen(tmp_path: Path) -> None:
    file = tmp_path / "keyed.xlsx"
    file.write_bytes(keying(WHOLE, PLACES))
    grid = read_grid(file, file.name)
    assert list(grid.header[3:]) == designs.header(WHOLE)
    assert grid.cells.num_rows == 0
    found = recognise(grid)
    assert found is not None
    assert fingerprint(found.questions) == designs.fingerprint(WHOLE)
    lists = CalamineWorkbook.from_path(file).get_sheet_by_name("选项").to_python()
    # The first column that has any choices is the townships', the third the first of the bank.
    assert [row[0] for row in lists[:3]] == ["甲镇", "乙镇", "丙街道"]
    assert [row[2] for row in lists[:6]] == [*(o.zh for o in designs.SCALE), "没用过、不了解"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_sheet_has_every_question_and_the_approval(language: str) -> None:
    registered = {"approval_no": "云统制〔2026〕3号"}
    made = sheet(WHOLE, registered, language, PLACES)  # type: ignore[arg-type]
    texts = [part.text for part in made.parts if isinstance(part, Line)]
    texts += [text for part in made.parts if isinstance(part, Rows) for text in part.questions]
    assert sorted(int(text.split(".")[0]) for text in texts) == list(
        range(1, len(entries(WHOLE)) + 1)
    )
    said = Document(io.BytesIO(word(made)))
    lines = [paragraph.text for paragraph in said.paragraphs]
    cells = [cell.text for each in said.tables for row in each.rows for cell in row.cells]
    assert set(texts) <= {*lines, *cells}
    assert any("云统制〔2026〕3号" in line for line in lines)
    # What is not registered is left to be written in.
    assert sum("＿" * 10 in line for line in lines[:6]) == 4
    assert said.styles["Normal"].font.size.pt == BODY
    scored = sum(question.answer_type == "sat5" for question in questions("resident")) + 1
    assert cells.count(BOX) == 6 * scored
    for each in said.tables:
        assert [column.width for column in each.columns] == [c.width for c in each.rows[1].cells]
    pages = [_bare(page.extract_text()) for page in PdfReader(io.BytesIO(pdf(made))).pages]
    # No question is cut between two pages.
    for text in (made.title, made.thanks, "云统制〔2026〕3号", *texts):
        assert any(_bare(text) in page for page in pages), text


def _bare(text: str) -> str:
    return "".join(text.split())


def test_choices_above_a_column_break_where_they_are_read() -> None:
    made = sheet(WHOLE, {}, "zh")
    rows = next(part for part in made.parts if isinstance(part, Rows))
    assert rows.head == (
        "非常\n满意", "满意", "基本\n满意", "不满意", "非常\n不满意", "没用过、\n不了解",
    )  # fmt: skip


def test_what_people_write_is_never_run_as_markup() -> None:
    made = sheet(replace(WHOLE, own=(HOSTILE,)), {}, "zh", PLACES, "虚构的县")
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf(made))).pages)
    assert "#[eval]$a$*b*<b>" in printed.replace(" ", "").replace("\n", "")
    assert "虚构的县" in printed
    assert "虚构的县" in [p.text for p in Document(io.BytesIO(word(made))).paragraphs]
    assert "虚构的县\n您好" in wjx_text(WHOLE, PLACES, "虚构的县\n")


def test_many_townships_are_written_not_ticked() -> None:
    many = [(f"9901011{n:02}", f"第{n}镇") for n in range(40)]
    assert sheet(WHOLE, {}, "zh", many).parts[0] == Line("1. 您所在的乡镇（街道）", (), 1)


def test_without_a_chinese_font_no_pdf_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_pdf, "chinese_fonts", lambda: ())
    with pytest.raises(DataError) as refusal:
        pdf(sheet(WHOLE, {}, "zh"))
    assert refusal.value.code == "no_chinese_font"
    assert "Word" in refusal.value.next_step.zh
