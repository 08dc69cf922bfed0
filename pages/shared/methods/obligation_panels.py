"""The obligations of the Opinions, clause by clause: what answers each, and what does not."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pandas as pd

from data.obligations import AREAS, OBLIGATIONS, Obligation, State
from metrics.obligations import named, note_of, standing, state_of
from pages.shared.methods.parts import ALL, found_in, narrow
from pages.shared.panels import Columns, Panel
from pages.shared.words import clause_word, initial, t, tell

STATES: tuple[State, ...] = get_args(State)
MARKS = {"stands": "●", "partly": "◐", "not_yet": "○", "not_measurable": "—"}
COLUMNS = ("code", "text", "state", "answers", "missing", "clause")


def choose() -> list[Obligation]:
    """Let the reader narrow the obligations by part, by state and by words."""
    (area, state), wanted = narrow(
        ("part", t("obligations.part"), AREAS, _area_word),
        ("state", t("obligations.state"), STATES, _state_word),
        find=("look", t("obligations.find_hint")),
    )
    return [
        each
        for each in OBLIGATIONS
        if area in (ALL, each.area)
        and state in (ALL, standing(each))
        and found_in(wanted, _words(each))
    ]


def _words(each: Obligation) -> list[str]:
    answers = [f"{answer.code} {tell(named(answer))}" for answer in each.answers]
    return [each.id, *each.text, *answers, clause_word(each.clause)]


def _area_word(area: str) -> str:
    return t("obligations.all_parts") if area == ALL else t(f"clauses.area.{area}")


def _state_word(state: str) -> str:
    return t("obligations.all_states") if state == ALL else t(f"obligations.states.{state}")


def panel(shown: Sequence[Obligation]) -> Panel:
    """Return the obligations as a table; the sentence counts all of them, whatever is shown."""
    counts = Counter(standing(each) for each in OBLIGATIONS)
    table = pd.DataFrame([_row(each) for each in shown], columns=COLUMNS)
    columns: Columns = {name: (t(f"obligations.{name}"), None) for name in COLUMNS}
    return Panel(
        key="methods-obligations",
        title=t("obligations.title"),
        sentence=t(
            "obligations.sentence",
            n=len(OBLIGATIONS),
            shown=len(shown),
            **{state: counts[state] for state in STATES},
        ),
        table=table,
        columns=columns,
        meaning=t("obligations.meaning"),
        facts={t("shell.source"): t("obligations.source")},
        narrowed=True,
    )


def _row(each: Obligation) -> tuple[str, ...]:
    joint, state = t("obligations.joint"), standing(each)
    missing = [
        f"{answer.code}{t('shell.colon')}{tell(note_of(answer))}"
        for answer in each.answers
        if state_of(answer) != "stands"
    ]
    return (
        each.id,
        initial(tell(each.text)),
        f"{MARKS[state]} {t(f'obligations.states.{state}')}",
        joint.join(
            f"{MARKS[state_of(answer)]} {answer.code} {tell(named(answer))}"
            for answer in each.answers
        ),
        joint.join(missing),
        clause_word(each.clause),
    )
