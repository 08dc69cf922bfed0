"""Change between two waves on the satisfaction page, corrected for many comparisons."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.figures import is_whole
from pages.shared import address, panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import survey_charts
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import NAMED, above, facts_of, nothing_shown, whole_word
from pages.shared.words import (
    few,
    figure,
    in_words,
    initial,
    large,
    level,
    name_of,
    names_of,
    plain,
    t,
    title_of,
    units_word,
)  # fmt: skip

METHODS = ("holm", "bh")
ACROSS = ("townships", "items")


def draw(view: View) -> None:
    """Draw the change since an earlier wave, by township or by item."""
    before = results.get("satisfaction.waves.earlier", view.scope, **view.chosen)
    if before.empty:
        st.info(t("waves.none"))
        return
    titles = {str(row["survey_id"]): title_of(row) for row in before.to_dict("records")}
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        since = address.select("since", t("waves.since"), list(titles), titles.__getitem__)
    with right:
        method = address.select("method", t("waves.method"), METHODS, lambda m: t(f"waves.{m}"))
    address.settle("across", ACROSS, ACROSS[0])
    words = {each: t(f"waves.by_{each}", units=units_word()) for each in ACROSS}
    across = address.segments(
        "across", t("waves.across"), ACROSS, words.__getitem__, width="content"
    )
    asked = {**view.chosen, "since": since}
    if not results.get("satisfaction.waves.same_questions", view.scope, **asked):
        st.warning(t("waves.other_questions", item=view.item["name"]))
    if across == "items":
        _by_item(view, since, method)
    else:
        _by_unit(view, since, method)


def _by_unit(view: View, since: str, method: str) -> None:
    """Draw the townships, or counties; one in view stands among all others: p stays the same."""
    arguments = {**view.chosen, "since": since, "method": method, "level": level()}
    table = results.get("satisfaction.waves.changes", view.everywhere, **arguments)
    rows = _rows(table, [initial(name) for name in names_of(table)])
    whole = rows[is_whole(rows)]
    towns = rows[~is_whole(rows)]
    said = " ".join([_whole_sentence(view, whole.iloc[0])] if len(whole) else [])
    sentence = t("waves.joined", whole=said, towns=_family(towns, "units", method))
    _draw(view, "units", view.item["name"], sentence, rows, t("shell.unit"))


def _by_item(view: View, since: str, method: str) -> None:
    arguments = {"survey_id": view.survey["survey_id"], "since": since, "method": method}
    table = results.get("satisfaction.waves.by_item", view.scope, **arguments)
    names = [f"{item} {t(f'survey.index.{item}')}" for item in table["item"]]
    rows = _rows(table, names)
    place = name_of(_unit(view)) if view.scope.township else whole_word(view.scope)
    sentence = _family(rows, "items", method)
    _draw(view, "items", place, sentence, rows, t("drivers.index"))


def _unit(view: View) -> Mapping[str, object]:
    units = results.get("units.all_units", view.everywhere)
    row: Mapping[str, object] = units[units["unit_code"] == view.scope.township].iloc[0]
    return row


def _rows(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    mark = pd.Series("same", index=table.index)
    mark[table["beyond"] & (table["estimate"] > 0)] = "up"
    mark[table["beyond"] & (table["estimate"] < 0)] = "down"
    return table.assign(
        name=names,
        mark=mark,
        verdict=[
            t(f"waves.mark_{each}") if shown else ""
            for each, shown in zip(mark, table["shown"], strict=True)
        ],
        reason=in_words("satisfaction.note_", table["note"]),
    )


def _whole_sentence(view: View, row: Mapping[str, object]) -> str:
    if not row["shown"]:
        return t("waves.whole_hidden", place=whole_word(view.scope))
    return t(
        f"waves.whole_{row['mark']}",
        place=whole_word(view.scope),
        earlier=figure(row["earlier"]),
        later=figure(row["later"]),
        change=f"{row['estimate']:+.1f}",
        low=f"{row['low']:+.1f}",
        high=f"{row['high']:+.1f}",
    )


def _family(rows: pd.DataFrame, what: str, method: str) -> str:
    """Say how many of the compared changed beyond noise, and how many seemed to."""
    shown = rows[rows["shown"]]
    if shown.empty:
        said = t("waves.none_shown", base=minimum_base(results.store()))
        return nothing_shown(rows["note"], said)
    raw = int((shown["p"] < 0.05).sum())
    numbers = {"n": len(shown), "raw": raw, "method": t(f"waves.{method}")}
    if what == "units":
        numbers["units"] = units_word()
    moved = shown[shown["beyond"]]
    if moved.empty:
        return t(f"waves.{what}_none", **numbers)
    names = few([plain(name) for name in moved["name"]], NAMED)
    return t(f"waves.{what}_some", moved=len(moved), names=names, **numbers)


def _draw(
    view: View, what: str, subject: str, sentence: str, rows: pd.DataFrame, heading: str
) -> None:
    panel = Panel(
        key=f"satisfaction-waves-{what}",
        title=t(f"waves.title_{what}", subject=subject),
        sentence=sentence,
        table=rows,
        columns={
            "name": (heading, None),
            "earlier": (t("waves.earlier"), "%.1f"),
            "later": (t("waves.later"), "%.1f"),
            "estimate": (t("waves.change"), "%+.1f"),
            "low": (t("satisfaction.low"), "%+.1f"),
            "high": (t("satisfaction.high"), "%+.1f"),
            "p": (t("waves.p"), "%.3f"),
            "p_adjusted": (t("waves.p_adjusted"), "%.3f"),
            "verdict": (t("waves.verdict"), None),
            "n_earlier": (t("waves.n_earlier"), "%,.0f"),
            "n_later": (t("waves.n_later"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("waves.meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("waves.formula")),
        above=above(view.survey),
    )
    panels.draw(panel, view.everywhere if what == "units" else view.scope, _picture(rows))


def _picture(rows: pd.DataFrame) -> go.Figure | None:
    shown = rows[rows["shown"]]
    if shown.empty:
        return None
    first = is_whole(shown) if "unit_code" in shown else pd.Series(False, shown.index)
    towns = shown[~first].sort_values("estimate", ascending=False, kind="stable")
    return survey_charts.intervals(
        pd.concat([shown[first], towns]),
        axis=t("waves.axis"),
        words={mark: t(f"waves.mark_{mark}") for mark in survey_charts.MARKS},
        zero=True,
        large=large(),
    )
