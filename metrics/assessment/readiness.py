"""What is at hand in an emergency, from the same tables as in ordinary times.

Clauses I.iii.3 and IV.iii.5 (ordinary and emergency management connected, forces deployed by the
two committees); the team and the supplies are items 4 and 5 of checklist EMERG6.
"""

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.evaluate import latest_year
from metrics.queries import sql


def readiness(store: Store, scope: Scope) -> pd.DataFrame:
    """Return what each township of the scope has, and what it waits for, in the scope's year.

    Columns: unit_code, name_zh, name_en, shelters (operating), shelter_m2 (NaN where no area is
    known), team, supplies (checked and passed; missing where not checked), special_elder, disabled,
    hardship, left_child (registered in the newest month of the year of every village and group;
    one person may stand in several), requests, waiting (calls for emergency support to the county;
    not answered yet), facilities_known (whether any facility is held, so that none means none).
    """
    parameters = {**scope.parameters(), "year": latest_year(store, scope)}
    return store.read_once(sql("coverage/readiness"), parameters)
