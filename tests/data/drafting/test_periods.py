"""What is said of the years of a file."""

from pathlib import Path

import pandas as pd

from data import clock
from data.contracts import TABLES
from data.drafting import periods


def test_years_still_to_come_are_named(tmp_path: Path) -> None:
    this, file = clock.today().year, tmp_path / "rows.parquet"
    pd.DataFrame({"year": [this - 1, this, this + 26, this + 5, this + 5]}).to_parquet(file)
    [said] = periods.ahead(TABLES["township_year"], file)
    assert f"{this + 5}、{this + 26} " in said.zh
    assert str(this - 1) not in said.zh
    pd.DataFrame({"year": [this, None]}).to_parquet(file)
    assert periods.ahead(TABLES["township_year"], file) == ()
    assert periods.ahead(TABLES["townships"], tmp_path / "not looked at") == ()
