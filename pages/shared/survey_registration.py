"""The registration of surveys: who approved them, from which list, how sampled, by whom."""

import streamlit as st

from data import ingest, registrations, reported
from data.contracts import CODES, TABLES, Column
from data.ingest import Draft
from data.scope import Scope
from data.words import Text
from pages.shared import drafts, results
from pages.shared.screen import t, tell
from pages.shared.words import listed, plain

NEW = ""
COLUMNS = TABLES["survey_meta"].columns


def draw() -> None:
    """Say which surveys are registered, and offer the form for one of them."""
    st.header(t("templates.surveys"), anchor=False)
    surveys = results.get("satisfaction.surveys", Scope())
    titles = dict(zip(surveys["survey_id"], surveys["title_zh"], strict=True))
    bad = surveys[surveys["approval"] != "registered"]
    names = listed(plain(str(title)) for title in bad["title_zh"])
    key = "none" if surveys.empty else "unregistered" if len(bad) else "registered"
    st.markdown(t(f"templates.surveys_{key}", n=len(surveys), bad=len(bad), names=names))
    st.caption(t("templates.survey_intro"))
    picked = st.selectbox(
        t("templates.survey_pick"),
        [NEW, *titles],
        format_func=lambda code: titles.get(code, t("templates.survey_new")),
    )
    _form(picked)


def _form(picked: str) -> None:
    held = registrations.held(results.store(), picked) if picked else {}
    with st.form(f"registration-{picked}"):
        told: dict[str, str] = {}
        for start in range(0, len(COLUMNS), 3):
            for column, cell in zip(COLUMNS[start : start + 3], st.columns(3), strict=False):
                with cell:
                    told[column.name] = _ask(column, held.get(column.name, ""), picked)
        author = st.text_input(t("upload.author"), key=f"registration-author-{picked}")
        if not st.form_submit_button(t("templates.survey_save"), type="primary"):
            return
    if not author.strip():
        st.warning(t("upload.needs_author"))
        return
    _publish(reported.registration(results.store(), told), told, author.strip())


def _ask(column: Column, before: str, picked: str) -> str:
    label = tell(column.label)
    label = label if column.nullable else t("templates.needed", label=label)
    key = f"registration-{picked}-{column.name}"
    if column.codes:
        words = {code.value: tell(code.label) for code in CODES[column.codes]}
        place = list(words).index(before) if before in words else 0
        return str(st.selectbox(label, list(words), place, format_func=words.__getitem__, key=key))
    hint = t("templates.date_form") if column.type == "DATE" else tell(column.note)
    fixed = bool(picked) and column.key
    return st.text_input(label, before, help=hint or None, disabled=fixed, key=key)


def _publish(draft: Draft, told: dict[str, str], author: str) -> None:
    """Publish what passed; else say field by field what is wrong, and keep what was typed."""
    if draft.rejected:
        st.error(t("templates.survey_wrong") + "\n" + "\n".join(_wrong(draft)))
        return
    message = t("templates.survey_message", survey=told["survey_id"])
    version = ingest.publish(results.store(), draft, author=author, message=message)
    drafts.done(t("templates.survey_saved", title=told["title_zh"], version=version))


def _wrong(draft: Draft) -> list[str]:
    table, rows = TABLES["survey_meta"], draft.problems.to_dict("records")
    said = []
    for row in rows:
        known = row["column"] in table.column_names
        column = tell(table.column(row["column"]).label) if known else ""
        reason = tell(Text(row["reason_zh"], row["reason_en"]))
        words = t("templates.survey_wrong_line", column=column, value=row["value"], reason=reason)
        said.append(f"- {plain(words if column else reason)}")
    return said
