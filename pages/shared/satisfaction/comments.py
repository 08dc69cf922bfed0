"""Open comments grouped by frequent terms, and rankings, on the satisfaction page."""

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.comments import Comments
from pages.shared import address, panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import survey_charts
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import facts_of
from pages.shared.words import figure, in_words, language, large, listed, people, plain, t

NAMED = 5  # terms a sentence names
DRAWN = 10  # terms a picture shows


def draw(view: View) -> None:
    """Let the reader choose an open or ranking question, and draw it."""
    survey = view.survey["survey_id"]
    asked = results.get("satisfaction.comments.questions", view.scope, survey_id=survey)
    if asked.empty:
        st.info(t("comments.none"))
        return
    rows = asked.set_index("question_id")
    texts = rows[f"text_{language()}"].where(lambda text: text != "", rows["text_zh"])
    question = address.select(
        "open", t("comments.question"), list(rows.index), lambda name: f"{name} {texts[name]}"
    )
    arguments = {"survey_id": survey, "question_id": question}
    if rows.loc[question, "answer_type"] == "ranking":
        table = results.get("satisfaction.comments.rankings", view.scope, **arguments)
        panels.draw(_ranking(view, texts[question], table), view.scope, _places(table))
        return
    # A part of the county is never looked at by itself: see metrics.satisfaction.comments.
    county = replace(view.scope, township=None, unit_type=None)
    found: Comments = results.get("satisfaction.comments.comments", county, **arguments)
    if view.scope != county:
        st.info(t("comments.whole_county"))
    panels.draw(_terms(view, texts[question], found), county, _bars(found))
    _examples(found)


def _terms(view: View, question: str, found: Comments) -> Panel:
    base = minimum_base(results.store())
    if pd.isna(found.n):
        sentence = t("comments.few", base=base)
    elif found.terms.empty:
        sentence = t("comments.no_term", n=people(found.n), base=base)
    else:
        head = found.terms.head(NAMED)
        said = [
            t("comments.named", term=plain(str(term)), share=figure(share, 0))
            for term, share in zip(head["term"], head["share"], strict=True)
        ]
        sentence = t("comments.said", n=people(found.n), terms=listed(said))
    if found.left_out and pd.notna(found.n):
        sentence += t("comments.left_out", n=found.left_out, base=base)
    return Panel(
        key="satisfaction-comments",
        title=t("comments.title", question=question),
        sentence=sentence,
        table=found.terms,
        columns={
            "term": (t("comments.term"), None),
            "n": (t("comments.people"), "%,.0f"),
            "share": (t("comments.share"), "%.1f"),
        },
        meaning=t("comments.meaning", base=base),
        facts=facts_of(view.survey, t("comments.formula")),
    )


def _bars(found: Comments) -> go.Figure | None:
    if found.terms.empty:
        return None
    head = found.terms.head(DRAWN)
    return survey_charts.shares(
        list(head["term"]), list(head["share"]), axis=t("comments.share_axis"), large=large()
    )


def _examples(found: Comments) -> None:
    """Show a few covered comments for each of the most frequent terms."""
    if found.terms.empty:
        return
    st.markdown(f"**{t('comments.examples')}**")
    lines = [
        f"- **{plain(str(row['term']))}**{t('shell.colon')}{plain(str(row['examples']))}"
        for row in found.terms.head(NAMED).to_dict("records")
    ]
    st.markdown("\n".join(lines))


def _ranking(view: View, question: str, table: pd.DataFrame) -> Panel:
    known = table[table["first"].notna()]
    base = minimum_base(results.store())
    sentence = t("comments.ranking_hidden", base=base)
    if len(known):
        row = known.iloc[0]
        sentence = t(
            "comments.ranking_first",
            option=plain(str(row["option"])),
            share=figure(row["first"], 0),
        )
        places = known[known["shown"]]
        if len(places):
            best = places.loc[places["mean_place"].idxmin()]
            sentence += t(
                "comments.ranking_mean",
                option=plain(str(best["option"])),
                place=figure(best["mean_place"]),
            )
    return Panel(
        key="satisfaction-ranking",
        title=t("comments.ranking", question=question),
        sentence=sentence,
        table=table.assign(reason=in_words("satisfaction.note_", table["note"])),
        columns={
            "option": (t("comments.option"), None),
            "first": (t("comments.first"), "%.1f"),
            "mean_place": (t("comments.mean_place"), "%.2f"),
            "n": (t("comments.placed"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("comments.ranking_meaning", base=base),
        facts=facts_of(view.survey, t("comments.ranking_formula")),
    )


def _places(table: pd.DataFrame) -> go.Figure | None:
    known = table[table["first"].notna()]
    if known.empty:
        return None
    return survey_charts.shares(
        list(known["option"]), list(known["first"]), axis=t("comments.first_axis"), large=large()
    )
