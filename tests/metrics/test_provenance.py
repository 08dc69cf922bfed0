"""The publications behind a figure: the newest of each table, also after something is restored."""

from pathlib import Path

import pandas as pd

from data.scope import Scope
from data.store import Change, Store
from metrics.provenance import of_tables
from tests.metrics.reported_county import reported, towns

TABLES = ("townships", "reported_values", "appeals")


def test_each_table_has_the_publication_that_last_brought_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        assert of_tables(store, Scope(), tables=TABLES).empty

        def bring(name: str, rows: pd.DataFrame, file: str) -> int:
            details = {"file": file, "sha256": "ab", "rows": len(rows), "rejected": 1}
            change = [Change(name, rows)]
            return store.publish(change, author="李评", message=file, details=details)

        first = bring("townships", towns(), "a.csv")
        second = bring("reported_values", reported({"C2": 75.0}), "b.csv")
        third = bring("reported_values", reported({"C2": 80.0}), "c.csv")
        found = of_tables(store, Scope(), tables=TABLES).set_index("table")
        assert found["version"].to_dict() == {"townships": first, "reported_values": third}
        kept = ["author", "file", "sha256", "rows", "rejected"]
        assert found.loc["reported_values", kept].tolist() == ["李评", "c.csv", "ab", 10, 1]
        store.restore(second, author="李评", message="back")
        after = of_tables(store, Scope(), tables=TABLES).set_index("table")
        assert after["version"].to_dict() == {"townships": first, "reported_values": second}
        then = of_tables(store.at(third), Scope(), tables=TABLES).set_index("table")
        assert then.loc["reported_values", "version"] == third
