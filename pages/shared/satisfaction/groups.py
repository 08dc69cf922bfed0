"""Groups of people on the satisfaction page: who is less satisfied, and by how much."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from data.contracts import CODES
from data.contracts import table as contract
from data.scope import Scope
from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.groups import DIMENSIONS, UNTOLD, Groups
from pages.shared import panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import survey_charts
from pages.shared.satisfaction.headline import of_place
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import above, facts_of, nothing_shown, whole_word
from pages.shared.screen import place_of
from pages.shared.words import figure, in_words, large, plain, t, tell


def draw(view: View) -> None:
    """Draw the groups of the place in view and the gaps between them."""
    found = results.get("satisfaction.groups.by_group", view.scope, **view.chosen)
    rows = _rows(found.table)
    panels.draw(_panel(view, found, rows), view.scope, _picture(view, rows))
    panels.draw(_gaps_panel(view, found), view.scope)


def group_word(dimension: str, level: str) -> str:
    """Name a group of people."""
    if level == UNTOLD or dimension == "has_disability" or level == "under_60":
        return t(f"groups.{dimension if level in ('true', 'false') else 'of'}_{level or 'untold'}")
    return next((tell(code.label) for code in CODES[dimension] if code.value == level), level)


def dimension_word(dimension: str) -> str:
    """Name a grouping."""
    if dimension == "has_disability":
        return t("groups.disability")
    return tell(contract("survey_respondents").column(dimension).label)


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    pairs = list(zip(table["dimension"], table["level"], strict=True))
    return table.assign(
        grouping=[dimension_word(dimension) for dimension, _ in pairs],
        name=[group_word(*pair) for pair in pairs],
        reason=in_words("satisfaction.note_", table["note"]),
    )


def _panel(view: View, found: Groups, rows: pd.DataFrame) -> Panel:
    return Panel(
        key="satisfaction-groups",
        title=t("groups.title", item=view.item["name"]),
        sentence=_sentence(view, found),
        table=rows,
        columns={
            "grouping": (t("groups.grouping"), None),
            "name": (t("groups.group"), None),
            "estimate": (t("satisfaction.score"), "%.1f"),
            "low": (t("satisfaction.low"), "%.1f"),
            "high": (t("satisfaction.high"), "%.1f"),
            "n": (t("satisfaction.base"), "%,.0f"),
            "se": (t("satisfaction.se"), "%.2f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("groups.meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey),
        above=above(view.survey),
    )


def _sentence(view: View, found: Groups) -> str:
    s7 = found.gaps[found.gaps["gap"] == "S7"]
    if not found.table["shown"].any():
        said = t("groups.none_shown", base=minimum_base(results.store()))
        return nothing_shown(found.table["note"], said)
    if s7.empty:
        return t("groups.no_s7", base=minimum_base(results.store()))
    row = s7.iloc[0]
    if pd.isna(row["low"]):
        return t("groups.no_error")
    key, ends = "s7_clear" if row["beyond"] else "s7_none", (row["low"], row["high"])
    if row["estimate"] < 0:
        key, ends = "s7_above", (-row["high"], -row["low"])
    return t(
        f"groups.{key}",
        place=_place(view.scope),
        group=group_word(row["dimension"], row["lower"]),
        gap=figure(abs(row["estimate"])),
        low=figure(ends[0]),
        high=figure(ends[1]),
    )


def _place(scope: Scope) -> str:
    """Name the place in view, as it stands inside a sentence."""
    place = place_of(scope)
    return plain(tell(place)) if place and scope.township else whole_word(scope)


def _picture(view: View, rows: pd.DataFrame) -> go.Figure | None:
    """Draw the groups that are shown beside a line for all people of the place."""
    shown = rows[rows["shown"]]
    if shown.empty:
        return None
    units = results.get("satisfaction.figures.by_unit", view.everywhere, **view.chosen)
    everyone, _ = of_place(units, view.scope)
    parts: list[pd.DataFrame] = []
    for dimension in DIMENSIONS:
        part = shown[shown["dimension"] == dimension]
        if len(part):
            head = pd.DataFrame({"name": [dimension_word(dimension)], "estimate": [float("nan")]})
            parts += [head, part.assign(mark="same")]
    return survey_charts.intervals(
        pd.concat(parts, ignore_index=True),
        axis=t("groups.axis"),
        words={},
        whole=None if everyone is None else float(everyone["estimate"]),
        whole_word=_place(view.scope),
        large=large(),
    )


def _gaps_panel(view: View, found: Groups) -> Panel:
    gaps = found.gaps
    words = [_gap_words(row) for row in gaps.to_dict("records")]
    table = gaps.assign(
        what=[each[0] for each in words],
        between=[each[1] for each in words],
        reason=in_words("survey.note.", gaps["note"]),
    )
    return Panel(
        key="satisfaction-gaps",
        title=t("groups.gaps"),
        sentence=_gap_sentence(gaps),
        table=table,
        columns={
            "what": (t("groups.gap"), None),
            "between": (t("groups.between"), None),
            "estimate": (t("groups.points"), "%.1f"),
            "low": (t("satisfaction.low"), "%.1f"),
            "high": (t("satisfaction.high"), "%.1f"),
            "p": (t("groups.p"), "%.3f"),
            "p_adjusted": (t("groups.p_adjusted"), "%.3f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("groups.gap_meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("groups.gap_formula")),
        above=above(view.survey),
    )


def _gap_words(row: dict[Any, Any]) -> tuple[str, str]:
    lower = group_word(row["dimension"], row["lower"])
    if row["gap"] == "S7":
        return t("groups.s7"), t("groups.pair", higher=t("groups.everyone"), lower=lower)
    higher = group_word(row["dimension"], row["higher"])
    return dimension_word(row["dimension"]), t("groups.pair", higher=higher, lower=lower)


def _gap_sentence(gaps: pd.DataFrame) -> str:
    ranges = gaps[(gaps["gap"] == "range") & gaps["low"].notna()]
    if ranges.empty:
        return t("groups.no_gap")
    clear = ranges[ranges["beyond"]].sort_values("estimate", ascending=False)
    if clear.empty:
        # Above, a group may be clearly below the total: another question, with another error.
        other = gaps.loc[gaps["gap"] == "S7", "beyond"].eq(True).any()
        return t("groups.no_clear_gap_but" if other else "groups.no_clear_gap", n=len(ranges))
    row = clear.iloc[0]
    return t(
        "groups.widest",
        grouping=dimension_word(row["dimension"]),
        higher=group_word(row["dimension"], row["higher"]),
        lower=group_word(row["dimension"], row["lower"]),
        gap=figure(row["estimate"]),
        n=len(clear),
        all=len(ranges),
    )
