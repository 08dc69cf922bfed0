"""Context figures and breakdowns, each worked out by hand on a county of three townships."""

from collections.abc import Iterator

import pandas as pd
import pytest

from data.obligations import OBLIGATIONS
from data.scope import Scope
from data.store import Store
from metrics.context import BREAKDOWN_COLUMNS, FIGURE_COLUMNS, FIGURES, breakdowns, figures
from metrics.register import INDICATORS
from tests.metrics.reported_county import COUNTY, TOWNS, publish, towns

FIRST, SECOND, STREET = TOWNS[:3]
YEAR = Scope(2025)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two townships and a sub-district; what is blank is unknown, not zero."""
    villages = pd.DataFrame(
        [
            # town, committee, cross-posted, households, grids
            (FIRST, 5, 3, 400, 2),
            (FIRST, 5, None, 900, 3),
            (SECOND, 4, 2, 1500, None),
            (STREET, 6, 6, 3200, 8),
        ],
        columns=["township_code", "committee_members_n", "cross_posted_n", "households", "grids_n"],
    )
    villages["community_code"] = [f"{town}{n:03}" for n, town in
                                  enumerate(villages["township_code"], start=201)]  # fmt: skip
    organisations = pd.DataFrame(
        [
            ("a", FIRST, True, True, 300.0),
            ("b", FIRST, False, False, 100.0),
            ("c", SECOND, None, True, 50.0),
            ("d", SECOND, True, None, None),
        ],
        columns=["org_id", "township_code", "party_coverage", "charter_clause",
                 "govt_project_yuan"],
    )  # fmt: skip
    facts = pd.DataFrame(
        {"township_code": [FIRST, SECOND], "resident_pop": [1000, 3000], "health_workers_n": [2, 7],
         "posts_filled_n": [10, 30], "treasury_central_paid_yuan": [80.0, None],
         "treasury_total_paid_yuan": [100.0, 900.0]}
    ).assign(year=2025, households=1)  # fmt: skip
    facilities = pd.DataFrame(
        [("f1", FIRST, "operating", "public", "existing_reused", True),
         ("f2", FIRST, "operating", "social", "new_build", False),
         ("f3", SECOND, "operating", None, "new_build", None),
         ("f4", STREET, "idle", "market", "new_build", True)],
        columns=["facility_id", "township_code", "status", "operator", "acquired_by",
                 "in_spatial_plan"],
    ).assign(name_zh="x", services="elderly", is_comprehensive=False)  # fmt: skip
    cases = pd.DataFrame(
        [("1", FIRST, "integrity", True, False), ("2", FIRST, "integrity", False, False),
         ("3", SECOND, "property", True, False), ("4", SECOND, "property", True, True),
         ("5", SECOND, None, None, False)],
        columns=["case_id", "township_code", "domain", "resolved", "excluded"],
    ).assign(source="hotline", created_at=pd.Timestamp("2025-03-01"))  # fmt: skip
    cases["excluded_reason"] = cases["excluded"].map({True: "x", False: None})
    acts = pd.DataFrame(
        [("a1", FIRST, "publicity", 30), ("a2", FIRST, "publicity", None), ("a3", STREET,
         "mutual_aid", 5)],
        columns=["activity_id", "township_code", "kind", "people_n"],
    ).assign(held_on=pd.Timestamp("2025-06-01"))  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("context")) as opened:
        publish(
            opened,
            townships=towns({STREET: "subdistrict"}).head(3),
            communities=villages[["community_code", "township_code"]].assign(
                name_zh="x", kind="village"
            ),
            community_year=villages.assign(year=2025, resident_pop=1),
            township_year=facts,
            social_orgs=organisations,
            facilities=facilities,
            service_cases=cases,
            activities=acts,
        )
        yield opened


def test_figures_by_hand(store: Store) -> None:
    table = figures(store, YEAR)
    assert list(table.columns) == FIGURE_COLUMNS
    found = table.set_index("figure")
    values = found["value"]
    # (3 + 2 + 6) / (5 + 4 + 6): the village without its number is in neither part.
    assert values["cross_posted"] == pytest.approx(100 * 11 / 15)
    assert values["charter_clause"] == pytest.approx(100 * 2 / 3)
    # Of a and b, 300 of 400; whether c is covered is unknown, and what d got.
    assert values["covered_money"] == pytest.approx(75)
    # 450 yuan for 4,000 residents.
    assert values["project_money"] == pytest.approx(450 / 4000)
    assert values["health_workers"] == pytest.approx(1000 * 9 / 4000)
    assert values["households_per_grid"] == pytest.approx((400 + 900 + 3200) / 13)
    assert values["residents_per_post"] == pytest.approx(100)
    assert values["treasury"] == pytest.approx(80)
    assert values["spatial_plan"] == pytest.approx(100 * 2 / 3)
    assert found.loc["treasury", "units"] == 1
    # Nothing is known of staff and items: missing, not zero.
    assert found.loc[["graduates", "cross_region"], "value"].isna().all()
    assert found.loc["graduates", "units"] == 0


def test_a_narrower_scope_is_a_part_of_the_whole(store: Store) -> None:
    parts = [figures(store, Scope(2025, township=town)).set_index("figure") for town in TOWNS[:3]]
    whole = figures(store, Scope(2025, county=COUNTY)).set_index("figure")
    for side in ("num", "den"):
        summed = sum(part[side].fillna(0) for part in parts)
        assert (summed - whole[side].fillna(0)).abs().max() < 1e-9
    streets = figures(store, Scope(2025, unit_type="subdistrict")).set_index("figure")
    assert streets.loc["cross_posted", "value"] == 100
    assert figures(store, Scope(2024))["value"].notna().sum() == 3  # states, which have no year


def test_breakdowns_by_hand(store: Store) -> None:
    table = breakdowns(store, YEAR)
    assert list(table.columns) == BREAKDOWN_COLUMNS
    found = table.set_index(["breakdown", "category"])
    assert found.loc["households", "n"].to_dict() == {"1": 1, "2": 1, "3": 1, "5": 1}
    # The excluded appeal and the one nobody called back are in no category.
    assert found.loc["case_domain", "n"].to_dict() == {"integrity": 2, "property": 1}
    assert found.loc["case_domain", "rate"].to_dict() == {"integrity": 50, "property": 100}
    # The idle facility is not counted; whose operator is not said is its own category, the last.
    assert list(found.loc["operator"].index) == ["public", "social", ""]
    assert found.loc[("acquired_by", "new_build"), "share"] == pytest.approx(100 * 2 / 3)
    assert found.loc[("activity_kind", "publicity"), ["n", "num"]].tolist() == [2, 30]
    assert table.groupby("breakdown")["share"].sum().round(9).eq(100).all()


def test_every_figure_stands_beside_an_indicator_and_answers_an_obligation() -> None:
    known = {each.id for each in OBLIGATIONS}
    for each in FIGURES.values():
        assert each.beside in INDICATORS
        assert each.obligation in known
