"""Formulas of blocks A and B against a slow twin, on a county drawn by chance."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.store import Store
from metrics.evaluate import Evaluation, evaluate
from metrics.register import INDICATORS
from tests.metrics.test_indicator_formulas_ab import master, yearly
from tests.metrics.worked_county import (
    COUNTY,
    OTHER,
    YEAR,
    A,
    B,
    C,
    hold_together,
    publish,
    rows,
)

BY_LOT = ("A5", "B1.3", "B1.4", "B2.4", "B2.7", "B3.1", "B3.3")


@pytest.fixture(scope="module")
def drawn() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(8)

    def some(*values: Any, size: int = 120) -> Any:
        chosen = np.empty(len(values), dtype=object)
        chosen[:] = values
        return rng.choice(chosen, size)

    units = some(A, B, C, OTHER)
    days = some("2024-12-20", "2025-01-05", "2025-06-30", "2025-12-28")
    numbers = [f"n{n}" for n in range(120)]
    records = pd.DataFrame({"record_id": numbers, "township_code": units, "done_on": days}).assign(
        kind=some("penalty", "licence", "coercive", "inspection"),
        publish_due=some("2025-01-10", "2025-07-05", "2026-01-02", None),
        published_on=some("2025-01-08", "2025-07-01", "2025-07-20", "2026-01-02", None),
        double_random=some(True, False, None),
        triggered=some(True, False, False, None),
    )
    stations = pd.DataFrame({"station_id": numbers, "township_code": units}).assign(
        parent_dept="县民政局",
        mgmt=some("territorial", "dispatched", "dispatched_exempt"),
        unified_command=some(True, False, None),
    )
    sessions = pd.DataFrame({"consult_id": numbers, "township_code": units}).assign(
        held_on=pd.to_datetime(days),
        level=some("township", "township", "community"),
        county_topic_code=some("T1", "T2", "T3", "T4", "T5", None, None),
        deputies_n=some(0, 2, None),
        observers_n=some(0, 1, None),
    )
    cases = pd.DataFrame({"case_id": numbers, "township_code": units}).assign(
        source=some("hotline", "hotline", "hotline", "window"),
        created_at=pd.to_datetime(days),
        due_at=pd.to_datetime(some("2025-01-10", "2025-07-05", "2026-01-02", None)),
        first_response_at=pd.to_datetime(some("2025-01-06", "2025-07-02", None)),
        satisfied_level=some(1, 2, 3, 4, 5, None),
        repeat_of=some("n1", None, None),
        excluded=some(True, False, False, False),
        excluded_reason="不属职权",
    )
    for name in ("done_on", "publish_due", "published_on"):
        records[name] = pd.to_datetime(records[name])
    return {
        **master(),
        "enforcement": records,
        "county_stations": stations,
        "consultations": sessions,
        "service_cases": cases,
        "township_year": yearly(),
        "indicator_params": rows(
            "parameter place_code from_year value",
            ("B1.3.decision_days", COUNTY, 2021, 9.0),
            ("B1.3.other_days", "99", 2021, 20.0),
            source="本地",
        ),
    }


@pytest.fixture(scope="module")
def by_chance(
    drawn: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("chance")) as opened:
        publish(opened, **drawn)
        yield opened


def counted(store: Store, indicator_id: str, unit: str) -> tuple[float, float]:
    row = evaluate(store, indicator_id, YEAR).set_index("unit_code").loc[unit]
    return (0, 0) if np.isnan(row["den"]) else (row["num"], row["den"])


def due_on(record: pd.Series) -> pd.Timestamp:
    if pd.notna(record["publish_due"]):
        return record["publish_due"]
    days = 9 if record["kind"] in ("penalty", "licence") else 20
    return record["done_on"] + pd.Timedelta(days=days)


@pytest.mark.parametrize("unit", [A, B, C])
def test_records_equal_a_count_one_by_one(
    by_chance: Store, drawn: dict[str, pd.DataFrame], unit: str
) -> None:
    due = published = routine = lot = 0
    for _, record in drawn["enforcement"].query("township_code == @unit").iterrows():
        limit = due_on(record)
        if limit.year == 2025:
            due += 1
            published += pd.notna(record["published_on"]) and record["published_on"] <= limit
        inspected = record["kind"] == "inspection" and record["done_on"].year == 2025
        if inspected and record["triggered"] is not True and pd.notna(record["double_random"]):
            routine += 1
            lot += record["double_random"]
    assert counted(by_chance, "B1.3", unit) == (published, due)
    assert counted(by_chance, "B1.4", unit) == (lot, routine)
    assert min(due, routine) > 0


@pytest.mark.parametrize("unit", [A, B, C])
def test_stations_equal_a_count_one_by_one(
    by_chance: Store, drawn: dict[str, pd.DataFrame], unit: str
) -> None:
    commanded = known = 0
    for _, station in drawn["county_stations"].query("township_code == @unit").iterrows():
        if station["mgmt"] == "territorial":
            known, commanded = known + 1, commanded + 1
        elif station["mgmt"] == "dispatched" and pd.notna(station["unified_command"]):
            known, commanded = known + 1, commanded + station["unified_command"]
    assert counted(by_chance, "A5", unit) == (commanded, known)
    assert known > 0


@pytest.mark.parametrize("unit", [A, B, C])
def test_sessions_and_appeals_equal_pandas(
    by_chance: Store, drawn: dict[str, pd.DataFrame], unit: str
) -> None:
    met = drawn["consultations"].query("township_code == @unit and level == 'township'")
    met = met[met["held_on"].dt.year.eq(2025)]
    guests = met[["deputies_n", "observers_n"]].astype(float).dropna(how="all").sum(axis=1)
    assert counted(by_chance, "B3.3", unit) == (guests.gt(0).sum(), len(guests))
    topics = met["county_topic_code"].nunique()
    expected = (0, 0) if unit == C else (min(topics, 4), 4)
    assert counted(by_chance, "B3.1", unit) == expected
    calls = drawn["service_cases"].query("township_code == @unit and source == 'hotline'")
    calls = calls[calls["created_at"].dt.year.eq(2025) & ~calls["excluded"].astype(bool)]
    timed = calls.dropna(subset=["due_at"])
    rated = calls["satisfied_level"].dropna().astype(int)
    answered = timed["first_response_at"].le(timed["due_at"]).sum()
    assert counted(by_chance, "B2.4", unit) == (answered, len(timed))
    assert counted(by_chance, "B2.6", unit) == (rated.isin([3, 4, 5]).sum(), len(rated))
    assert counted(by_chance, "B2.7", unit) == (calls["repeat_of"].notna().sum(), len(calls))


@pytest.mark.parametrize("indicator_id", BY_LOT)
def test_the_county_is_the_sum_of_its_units(by_chance: Store, indicator_id: str) -> None:
    found = Evaluation(by_chance, YEAR).evaluate(INDICATORS[indicator_id])
    hold_together(INDICATORS[indicator_id], found.set_index("unit_code"))
