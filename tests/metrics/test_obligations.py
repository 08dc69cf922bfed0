"""How far an obligation is answered: by hand, and by what exists."""

import pytest

from data.checklists import ITEMS
from data.obligations import FEATURES, OBLIGATIONS, Answer, Obligation
from data.surveys.question_bank import QUESTIONS
from data.words import Text
from metrics.obligations import named, note_of, standing, state_of
from metrics.register import INDICATORS

NOTHING = Text("", "")


def asked(*answers: Answer) -> Obligation:
    return Obligation("X.i.1", "X.i", "X", Text("甲", "a"), answers)


def answer(kind: str, code: str, state: str | None = None) -> Answer:
    return Answer(kind, code, state, Text("缺", "missing") if state else NOTHING)  # type: ignore[arg-type]


def test_every_answer_is_something_the_product_has() -> None:
    known = {
        "indicator": {each.id for each in INDICATORS.values() if each.runs},
        "item": {item.code for item in ITEMS},
        "question": {question.question_id for question in QUESTIONS},
        "layer": {code for code in FEATURES if code.startswith("M")},
        "feature": {code for code in FEATURES if code.startswith("Y")},
        "context": {code for code in FEATURES if code.startswith("X")},
        "reason": {code for code in FEATURES if code.startswith("N")},
    }
    for each in OBLIGATIONS:
        for given in each.answers:
            assert given.code in known[given.kind], (each.id, given.code)
            assert all(named(given))
            assert all(note_of(given)) == (state_of(given) != "stands"), (each.id, given.code)


def test_an_item_of_a_checklist_is_counted_by_an_indicator_that_runs() -> None:
    indicator_of = {item.code: item.indicator_id for item in ITEMS}
    asked_for = {g.code for each in OBLIGATIONS for g in each.answers if g.kind == "item"}
    assert len(asked_for) == 56
    assert all(INDICATORS[indicator_of[code]].runs for code in asked_for)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((answer("indicator", "A4"),), "stands"),
        ((answer("indicator", "A4"), answer("question", "R01")), "stands"),
        ((answer("indicator", "A3", "partly"),), "partly"),
        ((answer("indicator", "A4"), answer("indicator", "A3", "partly")), "partly"),
        ((answer("reason", "N1"),), "not_measurable"),
        ((answer("indicator", "C5"), answer("reason", "N2")), "partly"),
        ((answer("context", "X02", "not_yet"),), "not_yet"),
        ((answer("reason", "N5"), answer("context", "X02", "not_yet")), "not_yet"),
    ],
)
def test_standing_by_hand(answers: tuple[Answer, ...], state: str) -> None:
    assert standing(asked(*answers)) == state


def test_what_only_legislators_can_do_is_not_measured_here() -> None:
    found = {each.id: standing(each) for each in OBLIGATIONS}
    assert found["VII.v.6"] == "not_measurable"
    assert found["IV.i.7"] == "stands"
    assert found["VII.iv.15"] == "partly"
    never = [i for i, state in found.items() if state == "not_measurable"]
    assert set(never) == {
        "II.i.7", "III.ii.5", "III.v.5", "IV.ii.3", "VI.i.6", "VII.iv.5", "VII.v.1", "VII.v.6",
    }  # fmt: skip
