"""How far each obligation of the Opinions is answered here, from what the product really has."""

from data.checklists import ITEMS
from data.obligations import FEATURES, Answer, Obligation, State
from data.surveys.question_bank import QUESTIONS
from data.words import Text
from metrics.register import INDICATORS

_ITEMS = {item.code: item.text for item in ITEMS}
_QUESTIONS = {question.question_id: question.text for question in QUESTIONS}


def named(answer: Answer) -> Text:
    """Return the name of what answers, in both languages; raises KeyError for what there is not."""
    if answer.kind == "indicator":
        return INDICATORS[answer.code].name
    if answer.kind == "item":
        return _ITEMS[answer.code]
    if answer.kind == "question":
        return _QUESTIONS[answer.code]
    return FEATURES[answer.code].name


def state_of(answer: Answer) -> State:
    """Return how far one answer stands: what is said of it, else what it is itself."""
    if answer.state:
        return answer.state
    if answer.kind == "indicator":
        return "stands" if INDICATORS[answer.code].runs else "not_yet"
    if answer.kind in ("item", "question"):
        return "stands"
    return FEATURES[answer.code].state


def note_of(answer: Answer) -> Text:
    """Return what is missing of an answer, or why it is not measured; empty where it stands."""
    if answer.state:
        return answer.note
    own = answer.kind in ("indicator", "item", "question")
    return Text("", "") if own else FEATURES[answer.code].note


def standing(obligation: Obligation) -> State:
    """Return how far an obligation is answered.

    'stands' where all its answers stand, 'not_measurable' where nothing but reasons is given,
    'not_yet' where nothing stands, even in part; 'partly' is everything else.
    """
    states = {state_of(answer) for answer in obligation.answers}
    if len(states) == 1:
        return states.pop()
    return "partly" if states & {"stands", "partly"} else "not_yet"
