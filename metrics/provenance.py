"""Where a figure comes from: the publication that last brought each table behind it.

Every version keeps the file, its hash, who published it, when, and the rows taken and sent back
(clause VII.vi.3); here they are read for the tables of one figure.
"""

from collections.abc import Iterator

import pandas as pd

from data.scope import Scope
from data.store import Store, Version

COLUMNS = [
    "table", "version", "time", "author", "message", "file", "sha256", "rows", "rejected",
]  # fmt: skip


def of_tables(store: Store, scope: Scope, *, tables: tuple[str, ...]) -> pd.DataFrame:
    """Return COLUMNS, one row for each of the tables that a version brought, in their order.

    file, sha256, rows, rejected: blank where something other than a file was published. Where an
    earlier state was restored, its own publications are told.
    """
    _ = scope  # publications are those of the whole store
    found: dict[str, tuple[object, ...]] = {}
    for version in _standing(store):
        told = version.details
        kept = [told.get(name) for name in ("file", "sha256", "rows", "rejected")]
        head = (version.number, version.time, version.author, version.message)
        for table in told.get("tables", ()):  # type: ignore[attr-defined]
            found.setdefault(str(table), (*head, *kept))
    rows = [(table, *found[table]) for table in tables if table in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _standing(store: Store) -> Iterator[Version]:
    """Yield the publications that the state of the store rests on, the newest first."""
    newest = store.version
    for version in store.history():
        if version.number > newest:
            continue
        restored = version.details.get("restored")
        if restored is not None:
            newest = int(str(restored))
        else:
            yield version
