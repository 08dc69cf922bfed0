"""Appeals: a township contests a value or asks for an exemption; the decision is published.

While an appeal is open the value is out of the score; an exemption that is granted keeps it out. A
wrong value is corrected by new data, which is a version of its own. Clauses VII.ii.15, VII.v.4; the
days allowed are the setting `appeal_days`. Deciding late counts against the county (G6).
"""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from data import clock
from data.contracts import CODES
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.register import INDICATORS, indicator

COLUMNS = [
    "appeal_id", "unit_code", "name_zh", "name_en", "kind", "indicator_id", "year", "filed_on",
    "due_on", "decided_on", "outcome", "reason", "note", "late",
]  # fmt: skip
_LONGEST = 2000


def appeals(store: Store, scope: Scope, *, today: date | None = None) -> pd.DataFrame:
    """Return COLUMNS of the appeals of a scope, open ones first."""
    parameters = {**scope.parameters(), "today": (today or clock.today()).isoformat()}
    return store.read(sql("assessment/appeals"), parameters)[COLUMNS]


def in_time(store: Store, scope: Scope) -> "pd.Series[float]":
    """Return value (percent), num and den of G6 in the place and year of a scope.

    den: appeals that fell due in the year, whichever year's values they contest; num: of these,
    decided by their day. NaN where none fell due.
    """
    table = Evaluation(store, scope).evaluate(INDICATORS["G6"])
    level = "township" if scope.township else "county"
    own = table.loc[table["level"].eq(level), ["value", "num", "den"]].head(1)
    return own.astype(float).sum(min_count=1)  # the one row; NaN where there is none


def file(
    store: Store,
    *,
    township: str,
    kind: str,
    indicator_id: str | None,
    year: int,
    reason: str,
    author: str,
    today: date | None = None,
) -> str:
    """Publish a new appeal as a version and return its id.

    Raises DataError `appeal_incomplete` (no reason, no name, or a kind that is none),
    `unknown_indicator`, `appeal_open` (the same value is contested already).
    """
    filed = today or clock.today()
    if not reason.strip() or not author.strip() or kind not in _codes("appeal_kind"):
        raise DataError("appeal_incomplete")
    if indicator_id is not None:
        indicator(indicator_id)
    held = appeals(store, Scope(year, township=township), today=filed)
    same = (
        held["indicator_id"].isna()
        if indicator_id is None
        else held["indicator_id"].eq(indicator_id)
    )
    if (held["decided_on"].isna() & same).any():
        raise DataError("appeal_open", township=township, indicator=indicator_id or "—")
    days = int(store.settings()["appeal_days"])
    appeal_id = f"A-{year}-{township}-{secrets.token_hex(3)}"
    row = {
        "appeal_id": appeal_id, "township_code": township, "kind": kind,
        "indicator_id": indicator_id, "filed_on": filed, "due_on": filed + timedelta(days=days),
        "decided_on": None, "outcome": None, "note": None, "year": year,
        "reason": reason.strip()[:_LONGEST],
    }  # fmt: skip
    _publish(store, row, author, appeal_id)
    return appeal_id


def decide(
    store: Store, appeal_id: str, *, outcome: str, note: str, author: str, today: date | None = None
) -> int:
    """Publish the decision with its reason and return the version.

    Raises DataError `unknown_appeal`, `appeal_decided`, `appeal_incomplete`.
    """
    found = store.read("SELECT * FROM appeals WHERE appeal_id = $id", {"id": appeal_id})
    if found.empty:
        raise DataError("unknown_appeal", appeal=appeal_id)
    if pd.notna(found["decided_on"].iloc[0]):
        raise DataError("appeal_decided", appeal=appeal_id)
    if not note.strip() or not author.strip() or outcome not in _codes("appeal_outcome"):
        raise DataError("appeal_incomplete")
    row = found.iloc[0].to_dict()
    row |= {
        "decided_on": today or clock.today(),
        "outcome": outcome,
        "note": note.strip()[:_LONGEST],
    }
    return _publish(store, row, author, appeal_id)


def _codes(name: str) -> set[str]:
    return {code.value for code in CODES[name]}


def _publish(store: Store, row: Mapping[Any, object], author: str, message: str) -> int:
    frame = pd.DataFrame([row])
    for name in ("filed_on", "due_on", "decided_on"):
        frame[name] = pd.to_datetime(frame[name])
    return store.publish([Change("appeals", frame)], author=author.strip(), message=message)
