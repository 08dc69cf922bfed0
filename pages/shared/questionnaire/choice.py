"""What a questionnaire asks: its survey, the questions of the bank, the county's own."""

from collections.abc import Mapping, Sequence
from typing import cast, get_args

import streamlit as st

from data import clock
from data.errors import DataError
from data.surveys.designs import ANSWER_TYPES, PEOPLE, Design, Own, Person, check_own
from data.surveys.question_bank import Audience, Question, questions
from data.words import Text, both, say
from pages.shared import address
from pages.shared.screen import refusal
from pages.shared.words import plain, t, tell

NEW = "+"
_OPEN = "design-open"
_NEXT = "design-next"
_OWN = "design-own"
_NO_INDEX = "none"


def which(held: Mapping[str, Design]) -> str:
    """Let the reader choose a saved questionnaire or a new one; return its survey id or NEW."""
    if following := st.session_state.pop(_NEXT, None):
        st.session_state["form"] = following
    names = {**{key: f"{key} {tell(each.title)}" for key, each in held.items()},
             NEW: t("questionnaire.new")}  # fmt: skip
    return address.select("form", t("questionnaire.which"), list(names), names.__getitem__)


def follow(survey_id: str) -> None:
    """Open a questionnaire in the next run, once it is saved."""
    st.session_state[_NEXT] = survey_id
    st.session_state.pop(_OPEN, None)


def compose(name: str, saved: Design | None, year: int | None) -> Design:
    """Draw all choices, filled with those of a saved questionnaire, and return what they make."""
    _open(name, saved)
    # Worded here, while the language is known: the words are asked for again outside of a run.
    known = {each: t(f"questionnaire.audiences.{each}") for each in get_args(Audience)}
    default = saved.audience if saved else None
    label = t("questionnaire.audience")
    chosen = address.select("audience", label, list(known), known.__getitem__, default)
    audience = cast(Audience, chosen)
    base = saved or _blank(audience, (year or clock.today().year) + 1)
    survey_id, title = _named(base, new=saved is None)
    bank = questions(audience)
    kept = base.questions if base.audience == audience and base.questions else None
    asked = _bank(bank, kept or tuple(question.question_id for question in bank))
    people, village = _people(base)
    return Design(survey_id, title, audience, asked, people, village, _own(audience))


def _blank(audience: Audience, year: int) -> Design:
    """Return the questionnaire of the next round: all questions, until some are chosen.

    Of cadres nothing personal is asked: they are few, and could be known by it.
    """
    title = both(f"questionnaire.default_title_{audience}", year=year)
    survey_id = say(f"questionnaire.default_id_{audience}", "zh", year=year)
    people = PEOPLE if audience == "resident" else ()
    return Design(survey_id, title, audience, (), people, audience == "resident")


def _open(name: str, saved: Design | None) -> None:
    """Forget what was chosen for another questionnaire; a link's own choices come afterwards."""
    if st.session_state.get(_OPEN) == name:
        return
    if st.session_state.get(_OPEN) is not None:
        for key in [key for key in st.session_state if str(key).startswith(("ask", "person"))]:
            del st.session_state[key]
        st.session_state.pop("audience", None)
    st.session_state[_OPEN] = name
    st.session_state[_OWN] = list(saved.own) if saved else []


def _named(base: Design, *, new: bool) -> tuple[str, Text]:
    left, middle, right = st.columns([1, 2, 2])
    key = NEW + base.audience if new else base.survey_id
    survey_id = left.text_input(
        t("questionnaire.survey_id"), base.survey_id, key=f"design-id-{key}",
        help=t("questionnaire.survey_id_help"), disabled=not new,
    )  # fmt: skip
    zh = middle.text_input(t("questionnaire.title_zh"), base.title.zh, key=f"design-zh-{key}")
    en = right.text_input(t("questionnaire.title_en"), base.title.en, key=f"design-en-{key}")
    return survey_id.strip(), Text(zh.strip(), en.strip() or zh.strip())


def _bank(bank: Sequence[Question], default: Sequence[str]) -> tuple[str, ...]:
    """Draw the bank by index, each question to be ticked; return those that are."""
    ids = [question.question_id for question in bank]
    address.ticks("ask", ids, default)
    st.header(t("questionnaire.choose"), anchor=False)
    with st.container(horizontal=True):
        st.button(t("questionnaire.all"), on_click=address.tick, args=("ask", ids, True))
        st.button(t("questionnaire.none"), on_click=address.tick, args=("ask", ids, False))
    groups: dict[str, list[Question]] = {}
    for question in bank:
        groups.setdefault(question.index_code or _NO_INDEX, []).append(question)
    for index in sorted(groups):
        with st.expander(_index(index), expanded=index == "S1"):
            for question in groups[index]:
                address.box("ask", question.question_id, _question(question))
    return tuple(address.ticked("ask", ids))


def _index(index: str) -> str:
    if index == _NO_INDEX:
        return t("questionnaire.no_index")
    return f"{index} {t(f'survey.index.{index}')}"


def _question(question: Question) -> str:
    kind = t(f"form.use.{question.answer_type}")
    return t(
        "questionnaire.question", code=question.question_id, text=plain(tell(question.text)),
        kind=kind,
    )  # fmt: skip


def _people(base: Design) -> tuple[tuple[Person, ...], bool]:
    """Draw what is asked of the respondent; the village makes the sampling design."""
    asked = (*PEOPLE, "village")
    default = [*base.people, *(["village"] if base.village else [])]
    name = f"person_{base.audience}"
    address.ticks(name, asked, default)
    with st.expander(t("questionnaire.people")):
        st.markdown(t("questionnaire.people_meaning"))
        for each in asked:
            address.box(name, each, t(f"form.ask.{each}"))
    chosen = address.ticked(name, asked)
    return tuple(each for each in PEOPLE if each in chosen), "village" in chosen


def _own(audience: Audience) -> tuple[Own, ...]:
    """Draw the county's own questions: those there are, and a form for one more."""
    held: list[Own] = st.session_state[_OWN]
    with st.expander(t("questionnaire.own", n=len(held)), key="own-questions"):
        st.markdown(t(f"questionnaire.own_meaning_{audience}"))
        for place, own in enumerate(held):
            with st.container(horizontal=True, vertical_alignment="center"):
                kind = t(f"form.use.{own.answer_type}")
                reason = f"（{own.reason}）" if own.reason else ""
                st.text(f"{tell(own.text) or own.text.zh} · {kind}{reason}", width="stretch")
                if st.button(t("questionnaire.remove"), key=f"remove-own-{place}"):
                    held.pop(place)
                    st.rerun()
        _add(held)
    return tuple(held)


def _add(held: list[Own]) -> None:
    with st.form("own-question", border=False, enter_to_submit=False):
        zh = st.text_input(t("questionnaire.text_zh"))
        en = st.text_input(t("questionnaire.text_en"))
        left, right = st.columns(2)
        kinds = {each: t(f"form.use.{each}") for each in ANSWER_TYPES}
        kind = left.selectbox(t("questionnaire.kind"), list(kinds), format_func=kinds.__getitem__)
        reason = right.text_input(t("questionnaire.reason"), help=t("questionnaire.reason_help"))
        pressed = st.form_submit_button(t("questionnaire.add"))
    if not pressed:
        return
    own = Own(Text(zh.strip(), en.strip() or zh.strip()), kind, reason.strip())
    try:
        check_own(own)
    except DataError as error:
        refusal(error)
        return
    held.append(own)
    st.rerun()
