"""Reports as files: the same words and figures in each, marked on every page, nothing executed."""

import io
import re
import zipfile

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from data.errors import DataError
from metrics.exports import report_files
from metrics.exports.reports import Report, Section, bare, emphasised, written

HOSTILE = '=HYPERLINK("http://x") <b>&</b> #strong[x]'
MARK = "示例数据：虚构"
TABLE = pd.DataFrame({"name": ["甲镇", HOSTILE], "value": [1234.567, None], "n": [45.0, 9.0]})
COLUMNS = {"name": ("单位", None), "value": ("得分", "%,.1f"), "n": ("人数", "%.0f%%")}
REPORT = Report(
    title="评估报告：[甲]县",
    lines=("2025 年 · 甲县", "数据版本 3", "不足 30 不显示"),
    mark=MARK,
    sections=(
        Section("一节", "甲镇最高。" + HOSTILE, TABLE, COLUMNS, "公式"),
        Section("一节", "只有一句话。", pd.DataFrame(), {}),
    ),
    method_title="方法与局限",
    method=("缺少的数据不按零计。",),
    language="zh",
)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234.567, "%,.1f", "1,234.6"),
        (0.4, "%+.1f", "+0.4"),
        (45.2, "%.0f%%", "45%"),
        (2.25, "± %.2f", "± 2.25"),
        (7.0, "%d", "7"),
        (None, "%.1f", "—"),
        (float("nan"), None, "—"),
        ("甲", None, "甲"),
    ],
)
def test_a_cell_is_written_as_on_the_screen(value: object, form: str | None, text: str) -> None:
    assert written(value, form) == text


def test_a_sentence_loses_its_marks_and_keeps_its_signs() -> None:
    assert bare("**甲\\_镇** 得 77\\.4 分，2\\*\\*3") == "甲_镇 得 77.4 分，2**3"


@pytest.mark.parametrize(
    "said",
    [
        "**一个：甲镇。**另有三个",
        "最低的是**乡镇（农村）**吗",
        "所谓**“好”**呢",
        "**甲**镇和**乙**镇",
    ],
)
def test_emphasis_is_read_wherever_it_stands(said: str) -> None:
    read = MarkdownIt().renderInline
    assert said == "**甲**镇和**乙**镇" or "*" in read(said)
    assert "*" not in read(emphasised(said))
    assert emphasised(emphasised(said)) == emphasised(said)
    assert read(emphasised(said)).count("<strong>") == said.count("**") / 2
    assert bare(emphasised(said)) == said.replace("**", "")


def parts(content: bytes, pattern: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if re.search(pattern, name)]
        return "".join(archive.read(name).decode() for name in names)


def test_word_holds_everything_and_its_mark_stands_in_the_header() -> None:
    content = report_files.docx(REPORT)
    text = parts(content, "word/document.xml")
    for said in ("评估报告：[甲]县", "甲镇最高。", "1,234.6", "—", "45%", "缺少的数据不按零计。"):
        assert said in text
    assert "&lt;b&gt;" in text
    assert MARK in parts(content, "word/header")
    assert "数据版本 3" in parts(content, "word/footer")


def test_the_workbook_holds_numbers_and_no_formula() -> None:
    content = report_files.xlsx(REPORT)
    sheets = parts(content, "xl/worksheets/")
    assert "<f>" not in sheets
    assert "1234.567" in sheets
    assert sheets.count("<sheetData") == 4
    assert "HYPERLINK" in parts(content, "sharedStrings")
    assert parts(content, "sharedStrings").count(MARK) == 1
    # Two sections of one title are two sheets; brackets are no name of a sheet.
    names = re.findall('<sheet name="([^"]+)"', parts(content, "xl/workbook.xml"))
    assert names == ["评估报告： 甲 县", "一节", "一节 2", "方法与局限"]


@pytest.mark.skipif(
    not report_files.chinese_fonts(), reason="NO CHINESE FONT: no PDF can be made here"
)
def test_pdf_is_made_and_names_are_no_markup() -> None:
    assert report_files.pdf(REPORT).startswith(b"%PDF")


def test_without_a_chinese_font_no_pdf_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "chinese_fonts", lambda: ())
    with pytest.raises(DataError) as refused:
        report_files.pdf(REPORT)
    assert refused.value.code == "no_chinese_font"
