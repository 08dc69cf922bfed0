"""Overview: eight tiles for a leader, each opening its source."""

import streamlit as st

from pages.shared import results
from pages.shared.overview import tiles
from pages.shared.overview.answers import Answers
from pages.shared.screen import empty, page
from pages.shared.words import level

with page("overview") as scope:
    told = Answers(results.get, scope, level())
    if told.card.overview.empty:
        empty("assessment.no_units", "townships")
        st.stop()
    answered, gaps = told.answered, told.gaps
    left, right = st.columns(2)
    with left:
        tiles.score(told.card, told.sure, scope)
    with right:
        tiles.satisfaction(answered, gaps, told.survey, scope)
    tiles.reach(told.reached, told.places, scope)
    left, right = st.columns(2)
    with left:
        tiles.gaps(told.outside)
    with right:
        tiles.capacities(told.capacities, scope)
    left, right = st.columns(2)
    with left:
        tiles.burden(told.burden, scope)
    with right:
        tiles.progress(told.history, results.get("evaluate.latest_year", scope))
    tiles.trust(told.card, told.survey, scope)
