"""Satisfaction: how residents rate governance and services, township by township."""

import streamlit as st

from pages.shared import charts, panels, results, satisfaction_panels
from pages.shared.screen import empty, language, large, page, t

with page("satisfaction") as scope:
    surveys = results.get("satisfaction.surveys", scope)
    if surveys.empty:
        empty("satisfaction.no_survey", "survey_meta", "survey_respondents", "survey_answers")
        st.stop()
    survey = satisfaction_panels.choose_survey(surveys)
    satisfaction_panels.identity(survey)
    items = results.get("satisfaction.items", scope, survey_id=survey["survey_id"])
    if items.empty:
        empty("satisfaction.no_answers", "survey_answers")
        st.stop()
    item = satisfaction_panels.choose_item(items)
    table = results.get(
        "satisfaction.by_unit", scope, survey_id=survey["survey_id"], item=item["item"]
    )
    satisfaction_panels.headline(item, table)
    panel = satisfaction_panels.by_unit(item, table)
    shown = table[table["shown"] & table["level"].eq("township")]
    figure = None
    if len(shown):
        county = table.loc[table["level"].eq("county") & table["shown"], "estimate"]
        figure = charts.dots(
            list(shown[f"name_{language()}"]),
            shown,
            axis=t("satisfaction.axis"),
            county=float(county.iloc[0]) if len(county) else None,
            county_word=t("satisfaction.county_line"),
            large=large(),
        )
    panels.draw(panel, scope, figure)
    satisfaction_panels.not_shown(table)

    answers = results.get("satisfaction.likert", scope, survey_id=survey["survey_id"])
    open_answers = answers[answers["shown"]]
    bars = None
    if len(open_answers):
        bars = charts.likert(
            satisfaction_panels.short(open_answers[f"text_{language()}"]),
            open_answers,
            words=[t(f"satisfaction.answer{value}") for value in range(1, 6)],
            axis=t("satisfaction.share_axis"),
            large=large(),
        )
    panels.draw(satisfaction_panels.questions(answers), scope, bars)
