"""Residents within reach of a service, by township, as pages and exports show it.

Reached: the nearest operating facility of the service, of any township, lies within the radius in
force for the village's county and setting (urban or rural) when the straight line is lengthened by
the detour factor in force there, or by the minutes by road where the pair has them (`roads`).
The same rule stands in the indicators D5 to D8.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.accessibility import roads, standards
from metrics.coverage import nearest, tally, within
from metrics.queries import sql

COLUMNS = [
    "unit_code", "level", "name_zh", "name_en", "unit_type", "residents", "inside", "outside",
    "share", "unknown", "uncounted", "by_road", "note",
]  # fmt: skip
FIGURES = ["inside", "outside", "share"]


def services(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the services that facilities offer: service, facilities, operating, idle, unplaced.

    unplaced: operating ones whose place is not known; only minutes by road lead to them.
    """
    return store.read(sql("coverage/services"), scope.parameters())


def holds_roads(store: Store, scope: Scope) -> bool:
    """Say whether any minutes by road are held; the scope changes nothing."""
    _ = scope
    # A national table is too large to be read for a yes or no.
    return not store.read_once("SELECT community_code FROM travel_times LIMIT 1").empty


def boundaries(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the township boundaries of the scope's county (geometry as WKB)."""
    return store.read(sql("coverage/boundaries"), scope.parameters())


def boundary_codes(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code of the boundaries that `boundaries` returns, in its order."""
    return store.read_once(sql("coverage/boundary_codes"), scope.parameters())


def boundary_facts(store: Store, scope: Scope) -> pd.DataFrame:
    """Return one row: how many boundaries the scope's county has, their source, approval no."""
    return store.read(sql("coverage/boundary_facts"), scope.parameters())


def map_villages(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the villages of the county that have a place: names, lon, lat, population."""
    return store.read(sql("coverage/map_villages"), scope.parameters())


def map_facilities(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the facilities in and around the county: facility_id, name_zh, status, services, …"""
    return store.read(sql("coverage/map_facilities"), scope.parameters())


def map_seats(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the seats of the county's townships that have a place: name_zh, lon, lat."""
    return store.read(sql("coverage/map_seats"), scope.parameters())


def facilities(store: Store, scope: Scope, service: str) -> pd.DataFrame:
    """Return all facilities of a service: id, name_zh, township_code, status, lon, lat, in_scope.

    has_road: minutes by road lead there from some village.
    Facilities of any township can serve the residents of the scope.
    """
    return store.read_once(sql("coverage/facilities"), scope.parameters() | {"service": service})


def villages(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Return the villages of the scope with the way to the nearest operating facility.

    radius_m: metres for every village; None takes the radius in force for its county and setting.
    Columns: community_code, township_code, name_zh, name_en, lon, lat, population (NaN without a
    figure of the year), setting, county_code, facilities_known (for its county), detour (factor in
    force), radius_m, metres (straight line × detour, or what minutes by road amount to), facility
    (id), way ('road' | 'line', None without a facility), minutes and mode ('walk' | 'drive') of a
    road (NaN and None for a line), reached (True, False, None: place or radius not known).
    """
    found = places(store, scope).drop(columns=["seat_lon", "seat_lat"])
    found["radius_m"] = (
        own_radius(found, standards.radii(store, scope), service) if radius_m is None else radius_m
    )
    return reached_by(found, facilities(store, scope, service), roads.read(store, scope))


def ways(store: Store, scope: Scope, service: str) -> pd.DataFrame:
    """Return one row: villages of the scope by what their way to the service is measured with.

    walk, drive: minutes on foot, by car; line: the straight line; pairs: minutes held for the
    service's operating facilities; sources: what these come from, each once, blanks left out.
    """
    held = roads.read(store, scope)
    found = villages(store, scope, service, np.inf)
    supply = facilities(store, scope, service)
    running = supply.loc[supply["status"].eq("operating"), "id"]
    led = held[held["facility_id"].isin(running)]
    return pd.DataFrame(
        {
            **{mode: [int(found["mode"].eq(mode).sum())] for mode in standards.PACES},
            "line": [int(found["way"].eq("line").sum())],
            "pairs": [len(led)],
            "sources": [tuple(sorted(led["source"].dropna().unique()))],
        }
    )


def places(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the villages of the scope with the detour factor of their county; see `villages`.

    seat_lon, seat_lat: of their own unit.
    """
    found = store.read_once(sql("coverage/villages"), scope.parameters())
    found["population"] = found["population"].astype(float)
    found["detour"] = found["county_code"].map(standards.detours(store, scope)).astype(float)
    return found


def own_radius(found: pd.DataFrame, radii: pd.DataFrame, service: str) -> "pd.Series[float]":
    """Return the radius of each village: that of its county and setting, NaN where none is set."""
    offered = radii[radii["service"].eq(service)].set_index(["county_code", "setting"])["radius_m"]
    wanted = pd.MultiIndex.from_frame(found[["county_code", "setting"]])
    return pd.Series(offered.reindex(wanted).to_numpy(float), found.index)


def reached_by(found: pd.DataFrame, supply: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Add the way and whether it is within radius_m to villages with detour; see `villages`.

    held: of `roads.read`.
    """
    running = supply[supply["status"] == "operating"]
    network = roads.network(held, found, running)
    near = nearest(found.assign(id=found["community_code"]), running, network=network)
    if network is None:
        near["way"] = near["id"].notna().map({True: "line", False: None})
    metres = near["metres"] * found["detour"]
    reached = within(metres, found["radius_m"])
    reached[~found["facilities_known"].to_numpy(bool)] = None
    found = found.assign(metres=metres, facility=near["id"], way=near["way"], reached=reached)
    known = held.set_index(["community_code", "facility_id"])[["minutes", "mode"]]
    pairs = pd.MultiIndex.from_frame(found[["community_code", "facility"]])
    # A pair may be in the table and yet not led to: its way is a line.
    led = known.reindex(pairs).set_axis(found.index).where(found["way"] == "road")
    return found.assign(minutes=led["minutes"].astype(float), mode=led["mode"])


def by_unit(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Count residents inside and outside for the whole scope (first row) and each township.

    share: of those whose place is known, in %. unknown: residents whose place or setting is not
    known. uncounted: villages without a population of the year. by_road: villages whose nearest way
    is by minutes by road. note: '' | 'no_population' |
    'no_facilities' (the county has given none) | 'no_radius' (none is set for a setting that
    residents live in) | 'no_place'; with a note there is no figure. Empty without townships.
    """
    return reached(store, scope, service, radius_m)[0]


def reached(
    store: Store, scope: Scope, service: str, radius_m: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `by_unit` and the `villages` it is counted from, for whoever shows both."""
    units = store.read_once(sql("units"), scope.parameters())
    found = villages(store, scope, service, radius_m)
    table = pd.DataFrame(columns=COLUMNS) if units.empty else counted(units, found)
    return table, found


def counted(units: pd.DataFrame, demand: pd.DataFrame) -> pd.DataFrame:
    """Count the residents of `villages` as `by_unit` does, for the townships in `units`."""
    towns = _count(demand, "township_code").reindex(units["unit_code"])
    each = units.merge(towns, left_on="unit_code", right_index=True).assign(level="township")
    if len(units) == 1:
        return _with_notes(each)
    whole = _count(demand.assign(all=""), "all").reindex([""])
    whole = whole.rename_axis("unit_code").reset_index().assign(level="county")
    return _with_notes(pd.concat([whole, each], ignore_index=True))


def _count(demand: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return people by reach, and what is missing, by the values of a column."""
    held = demand["population"].notna()
    counted = demand[held]
    unset = counted["setting"].isna() & counted["radius_m"].isna()
    # A road leads from a village without a place as well.
    placeless = counted["metres"].isna() | unset
    missing = counted.assign(
        placeless=counted["population"].where(placeless, 0.0),
        without_radius=counted["population"].where(counted["radius_m"].isna() & ~unset, 0.0),
        without_facilities=counted["population"].where(~counted["facilities_known"], 0.0),
    )
    sums = missing.groupby(by)[["placeless", "without_radius", "without_facilities"]].sum()
    people = tally(counted, counted["reached"].to_numpy(object), by=by).set_index(by)
    uncounted = (~held).groupby(demand[by]).sum().rename("uncounted")
    by_road = demand["way"].eq("road").groupby(demand[by]).sum().rename("by_road")
    return people.join(sums).join([uncounted, by_road], how="outer").astype(float)


def _with_notes(table: pd.DataFrame) -> pd.DataFrame:
    """Say why there is no figure, and blank what would pass for one."""
    table = table.rename(columns={"total": "residents"})
    table["note"] = np.select(
        [
            table["residents"].isna(),
            table["without_facilities"] > 0,
            table["without_radius"] > 0,
            table["residents"].gt(0) & table["share"].isna(),
        ],
        ["no_population", "no_facilities", "no_radius", "no_place"],
        "",
    )
    table["share"] = 100 * table["share"]
    table[FIGURES] = table[FIGURES].where(table["note"] == "")
    table["unknown"] = table["placeless"]
    for name in ("uncounted", "by_road"):
        table[name] = table[name].fillna(0).astype(int)
    return table.reindex(columns=COLUMNS).reset_index(drop=True)
