"""Sharing a view: the link that restores it, its QR code, the link that keeps its figures."""

from urllib.parse import urlencode, urlsplit

import pandas as pd
import segno
import streamlit as st

from data import storyboards
from data.access import audit, frozen_links
from data.store import data_folder
from pages.shared import account, address, navigation, results, shown, storyboard
from pages.shared.words import beijing, day, plain, presenting, t, tell

FOLLOWING, FROZEN = "following", "frozen"
QR_SCALE = 5
LONGEST_NAME = 80
MOST_LISTED = 20
# Addresses by which a machine reaches nobody but itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def button() -> None:
    """Draw the button that opens the panel."""
    if not presenting():
        st.button(t("share.open"), icon=":material/share:", key="share", on_click=_ask)


def _ask() -> None:
    """Keep in mind that the panel is asked for: a map that moves ends the run before it opens."""
    st.session_state["share-asked"] = True


def panel(page: str, scope: str) -> None:
    """Open the panel over a page if it is asked for.

    scope: in words, for the name of the view when it is kept.
    """
    if st.session_state.pop("share-asked", False):
        st.dialog(t("share.title"), width="medium", icon=":material/share:")(_panel)(page, scope)


def _panel(page: str, scope: str) -> None:
    version = results.store().version
    words = {each: t(f"share.{each}", version=version) for each in _kinds()}
    kind = st.radio(
        t("share.figures"),
        list(words),
        format_func=words.__getitem__,
        index=int(bool(st.session_state.get("v"))),
        key="share-figures",
    )
    if kind == FROZEN and not st.session_state.get("v"):
        st.segmented_control(
            t("share.days"),
            frozen_links.DAYS,
            default=frozen_links.USUAL_DAYS,
            required=True,
            format_func=lambda days: t("share.n_days", n=days),
            key="share-days",
        )
        st.caption(t("share.ends"))
    in_room = st.toggle(t("share.present"), value=presenting(), key="share-present")
    url = link(scope, frozen=kind == FROZEN, present=in_room)
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
    # A step of a meeting is told from the others by what it shows, not by its page.
    title = f"{shown.name() or t(f'{page}.title')}{t('shell.joiner')}{scope}"[:LONGEST_NAME]
    name = st.text_input(t("present.name"), title, max_chars=LONGEST_NAME, key="share-name")
    if not st.button(t("present.add"), key="share-keep"):
        return
    count = len(storyboard.steps())
    if count >= storyboards.MOST:
        st.warning(t("present.full", n=storyboards.MOST))
        return
    held = told(scope, frozen=frozen, present=True, whole=True)
    storyboard.add(name.strip() or title, page, held, scope)
    st.success(t("present.added", n=count + 1))


def _kinds() -> tuple[str, ...]:
    """Return what may be shared: who may not present passes on what was frozen for them."""
    who = account.current()
    may = who is not None and who.may("present")
    return (FOLLOWING, FROZEN) if may or st.session_state.get("v") else (FOLLOWING,)


def _code(scope: str) -> str:
    """Return the code of a frozen link to the version in view: the one in use, else a new one.

    One is handed out per version and time of validity in a session, however often it is looked at.
    """
    if st.session_state.get("v"):
        return str(st.session_state["v"])
    store, who = results.store(), account.require("present")
    days = int(st.session_state.get("share-days") or frozen_links.USUAL_DAYS)
    made: dict[tuple[str, int, int, str], str]
    made = st.session_state.setdefault("share-codes", {})
    asked = (str(store.folder), store.version, days, scope)
    if asked not in made:
        made[asked] = frozen_links.make(
            data_folder(), store.folder, store.version, scope, who.name, days
        )
        audit.note(data_folder(), "link_made", who=who.name, about=f"v{store.version} {scope}")
    return made[asked]


def told(scope: str, *, frozen: bool, present: bool, whole: bool = False) -> dict[str, str]:
    """Return what the link of this view holds; see `link` and `address.here`."""
    version = _code(scope) if frozen else ""
    return address.here(whole=whole, v=version, present="yes" if present else "no", step="")


def link(scope: str, *, frozen: bool, present: bool) -> str:
    """Return the address that restores this view.

    scope: in words, for the list of what was handed out. frozen: with the data version of this
    moment, so that its figures stay. present: as a room sees it.
    """
    held = told(scope, frozen=frozen, present=present)
    return (st.context.url or "") + (f"?{urlencode(held)}" if held else "")


def qr(text: str) -> str:
    """Return a QR code as SVG, dark on white whatever the colours of the page."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        scale=QR_SCALE, dark="#000000", light="#ffffff", omitsize=False
    )
    return drawn


def frozen(page: str) -> None:
    """Say that the view is frozen, at which version, and lead back to the newest data."""
    _ended(page)
    version = results.version_in_view()
    if not version:
        return
    held = {each.number: each for each in results.store().history()}
    told = held[version]
    when, message = beijing(told.time), plain(told.message)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="frozen"):
        said = t("share.frozen_at", version=version, time=when, message=message)
        st.markdown(said, width="content")
        if not presenting():
            _here(page, t("share.to_newest", version=max(held)), v="")


def _ended(page: str) -> None:
    """Say why a frozen link opens no more; the newest data stand below instead."""
    error = st.session_state.get("link_ended")
    if error is None:
        return
    # It is said on the page that the link led to, until another one is opened.
    if st.session_state.setdefault("link_ended_at", page) != page:
        del st.session_state["link_ended"], st.session_state["link_ended_at"]
        return
    now = t("share.live_instead", version=results.store().version)
    st.warning(f"**{tell(error.problem)}**\n\n{tell(error.next_step)}\n\n{now}")


def handed_out() -> None:
    """List the frozen links that were handed out, with the way to withdraw each."""
    folder = results.store().folder
    links = frozen_links.held(folder)
    if not links:
        return
    who = account.current()
    st.header(t("share.handed_out"), anchor=False)
    st.markdown(t("share.handed_out_said", n=len(links), open=sum(e.holds() for e in links)))
    for link in links[:MOST_LISTED]:
        with st.container(horizontal=True, vertical_alignment="center"):
            state = "withdrawn" if link.withdrawn else "open" if link.holds() else "ended"
            st.markdown(
                t(
                    f"share.link_{state}",
                    title=plain(link.title),
                    version=link.version,
                    by=plain(link.by) or t("share.local"),
                    made=day(pd.Timestamp(link.made, unit="s")),
                    until=day(pd.Timestamp(link.until, unit="s")),
                )
            )
            if state == "open" and who is not None and who.may("present"):
                st.button(
                    t("share.withdraw"), key=f"withdraw-{link.id}", on_click=_withdraw,
                    args=(link.id,),
                )  # fmt: skip
    if len(links) > MOST_LISTED:
        st.caption(t("share.more_links", n=len(links) - MOST_LISTED))


def _withdraw(link_id: str) -> None:
    who = account.require("present")
    frozen_links.withdraw(results.store().folder, link_id)
    audit.note(data_folder(), "link_withdrawn", who=who.name, about=link_id)


def way_out(page: str) -> None:
    """Lead out of the view for a room."""
    if presenting():
        storyboard.lead()
        _here(page, t("share.leave"), present="no", step="")


def _here(page: str, label: str, **changes: str) -> None:
    """Draw a link to this very view, some of its choices changed.

    A choice that is undone stands there blank: the browser keeps in its address what a link to the
    page that is open leaves out.
    """
    told = {**st.query_params.to_dict(), **changes}
    st.page_link(navigation.page(page), label=label, query_params=told, width="content")
