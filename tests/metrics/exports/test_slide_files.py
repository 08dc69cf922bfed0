"""Slides: tables that go on, native charts whose figures are those given, text that stays text."""

import io
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from metrics.exports.decks import Chart, Deck, Slide, of_report
from metrics.exports.reports import Report, Section
from metrics.exports.slide_files import SENTENCE, fitting, pptx

HOSTILE = "=1+1<b>&\u2028村"


def opened(deck: Deck) -> list[Any]:
    return list(Presentation(io.BytesIO(pptx(deck))).slides)


def words(slide: Any) -> str:
    parts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            parts += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(parts)


def deck(*slides: Slide) -> Deck:
    return Deck("演示", ["2026"], "虚构", slides, "zh", "另有 {n} 行")


def test_a_long_table_goes_on_and_says_what_is_left_out() -> None:
    rows = [[f"村{n}", str(n)] for n in range(40)]
    slide = Slide("视图", HOSTILE, "一句话", "版本 3", ["名称", "人数"], [False, True], rows,
                  ["来源"], "备注")  # fmt: skip
    front, *pages = opened(deck(slide))
    assert "虚构" in words(front)
    assert len(pages) == 3
    for page in pages:
        # Version, mark and title stand on every slide; the note is for who presents.
        assert all(said in words(page) for said in ("版本 3", "虚构", "一句话", "=1+1<b>&"))
        assert page.notes_slide.notes_text_frame.text.startswith("备注")
    told = [words(page) for page in pages]
    assert [f"村{n}" in told[0] for n in (0, 10, 11)] == [True, True, False]
    assert "村32" in told[2]
    assert "另有 7 行" in told[2]
    assert "另有" not in told[0] + told[1]


def test_a_long_remark_takes_lines_and_no_room_from_names() -> None:
    rows = [["云溪镇街道", *("77.4",) * 6, "没有有效的满意度数据，仅按客观指标计分" * 2]]
    slide = Slide("视图", "题", "一句话", "版本 3", [*("名称", *("得分（0—100）",) * 6, "说明")],
                  [False, *(True,) * 6, False], rows, ["来源"], "备注")  # fmt: skip
    table = next(shape.table for shape in opened(deck(slide))[1].shapes if shape.has_table)
    (run,) = table.cell(1, 0).text_frame.paragraphs[0].runs
    # Five Chinese signs, and the margins of a cell.
    assert table.columns[0].width >= 5 * run.font.size + Inches(0.2)
    assert table.columns[7].width == max(column.width for column in table.columns)
    assert sum(column.width for column in table.columns) <= Inches(13.333)


def test_charts_are_native_and_hold_the_figures_given() -> None:
    charts = [
        Chart(
            "bar",
            ["甲", "乙"],
            [("分", [1.5, None])],
            "得分（分）",
            (0, 100),
            [["#2F7FC1", "#C65A11"]],
        ),
        Chart("stacked", ["甲"], [("好", [60.0]), ("坏", [40.0])]),
        Chart("line", ["2024", "2025"], [("分", [1.0, 2.0])]),
        Chart("interval", ["甲 5.0"], [("", [4.0]), ("", [7.0])]),
    ]
    _, *pages = opened(deck(*(Slide("", "图", "话", "脚", chart=each) for each in charts)))
    drawn = [next(s.chart for s in page.shapes if s.has_chart) for page in pages]
    assert [each.chart_type for each in drawn] == [
        XL_CHART_TYPE.BAR_CLUSTERED, XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.LINE_MARKERS,
        XL_CHART_TYPE.BAR_STACKED,
    ]  # fmt: skip
    # The axis and the colours of the screen, where they are told.
    axis = drawn[0].value_axis
    assert (axis.axis_title.text_frame.text, axis.maximum_scale) == ("得分（分）", 100)
    marks = [drawn[0].plots[0].series[0].points[n].format.fill.fore_color.rgb for n in (0, 1)]
    assert [str(each) for each in marks] == ["2F7FC1", "C65A11"]
    held = [[tuple(s.values) for s in each.plots[0].series] for each in drawn]
    assert held == [[(1.5, None)], [(60,), (40,)], [(1, 2)], [(4,), (3,)]]


def test_a_report_becomes_slides_with_its_method_last() -> None:
    table = pd.DataFrame({"name": ["甲"], "value": [1.25], "hidden": [99.0]})
    columns = {"name": ("名称", None), "value": ("值", "%.1f")}
    report = Report("报告", ("范围", "版本", "人数"), "", (
        Section("一", "一句", table, columns, "来源"),
        Section("二", "只有话", pd.DataFrame(), {}),
    ), "方法", ("甲法",), "zh")  # fmt: skip
    pages = [words(page) for page in opened(of_report(report, "{n}"))]
    assert len(pages) == 4
    assert "1.2" in pages[1]
    assert "99" not in "".join(pages)
    assert "只有话" in pages[2]
    assert "甲法" in pages[3]


def test_what_is_said_ends_above_the_picture() -> None:
    assert fitting(["一句话。"]) == SENTENCE
    assert fitting(["话" * 96]) == SENTENCE  # two lines
    assert fitting(["话" * 120]) < SENTENCE
    for signs in range(1, 240, 7):
        size = fitting(["话" * signs])
        lines = -(-signs * size // int(72 * (13.333 - 1.1)))
        assert 1.2 * size * lines <= 58
