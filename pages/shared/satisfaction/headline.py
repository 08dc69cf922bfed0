"""What stands at the top of the satisfaction page: how the survey was made, and what it says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.contracts import table as contract
from data.scope import Scope
from metrics.assessment.township_card import band
from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.figures import is_whole
from pages.shared import results, shown
from pages.shared.satisfaction import scoring
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import (
    NAMED,
    approval,
    aside,
    clear,
    is_unweighted,
    standing,
    whole_word,
)
from pages.shared.words import (
    day,
    few,
    figure,
    initial,
    name_of,
    names_of,
    of_counties,
    people,
    plain,
    t,
    tell,
)

APPROVAL = {
    "registered": (":material/check_circle:", "green"),
    "unregistered": (":material/error:", "orange"),
    "expired": (":material/schedule:", "orange"),
}
# What the registration says of a survey beyond its number, in words.
_TOLD = ("issuer", "approved_by", "form_no", "population", "frame", "sampling", "field_org")


def identity(survey: Mapping[str, Any]) -> None:
    """Show the identity card of a survey: who approved it, when, how, how many."""
    icon, colour = APPROVAL[survey["approval"]]
    facts = (
        _dates(survey),
        _word("survey_mode", survey["mode"]),
        t(
            "satisfaction.respondents",
            n=people(survey["respondents"]),
            towns=people(survey["townships"]),
        )
        + aside(survey),
        *_response(survey),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(plain(approval(survey)), icon=icon, color=colour)
        if is_unweighted(survey):
            st.badge(t("weighting.mark"), icon=":material/balance:", color="orange")
        scoring.badge(survey)
        with st.popover(t("satisfaction.made_how")):
            told = [f"- **{name}**{t('shell.colon')}{said}" for name, said in _card(survey)]
            st.markdown("\n".join(told))
    st.markdown(plain(t("shell.joiner").join(facts)))


def _card(survey: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is known of how a survey was made; what is not known is said."""
    columns = contract("survey_meta")
    yield t("satisfaction.approval"), plain(approval(survey))
    for name in _TOLD:
        known = survey[name]
        said = t("satisfaction.untold") if pd.isna(known) else plain(str(known))
        yield tell(columns.column(name).label), said
    yield tell(columns.column("mode").label), _word("survey_mode", survey["mode"])
    yield t("shell.period"), _dates(survey)
    rate = next(_response(survey), t("satisfaction.no_response"))
    yield t("satisfaction.response_heading"), rate


def _dates(survey: Mapping[str, Any]) -> str:
    return t("satisfaction.dates", start=day(survey["start_on"]), end=day(survey["end_on"]))


def _response(survey: Mapping[str, Any]) -> Iterator[str]:
    """Say how many of those contacted answered, where that is known."""
    if pd.notna(survey["contacted_n"]) and survey["contacted_n"] > 0:
        rate = 100 * survey["respondents"] / survey["contacted_n"]
        yield t("satisfaction.response", rate=figure(rate, 0))


def _word(codes: str, value: str) -> str:
    return next((tell(code.label) for code in CODES[codes] if code.value == value), value)


def headline(view: View, table: pd.DataFrame) -> None:
    """Say the figure of the place in view: interval, base, band, change; or why there is none.

    view: of the item the page opens with; table: of `figures.by_unit`, everywhere.
    """
    scope = view.scope
    row, why = of_place(table, scope)
    if row is None:
        st.info(why)
        return
    number, words = st.columns([1, 2], vertical_alignment="center", gap="large")
    with number.container(border=True, gap="xsmall"):
        name = t("satisfaction.of_100", item=view.item["name"])
        st.markdown(plain(name))
        st.metric(name, figure(row["estimate"]), label_visibility="collapsed")
        st.markdown(t("satisfaction.interval", low=figure(row["low"]), high=figure(row["high"])))
        st.markdown(_band(row))
    said = t(
        "satisfaction.headline",
        place=initial(plain(name_of(row)) if scope.township else whole_word(scope)),
        value=figure(row["estimate"]),
        n=people(row["n"]),
    )
    shown.say(said, words)
    shown.say(_changed(view), words)
    words.markdown(_stands(row, table, view) if scope.township else clear(table, scope))


def of_place(table: pd.DataFrame, scope: Scope) -> tuple[pd.Series | None, str]:
    """Return the row of the place in view; None and the reason in words where it is not shown."""
    here = table[table["unit_code"].eq(scope.township)] if scope.township else table
    if len(here) and here["shown"].iloc[0]:
        return here.iloc[0], ""
    note = here["note"].iloc[0] if len(here) else "no_answers"
    secret = here[~is_whole(here) & here["note"].isin(["below_base", "complement"])]
    if note == "complement" and of_counties() and not scope.township and len(secret):
        names = few([plain(name) for name in names_of(secret)], NAMED)
        return None, t("satisfaction.hidden_area", names=names, base=minimum_base(results.store()))
    return None, t(f"satisfaction.hidden_{note}", base=minimum_base(results.store()))


def _band(row: Mapping[str, Any]) -> str:
    """Name the band of a figure, and those its interval reaches into."""
    ends = [int(band(min(max(float(row[end]), 0), 100))) for end in ("high", "low")]
    own = t(f"assessment.band{int(band(row['estimate']))}")
    if ends[0] == ends[1]:
        return t("satisfaction.band", band=own)
    best, worst = (t(f"assessment.band{each}") for each in ends)
    return t("satisfaction.band_open", band=own, best=best, worst=worst)


def _changed(view: View) -> str:
    """Say how the figure of the place differs from the survey before, or why nothing is said."""
    before = results.get("satisfaction.waves.earlier", view.scope, **view.chosen)
    if before.empty:
        return t("satisfaction.change_first")
    asked = {**view.chosen, "since": str(before["survey_id"].iloc[0])}
    when = t("scope.year", year=pd.Timestamp(before["start_on"].iloc[0]).year)
    if not results.get("satisfaction.waves.same_questions", view.scope, **asked):
        return t("satisfaction.change_other", when=when)
    table = results.get("satisfaction.waves.changes", view.everywhere, **asked)
    rows = table[table["unit_code"].eq(view.scope.township)] if view.scope.township else table
    if rows.empty or not rows["shown"].iloc[0]:
        return t("satisfaction.change_hidden", when=when)
    row = rows.iloc[0]
    way = "same" if not row["beyond"] else "up" if row["estimate"] > 0 else "down"
    change = f"{row['estimate']:+.1f}" if way == "same" else figure(abs(row["estimate"]))
    return t(f"satisfaction.change_{way}", when=when, earlier=figure(row["earlier"]), change=change)


def _stands(row: Mapping[str, Any], table: pd.DataFrame, view: View) -> str:
    """Say how one township stands to the total."""
    whole = table[is_whole(table) & table["shown"]]
    if whole.empty:
        return t("satisfaction.no_total")
    where = standing(table)[row.name]  # type: ignore[attr-defined]
    total = figure(whole["estimate"].iloc[0])
    return t(f"satisfaction.town_{where}", whole=whole_word(view.scope), value=total)
