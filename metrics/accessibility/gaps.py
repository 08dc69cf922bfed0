"""The gap finder: who is outside the reach of which service, and where to open next.

Idle buildings come first (existing resources before new ones): whatever a site of theirs can do,
it does before a new one is named. New sites are looked for at the places of villages.

Minutes by road (`roads`) hold for facilities and idle buildings; nobody has measured the way to a
place where nothing stands yet: to a new site it is the straight line times the detour factor.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from data.store import Store
from metrics.accessibility import roads, service_coverage, standards
from metrics.accessibility.sites import Sites, best_sites
from metrics.accessibility.sphere import EDGE, Floats
from metrics.accessibility.travel import Ways, read_network, ways_within
from metrics.queries import sql

TIME_LIMIT_S = 8.0
MOST_SITES = 5
# An idle building, a facility that runs and a village may bear the same code.
IDLE, NOW = "idle:", "now:"
SITE_COLUMNS = [
    "rank", "id", "kind", "name_zh", "name_en", "township_code", "lon", "lat", "people",
    "cumulative", "services",
]  # fmt: skip
IDLE_COLUMNS = ["id", "name_zh", "township_code", "services", "lon", "lat", "people"]


@dataclass(frozen=True)
class Next:
    """Where to open next, and how sure that is.

    sites: SITE_COLUMNS, first the one that does most; kind 'idle' (a building that stands empty,
    services: what it was built for) or 'new' (at a village). people: whom it newly brings within
    reach; cumulative: with those before it. outside: residents outside before; total: newly
    reached by all sites named; bound: no choice of so many sites reaches more; proven: total is
    the most possible. note: '' or why nothing is answered, as of `service_coverage.by_unit`, or
    'nobody_outside'.
    """

    sites: pd.DataFrame
    outside: float
    total: float
    bound: float
    proven: bool
    note: str = ""


OUTSIDE = ["service", "residents", "inside", "outside", "share", "note", "operating", "idle"]


def outside(store: Store, scope: Scope) -> pd.DataFrame:
    """Return residents outside by service, the most first, under the radii that are set.

    Columns: service, residents (whose place is known), inside, outside, share, operating, idle
    (facilities of the scope's townships; those of others may serve its residents as well), note
    (as of `service_coverage.by_unit`). Empty without townships.
    """
    units = store.read_once(sql("units"), scope.parameters())
    if units.empty:
        return pd.DataFrame()
    villages = service_coverage.places(store, scope)
    supply = dict(tuple(store.read_once(sql("coverage/all_facilities")).groupby("service")))
    radii = standards.radii(store, scope)
    held = roads.read(store, scope)
    part = scope.county or scope.township or scope.unit_type
    rows = []
    for code in CODES["service"]:
        offered = supply.get(code.value)
        if offered is None:
            continue
        here = offered[offered["township_code"].isin(units["unit_code"])] if part else offered
        own = service_coverage.own_radius(villages, radii, code.value)
        reached = service_coverage.reached_by(villages.assign(radius_m=own), offered, held)
        row = service_coverage.counted(units, reached).iloc[0]
        rows.append(
            {
                "service": code.value,
                "residents": row["inside"] + row["outside"],
                **row[["inside", "outside", "share", "note"]],
                "operating": int(here["status"].eq("operating").sum()),
                "idle": int(here["status"].eq("idle").sum()),
            }
        )
    table = pd.DataFrame(rows, columns=OUTSIDE)
    return table.sort_values("outside", ascending=False, kind="stable").reset_index(drop=True)


def next_sites(
    store: Store, scope: Scope, service: str, count: int, radius_m: float | None = None
) -> Next:
    """Name at most count sites that bring most residents of the scope within reach.

    radius_m: None takes the radius of each village's setting. Exact (maximal covering) within
    TIME_LIMIT_S; the answer says whether it is proven, and the bound. Residents whose place,
    setting or radius is not known are nobody here.
    """
    demand = service_coverage.villages(store, scope, service, radius_m)
    whole = service_coverage.by_unit(store, scope, service, radius_m)
    note = "no_population" if whole.empty else str(whole["note"].iloc[0])
    if note:
        return Next(pd.DataFrame(columns=SITE_COLUMNS), 0.0, 0.0, 0.0, False, note)
    left = float(whole["outside"].iloc[0])
    if left == 0:
        return Next(pd.DataFrame(columns=SITE_COLUMNS), 0.0, 0.0, 0.0, True, "nobody_outside")
    counted = demand[
        demand["population"].notna() & demand["radius_m"].notna() & demand["metres"].notna()
    ]
    counted = counted.assign(id=counted["community_code"])
    candidates = _candidates(store, scope, counted[counted["lon"].notna()])
    supply = service_coverage.facilities(store, scope, service)
    existing = supply[supply["status"].eq("operating")]
    network = _network(roads.read(store, scope), counted, candidates, existing)
    found = _solve(counted, candidates, existing, network, count)
    return Next(_named(found, candidates), left, found.total, found.bound, found.proven)


def idle(store: Store, scope: Scope, service: str, radius_m: float | None = None) -> pd.DataFrame:
    """Return the idle buildings of the scope that would newly reach anybody, the most first.

    Columns: id, name_zh, township_code, services, lon, lat, people: residents outside now whom
    this building alone would reach, were the service opened in it.
    """
    empty = store.read(sql("coverage/idle"), scope.parameters()).reset_index(drop=True)
    demand = service_coverage.villages(store, scope, service, radius_m)
    away = demand[demand["reached"].eq(False) & demand["population"].notna()]
    away = away.assign(id=away["community_code"]).reset_index(drop=True)
    people = np.zeros(len(empty))
    if len(away) and len(empty):
        ways = _ways(away, empty, roads.network(roads.read(store, scope), away, empty))
        near = ways.metres <= _straight_radius(away)[ways.here] + EDGE
        np.add.at(people, ways.there[near], away["population"].to_numpy(float)[ways.here[near]])
    table = empty.assign(people=people)[IDLE_COLUMNS]
    table = table[table["people"] > 0]
    return table.sort_values("people", ascending=False, kind="stable").reset_index(drop=True)


def _straight_radius(demand: pd.DataFrame) -> Floats:
    """Return how far each village reaches in a straight line: its radius without the detour."""
    radius: Floats = (demand["radius_m"] / demand["detour"]).to_numpy(float)
    return radius


def _ways(demand: pd.DataFrame, supply: pd.DataFrame, network: pd.DataFrame | None) -> Ways:
    """Return straight lines no longer than the widest of the villages' radii, and all roads."""
    led = read_network(network, demand, supply, None)
    widest = float(_straight_radius(demand).max())
    near = ways_within(demand, supply, widest, 1.0, led)
    # A road that is too long stays: without it the pair would go straight again.
    far = led.metres > widest + EDGE
    return Ways(
        np.append(near.here, led.here[far]),
        np.append(near.there, led.there[far]),
        np.append(near.metres, led.metres[far]),
        np.append(near.by_road, led.by_road[far]),
    )


def _network(
    held: pd.DataFrame, demand: pd.DataFrame, candidates: pd.DataFrame, existing: pd.DataFrame
) -> pd.DataFrame | None:
    """Return the roads to idle buildings and to facilities, under the ids of `_solve`."""
    empty = candidates.loc[candidates["kind"].eq("idle"), ["own_id"]].set_axis(["id"], axis=1)
    parts = [
        led.assign(supply=kind + led["supply"].astype(str))
        for kind, supply in ((IDLE, empty), (NOW, existing))
        if (led := roads.network(held, demand, supply)) is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def _candidates(store: Store, scope: Scope, villages: pd.DataFrame) -> pd.DataFrame:
    """Return idle buildings of any service, then the places of villages."""
    idle = store.read(sql("coverage/idle"), scope.parameters()).assign(kind="idle", idle=True)
    new = villages[["id", "name_zh", "name_en", "township_code", "lon", "lat"]]
    new = new.assign(kind="new", idle=False, services="")
    # A facility may be numbered like a village: the kind keeps them apart.
    table = pd.concat([idle, new], ignore_index=True)
    return table.assign(own_id=table["id"], id=table["kind"] + ":" + table["id"].astype(str))


def _solve(
    demand: pd.DataFrame,
    candidates: pd.DataFrame,
    existing: pd.DataFrame,
    network: pd.DataFrame | None,
    count: int,
) -> Sites:
    """Answer the covering problem where every village has a radius of its own.

    network: of `_network`. Ways are stretched by widest radius over own radius and compared with
    the widest one; the table holds every pair within the widest radius, and every road, so that
    none goes unstretched.
    """
    radius = _straight_radius(demand)
    widest = float(radius.max())
    places = existing.assign(id=NOW + existing["id"].astype(str))
    if len(np.unique(radius)) > 1:
        supply = pd.concat([candidates[["id", "lon", "lat"]], places[["id", "lon", "lat"]]])
        supply = supply.reset_index(drop=True)
        ways = _ways(demand, supply, network)
        network = pd.DataFrame(
            {
                "demand": demand["id"].to_numpy(object)[ways.here],
                "supply": supply["id"].to_numpy(object)[ways.there],
                "metres": ways.metres * widest / radius[ways.here],
            }
        )
    return best_sites(
        demand,
        candidates,
        widest,
        count,
        existing=places,
        network=network,
        time_limit_s=TIME_LIMIT_S,
    )


def _named(found: Sites, candidates: pd.DataFrame) -> pd.DataFrame:
    """Put names and places beside the sites chosen."""
    table = found.sites.merge(candidates.drop(columns="idle"), on="id", how="left")
    table = table.assign(id=table["own_id"], rank=np.arange(1, len(table) + 1))
    return table.reindex(columns=SITE_COLUMNS)
