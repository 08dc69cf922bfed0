"""Formulas of blocks A and B: every one worked by hand, some against a slow twin, and laws."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.evaluate import Evaluation, evaluate, wilson
from metrics.register import INDICATORS
from tests.metrics.worked_county import (
    A1,
    A2,
    A3,
    B1,
    B2,
    B3,
    C1,
    COUNTY,
    O1,
    OTHER,
    VILLAGES,
    YEAR,
    A,
    B,
    C,
    hold_together,
    publish,
    rows,
)

FORMULAS = [i for i in INDICATORS.values() if i.block[0] in "AB"]
Parts = dict[str, tuple[float, float] | None]


def master() -> dict[str, pd.DataFrame]:
    towns = rows(
        "township_code unit_type county_code",
        (A, "subdistrict", COUNTY),
        (B, "township", COUNTY),
        (C, "township", COUNTY),
        (OTHER, "township", "990102"),
        name_zh="乡",
    )
    villages = rows("community_code township_code", *VILLAGES.items(), name_zh="村", kind="village")
    return {"townships": towns, "communities": villages}


def one_page_forms() -> pd.DataFrame:
    """Return the one-page forms: a blank cell is unknown, a 0 is a fact."""
    frame = rows(
        "community_code year secretary_is_chair weak_org_status waste_sewage_ok psych_service "
        "compounds_n compounds_managed_n social_orgs_n",
        (A1, 2025, True, "rectified", True, True, 10, 7, 6),
        (A2, 2025, False, "listed", None, False, 4, None, 0),
        (A3, 2025, None, "none", False, None, 2, 2, None),
        (B1, 2025, True, "rectified", True, None, 0, 0, 3),
        (B2, 2025, True, None, False, None, None, 0, 1),
        (B3, 2024, False, "listed", False, False, 9, 0, 9),
        (C1, 2025, False, "none", None, False, None, None, None),
        (O1, 2025, False, "listed", False, False, 9, 0, 9),
        resident_pop=10,
        households=3,
    )
    return frame.assign(township_code=frame["community_code"].map(VILLAGES))


def yearly() -> pd.DataFrame:
    return rows(
        "township_code year migrants_n migrants_served_n county_topics_n",
        (A, 2025, 1_000, 800, 4),
        (B, 2025, 50, None, 4),
        (C, 2025, 0, 0, None),
        (A, 2024, 9, 0, 9),
        (OTHER, 2025, 9, 0, 9),
        resident_pop=10,
        households=3,
    )


def organisations() -> dict[str, pd.DataFrame]:
    """Return organisations, stations, decisions and powers."""
    return {
        "social_orgs": rows(
            "township_code party_coverage",
            (A, True), (A, True), (A, False), (A, None), (B, False), (OTHER, False),
            key="org_id",
        ),
        "county_stations": rows(
            "township_code mgmt unified_command",
            (A, "territorial", None),
            (A, "territorial", False),
            (A, "dispatched", True),
            (A, "dispatched", False),
            # Nobody said who commands it.
            (A, "dispatched", None),
            # Exempted by the centre, whoever commands it.
            (A, "dispatched_exempt", True),
            (B, "dispatched_exempt", False),
            (C, "dispatched", False),
            (OTHER, "dispatched", False),
            key="station_id",
            parent_dept="县民政局",
        ),
        "major_decisions": rows(
            "decision_id township_code decided_on opinion_sought",
            ("J1", A, "2025-01-01", True),
            ("J2", A, "2025-12-31", False),
            ("J3", A, "2024-12-31", False),
            ("J1", B, "2025-01-01", False),
            ("J1", OTHER, "2025-01-01", False),
        ),
        "power_items": rows(
            "item_code township_code year list times_used_n",
            ("Q1", A, 2025, "devolved", 3),
            ("Q2", A, 2025, "devolved", 0),
            ("Q3", A, 2025, "devolved", None),
            ("Q4", A, 2025, "basic", 5),
            ("Q1", A, 2024, "devolved", 0),
            ("Q1", B, 2025, "devolved", 0),
            ("Q1", C, 2025, "devolved", None),
            ("Q1", OTHER, 2025, "devolved", 0),
        ),
    }  # fmt: skip


def enforcement() -> pd.DataFrame:
    return rows(
        "township_code kind done_on publish_due published_on double_random triggered",
        # On the last day, a day late, and never.
        (A, "penalty", "2025-01-02", "2025-01-10", "2025-01-10", None, None),
        (A, "licence", "2025-01-02", "2025-01-10", "2025-01-11", None, None),
        (A, "coercive", "2025-01-02", "2025-01-10", None, None, None),
        # Without a due date; drawn by lot, not so, unknown, after a complaint.
        (A, "inspection", "2025-01-02", None, "2025-01-12", True, None),
        (A, "inspection", "2025-01-02", None, "2025-01-23", False, False),
        (A, "inspection", "2025-01-02", None, None, None, False),
        (A, "inspection", "2025-01-02", None, None, False, True),
        # Done in one year and due in the next.
        (B, "inspection", "2025-12-20", "2026-01-10", "2025-12-21", True, False),
        (B, "penalty", "2024-12-30", "2025-01-10", "2025-01-05", None, None),
        (OTHER, "inspection", "2025-01-02", "2025-01-10", None, False, False),
        key="record_id",
    )


def served() -> dict[str, pd.DataFrame]:
    """Return service items, hotline appeals and care registers."""
    cases = rows(
        "township_code source created_at due_at first_response_at satisfied_level repeat_of "
        "excluded",
        (A, "hotline", "2025-01-01", "2025-01-06", "2025-01-06", 3, None, False),
        (A, "hotline", "2025-01-01", "2025-01-06", "2025-01-07", 2, None, False),
        (A, "hotline", "2025-01-02", "2025-01-06", None, None, "case_id-0", False),
        (A, "hotline", "2025-01-02", None, "2025-01-03", 5, None, False),
        (A, "hotline", "2025-01-02", "2025-01-06", None, 1, "case_id-0", True),
        (A, "window", "2025-01-02", "2025-01-06", None, 1, "case_id-0", False),
        (A, "hotline", "2024-01-02", "2024-01-06", None, 1, "case_id-0", False),
        (B, "hotline", "2025-12-31", "2026-01-06", "2026-01-01", None, None, False),
        (OTHER, "hotline", "2025-01-02", "2025-01-06", None, 1, "case_id-0", False),
        key="case_id",
    )
    care = rows(
        "community_code grp month registered_n served_n",
        (B1, "left_child", "2025-01-01", 10, 8),
        (B1, "left_child", "2025-02-01", 10, 10),
        (B2, "left_woman", "2025-01-01", 5, 0),
        (B2, "left_elder", "2025-01-01", 4, 4),
        (B2, "left_elder", "2024-12-01", 9, 0),
        (B2, "special_elder", "2025-01-01", 8, 2),
        (B1, "monitor_household", "2025-01-01", 3, 3),
        (C1, "monitor_household", "2025-01-01", 2, 0),
        (C1, "left_child", "2025-01-01", 0, 0),
        # A sub-district has neither indicator.
        (A1, "left_child", "2025-01-01", 7, 7),
        (O1, "left_child", "2025-01-01", 9, 0),
    )
    return {
        "service_items": rows(
            "item_code township_code year one_window citywide offline_kept",
            ("F1", A, 2025, True, True, True),
            ("F2", A, 2025, True, False, True),
            ("F3", A, 2025, False, False, False),
            ("F1", A, 2024, False, False, False),
            ("F1", B, 2025, False, False, True),
            ("F1", OTHER, 2025, False, False, False),
            cross_region=False,
            online=True,
        ),
        "service_cases": cases.assign(
            excluded_reason=np.where(cases["excluded"], "不属职权", None)
        ),
        "care_registers": care.assign(township_code=care["community_code"].map(VILLAGES)),
    }


def gathered() -> dict[str, pd.DataFrame]:
    """Return consultations, drills and disputes."""
    return {
        "consultations": rows(
            "township_code level community_code held_on county_topic_code deputies_n observers_n",
            (A, "township", None, "2025-01-01", "T1", 2, None),
            (A, "township", None, "2025-02-01", "T1", None, 1),
            (A, "township", None, "2025-03-01", "T2", 0, 0),
            (A, "township", None, "2025-04-01", None, None, None),
            (A, "township", None, "2024-04-01", "T3", 5, 5),
            (A, "community", A1, "2025-04-01", "T4", 5, 5),
            (C, "township", None, "2025-04-01", "T1", None, 0),
            (OTHER, "township", None, "2025-04-01", "T1", 0, 0),
            key="consult_id",
        ),
        "drills": rows(
            "township_code community_code held_on issues_n issues_closed_n",
            (A, None, "2025-05-01", 6, 4),
            (A, A1, "2025-05-01", 2, 2),
            (A, None, "2025-05-01", 5, None),
            (A, None, "2024-05-01", 9, 0),
            (B, None, "2025-05-01", 0, 0),
            (C, None, "2025-05-01", 3, 0),
            (OTHER, None, "2025-05-01", 9, 0),
            key="drill_id",
            drill_type="special",
        ),
        "disputes": rows(
            "township_code accepted_on concluded_on outcome",
            (A, "2025-01-01", "2025-01-09", "agreement"),
            (A, "2024-12-01", "2025-01-09", "agreement"),
            (A, "2025-01-01", "2025-01-09", "failed"),
            (A, "2025-01-01", "2025-01-09", "withdrawn"),
            (A, "2025-01-01", None, "pending"),
            (A, "2025-12-01", "2026-01-09", "failed"),
            (B, "2025-01-01", "2025-01-09", "failed"),
            (C, "2025-01-01", "2025-01-09", "withdrawn"),
            (OTHER, "2025-01-01", "2025-01-09", "failed"),
            key="dispute_id",
        ),
    }


def checked() -> pd.DataFrame:
    frame = rows(
        "unit_code year item_code applicable passed",
        (A, 2025, "PARTY-1", True, True),
        (A, 2025, "PARTY-2", True, False),
        (A, 2025, "PARTY-3", True, None),
        (A, 2025, "PARTY-4", False, None),
        (A, 2025, "PARTY-5", False, True),
        (A, 2024, "PARTY-1", True, False),
        (B, 2025, "PARTY-1", True, False),
        (C, 2025, "PARTY-1", True, None),
        (OTHER, 2025, "PARTY-1", True, False),
        # The unit's own list and those of its villages together.
        (A, 2025, "EMERG6-1", True, True),
        (A, 2025, "EMERG6-2", True, False),
        (A1, 2025, "EMERG3-1", True, True),
        (A2, 2025, "EMERG3-1", True, True),
        (B1, 2025, "EMERG3-2", True, False),
        (B, 2025, "ZZC-1", True, True),
    )
    return frame.assign(
        township_code=frame["unit_code"].str[:9], checklist=frame["item_code"].str.split("-").str[0]
    )


def tables() -> dict[str, pd.DataFrame]:
    return {
        **master(),
        **organisations(),
        **served(),
        **gathered(),
        "community_year": one_page_forms(),
        "township_year": yearly(),
        "enforcement": enforcement(),
        "checklist_results": checked(),
    }


# Numerator and denominator by unit; None where the facts are missing.
WORKED: dict[str, Parts] = {
    "A1": {A: (1, 2), B: (2, 2), C: (0, 1)},
    # In C no organisation is weak: nothing to rectify is not a failure, nor a success.
    "A2": {A: (1, 2), B: (1, 1), C: None},
    "A3": {A: (2, 3), B: (0, 1), C: None},
    "A4": {A: (1, 2), B: (0, 1), C: None},
    "A5": {A: (3, 4), B: None, C: (0, 1)},
    "B1.1": {A: (1, 2), B: (0, 1), C: None},
    "B1.2": {A: (1, 2), B: (0, 1), C: None},
    "B1.3": {A: (1, 3), B: (1, 1), C: None},
    "B1.4": {A: (1, 2), B: (1, 1), C: None},
    "B2.1": {A: (2, 3), B: (0, 1), C: None},
    "B2.3": {A: (1, 3), B: (0, 1), C: None},
    "B2.4": {A: (1, 3), B: (1, 1), C: None},
    "B2.6": {A: (2, 3), B: None, C: None},
    "B2.7": {A: (1, 4), B: (0, 1), C: None},
    # 8 + 10 of 10 + 10, 0 of 5, 4 of 4; nobody on the register of C.
    "B2.T1": {B: (22, 29), C: None},
    "B2.T2": {B: (3, 3), C: (0, 2)},
    "B2.T3": {B: (1, 2), C: None},
    "B2.S1": {A: (9, 12)},
    "B2.S2": {A: (800, 1_000)},
    "B2.S3": {A: (6, 2)},
    # T1 twice and T2, of four; B is in a county that records sessions and held none.
    "B3.1": {A: (2, 4), B: (0, 4), C: None},
    "B3.3": {A: (2, 3), B: None, C: (0, 1)},
    "B4.2": {A: (3, 4), B: (0, 1), C: None},
    "B4.3": {A: (6, 8), B: None, C: (0, 3)},
    "B5.1": {A: None, B: (1, 1), C: None},
    "B5.2": {A: (2, 3), B: (0, 1), C: None},
    "B5.4": {A: (1, 2), B: None, C: (0, 1)},
    # Blocks that share a query with these.
    "D9": {A: None, B: (2, 8), C: None},
    "F3": {A: (2, 3), B: (1, 1), C: None},
}
ELSEWHERE = {"B2.2", "B2.5", "B3.2", "B4.1", "B5.3"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("formulas")) as opened:
        publish(opened, **tables())
        yield opened


@pytest.fixture(scope="module")
def figures(store: Store) -> dict[str, pd.DataFrame]:
    """Return every case, evaluated once."""
    evaluation = Evaluation(store, YEAR)
    return {
        each: evaluation.evaluate(INDICATORS[each]).set_index("unit_code")
        for each in {*WORKED, *ELSEWHERE}
    }


def scale(indicator_id: str) -> float:
    return 100 if INDICATORS[indicator_id].is_rate else 1


def test_every_formula_of_the_blocks_has_a_case() -> None:
    assert {i.id for i in FORMULAS} == {each for each in WORKED if each[0] in "AB"} | ELSEWHERE


@pytest.mark.parametrize("indicator_id", WORKED)
def test_worked_by_hand(figures: dict[str, pd.DataFrame], indicator_id: str) -> None:
    found = figures[indicator_id]
    known = [parts for parts in WORKED[indicator_id].values() if parts]
    whole = tuple(np.sum(known, axis=0))
    for unit, parts in (WORKED[indicator_id] | {COUNTY: whole}).items():
        row = found.loc[unit]
        if parts is None:
            assert row["note"] == "no_data"
            assert np.isnan([row["value"], row["num"], row["den"]]).all()
        else:
            assert (row["num"], row["den"], row["note"]) == (*parts, "")
            assert row["value"] == pytest.approx(scale(indicator_id) * parts[0] / parts[1])


def test_townships_and_sub_districts_have_tasks_of_their_own(
    figures: dict[str, pd.DataFrame],
) -> None:
    for each in ("B2.T1", "B2.T2", "B2.T3"):
        assert figures[each].loc[A, "note"] == "not_applicable"
    for each in ("B2.S1", "B2.S2", "B2.S3"):
        assert set(figures[each].loc[[B, C], "note"]) == {"not_applicable"}


def test_who_is_visited_every_month_is_one(figures: dict[str, pd.DataFrame]) -> None:
    # 19 on the registers in January and 10 in February: 22 of 29 visits, 14.5 people.
    row = figures["B2.T1"].loc[B]
    assert (row["num"], row["den"], row["n"]) == (22, 29, 15)
    low, high = wilson(np.array([15 * 22 / 29]), np.array([15.0]))
    assert (row["low"], row["high"]) == pytest.approx((low[0], high[0]))
    assert figures["B2.T1"].loc[COUNTY, "n"] == 15


def test_another_year_has_no_figures_of_this_one(store: Store) -> None:
    # Organisations and stations are states, not years; of a shared query one stands for all.
    other = Evaluation(store, Scope(2019, COUNTY))
    for each in sorted(set(WORKED) - {"B5.4", "F3", "D9", "B2.3", "B2.T2", "B5.1", "B2.T3"}):
        known = other.evaluate(INDICATORS[each])["value"].notna().any()
        assert known == (each in ("A3", "A5")), each


def test_an_empty_store_has_no_zero(tmp_path: Path) -> None:
    with Store.open(tmp_path) as opened:
        publish(opened, **master(), township_year=yearly())
        nothing = Evaluation(opened, YEAR)
        # What could take the lack of facts for a zero; the others have no row to count.
        for each in ("A1", "A4", "A5", "B1.3", "B3.1"):
            assert nothing.evaluate(INDICATORS[each])["value"].isna().all(), each


def published_on_time(store: Store, scope: Scope = YEAR) -> tuple[float, float]:
    row = evaluate(store, "B1.3", scope).set_index("unit_code").loc[A]
    return row["num"], row["den"]


def test_a_place_may_set_days_for_records_without_a_due_date(store: Store) -> None:
    def limits(*held: tuple[str, str, int, float]) -> pd.DataFrame:
        return rows("parameter place_code from_year value", *held, source="本地")

    other = "B1.3.other_days"
    for held, expected in (
        # Inspections of 2 January: published on the 12th, the 23rd, and two never.
        ([(other, COUNTY, 2021, 20.0)], (2, 7)),
        ([(other, COUNTY, 2021, 21.0)], (3, 7)),
        # The nearest place, then the newest year that has begun.
        ([(other, "99", 2025, 21.0), (other, COUNTY, 2020, 5.0)], (1, 7)),
        ([(other, "99", 2025, 21.0), (other, "99", 2026, 5.0)], (3, 7)),
        ([(other, "9902", 2021, 21.0)], (1, 3)),
        # Decisions all have their due dates here.
        ([("B1.3.decision_days", COUNTY, 2021, 1.0)], (1, 3)),
        ([], (1, 3)),
    ):
        changes = [Change("indicator_params", limits(*held), "replace")]
        store.publish(changes, author="t", message="t")
        assert published_on_time(store) == expected, held


def test_topics_beyond_those_of_the_county_count_once(store: Store) -> None:
    with store.rehearse(
        [
            Change(
                "township_year",
                rows("township_code year county_topics_n", (A, 2025, 1), resident_pop=1,
                     households=1),
            )
        ]
    ) as seen:  # fmt: skip
        row = evaluate(seen, "B3.1", YEAR).set_index("unit_code").loc[A]
    assert (row["num"], row["den"], row["value"]) == (1, 1, 100)


def test_the_county_is_the_sum_of_its_units_and_a_rate_a_rate(
    figures: dict[str, pd.DataFrame],
) -> None:
    for each in FORMULAS:
        hold_together(each, figures[each.id])
