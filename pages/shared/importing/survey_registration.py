"""The registration of surveys: who approved them, from which list, how sampled, by whom."""

import streamlit as st

from data.contracts import TABLES
from data.errors import DataError
from data.scope import Scope
from data.surveys import registrations
from pages.shared import account, record_form, results
from pages.shared.screen import t
from pages.shared.words import listed, plain, title_of

NEW = ""
COLUMNS = TABLES["survey_meta"].columns


def draw() -> None:
    """Say which surveys are registered, and offer the form for one of them."""
    st.header(t("templates.surveys"), anchor=False)
    surveys = results.get("satisfaction.figures.surveys", Scope())
    titles = {row["survey_id"]: title_of(row) for row in surveys.to_dict("records")}
    bad = surveys[surveys["approval"] != "registered"]
    names = listed(plain(titles[code]) for code in bad["survey_id"])
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
    fixed = TABLES["survey_meta"].key if picked else ()
    with st.form(f"registration-{picked}"):
        told = record_form.ask(COLUMNS, held, f"registration-{picked}", fixed=fixed)
        author = account.author(f"registration-author-{picked}")
        if not st.form_submit_button(t("templates.survey_save"), type="primary"):
            return
    if author.strip() and not told["survey_id"].strip():
        raise DataError("registration_without_id")
    message = t("templates.survey_message", survey=told["survey_id"])
    said = t("templates.survey_saved", title=title_of(told), version="{version}")
    record_form.save("survey_meta", told, author, message, said)
