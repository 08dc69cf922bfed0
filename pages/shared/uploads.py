"""The pieces of the Data page: options, what was understood, decisions, problems, publishing."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import ingest
from data import store as stores
from data.contracts import CODES, TABLES
from data.ingest import Draft, Options
from data.store import LOWEST_MINIMUM_BASE, Change
from data.survey_files import SurveyMapping
from data.words import both
from pages.shared import results
from pages.shared.screen import language, t, tell, wording

CRS = ("WGS84", "CGCS2000", "GCJ02", "BD09")
NO_CHOICE = ""


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
            format_func=wording(
                [NO_CHOICE, *uploadable],
                lambda name: tell(TABLES[name].label) if name else t("upload.recognise"),
            ),
        )
        crs = st.selectbox(t("upload.crs"), CRS)
        mode = st.radio(
            t("upload.mode"),
            ["merge", "replace"],
            format_func=wording(["merge", "replace"], lambda m: t(f"upload.mode_{m}")),
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
    st.subheader(t("upload.understood"))
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
    for word in draft.warnings:
        st.warning(tell(word))
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
    default = pd.Series(draft.reading.tables["survey_meta"].iloc[0]) if draft.reading else {}
    cells = st.columns(3)
    fields = ("survey_id", "title_zh", "approval_no")
    asked = {
        name: cell.text_input(
            tell(TABLES["survey_meta"].column(name).label),
            value=told.get(name) or ("" if pd.isna(default[name]) else str(default[name])),
        )
        for name, cell in zip(fields, cells, strict=True)
    }
    return {name: value.strip() for name, value in asked.items() if value.strip()}


def _ask_points(label: str, told: dict[str, int | None]) -> str:
    choices = [NO_CHOICE, "5", "4", "3", "2", "1", "none"]
    before = "none" if label in told and told[label] is None else str(told.get(label, NO_CHOICE))
    return str(
        st.selectbox(
            t("upload.points_of", label=label),
            choices,
            index=choices.index(before),
            format_func=wording(choices, lambda value: t(f"upload.points_{value or 'unknown'}")),
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
            format_func=wording(
                codes, lambda code: f"{names[code]}（{code}）" if code else t("upload.place_none")
            ),
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
            format_func=wording(
                [NO_CHOICE, *indices],
                lambda code: f"{code} {indices[code]}" if code else t("upload.index_none"),
            ),
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
    st.subheader(t("upload.problems", n=len(draft.problems)))
    reason = f"reason_{language()}"
    shown = draft.problems[["record", "line", "column", "value", reason]]
    headings = [t(f"upload.{name}") for name in ("record", "line", "column", "value", "reason")]
    st.dataframe(shown.head(1000).set_axis(headings, axis=1), hide_index=True, key="problems-table")
    text = io.BytesIO()
    shown.set_axis(headings, axis=1).map(_safe).to_csv(text, index=False, encoding="utf-8-sig")
    st.download_button(t("upload.download_problems"), text.getvalue(), "problems.csv", "text/csv")


def _safe(cell: object) -> object:
    return "'" + cell if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def effect(draft: Draft) -> None:
    """Show what publishing would change."""
    st.subheader(t("upload.effect"))
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
        _done(t("upload.published", version=version, rows=f"{draft.records_kept:,}"))


def _done(sentence: str) -> None:
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.session_state["said"] = sentence
    st.session_state.pop("draft_key", None)
    st.rerun()


def history() -> None:
    """List the versions; any earlier one can be brought back as a new one."""
    versions = results.store().history()
    if not versions:
        st.info(t("upload.no_history"))
        return
    rows = [
        (
            v.number,
            v.time,
            v.author,
            v.message,
            v.details.get("rows", ""),
            str(v.details.get("sha256", ""))[:12],
        )
        for v in versions
    ]
    headings = [
        t(f"upload.{name}") for name in ("version", "time", "author", "message", "rows", "hash")
    ]
    st.dataframe(pd.DataFrame(rows, columns=headings).astype({headings[4]: str}), hide_index=True)
    if len(versions) > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = st.selectbox(t("upload.back_to"), [v.number for v in versions[1:]])
            if st.button(t("upload.restore")):
                author = st.session_state.get("author") or t("upload.someone")
                message = both("restore.message", version=number).zh
                version = results.store().restore(int(number), author=author, message=message)
                _done(t("upload.restored", number=number, version=version))


def catalogue() -> None:
    """List the tables: what each is, whether it is needed, how many rows are held."""
    store = results.store()
    rows = [
        (
            name,
            tell(table.label),
            t(f"upload.required_{table.required}"),
            int(store.read(f'SELECT count(*) AS n FROM "{name}"')["n"].item()),  # noqa: S608 - contract names only
            tell(table.meaning),
        )
        for name, table in TABLES.items()
        if table.uploadable
    ]
    headings = [
        t(f"upload.table_{name}") for name in ("name", "label", "required", "rows", "meaning")
    ]
    st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True, height=560)
    chosen = st.selectbox(
        t("upload.columns_of"),
        [name for name, table in TABLES.items() if table.uploadable],
        format_func=wording(TABLES, lambda name: tell(TABLES[name].label)),
    )
    columns = TABLES[chosen].columns
    st.dataframe(
        pd.DataFrame(
            [
                (c.name, tell(c.label), c.type, "" if c.nullable else "✓", tell(c.note))
                for c in columns
            ],
            columns=[t(f"upload.column_{n}") for n in ("name", "label", "type", "needed", "note")],
        ),
        hide_index=True,
    )
    header = ",".join(column.name for column in columns) + "\r\n"
    st.download_button(
        t("upload.template"), header.encode("utf-8-sig"), f"{chosen}.csv", "text/csv"
    )


def settings() -> None:
    """Change the minimum base; every change is a version with an author."""
    held = results.store().settings()
    with st.form("settings"):
        base = st.number_input(
            t("upload.minimum_base"),
            min_value=LOWEST_MINIMUM_BASE,
            max_value=1000,
            value=int(held["minimum_base"]),
            help=t("upload.minimum_base_help"),
        )
        author = st.text_input(t("upload.author"), key="settings-author")
        if st.form_submit_button(t("upload.save")) and author.strip():
            frame = pd.DataFrame({"name": ["minimum_base"], "value": [str(int(base))]})
            version = results.store().publish(
                [Change("settings", frame)],
                author=author.strip(),
                message=t("upload.base_message", base=int(base)),
            )
            _done(t("upload.saved", version=version))
    st.caption(t("upload.folder", folder=stores.data_folder()))
