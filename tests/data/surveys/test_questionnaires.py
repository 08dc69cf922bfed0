"""What is remembered of a questionnaire: same one, same mapping; damaged, refused."""

import json
from pathlib import Path

import pytest

from data.errors import DataError
from data.files import read_grid
from data.surveys import questionnaires
from data.surveys.questionnaires import fingerprint, overlaid, recall, remember
from data.surveys.reading import SurveyMapping
from data.surveys.wjx import recognise
from tests.data.surveys.test_wjx import REAL, in_memory

OWN = ["序号", "提交答卷时间", "来自IP"]
MAPPING = SurveyMapping(
    survey={"survey_id": "2025", "start_on": "2025-01-01", "mode": "CATI", "approval_no": "1"},
    questions={"Q2": {"bank": "R01"}},
    labels={"很满意": 5, "Q3=1": None},
    areas={"甲": "990101100"},
    leave_out=frozenset({"Q9"}),
)


def of(headers: list[str], *rows: list[str]) -> str:
    answers = [["1", "2025/3/1", "192.0.2.1", *row] for row in rows]
    found = recognise(in_memory([*OWN, *headers], answers))
    assert found is not None
    return fingerprint(found.questions)


def test_text_and_code_exports_of_a_questionnaire_are_one() -> None:
    text = of(
        ["1、您所在的乡镇", "2、最关心（多选）", "3、评价—甲", "3、乙", "4、请排序"],
        ["甲镇", "道路┋饮水", "一般", "满意", "路→水"],
        ["乙镇", "道路", "满意", "", "(跳过)"],
    )
    code = of(
        ["1、您所在的乡镇", "2、最关心（多选）(道路)", "2(饮水)", "3、评价—甲", "3、乙",
         "4、请排序(路)", "4(水)"],
        ["1", "1", "0", "3", "4", "1", "2"],
    )  # fmt: skip
    assert text == code
    # Whoever answers, and were it nobody.
    assert of(["1、您所在的乡镇", "2、最关心（多选）", "3、评价—甲", "3、乙", "4、请排序"]) == text


def test_another_wording_number_or_row_is_another_questionnaire() -> None:
    prints = {
        of(headers, ["一般"] * len(headers))
        for headers in (
            ["1、甲", "2、乙"], ["1、甲", "3、乙"], ["1、甲", "2、丙"], ["1、甲"],
            ["1、甲—a", "1、b"], ["1、甲—a", "1、c"],
        )
    }  # fmt: skip
    assert len(prints) == 6
    assert of(["1、 甲", "2．乙?"], ["一般"] * 2) == of(["１、甲", "2、乙？"], ["满意"] * 2)


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the project")
def test_real_exports_are_three_questionnaires_read_again_the_same() -> None:
    names = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))
    prints = []
    for _ in range(2):
        for name in names:
            found = recognise(read_grid(REAL / name, name))
            assert found is not None
            prints.append(fingerprint(found.questions))
    assert prints[:3] == prints[3:]
    assert len(set(prints)) == 3


def test_what_is_remembered_comes_back_without_what_belongs_to_one_wave(tmp_path: Path) -> None:
    name = of(["1、甲"], ["一般"])
    assert recall(tmp_path, name) is None
    remember(tmp_path, name, MAPPING)
    held = recall(tmp_path, name)
    assert held is not None
    assert held.survey == {"mode": "CATI"}
    assert (held.questions, held.labels) == (MAPPING.questions, MAPPING.labels)
    assert (held.areas, held.leave_out) == (MAPPING.areas, MAPPING.leave_out)
    assert [file.suffix for file in tmp_path.rglob("*") if file.is_file()] == [".json"]
    remember(tmp_path, name, SurveyMapping())
    assert recall(tmp_path, name) == SurveyMapping()


def test_what_is_said_now_wins() -> None:
    both = overlaid(MAPPING, SurveyMapping(labels={"很满意": 4}, leave_out=frozenset({"Q1"})))
    assert both.labels == {"很满意": 4, "Q3=1": None}
    assert both.leave_out == {"Q1", "Q9"}
    assert both.questions == MAPPING.questions


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2), ("survey", []), ("questions", {"Q1": "R01"}), ("labels", {"好": 6}),
        ("labels", {"好": True}), ("labels", {"好": "5"}), ("areas", {"甲": 1}),
        ("leave_out", "Q1"), ("leave_out", [1]), ("areas", None),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_with_its_place(tmp_path: Path, key: str, value: object) -> None:
    name = "0" * 32
    remember(tmp_path, name, MAPPING)
    (file,) = tmp_path.rglob("*.json")
    content = json.loads(file.read_text(encoding="utf-8")) | {key: value}
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        recall(tmp_path, name)
    assert refusal.value.code == "questionnaire_damaged"
    assert name in refusal.value.place.zh
    file.write_text('{"version":', encoding="utf-8")
    with pytest.raises(DataError):
        recall(tmp_path, name)


def test_only_a_fingerprint_is_a_file_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no fingerprint"):
        questionnaires.recall(tmp_path, "../../passwd")
