"""Facts beside satisfaction, and visits claimed beside visits remembered, in words and pictures."""

import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from metrics.assessment.cards import ROOT
from metrics.assessment.two_sides import CUT
from pages.shared import address, panels
from pages.shared.assessment import assessment_charts
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import few, figure, in_words, large, names_of, plain, sentences, t, tell

NAMED = 5
_CORNERS = ("felt", "unfelt", "check", "weak")


def draw(table: pd.DataFrame, scope: Scope) -> None:
    """Draw the townships by one block the reader chooses, or one township by all its blocks."""
    words = {ROOT: t("sides.total")} | {c.value: tell(c.label) for c in CODES["pair_dim"]}
    held = list(dict.fromkeys(table["block"]))
    if scope.township:
        rows = table[table["block"].ne(ROOT)]
        rows = rows.assign(name=[words[block] for block in rows["block"]])
        heading = t("assessment.block")
    else:
        block = ROOT
        if held:
            block = address.select("block", t("sides.block"), held, words.__getitem__)
        rows = table[table["block"].eq(block)]
        rows = rows.assign(name=names_of(rows))
        heading = t("sides.place")
    drawn = assessment_charts.facts_and_opinions(
        rows,
        cut=CUT,
        axes=(t("sides.facts_axis"), t("sides.satisfaction_axis")),
        corners={corner: t(f"sides.corner.{corner}") for corner in _CORNERS},
        large=large(),
    )
    panels.draw(_panel(rows, heading), scope, drawn if len(rows) else None)


def _panel(rows: pd.DataFrame, heading: str) -> Panel:
    table = rows.assign(
        interval=_intervals(rows),
        corner=[t(f"sides.corner.{quadrant}") for quadrant in rows["quadrant"]],
    )
    columns: Columns = {
        "name": (heading, None),
        "facts": (t("sides.facts"), "%.1f"),
        "satisfaction": (t("sides.satisfaction"), "%.1f"),
        "interval": (t("sides.interval"), None),
        "corner": (t("sides.quadrant"), None),
    }
    return worded("sides.title", _sentence(rows), table, columns, key="sides", cut=f"{CUT:.0f}")


def _intervals(rows: pd.DataFrame) -> list[str]:
    return [
        "" if pd.isna(low) else t("sides.from_to", low=figure(low), high=figure(high))
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]


def _sentence(rows: pd.DataFrame) -> str:
    if rows.empty:
        return t("sides.none")
    groups = {quadrant: list(part["name"]) for quadrant, part in rows.groupby("quadrant")}
    said = [
        t(f"sides.{quadrant}_sentence", n=len(groups[quadrant]), names=_some(groups[quadrant]))
        for quadrant in ("unfelt", "check", "weak")
        if quadrant in groups
    ]
    counts = {quadrant: len(groups.get(quadrant, [])) for quadrant in ("felt", "open")}
    return sentences([*said, t("sides.rest_sentence", **counts)])


def _some(names: list[str]) -> str:
    return plain(few(names, NAMED))


def visits(table: pd.DataFrame, scope: Scope) -> None:
    """Draw visits claimed beside visits remembered."""
    rows = table.assign(name=names_of(table))
    drawn = None
    if len(rows) > 1 and rows["verdict"].ne("").any():  # with one side alone nothing is compared
        drawn = assessment_charts.claims(
            rows,
            axis=t("sides.visits_axis"),
            words=(t("sides.claimed_word"), t("sides.remembered_word")),
            large=large(),
        )
    panels.draw(_visits_panel(rows), scope, drawn)


def _visits_panel(rows: pd.DataFrame) -> Panel:
    table = rows.assign(
        interval=_intervals(rows),
        word=in_words("sides.claims.", rows["verdict"]),
        mark=in_words("satisfaction.note_", rows["note"]),
    )
    columns: Columns = {
        "name": (t("shell.unit"), None),
        "claimed": (t("sides.claimed"), "%.1f"),
        "remembered": (t("sides.remembered"), "%.1f"),
        "interval": (t("sides.visits_interval"), None),
        "word": (t("sides.verdict"), None),
        "households": (t("sides.households"), "%,.0f"),
        "n": (t("sides.respondents"), "%,.0f"),
        "mark": (t("assessment.note"), None),
    }
    return worded("sides.visits", _visits_sentence(rows), table, columns, key="visits")


def _visits_sentence(rows: pd.DataFrame) -> str:
    told = rows[rows["level"].eq("township") & rows["verdict"].ne("")]
    if told.empty:
        return t("sides.visits_none")
    if len(rows) == 1:
        row = told.iloc[0]
        ends = {c: figure(row[c]) for c in ("claimed", "remembered", "low", "high")}
        return t("sides.visits_one", verdict=t(f"sides.claims.{row['verdict']}"), **ends)
    more = told[told["verdict"].eq("claimed_more")]
    if more.empty:
        return t("sides.visits_even", n=len(told))
    more = more.assign(gap=more["claimed"] - more["remembered"])
    names = _some(list(more.sort_values("gap", ascending=False)["name"]))
    return t("sides.visits_sentence", n=len(told), more=len(more), names=names)
