"""Sharing a view: the link that restores it, its QR code, the link that keeps its figures."""

from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from pages.shared import address, navigation, results
from pages.shared.words import plain, presenting, t

FOLLOWING, FROZEN = "following", "frozen"
QR_SCALE = 5
# Addresses by which a machine reaches nobody but itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def button() -> bool:
    """Draw the button that opens the panel; say whether it was pressed just now."""
    if presenting():
        return False
    return st.button(t("share.open"), icon=":material/share:", key="share")


def panel() -> None:
    """Open the panel over the page."""
    st.dialog(t("share.title"), width="medium", icon=":material/share:")(_panel)()


def _panel() -> None:
    version = results.store().version
    words = {each: t(f"share.{each}", version=version) for each in (FOLLOWING, FROZEN)}
    kind = st.radio(
        t("share.figures"),
        list(words),
        format_func=words.__getitem__,
        index=int(bool(st.session_state.get("v"))),
        key="share-figures",
    )
    shown = st.toggle(t("share.present"), value=presenting(), key="share-present")
    url = link(frozen=kind == FROZEN, present=shown)
    st.markdown(t("share.link"))
    st.code(url, language=None, wrap_lines=True)
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.image(qr(url), width="stretch", alt=t("share.qr"))
    right.markdown(t("share.qr_hint"))
    if urlsplit(url).hostname in LOOPBACK:
        right.markdown(t("share.loopback"))


def link(*, frozen: bool, present: bool) -> str:
    """Return the address that restores this view.

    frozen: with the data version of this moment, so that its figures stay. present: as a room
    sees it.
    """
    version = str(results.store().version) if frozen else ""
    told = address.here(v=version, present="yes" if present else "no")
    return (st.context.url or "") + (f"?{urlencode(told)}" if told else "")


def qr(text: str) -> str:
    """Return a QR code as SVG, dark on white whatever the colours of the page."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        scale=QR_SCALE, dark="#000000", light="#ffffff", omitsize=False
    )
    return drawn


def frozen(page: str) -> None:
    """Say that the view is frozen, at which version, and lead back to the newest data."""
    version = st.session_state.get("v")
    if not version:
        return
    held = {each.number: each for each in results.store().history()}
    told = held[int(version)]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            t("share.frozen_at", version=version, time=told.time, message=plain(told.message)),
            width="content",
        )
        if not presenting():
            _here(page, t("share.to_newest", version=max(held)), v="")


def way_out(page: str) -> None:
    """Lead out of the view for a room."""
    if presenting():
        _here(page, t("share.leave"), present="no")


def _here(page: str, label: str, **changes: str) -> None:
    """Draw a link to this very view, some of its choices changed."""
    told = {**st.query_params.to_dict(), **changes}
    st.page_link(
        navigation.page(page),
        label=label,
        query_params={name: value for name, value in told.items() if value},
        width="content",
    )
