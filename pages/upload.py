"""Data: bring a file, see what was understood and what is wrong, publish it, undo it."""

import streamlit as st

from data.errors import DataError
from pages.shared import holdings, reporting, uploads
from pages.shared.screen import page, refusal, t

with page("upload") as scope:
    uploads.own_data()
    uploads.said_before()
    names = ("file", "report", "history", "tables", "settings")
    tabs = dict(zip(names, st.tabs([t(f"upload.tab_{name}") for name in names]), strict=True))
    with tabs["file"]:
        file = st.file_uploader(t("upload.choose"), key=uploads.uploader_key())
        if file is None:
            st.caption(t("upload.accepted_kinds"))
        else:
            path = uploads.keep(file)
            options = uploads.options(path)
            try:
                with st.spinner(t("upload.checking")):
                    draft = uploads.prepare(path, file.name, options)
            except DataError as error:
                refusal(error)
                st.caption(t("upload.nothing_lost"))
            else:
                uploads.understood(draft)
                uploads.decisions(draft)
                uploads.problems(draft)
                uploads.effect(draft)
                uploads.publish(draft)
    with tabs["report"]:
        reporting.draw(scope)
    with tabs["history"]:
        holdings.history()
    with tabs["tables"]:
        holdings.catalogue()
    with tabs["settings"]:
        holdings.settings()
        holdings.baseline()
