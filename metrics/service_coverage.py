"""Residents within reach of a service, by township, as pages and exports show it.

Reached: the nearest operating facility of the service, of any township, lies within the radius of
the village's setting (urban or rural) when the straight line is lengthened by the detour factor.
"""

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.coverage import nearest, reach
from metrics.queries import sql

COLUMNS = [
    "unit_code", "level", "name_zh", "name_en", "unit_type", "residents", "inside", "outside",
    "unknown", "share",
]  # fmt: skip


def services(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the services that facilities offer: service, facilities, operating, idle."""
    return store.read(sql("coverage/services"), scope.parameters())


def boundaries(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the township boundaries that are held (geometry as WKB)."""
    return store.read(sql("coverage/boundaries"), scope.parameters())


def facilities(store: Store, scope: Scope, service: str) -> pd.DataFrame:
    """Return the facilities of a service: id, name_zh, township_code, status, lon, lat."""
    return store.read(sql("coverage/facilities"), scope.parameters() | {"service": service})


def villages(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Return the villages of the scope with metres on the way to the nearest facility.

    Adds metres (straight line × detour), facility (id), radius_m, reached (True, False, or None
    where the place or the radius is not known).
    """
    found = store.read(sql("coverage/villages"), scope.parameters() | {"service": service})
    if radius_m is not None:
        found["radius_m"] = radius_m
    supply = _operating(store, scope, service)
    near = nearest(found, supply)
    metres = near["metres"] * _detour(store)
    reached = (metres <= found["radius_m"]).astype(object)
    reached[metres.isna() | found["radius_m"].isna()] = None
    return found.assign(metres=metres, facility=near["id"], reached=reached)


def by_unit(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Count residents inside and outside for the scope (first row) and each township.

    share: inside of those whose place and radius are known, in %. Empty without residents.
    """
    demand = villages(store, scope, service, radius_m)
    if demand.empty:
        return pd.DataFrame(columns=COLUMNS)
    supply = _operating(store, scope, service)
    units = store.read(sql("units"), scope.parameters())
    detour = _detour(store)
    whole = reach(demand, supply, demand["radius_m"], detour=detour)
    each = reach(demand, supply, demand["radius_m"], by="township_code", detour=detour)
    each = units.merge(each, left_on="unit_code", right_on="township_code")
    parts = [each.assign(level="township")]
    if len(units) > 1:
        parts.insert(0, whole.assign(level="county", unit_code=""))
    table = pd.concat(parts, ignore_index=True).rename(columns={"total": "residents"})
    table["share"] = 100 * table["share"]
    return table[COLUMNS]


def _operating(store: Store, scope: Scope, service: str) -> pd.DataFrame:
    found = facilities(store, scope, service)
    return found[found["status"] == "operating"]


def _detour(store: Store) -> float:
    return float(store.settings()["detour_factor"])
