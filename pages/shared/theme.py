"""Type size, colours, language of the document, and Streamlit's own English words in Chinese."""

import time
from functools import cache
from pathlib import Path

import streamlit as st

from data.words import catalogue
from pages.shared import navigation
from pages.shared.words import language, large, presenting, t

STATIC = Path(__file__).parents[1] / "static"
PREFIX = "streamlit_words."
SETTLES_SECONDS = 0.15
# What Streamlit says of a server that is gone blames the internet, or speaks to programmers: ours
# stands there in both languages.
MISLEADING = {
    "Streamlit server is not responding. Are you connected to the internet?": "shell.no_answer",
    "AxiosError: {1}": "shell.upload_broken",
}
DOCUMENT_LANGUAGE = {"zh": "zh-CN", "en": "en"}


@cache
def streamlit_words() -> list[tuple[str, str]]:
    """Return Streamlit's own words in English, each with what stands there in Chinese."""
    english, chinese = catalogue("en"), catalogue("zh")
    return [(english[key], chinese[key]) for key in english if key.startswith(PREFIX)]


def _settle(size: str) -> None:
    """Let a type size that has just been chosen reach the screen before what is measured by it.

    The cells of a table are drawn in the size of type that stands when the table is made; half of
    the views in large type had tables in small type.
    """
    if st.session_state.get("settled", "standard") != size:
        st.session_state["settled"] = size
        time.sleep(SETTLES_SECONDS)


def apply() -> None:
    """Apply type size, colours and language to the whole document."""
    st.html(STATIC / "shell.css")
    if large():
        st.html(STATIC / "large.css")
    if presenting():
        st.html(STATIC / "present.css")
    _settle("present" if presenting() else "large" if large() else "standard")
    worn = st.context.theme.type
    behaviour = st.components.v2.component(
        "zhixiao_shell", js=(STATIC / "shell.js").read_text(encoding="utf-8")
    )
    with st.sidebar:
        behaviour(
            key="shell",
            data={
                "lang": DOCUMENT_LANGUAGE[language()],
                "theme": st.session_state["theme"],
                "worn": worn or st.session_state["theme"],
                "paths": ["", *navigation.names()],
                "words": streamlit_words(),
                "ours": [(said, t(key)) for said, key in MISLEADING.items()],
            },
        )
