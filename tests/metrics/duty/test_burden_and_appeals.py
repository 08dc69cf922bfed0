"""The assessment registry and the appeals, on a few rows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.assessment.township_card import card
from metrics.duty import appeals, burden
from metrics.overview import burden_strip
from tests.metrics.reported_county import COUNTY, TOWNS, publish, reported, towns

YEAR = Scope(2025)
MAY = date(2025, 5, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        publish(opened, townships=towns())
        yield opened


def test_what_each_department_asks(store: Store) -> None:
    rows = [
        ("a", TOWNS[0], "form", "民政局", True, 12.0, 2.0, "active"),
        ("b", TOWNS[1], "form", "民政局", False, 4.0, None, "active"),
        ("c", TOWNS[0], "inspection", "应急局", None, 2.0, 8.0, "active"),
        ("d", TOWNS[0], "form", "民政局", True, 99.0, 1.0, "abolished"),
    ]
    names = ["burden_id", "township_code", "kind", "issuer", "in_annual_plan", "times_per_year",
             "hours_each", "status"]  # fmt: skip
    publish(store, burden_register=pd.DataFrame(rows, columns=names).assign(year=2025))
    found = burden.by_issuer(store, YEAR).set_index(["issuer", "kind"])
    form = found.loc[("民政局", "form")]
    assert form[["units", "times", "hours"]].tolist() == [2, 16, 24]
    assert form[["times_planned", "times_unplanned", "without_basis"]].tolist() == [12, 4, 2]
    assert pd.isna(found.loc[("应急局", "inspection"), "times_unplanned"])
    assert burden.by_issuer(store, Scope(2025, township=TOWNS[1]))["times"].tolist() == [4]
    assert burden.by_issuer(store, Scope(2024)).empty


def test_tasks_outside_the_list_and_powers_not_used(store: Store) -> None:
    days = pd.to_datetime(["2025-03-01"] * 4)
    tasks = {
        "task_id": list("abcd"), "township_code": TOWNS[0], "from_dept": ["甲局"] * 3 + ["乙局"],
        "received_on": days, "list_status": ["outside", "outside", "basic", "recalled"],
        "unified_deployment": [None, True, None, False], "support_given": [True, None, False, None],
    }  # fmt: skip
    powers = {"item_code": ["p", "p", "q"], "township_code": [TOWNS[0], TOWNS[1], TOWNS[0]]}
    powers |= {"year": 2025, "list": ["devolved", "devolved", "basic"], "times_used_n": [0, 3, 0]}
    publish(store, delegated_tasks=pd.DataFrame(tasks), power_items=pd.DataFrame(powers))
    found = burden.tasks(store, YEAR).set_index("from_dept")
    assert found.loc["甲局", ["tasks", "outside", "supported", "unknown"]].tolist() == [3, 1, 1, 1]
    assert found.loc["乙局", "outside"] == 1
    used = burden.unused_powers(store, YEAR)
    assert used[["item_code", "units", "unused", "times"]].values.tolist() == [["p", 2, 1, 3]]
    joined = burden.powers_and_tasks(store, YEAR).set_index("unit_code")
    numbers = ["powers", "unused", "tasks", "outside", "unsupported"]
    assert joined.loc[TOWNS[0], numbers].tolist() == [1, 1, 4, 2, 0]
    assert joined.loc[TOWNS[1], ["powers", "unused"]].tolist() == [1, 0]
    assert pd.isna(joined.loc[TOWNS[1], "tasks"])
    assert list(joined.index) == [TOWNS[0], TOWNS[1]]


def test_times_asked_stand_beside_the_year_before_and_the_cap_of_the_place(store: Store) -> None:
    rows = [
        ("a", TOWNS[0], "inspection", "甲局", 2025, True, 3.0, "active", 1),
        ("b", TOWNS[0], "assessment", "乙局", 2025, False, 2.0, "active", 1),
        ("c", TOWNS[0], "inspection", "丙局", 2025, None, 1.0, "active", 2),
        ("d", TOWNS[0], "inspection", "丁局", 2025, True, 50.0, "merged", 1),
        ("e", TOWNS[1], "assessment", "乙局", 2025, True, 4.0, "active", 1),
        ("f", TOWNS[1], "inspection", "甲局", 2025, True, 1.0, "active", 1),
        ("g", TOWNS[0], "inspection", "甲局", 2024, True, 9.0, "active", 1),
        ("h", TOWNS[0], "ledger", "甲局", 2025, True, 12.0, "active", None),
    ]
    names = ["burden_id", "township_code", "kind", "issuer", "year", "in_annual_plan",
             "times_per_year", "status", "quarter"]  # fmt: skip
    caps = {"parameter": "G2.cap", "place_code": [COUNTY, COUNTY[:2]], "from_year": [2025, 2021]}
    publish(
        store,
        burden_register=pd.DataFrame(rows, columns=names),
        indicator_params=pd.DataFrame(caps).assign(value=[5.0, 8.0], source="x"),
    )
    found = burden.registry(store, YEAR).set_index(["about", "unit_code"])
    first = found.loc[("G2", TOWNS[0])]
    assert first[["before", "after", "unplanned", "unknown", "cap"]].tolist() == [9, 6, 2, 1, 5]
    # A township without an entry is asked nothing; forms have no cap here.
    assert found.loc[("G2", TOWNS[2]), ["before", "after"]].tolist() == [0, 0]
    assert found.loc[("G4", TOWNS[0]), "after"] == 12
    assert found.loc["G4", "cap"].isna().all()
    earlier = burden.registry(store, Scope(2024))
    assert earlier["before"].isna().all()
    assert set(earlier["cap"].dropna()) == {8}
    # The leader's strip: one of the two townships asked is above the cap; the other is not.
    for scope, over in ((YEAR, 1), (Scope(2025, township=TOWNS[1]), 0)):
        strip = burden_strip(store, scope).set_index("indicator_id")
        assert strip.loc["G2", ["cap", "over"]].tolist() == [5, over]
        assert pd.isna(strip.loc["G4", "cap"])
        assert strip.loc["G7", "over"] == 0
    same = burden.same_quarter(store, YEAR)
    assert same.values.tolist() == [[1, "乙局", "甲局", 2]]
    one = burden.same_quarter(store, Scope(2025, township=TOWNS[1]))
    assert one["units"].tolist() == [1]


def test_forms_that_ask_for_the_same_could_be_one(store: Store) -> None:
    fields = {"F1": "abcde", "F2": "abcx", "F3": "axyz"}
    rows = [(form, "局", COUNTY, f) for form, told in fields.items() for f in told]
    names = ["form_id", "issuer", "county_code", "field_std_code"]
    publish(store, form_fields=pd.DataFrame(rows, columns=names))
    found = burden.merge_suggestions(store, YEAR)
    assert found[["first_form", "second_form", "shared", "overlap"]].values.tolist() == [
        ["F1", "F2", 3, 75.0]
    ]
    assert len(burden.merge_suggestions(store, YEAR, share=0.25)) == 3


def contest(store: Store, **changed: object) -> str:
    told: dict[str, object] = {
        "township": TOWNS[0], "kind": "data_error", "indicator_id": "C2", "year": 2025,
        "reason": "台账有误", "author": "王某", "today": MAY,
    }  # fmt: skip
    return appeals.file(store, **(told | changed))  # type: ignore[arg-type]


def test_a_contested_value_leaves_the_score_until_decided(store: Store) -> None:
    publish(store, reported_values=reported({"C2": 75.0, "D9": 100.0}))
    scope = Scope(2025, township=TOWNS[0])
    assert card(store, scope).tree.set_index("node").loc["C2", "points"] == 50
    appeal = contest(store)
    row = card(store, scope).tree.set_index("node").loc["C2"]
    assert (row["value"], row["note"]) == (75, "contested")
    assert pd.isna(row["points"])
    assert card(store, YEAR).overview["contested"].tolist() == [1, *[0] * 9]
    appeals.decide(store, appeal, outcome="rejected", note="台账无误", author="李评", today=MAY)
    assert card(store, scope).tree.set_index("node").loc["C2", "points"] == 50
    held = appeals.appeals(store, YEAR, today=date(2025, 7, 1)).iloc[0]
    assert (held["outcome"], held["note"], bool(held["late"])) == ("rejected", "台账无误", False)
    assert (held["due_on"] - held["filed_on"]).days == 15


def test_an_exemption_keeps_the_value_out(store: Store) -> None:
    publish(store, reported_values=reported({"C2": 75.0}))
    appeal = contest(store, kind="exemption_disaster")
    appeals.decide(store, appeal, outcome="upheld", note="受灾属实", author="李评", today=MAY)
    tree = card(store, Scope(2025, township=TOWNS[0])).tree.set_index("node")
    assert tree.loc["C2", "note"] == "exempt"
    other = card(store, Scope(2025, township=TOWNS[1])).tree.set_index("node")
    assert other.loc["C2", "note"] == ""


def test_appeals_that_cannot_be(store: Store) -> None:
    appeal = contest(store)
    for code, act in (
        ("appeal_open", lambda: contest(store)),
        ("appeal_incomplete", lambda: contest(store, indicator_id="D9", reason=" ")),
        ("appeal_incomplete", lambda: contest(store, indicator_id="D9", kind="other")),
        ("unknown_indicator", lambda: contest(store, indicator_id="X9")),
        ("unknown_appeal", lambda: decide(store, "none")),
        ("appeal_incomplete", lambda: decide(store, appeal, note="")),
    ):
        with pytest.raises(DataError) as caught:
            act()
        assert caught.value.code == code
    decide(store, appeal)
    with pytest.raises(DataError) as caught:
        decide(store, appeal)
    assert caught.value.code == "appeal_decided"


def decide(store: Store, appeal: str, note: str = "理由") -> int:
    return appeals.decide(store, appeal, outcome="partly", note=note, author="李评", today=MAY)


def test_decisions_in_time_count_in_the_year_in_which_an_appeal_falls_due(store: Store) -> None:
    assert appeals.in_time(store, YEAR).isna().all()
    late = contest(store)
    assert appeals.in_time(store, YEAR).tolist() == [0, 0, 1]  # its day has passed
    # Filed in 2025 about 2024, due in 2025.
    for town in TOWNS[1:3]:
        decide(store, contest(store, township=town, year=2024))
    found = appeals.in_time(store, YEAR)
    assert found[["num", "den"]].tolist() == [2, 3]
    assert found["value"] == pytest.approx(200 / 3)
    decide(store, late)
    assert appeals.in_time(store, YEAR)["value"] == 100
    assert appeals.in_time(store, Scope(2025, township=TOWNS[2]))["den"] == 1
    assert appeals.in_time(store, Scope(2024)).isna().all()


def test_an_open_appeal_past_its_day_is_late(store: Store) -> None:
    contest(store)
    found = appeals.appeals(store, YEAR, today=date(2025, 5, 17))
    assert found["late"].tolist() == [True]
    assert appeals.appeals(store, YEAR, today=date(2025, 5, 16))["late"].tolist() == [False]
