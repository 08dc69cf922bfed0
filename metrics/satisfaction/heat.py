"""All indices of satisfaction by township in one table, each figure under the base rule."""

import pandas as pd

from data.scope import Level, Scope
from data.store import Store
from metrics.queries import sql
from metrics.satisfaction.figures import by_unit, standing

INDICES = ("S1", "S2", "S3", "S4", "S5", "S6")
KEYS = ["unit_code", "level", "name_zh", "name_en"]
COLUMNS = ["item", *KEYS, "estimate", "low", "high", "n", "standing", "shown", "note"]


def heat(store: Store, scope: Scope, survey_id: str, level: Level = "township") -> pd.DataFrame:
    """Return the indices S1 to S6 that a survey has answers to, one below the other.

    Columns COLUMNS, rows of each item as in `figures.by_unit`; standing: 'above' | 'same' |
    'below' the scope's whole by intervals, '' where not shown.
    """
    held = set(store.read(sql("satisfaction/items"), {"survey_id": survey_id})["item"])
    parts = [
        table.assign(item=item, standing=standing(table))[COLUMNS]
        for item in INDICES
        if item in held
        for table in [by_unit(store, scope, survey_id, item, level=level)]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
