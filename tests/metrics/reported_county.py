"""A county of reported values only, for tests of what is made of them."""

from collections.abc import Mapping

import pandas as pd

from data.store import Change, Store

COUNTY = "990101"
TOWNS = [f"9901011{n:02}" for n in range(10)]


def publish(store: Store, **tables: pd.DataFrame) -> None:
    """Publish some tables as one version."""
    changes = [Change(name, rows) for name, rows in tables.items()]
    store.publish(changes, author="t", message="t")


def towns(types: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Ten townships, some of another type if said."""
    kinds = [(types or {}).get(code, "township") for code in TOWNS]
    table = pd.DataFrame({"township_code": TOWNS, "name_zh": TOWNS, "unit_type": kinds})
    return table.assign(county_code=COUNTY)


def reported(values: Mapping[str, object], year: int = 2025) -> pd.DataFrame:
    """Reported values: indicator -> one value for all townships, or unit -> value."""
    rows = []
    for indicator, told in values.items():
        held = told if isinstance(told, Mapping) else dict.fromkeys(TOWNS, told)
        rows += [(unit, indicator, value) for unit, value in held.items()]
    return pd.DataFrame(rows, columns=["unit_code", "indicator_id", "value"]).assign(year=year)
