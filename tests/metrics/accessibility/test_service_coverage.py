"""Residents within reach of a service: by hand, by the indicator's own query, by published places.

What is not known is said and never shown as a figure.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from data.scope import Scope
from data.store import Change, Store
from metrics.accessibility import service_coverage
from metrics.coverage import RADIUS
from metrics.evaluate import evaluate
from tests.conftest import TOWNS

A, B, C = "990101100", "990101101", "990101001"
METRE = 180 / (np.pi * RADIUS)  # degrees along a meridian
YEAR = Scope(year=2025)
COUNTS = ["residents", "inside", "outside", "unknown"]

# Town, metres north of 30 degrees (None: place not known), urban-rural class, residents.
Village = tuple[str, float | None, str | None, int | None]
HAND: list[Village] = [
    (A, 0, "220", 100),
    (A, 2000, "220", 50),  # 2,000 m x 1.3 = 2,600 m
    (B, 2000, "111", 70),  # urban: 1,000 m
    (B, None, "220", 30),
]


def communities(held: list[Village]) -> pd.DataFrame:
    rows = [
        (f"{town}{n:03d}", town, f"村{n}", f"V{n}", "village", setting,
         None if metres is None else 110.0, None if metres is None else 30 + metres * METRE)
        for n, (town, metres, setting, _) in enumerate(held)
    ]  # fmt: skip
    names = [
        "community_code", "township_code", "name_zh", "name_en", "kind", "urban_rural_code",
        "lon", "lat",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def facilities(*held: tuple[str, str, float | None, str, str]) -> pd.DataFrame:
    """Id, town, metres north, status, services."""
    table = pd.DataFrame(held, columns=["facility_id", "township_code", "at", "status", "services"])
    at = table.pop("at").astype(float)
    lon = at.where(at.isna(), 110.0)
    return table.assign(
        name_zh="设施" + table["facility_id"], is_comprehensive=True, lon=lon, lat=30 + at * METRE
    )


USUAL = facilities(
    ("a", A, 0, "operating", "elderly;medical"),
    ("b", A, 2000, "idle", "elderly"),
    ("c", C, None, "operating", "elderly"),
)
RADII = pd.DataFrame(
    {"service": "elderly", "setting": ["urban", "rural"], "radius_m": [1000.0, 3000.0]}
)


def publish(store: Store, **tables: pd.DataFrame) -> None:
    changes = [Change(name, rows) for name, rows in tables.items() if len(rows)]
    store.publish(changes, author="t", message="t")


def fill(
    store: Store,
    held: list[Village],
    supply: pd.DataFrame = USUAL,
    radii: pd.DataFrame = RADII,
    **tables: pd.DataFrame,
) -> None:
    places = communities(held)
    years = places[["community_code", "township_code"]].assign(
        year=2025, households=1, resident_pop=pd.array([row[3] for row in held], dtype="Int64")
    )
    publish(
        store,
        communities=places,
        community_year=years.dropna(subset="resident_pop"),
        facilities=supply,
        radius_params=radii,
        **tables,
    )


def by_unit(store: Store, scope: Scope = YEAR, *more: Any) -> pd.DataFrame:
    return service_coverage.by_unit(store, scope, *(more or ("elderly",))).set_index("unit_code")


def test_by_hand(towns: Store) -> None:
    fill(towns, HAND)
    table = by_unit(towns)
    assert table.index.tolist() == ["", C, A, B]
    assert table["level"].tolist() == ["county", *["township"] * 3]
    # The idle facility and the one whose place is not known serve nobody.
    assert table.loc[A, COUNTS].tolist() == [150, 150, 0, 0]
    assert table.loc[B, COUNTS].tolist() == [100, 0, 70, 30]
    assert table.loc["", COUNTS].tolist() == [250, 150, 70, 30]
    # The share is one of sums, not a mean of townships, and of those whose place is known.
    shares = table["share"].reindex([A, B, ""]).tolist()
    assert shares == pytest.approx([100, 0, 100 * 150 / 220])
    assert table.loc[[A, B, ""], "note"].tolist() == ["", "", ""]
    # A township without villages has no figure, and that is said.
    assert table.loc[C, "note"] == "no_population"
    assert table.loc[C, [*COUNTS, "share"]].isna().all()
    assert table["uncounted"].tolist() == [0] * 4
    assert [*table.reset_index().columns] == service_coverage.COLUMNS


def test_equals_the_query_of_the_indicator(towns: Store) -> None:
    """D6 counts in SQL, by comparing every pair; the page counts with a tree."""
    chance = np.random.default_rng(5)
    held: list[Village] = [
        (
            [A, B, C][n % 3],
            None if n % 11 == 0 else float(chance.uniform(0, 30_000)),
            ["111", "220", None][n % 7 % 3],
            int(chance.integers(0, 500)),
        )
        for n in range(90)
    ]
    supply = facilities(
        *(
            (f"f{n}", [A, B, C][n % 3], float(chance.uniform(0, 30_000)), status, services)
            for n, (status, services) in enumerate(
                [("operating", "elderly"), ("idle", "elderly"), ("operating", "medical;elderly"),
                 ("operating", "medical"), ("planned", "elderly")] * 2
            )
        )
    )  # fmt: skip
    own = RADII.assign(place_code="990101", from_year=2024, radius_m=[1500.0, 2500.0])
    detour = pd.DataFrame(
        {"parameter": ["reach.detour"], "place_code": "99", "from_year": 2020, "value": 1.7,
         "source": "x"}
    )  # fmt: skip
    fill(towns, held, supply, pd.concat([RADII, own]), indicator_params=detour)
    table = by_unit(towns)
    asked = evaluate(towns, "D6", YEAR).set_index("unit_code")
    for unit in (A, B, C):
        known = table.loc[unit, "inside"] + table.loc[unit, "outside"]
        assert 0 < table.loc[unit, "share"] < 100
        assert asked.loc[unit, "num"] == table.loc[unit, "inside"]
        assert asked.loc[unit, "den"] == known
        assert asked.loc[unit, "value"] == pytest.approx(table.loc[unit, "share"])
    county = asked[asked["level"] == "county"].iloc[0]
    assert county["num"] == table.loc["", "inside"]
    for name in [*COUNTS, "uncounted"]:
        assert table.loc["", name] == table.loc[[A, B, C], name].sum()


def test_published_distances(towns: Store) -> None:
    """Villages so far from their nearest facility as an outside reference's: 1, 2, 1, 9, 0.5 km."""
    # Distances there: A-F1 1000, B-F1 2000, C-F2 1000, D 9000, E-F3 500; residents as there.
    places = {
        "A": (-1000, 100),
        "B": (2000, 200),
        "C": (5000, 300),
        "D": (17_000, 50),
        "E": (8500, 0),
    }
    held: list[Village] = [(A, at, "220", people) for at, people in places.values()]
    supply = facilities(*((f"F{n}", A, 4000.0 * n, "operating", "elderly") for n in range(3)))
    detour = pd.DataFrame({"name": ["detour_factor"], "value": ["1"]})
    fill(towns, held, supply, settings=detour)
    far = service_coverage.villages(towns, YEAR, "elderly")["metres"]
    assert far.tolist() == pytest.approx([1000, 2000, 1000, 9000, 500], abs=1e-5)
    inside = [
        by_unit(towns, YEAR, "elderly", radius).loc[A, "inside"]
        for radius in (500, 1000, 2000, 9000)
    ]
    assert inside == [0, 400, 600, 650]


def test_villages_say_the_way_and_whether_they_are_reached(towns: Store) -> None:
    fill(towns, [*HAND, (B, 0, None, 5), (C, 0, "220", None)])
    table = service_coverage.villages(towns, YEAR, "elderly").sort_values("name_zh")
    assert table["metres"].tolist() == pytest.approx(
        [0, 2600, 2600, np.nan, 0, 0], abs=1e-5, nan_ok=True
    )
    assert table["facility"].fillna("-").tolist() == ["a", "a", "a", "-", "a", "a"]
    assert table["setting"].tolist()[:4] == ["rural", "rural", "urban", "rural"]
    assert table["radius_m"].tolist() == pytest.approx(
        [3000, 3000, 1000, 3000, np.nan, 3000], nan_ok=True
    )
    assert table["reached"].tolist() == [True, True, False, None, None, True]
    assert np.isnan(table["population"].iloc[5])
    # The village without a figure of the year is said; one without a setting counts as unknown.
    counted = by_unit(towns)
    assert counted.loc[C, ["note", "uncounted"]].tolist() == ["no_population", 1]
    assert counted.loc[B, COUNTS].tolist() == [105, 0, 70, 35]
    assert counted.loc["", "uncounted"] == 1


def test_a_radius_of_ones_own_replaces_those_that_are_set(towns: Store) -> None:
    fill(towns, [*HAND, (B, 0, None, 5)])
    wide, narrow = (by_unit(towns, YEAR, "elderly", radius) for radius in (2600, 2599))
    assert wide.loc["", COUNTS].tolist() == [255, 225, 0, 30]
    assert narrow.loc["", COUNTS].tolist() == [255, 105, 120, 30]
    # It needs no radius that is set, nor a setting.
    assert by_unit(towns, YEAR, "medical", 2600.0).loc["", "inside"] == 225


def test_a_wider_radius_never_loses_anybody(towns: Store) -> None:
    chance = np.random.default_rng(2)
    fill(towns, [(A, float(at), "220", 10) for at in chance.uniform(0, 20_000, 40)])
    reached = [by_unit(towns, YEAR, "elderly", r).loc["", "inside"] for r in range(0, 30_000, 3000)]
    assert reached == sorted(reached)
    assert reached[0] < reached[-1] == 400


def test_zero_access_is_zero_and_shown(towns: Store) -> None:
    fill(towns, HAND, facilities(("a", A, 50_000, "operating", "elderly")))
    table = by_unit(towns)
    assert table.loc[A, [*COUNTS, "share", "note"]].tolist() == [150, 0, 150, 0, 0, ""]
    # So it is where nobody offers the service, though other facilities are known.
    publish(towns, facilities=facilities(("a", A, 0, "operating", "legal")))
    assert by_unit(towns).loc[A, ["inside", "share", "note"]].tolist() == [0, 0, ""]


def figures_are_blank(table: pd.DataFrame) -> bool:
    return bool(table[service_coverage.FIGURES].isna().all(axis=None))


def test_no_figure_without_a_population_of_the_year(towns: Store) -> None:
    fill(towns, HAND)
    for scope in (Scope(year=2024), Scope()):
        table = by_unit(towns, scope)
        assert set(table["note"]) == {"no_population"}
        assert figures_are_blank(table)
        assert table["uncounted"].to_dict() == {"": 4, A: 2, B: 2, C: 0}


def test_no_figure_without_facilities(towns: Store) -> None:
    fill(towns, HAND, USUAL.iloc[:0])
    table = by_unit(towns)
    assert table["note"].to_dict() == {
        "": "no_facilities", A: "no_facilities", B: "no_facilities", C: "no_population"
    }  # fmt: skip
    assert figures_are_blank(table)
    assert table.loc["", "residents"] == 250
    villages = service_coverage.villages(towns, YEAR, "elderly")
    assert villages["reached"].tolist() == [None] * 4


def test_a_county_without_facilities_is_not_taken_for_one_without_access(towns: Store) -> None:
    other = TOWNS.iloc[:1].assign(township_code="990102100", county_code="990102")
    fill(towns, [*HAND, ("990102100", 0, "220", 9)], townships=other)
    table = by_unit(towns)
    assert table.loc["990102100", "note"] == "no_facilities"
    # What is known of one county only is no figure of both.
    assert table.loc["", "note"] == "no_facilities"
    mine = by_unit(towns, Scope(year=2025, county="990101"))
    assert mine.loc["", [*COUNTS, "note"]].tolist() == [250, 150, 70, 30, ""]


def test_no_figure_without_a_radius_for_people_who_live_there(towns: Store) -> None:
    fill(towns, HAND, radii=RADII.iloc[1:])
    table = by_unit(towns)
    assert table["note"].to_dict() == {
        "": "no_radius", A: "", B: "no_radius", C: "no_population"
    }  # fmt: skip
    assert figures_are_blank(table.loc[["", B]])
    assert table.loc[A, "inside"] == 150
    assert set(by_unit(towns, YEAR, "medical")["note"]) == {"no_radius", "no_population"}


def test_no_figure_where_no_place_is_known(towns: Store) -> None:
    fill(towns, [(A, None, "220", 10), (B, 0, "220", 0), (C, 0, "220", 5)])
    table = by_unit(towns)
    assert table.loc[A, ["residents", "unknown", "note"]].tolist() == [10, 10, "no_place"]
    assert figures_are_blank(table.loc[[A]])
    # Where nobody lives there is no share, and nothing to complain of.
    assert table.loc[B, [*COUNTS, "note"]].tolist() == [0, 0, 0, 0, ""]
    assert np.isnan(table.loc[B, "share"])


def test_scopes(towns: Store) -> None:
    fill(towns, HAND)
    # One township is its own whole; the facility that serves it stands elsewhere.
    one = by_unit(towns, Scope(year=2025, township=B))
    assert one.index.tolist() == [B]
    assert one.loc[B, COUNTS].tolist() == [100, 0, 70, 30]
    kind = by_unit(towns, Scope(year=2025, unit_type="township"))
    assert kind.index.tolist() == ["", A, B]
    assert by_unit(towns, Scope(year=2025, unit_type="subdistrict")).index.tolist() == [C]
    nowhere = service_coverage.by_unit(towns, Scope(year=2025, county="000000"), "elderly")
    assert nowhere.empty
    assert list(nowhere.columns) == service_coverage.COLUMNS


def test_the_order_of_rows_is_irrelevant(tmp_path: Any) -> None:
    tables = []
    for n, held in enumerate((HAND, HAND[::-1])):
        with Store.open(tmp_path / str(n)) as store:
            fill(store, held, USUAL.iloc[:: 1 - 2 * n], townships=TOWNS.iloc[:: 1 - 2 * n])
            tables.append(by_unit(store))
    pd.testing.assert_frame_equal(*tables)


def test_services_and_facilities(towns: Store) -> None:
    fill(towns, HAND)
    table = service_coverage.services(towns, YEAR).set_index("service")
    assert table.loc["elderly"].to_dict() == {
        "facilities": 3, "operating": 2, "idle": 1, "unplaced": 1
    }  # fmt: skip
    assert table.loc["medical"].tolist() == [1, 1, 0, 0]
    held = service_coverage.facilities(towns, Scope(township=C), "elderly").set_index("id")
    assert held["in_scope"].to_dict() == {"a": False, "b": False, "c": True}
    # The whole word counts: no service is found by a part of its name.
    assert service_coverage.facilities(towns, YEAR, "elder").empty


def test_what_the_map_draws(towns: Store) -> None:
    other = TOWNS.iloc[:1].assign(township_code="990102100", county_code="990102")
    supply = facilities(
        ("a", A, 0, "operating", "elderly"),
        ("b", C, None, "operating", "elderly"),
        ("n", "990102100", 5000, "idle", "medical"),  # beside the county
        ("z", "990102100", 90_000, "idle", "medical"),
        ("w", "990102100", 0, "idle", "medical"),
        ("e", "990102100", 0, "idle", "medical"),
        ("s", "990102100", -90_000, "idle", "medical"),
    )
    supply["lon"] += supply["facility_id"].map({"w": -0.2, "e": 0.2}).fillna(0)
    fill(towns, [*HAND, ("990102100", 9000, "220", 9)], supply, townships=other)
    mine = Scope(year=2025, county="990101")
    villages = service_coverage.map_villages(towns, mine)
    assert villages[["name_zh", "population"]].to_numpy().tolist() == [
        ["村0", 100], ["村1", 50], ["村2", 70]
    ]  # fmt: skip
    old = service_coverage.map_villages(towns, Scope(year=2000, county="990101"))
    assert len(old) == 3
    assert old["population"].isna().all()
    drawn = service_coverage.map_facilities(towns, mine)["name_zh"].tolist()
    assert drawn == ["设施a", "设施n"]
    assert len(service_coverage.map_facilities(towns, Scope())) == 6


def test_boundaries_of_the_county(towns: Store) -> None:
    assert service_coverage.boundaries(towns, YEAR).empty
    facts = service_coverage.boundary_facts(towns, YEAR)
    assert (len(facts), facts["units"].item()) == (1, 0)
    held = pd.DataFrame(
        {
            # A unit that the list of townships does not hold belongs to the county of its code.
            "unit_code": [A, C, "990101555", "990102100", "990101"],
            "level": ["township"] * 4 + ["county"],
            "name_zh": [None, "别名", None, None, None],
            "geometry": shapely.to_wkb([shapely.box(110 + n, 30, 111 + n, 31) for n in range(5)]),
            "source": ["甲", "乙", "甲", "丙", "丁"],
            "map_approval_no": ["GS1", None, None, None, None],
        }
    )
    publish(towns, boundaries=held)
    mine = Scope(county="990101")
    table = service_coverage.boundaries(towns, mine).set_index("unit_code")
    assert table.index.tolist() == [C, A, "990101555"]
    codes = service_coverage.boundary_codes(towns, mine)["unit_code"].tolist()
    assert codes == table.index.tolist()
    assert table["name_zh"].fillna("-").tolist() == ["别名", "示例镇", "-"]
    assert table.loc[A, "name_en"] == "Shili Town"
    assert shapely.from_wkb(bytes(table.loc[A, "geometry"])).bounds == (110, 30, 111, 31)
    facts = service_coverage.boundary_facts(towns, mine).iloc[0]
    assert facts["units"] == 3
    assert sorted(facts["source"].split("; ")) == sorted(["甲", "乙"])
    assert facts["map_approval_no"] == "GS1"
    assert service_coverage.boundary_facts(towns, Scope())["units"].item() == 4
