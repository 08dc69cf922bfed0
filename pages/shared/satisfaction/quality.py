"""Marks on questionnaires: what was noticed, where, and the decision which do not count."""

from itertools import cycle

import pandas as pd
import streamlit as st

from data.contracts import CODES
from metrics.decisions.survey_quality import KINDS, Quality, set_aside
from metrics.disclosure.base_rule import minimum_base
from pages.shared import panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import effect
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import NAMED, above, facts_of
from pages.shared.words import (
    BLANK,
    few,
    figure,
    in_words,
    large,
    listed,
    name_of,
    people,
    plain,
    t,
    tell,
)


def draw(view: View) -> None:
    """Draw the marks of the place in view, and let an evaluator decide which are set aside."""
    survey = str(view.survey["survey_id"])
    found: Quality = results.get("decisions.survey_quality.quality", view.scope, survey_id=survey)
    if found.note:
        st.info(t(f"quality.hidden_{found.note}", base=minimum_base(results.store())))
    else:
        panels.draw(_kinds_panel(view, found), view.scope)
    if not view.scope.township:
        panels.draw(_units_panel(view, found), view.scope)
    _decide(view, survey, found)


def kind_word(flag: str) -> str:
    """Name a kind of mark."""
    return next((tell(code.label) for code in CODES["survey_flag"] if code.value == flag), flag)


def _kinds_panel(view: View, found: Quality) -> Panel:
    kinds = found.kinds.sort_values("n", ascending=False, kind="stable")
    table = kinds.assign(
        kind=[kind_word(flag) for flag in kinds["flag"]],
        place=[
            t("quality.place", place=name_of(row), share=figure(row["unit_share"]))
            if row["unit_code"]
            else BLANK
            for row in kinds.to_dict("records")
        ],
    )
    return Panel(
        key="satisfaction-quality",
        title=t("quality.title"),
        sentence=_sentence(found, table),
        table=table,
        columns={
            "kind": (t("quality.kind"), None),
            "n": (t("quality.marked"), "%,d"),
            "share": (t("quality.share"), "%.1f"),
            "set_aside": (t("quality.aside"), "%,d"),
            "place": (t("quality.cluster"), None),
        },
        meaning=t("quality.meaning") + _definitions(),
        facts=facts_of(view.survey, t("quality.formula")),
        above=above(view.survey),
    )


def _definitions() -> str:
    lines = [
        f"- **{kind_word(kind)}**{t('shell.colon')}{t(f'quality.of.{kind}')}" for kind in KINDS
    ]
    return "\n\n" + "\n".join(lines)


def _sentence(found: Quality, table: pd.DataFrame) -> str:
    if not found.marked:
        return t("quality.none", n=people(found.respondents))
    said = t(
        "quality.some",
        n=people(found.respondents),
        marked=people(found.marked),
        share=figure(100 * found.marked / max(found.respondents, 1)),
        aside=people(found.set_aside),
    )
    dense = table[table["unit_code"] != ""]
    if len(dense):
        row = dense.loc[(dense["unit_share"] / dense["share"]).idxmax()]
        said += t(
            "quality.dense",
            place=plain(name_of(row)),
            kind=row["kind"],
            share=figure(row["unit_share"]),
            whole=figure(row["share"]),
        )
    return said


def _units_panel(view: View, found: Quality) -> Panel:
    units = found.units.sort_values("share", ascending=False, kind="stable", na_position="last")
    shown = units[units["note"] == ""]
    base = minimum_base(results.store())
    sentence = t("quality.units_none", base=base)
    if len(shown):
        most = shown[shown["share"] == shown["share"].max()]
        names = few([plain(name_of(row)) for row in most.to_dict("records")], NAMED)
        share = most["share"].iloc[0]
        key = "units_said" if share > 0 else "units_clean"
        sentence = t(f"quality.{key}", place=names, share=figure(share), n=len(shown))
    return Panel(
        key="satisfaction-quality-units",
        title=t("quality.units"),
        sentence=sentence,
        table=units.assign(
            unit=[name_of(row) for row in units.to_dict("records")],
            reason=in_words("satisfaction.note_", units["note"]),
        ),
        columns={
            "unit": (t("shell.unit"), None),
            "n": (t("quality.respondents"), "%,.0f"),
            "marked": (t("quality.any"), "%,.0f"),
            "share": (t("quality.share"), "%.1f"),
            "set_aside": (t("quality.aside"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("quality.units_meaning", base=base),
        facts=facts_of(view.survey, t("quality.formula")),
        above=above(view.survey),
    )


def _decide(view: View, survey: str, found: Quality) -> None:
    """Let an evaluator choose kinds, see what that changes, and sign it."""
    st.header(t("quality.decide"), anchor=False)
    st.markdown(t("quality.decide_intro"))
    if found.decided:
        names = listed(kind_word(flag) for flag in found.decided)
        aside = people(int(view.survey["set_aside"]))
        st.markdown(t("quality.decided", n=aside, names=names))
    chosen = tuple(
        kind
        for kind, column in zip(KINDS, cycle(st.columns(2 if large() else 3)), strict=False)
        if column.checkbox(
            kind_word(kind),
            value=kind in found.decided,
            key=f"aside-{survey}-{kind}",
            help=t(f"quality.of.{kind}"),
        )
    )
    if chosen == found.decided:
        return
    trial = results.get(
        "decisions.survey_quality.trial", view.everywhere, survey_id=survey, kinds=chosen
    )
    effect.draw(trial, view.everywhere)
    signed = effect.sign("quality", t("quality.publish"))
    if signed:
        version = set_aside(
            results.store(), survey, chosen, author=signed.author, reason=signed.reason
        )
        effect.done(version)
