"""What goes with overall satisfaction: a read-out on the satisfaction page, never a weight."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.drivers import CORNERS, Drivers
from pages.shared import panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import survey_charts
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import NAMED, above, facts_of, nothing_shown
from pages.shared.words import figure, in_words, language, large, listed, people, plain, t

# Cronbach's alpha from which a set is called so; the usual rule of thumb.
LEVELS = ((0.8, "good"), (0.7, "fair"), (0.6, "weak"))
# Below this share of the differences it is idle to say which index explains most of it.
LEAST_EXPLAINED = 0.01


def draw(view: View) -> None:
    """Draw importance beside performance, driver shares and how well the sets hold together."""
    found = results.get(
        "satisfaction.drivers.read_out", view.scope, survey_id=view.survey["survey_id"]
    )
    if found.questions.empty:
        st.info(t("drivers.no_overall"))
    else:
        st.info(t("drivers.no_weight"))
        panels.draw(_questions(view, found), view.scope, _quadrant(found.questions))
        panels.draw(_shares(view, found.shares), view.scope, _bars(found.shares))
    if not found.alphas.empty:
        panels.draw(_alphas(view, found.alphas), view.scope)


def _reason(note: str) -> str:
    own = ("too_few_answers", "no_variation")
    return t(f"survey.note.{note}" if note in own else f"satisfaction.note_{note}") if note else ""


def _index(code: str) -> str:
    return f"{code} {t(f'survey.index.{code}')}"


def _questions(view: View, found: Drivers) -> Panel:
    table = found.questions
    shown = table[table["shown"]]
    first = shown[shown["corner"] == "improve"].sort_values("importance", ascending=False)
    if shown.empty:
        said = t("drivers.none_shown", base=minimum_base(results.store()))
        sentence = nothing_shown(table["note"], said)
    elif first.empty:
        sentence = t("drivers.no_first", n=len(shown))
    else:
        named = first[["question_id", f"text_{language()}"]].head(NAMED)
        each = [_short(*row) for row in named.itertuples(index=False, name=None)]
        names = t("drivers.joiner").join(each) + t("drivers.more") * (len(first) > NAMED)
        sentence = t("drivers.first", n=len(first), names=names)
    return Panel(
        key="satisfaction-importance",
        title=t("drivers.title"),
        sentence=sentence,
        table=table.assign(
            corner_word=in_words("drivers.", table["corner"]),
            reason=[_reason(note) for note in table["note"]],
        ),
        columns={
            "question_id": (t("satisfaction.code"), None),
            f"text_{language()}": (t("satisfaction.question"), None),
            "performance": (t("drivers.performance"), "%.1f"),
            "importance": (t("drivers.importance"), "%.2f"),
            "corner_word": (t("drivers.corner"), None),
            "n": (t("satisfaction.base"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("drivers.meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("drivers.formula")),
        above=above(view.survey),
    )


def _short(code: str, question: str) -> str:
    """Name a question, with the code that stands beside its mark in the picture."""
    return t("drivers.coded", code=plain(code), question=plain(question.rstrip("?？。")))


def _quadrant(table: pd.DataFrame) -> go.Figure | None:
    shown = table[table["shown"]]
    if len(shown) < 2:
        return None
    return survey_charts.quadrant(
        shown.assign(code=shown["question_id"], name=shown[f"text_{language()}"]),
        axes=(t("drivers.performance_axis"), t("drivers.importance_axis")),
        corners={corner: t(f"drivers.{corner}") for corner in CORNERS},
        centre=(shown["performance"].mean(), shown["importance"].mean()),
        large=large(),
    )


def _shares(view: View, shares: pd.DataFrame) -> Panel:
    rows = shares.sort_values("part", ascending=False, kind="stable")
    known = rows[rows["note"] == ""]
    if known.empty:
        reason = _reason(rows["note"].iloc[0]) if len(rows) else ""
        sentence = t("drivers.no_shares", reason=reason.rstrip("。."))
    elif known["r_squared"].iloc[0] < LEAST_EXPLAINED:
        sentence = t("drivers.shares_nothing", n=people(known["n"].iloc[0]))
    else:
        sentence = t(
            "drivers.shares_said",
            names=_index(str(known["item"].iloc[0])),
            part=figure(100 * known["part"].iloc[0], 0),
            explained=figure(100 * known["r_squared"].iloc[0], 0),
            n=people(known["n"].iloc[0]),
        )
    return Panel(
        key="satisfaction-drivers",
        title=t("drivers.shares"),
        sentence=sentence,
        table=rows.assign(
            name=[_index(str(item)) for item in rows["item"]],
            percent=100 * rows["part"],
            of_all=100 * rows["share"],
            reason=[_reason(note) for note in rows["note"]],
        ),
        columns={
            "name": (t("drivers.index"), None),
            "percent": (t("drivers.part"), "%.1f"),
            "of_all": (t("drivers.share"), "%.1f"),
            "n": (t("satisfaction.base"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("drivers.shares_meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("drivers.shares_formula")),
        above=above(view.survey),
    )


def _bars(shares: pd.DataFrame) -> go.Figure | None:
    known = shares[shares["note"] == ""].sort_values("part", ascending=False)
    if known.empty:
        return None
    return survey_charts.shares(
        [_index(str(item)) for item in known["item"]],
        list(100 * known["part"]),
        axis=t("drivers.part_axis"),
        large=large(),
    )


def level(alpha: float) -> str:
    """Return what a value of alpha is called: 'good' | 'fair' | 'weak' | 'poor'."""
    return next((name for least, name in LEVELS if alpha >= least), "poor")


def _alphas(view: View, alphas: pd.DataFrame) -> Panel:
    known = alphas[alphas["note"] == ""]
    words = [t(f"drivers.alpha_{level(value)}") for value in known["alpha"]]
    if known.empty:
        said = t("drivers.no_alpha", base=minimum_base(results.store()))
        sentence = nothing_shown(alphas["note"], said) if len(alphas) else said
    else:
        loose = known[known["alpha"] < LEVELS[1][0]]
        names = listed(_index(str(item)) for item in loose["item"])
        key = "alpha_all" if loose.empty else "alpha_loose"
        sentence = t(f"drivers.{key}", n=len(known), loose=len(loose), names=names)
    return Panel(
        key="satisfaction-alpha",
        title=t("drivers.alpha"),
        sentence=sentence,
        table=alphas.assign(
            name=[_index(str(item)) for item in alphas["item"]],
            verdict=pd.Series(words, index=known.index).reindex(alphas.index).fillna(""),
            reason=[_reason(note) for note in alphas["note"]],
        ),
        columns={
            "name": (t("drivers.index"), None),
            "questions": (t("drivers.alpha_questions"), "%d"),
            "alpha": (t("drivers.alpha_value"), "%.2f"),
            "verdict": (t("drivers.alpha_verdict"), None),
            "n": (t("drivers.alpha_n"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("drivers.alpha_meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("drivers.alpha_formula")),
        above=above(view.survey),
    )
