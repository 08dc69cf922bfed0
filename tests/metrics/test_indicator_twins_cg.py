"""Formulas of blocks C to G against a slow twin, on a county drawn by chance."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.store import Store
from tests.metrics.test_indicator_formulas_cg import (
    burdens,
    by_unit,
    master,
    numbered,
    standards,
    yearly,
)
from tests.metrics.worked_county import (
    OTHER,
    VILLAGES,
    A,
    B,
    C,
    publish,
)


@pytest.fixture(scope="module")
def drawn() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(6)
    villages = list(VILLAGES)

    def some(values: list[Any], size: int) -> Any:
        return rng.choice(np.array(values, dtype=object), size)

    size = 150
    staff = pd.DataFrame({"township_code": some([A, B, C, OTHER], size), "year": 2025}).assign(
        category=some(["community_worker", "grid_worker", "township_cadre"], size),
        managed_as_community_worker=some([True, False, None], size),
        training_hours=some([0.0, 12.0, 24.0, 36.0, None], size),
    )
    places = pd.DataFrame({"community_code": some([*villages, None], 40)}).assign(
        township_code=lambda t: t["community_code"].map(VILLAGES).fillna(A),
        is_comprehensive=some([True, True, False], 40),
        status=some(["operating", "operating", "idle"], 40),
        area_total_m2=some([200.0, 300.0, None], 40),
        area_office_m2=some([10.0, 40.0, None], 40),
        area_activity_m2=some([30.0, 90.0, None], 40),
        name_zh="点",
        services="culture",
    )
    years = pd.DataFrame({"community_code": villages}).assign(
        township_code=lambda t: t["community_code"].map(VILLAGES),
        year=2025,
        resident_pop=10,
        households=rng.integers(0, 400, len(villages)),
    )
    met = pd.DataFrame({"community_code": some(villages, 30), "level": "community"}).assign(
        township_code=lambda t: t["community_code"].map(VILLAGES),
        held_on=pd.to_datetime(some(["2025-03-03", "2024-03-03"], 30)),
    )
    return {
        **master(),
        "staff": numbered("staff_key", staff),
        "facilities": numbered("facility_id", places),
        "community_year": years,
        "township_year": yearly(),
        "consultations": numbered("consult_id", met),
        "area_standards": standards(),
        "burden_register": burdens(),
    }


@pytest.fixture(scope="module")
def by_chance(
    drawn: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("chance")) as opened:
        publish(opened, **drawn)
        yield opened


def counted(found: pd.DataFrame, unit: str) -> tuple[float, float] | None:
    row = found.loc[unit]
    return None if np.isnan(row["den"]) or row["den"] == 0 else (row["num"], row["den"])


@pytest.mark.parametrize("unit", [A, B, C])
def test_areas_equal_a_walk_through_every_village(
    by_chance: Store, drawn: dict[str, pd.DataFrame], unit: str
) -> None:
    held = [f for _, f in drawn["facilities"].iterrows() if f["township_code"] == unit]
    running = [f for f in held if f["is_comprehensive"] and f["status"] == "operating"]
    area = homes = met = pairs = 0.0
    for _, village in drawn["community_year"].iterrows():
        if village["township_code"] == unit:
            here = [f for f in running if f["community_code"] == village["community_code"]]
            if not any(pd.isna(f["area_total_m2"]) for f in here):
                area += sum(f["area_total_m2"] for f in here)
                homes += village["households"]
    kind = "community" if unit == A else "village"
    for place in running:
        for _, standard in drawn["area_standards"].iterrows():
            scope = "township" if place["community_code"] is None else kind
            size = place.get(f"area_{standard['function']}_m2")
            if standard["scope"] == scope and not pd.isna(size):
                pairs += 1
                met += size >= standard["min_m2"]
    assert counted(by_unit(by_chance, "D2"), unit) == ((area, homes) if homes else None)
    assert counted(by_unit(by_chance, "D4"), unit) == ((met, pairs) if pairs else None)


@pytest.mark.parametrize("unit", [A, B, C])
def test_people_and_sessions_equal_a_count_one_by_one(
    by_chance: Store, drawn: dict[str, pd.DataFrame], unit: str
) -> None:
    workers = trained = told = 0
    for _, person in drawn["staff"].iterrows():
        if person["township_code"] == unit:
            managed = person["managed_as_community_worker"] is True
            grid = person["category"] == "grid_worker" and managed
            workers += person["category"] == "community_worker" or grid
            if not pd.isna(person["training_hours"]):
                told += 1
                trained += person["training_hours"] >= 24
    often = 0
    mine = [village for village, of in VILLAGES.items() if of == unit]
    met = drawn["consultations"]
    for village in mine:
        often += ((met["community_code"] == village) & (met["held_on"].dt.year == 2025)).sum() >= 2
    urban = drawn["township_year"].query("township_code == @unit and year == 2025")
    residents = urban["urban_resident_pop"].item()
    assert counted(by_unit(by_chance, "G14"), unit) == (trained, told)
    assert counted(by_unit(by_chance, "C3"), unit) == (often, len(mine))
    assert counted(by_unit(by_chance, "G10"), unit) == ((workers, residents) if residents else None)
