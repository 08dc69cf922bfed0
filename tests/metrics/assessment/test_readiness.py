"""What is at hand in an emergency: a case by hand, and nothing made of what is not known."""

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment.readiness import readiness
from tests.metrics.accessibility.test_service_coverage import A, B, C, facilities, publish

YEAR = Scope(year=2025)


@pytest.fixture
def found(towns: Store) -> pd.DataFrame:
    shelters = facilities(
        ("a", A, 0, "operating", "emergency;elderly"),
        ("b", A, 500, "operating", "emergency"),
        ("c", A, 700, "idle", "emergency"),
        ("d", B, 4000, "operating", "emergency"),
    ).assign(area_emergency_m2=[200.0, None, 900.0, None])
    checked = [(A, "EMERG6-4", True, True), (A, "EMERG6-5", False, True),
               (B, "EMERG6-4", None, True), (B, "EMERG6-5", True, False)]  # fmt: skip
    checks = pd.DataFrame(checked, columns=["unit_code", "item_code", "passed", "applicable"])
    care = [(A + "200", "special_elder", "2025-01-01", 9),
            (A + "200", "special_elder", "2025-06-01", 7),
            (A + "201", "special_elder", "2025-03-01", 5), (A + "201", "disabled", "2024-12-01", 4),
            (A + "201", "hardship", "2025-03-01", 2)]  # fmt: skip
    register = pd.DataFrame(care, columns=["community_code", "grp", "month", "registered_n"])
    asked = [("1", A, "emergency_support", None), ("2", A, "emergency_support", "2025-03-02"),
             ("3", A, "funding", None), ("4", B, "emergency_support", "2025-03-02")]  # fmt: skip
    calls = pd.DataFrame(asked, columns=["request_id", "township_code", "kind", "answered_at"])
    publish(
        towns,
        facilities=shelters,
        checklist_results=checks.assign(
            township_code=checks["unit_code"], year=2025, checklist="EMERG6"
        ),
        care_registers=register.assign(
            township_code=A, served_n=0, month=pd.to_datetime(register["month"])
        ),
        upward_requests=calls.assign(
            to_dept="县应急局", raised_at=pd.Timestamp("2025-03-01"),
            due_at=pd.Timestamp("2025-03-05"), answered_at=pd.to_datetime(calls["answered_at"]),
        ),
    )  # fmt: skip
    return readiness(towns, YEAR).set_index("unit_code")


def test_by_hand(found: pd.DataFrame) -> None:
    a, b, c = (found.loc[code] for code in (A, B, C))
    assert (a["shelters"], a["shelter_m2"], a["team"], a["supplies"]) == (2, 200, True, False)
    # Of each village and group the newest month of the year counts; an earlier year does not.
    assert (a["special_elder"], a["hardship"]) == (12, 2)
    assert pd.isna(a["disabled"])
    assert (a["requests"], a["waiting"]) == (2, 1)
    assert (b["shelters"], b["waiting"]) == (1, 0)
    assert pd.isna(b["shelter_m2"])
    # What was not checked, or does not apply, is neither there nor missing.
    assert pd.isna(b["team"])
    assert pd.isna(b["supplies"])
    assert (c["shelters"], c["requests"]) == (0, 0)
    assert found["facilities_known"].all()


def test_a_township_alone_is_cut_out_of_all(towns: Store, found: pd.DataFrame) -> None:
    alone = readiness(towns, Scope(year=2025, township=A)).set_index("unit_code")
    pd.testing.assert_frame_equal(alone, found.loc[[A]], check_dtype=False)
