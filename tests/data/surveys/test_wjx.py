"""问卷星 exports: structure by position, labels never guessed."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.files import Grid, read_grid
from data.formats.grid import GridBuilder, Limits
from data.surveys.wjx import WjxSurvey, duration_seconds, recognise

REAL = Path(__file__).parents[4] / "shared" / "real-input" / "wjx"
OWN = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP"


def grid(tmp_path: Path, header: str, *rows: str) -> Grid:
    file = tmp_path / "export.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="gb18030")
    return read_grid(file, file.name)


def survey(tmp_path: Path, questions: str, *answers: str) -> tuple[WjxSurvey, Grid]:
    rows = [f"{n},2025/3/1 9:00:00,100秒,链接,,192.0.2.{n},{a}" for n, a in enumerate(answers, 1)]
    read = grid(tmp_path, f"{OWN},{questions}", *rows)
    found = recognise(read)
    assert found is not None
    return found, read


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the project")
@pytest.mark.parametrize("name", ["05_code_2025_multiselect_first_stem.xlsx",
                                  "08_text_2025_satisfaction_matrix_gbk.csv",
                                  "13_made_township_gb18030.csv"])  # fmt: skip
def test_real_exports_are_read_as_somebody_else_says(name: str) -> None:
    expected = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))[name]
    read = read_grid(REAL / name, name)
    found = recognise(read)
    assert found is not None
    assert (read.cells.num_rows, len(read.header)) == (expected["n_rows"], expected["n_columns"])
    assert [read.header[n] for n in found.meta_columns] == expected["meta_columns"]
    for question, said in zip(found.questions, expected["questions"], strict=True):
        assert (question.number, question.kind) == (said["qno"], said["type"])
        assert list(question.columns) == said["columns"]
        assert list(question.options) == said.get("options", list(question.options))
        assert list(question.items) == said.get("items", list(question.items))
        assert question.separator == said.get("sep", question.separator)
        assert question.personal == said.get("pii", False)


def test_columns_that_lost_their_stem_stay_with_their_question(tmp_path: Path) -> None:
    found, _ = survey(
        tmp_path, "4、请评价—调解,4、治安,5、最关心（多选）(道路),5(饮水)", "一般,非常满意,1,0"
    )
    matrix, multi = found.questions
    assert (matrix.kind, matrix.items, matrix.columns) == (
        "matrix_likert5",
        ("调解", "治安"),
        (6, 7),
    )
    assert (multi.kind, multi.options, multi.stem) == ("multi", ("道路", "饮水"), "最关心（多选）")


def test_repeated_headers_are_told_apart_by_position(tmp_path: Path) -> None:
    found, _ = survey(tmp_path, "1、请评价—甲,1、甲", "一般,非常满意")
    assert found.questions[0].columns == (6, 7)


@pytest.mark.parametrize(
    ("stem", "answer"), [("2、您的手机号", "13800000000"), ("2、怎么找到您", "user@example.com")]
)
def test_personal_columns_are_found_by_name_or_by_content(
    tmp_path: Path, stem: str, answer: str
) -> None:
    found, _ = survey(tmp_path, f"1、总体满意吗,{stem}", f"一般,{answer}")
    assert found.questions[1].personal
    assert found.personal == (5, 7)


def test_a_plain_table_is_no_export(tmp_path: Path) -> None:
    assert recognise(grid(tmp_path, "township_code,name_zh", "990101101,甲镇")) is None
    assert recognise(grid(tmp_path, "序号,提交答卷时间,所用时间,姓名", "1,2025/3/1,9秒,甲")) is None


def in_memory(header: list[str], rows: list[list[str]]) -> Grid:
    builder = GridBuilder(header, "x.csv", Limits())
    for line, row in enumerate(rows, start=2):
        builder.add(line, row)
    return builder.grid(size=0, encoding="utf-8", kind="csv")


def kinds(questions: list[str], *answers: list[str]) -> list[str]:
    """Return the kind of every question of an export with these headers and rows."""
    own = ["序号", "提交答卷时间", "来自IP"]
    rows = [[str(n), "2025/3/1 9:00:00", "192.0.2.1", *row] for n, row in enumerate(answers, 1)]
    found = recognise(in_memory([*own, *questions], rows))
    assert found is not None
    return [question.kind for question in found.questions]


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        (["80秒", "80", "８０ 秒", "80.0秒"], 80),
        (["1分20秒", "1分钟20秒", "0:01:20", "00:01:20"], 80),
        (["1小时0分5秒", "1时5秒", "1天1秒"], None),
        (["1:20", "", "-3", "(跳过)", "很久", "秒分", "1e3", "9" * 20], math.nan),
    ],
)
def test_durations_are_seconds_or_unknown(texts: list[str], seconds: float | None) -> None:
    read = duration_seconds(pd.Series(texts)).tolist()
    wanted = [3605, 3605, 86401] if seconds is None else [seconds] * len(texts)
    assert [str(float(n)) for n in read] == [str(float(n)) for n in wanted]


@pytest.mark.parametrize(
    ("stem", "answers", "kind"),
    [
        # The overall question names the township and is no address.
        ("1、您对本乡镇（街道）的治理和服务是否满意？", ["非常满意", "满意"], "likert5"),
        ("1、您对本乡镇（街道）的治理和服务是否满意？", ["1", "2"], "single"),
        ("1、您所在的乡镇（街道）", ["甲镇", "乙乡"], "area"),
        ("1、您所在的乡镇（街道）", ["1", "2"], "area"),
        ("1、您在本乡镇居住了多少年", ["3", "12"], "single"),
        ("1、您所在的村（社区）", ["东村", "西社区"], "village"),
        ("1、身份证办理", ["非常满意", "满意"], "likert5"),
        ("1、您打过12345电话吗", ["是", "否"], "single"),
        ("1、您在2020—2025年的总体感受", ["一般", "满意"], "likert5"),
        ("1、总体满意吗", ["非常满意", "满 意", "一般"], "likert5"),
        ("1、您的建议", ["满意"], "likert5"),
        ("1、您的建议", ["满意", "很好"], "text"),
        ("1、最关心的事", ["道路┋饮水", "其他〖路，灯〗"], "multi"),
        ("1、您有什么建议", ["修路┋修桥", "打13800000000找我"], "text"),
        ("1、对哪些方面有意见", ["路┋水", "水┋灯", "路"], "multi"),
        ("1、最关心的事", ["道路", "其他〖路灯〗"], "single"),
        ("1、请排序", ["道路→饮水", "饮水→道路"], "ranking"),
        ("1", ["一般", "满意"], "likert5"),
        ("１、总体", ["一般", "满意"], "likert5"),
    ],
)
def test_one_column_is_what_its_words_and_answers_say(
    stem: str, answers: list[str], kind: str
) -> None:
    assert kinds([stem], *([answer] for answer in answers)) == [kind]


@pytest.mark.parametrize(
    ("headers", "rows", "kind"),
    [
        (["5、最关心(道路)", "5(饮水)"], [["1", "0"], ["0", "1^水质"]], "multi"),
        (["5、最关心(道路)", "5、最关心(饮水)"], [["1", "0"]], "multi"),
        (["5、最关心(道路)", "5(其他(请注明))"], [["1", "0"], ["(跳过)", "-3"]], "multi"),
        (["5、最关心(道路)", "5(饮水)"], [["", ""]], "multi"),
        # A tick and a blank, or the first of five points? Not to be known.
        (["5、最关心(道路)", "5(饮水)"], [["1", ""], ["", "1"]], "matrix"),
        (["5、评价—道路(含桥)", "5、饮水(自来水)"], [["1", "1"]], "matrix"),
        (["5、请排序(道路)", "5(饮水)", "5(电)"], [["2", "1", "3"], ["1", "-2", "2"]], "ranking"),
        (["5、请排序(道路)", "5(饮水)"], [["2", "2"]], "matrix"),
        (["5、评价—甲", "5、乙"], [["一般", ""], ["满意", "不清楚"]], "matrix_likert5"),
        (["5、评价—甲", "5、乙"], [["1", "2"]], "matrix"),
        (["5、联系方式—称呼", "5、手机"], [["甲", "138 0000 0000"]], "text"),
        (["5", "5", "5"], [["一般", "满意", "满意"]], "matrix_likert5"),
    ],
)
def test_several_columns_are_what_headers_and_answers_say(
    headers: list[str], rows: list[list[str]], kind: str
) -> None:
    assert kinds(headers, *rows) == [kind]


def test_the_stem_of_a_matrix_stands_once_or_before_every_row(tmp_path: Path) -> None:
    for headers in ("4、请评价——以下—甲,4、乙", "4、请评价——以下—甲,4、请评价——以下—乙"):
        found, _ = survey(tmp_path, headers, "一般,满意")
        assert (found.questions[0].stem, found.questions[0].items) == ("请评价——以下", ("甲", "乙"))


def test_remarks_beside_the_answers_are_no_question(tmp_path: Path) -> None:
    found, read = survey(tmp_path, "1、治安满意吗,备注,审核人", "满意,已核,张三", "一般,,张三")
    assert [read.header[n] for n in found.aside] == ["备注", "审核人"]
    assert [question.columns for question in found.questions] == [(6,)]
    assert set(found.aside) <= set(found.meta_columns)


@pytest.mark.parametrize(
    ("heading", "cells", "taken"),
    [
        ("录入员", ["甲", "乙", "丙"], "aside"),
        ("问卷编号", ["7", "8", "9"], "aside"),
        ("备用1", ["", "", ""], "aside"),
        ("楼层", ["三楼", "三楼", "三楼"], "aside"),
        ("流水", [str(n) for n in range(30)], "aside"),
        ("姓名", ["甲", "乙", "丙"], "personal"),
        ("来电", ["13800000000", "13800000001", "13800000002"], "personal"),
        # What may be an answer, a place, or a mark that answers do not count.
        ("职业", ["农民", "工人", "教师"], ""),
        ("录入单位", ["满意", "一般", "满意"], ""),
        ("所在乡镇", ["甲镇", "甲镇", "甲镇"], ""),
        ("地区", ["城关", "城关", "城关"], ""),
        ("是否有效", ["有效", "有效", "有效"], ""),
        ("分数", ["5", "5", "5"], ""),
        ("年龄", ["34", "45", "56"], ""),
    ],
)
def test_a_column_without_a_number_is_set_aside_or_asked(
    heading: str, cells: list[str], taken: str
) -> None:
    header = ["序号", "提交答卷时间", "来自IP", "1、总体满意吗", heading]
    rows = [[f"{n}", "2025/3/1", "192.0.2.1", "一般", cell] for n, cell in enumerate(cells)]
    read = in_memory(header, rows)
    if not taken:
        with pytest.raises(DataError) as refusal:
            recognise(read)
        assert refusal.value.code == "wjx_columns"
        return
    found = recognise(read)
    assert found is not None
    assert [question.columns for question in found.questions] == [(3,)]
    assert ({"aside": found.aside, "personal": found.personal}[taken])[-1] == 4


def test_moved_and_added_columns_are_refused_with_their_place() -> None:
    own = ["序号", "提交答卷时间", "来自IP"]
    for headers, code, place in (
        (["1、甲", "2、乙", "1、丙"], "wjx_split", "1、丙"),
        (["1、甲", "楼层"], "wjx_columns", "楼层"),
        (["1、甲", "2025年满意度"], "wjx_columns", "2025年满意度"),
    ):
        with pytest.raises(DataError) as refusal:
            recognise(in_memory([*own, *headers], [["x"] * (3 + len(headers))]))
        assert refusal.value.code == code
        assert place in refusal.value.place.zh
        assert place in refusal.value.place.en


def test_own_columns_may_stand_anywhere() -> None:
    header = ["序号", "1、总体", "提交答卷时间", "来自IP", "总分"]
    found = recognise(in_memory(header, [["1", "一般", "2025/3/1", "192.0.2.1", "3"]]))
    assert found is not None
    assert (found.meta_columns, found.questions[0].columns) == ((0, 2, 3, 4), (1,))
    assert found.personal == (3,)


FRAGMENTS = st.sampled_from(
    ["1", "2", "１２", "、", "．", ".", "（", "(", ")", "—", "题", "乡镇", "村", "手机", "满意",
     " ", "\u200b", "┋", "→", "〖", "序号", "来自IP", "所用时间", "²", "٣", "\x00", "年龄"]
)  # fmt: skip
HEADERS = st.lists(FRAGMENTS, max_size=6).map("".join)
ANSWERS = st.lists(
    st.sampled_from(["0", "1", "5", "満", "满意", "一般", "甲镇", "a┋b", "〖", "〗", "a→b", "-2",
                     "(跳过)", "1^x", "男", "80秒", "是", "", " ", "2025/3/1", "9" * 20, "５"]),
    max_size=2,
).map("".join)  # fmt: skip


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Draw an export with odd headers, questions mostly numbered, and odd answers."""
    numbered = st.tuples(st.sampled_from(["1、", "2(", "2、", "3", "4、甲—"]), HEADERS).map("".join)
    columns = draw(st.lists(st.one_of(numbered, numbered, HEADERS), min_size=1, max_size=6))
    header = ["序号", "提交答卷时间", "所用时间", "来自IP", *columns]
    row = st.lists(ANSWERS, min_size=len(header), max_size=len(header))
    return in_memory(header, draw(st.lists(row, max_size=5)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grids())
def test_whatever_the_headers_every_column_is_told_or_the_file_refused(grid: Grid) -> None:
    try:
        found = recognise(grid)
    except DataError:
        return
    if found is not None:
        told = [n for question in found.questions for n in question.columns]
        assert sorted([*told, *found.meta_columns]) == list(range(len(grid.header)))
