"""Red flags: raised by facts, never by silence, and never part of a score."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data.checklists import ITEMS
from data.scope import Scope
from data.store import Store
from metrics.assessment.red_flags import FLAGS
from metrics.assessment.township_card import card
from metrics.register import INDICATORS
from tests.metrics.reported_county import TOWNS, publish, reported, towns

# Neighbours of the list share their values: towns 4 and 5 differ in nothing but a flag.
SPREAD = {code: 50.0 + 10 * (place // 2) for place, code in enumerate(TOWNS)}
HELD: dict[str, object] = {
    "C2": 75.0, "D9": 80.0, "E2": 70.0, "F3": 90.0,
    **dict.fromkeys(["B2.2", "B2.5", "B3.2", "B5.3", "D6", "D7"], SPREAD),
}  # fmt: skip


def item(town: str, village: str, code: str, passed: bool | None) -> dict[str, object]:
    return {
        "unit_code": f"{town}{village}", "township_code": town, "year": 2025,
        "checklist": code.split("-")[0], "item_code": code, "applicable": True, "passed": passed,
    }  # fmt: skip


def disclosure(town: str, village: str, kind: str, published: str | None) -> dict[str, object]:
    return {
        "community_code": f"{town}{village}", "township_code": town, "kind": kind,
        "due_on": pd.Timestamp("2025-04-10"),
        "published_on": None if published is None else pd.Timestamp(published),
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Town 0 drills not at all, town 1 has gaps in its villages, town 2 is only late."""
    drills = {code: 0.0 if code in TOWNS[:1] else 1.0 for code in TOWNS[:9]}
    with Store.open(tmp_path_factory.mktemp("flags")) as opened:
        publish(
            opened,
            townships=towns(),
            reported_values=reported({**HELD, "B4.1": drills}),
            checklist_results=pd.DataFrame(
                [
                    item(TOWNS[1], "001", "VILLORG-6", False),
                    item(TOWNS[1], "002", "VILLORG-6", True),
                    item(TOWNS[1], "003", "VILLORG-6", None),
                    item(TOWNS[1], "", "EMERG6-3", False),
                    item(TOWNS[1], "001", "EMERG3-1", False),
                    item(TOWNS[2], "001", "VILLORG-7", False),
                    item(TOWNS[4], "001", "VILLORG-6", False),
                ]
            ),
            disclosures=pd.DataFrame(
                [
                    disclosure(TOWNS[1], "001", "finance", None),
                    disclosure(TOWNS[1], "001", "affairs", None),
                    disclosure(TOWNS[2], "001", "finance", "2025-09-01"),
                    disclosure(TOWNS[2], "001", "affairs", None),
                ]
            ),
        )
        yield opened


def test_flags_come_from_facts_and_count_places(store: Store) -> None:
    flags = card(store, Scope(2025)).flags
    told = {
        (row["unit_code"], row["flag"]): (row["places"], row["of_places"])
        for row in flags.fillna(-1).to_dict("records")
    }
    assert told == {
        (TOWNS[0], "no_drill"): (-1, -1),
        (TOWNS[1], "no_plan"): (2, 2),
        (TOWNS[1], "no_vetting"): (1, 2),
        (TOWNS[1], "nothing_disclosed"): (1, 1),
        (TOWNS[4], "no_vetting"): (1, 1),
    }
    # The last town has not said how many drills it held: no value is no flag.
    overview = card(store, Scope(2025)).overview.set_index("unit_code")
    assert overview["flags"].tolist() == [1, 3, 0, 0, 1, 0, 0, 0, 0, 0]
    assert card(store, Scope(2025, township=TOWNS[1])).flags["unit_code"].unique() == [TOWNS[1]]


def test_a_flag_changes_no_score_and_no_band(store: Store) -> None:
    overview = card(store, Scope(2025)).overview.set_index("unit_code")
    flagged, clear = overview.loc[TOWNS[4]], overview.loc[TOWNS[5]]
    assert (flagged["flags"], clear["flags"]) == (1, 0)
    assert flagged["score"] == clear["score"] > 0
    assert flagged["band"] == clear["band"]


def test_an_appeal_marks_a_flag_and_an_exemption_lifts_it(tmp_path: Path) -> None:
    appeal = {
        "appeal_id": "A-1", "township_code": TOWNS[0], "kind": "data_error", "year": 2025,
        "indicator_id": "B4.1", "filed_on": pd.Timestamp("2025-12-01"),
        "due_on": pd.Timestamp("2025-12-31"), "reason": "有记录",
    }  # fmt: skip
    with Store.open(tmp_path / "appeals") as other:
        publish(
            other,
            townships=towns(),
            reported_values=reported({**HELD, "B4.1": 0.0}),
            appeals=pd.DataFrame([appeal]),
        )
        flags = card(other, Scope(2025)).flags.set_index("unit_code")
        assert flags["note"].to_dict() == {TOWNS[0]: "contested", **dict.fromkeys(TOWNS[1:], "")}
        decided = {"decided_on": pd.Timestamp("2025-12-20"), "outcome": "upheld", "note": "属实"}
        publish(other, appeals=pd.DataFrame([appeal | decided | {"kind": "exemption_disaster"}]))
        assert TOWNS[0] not in set(card(other, Scope(2025)).flags["unit_code"])


def test_every_flag_names_what_exists() -> None:
    items = {each.code for each in ITEMS}
    for flag in FLAGS.values():
        assert flag.indicator_id in INDICATORS
        assert set(flag.seen_in) <= items | {"disclosures"}
        assert flag.clause
        assert all((*flag.name, *flag.reason))
