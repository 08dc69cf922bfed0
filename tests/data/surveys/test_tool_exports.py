"""Exports of survey tools from elsewhere: known by what is their own, read with no question."""

import csv
import io
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from data import ingest
from data.errors import DataError
from data.ingest import Options
from data.store import Store
from data.surveys.reading import SurveyMapping
from data.surveys.wjx import moments

ASKED = ["您所在的乡镇", "您的性别", "您对社会治安满意吗"]
SAID = [["示例镇", "男", "非常满意"], ["样例乡", "女", "不满意"]]
TIMES = ["2025-03-01 09:00:22", "2025-03-01 09:03:24"]
OWN = ["开始答题时间", "结束答题时间"]
Rows = list[list[str]]


def exported(head: list[str], own: Rows, parts: list[str], answers: Rows, behind: int = 0) -> Rows:
    """Put a tool's own columns before the questions, the last `behind` of them behind these."""
    cut = len(head) - behind
    rows = [[*head[:cut], *ASKED, *parts, *head[cut:]]]
    for mine, said, more in zip(own, SAID, answers, strict=True):
        rows.append([*mine[:cut], *said, *more, *mine[cut:]])
    return rows


def qualtrics() -> Rows:
    head = ["StartDate", "EndDate", "Status", "IPAddress", "RecordedDate", "ResponseId"]
    own = [[*TIMES, "IP Address", f"192.0.2.{n}", TIMES[1], f"R_{n}"] for n in (1, 2)]
    names, first, second = exported(head, own, ["Q4_1", "Q4_2"], [["道路", "饮水"], ["", "饮水"]])
    names = [*names[:6], "Q1", "Q2", "Q3", "Q4_1", "Q4_2"]
    wording = ["Start Date", "End Date", "Response Type", "IP Address", "Recorded Date", "ID"]
    wording += [*ASKED[:2], f"{ASKED[2]} - Selected Choice"]
    wording += [f"最关心的事 - Selected Choice - {option}" for option in ("道路", "饮水")]
    ids = [f'{{"ImportId":"{name}","timeZone":"Asia/Shanghai"}}' for name in names]
    preview = [*TIMES, "Survey Preview", *second[3:]]
    return [names, wording, ids, first, second, preview]


def surveymonkey() -> Rows:
    head = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "First Name"]
    own = [[f"11{n}", "44", *TIMES, f"192.0.2.{n}", ""] for n in (1, 2)]
    top, *rows = exported(head, own, ["最关心的事", ""], [["道路", "饮水"], ["", "饮水"]])
    return [top, [*[""] * 6, *["Response"] * 3, "道路", "饮水"], *rows]


def limesurvey() -> Rows:
    head = [
        "id. Response ID", "submitdate. Date submitted", "lastpage. Last page",
        "startdate. Date started", "ipaddr. IP address", "interviewtime. Total time",
        "Q03Time. Question time: Q03",
    ]  # fmt: skip
    own = [[f"{n}", TIMES[1], "2", TIMES[0], f"192.0.2.{n}", "182", "9"] for n in (1, 2)]
    parts = ["Q04[SQ1]. 最关心的事 [道路]", "Q04[SQ2]. 最关心的事 [饮水]"]
    top, *rows = exported(head, own, parts, [["是", "是"], ["否", "是"]], behind=2)
    coded = [f"Q0{n}. {asked}" for n, asked in enumerate(ASKED, start=1)]
    return [[*top[:5], *coded, *top[8:]], *rows]


def kobotoolbox() -> Rows:
    head = ["start", "end", "_id", "_uuid", "_submission_time", "_submitted_by", "_index"]
    zoned = [f"{time.replace(' ', 'T')}.000+08:00" for time in TIMES]
    own = [[*zoned, f"{n}", f"u{n}", "2025-03-01T01:03:25", "", f"{n}"] for n in (1, 2)]
    parts = ["最关心的事", "最关心的事/道路", "最关心的事/饮水"]
    return exported(head, own, parts, [["道路 饮水", "1", "1"], ["饮水", "0", "1"]], behind=5)


def microsoft(*names: str) -> Rows:
    own = [[f"{n}", *TIMES, "anonymous", ""] for n in (1, 2)]
    answers = [["道路;饮水;"], ["饮水;"]]
    return exported(["ID", *names], own, ["最关心的事（可多选）"], answers)


EXPORTS = {
    "Qualtrics": qualtrics(),
    "Qualtrics, a workbook": [row for n, row in enumerate(qualtrics()) if n != 2],
    "SurveyMonkey": surveymonkey(),
    "LimeSurvey": limesurvey(),
    "KoboToolbox": kobotoolbox(),
    "Microsoft Forms": microsoft("Start time", "Completion time", "Email", "Name"),
    "微软表单": microsoft("开始时间", "完成时间", "电子邮件", "名称"),
}


@pytest.mark.parametrize("rows", EXPORTS.values(), ids=EXPORTS)
def test_an_export_is_read_whole_without_a_question(
    towns: Store, tmp_path: Path, rows: Rows
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    (tmp_path / "导出.csv").write_text(text.getvalue(), encoding="utf-8")
    said = SurveyMapping(survey={"start_on": "2025-03-01", "end_on": "2025-03-02"})
    draft = ingest.prepare(towns, tmp_path / "导出.csv", "导出.csv", Options(survey=said))
    assert (draft.kind, draft.records_kept) == ("survey", 2)
    previews = sum("Survey Preview" in row for row in rows)
    assert draft.problems["code"].tolist() == ["answer_preview"] * previews
    people = pd.read_parquet(draft.accepted["survey_respondents"])
    assert people["township_code"].tolist() == ["990101100", "990101101"]
    assert people["sex"].tolist() == ["male", "female"]
    ended = people["ended_at"].dropna().dt.strftime("%Y-%m-%d %H:%M:%S")
    assert ended.tolist() == [TIMES[1]] * 2
    answers = pd.read_parquet(draft.accepted["survey_answers"])
    asked = pd.read_parquet(draft.accepted["survey_questions"]).set_index("question_id")
    told = answers["question_id"].map(asked["text_zh"]).str.replace("[—：]", "—", regex=True)
    held = answers.assign(asked=told).pivot(index="respondent_id", columns="asked", values="value")
    assert held[ASKED[2]].tolist() == [5, 2]
    options = [name for name in held if name.endswith(("—道路", "—饮水"))]
    assert held[sorted(options)].values.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("own", "personal"),
    [(["提交人", "提交时间"], "提交人"), (["提交者", "提交时间"], "提交者")],
)
def test_who_sent_it_and_when_is_certain_beside_satisfaction(
    towns: Store, tmp_path: Path, own: list[str], personal: str
) -> None:
    rows = exported(own, [["张三", TIMES[0]], ["李四", TIMES[1]]], [], [[], []])
    text = "\n".join(map(",".join, rows))
    (tmp_path / "导出.csv").write_text(text, encoding="utf-8")
    draft = ingest.prepare(towns, tmp_path / "导出.csv", "导出.csv")
    assert (draft.kind, draft.records_kept) == ("survey", 2)
    assert draft.reading is not None
    assert draft.reading.personal == (personal,)


def test_a_questionnaire_that_stands_twice_is_taken_once(towns: Store, tmp_path: Path) -> None:
    rows = exported(["编号", *OWN], [["1", *TIMES], ["2", *TIMES]], [], [[], []])
    file = tmp_path / "导出.csv"
    other = ["3", *rows[2][1:]]  # another person of the same answers
    file.write_text("\n".join(map(",".join, [*rows, rows[2], other])), encoding="utf-8")
    draft = ingest.prepare(towns, file, file.name)
    assert draft.problems[["record", "code"]].values.tolist() == [[3, "answer_doubled"]]
    assert (draft.kind, draft.records_kept) == ("survey", 3)
    nameless = [["编号", *OWN, *ASKED], *([["", *TIMES, *SAID[0]]] * 2)]
    file.write_text("\n".join(map(",".join, nameless)), encoding="utf-8")
    assert ingest.prepare(towns, file, file.name).problems.empty
    wide = "respondent_id,township_code,R01\nP1,990101100,5\nP1,990101100,5\n"
    file.write_text(wide + "P2,990101100,4\nP3,990101100,4\nP3,990101100,3\n,990101100,3\n")
    said = SurveyMapping(survey={"start_on": "2025-03-01", "end_on": "2025-03-02"})
    draft = ingest.prepare(towns, file, "宽.csv", Options(survey=said))
    assert draft.problems[["record", "code"]].values.tolist() == [
        [2, "answer_doubled"], [4, "respondent_twice"], [5, "respondent_twice"],
    ]  # fmt: skip


GREAT = {1: "非常满意", 2: "满意", 3: "一般", 4: "不满意", 5: "非常不满意"}
PICKED = {0: "未选中", 1: "选中"}


def test_what_was_asked_stands_in_the_labels_of_an_spss_file(towns: Store, tmp_path: Path) -> None:
    """The labels of variables are the headings, those of values the answers, ticks 1 and 0."""
    frame = pd.DataFrame(
        {"id": [1.0, 2], "ended": [TIMES[1]] * 2, "took": ["80秒", "90秒"], "Q1": [1.0, 2],
         "Q2": [1.0, 2], "Q3": [1.0, 4], "Q4_1": [1.0, 0], "Q4_2": [1.0, 1]}
    )  # fmt: skip
    labels = ["序号", "提交答卷时间", "所用时间", *(f"{n}、{q}" for n, q in enumerate(ASKED, 1))]
    labels += ["4、最关心的事(道路)", "4、(饮水)"]
    answers = {"Q1": {1: "示例镇", 2: "样例乡"}, "Q2": {1: "男", 2: "女"}, "Q3": GREAT}
    answers |= {"Q4_1": PICKED, "Q4_2": PICKED}
    file = tmp_path / "导出.sav"
    pyreadstat.write_sav(frame, file, column_labels=labels, variable_value_labels=answers)
    draft = ingest.prepare(towns, file, file.name)
    assert (draft.kind, draft.records_kept, len(draft.problems)) == ("survey", 2, 0)
    held = pd.read_parquet(draft.accepted["survey_answers"])
    table = held.pivot(index="respondent_id", columns="question_id", values="value")
    assert table[["Q3", "Q4_道路", "Q4_饮水"]].values.tolist() == [[5, 1, 1], [2, 0, 1]]
    # Without a column of the tool's own as well, where people are asked about themselves.
    asked = [*frame.columns[3:]]
    pyreadstat.write_sav(
        frame[asked], file, column_labels=labels[3:], variable_value_labels=answers
    )
    assert ingest.prepare(towns, file, "乙.sav").kind == "survey"


def test_a_table_of_units_with_one_grade_is_no_survey_unasked(towns: Store, tmp_path: Path) -> None:
    file = tmp_path / "汇总.sav"
    frame = pd.DataFrame({"code": ["990101100", "990101101"], "grade": ["满意", "非常满意"]})
    pyreadstat.write_sav(frame, file, column_labels=["乡镇代码", "总体评级"])
    with pytest.raises(DataError) as refusal:
        ingest.prepare(towns, file, file.name)
    assert refusal.value.code == "survey_suspected"


def test_times_of_other_zones_are_brought_to_china() -> None:
    told = ["2025-03-01T09:00:00.000+08:00", "2025-03-01T01:00:00Z", "2025-03-01 09:00", "x", ""]
    read = moments(pd.Series(told)).dt.strftime("%m-%d %H:%M").fillna("").tolist()
    assert read == ["03-01 09:00"] * 3 + [""] * 2
