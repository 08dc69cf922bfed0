"""Satisfaction: how residents rate governance and services, township by township."""

from dataclasses import replace

import streamlit as st

from pages.shared import panels, results
from pages.shared.importing import uploads
from pages.shared.satisfaction import headline as top
from pages.shared.satisfaction import more, parts
from pages.shared.screen import empty, page
from pages.shared.words import level

with page("satisfaction") as scope:
    uploads.said_before()
    surveys = results.get("satisfaction.figures.surveys", scope)
    if surveys.empty:
        empty("satisfaction.no_survey")
        st.stop()
    survey = parts.choose_survey(surveys)
    top.identity(survey)
    chosen = {"survey_id": survey["survey_id"]}
    items = results.get("satisfaction.figures.items", scope, **chosen)
    if items.empty:
        empty("satisfaction.no_answers", "survey_answers")
        st.stop()

    # A township is shown beside all others, so that no narrower view gives a hidden one away.
    everywhere = replace(scope, township=None)
    first = parts.overall(items)
    told = {**chosen, "level": level()}
    opening = results.get("satisfaction.figures.by_unit", everywhere, item=first["item"], **told)
    top.headline(more.View(survey, first, scope, everywhere), opening)
    item = parts.choose_item(items)
    table = results.get("satisfaction.figures.by_unit", everywhere, item=item["item"], **told)
    panels.draw(parts.by_unit(item, table, survey, scope), everywhere, parts.dots(table, scope))
    parts.not_shown(table)

    answers = parts.choose_questions(results.get("satisfaction.figures.likert", scope, **chosen))
    panels.draw(parts.questions(answers, survey), scope, parts.bars(answers))
    more.draw(more.View(survey, item, scope, everywhere))
