"""The question bank agrees with the contract and covers every satisfaction index."""

from data.contracts import CODES
from data.surveys.question_bank import QUESTIONS, questions


def values(code_list):
    return {code.value for code in CODES[code_list]}


def test_every_question_is_whole():
    assert len({question.question_id for question in QUESTIONS}) == len(QUESTIONS) == 41
    for question in QUESTIONS:
        assert all(question.text)
        assert question.answer_type in values("answer_type")
        assert question.audience in values("audience")
        assert question.index_code in values("index_code") | {None}
        assert question.pair_dim in values("pair_dim") | {None}


def test_each_index_asks_what_the_framework_says():
    asked = {}
    for question in QUESTIONS:
        if question.index_code:
            assert question.answer_type == "sat5"
            asked.setdefault(question.index_code, []).append(question.question_id)
    assert asked == {
        "S1": ["R01"],
        "S2": ["R02a", "R02b", "R02c", "R02e", "R04a", "R04b", "R04c", "R04d", "R05", "R06"],
        "S3": ["R08", "R09", "R11"],
        "S4": ["R13", "R14b", "R15"],
        "S5": ["R02d", "R12", "R17", "R18"],
        "S6": ["R21", "R22"],
        "S8": ["K04", "K05", "K06", "K08"],
    }


def test_residents_and_cadres_are_asked_apart():
    assert {question.question_id[0] for question in questions("resident")} == {"R"}
    assert {question.question_id[0] for question in questions("cadre")} == {"K"}
    assert len(questions("cadre")) == 8
