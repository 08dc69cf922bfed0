"""Suggestions of bank questions: the measure by hand, its laws, and wordings as they occur."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files import read_grid
from data.surveys.question_bank import QUESTIONS
from data.surveys.question_matching import (
    LIKELY,
    MOST,
    SHOWN,
    dice,
    normalised,
    similarity,
    suggest,
)
from data.surveys.wjx import recognise

REAL = Path(__file__).parents[4] / "shared" / "real-input" / "wjx"
WORDINGS = st.text(alphabet="村社区治安满意的您吗—：、 1A（）", max_size=12)


def test_dice_by_hand() -> None:
    # 社会 会治 治安 | 居住 住地 地社 社会 会治 治安: 3 in common, 3 + 6 in all.
    assert dice("社会治安", "居住地社会治安") == pytest.approx(2 * 3 / 9)
    # 好好 twice | 好好 once: one in common, 2 + 1 in all.
    assert dice("好好好", "好好") == pytest.approx(2 / 3)
    assert (dice("", ""), dice("", "甲"), dice("甲", "甲"), dice("甲", "乙")) == (1, 0, 1, 0)


def test_punctuation_width_and_fillers_say_nothing() -> None:
    assert normalised("请问，您对 社会治安 是否满意？") == "社会治安"
    assert normalised("Ａpp（满意）") == "app"
    assert normalised("满意吗？") == "满意吗"


def test_a_row_is_compared_beside_its_stem() -> None:
    assert similarity("请对以下方面评价—社会治安", "社会治安") == 1
    # Stems alike, rows without a common bigram: half.
    assert similarity("办事：方便", "办事：及时") == 0.5


@given(WORDINGS, WORDINGS)
def test_likeness_is_symmetric_between_0_and_1_and_1_for_itself(first: str, second: str) -> None:
    assert similarity(first, second) == similarity(second, first)
    assert 0 <= similarity(first, second) <= 1
    assert similarity(first, first) == 1


def test_every_question_of_the_bank_is_its_own_first_suggestion() -> None:
    for question in QUESTIONS:
        found = suggest(question.text.zh)
        assert (found[0].question_id, found[0].similarity) == (question.question_id, 1)
        assert len(found) <= MOST
        assert all(s.similarity >= SHOWN for s in found)


@pytest.mark.parametrize(
    ("text", "options", "wanted"),
    [
        ("请对以下方面评价—社会治安", ("满意", "不满意"), "R13"),
        ("您对居住地社会治安是否满意？", (), "R13"),
        ("请对以下方面评价—矛盾纠纷调解", (), "R15"),
        ("总体来看，您对本乡镇过去一年的治理和服务满意吗？", (), "R01"),
        ("过去一年村（社区）干部到您家走访过吗", ("是", "否"), "R07"),
        ("您知道村里有法律顾问吗", ("是", "否"), "R16"),
        ("请评价以下服务—养老服务", (), "R04b"),
        ("干部的作风和廉洁情况", (), "R18"),
    ],
)
def test_wordings_as_they_occur(text: str, options: tuple[str, ...], wanted: str) -> None:
    assert wanted in [s.question_id for s in suggest(text, options)]


def test_answers_rule_out_questions_of_another_kind() -> None:
    text = next(q.text.zh for q in QUESTIONS if q.question_id == "R07")
    assert "R07" not in [s.question_id for s in suggest(text, ("满意", "一般", "不了解"))]
    assert "R07" not in [s.question_id for s in suggest(text, ("满意", "还行"))]
    assert "R07" in [s.question_id for s in suggest(text, ("1", "2"))]


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the project")
def test_questions_about_something_else_are_never_likely() -> None:
    for name in json.loads((REAL / "expected.json").read_text(encoding="utf-8")):
        found = recognise(read_grid(REAL / name, name))
        assert found is not None
        if name.startswith("13"):
            continue
        for question in found.questions:
            for part in (question.stem, *(f"{question.stem}—{item}" for item in question.items)):
                assert all(s.similarity < LIKELY for s in suggest(part)), part
