"""Formulas of blocks C to G: every one worked by hand, some against a slow twin, and laws."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.contracts import TABLES
from data.scope import Scope
from data.store import Change, Store
from metrics.evaluate import Evaluation, evaluate
from metrics.register import INDICATORS
from tests.metrics.worked_county import (
    A1,
    A2,
    A3,
    B1,
    B2,
    COUNTY,
    O1,
    OTHER,
    VILLAGES,
    YEAR,
    A,
    B,
    C,
    adds_up,
    hold_together,
    publish,
    rows,
)

FORMULAS = [i for i in INDICATORS.values() if i.block in set("CDEFG") and i.runs]


def numbered(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: [f"{name}-{n}" for n in range(len(frame))]})


def master(urban: str = "220") -> dict[str, pd.DataFrame]:
    towns = rows("township_code unit_type", (A, "subdistrict"), *[(u, "township") for u in (B, C)])
    towns = pd.concat([towns, rows("township_code unit_type", (OTHER, "township"))])
    villages = rows("community_code township_code", *VILLAGES.items())
    return {
        "townships": towns.assign(name_zh="乡", county_code=towns["township_code"].str[:6]),
        "communities": villages.assign(
            name_zh="村",
            kind=np.where(villages["township_code"] == A, "community", "village"),
            urban_rural_code=urban,
        ),
    }


def one_page_forms() -> pd.DataFrame:
    """Return the one-page forms: a missing cell is unknown, a 0 is a fact."""
    columns = (
        "community_code year households hh_visited_n grids_n grids_staffed_n "
        "legal_adviser_active platform_access convention_filed"
    )
    held = rows(
        columns,
        (A1, 2025, 100, 40, 2, 1, True, True, True),
        # More visits than households count as all of them.
        (A2, 2025, 200, 260, 3, 3, False, None, True),
        (A3, 2025, 100, None, 5, None, None, None, False),
        (B1, 2025, 300, 0, None, 2, False, False, None),
        (B1, 2024, 300, 300, 9, 9, True, True, True),
        (O1, 2025, 900, 900, 9, 9, True, True, True),
    )
    return held.assign(township_code=held["community_code"].map(VILLAGES), resident_pop=0)


def yearly() -> pd.DataFrame:
    return rows(
        "township_code year resident_pop urban_resident_pop volunteer_hours governance_spend_yuan "
        "posts_quota_n posts_filled_n seconded_out_n",
        (A, 2025, 10_000, 8_000, 25_000.0, 4e6, 50, 45, 5),
        (B, 2025, 20_000, 2_000, 0.0, None, 50, 40, None),
        (C, 2025, 5_000, 0, None, 1e6, None, 10, 0),
        (A, 2024, 1, 1, 99.0, 99.0, 1, 1, 0),
        (OTHER, 2025, 1, 1, 99.0, 99.0, 1, 1, 0),
        households=1,
    )


def sessions() -> pd.DataFrame:
    held = [(A1, 2), (A2, 3), (A3, 1), (B1, 2), (O1, 9)]
    days = [(village, f"2025-03-{d + 1:02d}") for village, n in held for d in range(n)]
    days += [(A3, "2024-05-05"), (B2, "2024-05-05"), (B2, "2024-06-05")]
    frame = rows("community_code held_on", *days, level="community")
    towns = rows("township_code held_on", *[(B, "2025-01-01")] * 5, level="township")
    frame["township_code"] = frame["community_code"].map(VILLAGES)
    return numbered("consult_id", pd.concat([frame, towns], ignore_index=True))


def cases() -> pd.DataFrame:
    frame = rows(
        "township_code source created_at due_at first_response_at excluded",
        (A, "suggestion", "2025-01-01", "2025-01-10", "2025-01-10", False),
        (A, "supervision", "2025-01-01", "2025-01-10", "2025-01-11", False),
        (A, "supervision", "2025-01-01", "2025-01-10", None, False),
        (A, "suggestion", "2025-01-01", None, "2025-01-02", False),
        (A, "suggestion", "2025-01-01", "2025-01-10", None, True),
        (A, "hotline", "2025-01-01", "2025-01-10", None, False),
        (B, "suggestion", "2025-12-31", "2026-01-10", "2026-01-05", False),
        (B, "suggestion", "2024-12-31", "2025-01-10", None, False),
        (OTHER, "suggestion", "2025-01-01", "2025-01-10", None, False),
    )
    reason = np.where(frame["excluded"], "不属职权", None)
    return numbered("case_id", frame.assign(excluded_reason=reason))


def facilities() -> pd.DataFrame:
    columns = (
        "township_code community_code is_comprehensive status area_total_m2 area_office_m2 "
        "area_service_m2 area_activity_m2 area_emergency_m2"
    )
    frame = rows(
        columns,
        (A, A1, True, "operating", 100.0, 40.0, 20.0, 30.0, 10.0),
        (A, A1, True, "operating", 50.0, None, None, 40.0, None),
        (A, A2, True, "idle", 900.0, 90.0, 90.0, 500.0, 90.0),
        (A, A2, False, "operating", 900.0, 90.0, 90.0, 500.0, 90.0),
        # Of unknown size: its village is not one without a facility.
        (A, A3, True, "operating", None, None, None, None, 15.0),
        (B, None, True, "operating", 400.0, 160.0, 100.0, 100.0, 0.0),
        (OTHER, O1, True, "operating", 1.0, 1.0, 1.0, 1.0, 1.0),
    )
    return numbered("facility_id", frame.assign(name_zh="服务中心", services="party_mass"))


def standards() -> pd.DataFrame:
    return rows(
        "scope function min_m2",
        ("community", "office", 40.0),
        ("community", "service", 30.0),
        ("community", "activity", 35.0),
        ("community", "emergency", 15.0),
        ("township", "office", 150.0),
        ("township", "emergency", 10.0),
        ("village", "office", 20.0),
        source="省文〔2023〕1号",
    )


def people() -> pd.DataFrame:
    frame = rows(
        "township_code year category social_work_cert managed_as_community_worker "
        "training_hours rules_due_n rules_met_n",
        (A, 2025, "community_worker", True, None, 24.0, 4, 3),
        (A, 2025, "community_worker", False, None, 23.5, 5, 5),
        (A, 2025, "community_worker", None, None, None, None, None),
        (A, 2025, "grid_worker", True, True, 0.0, 1, None),
        (A, 2025, "grid_worker", True, False, 40.0, 1, 0),
        (A, 2025, "grid_worker", True, None, 40.0, 1, 1),
        (A, 2024, "community_worker", True, None, 99.0, 9, 9),
        (B, 2025, "township_cadre", True, None, 30.0, None, 2),
        (C, 2025, "community_worker", False, None, None, None, None),
        (OTHER, 2025, "community_worker", True, None, 99.0, 9, 9),
    )
    return numbered("staff_key", frame)


def burdens() -> pd.DataFrame:
    frame = rows(
        "township_code year kind times_per_year in_annual_plan status legal_basis on_negative_list",
        (A, 2025, "inspection", 3.0, True, "active", None, None),
        (A, 2025, "assessment", 1.0, False, "active", None, None),
        (A, 2025, "assessment", 9.0, None, "active", None, None),
        (A, 2025, "inspection", 9.0, False, "abolished", None, None),
        (A, 2025, "form", 9.0, False, "active", None, None),
        (A, 2025, "one_vote_veto", 1.0, None, "active", None, None),
        (A, 2025, "signboard", 1.0, None, "active", " ", None),
        (A, 2025, "demonstration", 1.0, None, "active", "国发1号", None),
        (A, 2025, "responsibility_letter", 1.0, None, "merged", None, None),
        (A, 2025, "certificate", 40.0, None, "active", "条例", True),
        (A, 2025, "certificate", 40.0, None, "active", None, False),
        (A, 2025, "certificate", 40.0, None, "active", None, None),
        (B, 2025, "inspection", 2.0, True, "active", None, None),
        (B, 2024, "one_vote_veto", 1.0, None, "active", None, None),
        (OTHER, 2025, "one_vote_veto", 1.0, None, "active", None, None),
        (OTHER, 2025, "inspection", 1.0, False, "active", None, None),
    )
    return numbered("burden_id", frame.assign(issuer="县民政局"))


def checks() -> pd.DataFrame:
    """Return items of five lists: not applicable, or checked by nobody, is no failure."""
    return rows(
        "unit_code township_code year checklist item_code applicable passed",
        (A1, A, 2025, "VILLORG", "VILLORG-1", True, True),
        (A1, A, 2025, "VILLORG", "VILLORG-2", True, False),
        (A2, A, 2025, "VILLORG", "VILLORG-1", True, True),
        (A2, A, 2025, "VILLORG", "VILLORG-3", False, None),
        (A2, A, 2025, "VILLORG", "VILLORG-4", False, True),
        (A2, A, 2025, "VILLORG", "VILLORG-5", True, None),
        (A1, A, 2024, "VILLORG", "VILLORG-1", True, False),
        (B1, B, 2025, "VILLORG", "VILLORG-1", True, False),
        (B1, B, 2025, "SVCSTD", "SVCSTD-1", True, True),
        (A, A, 2025, "VIRTUE5", "VIRTUE5-1", True, True),
        (A, A, 2025, "VIRTUE5", "VIRTUE5-2", True, False),
        (C, C, 2025, "ACCESS", "ACCESS-1", True, None),
        (B, B, 2025, "ACCESS", "ACCESS-1", True, True),
        (COUNTY, None, 2025, "COUNTY", "COUNTY-1", True, True),
        (COUNTY, None, 2025, "COUNTY", "COUNTY-2", True, False),
        (COUNTY, None, 2025, "COUNTY", "COUNTY-3", True, True),
        (COUNTY, None, 2025, "COUNTY", "COUNTY-4", False, None),
        (O1, OTHER, 2025, "VILLORG", "VILLORG-1", True, True),
        ("990102", None, 2025, "COUNTY", "COUNTY-1", True, False),
    )


def asked() -> dict[str, pd.DataFrame]:
    """Return appeals, fields of forms and the log of uploads."""
    appeals = rows(
        "township_code filed_on due_on decided_on",
        (A, "2025-01-01", "2025-01-31", "2025-01-31"),
        (A, "2025-01-01", "2025-01-31", "2025-02-01"),
        (A, "2024-12-20", "2025-01-04", None),
        (B, "2025-12-20", "2026-01-04", "2025-12-21"),
        (OTHER, "2025-01-01", "2025-01-31", None),
        kind="data_error",
    )
    fields = rows(
        "form_id county_code field_std_code",
        *[(form, COUNTY, field) for form, asked in FORMS.items() for field in asked],
        ("F1", "990102", "ZD1"),
        issuer="县民政局",
    )
    log = rows(
        "load_id township_code cells_expected_n cells_valid_n",
        ("L1", A, 100, 90),
        ("L2", A, 300, 300),
        ("L3", B, 50, 0),
        ("L4", None, 999, 0),
        ("L5", OTHER, 1, 0),
        table_name="staff",
        file_sha256="0" * 64,
    )
    return {
        "appeals": numbered("appeal_id", appeals),
        # A form of another county has a number of its own.
        "form_fields": fields.assign(form_id=fields["county_code"] + fields["form_id"]),
        "load_log": log,
    }


FORMS = {"F1": ("ZD1", "ZD2", "ZD3"), "F2": ("ZD1", "ZD2"), "F3": ("ZD1",)}

# Numerator and denominator by unit; None where the facts are missing.
Parts = dict[str, tuple[float, float] | None]
WORKED: dict[str, Parts] = {
    "C1": {A: (2, 3), B: (0, 1), C: None},
    "C3": {A: (2, 3), B: (1, 3), C: (0, 3)},
    "C4": {A: (240, 300), B: (0, 300), C: None},
    "C5": {A: (1, 3), B: (1, 1), C: None},
    "C6": {A: (4, 5), B: None, C: None},
    "D2": {A: (150, 300), B: (0, 300), C: None},
    "D3": {A: (70, 150), B: (100, 400), C: None},
    # 40 of 40, 20 of 30, 30 and 40 of 35, 10 and 15 of 15; then 160 of 150 and 0 of 10.
    "D4": {A: (3, 6), B: (1, 2), C: None},
    "D10": {A: None, B: (1, 1), C: None},
    "E1": {A: (1, 2), B: (0, 1), C: None},
    "E2": {A: (2, 3), B: None, C: None},
    "E3": {A: (25_000, 10_000), B: (0, 20_000), C: None},
    "E4": {A: (1, 2), B: None, C: None},
    "F2": {A: (1, 1), B: (0, 1), C: None},
    "F4": {A: None, B: (1, 1), C: None},
    "F5": {A: (390, 400), B: (0, 50), C: None},
    "G3": {A: (1, 4), B: (0, 2), C: None},
    "G5": {A: (3, 1), B: (0, 1), C: (0, 1)},
    "G6": {A: (1, 3), B: None, C: None},
    "G9": {A: (4e6, 10_000), B: None, C: (1e6, 5_000)},
    "G11": {A: (40, 50), B: None, C: None},
    "G12": {A: (1, 2), B: None, C: (0, 1)},
    "G13": {A: (9, 11), B: None, C: None},
    "G14": {A: (3, 5), B: (1, 1), C: None},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("formulas")) as opened:
        publish(
            opened,
            **master(),
            **asked(),
            community_year=one_page_forms(),
            township_year=yearly(),
            consultations=sessions(),
            service_cases=cases(),
            facilities=facilities(),
            area_standards=standards(),
            staff=people(),
            burden_register=burdens(),
            checklist_results=checks(),
        )
        yield opened


@pytest.fixture(scope="module")
def figures(store: Store) -> dict[str, pd.DataFrame]:
    """Return every formula of the blocks, evaluated once."""
    evaluation = Evaluation(store, YEAR)
    return {each.id: evaluation.evaluate(each).set_index("unit_code") for each in FORMULAS}


def by_unit(store: Store, indicator_id: str, scope: Scope = YEAR) -> pd.DataFrame:
    return evaluate(store, indicator_id, scope).set_index("unit_code")


@pytest.mark.parametrize("indicator_id", WORKED)
def test_worked_by_hand(figures: dict[str, pd.DataFrame], indicator_id: str) -> None:
    found, scale = figures[indicator_id], INDICATORS[indicator_id].scale
    known = [parts for parts in WORKED[indicator_id].values() if parts]
    whole = tuple(np.sum(known, axis=0))
    for unit, parts in (WORKED[indicator_id] | {COUNTY: whole}).items():
        row = found.loc[unit]
        if parts is None:
            assert row["note"] == "no_data"
            assert np.isnan([row["value"], row["num"], row["den"]]).all()
        else:
            assert (row["num"], row["den"], row["note"]) == (*parts, "")
            assert row["value"] == pytest.approx(scale * parts[0] / parts[1])


def test_what_is_not_due_yet_is_not_late(store: Store) -> None:
    far = "2090-06-30"
    due = rows("township_code due_on", (A, far), (A, far), (B, far))
    due["settled"] = pd.to_datetime(["2090-06-01", None, None])
    changes = [
        Change(
            "disclosures",
            due.rename(columns={"settled": "published_on"}).assign(
                community_code=[A1, A2, B1], kind="finance"
            ),
        ),
        Change(
            "appeals",
            due.rename(columns={"settled": "decided_on"}).assign(
                appeal_id=["f1", "f2", "f3"], kind="method", filed_on=pd.Timestamp("2090-05-30")
            ),
        ),
        Change(
            "enforcement",
            due.rename(columns={"settled": "published_on", "due_on": "publish_due"}).assign(
                record_id=["f1", "f2", "f3"], kind="penalty", done_on=pd.Timestamp("2090-05-30")
            ),
        ),
    ]
    with store.rehearse(changes) as later:
        for each in ("C2", "G6", "B1.3"):
            found = by_unit(later, each, Scope(2090, COUNTY))
            assert found.loc[[A, COUNTY], "den"].tolist() == [1, 1], each
            assert found.loc[B, "note"] == "no_data", each


def test_square_metres_have_no_interval(figures: dict[str, pd.DataFrame]) -> None:
    assert figures["D3"].loc[A, "value"] > 0
    assert np.isnan(figures["D3"].loc[A, "high"])


def test_workers_for_ten_thousand_urban_residents(figures: dict[str, pd.DataFrame]) -> None:
    found = figures["G10"]
    # Three workers and one grid worker managed like them; B has staff and none of these.
    assert tuple(found.loc[A, ["value", "num", "den"]]) == (5, 4, 8_000)
    assert tuple(found.loc[B, ["value", "num", "den"]]) == (0, 0, 2_000)
    # Without urban residents there is nothing to set workers against.
    assert found.loc[C, "note"] == "no_data"
    # All five workers, though: the county's towns are served by all of them.
    assert found.loc[COUNTY, "value"] == pytest.approx(5)


def test_fields_asked_again_belong_to_the_county_alone(figures: dict[str, pd.DataFrame]) -> None:
    found = figures["F1"]
    # Six requests for three fields.
    assert tuple(found.loc[COUNTY, ["value", "num", "den"]]) == (50, 3, 6)
    assert set(found.loc[[A, B, C], "note"]) == {"not_applicable"}


def test_the_county_answers_for_its_own_checklist(figures: dict[str, pd.DataFrame]) -> None:
    found = figures["G15"]
    assert tuple(found.loc[COUNTY, ["num", "den", "origin"]]) == (2, 3, "computed")
    assert found.loc[COUNTY, "value"] == pytest.approx(200 / 3)
    assert found.loc[COUNTY, ["low", "high"]].notna().all()
    assert set(found.loc[[A, B, C], "note"]) == {"not_applicable"}


def test_another_year_has_no_figures_of_this_one(store: Store) -> None:
    # Facilities, forms and the log are states, not years.
    states = {"D3", "D4", "F1", "F5"}
    other = Evaluation(store, Scope(2019, COUNTY))
    for each in [*WORKED, "F1", "G10", "G15"]:
        known = other.evaluate(INDICATORS[each])["value"].notna().any()
        assert known == (each in states), each


def test_an_empty_store_has_no_zero(tmp_path: Path) -> None:
    with Store.open(tmp_path) as opened:
        publish(opened, **master())
        nothing = Evaluation(opened, YEAR)
        for each in [*WORKED, "F1", "G10", "G15"]:
            assert nothing.evaluate(INDICATORS[each])["value"].isna().all(), each


def test_a_place_sets_its_own_limits_from_a_year_on(store: Store) -> None:
    def limits(*held: tuple[str, str, int, float]) -> pd.DataFrame:
        return rows("parameter place_code from_year value", *held, source="本地")

    publish(
        store,
        indicator_params=limits(
            ("C3.sessions", "99", 2025, 9.0),
            ("C3.sessions", COUNTY, 2020, 1.0),
            ("C3.sessions", COUNTY, 2024, 3.0),
            ("C3.sessions", COUNTY, 2026, 8.0),
            ("G14.hours", "9901", 2021, 40.0),
            ("G14.hours", "98", 2021, 0.0),
        ),
    )
    # The county's own value of 2024 holds, not the province's of 2025.
    assert by_unit(store, "C3").loc[COUNTY, "num"] == 1
    assert by_unit(store, "G14").loc[COUNTY, "num"] == 2
    changes = [Change("indicator_params", limits(), "replace")]
    store.publish(changes, author="t", message="t")
    assert by_unit(store, "C3").loc[COUNTY, "num"] == 3


def test_a_type_of_units_is_the_sum_of_those(store: Store) -> None:
    part = Evaluation(store, Scope(2025, COUNTY, unit_type="township"))
    for each in ("C3", "D2", "G5", "G10"):
        found = part.evaluate(INDICATORS[each]).set_index("unit_code")
        assert set(found.index) == {COUNTY, B, C}
        assert adds_up(found, INDICATORS[each].scale)


def test_the_county_is_the_sum_of_its_units_and_a_rate_a_rate(
    figures: dict[str, pd.DataFrame],
) -> None:
    for each in FORMULAS:
        hold_together(each, figures[each.id])


def test_every_table_a_formula_reads_is_of_the_contract() -> None:
    for each in FORMULAS:
        assert set(each.sources) <= set(TABLES)
        assert all(each.id in TABLES[name].feeds or TABLES[name].required == "S"
                   or name == "townships" for name in each.sources)  # fmt: skip
