"""What a survey file leaves open: its registration, unclear labels and places, the indices."""

from collections.abc import Mapping, Sequence, Set

import pandas as pd
import streamlit as st

from data.contracts import CODES, TABLES, Column
from data.drafting.drafts import Upload
from data.ingest import Draft
from data.surveys.other_tools import separators
from data.surveys.question_matching import suggest
from data.surveys.reading import QUESTIONS, USES, Understood
from pages.shared import results
from pages.shared.drafts import remember
from pages.shared.screen import t, tell
from pages.shared.words import listed

NO_CHOICE = ""
MULTI = "multi"
_SHOWN = 4
REGISTRATION = (
    "survey_id", "title_zh", "mode", "start_on", "end_on", "audience", "approval_no",
    "approved_by", "valid_until",
)  # fmt: skip


def draw(upload: Upload, draft: Draft) -> None:
    """Ask about everything in a survey file that is not certain, and remember the answers."""
    if draft.reading is None:
        return
    said = draft.options.survey
    reading = draft.reading
    with st.form("decisions"):
        st.markdown(f"**{t('upload.decide')}**")
        if results.store().read("SELECT 1 FROM townships LIMIT 1").empty:
            st.warning(t("upload.towns_first"))
        survey = _ask_survey(draft, said.survey)
        labels = _open(reading.labels, "label", "unclear")
        texts = _wordings(reading.understood)
        points = {label: _ask_points(label, texts, said.labels) for label in sorted(labels)}
        places = {
            name: _ask_place(name, said.areas) for name in _open(reading.areas, "name", "unknown")
        }
        # Where the township itself is not known yet there is no village to choose from.
        villages = {
            name: _ask_village(name, said.areas)
            for name in _open(reading.villages, "name", "unknown")
            if not name.startswith("/")
        }
        questions = _ask_questions(reading.understood, said.questions)
        leave_out = _ask_leave_out(reading.understood, said.leave_out)
        if st.form_submit_button(t("upload.apply")):
            remember(
                upload,
                labels={
                    label: None if value == "none" else int(value)
                    for label, value in points.items()
                    if value
                },
                areas={name: code for name, code in places.items() if code}
                | {name: code for name, code in villages.items() if code is not None},
                survey=survey,
                questions=questions,
                leave_out=leave_out,
            )


def _open(found: pd.DataFrame, column: str, state: str) -> list[str]:
    """Return what a person has to decide, or has decided and may change."""
    return [str(name) for name in found.loc[found["state"].isin([state, "chosen"]), column]]


def _ask_survey(draft: Draft, told: Mapping[str, str]) -> dict[str, str]:
    """Ask for the registration of the survey; what the file itself says is filled in."""
    said = draft.reading.tables["survey_meta"].iloc[0] if draft.reading else pd.Series(dtype=str)
    registered = draft.reading.registered if draft.reading else frozenset()
    asked: dict[str, str] = {}
    for start in range(0, len(REGISTRATION), 3):
        names = REGISTRATION[start : start + 3]
        for name, cell in zip(names, st.columns(3), strict=False):
            column = TABLES["survey_meta"].column(name)
            before = "" if pd.isna(said.get(name)) else str(said[name])
            with cell:
                held = name in registered
                asked[name] = _ask_cell(column, before if held else told.get(name) or before, held)
    if registered:
        st.caption(t("upload.registered_already"))
    return {name: value.strip() for name, value in asked.items() if value.strip()}


def _ask_cell(column: Column, before: str, held: bool) -> str:
    if column.codes:
        words = {code.value: tell(code.label) for code in CODES[column.codes]}
        place = list(words).index(before) if before in words else 0
        return str(
            st.selectbox(
                tell(column.label),
                list(words),
                index=place,
                format_func=lambda code: words[code],
                disabled=held,
            )
        )
    return st.text_input(
        tell(column.label), value=before, help=tell(column.note) or None, disabled=held
    )


def _wordings(understood: Sequence[Understood]) -> dict[str, str]:
    """Return the wording of each question, and of a matrix, whose rows share their numbers."""
    texts = {each.question_id: each.text for each in understood}
    stems = {
        name.rpartition("_")[0]: text.partition("—")[0]
        for name, text in texts.items()
        if "_" in name and "—" in text
    }
    return stems | texts


def _ask_points(label: str, texts: Mapping[str, str], told: Mapping[str, int | None]) -> str:
    """Ask what an answer scores; a bare number is one of its question ('Q7=3')."""
    question, _, number = label.partition("=")
    own = number and question in texts
    choices = [NO_CHOICE, "5", "4", "3", "2", "1", "0", "none"]
    before = "none" if label in told and told[label] is None else str(told.get(label, NO_CHOICE))
    return str(
        st.selectbox(
            t("upload.points_of_number", number=number, question=texts[question])
            if own
            else t("upload.points_of", label=label),
            choices,
            index=choices.index(before),
            format_func=lambda value: t(f"upload.points_{value or 'unknown'}"),
            key=f"points-{label}",
        )
    )


def _ask_place(name: str, told: Mapping[str, str]) -> str:
    units = results.store().read("SELECT township_code, name_zh FROM townships ORDER BY 1")
    names = dict(zip(units["township_code"], units["name_zh"], strict=True))
    codes = [NO_CHOICE, *names]
    return str(
        st.selectbox(
            t("upload.place_of", name=name),
            codes,
            index=codes.index(told.get(name, NO_CHOICE)),
            format_func=lambda code: f"{names[code]}（{code}）" if code else t("upload.place_none"),
            key=f"place-{name}",
        )
    )


def _ask_village(name: str, told: Mapping[str, str]) -> str | None:
    """Ask for a village within its township; None while nobody has said, '' for none."""
    township, _, called = name.partition("/")
    held = results.store().read(
        "SELECT community_code, name_zh FROM communities "
        "WHERE township_code = $township ORDER BY 1",
        {"township": township},
    )
    names = dict(zip(held["community_code"], held["name_zh"], strict=True))
    towns = results.store().read_once("SELECT township_code, name_zh FROM townships")
    place = dict(zip(towns["township_code"], towns["name_zh"], strict=True)).get(township, township)
    choices = [None, "", *names]
    words = {None: t("upload.place_none"), "": t("upload.village_skip")}
    before = told.get(name)
    return st.selectbox(
        t("upload.village_of", place=place, name=called),
        choices,
        index=choices.index(before) if before in choices else 0,
        format_func=lambda code: words[code] if code in words else f"{names[code]}（{code}）",
        key=f"village-{name}",
    )


def _ask_questions(
    understood: Sequence[Understood], told: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Ask which question of the bank each one is, or which index it counts in: none is guessed."""
    answer = {name: dict(said) for name, said in told.items()}
    for question in understood:
        before = dict(told.get(question.question_id, {}))
        if question.options and (question.use == "unused" or "use" in before):
            before = _ask_use(question, before)
        if question.use in ("sat5", "yesno", "unused") and question.options:
            before = _ask_bank(question, before)
        if question.use == "sat5" and "bank" not in before:
            before = _ask_index(question, before)
        # Even an empty answer is one: it takes back what was said in an earlier wave.
        if question.options:
            answer[question.question_id] = before
    return answer


def _ask_use(question: Understood, before: dict[str, str]) -> dict[str, str]:
    """Ask what a question is, where neither its words nor its answers say it."""
    choices = [NO_CHOICE, *(use for use in USES if use != MULTI)]
    choices += [f"{MULTI}{mark}" for mark in separators(question.options)]
    told = before.get("use", NO_CHOICE)
    told += before.get("separator", "") if told == MULTI else ""
    picked = st.selectbox(
        t("upload.use_of", question=question.text, answers=listed(question.options[:_SHOWN])),
        choices,
        index=choices.index(told) if told in choices else 0,
        format_func=_use_name,
        key=f"use-{question.question_id}",
    )
    rest = {key: value for key, value in before.items() if key not in ("use", "separator")}
    if picked.startswith(MULTI):
        return {**rest, "use": MULTI, "separator": picked.removeprefix(MULTI)}
    return {**rest, "use": picked} if picked else rest


def _use_name(use: str) -> str:
    if use.startswith(MULTI):
        mark = use.removeprefix(MULTI)
        return t("upload.use_multi", mark=t("upload.line_break") if mark == "\n" else mark)
    return t(f"upload.use_{use or 'unused'}")


def _ask_leave_out(understood: Sequence[Understood], told: Set[str]) -> list[str]:
    """Ask which questions are not imported at all."""
    texts = {each.question_id: each.text for each in understood}
    return st.multiselect(
        t("upload.leave_out"),
        [*texts, *sorted(set(told) - set(texts))],
        default=sorted(told),
        format_func=lambda name: f"{name} {texts.get(name, '')}".strip(),
        placeholder=t("upload.leave_out_none"),
    )


def _ask_bank(question: Understood, before: dict[str, str]) -> dict[str, str]:
    likely = [each.question_id for each in suggest(question.text, question.options)]
    held = before.get("bank")
    choices = list(dict.fromkeys([NO_CHOICE, *([held] if held else []), *likely]))
    if len(choices) == 1:
        return before
    picked = st.selectbox(
        t("upload.bank_of", question=question.text),
        choices,
        index=choices.index(held or NO_CHOICE),
        format_func=lambda name: f"{name} {_bank_text(name)}" if name else t("upload.bank_none"),
        key=f"bank-{question.question_id}",
    )
    rest = {key: value for key, value in before.items() if key != "bank"}
    return {**rest, "bank": picked} if picked else rest


def _bank_text(name: str) -> str:
    return tell(QUESTIONS[name].text)


def _ask_index(question: Understood, before: dict[str, str]) -> dict[str, str]:
    indices = {code.value: tell(code.label) for code in CODES["index_code"] if code.value != "S7"}
    choices = [NO_CHOICE, *indices]
    picked = st.selectbox(
        t("upload.index_of", question=question.text),
        choices,
        index=choices.index(before.get("index_code", NO_CHOICE)),
        format_func=lambda code: f"{code} {indices[code]}" if code else t("upload.index_none"),
        key=f"index-{question.question_id}",
    )
    rest = {key: value for key, value in before.items() if key != "index_code"}
    return {**rest, "index_code": str(picked)} if picked else rest
