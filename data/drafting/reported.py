"""Values typed in directly, by the same path as a file: staged, checked, published or refused."""

import hashlib
import re
from collections.abc import Mapping

import pandas as pd

from data import contracts, ingest
from data.errors import DataError
from data.ingest import Draft, Options
from data.store import Store

TABLE = "reported_values"
COLUMNS = ("unit_code", "value", "num", "den", "source")


def held(store: Store, indicator_id: str, year: int) -> pd.DataFrame:
    """Return what is reported for an indicator and year, one row per unit (COLUMNS)."""
    return store.read(
        "SELECT unit_code, value, num, den, source FROM reported_values "
        "WHERE indicator_id = $indicator AND year = $year ORDER BY unit_code",
        {"indicator": indicator_id, "year": year},
    )


def draft(store: Store, indicator_id: str, year: int, rows: pd.DataFrame) -> Draft:
    """Check typed values of one indicator and year; they replace all that was reported for both.

    rows: COLUMNS, one row per unit; a unit without a value is left out. Raises DataError
    `nothing_reported` when no unit has a value.
    """
    given = rows[rows["value"].notna()].reindex(columns=list(COLUMNS))
    if given.empty:
        raise DataError("nothing_reported", indicator=indicator_id, year=year)
    name = f"{TABLE}-{re.sub(r'[^A-Za-z0-9.]', '', indicator_id)}-{year}.csv"
    path = store.folder / "staging" / name
    given.assign(indicator_id=indicator_id, year=year).to_csv(path, index=False, encoding="utf-8")
    return ingest.prepare(store, path, name, Options(table=TABLE, mode="replace"))


def row(store: Store, table: str, fields: Mapping[str, str]) -> Draft:
    """Check one row by the same path as a file; a blank field is one that is not known.

    fields: column of the table -> text. Raises DataError `unknown_table`.
    """
    found = contracts.table(table)
    told = {column.name: fields.get(column.name, "").strip() for column in found.columns}
    digest = hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()[:16]
    path = store.folder / "staging" / f"row-{digest}.csv"
    pd.DataFrame([told]).to_csv(path, index=False, encoding="utf-8")
    return ingest.prepare(store, path, f"{table}.csv", Options(table=table))
