"""The words and panels of the satisfaction page; every sentence is computed from its table."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from metrics.satisfaction import minimum_base
from pages.shared import results
from pages.shared.filters import choice
from pages.shared.panels import Panel
from pages.shared.screen import language, name_of, t

LONGEST_LABEL = 24


def choose_survey(surveys: pd.DataFrame) -> Mapping[str, Any]:
    """Let the reader choose among the surveys of the scope; the newest is first."""
    ids = list(surveys["survey_id"])
    titles = dict(zip(ids, surveys["title_zh"], strict=True))
    chosen = choice(
        t("satisfaction.survey"), ids, key="survey", default=ids[0], word=titles.__getitem__
    )
    return dict(surveys.set_index("survey_id", drop=False).loc[chosen])


def identity(survey: Mapping[str, Any]) -> None:
    """Show the identity card of a survey: who approved it, when, how, how many."""
    day = "%Y-%m-%d"
    parts = [
        t(f"satisfaction.{survey['approval']}", number=survey["approval_no"]),
        t(
            "satisfaction.dates",
            start=f"{survey['start_on']:{day}}",
            end=f"{survey['end_on']:{day}}",
        ),
        t(f"satisfaction.mode_{survey['mode']}"),
        t("satisfaction.respondents", n=f"{survey['respondents']:,}", towns=survey["townships"]),
    ]
    st.caption(t("satisfaction.joiner").join(parts))


def choose_item(items: pd.DataFrame) -> Mapping[str, Any]:
    """Let the reader choose an index or a question."""
    names = dict(zip(items["item"], items[language()], strict=True))
    chosen = choice(
        t("satisfaction.item"),
        list(names),
        key="item",
        default=next(iter(names)),
        word=lambda item: f"{item} · {names[item]}",
    )
    return {"item": chosen, "name": names[chosen]}


def headline(item: Mapping[str, Any], table: pd.DataFrame) -> None:
    """Say the whole scope's figure with its interval and base, or why there is none."""
    whole = table.iloc[0]
    if not whole["shown"]:
        st.info(t(f"satisfaction.hidden_{whole['note']}", base=minimum_base(results.store())))
        return
    figure, words = st.columns([1, 2], vertical_alignment="center")
    figure.metric(item["name"], f"{whole['estimate']:.1f}", border=True)
    words.markdown(
        t(
            "satisfaction.headline",
            place=name_of(whole),
            item=item["name"],
            value=f"{whole['estimate']:.1f}",
            low=f"{whole['low']:.1f}",
            high=f"{whole['high']:.1f}",
            n=f"{whole['n']:,.0f}",
        )
    )


def _clear(table: pd.DataFrame) -> str:
    """Name the townships whose intervals lie clear of the scope's value."""
    towns = table[table["shown"] & table["level"].eq("township")]
    whole = table.iloc[0]
    if whole["level"] != "county" or not whole["shown"] or towns.empty:
        return t("satisfaction.dots_alone")
    joiner = t("shell.list_joiner")
    above = towns[towns["low"] > whole["estimate"]].nlargest(3, "estimate")
    below = towns[towns["high"] < whole["estimate"]].nsmallest(3, "estimate")
    if above.empty and below.empty:
        return t("satisfaction.none_clear")
    return " ".join(
        t(f"satisfaction.{key}", names=joiner.join(rows[f"name_{language()}"]))
        for key, rows in (("below", below), ("above", above))
        if len(rows)
    )


def by_unit(item: Mapping[str, Any], table: pd.DataFrame) -> Panel:
    """Return the panel of one item by township."""
    rows = table.assign(
        unit=[name_of(row) for _, row in table.iterrows()],
        reason=[t(f"satisfaction.note_{note}") if note else "" for note in table["note"]],
    )
    return Panel(
        key=f"satisfaction-{item['item']}".replace(":", "-"),
        title=t("satisfaction.by_unit", item=item["name"]),
        sentence=_clear(table),
        table=rows,
        columns={
            "unit_code": (t("satisfaction.code"), None),
            "unit": (t("shell.unit"), None),
            "estimate": (t("satisfaction.score"), "%.1f"),
            "low": (t("satisfaction.low"), "%.1f"),
            "high": (t("satisfaction.high"), "%.1f"),
            "n": (t("satisfaction.base"), "%.0f"),
            "se": (t("satisfaction.se"), "%.2f"),
            "deff": (t("satisfaction.deff"), "%.2f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("satisfaction.meaning", base=minimum_base(results.store())),
    )


def not_shown(table: pd.DataFrame) -> None:
    """List the townships without a figure, each with its reason."""
    hidden = table[table["level"].eq("township") & ~table["shown"]]
    if len(hidden):
        lines = [
            f"- {name_of(row)}{t('satisfaction.because')}{t('satisfaction.note_' + row['note'])}"
            for _, row in hidden.iterrows()
        ]
        st.markdown("\n".join([t("satisfaction.not_shown", n=len(hidden)), "", *lines]))


def short(texts: Iterable[str]) -> list[str]:
    """Break long questions into lines that fit beside a bar."""
    return [
        "<br>".join(
            text[n : n + LONGEST_LABEL] for n in range(0, min(len(text), 72), LONGEST_LABEL)
        )
        for text in texts
    ]


def questions(answers: pd.DataFrame) -> Panel:
    """Return the panel of all scored questions."""
    shown = answers[answers["shown"]]
    if shown.empty:
        sentence = t("satisfaction.no_question_shown", base=minimum_base(results.store()))
    else:
        bad = shown["share1"] + shown["share2"]
        worst = shown.loc[bad.idxmax()]
        sentence = t(
            "satisfaction.worst_question",
            question=worst[f"text_{language()}"],
            share=f"{bad.max():.0f}",
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
            "n": (t("satisfaction.base"), "%.0f"),
            "not_scored": (t("satisfaction.not_scored"), "%.0f"),
        },
        meaning=t("satisfaction.likert_meaning"),
    )
