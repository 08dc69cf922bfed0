"""The only caches: opened stores, and answers by (metric, scope, store, version, arguments)."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st

from data import store as stores
from data.access import frozen_links
from data.access.accounts import Account
from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics import areas, sample_county
from pages.shared import account
from pages.shared.words import t

SETTINGS_HELD = 32
ANSWERS_HELD = 256
# What was asked before and is, for all that is known, held: a spinner would only flicker.
_worked_out: set[tuple[Any, ...]] = set()


class _Visitors:
    """Those who ask just now: what is worked out ahead stands back for them."""

    # Between two answers a page is drawn; who asks no more after this reads.
    quiet_seconds = 2.0

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        self._heard = 0.0

    @contextmanager
    def waits(self) -> Iterator[None]:
        """Note that the visitor of this thread waits for an answer."""
        self._waiting.add(threading.get_ident())
        try:
            yield
        finally:
            self._waiting.discard(threading.get_ident())
            self.ask()

    def ask(self) -> None:
        """Note that somebody asked."""
        self._heard = time.monotonic()

    def let_pass(self) -> None:
        """Return when nobody waits, and nobody asked for a while."""
        while self._waiting or time.monotonic() - self._heard < self.quiet_seconds:
            time.sleep(self.quiet_seconds / 20)


visitors = _Visitors()


def folders() -> dict[str, Path]:
    """Return the stores of this installation: 'own' and 'sample', those that exist."""
    root = stores.data_folder()
    both = {"own": root, "sample": root / stores.SAMPLE_FOLDER}
    return {name: folder for name, folder in both.items() if stores.exists(folder)}


@st.cache_resource(max_entries=4, show_spinner=False, on_release=Store.close)
def _open(folder: str) -> Store:
    return Store.open(Path(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _make_sample(root: str) -> None:
    """Make the fictional county, once however many browsers come at the same moment."""
    sample_county.ensure(Path(root), lambda _: None)


def ensure_data() -> None:
    """See to it that there is something to look at: the fictional county on the first start."""
    if not folders():
        with st.spinner(t("shell.making_sample")):
            _make_sample(str(stores.data_folder()))


def open_store(name: str) -> Store:
    """Open one of the installation's stores; 'own' is made on first use."""
    root = stores.data_folder()
    return _open(str(root if name == "own" else root / stores.SAMPLE_FOLDER))


@st.cache_resource(max_entries=8, show_spinner=False)
def _past(folder: str, version: int) -> Store:
    return _open(folder).at(version)


def _at(folder: str, version: int) -> Store:
    """Return a store as a version left it; the newest is the store itself."""
    opened = _open(folder)
    return opened if opened.version == version else _past(folder, version)


def frozen(name: str, version: int) -> Store:
    """Return one of the installation's stores as a version left it.

    Raises DataError `unknown_version`, `version_too_old`.
    """
    return _at(str(open_store(name).folder), version)


def version_of(code: str) -> int | None:
    """Return the version that the v of a link asks for, None where there is none such.

    A number alone opens it to whoever may freeze a view; others need a link that was handed out.
    Raises DataError `link_unknown`, `link_expired`, `link_withdrawn`.
    """
    name = st.session_state["store"]
    if code.count(".") == 2:
        number = frozen_links.version_of(stores.data_folder(), open_store(name).folder, code)
    elif code.isascii() and code.isdigit():
        who = account.current()
        if who is None or not who.may("present"):
            raise DataError("link_unknown")
        number = int(code[:9])
    else:
        return None
    try:
        return frozen(name, number).version
    except DataError:
        return None


def version_in_view() -> int | None:
    """Return the version the view is frozen at, None for the newest data."""
    code = st.session_state.get("v")
    return int(str(code).partition(".")[0]) if code else None


def store() -> Store:
    """Return the store this session looks at, as the version it is frozen at left it.

    It is in the hands of whoever is at the screen; what is frozen is in nobody's. An account
    limited to an area holds it closed: figures come from `get` alone.
    """
    who = account.require("read")
    held = _held(who)
    return held.closed_to(who) if who.area else held


def _held(who: Account) -> Store:
    name, version = st.session_state["store"], version_in_view()
    return frozen(name, version) if version else open_store(name).acting(who)


def for_appeal(township: str) -> Store:
    """Return the store in the hands of whoever may contest a value of a township.

    Raises DataError `not_allowed`, `outside_area`, `version_is_past`.
    """
    who = account.require("contest")
    areas.admit(who, "duty.appeals.appeals", Scope(township=township))
    name, version = st.session_state["store"], version_in_view()
    return frozen(name, version) if version else open_store(name).acting(who, "contest")


@st.cache_data(max_entries=SETTINGS_HELD, show_spinner=False)
def _settings(folder: str, version: int) -> dict[str, str]:
    return _at(folder, version).settings()


def settings() -> Mapping[str, str]:
    """Return the settings of the store this session looks at."""
    held = _held(account.require("read"))
    return _settings(str(held.folder), held.version)


def is_fictional() -> bool:
    """Say whether the open data are made up; every page and export repeats it."""
    return settings().get("fictional") == "true"


@st.cache_data(max_entries=ANSWERS_HELD, show_spinner=False)
def _answer(
    name: str, scope: Scope, folder: str, version: int, arguments: tuple[tuple[str, Any], ...]
) -> Any:
    # The version is part of the key: a publication makes every earlier answer an old one.
    module, _, function = name.rpartition(".")
    metric = getattr(import_module(f"metrics.{module}"), function)
    return metric(_at(folder, version), scope, **dict(arguments))


def get(name: str, scope: Scope, **arguments: Any) -> Any:
    """Return what `metrics.<room>.<module>.<function>` answers for a scope, once per data version.

    name: 'room.module.function', written in the code and never taken from a reader. The function is
    called with the open store, the scope and the arguments (which must be hashable). Raises
    DataError `outside_area` for what an account limited to an area may not have.
    """
    who = account.require("read")
    areas.admit(who, name, scope)
    return areas.parted(who, name, scope, _get(_held(who), name, scope, arguments))


def _get(held: Store, name: str, scope: Scope, arguments: Mapping[str, Any]) -> Any:
    asked = (name, scope, str(held.folder), held.version, tuple(sorted(arguments.items())))
    # A spinner is sent to the browser even where nothing is waited for: thirty times a page.
    visitors.ask()
    if asked in _worked_out:
        return _answer(*asked)
    with visitors.waits(), st.spinner(t("shell.computing")):
        answer = _answer(*asked)
    if len(_worked_out) >= ANSWERS_HELD:
        _worked_out.clear()
    _worked_out.add(asked)
    return answer


class OutdatedError(Exception):
    """A newer version was published while answers of this one were worked out ahead."""


def ahead(name: str, version: int) -> Callable[..., Any]:
    """Return what answers as `get` does, for nobody yet: the answer waits for who asks first.

    name: of one of the installation's stores. Raises OutdatedError once another is the newest.
    """
    store_ahead = open_store(name)

    def answer(metric: str, scope: Scope, **arguments: Any) -> Any:
        visitors.let_pass()
        if store_ahead.version != version:
            raise OutdatedError
        asked = (metric, scope, str(store_ahead.folder), version, tuple(sorted(arguments.items())))
        return _answer(*asked)

    return answer
