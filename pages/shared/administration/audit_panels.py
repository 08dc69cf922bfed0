"""The audit log on the screen: what was done outside the figures, and whether it hangs together."""

import re
from datetime import datetime

import pandas as pd
import streamlit as st

from data.access import audit
from data.access.accounts import ROLES
from data.clock import CHINA
from data.scope import Scope
from data.store import data_folder
from metrics.exports.extracts import KINDS
from pages.shared import panels
from pages.shared.panels import Panel
from pages.shared.words import t


def draw(scope: Scope) -> None:
    """Show the log, newest first, with the hash to note down."""
    log = audit.read(data_folder())
    if not log.events and log.broken is None:
        st.info(t("administration.no_events"))
        return
    if log.broken is not None:
        st.error(t("administration.broken", n=log.broken))
    panels.draw(_panel(log), scope)
    if log.events:
        st.markdown(t("administration.head"))
        st.code(log.head, language=None)


def _in_words(about: str) -> str:
    """Return what a line says of itself with the codes of roles and extracts in words."""
    words = re.sub(rf"\(({'|'.join(ROLES)})\b", lambda m: f"({t(f'accounts.role.{m[1]}')}", about)
    return re.sub(rf"^({'|'.join(KINDS)}) ", lambda m: f"{t(f'export.{m[1]}')} ", words)


def _panel(log: audit.Log) -> Panel:
    rows = pd.DataFrame(
        [
            (
                each.number,
                f"{datetime.fromisoformat(each.time).astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
                each.who or t("administration.nobody"),
                t(f"administration.event.{each.did}"),
                _in_words(each.about),
            )
            for each in reversed(log.events)
        ],
        columns=["number", "time", "who", "did", "about"],
    )
    forms = {"number": "%d"}
    columns = {name: (t(f"administration.{name}"), forms.get(name)) for name in rows}
    key = "administration.whole" if log.broken is None else "administration.part"
    said = t(key, n=len(rows))
    title, meaning = t("administration.log_panel"), t("administration.log_meaning")
    return Panel("audit", title, said, rows, columns, meaning)
