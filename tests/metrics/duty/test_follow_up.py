"""What followed from a finding: its state by the calendar, its effect by the next value."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.duty.follow_up import actions, confirmed, practices, proposals, rechecks, to_copy
from tests.metrics.reported_county import COUNTY, TOWNS, publish, reported, towns

TODAY = date(2026, 3, 1)


def action(name: str, unit: str, indicator: str, year: int, due: str, done: str | None) -> dict:
    return {
        "action_id": name, "unit_code": unit, "indicator_id": indicator, "year": year,
        "finding": "f", "owner": "o", "measure": "m", "found_on": pd.Timestamp("2025-01-10"),
        "due_on": pd.Timestamp(due), "done_on": pd.Timestamp(done) if done else pd.NaT,
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    def rates(of_hundred: dict[str, int], year: int) -> pd.DataFrame:
        rows = reported({"C2": of_hundred}, year)
        return rows.assign(num=rows["value"], den=100.0)

    with Store.open(tmp_path_factory.mktemp("follow") / "data") as opened:
        publish(opened, townships=towns())
        # 40 to 80 of 100 is beyond noise, 40 to 45 is not; the third has no later value, and one
        # year without a value is stepped over.
        publish(
            opened,
            reported_values=pd.concat(
                [
                    rates({TOWNS[0]: 40, TOWNS[1]: 40, TOWNS[2]: 40, TOWNS[3]: 80}, 2023),
                    rates({TOWNS[0]: 80, TOWNS[3]: 40}, 2024),
                    rates({TOWNS[0]: 10, TOWNS[1]: 45}, 2025),
                    reported({"B2.7": {TOWNS[0]: 8.0}}, 2023),
                    reported({"B2.7": {TOWNS[0]: 4.0}}, 2024),
                ]
            ),
            actions=pd.DataFrame(
                [
                    action("a", TOWNS[0], "C2", 2023, "2025-06-30", "2025-06-30"),
                    action("b", TOWNS[1], "C2", 2023, "2025-06-30", "2025-07-01"),
                    action("c", TOWNS[2], "C2", 2023, "2026-02-28", None),
                    action("d", TOWNS[3], "C2", 2023, "2026-03-01", None),
                    action("e", TOWNS[4], "C2", 2023, "2026-03-02", None),
                    action("f", TOWNS[0], "B2.7", 2023, "2026-03-02", None),
                ]
            ),
            proposals=pd.DataFrame(
                {
                    "proposal_id": ["p", "q"], "unit_code": [COUNTY, TOWNS[0]],
                    "indicator_id": ["C2", None], "year": 2023, "finding": "f", "raised_by": "r",
                    "proposal": "p", "department": "d", "raised_on": pd.Timestamp("2024-02-01"),
                    "answered_on": [pd.Timestamp("2024-03-01"), pd.NaT],
                    "outcome": ["adopted", None],
                }
            ),
            practices=pd.DataFrame(
                {
                    "practice_id": ["x", "y"], "unit_code": [TOWNS[0], TOWNS[3]],
                    "indicator_id": "C2", "kind": "innovation", "title": "t", "summary": "s",
                    "evidence": "e", "started_on": pd.Timestamp("2024-03-01"),
                }
            ),
        )  # fmt: skip
        yield opened


def test_an_action_is_late_the_day_after_its_day(store: Store) -> None:
    found = actions(store, Scope(), today=TODAY).set_index("action_id")
    assert found["state"].to_dict() == {
        "a": "done", "b": "done_late", "c": "overdue", "d": "open", "e": "open", "f": "open",
    }  # fmt: skip
    assert list(found.index) == ["c", "d", "e", "f", "a", "b"]


def test_whether_it_helped_is_read_from_the_next_value(store: Store) -> None:
    found = actions(store, Scope(), today=TODAY).set_index("action_id")
    assert found["verdict"].to_dict() == {
        "a": "better", "b": "noise", "c": "not_yet", "d": "worse", "e": "no_value", "f": "open",
    }  # fmt: skip
    assert found.loc["a", ["value", "later_year", "later_value"]].tolist() == [40, 2024, 80]
    assert found.loc["b", ["value", "later_year", "later_value"]].tolist() == [40, 2025, 45]
    assert found.loc["f", "later_value"] == 4
    one = actions(store, Scope(township=TOWNS[1]), today=TODAY)
    assert one["action_id"].tolist() == ["b"]
    assert one["verdict"].tolist() == ["noise"]


def test_a_proposal_of_the_county_is_held_against_its_sums(store: Store) -> None:
    found = proposals(store, Scope()).set_index("proposal_id")
    assert list(found.index) == ["q", "p"]
    # 200 of 400 in 2023, 120 of 200 in 2024.
    assert found.loc["p", ["value", "later_value"]].tolist() == [50, 60]
    assert found["verdict"].to_dict() == {"q": "no_value", "p": "better"}


def test_practices_of_others_that_did_not_get_worse_are_to_be_copied(store: Store) -> None:
    found = practices(store, Scope(township=TOWNS[5]))
    assert found.set_index("practice_id")["verdict"].to_dict() == {"x": "better", "y": "worse"}
    assert to_copy(found, ["B2.7", "C2"], TOWNS[5])["practice_id"].tolist() == ["x"]
    assert to_copy(found, ["C2"], TOWNS[0]).empty
    assert to_copy(found, ["B2.7"], TOWNS[5]).empty


def test_items_reported_as_met_are_drawn_and_looked_at_again(tmp_path: Path) -> None:
    items = [f"PARTY-{n}" for n in range(1, 8)]
    rows = pd.DataFrame(
        [(town, item) for town in TOWNS[:2] for item in items], columns=["unit_code", "item_code"]
    ).assign(year=2025, checklist="PARTY", applicable=True, passed=True)
    rows["township_code"] = rows["unit_code"]
    rows.loc[0, "passed"] = False
    with Store.open(tmp_path / "data") as store:
        publish(store, townships=towns(), checklist_results=rows)
        first = rechecks(store, Scope(2025), each=4)
        assert first.groupby("township_code").size().to_dict() == dict.fromkeys(TOWNS[:2], 4)
        assert "PARTY-1" not in set(first.loc[first["unit_code"].eq(TOWNS[0]), "item_code"])
        assert confirmed(first)["share"].isna().all()
        looked = first.head(4).assign(
            year=2025, confirmed=[True, True, True, False], checked_on=pd.Timestamp("2026-03-01")
        )
        publish(store, rechecks=looked[["unit_code", "year", "item_code", "confirmed",
                                        "checked_on"]])  # fmt: skip
        again = rechecks(store, Scope(2025), each=4)
        pd.testing.assert_frame_equal(
            again[["unit_code", "item_code"]], first[["unit_code", "item_code"]]
        )
        found = confirmed(again).set_index("unit_code")
        assert found.loc[TOWNS[0], ["drawn", "checked", "confirmed", "share"]].tolist() == [
            4,
            4,
            3,
            75,
        ]
        # Wilson 1927: 3 of 4 at 95 %.
        assert found.loc[TOWNS[0], ["low", "high"]].tolist() == pytest.approx(
            [30.06, 95.44], abs=0.01
        )
        assert found.loc[TOWNS[1], "checked"] == 0
        assert rechecks(store, Scope(2024)).empty


def test_nothing_registered_is_no_row(store: Store) -> None:
    with Store.open(store.folder.parent / "empty") as empty:
        for asked in (actions, proposals, practices, rechecks):
            assert asked(empty, Scope()).empty
