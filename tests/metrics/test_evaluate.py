"""Indicator values on a tiny county worked by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import ROLLED_UP, Change, Store
from metrics.accessibility import service_coverage
from metrics.evaluate import evaluate, evaluate_all, wilson
from metrics.satisfaction.figures import by_unit as by_unit_of_survey
from metrics.satisfaction.figures import likert

A, B, C = "990101001", "990101100", "990101101"
YEAR = Scope(2025)


def publish(store: Store, **tables: pd.DataFrame) -> None:
    # Sums are made by a publication of what they rest on; those of a test are put in their place.
    changes = [Change(name, rows) for name, rows in tables.items()]
    for derived in (False, True):
        part = [change for change in changes if (change.table in ROLLED_UP) == derived]
        if part:
            store.publish(part, author="t", message="t")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        types = ["subdistrict", "township", "township"]
        towns = {"township_code": [A, B, C], "name_zh": ["甲", "乙", "丙"], "unit_type": types}
        years = {"township_code": [A], "year": 2025, "resident_pop": 10, "households": 3}
        publish(
            opened,
            townships=pd.DataFrame(towns).assign(county_code="990101"),
            township_year=pd.DataFrame(years),
        )
        yield opened


def by_unit(table: pd.DataFrame, column: str = "value") -> dict[str, object]:
    return dict(zip(table["unit_code"], table[column], strict=True))


def consultations() -> pd.DataFrame:
    rows = [
        ("c1", A, "2025-03-01", 10, 9),
        ("c2", A, "2025-04-01", 10, 6),
        ("c3", B, "2025-05-01", 80, 20),
    ]
    rows.append(("c4", B, "2024-05-01", 80, 80))
    names = ["consult_id", "township_code", "held_on", "outcomes_due_n", "outcomes_done_n"]
    return pd.DataFrame(rows, columns=names).assign(
        level="township", held_on=lambda t: pd.to_datetime(t["held_on"])
    )


def test_the_county_is_the_ratio_of_sums_not_the_mean_of_townships(store: Store) -> None:
    publish(store, consultations=consultations())
    table = evaluate(store, "B3.2", YEAR)
    assert list(table["level"]) == ["county", *["township"] * 3]
    assert by_unit(table)[A] == 75
    assert by_unit(table)[B] == 25
    assert by_unit(table)["990101"] == 35  # 35 of 100, while the mean would say 50
    assert by_unit(table, "note")[C] == "no_data"
    assert np.isnan(table.iloc[3]["value"])


def test_one_township_keeps_its_county_beside_it(store: Store) -> None:
    publish(store, consultations=consultations())
    table = evaluate(store, "B3.2", Scope(2025, None, B))
    assert list(table["value"]) == [35, 25]


def test_no_drill_is_zero_only_where_drills_are_recorded(store: Store) -> None:
    assert set(evaluate(store, "B4.1", YEAR)["note"]) == {"no_data"}
    drill = {"drill_id": ["d"], "township_code": A, "held_on": pd.to_datetime(["2025-06-01"])}
    publish(store, drills=pd.DataFrame(drill | {"drill_type": "comprehensive"}))
    assert by_unit(evaluate(store, "B4.1", YEAR)) == {"990101": 1 / 3, A: 1, B: 0, C: 0}
    assert set(evaluate(store, "B4.1", Scope(2024))["note"]) == {"no_data"}


def test_coverage_counts_people_zero_access_and_unknown_places(store: Store) -> None:
    villages = pd.DataFrame(
        {"community_code": [f"{A}00{n}" for n in range(4)], "lat": [30.0, 30.008, 30.5, np.nan]}
    ).assign(township_code=A, name_zh="村", kind="village", urban_rural_code="111", lon=110.0)
    people = villages[["community_code", "township_code"]].assign(
        year=2025, resident_pop=[100, 200, 300, 400], households=1
    )
    point = {
        "facility_id": ["f"],
        "township_code": A,
        "name_zh": "养老",
        "services": "medical;elderly",
    }
    point |= {"is_comprehensive": False, "status": "operating", "lat": 30.0, "lon": 110.0}
    point |= {"area_total_m2": 1.0}
    radius = pd.DataFrame({"service": ["elderly"], "setting": "urban", "radius_m": 1000.0})
    publish(
        store,
        communities=villages,
        community_year=people,
        facilities=pd.DataFrame(point),
        radius_params=radius,
    )
    # 30.008 is 890 m away: within 1,000 m as the crow flies, 1,156 m with the detour of 1.3.
    row = evaluate(store, "D6", YEAR).set_index("unit_code").loc[A]
    assert (row["num"], row["den"]) == (100, 600)
    publish(store, settings=pd.DataFrame({"name": ["detour_factor"], "value": ["1.0"]}))
    row = evaluate(store, "D6", YEAR).set_index("unit_code").loc[A]
    assert (row["num"], row["den"]) == (300, 600)
    # The coverage page answers the same from Python.
    page = service_coverage.by_unit(store, YEAR, "elderly").set_index("unit_code").loc[A]
    assert (page["inside"], page["inside"] + page["outside"], page["unknown"]) == (300, 600, 400)
    assert page["share"] == pytest.approx(row["value"])
    # The medical radius is not declared: unknown, not zero.
    assert set(evaluate(store, "D7", YEAR)["note"]) == {"no_data"}


def survey(n: list[int]) -> dict[str, pd.DataFrame]:
    """Sums of two villages in each township: the same weight, two points below and above."""
    towns = pd.DataFrame({"township_code": [A, B, C], "n": n, "mean": [50, 80, 90]})
    sums = towns.merge(pd.DataFrame({"psu": ["p", "q"], "off": [-2.0, 2.0]}), how="cross").assign(
        survey_id="s", item="S1", stratum=lambda t: t["township_code"], sw=lambda t: 1.0 * t["n"]
    )
    sums["n"] = sums["n"] // 2 + sums["n"] % 2 * sums["psu"].eq("p")
    sums = sums.assign(swy=sums["sw"] * (sums["mean"] + sums["off"]), swyy=0.0)
    days = pd.to_datetime(["2025-05-01"])
    meta = {"survey_id": ["s"], "title_zh": "问卷", "mode": "face", "audience": "resident"}
    psus = sums[["survey_id", "township_code", "psu", "n", "sw"]].assign(set_aside=0, sww=0.0)
    return {
        "survey_sums": sums.drop(columns=["mean", "off"]),
        "survey_psus": psus,
        "survey_meta": pd.DataFrame(meta | {"start_on": days, "end_on": days}),
    }


def test_satisfaction_is_weighted_and_has_its_base(store: Store) -> None:
    publish(store, **survey([100, 300, 100]))
    table = evaluate(store, "S1", YEAR)
    assert list(table["value"]) == [76, 50, 80, 90]
    assert list(table["n"]) == [500, 100, 300, 100]


def test_few_respondents_are_hidden_and_cannot_be_worked_out(store: Store) -> None:
    publish(store, **survey([29, 300, 100]))
    table = evaluate(store, "S1", YEAR)
    assert by_unit(table, "note") == {"990101": "", A: "below_base", B: "", C: "complement"}
    hidden = table[table["unit_code"].isin([A, C])]
    assert hidden[["value", "num", "den", "n"]].isna().all(axis=None)


def test_a_narrower_view_gives_no_hidden_figure_away(store: Store) -> None:
    publish(store, **survey([29, 300, 100]))
    # B and C are the only townships: their total would give C back from B, and then A.
    notes = by_unit(evaluate(store, "S1", Scope(2025, unit_type="township")), "note")
    assert notes == {"990101": "complement", B: "", C: "complement"}
    alone = evaluate(store, "S1", Scope(2025, township=C))
    assert by_unit(alone, "note")[C] == "complement"


def test_two_surveys_of_a_year_give_no_hidden_figure_away(store: Store) -> None:
    first, second = survey([29, 300, 100]), survey([1, 1, 100])
    for name in ("survey_sums", "survey_psus"):
        second[name] = second[name][second[name]["township_code"].eq(C)].assign(survey_id="t")
    day = pd.to_datetime(["2025-08-01"])
    second["survey_meta"] = second["survey_meta"].assign(survey_id="t", start_on=day, end_on=day)
    asked = answers((0, 0, 0))["survey_questions"]
    publish(store, **first, survey_questions=asked)
    publish(store, **second, survey_questions=asked.assign(survey_id="t"))
    # The first survey shows its total and B, the second C: any total of A, B and the C of the
    # second would then be A.
    assert by_unit_of_survey(store, YEAR, "t", "S1")["shown"].any()
    assert by_unit_of_survey(store, YEAR, "s", "S1")["shown"].iloc[0]
    notes = by_unit(evaluate(store, "S1", YEAR), "note")
    assert notes == {"990101": "complement", A: "below_base", B: "", C: "complement"}


def answers(n: tuple[int, int, int]) -> dict[str, pd.DataFrame]:
    people = [
        (f"{code}-{i}", code) for code, held in zip((A, B, C), n, strict=True) for i in range(held)
    ]
    respondents = pd.DataFrame(people, columns=["respondent_id", "township_code"])
    question = {"survey_id": ["s"], "question_id": ["Q"], "index_code": ["S1"]}
    words = {"answer_type": ["sat5"], "text_zh": ["满意？"], "text_en": ["Satisfied?"]}
    given = pd.DataFrame(
        {"respondent_id": respondents["respondent_id"], "value": 1 + respondents.index % 5}
    )
    return {
        "survey_meta": survey([1, 1, 1])["survey_meta"],
        "survey_questions": pd.DataFrame(question | words),
        "survey_respondents": respondents.assign(survey_id="s", weight=1.0),
        "survey_answers": given.assign(survey_id="s", question_id="Q"),
    }


@pytest.mark.parametrize("n", [(29, 300, 100), (29, 29, 200), (40, 50, 60)])
def test_register_and_satisfaction_page_hide_the_same(
    store: Store, n: tuple[int, int, int]
) -> None:
    publish(store, **answers(n))
    secret = ["below_base", "complement"]
    for kind in (None, "township", "subdistrict"):
        scope = Scope(2025, unit_type=kind)
        here = evaluate(store, "S1", scope)
        there = by_unit_of_survey(store, scope, survey_id="s", item="S1")
        # The page has no row for a whole that is a single township.
        here = here[here["level"].isin(there["level"])]
        hidden = [
            sorted(zip(table["level"], table["note"], strict=True))
            for table in (here[here["note"].isin(secret)], there[there["note"].isin(secret)])
        ]
        assert hidden[0] == hidden[1]


def test_what_has_no_error_on_the_satisfaction_page_has_no_value_here(store: Store) -> None:
    facts = answers((40, 50, 60))
    people, given = facts["survey_respondents"], facts["survey_answers"]
    # A is a single village; in B all say the same; C has an error.
    people["community_code"] = (people["township_code"] + "001").where(
        people["township_code"].eq(A)
    )
    same = given["respondent_id"].str.startswith(B)
    given["value"] = given["value"].mask(same, 5)
    publish(store, **facts)
    here = evaluate(store, "S1", YEAR).set_index("unit_code")
    there = by_unit_of_survey(store, YEAR, survey_id="s", item="S1")
    assert list(here["note"]) == list(there["note"]) == ["", "not_estimable", "not_estimable", ""]
    assert list(here["n"]) == [150, 40, 50, 60]
    assert here.loc[[A, B], ["value", "num", "den"]].isna().all(axis=None)
    assert here.loc[[A, B], "origin"].eq("").all()
    np.testing.assert_allclose(here["value"].to_numpy(), there["estimate"].to_numpy())
    # Neither do the shares of the answers say what the score would be.
    for code, note in ((A, "not_estimable"), (B, "not_estimable"), (C, "")):
        shares = likert(store, Scope(2025, township=code), "s").iloc[0]
        assert (shares["note"], bool(np.isnan(shares["share5"]))) == (note, note != "")
        assert shares["n"] == here.loc[code, "n"]
    # Two villages alike in each of two townships of the same size: not even the whole has one.
    given["value"] = np.where(given["respondent_id"].str.startswith(A), 4, 5)
    held = given["respondent_id"].str[:9].isin([A, C])
    people = people[people["township_code"].isin([A, C])]
    number = people.groupby("township_code").cumcount()
    people = people[number < 40].assign(
        community_code=people["township_code"] + "00" + (1 + number % 2).astype(str)
    )
    kept = held & given["respondent_id"].isin(people["respondent_id"])
    store.publish(
        [
            Change("survey_respondents", people, "replace"),
            Change("survey_answers", given[kept], "replace"),
        ],
        author="t",
        message="t",
    )
    here = evaluate(store, "S1", YEAR)
    there = by_unit_of_survey(store, YEAR, survey_id="s", item="S1")
    assert here["note"].iloc[0] == there["note"].iloc[0] == "not_estimable"


def test_reported_values_fill_only_what_is_not_computed(store: Store) -> None:
    rows = {"unit_code": [A, B, B], "indicator_id": ["E3", "E3", "B3.2"], "year": 2025}
    rows |= {"value": [2.0, 3.0, 99.0], "num": [20.0, 90.0, 99.0], "den": [10.0, 30.0, 100.0]}
    publish(store, consultations=consultations(), reported_values=pd.DataFrame(rows))
    table = evaluate(store, "E3", YEAR)
    assert list(table["origin"]) == ["reported", "reported", "reported", ""]
    assert list(table["note"]) == ["", "", "", "no_data"]
    assert table["value"][0] == 110 / 40
    assert by_unit(evaluate(store, "B3.2", YEAR))[B] == 25


def test_all_eighty_at_once(store: Store) -> None:
    table = evaluate_all(store, YEAR)
    assert len(table) == 80 * 4
    only_streets = table[table["indicator_id"].eq("B2.S1")].set_index("unit_code")["note"]
    assert (only_streets[A], only_streets[B]) == ("no_data", "not_applicable")


def test_wilson_against_published_figures() -> None:
    # Newcombe (1998), Statistics in Medicine 17: 81/263, 15/148, 0/20, 1/29.
    low, high = wilson(np.array([81.0, 15, 0, 1]), np.array([263.0, 148, 20, 29]))
    np.testing.assert_allclose(low, [25.53, 6.24, 0, 0.61], atol=0.005)
    np.testing.assert_allclose(high, [36.62, 16.05, 16.11, 17.18], atol=0.005)
    assert np.isnan(wilson(np.array([3.0]), np.array([0.0]))[0]).all()


def test_what_counties_say_of_themselves_adds_up_over_several(store: Store) -> None:
    other = "990102"
    town = {"township_code": [f"{other}100"], "name_zh": "丁", "unit_type": "township"}
    forms = [("990101", "a", "xx"), ("990101", "b", "xy"), (other, "c", "xyz")]
    fields = [(f, "局", county, code) for county, f, told in forms for code in told]
    names = ["form_id", "issuer", "county_code", "field_std_code"]
    asked = pd.DataFrame(fields, columns=names).drop_duplicates()
    held = {"unit_code": ["990101", other], "indicator_id": "G15", "year": 2025}
    held |= {"value": [50.0, 90.0], "num": [5.0, 27.0], "den": [10.0, 30.0]}
    publish(
        store,
        townships=pd.DataFrame(town).assign(county_code=other),
        form_fields=asked,
        reported_values=pd.DataFrame(held),
        # The store was one county's once: its own row is not that of the whole.
        settings=pd.DataFrame({"name": ["county_code"], "value": ["990101"]}),
    )
    for indicator_id, num, den in (("F1", 1, 6), ("G15", 32, 40)):
        whole = evaluate(store, indicator_id, YEAR).iloc[0]
        assert whole[["num", "den"]].tolist() == [num, den]
        assert whole["value"] == pytest.approx(100 * num / den)
        alone = evaluate(store, indicator_id, Scope(2025, "990101")).iloc[0]
        assert alone["unit_code"] == "990101"
        assert alone["value"] == pytest.approx({"F1": 100 / 3, "G15": 50}[indicator_id])
