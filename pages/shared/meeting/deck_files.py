"""The kept views as files to take along: slides, and one page that needs nothing.

They are made of what every view showed when it was last seen (`shown`), so that no file tells more
than the screen did.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data import clock, storyboards
from data.forms.fonts import chinese_font
from data.storyboards import Step
from data.words import Language
from metrics.disclosure.base_rule import minimum_base
from metrics.exports.decks import Deck, Slide
from metrics.exports.slide_files import pptx
from pages.shared import deck_page, results
from pages.shared.coverage import map_files
from pages.shared.deck_page import Leaf
from pages.shared.downloads import noted
from pages.shared.meeting import figure_series
from pages.shared.meeting.report_files import SLIDES
from pages.shared.words import day, file_name, language, listed, plain, t

MOST_PARTS = 8
Kept = tuple[Step, dict[str, Any]]
Words = Mapping[str, str]


def offer(steps: Sequence[Step]) -> None:
    """Offer the files, and say which views are not in them or stand at an earlier version."""
    store = results.store()
    base = minimum_base(store)
    seen = [(step, storyboards.shown(store.folder, step)) for step in steps]
    # What was shown under a smaller base may have to be hidden now.
    known = [(step, held) for step, held in seen if held and held["base"] >= base]
    ready = [(step, {**held, "foot": _foot(held)}) for step, held in known]
    missing = [step for step, held in seen if not held or held["base"] < base]
    if ready:
        words = _words()
        with st.container(horizontal=True):
            _button("pptx", lambda: slides(ready, words), SLIDES)
            _button("html", lambda: one_page(ready, words), "text/html")
        st.caption(t("present.files_hint", n=MOST_PARTS))
    if missing:
        st.caption(t("present.not_seen", names=listed(plain(each.title) for each in missing)))
    old = [s for s, held in ready if not s.told.get("v") and held["version"] != store.version]
    if old:
        st.caption(t("present.older", names=listed(plain(each.title) for each in old)))


def _button(ending: str, make: Any, kind: str) -> None:
    name = f"{file_name(t('present.deck'), day(clock.today()))}.{ending}"
    st.download_button(
        t(f"present.as_{ending}"),
        noted(name, make),
        name,
        kind,
        key=f"deck-{ending}",
        on_click="ignore",
        icon=":material/download:",
    )


def _words() -> Words:
    """Return the words of the files; they are made later, when nobody can be asked any more."""
    names = ("deck", "more_rows", "page_back", "page_next", "page_notes")
    told = {name: t(f"present.{name}", n="{n}") for name in names}
    return {**told, "day": day(clock.today()), "language": language()}


def slides(kept: Sequence[Kept], words: Words) -> bytes:
    """Return the views as slides; words: of the language they were offered in."""
    made = [slide for step, held in kept for slide in _slides(step, held)]
    lines = [words["day"], *(f"{n}. {step.title}" for n, (step, _) in enumerate(kept, 1))]
    mark = next((held["mark"] for _, held in kept if held["mark"]), "")
    spoken: Language = "zh" if words["language"] == "zh" else "en"
    return pptx(Deck(words["deck"], lines, mark, made, spoken, words["more_rows"]))


def _foot(held: dict[str, Any]) -> str:
    """Return what stands on every slide of a view: scope, data version, day, base rule."""
    seen = day(date.fromisoformat(held["day"]))
    told = t("reports.version", version=held["version"], day=seen)
    return " · ".join((held["scope"], told, t("reports.base", base=held["base"])))


def _slides(step: Step, held: dict[str, Any]) -> list[Slide]:
    found = [
        _map_slide(step, held, part) if "map" in part else _panel_slide(step, held, part)
        for part in held["parts"][:MOST_PARTS]
    ]
    said = " ".join(held["said"])
    if said and found and not found[0].sentence:
        first = found[0]
        return [Slide(**{**vars(first), "sentence": said}), *found[1:]]
    if said or not found:
        words = Slide(
            step.title, held["page"], "", held["foot"], facts=held["said"], note=step.note
        )
        found.insert(0, words)
    return found


def _panel_slide(step: Step, held: dict[str, Any], part: dict[str, Any]) -> Slide:
    drawn = None
    if part["figure"]:
        drawn = figure_series.chart_of(go.Figure(part["figure"]))
    return Slide(
        step.title, part["title"], part["sentence"], held["foot"], part["headings"],
        part["figures"], part["rows"], [part["facts"]], step.note, drawn,
    )  # fmt: skip


def _map_slide(step: Step, held: dict[str, Any], part: dict[str, Any]) -> Slide:
    sheet = _sheet(part)
    title, *lines = sheet.lines
    about = {"view": step.title, "title": title, "sentence": "", "foot": held["foot"]}
    if chinese_font():
        return Slide(**about, facts=lines, note=step.note, picture=sheet.png("screen"))
    rows = [[_cell(value) for value in row.values()] for row in part["table"]]
    names = list(part["columns"].values())
    return Slide(**about, headings=names, figures=[False] * len(names), rows=rows, facts=lines)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _sheet(part: dict[str, Any]) -> map_files.Sheet:
    """Return a map that was noted, as its files have it."""
    table = pd.DataFrame(part["table"], columns=list(part["columns"]))
    at = tuple(part["at"]) if part["at"] else None
    return map_files.Sheet(part["map"], tuple(part["lines"]), table, part["columns"], at)


def one_page(kept: Sequence[Kept], words: Words) -> bytes:
    """Return the views as one page; words: of the language they were offered in."""
    leaves = [leaf for n, (step, held) in enumerate(kept) for leaf in _leaves(step, held, n)]
    mark = next((held["mark"] for _, held in kept if held["mark"]), "")
    lang = "zh-CN" if words["language"] == "zh" else "en"
    return deck_page.page(words["deck"], lang, leaves, words, mark)


def _leaves(step: Step, held: dict[str, Any], number: int) -> list[Leaf]:
    foot, made = held["foot"], []
    for place, part in enumerate(held["parts"][:MOST_PARTS]):
        name, said = f"{number}-{place}", held["said"] if place == 0 else []
        if "map" in part:
            sheet = _sheet(part)
            leaf = Leaf(step.title, sheet.lines[0], said, foot, step.note)
            leaf.map(sheet.html(), name)
            leaf.facts(sheet.lines[1:])
        else:
            leaf = Leaf(step.title, part["title"], [*said, part["sentence"]], foot, step.note)
            if part["figure"]:
                leaf.figure(part["figure"], name)
            leaf.table(part["headings"], part["rows"], part["figures"])
            leaf.facts([part["facts"]])
        made.append(leaf)
    return made or [Leaf(step.title, held["page"], held["said"], foot, step.note)]
