"""Coverage: the map of services, needs and results; who is reached, and where the others are."""

from dataclasses import replace

import streamlit as st

from pages.shared import panels, results
from pages.shared.coverage import (
    county_map,
    gap_panels,
    map_choices,
    map_panels,
    map_place,
    parts,
    readiness_panel,
    standard_words,
)
from pages.shared.screen import empty, page, t
from pages.shared.words import presenting

with page("coverage") as scope:
    # A township is shown among all others; what is outside of it is part of the picture.
    everywhere = replace(scope, township=None)
    facts = results.get("accessibility.service_coverage.boundary_facts", everywhere).iloc[0]
    chosen, field = map_choices.draw(scope)
    now = map_place.answer(chosen, everywhere, facts)
    if now.table.empty and not facts["units"]:
        empty("coverage.nothing", "townships", "communities", "community_year", "boundaries")
        st.stop()
    earlier = None
    if chosen.before:
        past = replace(everywhere, year=chosen.before)
        earlier = map_place.answer(chosen, past, facts, as_in=everywhere)
    proposed = gap_panels.wanted(chosen, scope)
    wide = county_map.too_many(now, scope)
    # One place whatever stands in it, so that the map below is never taken down and set up again.
    with st.container(key="map-said"):
        map_place.path(scope)
        found = map_place.search(everywhere, field, st.container())
        if wide or not earlier:  # what changed stands above two maps, and this below them
            map_place.headline(chosen, now, scope)
    if wide:
        st.info(parts.too_many(counties=now.counties))
    else:
        map_place.draw(chosen, scope, now, earlier, found, proposed and proposed.sites)
        if earlier:
            map_place.headline(chosen, now, scope)
        for heading, words in standard_words.of_view(chosen, everywhere).items():
            st.caption(f"{heading}{t('shell.colon')}{words}")
        if not presenting():
            st.caption(parts.how_to_use())
    if st.session_state["mode"] == "emergency":
        panels.draw(
            readiness_panel.panel(results.get("assessment.readiness.readiness", scope)), scope
        )
    if not now.table.empty:
        if scope.township and chosen.has_points:
            panels.draw(map_panels.villages(chosen, now.villages, scope), scope)
        before = None if earlier is None else earlier.table
        if earlier or not chosen.counts_people:
            years = map_place.years(now, earlier)
            panels.draw(
                map_panels.by_unit(chosen, everywhere, now.table, before, years), everywhere
            )
        if chosen.counts_people:
            parameters = standard_words.of_reach(chosen, everywhere)
            panels.draw(parts.by_unit(chosen.layer.service, now.counted, parameters), everywhere)
        gap_panels.draw(chosen, scope, proposed)
        if chosen.layer.service:
            facilities = results.get(
                "accessibility.service_coverage.facilities",
                everywhere,
                service=chosen.layer.service,
            )
            units = results.get("units.all_units", everywhere)
            panels.draw(parts.facilities(chosen.layer.service, facilities, units), everywhere)
