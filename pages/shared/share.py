"""Sharing a view: the link that restores it, its QR code, the link that keeps its figures."""

from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from data import storyboards
from pages.shared import account, address, navigation, results, storyboard
from pages.shared.words import plain, presenting, t

FOLLOWING, FROZEN = "following", "frozen"
QR_SCALE = 5
LONGEST_NAME = 60
# Addresses by which a machine reaches nobody but itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def button() -> bool:
    """Draw the button that opens the panel; say whether it was pressed just now."""
    if presenting():
        return False
    return st.button(t("share.open"), icon=":material/share:", key="share")


def panel(page: str, scope: str) -> None:
    """Open the panel over a page; scope: in words, for the name of the view when it is kept."""
    st.dialog(t("share.title"), width="medium", icon=":material/share:")(_panel)(page, scope)


def _panel(page: str, scope: str) -> None:
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
    _keep(page, scope, frozen=kind == FROZEN)


def _keep(page: str, scope: str, *, frozen: bool) -> None:
    """Offer to keep the view as a step of the presentation."""
    who = account.current()
    if who is None or not who.may("present"):
        return
    title = f"{t(f'{page}.title')}{t('shell.joiner')}{scope}"
    name = st.text_input(t("present.name"), title, max_chars=LONGEST_NAME, key="share-name")
    if not st.button(t("present.add"), key="share-keep"):
        return
    count = len(storyboard.steps())
    if count >= storyboards.MOST:
        st.warning(t("present.full", n=storyboards.MOST))
        return
    held = told(frozen=frozen, present=True, whole=True)
    storyboard.add(name.strip() or title, page, held, scope)
    st.success(t("present.added", n=count + 1))


def told(*, frozen: bool, present: bool, whole: bool = False) -> dict[str, str]:
    """Return what the link of this view holds; see `link` and `address.here`."""
    version = str(results.store().version) if frozen else ""
    return address.here(whole=whole, v=version, present="yes" if present else "no", step="")


def link(*, frozen: bool, present: bool) -> str:
    """Return the address that restores this view.

    frozen: with the data version of this moment, so that its figures stay. present: as a room
    sees it.
    """
    held = told(frozen=frozen, present=present)
    return (st.context.url or "") + (f"?{urlencode(held)}" if held else "")


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
        storyboard.lead()
        _here(page, t("share.leave"), present="no", step="")


def _here(page: str, label: str, **changes: str) -> None:
    """Draw a link to this very view, some of its choices changed."""
    told = {**st.query_params.to_dict(), **changes}
    st.page_link(
        navigation.page(page),
        label=label,
        query_params={name: value for name, value in told.items() if value},
        width="content",
    )
