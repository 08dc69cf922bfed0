"""What a survey file leaves open: its registration, unclear labels and places, the indices."""

import pandas as pd
import streamlit as st

from data.contracts import CODES, TABLES, Column
from data.drafts import Upload
from data.ingest import Draft
from pages.shared import results
from pages.shared.drafts import remember
from pages.shared.screen import t, tell

NO_CHOICE = ""
REGISTRATION = (
    "survey_id", "title_zh", "mode", "start_on", "end_on", "audience", "approval_no",
    "approved_by", "valid_until",
)  # fmt: skip


def draw(upload: Upload, draft: Draft) -> None:
    """Ask about everything in a survey file that is not certain, and remember the answers."""
    if draft.reading is None:
        return
    said = upload.said
    open_areas = draft.reading.areas[draft.reading.areas["state"].isin(["unknown", "chosen"])]
    labels = draft.reading.labels
    open_labels = labels[labels["state"].isin(["unclear", "chosen"])]
    with st.form("decisions"):
        st.markdown(f"**{t('upload.decide')}**")
        survey = _ask_survey(draft, said.get("survey", {}))
        points = {
            label: _ask_points(label, said.get("labels", {})) for label in open_labels["label"]
        }
        places = {name: _ask_place(name, said.get("areas", {})) for name in open_areas["name"]}
        questions = _ask_questions(draft, said.get("questions", {}))
        if st.form_submit_button(t("upload.apply")):
            remember(
                upload,
                labels={
                    label: None if value == "none" else int(value)
                    for label, value in points.items()
                    if value
                },
                areas={name: code for name, code in places.items() if code},
                survey=survey,
                questions=questions,
            )


def _ask_survey(draft: Draft, told: dict[str, str]) -> dict[str, str]:
    """Ask for the registration of the survey; what the file itself says is filled in."""
    said = draft.reading.tables["survey_meta"].iloc[0] if draft.reading else pd.Series(dtype=str)
    asked: dict[str, str] = {}
    for start in range(0, len(REGISTRATION), 3):
        names = REGISTRATION[start : start + 3]
        for name, cell in zip(names, st.columns(3), strict=False):
            column = TABLES["survey_meta"].column(name)
            before = told.get(name) or ("" if pd.isna(said.get(name)) else str(said[name]))
            with cell:
                asked[name] = _ask_cell(column, before)
    return {name: value.strip() for name, value in asked.items() if value.strip()}


def _ask_cell(column: Column, before: str) -> str:
    if column.codes:
        words = {code.value: tell(code.label) for code in CODES[column.codes]}
        place = list(words).index(before) if before in words else 0
        return str(
            st.selectbox(
                tell(column.label), list(words), index=place, format_func=lambda code: words[code]
            )
        )
    return st.text_input(tell(column.label), value=before, help=tell(column.note) or None)


def _ask_points(label: str, told: dict[str, int | None]) -> str:
    choices = [NO_CHOICE, "5", "4", "3", "2", "1", "none"]
    before = "none" if label in told and told[label] is None else str(told.get(label, NO_CHOICE))
    return str(
        st.selectbox(
            t("upload.points_of", label=label),
            choices,
            index=choices.index(before),
            format_func=lambda value: t(f"upload.points_{value or 'unknown'}"),
            key=f"points-{label}",
        )
    )


def _ask_place(name: str, told: dict[str, str]) -> str:
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


def _ask_questions(draft: Draft, told: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Ask which index each scored question counts in; none is guessed."""
    scored = [u for u in draft.reading.understood if u.use == "sat5"] if draft.reading else []
    indices = {code.value: tell(code.label) for code in CODES["index_code"] if code.value != "S7"}
    answer = {}
    for question in scored:
        before = told.get(question.question_id, {}).get("index_code", NO_CHOICE)
        picked = st.selectbox(
            t("upload.index_of", question=question.text),
            [NO_CHOICE, *indices],
            index=[NO_CHOICE, *indices].index(before),
            format_func=lambda code: f"{code} {indices[code]}" if code else t("upload.index_none"),
            key=f"index-{question.question_id}",
        )
        if picked:
            answer[question.question_id] = {"index_code": str(picked)}
    return answer
