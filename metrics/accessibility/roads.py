"""Minutes by road from villages to facilities, where a place has given them.

They stand in place of the straight line times the detour factor, pair by pair: a pair without
minutes keeps the straight line. Minutes on foot and by car become metres, each by its own minutes
for 1 km in force in the county of the village, so that the same radii hold for all; a pair that has
both goes on foot.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.accessibility import standards
from metrics.queries import sql


def read(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the pairs of the scope's villages with facilities of any place, whatever their status.

    Columns: community_code, facility_id, mode ('walk' | 'drive'), minutes, source, county_code,
    metres (of way).
    """
    table = store.read_once(sql("coverage/travel_times"), scope.parameters())
    metres = pd.Series(np.nan, table.index)
    if table.empty:
        return table.assign(metres=metres)
    for mode, parameter in standards.PACES.items():
        pace = standards.limits(store, scope, parameter).set_index("county_code")["value"]
        own = table[table["mode"].eq(mode)]
        by_pace = own["county_code"].map(pace).astype(float)
        metres[own.index] = 1000 * own["minutes"].astype(float) / by_pace
    return table.assign(metres=metres)


def network(
    roads: pd.DataFrame, villages: pd.DataFrame, supply: pd.DataFrame
) -> pd.DataFrame | None:
    """Return the pairs that lead from villages to supply, as the road table of `nearest`.

    villages: community_code and detour, a code once. supply: id. Metres are those of the straight
    line that is as long a way: once the detour factor is applied they are what the minutes say.
    None where no pair leads there.
    """
    led = roads[roads["facility_id"].isin(supply["id"])]
    led = led.merge(villages[["community_code", "detour"]], on="community_code")
    if led.empty:
        return None
    return pd.DataFrame(
        {
            "demand": led["community_code"],
            "supply": led["facility_id"],
            "metres": led["metres"] / led["detour"],
        }
    )
