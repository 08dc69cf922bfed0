"""Data: bring a file, see what was understood and what is wrong, publish it, undo it."""

import streamlit as st

from data.errors import DataError
from pages.shared import uploads
from pages.shared.screen import page, refusal, t

with page("upload"):
    uploads.own_data()
    uploads.said_before()
    tab_file, tab_history, tab_tables, tab_settings = st.tabs(
        [
            t("upload.tab_file"),
            t("upload.tab_history"),
            t("upload.tab_tables"),
            t("upload.tab_settings"),
        ]
    )
    with tab_file:
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
    with tab_history:
        uploads.history()
    with tab_tables:
        uploads.catalogue()
    with tab_settings:
        uploads.settings()
