"""Waiting for a file to be read: rows and time left, and a button that stops it."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from html import escape
from typing import TypeVar

import streamlit as st

from data.watch import Watch, watched
from pages.shared import drafts
from pages.shared.screen import t
from pages.shared.words import plain

T = TypeVar("T")
_QUICK_SECONDS, _LOOK_SECONDS, _MINUTES_FROM = 1.0, 0.5, 90


def waited(work: Callable[[], T], name: str) -> T:
    """Do work that reads a file, tell how far it is, and end it when the person goes elsewhere.

    Any click starts the page anew: this run then ends at its next word, and with it the reading.
    """
    watch = Watch()

    def run() -> T:
        with watched(watch):
            return work()

    pool = ThreadPoolExecutor(1)
    try:
        doing = pool.submit(run)
        wait([doing], _QUICK_SECONDS)
        if not doing.done():
            _show(doing, watch, name)
        return doing.result()
    finally:
        watch.stop()
        pool.shutdown(wait=False)


def _show(doing: "Future[T]", watch: Watch, name: str) -> None:
    place = st.empty()
    with place.container(border=True):
        said, bar = st.empty(), st.empty()
        st.button(
            t("upload.stop"), on_click=drafts.put_aside, args=(t("upload.stopped", name=name),)
        )
    while not doing.done():
        said.markdown(_sentence(watch, plain(name)))
        bar.html(_bar(watch, _sentence(watch, name)))
        wait([doing], _LOOK_SECONDS)
    place.empty()


def _sentence(watch: Watch, name: str) -> str:
    left = watch.seconds_left()
    if left is None or watch.rows == watch.expected:
        seconds = f"{time.monotonic() - watch.started:.0f}"
        return t("upload.still_reading", name=name, seconds=seconds)
    rows, expected = f"{watch.rows:,}", f"{watch.expected:,}"
    unit, many = ("minutes", left / 60) if left > _MINUTES_FROM else ("seconds", left)
    soon = t(f"upload.left_{unit}", n=f"{many:.0f}")
    key = "upload.rows_checked" if watch.checking else "upload.rows_read"
    return t(key, name=name, rows=rows, expected=expected, left=soon)


def _bar(watch: Watch, sentence: str) -> str:
    """Return the browser's own bar; without a value it says that something goes on."""
    known = 0 < watch.rows < watch.expected
    value = f' value="{watch.rows / watch.expected:.3f}"' if known else ""
    return (
        f'<progress class="zx-progress" aria-label="{escape(sentence)}" max="1"{value}></progress>'
    )
