"""Rows of headings of survey tools: joined where they are certain, else left alone."""

from data.formats.framing import frame_of

OWN = ["StartDate", "EndDate", "Status", "RecordedDate", "ResponseId"]
WORDS = ["Start Date", "End Date", "Response Type", "Recorded Date", "Response ID"]
TIMES = ["2025-03-01 09:00:00", "2025-03-01 09:03:00", "IP Address", "2025-03-01 09:03:01", "R_1"]
ASKED = ["治安满意吗 - Selected Choice", "请评价 - 调解", "请评价 - 环境"]
HEADS = [*OWN, "Q1", "Q2_1", "Q2_2"]
IDS = [f'{{"ImportId":"{name}"}}' for name in HEADS]
JOINED = (*OWN, "治安满意吗", "请评价 - 调解", "请评价 - 环境")
ROW = [*TIMES, "满意", "一般", "满意"]


def test_the_wording_stands_for_the_names_of_qualtrics() -> None:
    texts = [HEADS, [*WORDS, *ASKED], IDS, ROW, ROW]
    assert frame_of(texts)[1:] == (2, JOINED)
    assert frame_of([*texts[:2], ROW])[1:] == (1, JOINED)  # as its workbooks are
    assert frame_of([["问卷导出", *[""] * 7], *texts]) == (("title",), 2, JOINED)
    # One row of names, and answers.
    assert frame_of([HEADS, ROW, ROW])[1:] == (0, ())


def test_parts_stand_behind_the_questions_of_surveymonkey() -> None:
    own = ["Respondent ID", "Collector ID", "IP Address"]
    top = [*own, "治安满意吗", "最关心", "", "", "建议"]
    beneath = ["", "", "", "Response", "道路", "饮水", "其他", "Open-Ended Response"]
    row = ["11", "4", "192.0.2.1", "满意", "道路", "", "", ""]
    joined = (*own, "治安满意吗", "最关心：道路", "最关心：饮水", "最关心：其他", "建议")
    assert frame_of([top, beneath, row])[1:] == (1, joined)
    assert frame_of([top, row, row])[1:] == (0, ())
