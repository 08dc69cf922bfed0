"""Standards by place and year: by hand, against a walk through the rows, and in what they feed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import shapely

from data.scope import Scope
from data.store import Store
from metrics.accessibility import service_coverage, standards
from metrics.evaluate import evaluate
from metrics.maps import county_level, layers
from tests.conftest import TOWNS
from tests.metrics.accessibility.test_service_coverage import A, B, facilities, fill, publish

OTHER = "990202100"  # of another county, in another city of the province
RADII = pd.DataFrame(
    [
        ("urban", 1000, None, None, "nation"),
        ("rural", 3000, None, None, "nation"),
        ("rural", 2500, "99", 2020, "province"),
        ("rural", 2000, "990101", 2024, "county"),
        ("rural", 1500, "990101", 2026, "county, later"),
        ("urban", 800, None, 2023, "nation, newer"),
        ("rural", 9000, "98", 2020, "elsewhere"),
    ],
    columns=["setting", "radius_m", "place_code", "from_year", "source"],
).assign(service="elderly")
OWN = pd.DataFrame(
    [
        ("reach.detour", "990101", 2024, 1.5, "road survey"),
        ("G10.standard", "99", 2022, 25, "p"),
    ],
    columns=["parameter", "place_code", "from_year", "value", "source"],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("standards") / "data") as opened:
        other = TOWNS.iloc[:1].assign(township_code=OTHER, county_code=OTHER[:6])
        publish(opened, townships=pd.concat([TOWNS, other]))
        # 1,900 m straight is 2,850 m of way in the one county, 2,470 m in the other.
        held = [(A, 0, "220", 100), (B, 1200, "220", 70), (B, 500, "111", 30),
                (OTHER, 1900, "220", 40)]  # fmt: skip
        supply = facilities(
            ("f", A, 0, "operating", "elderly"), ("g", OTHER, 90_000, "idle", "elderly")
        ).assign(is_comprehensive=True, area_office_m2=60.0)
        areas = pd.DataFrame(
            [(50, None, None), (70, "9901", 2020), (65, "99", 2024)],
            columns=["min_m2", "place_code", "from_year"],
        ).assign(scope="township", function="office", source="x")
        fill(opened, held, supply, RADII, indicator_params=OWN, area_standards=areas)
        yield opened


def radius(store: Store, year: int | None, county: str, setting: str) -> tuple[float, str]:
    table = standards.radii(store, Scope(year, county)).set_index(["service", "setting"])
    row = table.loc[("elderly", setting)]
    return row["radius_m"], row["source"]


def test_the_nearest_place_then_the_newest_year(store: Store) -> None:
    assert radius(store, 2025, "990101", "rural") == (2000, "county")
    assert radius(store, 2026, "990101", "rural") == (1500, "county, later")
    assert radius(store, 2023, "990101", "rural") == (2500, "province")
    assert radius(store, 2019, "990101", "rural") == (3000, "nation")
    assert radius(store, 2025, OTHER[:6], "rural") == (2500, "province")
    assert radius(store, 2025, "990101", "urban") == (800, "nation, newer")
    # Without a year what is newest holds.
    assert radius(store, None, "990101", "rural") == (1500, "county, later")


def test_every_choice_equals_a_walk_through_the_rows(store: Store) -> None:
    for year in (2018, 2022, 2024, 2026):
        for county in ("990101", OTHER[:6]):
            for setting in ("urban", "rural"):
                best: tuple[int, float, float, str] = (-1, -1, np.nan, "")
                for row in RADII[RADII["setting"].eq(setting)].to_dict("records"):
                    place, since = row["place_code"], row["from_year"]
                    place, since = (b if pd.isna(a) else a for a, b in ((place, ""), (since, 0)))
                    if county.startswith(place) and since <= year:
                        best = max(best, (len(place), since, row["radius_m"], row["source"]))
                assert radius(store, year, county, setting) == best[2:]


def test_limits_of_places_and_their_defaults(store: Store) -> None:
    found = standards.limits(store, Scope(2025), "reach.detour").set_index("county_code")
    assert found["value"].to_dict() == {"990101": 1.5, OTHER[:6]: 1.3}
    assert found.at["990101", "source_zh"] == "road survey"
    assert "默认" in found.at[OTHER[:6], "source_zh"]
    assert standards.detours(store, Scope(2023))["990101"] == 1.3
    workers = standards.limits(store, Scope(2025), "G10.standard")
    assert workers["value"].tolist() == [25, 25]
    assert standards.limits(store, Scope(2021), "G10.standard")["value"].tolist() == [18, 18]
    assert standards.limits(store, Scope(2025), "D2.standard")["value"].tolist() == [30, 30]
    assert standards.of_units(store, Scope(2025), "reach.detour")[[A, OTHER]].tolist() == [1.5, 1.3]


def test_reach_counts_with_what_is_in_force(store: Store) -> None:
    table = service_coverage.by_unit(store, Scope(2025), "elderly").set_index("unit_code")
    # B: 1,200 x 1.5 = 1,800 <= 2,000; urban 500 x 1.5 = 750 <= 800. OTHER: 2,470 <= 2,500.
    assert table.loc[[A, B, OTHER], "inside"].tolist() == [100, 100, 40]
    # From 2026 on the county's 1,500 m hold; nothing of that year is counted yet.
    later = service_coverage.villages(store, Scope(2026), "elderly").set_index("township_code")
    assert later.at[A, "reached"]
    assert later.loc[B].set_index("setting")["reached"].to_dict() == {"rural": False, "urban": True}
    counted = evaluate(store, "D6", Scope(2025, "990101")).set_index("unit_code")
    assert counted.loc[[A, B], "num"].tolist() == [100, 100]


def test_access_goes_as_far_as_each_village(store: Store) -> None:
    """By hand: f is shared by all 240 people that reach it, each by its own radius."""
    table = layers.values(store, Scope(2025), "M02", "access").set_index("unit_code")
    assert table.loc[[A, B, OTHER], "value"].tolist() == pytest.approx([10_000 / 240] * 3)
    # In 2022 the villages of B go 2,500 m (rural) and 1,000 m (urban) with a factor of 1.3.
    demand = service_coverage.villages(store, Scope(2022), "elderly")
    assert demand["radius_m"].tolist() == [2500, 2500, 1000, 2500]
    assert demand["detour"].tolist() == [1.3] * 4


def test_area_standards_of_the_place(store: Store) -> None:
    # 60 m2: the city of A asks for 70, the other one has the province's 65, and before 50.
    both = evaluate(store, "D4", Scope(2025)).set_index("unit_code")
    assert both.loc[A, ["num", "den"]].tolist() == [0, 1]
    early = evaluate(store, "D4", Scope(2019)).set_index("unit_code")
    assert early.loc[A, ["num", "den"]].tolist() == [1, 1]


def test_what_is_used_is_said_once_with_its_place_year_and_source(store: Store) -> None:
    table = standards.used(store, Scope(2025), "elderly")
    assert table[["setting", "value", "place_code", "counties"]].to_numpy().tolist() == [
        ["urban", 800, "", 2],
        ["rural", 2000, "990101", 1],
        ["rural", 2500, "99", 1],
        ["", 1.3, "", 1],
        ["", 1.5, "990101", 1],
    ]
    assert table["from_year"].tolist()[:3] == [2023, 2024, 2020]
    assert table["source_en"].tolist()[1:3] == ["county", "province"]


def test_counties_side_by_side_answer_as_each_does_alone(store: Store) -> None:
    whole = service_coverage.by_unit(store, Scope(2025), "elderly").iloc[0]
    table = county_level.counted(store, Scope(2025), "elderly").set_index("unit_code")
    assert table.index.tolist() == ["", "990101", OTHER[:6]]
    assert table["level"].tolist() == ["county"] * 3
    assert table.loc["", "inside"] == whole["inside"] == table["inside"].iloc[1:].sum()
    for county in ("990101", OTHER[:6]):
        alone = service_coverage.by_unit(store, Scope(2025, county), "elderly").iloc[0]
        assert table.loc[county, ["inside", "outside", "share"]].tolist() == (
            alone[["inside", "outside", "share"]].tolist()
        )
        values = county_level.values(store, Scope(2025), "M02", "reach").set_index("unit_code")
        assert values.at[county, "value"] == alone["share"]


def test_a_county_without_a_boundary_is_its_townships_together(store: Store) -> None:
    squares = pd.DataFrame(
        [(A, "township", shapely.box(0, 0, 1, 1)), (B, "township", shapely.box(1, 0, 2, 1)),
         (OTHER, "township", shapely.box(5, 0, 6, 1)),
         (OTHER[:6], "county", shapely.box(5, 0, 7, 1))],
        columns=["unit_code", "level", "geometry"],
    )  # fmt: skip
    publish(store, boundaries=squares.assign(geometry=shapely.to_wkb(squares["geometry"])))
    found = county_level.boundaries(store, Scope()).set_index("unit_code")["geometry"]
    shapes = {code: shapely.from_wkb(bytes(shape)) for code, shape in found.items()}
    assert list(shapes) == ["990101", OTHER[:6]]
    assert shapes["990101"].equals(shapely.box(0, 0, 2, 1))
    assert shapes[OTHER[:6]].equals(shapely.box(5, 0, 7, 1))
