"""What a page shows, noted while it is drawn, so that a kept view can be taken along as a file.

Only what stands on the screen is noted, after the base rule: nothing here asks for figures. It is
put into words and digits when a view is kept, which most are not.
"""

import json
import math
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data import clock, storyboards
from data.storyboards import Step
from metrics.disclosure.base_rule import minimum_base
from metrics.exports.reports import Section, bare
from pages.shared import account, charts, results
from pages.shared.words import language, t

_HELD = "shown"


def begin() -> None:
    """Forget what an earlier page showed."""
    st.session_state[_HELD] = {"said": [], "parts": {}}


def call(name: str) -> None:
    """Give the view a name of its own, where the page's says too little of what is looked at."""
    _held()["name"] = name


def name() -> str | None:
    """Return the name that the page gave the view."""
    called: str | None = _held().get("name")
    return called


def say(words: str, place: Any = st) -> None:
    """Write a sentence of the page and note it."""
    place.markdown(words)
    _held()["said"].append(bare(words))


def metric(name: str, value: str) -> None:
    """Show a figure and note it."""
    st.metric(name, value)
    _held()["said"].append(f"{name}{t('shell.colon')}{value}")


@contextmanager
def together(key: str, title: str) -> Iterator[None]:
    """Note what is said inside under a heading of its own."""
    said = _held()["said"]
    first = len(said)
    yield
    words = "\n".join(said[first:])
    del said[first:]
    note_panel(key, Section(title, words, pd.DataFrame(), {}), None)


def note_panel(key: str, section: Section, figure: go.Figure | None) -> None:
    """Note a panel: its sentence, its table as it is read, its picture on a light ground."""
    _held()["parts"][key] = partial(_written, section, figure)


def _written(section: Section, figure: go.Figure | None) -> dict[str, Any]:
    drawn = figure and charts.inked(figure, dark=False).to_json()
    return {
        "title": section.title,
        "sentence": section.sentence,
        "facts": section.note,
        "headings": [heading for heading, _ in section.columns.values()],
        "figures": [form is not None for _, form in section.columns.values()],
        "rows": section.rows() if len(section.table) else [],
        "figure": drawn and _plain(json.loads(drawn)),
    }


def _plain(held: Any) -> Any:
    """Return a figure's JSON with its packed arrays as lists, which slides read as well."""
    if isinstance(held, dict) and "bdata" in held:
        packed = np.frombuffer(b64decode(held["bdata"]), held["dtype"])
        shape = [int(side) for side in str(held.get("shape", len(packed))).split(",")]
        return _plain(packed.reshape(shape).tolist())
    if isinstance(held, dict):
        return {name: _plain(part) for name, part in held.items()}
    if isinstance(held, list):
        return [_plain(part) for part in held]
    return None if isinstance(held, float) and not math.isfinite(held) else held


def note_map(key: str, make: Callable[[], dict[str, Any]]) -> None:
    """Note a map; make: see `map_files.Sheet.kept`."""
    _held()["parts"][key] = make


def _held() -> dict[str, Any]:
    """Return what is said, and parts that are written out only when a view is kept."""
    held: dict[str, Any] = st.session_state.setdefault(_HELD, {"said": [], "parts": {}})
    return held


def content(page: str, scope: str) -> dict[str, Any]:
    """Return what the page showed: with its scope, data version, day, base rule and mark."""
    store = results.store()
    return {
        "page": t(f"{page}.title"),
        "scope": scope,
        "version": store.version,
        "day": clock.today().isoformat(),
        "base": minimum_base(store),
        "language": language(),
        "mark": t("shell.fictional") if results.is_fictional() else "",
        "said": _held()["said"],
        "parts": [written() for written in _held()["parts"].values()],
    }


def keep(step: Step, page: str, scope: str) -> None:
    """Keep what the page showed beside a step of the presentation, where it says anything new."""
    who = account.current()
    if who is None or not who.may("present"):
        return
    folder, new = results.store().folder, content(page, scope)
    held = storyboards.shown(folder, step)
    # The day alone is no news: the figures of a version stay.
    if held is None or {**held, "day": ""} != {**_as_kept(new), "day": ""}:
        storyboards.note_shown(folder, step, new)


def _as_kept(new: dict[str, Any]) -> dict[str, Any]:
    """Return content as it comes back from a file."""
    kept: dict[str, Any] = json.loads(json.dumps(new))
    return kept
