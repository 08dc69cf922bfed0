"""One county of three units for the formulas: its places, and how its records are written."""

from typing import Any

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Change, Store
from metrics.register import Indicator

# A sub-district and two townships of one county; one of another that must never count in it.
A, B, C, OTHER = "990101001", "990101100", "990101101", "990102100"
COUNTY = "990101"
VILLAGES = {f"{unit}{n:03d}": unit for unit in (A, B, C, OTHER) for n in (1, 2, 3)}
A1, A2, A3, B1, B2, B3 = list(VILLAGES)[:6]
C1, O1 = f"{C}001", f"{OTHER}001"
YEAR = Scope(2025, COUNTY)


def publish(store: Store, **tables: pd.DataFrame) -> None:
    changes = [Change(name, frame) for name, frame in tables.items()]
    store.publish(changes, author="t", message="t")


def rows(columns: str, *values: tuple[Any, ...], key: str = "", **same: Any) -> pd.DataFrame:
    """Return a frame from column names and tuples; key: a column to number the rows in."""
    frame = pd.DataFrame(list(values), columns=columns.split()).assign(**same)
    for name in frame:
        if name.endswith(("_on", "_at", "_due", "month")):
            frame[name] = pd.to_datetime(frame[name])
    if key:
        frame[key] = [f"{key}-{n}" for n in range(len(frame))]
    return frame.convert_dtypes()


def adds_up(found: pd.DataFrame, scale: float) -> bool:
    """Say whether the county is what its units, as far as they are shown, add up to."""
    parts = found.drop(index=COUNTY).dropna(subset=["num", "den"])
    num, den = parts["num"].sum(), parts["den"].sum()
    county = found.loc[COUNTY]
    if not den:
        return bool(np.isnan(county["value"]))
    sums = county[["num", "den"]].tolist() == [num, den]
    return sums and bool(np.isclose(county["value"], scale * num / den, rtol=1e-12))


def hold_together(indicator: Indicator, found: pd.DataFrame) -> None:
    """Assert that the county is the sum of its units, and a rate lies within its interval."""
    if indicator.applies_to != "county":
        assert adds_up(found, indicator.scale), indicator.id
    shown = found.dropna(subset=["value"])
    assert (shown["n"] > 0).all(), indicator.id
    if indicator.is_rate:
        assert shown["value"].between(0, 100).all(), indicator.id
        assert (shown["low"] <= shown["value"] + 1e-9).all(), indicator.id
        assert (shown["value"] <= shown["high"] + 1e-9).all(), indicator.id
