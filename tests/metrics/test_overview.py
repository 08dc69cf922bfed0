"""The leader's figures on values worked by hand."""

from pathlib import Path

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.overview import burden_strip, capacities, gaps, reach, reach_by_township
from tests.metrics.reported_county import TOWNS, publish, reported, towns


def test_the_page_of_a_leader(tmp_path: Path) -> None:
    rows = [(TOWNS[0], "D6", 60.0, 60.0, 100.0), (TOWNS[1], "D6", 50.0, 100.0, 200.0)]
    rows += [(TOWNS[0], "D9", 90.0, 9.0, 10.0), (TOWNS[0], "D7", 100.0, 50.0, 50.0)]
    names = ["unit_code", "indicator_id", "value", "num", "den"]
    counted = pd.DataFrame(rows, columns=names).assign(year=2025)
    told = {"G2": {TOWNS[0]: 4.0}, "B4.1": 1.0, "C2": 75.0}
    with Store.open(tmp_path / "data") as store:
        publish(store, townships=towns(), reported_values=counted)
        publish(store, reported_values=reported(told))
        found = gaps(store, Scope(2025))
        assert found[["indicator_id", "people", "of", "accountable"]].values.tolist() == [
            ["D6", 140, 300, "shared"],
            ["D9", 1, 10, "township"],
        ]
        assert gaps(store, Scope(2025, township=TOWNS[0]))["people"].tolist() == [40, 1]
        outside = reach(store, Scope(2025)).set_index("indicator_id")
        assert outside.loc["D6", "outside"] == 140
        assert outside.loc["D6", "share"] == pytest.approx(100 * 140 / 300)
        assert (outside.loc["D7", "outside"], outside.loc["D5", "note"]) == (0, "no_data")
        where = reach_by_township(store, Scope(2025, township=TOWNS[0], unit_type="subdistrict"))
        assert set(where["unit_code"]) == set(TOWNS)
        shares = where.set_index(["indicator_id", "unit_code"])["share"]
        assert shares["D6"][[TOWNS[0], TOWNS[1]]].tolist() == [40, 50]
        assert shares["D6"][TOWNS[2:]].isna().all()
        strip = burden_strip(store, Scope(2025, township=TOWNS[0])).set_index("indicator_id")
        assert strip.loc["G2", "after"] == 4
        assert pd.isna(strip.loc["G2", "before"])
        able = capacities(store, Scope(2025)).set_index("block")
        # B4 is full everywhere, but no township has enough data for a score.
        assert list(able.index) == ["B2", "B3", "B4", "B5"]
        assert able["score"].isna().all()
