"""The file in hand: a new upload, or one that waits from an earlier visit; and what was said."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from data import readers
from data.drafting import drafts
from data.drafting.drafts import Upload
from pages.shared import results
from pages.shared.screen import t, tell
from pages.shared.words import beijing, plain

_OPEN = "draft-open"


def choose() -> Upload | None:
    """Offer the uploader and the waiting files; return the one in hand."""
    readers.make_ready()  # while a file is being looked for
    number = st.session_state.get("uploads", 0)
    file = st.file_uploader(t("upload.choose"), key=f"file-{number}")
    if file is not None:
        st.empty()  # where the list stood: it would stay faded under a file being read
        upload = drafts.keep(results.store(), file.name, file.getbuffer())
        st.session_state[_OPEN] = upload.sha256
        return upload
    waiting = drafts.waiting(results.store())
    opened = next((u for u in waiting if u.sha256 == st.session_state.get(_OPEN)), None)
    if opened is None:
        with st.container():
            st.caption(t("upload.accepted_kinds"))
            _list([upload for upload in waiting if upload.refusal is None])
            _list_refused([upload for upload in waiting if upload.refusal])
        return None
    st.empty()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{opened.name}**", width="content")
        if st.button(t("upload.back")):
            st.session_state.pop(_OPEN)
            st.rerun()
    return opened


def _list(waiting: list[Upload]) -> None:
    if not waiting:
        return
    st.markdown(f"**{t('upload.drafts')}**", help=t("upload.drafts_help"))
    for upload in waiting:
        _line(upload, t("upload.draft_continue"))


def _list_refused(waiting: list[Upload]) -> None:
    """List what could not be imported with the reason, apart from what only waits."""
    if not waiting:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        title = t("upload.refused_files", n=len(waiting))
        st.markdown(f"**{title}**", width="content", help=t("upload.refused_help"))
        if len(waiting) > 1 and st.button(t("upload.discard_refused")):
            for upload in waiting:
                drafts.discard(results.store(), upload)
            st.session_state["said"] = t("upload.refused_discarded", n=len(waiting))
            st.rerun()
    for upload in waiting:
        _line(upload, t("upload.refused_look"))
        if upload.refusal:
            st.caption(plain(tell(upload.refusal)))


def _line(upload: Upload, go_on: str) -> None:
    """Show a file that waits, the way on with it and the way to discard it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{upload.name} · {beijing(upload.time)}", width="content")
        if st.button(go_on, key=f"continue-{upload.path.name}", help=plain(upload.name)):
            st.session_state[_OPEN] = upload.sha256
            st.rerun()
        key, named = f"discard-{upload.path.name}", plain(upload.name)
        if st.button(t("upload.draft_discard"), key=key, help=named):
            drafts.discard(results.store(), upload)
            st.session_state["said"] = t("upload.draft_discarded", name=upload.name)
            st.rerun()


def remember(upload: Upload, **said: Any) -> None:
    """Keep what was said of the file in hand, and check it again."""
    kept: Mapping[str, Any] = {**upload.said, **said}
    drafts.remember(upload, kept)
    st.rerun()


def put_aside(sentence: str) -> None:
    """Say what was done in the next run, which begins with an empty uploader."""
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.session_state["said"] = sentence
    for key in ("draft_key", _OPEN):
        st.session_state.pop(key, None)


def done(sentence: str) -> None:
    """Begin anew, and say there what was done."""
    put_aside(sentence)
    st.rerun()
