"""Overview: eight tiles for a leader, each opening its source."""

from dataclasses import replace

import streamlit as st

from pages.shared import results
from pages.shared.overview import tiles
from pages.shared.screen import empty, page
from pages.shared.words import level

with page("overview") as scope:
    card = results.get("assessment.township_card.card", scope)
    if card.overview.empty:
        empty("assessment.no_units", "townships")
        st.stop()
    surveys = results.get("satisfaction.figures.surveys", scope)
    surveys = surveys[surveys["audience"].eq("resident")]
    survey = surveys.iloc[0].to_dict() if len(surveys) else None
    answered, gaps = None, None
    if survey:
        everywhere = replace(scope, township=None)
        items = results.get("satisfaction.figures.items", scope, survey_id=survey["survey_id"])
        if items["item"].eq("S1").any():
            asked = {"survey_id": survey["survey_id"], "item": "S1", "level": level()}
            answered = results.get("satisfaction.figures.by_unit", everywhere, **asked)
            if not results.get(
                "satisfaction.figures.scale_of", scope, survey_id=survey["survey_id"]
            ).mixed:
                gaps = results.get(
                    "satisfaction.groups.by_group", scope, survey_id=survey["survey_id"], item="S1"
                ).gaps
    left, right = st.columns(2)
    with left:
        tiles.score(card, results.get("assessment.robustness.average", scope), scope)
    with right:
        tiles.satisfaction(answered, gaps, survey, scope)
    places = results.get("overview.reach_by_township", scope)
    tiles.reach(results.get("overview.reach", scope), places, scope)
    left, right = st.columns(2)
    with left:
        tiles.gaps(results.get("overview.gaps", scope))
    with right:
        tiles.capacities(results.get("overview.capacities", scope), scope)
    left, right = st.columns(2)
    with left:
        tiles.burden(results.get("overview.burden_strip", scope), scope)
    with right:
        year = results.get("evaluate.latest_year", scope)
        tiles.progress(results.get("assessment.progress.history", scope), year)
    tiles.trust(card, survey, scope)
