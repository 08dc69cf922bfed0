"""Counties side by side: what the map shows of them, each answered as it answers for itself.

A county's figure is that of its own whole (sums, never means of townships), under the base rule of
its own scope.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import shapely

from data.scope import Scope
from data.store import Store
from metrics import units
from metrics.accessibility import service_coverage
from metrics.maps import layers
from metrics.queries import sql


def boundaries(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, names and geometry (WKB) of every county: its own, else its townships'."""
    held = store.read_once(sql("coverage/county_boundaries"))
    towns = service_coverage.boundaries(store, replace(scope, township=None))
    names = units.counties(store, scope).set_index("unit_code")
    own = dict(zip(held["unit_code"], held["geometry"], strict=True))
    by_county = dict(tuple(towns.groupby(towns["unit_code"].str[:6])))
    rows = []
    for code in names.index:
        shape = own.get(code)
        if shape is None and code in by_county:
            parts = shapely.from_wkb([bytes(each) for each in by_county[code]["geometry"]])
            shape = shapely.to_wkb(shapely.union_all(shapely.make_valid(parts)))
        if shape is not None:
            rows.append((code, names.at[code, "name_zh"], names.at[code, "name_en"], shape))
    return pd.DataFrame(rows, columns=["unit_code", "name_zh", "name_en", "geometry"])


def values(
    store: Store,
    scope: Scope,
    layer_id: str,
    measure_id: str,
    radius_m: float | None = None,
    as_in: Scope | None = None,
) -> pd.DataFrame:
    """Answer as `layers.values`, for the whole scope and each of its counties.

    Counties are scored alike, as the whole is.
    """
    alike = as_in or scope
    return _each(
        store,
        scope,
        lambda at: layers.values(store, at, layer_id, measure_id, radius_m, alike),
    )


def counted(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Answer as `service_coverage.by_unit`, for the whole scope and each of its counties."""
    names = units.counties(store, scope).assign(unit_type=None)
    demand = service_coverage.villages(store, scope, service, radius_m)
    demand = demand.assign(township_code=demand["county_code"])
    return service_coverage.counted(names, demand).assign(level="county")


def _each(store: Store, scope: Scope, ask: Callable[[Scope], pd.DataFrame]) -> pd.DataFrame:
    """Put the first row of every county's answer below that of the whole."""
    parts: list[Any] = [ask(scope).head(1).assign(unit_code="", level="county")]
    for code, zh, en in units.counties(store, scope).itertuples(index=False, name=None):
        own = ask(replace(scope, county=code)).head(1)
        named = {"unit_code": code, "level": "county", "name_zh": zh, "name_en": en}
        parts.append(own.assign(**named, unit_type=None))
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return table
