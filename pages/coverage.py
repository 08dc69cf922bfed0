"""Coverage: how many residents live within reach of a service, and where the others are."""

import streamlit as st

from pages.shared import coverage_panels, geometry, maps, panels, results
from pages.shared.screen import empty, language, large, page, t

with page("coverage") as scope:
    boundaries = results.get("coverage.boundaries", scope)
    service, radius = coverage_panels.choose(results.get("coverage.services", scope))
    table = results.get("coverage.by_unit", scope, service=service, radius_m=radius)
    if table.empty and boundaries.empty:
        empty("coverage.nothing", "boundaries", "communities", "community_year", "facilities")
        st.stop()
    villages = results.get("coverage.villages", scope, service=service, radius_m=radius)
    facilities = results.get("coverage.facilities", scope, service=service)
    if table.empty:
        empty("coverage.no_residents", "communities", "community_year", "facilities")
    else:
        coverage_panels.headline(service, table)
    held = results.store()
    url = geometry.offer(held.folder, held.version, boundaries) if len(boundaries) else ""
    maps.draw(
        url=url,
        centre=coverage_panels.centre(boundaries, villages),
        language=language(),
        values=coverage_panels.values(table),
        dots=coverage_panels.dots(villages, facilities),
        legend=coverage_panels.legend(service, scope, table, boundaries),
        none=t("coverage.no_data"),
        large=large(),
    )
    st.caption(t("coverage.link_hint"))
    if not table.empty:
        panels.draw(coverage_panels.by_unit(service, table, facilities), scope)
