"""Coverage: how many residents live within reach of a service, and where the others are."""

from dataclasses import replace

import streamlit as st

from pages.shared import coverage_map, maps, panels, results
from pages.shared import coverage_panels as parts
from pages.shared.screen import empty, page

with page("coverage") as scope:
    # A township is shown among all others; what is outside of it is part of the picture.
    everywhere = replace(scope, township=None)
    service, radius = parts.choose(results.get("coverage.services", scope))
    chosen = {"service": service, "radius_m": radius}
    table = results.get("coverage.by_unit", everywhere, **chosen)
    facts = results.get("coverage.boundary_facts", everywhere).iloc[0]
    if table.empty and not facts["units"]:
        empty("coverage.nothing", "boundaries", "townships", "communities", "community_year")
        st.stop()
    villages = results.get("coverage.villages", everywhere, **chosen)
    parts.headline(service, table, scope)
    if coverage_map.too_many(facts, table, scope):
        st.info(parts.too_many())
    else:
        view = coverage_map.view(service, scope, table, villages, facts)
        maps.draw(view, coverage_map.finder(everywhere, table))
        st.caption(parts.how_to_use())
    if not table.empty:
        panels.draw(parts.by_unit(service, table, villages), everywhere)
        facilities = results.get("coverage.facilities", everywhere, service=service)
        units = results.get("units.all_units", everywhere)
        panels.draw(parts.facilities(service, facilities, units), everywhere)
