"""From a file to a published version: options, what was understood, decisions, problems."""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import ingest
from data.contracts import CODES, TABLES, Column
from data.coordinates import SYSTEMS
from data.ingest import Draft, Options
from data.survey_files import SurveyMapping
from pages.shared import results
from pages.shared.downloads import to_csv
from pages.shared.screen import language, t, tell
from pages.shared.words import plain

NO_CHOICE = ""
REGISTRATION = (
    "survey_id", "title_zh", "mode", "start_on", "end_on", "audience", "approval_no",
    "approved_by", "valid_until",
)  # fmt: skip


def uploader_key() -> str:
    """Return the uploader's key; a new one empties it after a publication."""
    return f"file-{st.session_state.get('uploads', 0)}"


def said_before() -> None:
    """Show what the last action did, once."""
    if sentence := st.session_state.pop("said", None):
        st.success(sentence)


def own_data() -> None:
    """Offer the step from the fictional county to a store of one's own."""
    if "own" not in results.folders():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(t("upload.sample_open"))
            if st.button(t("upload.use_own"), type="primary"):
                results.open_store("own")
                for key in ("town", "year"):
                    st.session_state.pop(key, None)
                st.session_state["data"] = "own"
                st.session_state["said"] = t("upload.own_opened")
                st.rerun()


def keep(file: Any) -> Path:
    """Write an upload to the staging folder and give its memory back."""
    content = file.getbuffer()
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = results.store().folder / "staging" / f"upload-{digest}"
    if not path.exists():
        path.write_bytes(content)
    return path


def options(path: Path) -> Options:
    """Ask for what a file cannot say of itself: table, coordinates, how it is added."""
    held = st.session_state.setdefault(f"mapping-{path.name}", {"labels": {}, "areas": {}})
    with st.expander(t("upload.options")):
        uploadable = [name for name, table in TABLES.items() if table.uploadable]
        table = st.selectbox(
            t("upload.table"),
            [NO_CHOICE, *uploadable],
            format_func=lambda name: tell(TABLES[name].label) if name else t("upload.recognise"),
        )
        crs = st.selectbox(t("upload.crs"), SYSTEMS)
        mode = st.radio(
            t("upload.mode"),
            ["merge", "replace"],
            format_func=lambda m: t(f"upload.mode_{m}"),
        )
        left_out = st.text_input(t("upload.leave_out"), help=t("upload.leave_out_help"))
    columns = {
        name.strip(): None for name in left_out.replace("，", ",").split(",") if name.strip()
    }
    survey = SurveyMapping(
        survey=held.get("survey", {}),
        questions=held.get("questions", {}),
        labels=held["labels"],
        areas=held["areas"],
    )
    return Options(table or None, columns, survey, crs, mode)


def prepare(path: Path, name: str, chosen: Options) -> Draft:
    """Check the file once per set of options and data version."""
    key = (path.name, name, repr(chosen), results.store().version)
    if st.session_state.get("draft_key") != key:
        st.session_state["draft"] = ingest.prepare(results.store(), path, name, chosen)
        st.session_state["draft_key"] = key
    draft: Draft = st.session_state["draft"]
    return draft


def understood(draft: Draft) -> None:
    """Say what the file was read as."""
    st.subheader(t("upload.understood"), anchor=False)
    names = t("shell.list_joiner").join(tell(TABLES[name].label) for name in draft.accepted)
    st.markdown(
        t(
            "upload.read_as",
            tables=names,
            encoding=draft.encoding,
            read=f"{draft.records_read:,}",
            kept=f"{draft.records_kept:,}",
            rejected=f"{draft.rejected:,}",
        )
    )
    if draft.warnings:
        st.warning("\n".join(f"- {plain(tell(word))}" for word in draft.warnings))
    if draft.reading:
        rows = [(u.question_id, u.text, t(f"upload.use_{u.use}")) for u in draft.reading.understood]
        headings = [t("upload.question"), t("upload.text"), t("upload.read")]
        st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True)


def decisions(draft: Draft) -> None:
    """Ask about everything in a survey file that is not certain, and remember the answers."""
    if draft.reading is None:
        return
    mapping = st.session_state[f"mapping-{_upload_name()}"]
    open_areas = draft.reading.areas[draft.reading.areas["state"].isin(["unknown", "chosen"])]
    labels = draft.reading.labels
    open_labels = labels[labels["state"].isin(["unclear", "chosen"])]
    with st.form("decisions"):
        st.markdown(f"**{t('upload.decide')}**")
        survey = _ask_survey(draft, mapping.get("survey", {}))
        points = {label: _ask_points(label, mapping["labels"]) for label in open_labels["label"]}
        places = {name: _ask_place(name, mapping["areas"]) for name in open_areas["name"]}
        questions = _ask_questions(draft, mapping.get("questions", {}))
        if st.form_submit_button(t("upload.apply")):
            mapping["labels"] = {
                label: None if value == "none" else int(value)
                for label, value in points.items()
                if value
            }
            mapping["areas"] = {name: code for name, code in places.items() if code}
            mapping["survey"], mapping["questions"] = survey, questions
            st.rerun()


def _upload_name() -> str:
    return str(st.session_state["draft_key"][0])


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


def problems(draft: Draft) -> None:
    """List every problem with its record, and offer the list as a file."""
    if draft.problems.empty:
        st.success(t("upload.no_problems"))
        return
    st.subheader(t("upload.problems", n=len(draft.problems)), anchor=False)
    reason = f"reason_{language()}"
    shown = draft.problems[["record", "line", "column", "value", reason]]
    headings = [t(f"upload.{name}") for name in ("record", "line", "column", "value", "reason")]
    st.dataframe(shown.head(1000).set_axis(headings, axis=1), hide_index=True, key="problems-table")
    about = [draft.name, t("shell.version", version=results.store().version)]
    if results.is_fictional():
        about.append(t("shell.fictional"))
    text = to_csv(about, dict(zip(shown.columns, headings, strict=True)), shown)
    st.download_button(t("upload.download_problems"), text, "problems.csv", "text/csv")


def effect(draft: Draft) -> None:
    """Show what publishing would change."""
    st.subheader(t("upload.effect"), anchor=False)
    table = draft.effect.assign(table=[tell(TABLES[name].label) for name in draft.effect["table"]])
    headings = [t(f"upload.effect_{name}") for name in draft.effect.columns]
    st.dataframe(table.set_axis(headings, axis=1), hide_index=True)


def publish(draft: Draft) -> None:
    """Publish as one version, once somebody has put their name to it."""
    if draft.records_kept == 0:
        st.error(t("upload.nothing_to_publish"))
        return
    valid_only = not draft.rejected or st.checkbox(
        t("upload.accept_valid", kept=f"{draft.records_kept:,}", rejected=f"{draft.rejected:,}")
    )
    author, message = st.columns([1, 2])
    who = author.text_input(t("upload.author"), key="author")
    why = message.text_input(t("upload.message"), value=draft.name)
    if st.button(t("upload.publish"), type="primary", disabled=not (valid_only and who.strip())):
        version = ingest.publish(
            results.store(),
            draft,
            author=who.strip(),
            message=why,
            accept_valid=bool(draft.rejected),
        )
        done(t("upload.published", version=version, rows=f"{draft.records_kept:,}"))


def done(sentence: str) -> None:
    """Say what was done after the next run, and empty the uploader."""
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.session_state["said"] = sentence
    st.session_state.pop("draft_key", None)
    st.rerun()
