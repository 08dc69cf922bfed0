"""The townships of a store and the years it holds, for filters and names."""

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.queries import sql

# More counties than these are no answer within seconds: a smaller place is asked for first.
MOST_COUNTIES = 40


def all_units(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, name_zh, name_en, unit_type, county_code, peer_group of the scope."""
    return store.read_once(sql("units"), scope.parameters())


def years(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the years for which the store holds facts, newest first."""
    return store.read_once(sql("years"), scope.parameters())


def counties(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, name_zh and name_en of every county that has townships."""
    return store.read_once(sql("counties"), scope.parameters())
