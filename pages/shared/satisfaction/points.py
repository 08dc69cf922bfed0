"""Other ways of scoring on the satisfaction page: what they give, and which bands would change."""

import pandas as pd
import streamlit as st

from data.answer_points import ADOPTABLE, POINTS, SHARES
from data.scope import Scope
from metrics.decisions.scoring_ways import Scored, adopt
from metrics.satisfaction.figures import is_whole
from pages.shared import address, panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import effect, scoring, survey_charts
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import NAMED, facts_of, whole_word
from pages.shared.words import figure, in_words, initial, large, listed, names_of, plain, t

_MARKS = {"above": "up", "same": "same", "below": "down", "": "same"}


def draw(view: View) -> None:
    """Let the reader choose a way of scoring; show it beside the one in force."""
    others = tuple(way for way in POINTS if way != scoring.in_force(view.survey))
    address.settle("points", others, others[0])
    way = address.segments(
        "points", t("points.choose"), others, lambda each: t(f"points.way_{each}"), width="content"
    )
    found: Scored = results.get(
        "decisions.scoring_ways.compare", view.everywhere, **view.chosen, points=way
    )
    rows = found.units.assign(
        name=[initial(name) for name in names_of(found.units)],
        mark=[_MARKS[each] for each in found.units["standing"]],
        said=[_word(each) for each in found.units["standing"]],
        said_default=[_word(each) for each in found.units["standing_default"]],
        reason=in_words("satisfaction.note_", found.units["note"]),
    )
    shown = rows[rows["shown"]].sort_values("estimate", ascending=False, kind="stable")
    chart = None
    if len(shown):
        chart = survey_charts.intervals(
            shown,
            axis=t("points.axis_share" if way in SHARES else f"points.axis_{way}"),
            words={_MARKS[each]: _word(each) for each in ("above", "same", "below")},
            large=large(),
        )
    panels.draw(_panel(view, way, rows), view.everywhere, chart)
    effect.bands(found.scored, found.bands)
    _decide(view, way)


def _decide(view: View, way: str) -> None:
    """Let the county adopt a way of scoring from a year on, or return to the default."""
    counties = results.get("units.counties", Scope())["unit_code"]
    county = view.scope.county or (str(counties.iloc[0]) if len(counties) == 1 else None)
    st.header(t("points.decide"), anchor=False)
    st.markdown(plain(scoring.said(view.survey)) or t("points.undecided"))
    if way not in ADOPTABLE or county is None:
        st.markdown(t("points.cannot_net" if way not in ADOPTABLE else "points.cannot_everywhere"))
        return
    held = int(pd.Timestamp(view.survey["start_on"]).year)
    since = view.survey["scale"].since or held
    years = sorted({since, held, held + 1})
    year = st.selectbox(
        t("points.from_year"),
        years,
        index=years.index(since),
        key=f"points-from-{view.survey['survey_id']}",
        help=t("points.from_help"),
    )
    signed = effect.sign("points", t("points.adopt", way=t(f"points.way_{way}")))
    if signed:
        store = results.store()
        version = adopt(store, county, way, int(year), author=signed.author, reason=signed.reason)
        effect.done(version)


def _word(standing: str) -> str:
    return t(f"satisfaction.legend_{standing}") if standing else ""


def _panel(view: View, way: str, rows: pd.DataFrame) -> Panel:
    unit = t("points.percent" if way in SHARES else "points.points")
    return Panel(
        key=f"satisfaction-points-{way}",
        title=t("points.title", way=t(f"points.way_{way}"), item=view.item["name"]),
        sentence=_sentence(view, rows, unit),
        table=rows,
        columns={
            "name": (t("shell.unit"), None),
            "default": (t("points.default"), "%.1f"),
            "estimate": (t("points.other", unit=unit), "%.1f"),
            "low": (t("satisfaction.low"), "%.1f"),
            "high": (t("satisfaction.high"), "%.1f"),
            "said_default": (t("points.standing_default"), None),
            "said": (t("points.standing"), None),
            "n": (t("satisfaction.base"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("points.meaning"),
        facts=facts_of(view.survey, t(f"points.formula_{way}")),
    )


def _sentence(view: View, rows: pd.DataFrame, unit: str) -> str:
    whole = rows[is_whole(rows) & rows["shown"]]
    towns = rows[~is_whole(rows) & rows["shown"]]
    said = ""
    if len(whole):
        row = whole.iloc[0]
        said = t(
            "points.whole",
            place=initial(whole_word(view.scope)),
            default=figure(row["default"]),
            value=figure(row["estimate"]),
            unit=unit,
        )
    moved = towns[towns["standing"] != towns["standing_default"]]
    if towns.empty:
        return said + t("points.nothing")
    if moved.empty:
        return said + t("points.same", n=len(towns))
    names = listed(plain(name) for name in moved["name"].head(NAMED))
    return said + t("points.moved", n=len(towns), moved=len(moved), names=names)
