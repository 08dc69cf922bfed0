"""Counties side by side: the bands of their townships by hand, their duties as by themselves."""

from collections.abc import Iterator

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment import counties
from metrics.assessment.cards import ROOT
from metrics.assessment.township_card import card
from tests.metrics.reported_county import publish

# Ten townships of one county, two and one of others; the last one has nothing to score.
TOWNS = [f"9901011{n:02}" for n in range(10)] + ["990102100", "990102101", "990103100"]
FACTS = ("B2.2", "B2.5", "B3.2", "B5.3", "C2", "D6", "D7", "D9", "E2", "F3")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    towns = pd.DataFrame({"township_code": TOWNS, "name_zh": "同名镇", "unit_type": "township"})
    rows = [
        (code, fact, 2025, 20.0 + 7 * place)
        for place, code in enumerate(TOWNS[:-1])
        for fact in FACTS
    ]
    # What less is better of is measured against all townships together.
    rows += [
        (code, duty, 2025, 5.0 + place)
        for place, code in enumerate(TOWNS[:-1])
        for duty in ("G2", "G4", "G7")
    ]
    duties = [
        (county, duty, 2025, value)
        for county, more, less in (("990101", 60.0, 14.0), ("990102", 95.0, 7.0))
        for duty, value in (("G1", more), ("G8", more), ("G2", less), ("G4", less), ("G7", less))
    ]
    columns = ["unit_code", "indicator_id", "year", "value"]
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        publish(
            opened,
            townships=towns.assign(county_code=towns["township_code"].str[:6]),
            reported_values=pd.DataFrame([*rows, *duties], columns=columns),
        )
        yield opened


def test_bands_are_counted_by_county(store: Store) -> None:
    table = counties.bands(store, Scope(2025)).set_index("unit_code")
    assert list(table.index) == ["990101", "990102", "990103"]
    assert table[["townships", "scored"]].to_numpy().tolist() == [[10, 10], [2, 2], [1, 0]]
    overview = card(store, Scope(2025)).overview
    for county in ("990101", "990102"):
        own = overview[overview["unit_code"].str.startswith(county)]
        assert table.loc[county, "score"] == pytest.approx(own["score"].mean(), rel=1e-12)
        shares = [float((own["band"] == n).mean()) for n in range(1, 6)]
        assert table.loc[county, counties.BANDS].tolist() == shares
        assert table.loc[county, "adequate"] == pytest.approx((own["band"] <= 3).mean())
    # Those of the second county have the two largest values of all.
    assert table.loc["990102", "band_1"] == 1 > table.loc["990101", "band_1"]
    # Nothing to score is no share of 0.
    assert table.loc["990103", ["score", "adequate", *counties.BANDS]].isna().all()
    narrow = counties.bands(store, Scope(2025, unit_type="subdistrict"))
    assert narrow.empty


def test_duties_are_those_of_each_county_alone(store: Store) -> None:
    table = counties.duties(store, Scope(2025))
    for county in ("990101", "990102", "990103"):
        own = card(store, Scope(2025, county)).duty
        own = own[own["node"].eq(ROOT) | own["level"].eq("block")]
        told = table[table["unit_code"].eq(county)]
        for name in ("node", "points", "data_share", "note"):
            assert told[name].tolist() == pytest.approx(own[name].tolist(), nan_ok=True)
    total = table[table["node"].eq(ROOT)].set_index("unit_code")["points"]
    assert total["990102"] > total["990101"]
    assert pd.isna(total["990103"])
