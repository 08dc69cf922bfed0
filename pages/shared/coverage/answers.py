"""What the map asks: once here, for the page and for whoever asks ahead of it.

Who asks ahead does so before there is a page: nothing that draws may be imported here, or the
map's component would be declared where nobody serves it.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from data.scope import Scope
from metrics.maps import layers
from pages.shared.coverage.map_choices import Chosen


def asked(
    get: Callable[..., Any],
    chosen: Chosen,
    scope: Scope,
    *,
    counties: bool,
    as_in: Scope | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what a layer is drawn from: figures by unit, villages, the residents counted.

    get: as `results.get`. counties: the units are counties, shown without their villages.
    """
    nothing = pd.DataFrame()
    if chosen.counts_people:
        served = {"service": chosen.layer.service, "radius_m": chosen.radius_m}
        if counties:
            people, villages = get("maps.county_level.counted", scope, **served), nothing
        else:
            people, villages = get("accessibility.service_coverage.reached", scope, **served)
        return layers.of_counts(people, chosen.measure.id), villages, people
    # Of counties the way down leads to the villages.
    if counties or not chosen.has_points:
        room = "county_level" if counties else "layers"
        return get(f"maps.{room}.values", scope, as_in=as_in, **chosen.asked), nothing, nothing
    table, villages = get("maps.layers.seen", scope, as_in=as_in, **chosen.asked)
    return table, villages, nothing
