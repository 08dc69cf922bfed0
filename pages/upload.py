"""Data: bring a file, see what was understood and what is wrong, publish it, undo it."""

import streamlit as st

from data.errors import DataError
from pages.shared import account, address, drafts
from pages.shared.importing import (
    consequences,
    holdings,
    mapping,
    placements,
    refused,
    reporting,
    sample_size_panel,
    survey_decisions,
    survey_registration,
    template_panels,
    uploads,
)
from pages.shared.screen import page, t

with page("upload") as scope:
    account.require("publish")
    uploads.own_data()
    uploads.said_before()
    names = ("file", "templates", "report", "history", "tables", "settings")
    tabs = address.tabs("part", names, lambda name: t(f"upload.tab_{name}"))
    with tabs["file"]:
        uploads.first_steps()
        upload = drafts.choose()
        if upload:
            upload, options = uploads.options(upload)
            try:
                with st.spinner(t("upload.checking")):
                    draft = uploads.prepare(upload, options)
            except DataError as error:
                refused.draw(upload, options, error)
            else:
                uploads.understood(draft)
                placements.draw(upload, draft)
                uploads.left_out(draft)
                if draft.kind == "table":
                    mapping.draw(upload, uploads.read(upload, options), draft.options, needed=False)
                survey_decisions.draw(upload, draft)
                uploads.problems(draft, upload)
                uploads.effect(draft)
                consequences.draw(draft)
                uploads.publish(draft)
    if tabs["templates"].open:  # it counts every cell held: only for those who look
        with tabs["templates"]:
            template_panels.draw(scope)
            survey_registration.draw()
            sample_size_panel.draw(scope)
    with tabs["report"]:
        reporting.draw(scope)
    with tabs["history"]:
        holdings.history()
    with tabs["tables"]:
        holdings.catalogue()
    with tabs["settings"]:
        holdings.settings()
        holdings.baseline()
