"""Surveys of other form tools and sheets typed by hand: certain, or a person says so."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from data import ingest
from data.errors import DataError
from data.ingest import Options
from data.store import Store
from data.surveys import other_tools
from data.surveys.reading import SurveyMapping, SurveyReading
from data.surveys.wide_files import read_wjx
from tests.data.surveys.test_wide_files import TOWNS, codes, uses, values
from tests.data.surveys.test_wjx import in_memory

TENCENT = [
    "编号", "开始答题时间", "结束答题时间", "答题时长", "地理位置省", "用户标识", "昵称", "IP",
    "1.您所在的乡镇（街道）", "2.您的年龄", "3.您对社会治安满意吗", "4.最关心的事:道路",
    "4.最关心的事:饮水", "4.最关心的事:其他", "5.请评价:调解", "5.请评价:环境", "6.您的电话",
]  # fmt: skip
TENCENT_ROWS = [
    [
        "1", "02-Feb-2021 20:26:58", "02-Feb-2021 20:27:09", "11", "河北", "u1", "阿三",
        "192.0.2.1", "A.甲镇", "45", "A.非常满意", "A.道路", "", "C.其他:路灯", "满意",
        "不了解", "13800138000",
    ],
    [
        "2", "02-Feb-2021 20:26:00", "02-Feb-2021 20:27:10", "70", "河北", "u2", "李四",
        "192.0.2.2", "B.乙乡", "66岁", "B.满意", "", "B.饮水", "", "一般", "满意", "13800138001",
    ],
    [
        "3", "2021-02-02 20:26:00", "2021-02-02 20:27:20", "80", "河北", "u3", "王五", "192.0.2.3",
        "B.乙乡", "18", "C.一般", "", "", "", "非常满意", "满意", "13800138002",
    ],
]  # fmt: skip


def never(_asked: Sequence[object]) -> bool:
    return False


def read(
    header: list[str], rows: list[list[str]], *, said: bool = True, **mapping: object
) -> SurveyReading | None:
    """Read a survey; None where the file is not certain to be one."""
    found = other_tools.recognise(in_memory(header, rows), said=said, remembered=never)
    if found is None:
        return None
    return read_wjx(*found, SurveyMapping(**mapping), TOWNS, "s")  # type: ignore[arg-type]


def hand(*columns: tuple[str, list[str]], **mapping: object) -> SurveyReading:
    """Read a sheet typed by hand, column by column, as a survey."""
    rows = [list(row) for row in zip(*(cells for _, cells in columns), strict=True)]
    reading = read([header for header, _ in columns], rows, **mapping)
    assert reading is not None
    return reading


def test_an_export_of_another_tool_is_certain_and_read_whole() -> None:
    reading = read(TENCENT, TENCENT_ROWS, said=False)
    assert reading is not None
    assert uses(reading) == {
        "Q1": "area", "Q2": "age_band", "Q3": "sat5", "Q4_道路": "yesno", "Q4_饮水": "yesno",
        "Q4_其他": "yesno", "Q5_调解": "sat5", "Q5_环境": "sat5", "Q6": "unused",
    }  # fmt: skip
    # Nobody ticked anything in the third row: not answered, and not 'no' three times.
    assert values(reading) == {
        "Q3": ["5", "4", "3"], "Q4_道路": ["1", "0", ""], "Q4_饮水": ["0", "1", ""],
        "Q4_其他": ["1", "0", ""], "Q5_调解": ["4", "3", "5"], "Q5_环境": ["", "4", "4"],
    }  # fmt: skip
    people = reading.tables["survey_respondents"]
    assert people["township_code"].tolist() == ["990101100", "990101101", "990101101"]
    assert people["age_band"].tolist() == ["45-59", "60+", "18-29"]
    assert people["started_at"].tolist()[::2] == ["2021-02-02 20:26:58", "2021-02-02 20:26:00"]
    assert people["ended_at"].tolist()[0] == "2021-02-02 20:27:09"
    assert reading.personal == ("用户标识", "昵称", "IP", "6.您的电话")
    assert reading.flags.values.tolist()[0][:2] == [1, "speeder"]
    assert codes(reading) == []


@pytest.mark.parametrize(
    "own",
    [
        ["提交时间（自动）", "提交者（自动）"],
        ["提交人", "提交时间", "填写设备"],
        ["答题时间", "答题者"],
    ],
)
def test_own_columns_are_certain_only_beside_satisfaction(own: list[str]) -> None:
    blank = [""] * len(own)
    assert read([*own, "对治安满意吗（必填）"], [[*blank, "满意"]], said=False)
    assert read([*own, "设施名称"], [[*blank, "甲养老站"]], said=False) is None
    assert read(["序号", "提交时间", "对治安满意吗"], [["1", "", "满意"]], said=False) is None


def test_numbered_headings_behind_a_tool_s_own_are_certain() -> None:
    """Whatever the tool is: a plain table neither numbers its headings nor times its rows."""
    own, answers = (
        ["答题序号", "开始时间", "答题时长"],
        ["1", "2025-03-01 9:00", "80秒", "男", "满意"],
    )
    assert read([*own, "Q1 您的性别", "Q2 对治安满意吗"], [answers], said=False)
    assert read([*own, "1.您的性别", "2.对治安满意吗"], [answers], said=False)
    assert read([*own, "您的性别", "2.对治安满意吗"], [answers], said=False) is None
    assert read([*own, "2.您的性别", "1.对治安满意吗"], [answers], said=False) is None
    assert read(["1.设施", "2.对治安满意吗"], [["甲", "满意"]], said=False) is None


def test_weights_are_read_and_a_blank_beside_them_is_not_one() -> None:
    towns, answers = ["甲镇"] * 3, ["非常满意", "一般", "非常满意"]
    reading = hand(("乡镇", towns), ("治安满意吗", answers), ("权重", ["0.8", "１.２", ""]))
    assert reading.tables["survey_respondents"]["weight"].tolist() == ["0.8", "1.2", ""]
    assert codes(reading) == [(3, "weight_blank")]
    assert (uses(reading)["weight"], set(values(reading))) == ("weight", {"Q2"})
    blank = hand(("乡镇", towns), ("治安满意吗", answers), ("权重", ["", "", ""]))
    assert (codes(blank), blank.tables["survey_respondents"]["weight"].count()) == ([], 0)
    with pytest.raises(DataError) as refusal:
        hand(("权重", towns), ("治安满意吗", answers), ("抽样 权数（%）", answers))
    assert refusal.value.code == "weights_several"
    # A question about weight is none of these.
    assert "weight" not in uses(hand(("乡镇", towns), ("您认为治安的权重", answers)))


def test_a_sheet_typed_by_hand_is_read_when_somebody_says_so() -> None:
    reading = hand(
        ("乡镇", ["甲", "乙乡", "丙镇"]),
        ("性别", ["男", "女", "女"]),
        ("您对治安满意吗", ["满意", "一般", "非常满意"]),
        ("干部是否走访", ["是", "否", "说不清"]),
        ("评分", ["5", "4", "5"]),
        ("调查时间", ["2025年3月1日 9时5分", "3/4/2025", "2025-03-02"]),
        ("调查员", ["王", "王", "李"]),
    )  # fmt: skip
    assert codes(reading) == [(1, "area_unknown"), (3, "area_unknown")]
    assert values(reading) == {"Q3": ["4", "3", "5"], "Q4": ["1", "0", ""]}
    assert uses(reading)["Q5"] == "unused"
    # Of 3/4/2025 nobody knows which is the month.
    ended = reading.tables["survey_respondents"]["ended_at"].tolist()
    assert ended == ["2025-03-01 09:05:00", "", "2025-03-02 00:00:00"]
    assert reading.personal == ("调查员",)


def test_points_and_kinds_that_a_person_says_are_taken() -> None:
    said = {"Q1": {"use": "sat5"}, "Q2": {"use": "multi", "separator": "、"}}
    reading = hand(
        ("评分", ["1", "2", ""]), ("问题", ["水、路", "路", "-3"]),
        questions=said, labels={"Q1=1": 5, "Q1=2": 4},
    )  # fmt: skip
    assert values(reading) == {
        "Q1": ["5", "4", ""], "Q2_水": ["1", "0", ""], "Q2_路": ["1", "1", ""],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "answers", "options"),
    [
        ("最关心（多选）", ["路,水", "水", "水,灯"], {"路", "水", "灯"}),
        ("最关心（多选）", ["水、电", "路", "路"], set()),  # may be one option
        ("最关心（多选）", ["路,水;灯", "水", "路"], set()),  # two marks
        ("最关心", ["路,水", "水", "水,灯"], set()),  # may be somebody's words
        ("最关心", ["路;水", "水;灯", "路;灯", "灯"], {"路", "水", "灯"}),
        ("意见建议", ["路不好,灯不亮", "灯不亮,路不好", "路不好,水浑", "水浑,灯不亮"], set()),
    ],
)
def test_options_in_one_cell_are_parted_only_where_it_is_certain(
    heading: str, answers: list[str], options: set[str]
) -> None:
    reading = hand(("乡镇", ["甲镇"] * len(answers)), (heading, answers))
    assert {name.removeprefix("Q2_") for name in values(reading)} == options


def test_the_same_headings_are_known_once_somebody_said_so(towns: Store, tmp_path: Path) -> None:
    header = "乡镇,对治安满意吗,哪年搬来的,权重\n"
    file = tmp_path / "甲.csv"
    file.write_text(header + "示例镇,非常满意,1999,3\n示例镇,一般,2001,1\n", encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        ingest.prepare(towns, file, file.name)
    assert refusal.value.code == "survey_suspected"
    days = {"start_on": "2025-03-01", "end_on": "2025-03-09"}
    said = SurveyMapping(survey=days, questions={"Q2": {"bank": "R13"}})
    draft = ingest.prepare(towns, file, file.name, Options(table="survey", survey=said))
    assert (draft.kind, draft.records_kept, len(draft.problems)) == ("survey", 2, 0)
    ingest.publish(towns, draft, author="李评", message="")
    held = towns.read("SELECT question_id, value FROM survey_answers ORDER BY respondent_id")
    assert held.values.tolist() == [["R13", 5], ["R13", 3]]
    weighted = towns.read("SELECT sum(swy) / sum(sw) AS mean FROM survey_sums WHERE item = 'R13'")
    assert weighted["mean"].tolist() == [87.5]
    assert any("2 份答卷带权数（1 至 3）" in warning.zh for warning in draft.warnings)
    later = tmp_path / "乙.csv"
    later.write_text(header + "示例镇,非常满意,2005\n", encoding="utf-8")
    draft = ingest.prepare(towns, later, later.name)
    assert draft.kind == "survey"
    assert {u.question_id: u.use for u in draft.reading.understood}["Q2"] == "sat5"  # type: ignore[union-attr]
    assert draft.options.survey.questions["Q2"] == {"bank": "R13"}


def test_headings_alone_say_which_questionnaire_it_is() -> None:
    """Whatever is answered, also where that changes how a question is read."""
    header = ["乡镇", "最关心：路", "最关心：水"]
    first = in_memory(header, [["甲镇", "1", "0"]])
    second = in_memory(header, [["甲镇", "满意", "一般"]])
    found = [other_tools.recognise(each, said=True, remembered=never) for each in (first, second)]
    asked = [[(q.number, q.stem, q.items) for q in each[1].asked] for each in found if each]
    kinds = [[q.kind for q in each[1].questions] for each in found if each]
    assert asked[0] == asked[1]
    assert kinds == [["area", "multi"], ["area", "likert5", "likert5"]]


def test_every_column_is_own_or_one_question_s() -> None:
    grid = in_memory(TENCENT, TENCENT_ROWS)
    found = other_tools.recognise(grid, said=False, remembered=never)
    assert found is not None
    told = [n for question in found[1].questions for n in question.columns]
    assert sorted([*told, *found[1].meta_columns]) == list(range(len(TENCENT)))


def test_the_answers_of_what_is_no_survey_by_its_headings_are_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A table of a million answers would take thrice as long.
    monkeypatch.setattr(other_tools, "_scores", pytest.fail)
    names = ["survey_id", "respondent_id", "question_id", "value"]
    grid = in_memory(names, [["S", "1", "Q1", "非常满意"]])
    assert other_tools.recognise(grid, said=False, remembered=never) is None
