"""County duty: its card, what it asks of townships, what it hands down, and the appeals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data import clock
from data.contracts import CODES
from data.scope import Scope
from metrics.duty import appeals
from metrics.exports import profile_words
from metrics.register import INDICATORS
from pages.shared import account, charts, results
from pages.shared.drafts import done
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    BLANK,
    day,
    figure,
    large,
    listed,
    name_of,
    names_of,
    of_counties,
    plain,
    sentences,
    short_day,
    t,
    tell,
)

NAMED = 3
MOST_DRAWN = 12


def headline(duty: pd.DataFrame) -> None:
    """Show the county's own score beside its data share."""
    total = duty[duty["level"].eq("total")].iloc[0]
    if pd.isna(total["points"]):
        st.info(t("duty.not_scored", share=f"{total['data_share']:.0%}"))
        return
    score, share = st.columns(2, gap="large")
    score.metric(
        t("duty.score"),
        t("assessment.points", value=figure(total["points"])),
        border=True,
        height="stretch",
    )
    share.metric(
        t("assessment.data_share"), f"{total['data_share']:.0%}", border=True, height="stretch"
    )
    if of_counties():
        st.caption(t("counties.pooled"))
    if total["note"]:
        st.caption(t(f"scorecard.note.{total['note']}"))


def burden_panel(table: pd.DataFrame) -> Panel:
    """Return what each department asks of the townships."""
    kinds = {code.value: tell(code.label) for code in CODES["burden_kind"]}
    rows = table.assign(kind_word=[kinds.get(kind, kind) for kind in table["kind"]])
    columns: Columns = {
        "issuer": (t("duty.issuer"), None),
        "kind_word": (t("duty.kind"), None),
        "times": (t("duty.times"), "%,.0f"),
        "units": (t("duty.units"), "%,.0f"),
        "hours": (t("duty.hours"), "%,.0f"),
        "times_unplanned": (t("duty.unplanned"), "%,.0f"),
        "without_basis": (t("duty.without_basis"), "%,.0f"),
    }
    return panel("burden", _burden_sentence(table), rows, columns)


def burden(table: pd.DataFrame) -> go.Figure | None:
    """Draw how often each department asks in the year, the most frequent first."""
    if table.empty:
        return None
    times = table.groupby("issuer")["times"].sum().sort_values(ascending=False).head(MOST_DRAWN)
    said = [f"{each:,.0f}" for each in times]
    return charts.bars(
        list(times.index), times.tolist(), said, axis=t("duty.times_axis"), large=large()
    )


def _burden_sentence(table: pd.DataFrame) -> str:
    if table.empty:
        return t("duty.no_burden")
    by_issuer = table.groupby("issuer")["times"].sum().sort_values(ascending=False)
    return t(
        "duty.burden_sentence",
        times=f"{table['times'].sum():,.0f}",
        unplanned=f"{table['times_unplanned'].sum():,.0f}",
        names=plain(listed(list(by_issuer.index[:NAMED]))),
        share=f"{by_issuer.iloc[:NAMED].sum() / max(by_issuer.sum(), 1):.0%}",
    )


def merge_panel(table: pd.DataFrame) -> Panel:
    """Return pairs of forms that ask for much the same."""
    table = table.assign(
        first_form=_called(table["first_form"], table["first_name"]),
        second_form=_called(table["second_form"], table["second_name"]),
    )
    columns: Columns = {
        "first_form": (t("duty.form"), None),
        "first_issuer": (t("duty.issuer"), None),
        "second_form": (t("duty.other_form"), None),
        "second_issuer": (t("duty.other_issuer"), None),
        "shared": (t("duty.shared_fields"), "%,.0f"),
        "overlap": (t("duty.overlap"), "%.0f%%"),
    }
    if table.empty:
        sentence = t("duty.no_merge")
    else:
        top = table.iloc[0]
        forms = plain(listed([top["first_form"], top["second_form"]]))
        sentence = t(
            "duty.merge_sentence", n=len(table), forms=forms, overlap=f"{top['overlap']:.0f}%"
        )
    return panel("merge", sentence, table, columns)


def tasks_panel(table: pd.DataFrame) -> Panel:
    """Return the tasks handed down, those outside the list first."""
    columns: Columns = {
        "from_dept": (t("duty.issuer"), None),
        "tasks": (t("duty.tasks_n"), "%,.0f"),
        "outside": (t("duty.outside"), "%,.0f"),
        "supported": (t("duty.supported"), "%,.0f"),
        "unknown": (t("duty.support_unknown"), "%,.0f"),
    }
    if table.empty:
        return panel("tasks", t("duty.no_tasks"), table, columns)
    outside = table[table["outside"] > 0]
    sentence = t(
        "duty.tasks_sentence",
        tasks=f"{table['tasks'].sum():,.0f}",
        outside=f"{table['outside'].sum():,.0f}",
        names=plain(listed(list(outside["from_dept"][:NAMED]))) or "—",
    )
    return panel("tasks", sentence, table, columns)


def powers_panel(table: pd.DataFrame) -> Panel:
    """Return devolved powers that townships hold and did not use."""
    table = table.assign(item_code=_called(table["item_code"], table["name"]))
    columns: Columns = {
        "item_code": (t("duty.item"), None),
        "units": (t("duty.held_by"), "%,.0f"),
        "unused": (t("duty.unused"), "%,.0f"),
        "times": (t("duty.times_used"), "%,.0f"),
    }
    if table.empty:
        return panel("powers", t("duty.no_powers"), table, columns)
    never = int((table["unused"] == table["units"]).sum())
    said = t("duty.powers_sentence" if never else "duty.powers_all_used", n=len(table), never=never)
    top = table.iloc[0]
    if not never and top["unused"]:
        said += t("duty.powers_least", name=plain(top["item_code"]), n=int(top["unused"]))
    return panel("powers", said, table, columns)


def _called(codes: pd.Series, names: pd.Series) -> list[str]:
    """Return what is told apart by a code under its name, where one was given."""
    return [
        f"{name}（{code}）" if isinstance(name, str) else code
        for code, name in zip(codes, names, strict=True)
    ]


def held(scope: Scope) -> pd.DataFrame:
    """Return the appeals of a scope as they stand today."""
    return cast(pd.DataFrame, results.get("duty.appeals.appeals", scope, today=clock.today()))


def appeals_panel(table: pd.DataFrame, in_time: str = "", *, of_one: bool = False) -> Panel:
    """Return the appeals of the scope, open ones first.

    in_time: what is said of G6. of_one: they are of one township, which the page names already.
    """
    kinds = {code.value: tell(code.label) for code in CODES["appeal_kind"]}
    rows = table.assign(
        unit=names_of(table),
        about=[_about(each) for each in table["indicator_id"]],
        filed=[short_day(each) for each in table["filed_on"]],
        due=[short_day(each) for each in table["due_on"]],
        outcome_word=list(map(_outcome, table["outcome"], table["late"])),
        decided=[short_day(each) for each in table["decided_on"]],
        grounds=[
            t("duty.of_kind", kind=kinds.get(kind, kind), reason=reason)
            if isinstance(reason, str)
            else kinds.get(kind, kind)
            for kind, reason in zip(table["kind"], table["reason"], strict=True)
        ],
    )
    columns = {
        "unit": (t("shell.unit"), None),
        "about": (t("assessment.indicator"), None),
        "grounds": (t("duty.reason"), None),
        "outcome_word": (t("duty.outcome"), None),
        "note": (t("duty.decision_reason"), None),
        # Where there is no room for all, the last ones are told in one.
        "filed": (t("duty.filed"), None),
        "due": (t("duty.due"), None),
        "decided": (t("duty.decided_on"), None),
    }
    if of_one:
        del columns["unit"]
    said = sentences(filter(None, [tell(profile_words.appealed(table)), in_time]))
    return panel("appeals", said, rows, columns)


def _outcome(outcome: object, late: bool) -> str:
    outcomes = {code.value: tell(code.label) for code in CODES["appeal_outcome"]}
    said = outcomes.get(outcome, "") if isinstance(outcome, str) else t("duty.open")
    return t("duty.late", outcome=said) if late else said


def in_time(scope: Scope) -> str:
    """Say how many appeals were decided by their day, in the year of the scope (G6)."""
    year = results.get("evaluate.latest_year", scope)
    found = results.get("duty.appeals.in_time", replace(scope, year=year))
    if pd.isna(found["value"]):
        return t("duty.none_due", year=year)
    counts = {name: f"{found[name]:,.0f}" for name in ("num", "den")}
    return t("duty.in_time", year=year, value=figure(found["value"]), **counts)


def _about(indicator_id: object) -> str:
    found = INDICATORS.get(str(indicator_id))
    return f"{found.id} {tell(found.name)}" if found else t("duty.whole_score")


def decide(table: pd.DataFrame, scope: Scope) -> None:
    """Decide one open appeal; the reason is published with it."""
    still_open = table[table["decided_on"].isna()]
    if still_open.empty:
        return
    names = dict(zip(still_open["appeal_id"], names_of(still_open), strict=True))
    about = dict(zip(still_open["appeal_id"], still_open["indicator_id"], strict=True))
    with st.expander(t("duty.decide")):
        chosen = st.selectbox(
            t("duty.appeal"), list(names), format_func=lambda i: f"{names[i]} · {_about(about[i])}"
        )
        row = still_open[still_open["appeal_id"].eq(chosen)].iloc[0]
        _grounds(row)
        _decision(row, scope)


def _grounds(row: "pd.Series[Any]") -> None:
    """Say what one appeal contests and why; where data are wrong, what is to be done first."""
    kinds = {code.value: tell(code.label) for code in CODES["appeal_kind"]}
    given = isinstance(row["reason"], str) and row["reason"].strip()
    said = t(
        "duty.grounds",
        year=int(row["year"]),
        kind=kinds.get(row["kind"], row["kind"]),
        reason=plain(row["reason"] if given else t("duty.no_grounds")),
        due=day(row["due_on"]),
        overdue=t("duty.overdue") if row["late"] else "",
    )
    st.markdown(said)
    if row["kind"] == "data_error":
        st.caption(t("duty.correct_first"))


def _score(township: str, year: int) -> str:
    """Say the score of a township in the newest data."""
    card = results.get("assessment.township_card.card", Scope(year, township=township))
    score = card.overview["score"].iloc[0] if len(card.overview) else float("nan")
    return BLANK if pd.isna(score) else t("assessment.points", value=figure(score))


def _rate(scope: Scope) -> str:
    """Say G6 in the newest data."""
    value = results.get("duty.appeals.in_time", scope)["value"]
    return BLANK if pd.isna(value) else f"{figure(value)}%"


def _decision(row: "pd.Series[Any]", scope: Scope) -> None:
    about, year = str(row["unit_code"]), int(row["year"])
    homes = results.get("units.all_units", Scope()).set_index("unit_code")["county_code"]
    # What is late counts against the township's own county, in the year in which it fell due.
    due = Scope(pd.Timestamp(row["due_on"]).year, scope.county or homes.get(about))
    outcomes = {code.value: tell(code.label) for code in CODES["appeal_outcome"]}
    with st.form("decide", border=False):
        # None is chosen beforehand: a decision that nobody took would be published.
        outcome = st.radio(
            t("duty.outcome"), list(outcomes), index=None, format_func=outcomes.__getitem__,
            horizontal=True, key="decide-outcome",
        )  # fmt: skip
        note = st.text_area(t("duty.decision_reason"), help=t("duty.published_reason"))
        author = account.author("decide-author")
        if st.form_submit_button(t("duty.publish_decision"), type="primary"):
            before = {"before": _score(about, year), "rate_before": _rate(due)}
            version = appeals.decide(
                results.store(), row["appeal_id"], outcome=outcome or "", note=note, author=author
            )
            after = {"after": _score(about, year), "rate_after": _rate(due)}
            said = {"place": name_of(row), "year": year, "due": due.year, "version": version}
            done(t("duty.decided", **said, **before, **after))


def contest(unit: "pd.Series[Any]", year: int, tree: pd.DataFrame) -> None:
    """Let a township contest a value of its card, or ask for an exemption.

    unit: its row of the overview.
    """
    township = str(unit["unit_code"])
    kinds = {code.value: tell(code.label) for code in CODES["appeal_kind"]}
    rows = tree[tree["level"].eq("indicator") & tree["value"].notna()]
    labels = dict(zip(rows["node"], names_of(rows), strict=True))
    days = int(results.settings()["appeal_days"])
    due = day(clock.today() + timedelta(days=days))
    with st.expander(t("duty.contest")), st.form("contest", border=False):
        st.markdown(t("duty.contest_intro", year=year, days=days, due=due))
        chosen = st.selectbox(
            t("assessment.indicator"), list(labels), format_func=lambda i: f"{i} {labels[i]}"
        )
        kind = st.selectbox(t("duty.kind"), list(kinds), format_func=kinds.__getitem__)
        reason = st.text_area(t("duty.reason"))
        author = account.author("contest-author")
        if st.form_submit_button(t("duty.file_appeal"), type="primary"):
            before = _score(township, year)
            appeals.file(
                results.for_appeal(township), township=township, kind=kind, indicator_id=chosen,
                year=year, reason=reason, author=author, today=clock.today(),
            )  # fmt: skip
            after, version = _score(township, year), results.store().version
            said = {"place": name_of(unit), "year": year, "version": version}
            done(t("duty.filed_done", **said, before=before, after=after))


def panel(name: str, sentence: str, table: pd.DataFrame, columns: Columns) -> Panel:
    """Return a panel of this page from its words `duty.<name>` and `duty.<name>_meaning`."""
    return worded(f"duty.{name}", sentence, table, columns, key=f"duty-{name}")
