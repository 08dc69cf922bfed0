"""The words and panels of the satisfaction page; every sentence is computed from its table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.contracts import table as contract
from data.scope import Scope
from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction import figures
from metrics.satisfaction.figures import is_whole
from pages.shared import address, charts, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import scoring
from pages.shared.words import (
    day,
    few,
    figure,
    in_words,
    language,
    large,
    listed,
    name_of,
    names_of,
    people,
    plain,
    t,
    tell,
    title_of,
    units_word,
    whole,
)  # fmt: skip

OVERALL = "S1"  # the index a survey opens with, where it asks for it
WORST = 10  # questions shown at first
QUESTIONS = ("worst", "all")
_ROUNDING = 1e-9  # of a design effect of exactly 1
NAMED = 4  # townships a sentence names before it only counts
LISTED = 40  # of those without a figure; the table has them all


def nothing_shown(notes: "pd.Series[str]", few_people: str) -> str:
    """Say why a table shows no figure: `few_people`, unless no note speaks of people at all."""
    if notes.isin(["below_base", "complement", "no_answers"]).any():
        return few_people
    return t("satisfaction.no_errors")


def choose_survey(surveys: pd.DataFrame) -> Mapping[str, Any]:
    """Let the reader choose among the surveys of the scope; the newest is first."""
    rows = surveys.set_index("survey_id", drop=False)
    titles = {str(code): title_of(row) for code, row in rows.iterrows()}
    picked = address.settle("survey", list(titles), next(iter(titles)))
    if len(titles) > 1:
        picked = address.select(
            "survey", t("satisfaction.survey"), list(titles), titles.__getitem__
        )
    else:
        st.markdown(f"**{plain(titles[picked])}**")
    return dict(rows.loc[picked])


def is_unweighted(survey: Mapping[str, Any]) -> bool:
    """Say whether all questionnaires of a survey weigh the same."""
    return bool(survey["weight_effect"] <= 1 + _ROUNDING)


def approval(survey: Mapping[str, Any]) -> str:
    """Say whether a survey is registered, with its number."""
    return t(f"satisfaction.{survey['approval']}", number=survey["approval_no"])


def above(survey: Mapping[str, Any]) -> list[str]:
    """Return what stands above every table of a survey that leaves: title, approval, scoring."""
    return [
        title_of(survey),
        f"{t('satisfaction.approval')}{t('shell.colon')}{approval(survey)}",
        *filter(None, [scoring.said(survey)]),
    ]


def overall(items: pd.DataFrame) -> Mapping[str, Any]:
    """Return the item a survey opens with: overall satisfaction, else its first item."""
    found = items[items["item"] == OVERALL]
    row = (found if len(found) else items).iloc[0]
    return {"item": row["item"], "name": row[language()]}


def choose_item(items: pd.DataFrame) -> Mapping[str, Any]:
    """Let the reader choose an index or a question."""
    names = dict(zip(items["item"], items[language()], strict=True))
    picked = address.select(
        "item",
        t("satisfaction.item"),
        list(names),
        lambda item: f"{item}{t('shell.joiner')}{names[item]}",
        str(overall(items)["item"]),
    )
    return {"item": picked, "name": names[picked]}


def standing(table: pd.DataFrame) -> pd.Series:
    """Say of each row how it stands to the scope's total: 'above' | 'same' | 'below'."""
    return figures.standing(table).replace("", "same")


def whole_word(scope: Scope) -> str:
    """Name the total that townships are compared with."""
    return t(f"satisfaction.whole_{scope.unit_type}") if scope.unit_type else whole()


def clear(table: pd.DataFrame, scope: Scope, *, named: bool = True) -> str:
    """Say how many townships clearly differ from the total, and which."""
    towns = table[~is_whole(table) & table["shown"]]
    if towns.empty:
        small = table.loc[~is_whole(table), "note"].isin(["below_base", "complement"])
        key = "none_shown" if small.all() else "none_estimable"
        return t(f"satisfaction.{key}", units=units_word())
    if len(table) == 1:
        return t("satisfaction.only_one", units=units_word())
    if not (is_whole(table) & table["shown"]).any():
        return t("satisfaction.no_total")
    where = standing(table)[towns.index]
    parts = []
    for key, rising in (("below", True), ("above", False)):
        rows = towns[where == key].sort_values("estimate", ascending=rising)
        if len(rows):
            said = t(f"satisfaction.{key}", n=len(rows))
            names = [plain(name) for name in names_of(rows)]
            parts.append(said + (f"{t('shell.colon')}**{few(names, NAMED)}**" if named else ""))
    key = "same" if parts else "none_clear"
    if same := int((where == "same").sum()):
        told = {"whole": whole_word(scope), "units": units_word()}
        parts.append(t(f"satisfaction.{key}", n=same, **told))
    # What has no score was compared with nothing: the sentence is not about it.
    if hidden := int((~is_whole(table)).sum()) - len(towns):
        parts.append(t("satisfaction.not_compared", n=hidden))
    return t("satisfaction.semicolon").join(parts) + t("satisfaction.full_stop")


def by_unit(
    item: Mapping[str, Any], table: pd.DataFrame, survey: Mapping[str, Any], scope: Scope
) -> Panel:
    """Return the panel of one item by township."""
    rows = table.assign(
        unit=names_of(table),
        reason=in_words("satisfaction.note_", table["note"]),
    )
    return Panel(
        key=f"satisfaction-{item['item']}",
        title=t("satisfaction.by_unit", item=item["name"], units=units_word()),
        sentence=clear(table, scope, named=item["item"] != OVERALL),
        table=rows,
        columns={
            "unit_code": (t("satisfaction.code"), None),
            "unit": (t("shell.unit"), None),
            "estimate": (t("satisfaction.score"), "%.1f"),
            "low": (t("satisfaction.low"), "%.1f"),
            "high": (t("satisfaction.high"), "%.1f"),
            "n": (t("satisfaction.base"), "%,.0f"),
            "se": (t("satisfaction.se"), "%.2f"),
            "deff": (t("satisfaction.deff"), "%.2f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("satisfaction.meaning", base=minimum_base(results.store())),
        facts=facts_of(survey),
        above=above(survey),
    )


def facts_of(survey: Mapping[str, Any], formula: str = "") -> dict[str, str]:
    """Return what every figure of a survey rests on; questionnaires set aside are counted.

    formula: '' for a mean of points as they are counted there.
    """
    scored = t(f"points.formula_{scoring.in_force(survey)}")
    tables = listed(tell(contract(name).label) for name in ("survey_answers", "survey_respondents"))
    return {
        t("shell.formula"): formula or scored,
        t("shell.source"): f"{plain(title_of(survey))}{t('shell.joiner')}{tables}",
        t("shell.period"): t(
            "satisfaction.dates", start=day(survey["start_on"]), end=day(survey["end_on"])
        ),
        t("satisfaction.approval"): plain(approval(survey)),
        t("shell.base"): t(
            "satisfaction.respondents",
            n=people(survey["respondents"]),
            towns=people(survey["townships"]),
        )
        + aside(survey),
        **_scored(survey),
    }


def _scored(survey: Mapping[str, Any]) -> dict[str, str]:
    """Return the county's decision on the way of scoring, where there is one."""
    said = scoring.said(survey)
    return {t("points.in_force"): plain(said)} if said else {}


def aside(survey: Mapping[str, Any]) -> str:
    """Say how many of a survey's questionnaires were set aside, or nothing."""
    number = int(survey["set_aside"])
    return t("satisfaction_more.set_aside", n=people(number)) if number else ""


def dots(table: pd.DataFrame, scope: Scope) -> go.Figure | None:
    """Draw the townships that are shown, the one in view in bold."""
    towns = table[~is_whole(table) & table["shown"]]
    if towns.empty:
        return None
    total = table[is_whole(table) & table["shown"]]
    inside = total.iloc[0] if len(total) else None
    here = towns[towns["unit_code"].eq(scope.township)]
    return charts.dots(
        names_of(towns),
        towns.assign(standing=standing(table)[towns.index]),
        axis=t("satisfaction.axis"),
        words={key: t(f"satisfaction.legend_{key}") for key in charts.STANDING},
        whole=None if inside is None else (inside["estimate"], inside["low"], inside["high"]),
        whole_word=whole_word(scope),
        emphasised=name_of(here.iloc[0]) if len(here) else None,
        large=large(),
    )


def not_shown(table: pd.DataFrame) -> None:
    """List the townships without a figure by reason."""
    hidden = table[~is_whole(table) & ~table["shown"]]
    if hidden.empty:
        return
    lines = [
        f"- {t(f'satisfaction.note_{note}')}{t('shell.colon')}{plain(few(names_of(rows), LISTED))}"
        for note, rows in hidden.groupby("note", sort=False)
    ]
    st.markdown(
        "\n".join([t("satisfaction.not_shown", n=len(hidden), units=units_word()), "", *lines])
    )


def choose_questions(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the questions, most dissatisfaction first; of many, only the first until asked."""
    bad = answers["share1"] + answers["share2"]
    ordered = answers.assign(bad=bad).sort_values(
        ["bad", "question_id"], ascending=[False, True], na_position="last"
    )
    if answers["shown"].sum() <= WORST:
        return ordered
    address.settle("questions", QUESTIONS, "worst")
    words = {n: t(f"satisfaction.questions_{n}", n=len(answers), worst=WORST) for n in QUESTIONS}
    picked = address.segments(
        "questions", t("satisfaction.question"), QUESTIONS, words.__getitem__, width="content"
    )
    return ordered.head(WORST) if picked == "worst" else ordered


def questions(answers: pd.DataFrame, survey: Mapping[str, Any]) -> Panel:
    """Return the panel of the scored questions."""
    shown = answers[answers["shown"]]
    base = minimum_base(results.store())
    sentence = t("satisfaction.no_question_shown", base=base)
    if len(shown):
        worst = shown.loc[shown["bad"].idxmax()]
        sentence = t(
            "satisfaction.worst_question" if worst["bad"] > 0 else "satisfaction.nobody_bad",
            question=plain(worst[f"text_{language()}"].rstrip("?？。")),
            share=figure(worst["bad"], 0),
        )
    words = {f"share{value}": t(f"satisfaction.answer{value}") for value in range(1, 6)}
    return Panel(
        key="satisfaction-questions",
        title=t("satisfaction.questions"),
        sentence=sentence,
        table=answers,
        columns={
            "question_id": (t("satisfaction.code"), None),
            f"text_{language()}": (t("satisfaction.question"), None),
            **{name: (f"{word} (%)", "%.1f") for name, word in words.items()},
            "n": (t("satisfaction.base"), "%,.0f"),
            "not_scored": (t("satisfaction.not_scored"), "%,.0f"),
        },
        meaning=t("satisfaction.likert_meaning", base=base),
        facts=facts_of(survey, t("satisfaction.likert_formula")),
        above=above(survey),
    )


def bars(answers: pd.DataFrame) -> go.Figure | None:
    """Draw the answers to the questions that are shown."""
    shown = answers[answers["shown"]]
    if shown.empty:
        return None
    return charts.likert(
        list(shown[f"text_{language()}"]),
        shown,
        words=[t(f"satisfaction.answer{value}") for value in range(1, 6)],
        beside=[
            t("satisfaction.beside", n=people(n), not_scored=people(other))
            for n, other in zip(shown["n"], shown["not_scored"], strict=True)
        ],
        large=large(),
    )
