"""The assessment registry: what the county asks of its townships, and what could be less.

Clauses I.ii.7, VII.ii.5, VII.ii.6 (annual plan, count and frequency, merge what asks for the same)
and III.i, III.ii (powers devolved and not used are a case for recalling or supporting them).
"""

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.evaluate import latest_year
from metrics.queries import sql

# Two forms that share so much of the smaller one's fields could be one.
MERGE_SHARE = 0.6


def by_issuer(store: Store, scope: Scope) -> pd.DataFrame:
    """Return what each department asks in the year, by kind, the most frequent first.

    Columns: issuer, kind, units (townships reached), times (a year, over all of them), hours (NaN
    where nobody said how long), times_planned, times_unplanned (in the annual plan or not; the
    rest is not said), without_basis (entries without a legal basis), negative.
    """
    return _read(store, scope, "burden")


def tasks(store: Store, scope: Scope) -> pd.DataFrame:
    """Return tasks handed down in the year by department: tasks, outside (the list), supported."""
    return _read(store, scope, "tasks")


def unused_powers(store: Store, scope: Scope) -> pd.DataFrame:
    """Return devolved powers of the year.

    Columns: item_code, name (None for none), units (that hold it), unused, unknown, times.
    """
    return _read(store, scope, "powers")


def merge_suggestions(store: Store, scope: Scope, *, share: float = MERGE_SHARE) -> pd.DataFrame:
    """Return pairs of forms that ask for much the same, the largest overlap first.

    Each form has its id, its name (None where none was given), issuer and number of fields.
    overlap: shared fields in % of the smaller form's; at least 100 * share.
    """
    parameters = {**scope.parameters(), "share": share}
    return store.read_once(sql("assessment/merge_forms"), parameters)


def registry(store: Store, scope: Scope) -> pd.DataFrame:
    """Return what each township is asked in the year, beside the year before and the local cap.

    Columns: unit_code, name_zh, name_en, about ('G2' inspections and assessments, 'G4' forms and
    ledgers), before (NaN where nothing was registered that year), after, unplanned, unknown (times
    outside the annual plan; times of which nobody said), cap (NaN where none is set).
    """
    return _read(store, scope, "registry")


def same_quarter(store: Store, scope: Scope) -> pd.DataFrame:
    """Return departments that come to the same townships in the same quarter, most units first.

    Columns: quarter, first_issuer, second_issuer, units. Only inspections and assessments whose
    quarter was said.
    """
    return _read(store, scope, "same_quarter")


def powers_and_tasks(store: Store, scope: Scope) -> pd.DataFrame:
    """Return, by township, what could be taken back and what should come with money.

    Columns: unit_code, name_zh, name_en, powers and unused (devolved to it, and never used; NaN
    without a list), tasks, outside (its list) and unsupported (outside, known to be without
    support; NaN without tasks).
    """
    return _read(store, scope, "powers_and_tasks")


def _read(store: Store, scope: Scope, name: str) -> pd.DataFrame:
    parameters = {**scope.parameters(), "year": latest_year(store, scope)}
    return store.read_once(sql(f"assessment/{name}"), parameters)
