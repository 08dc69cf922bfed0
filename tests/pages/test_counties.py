"""Several counties in one store: they are compared, and a township names its own."""

from pathlib import Path

import pandas as pd
import pytest
import shapely

from data.store import Change, Store
from data.words import say
from tests.pages.conftest import Look
from tests.pages.county import TOWNS, Made, panel_table, said, tables, visit

COUNTIES = {"990121": ("云岭县", "Yunling"), "990122": ("石门县", "Shimen")}


@Made
def two_counties(folder: Path) -> None:
    """Two counties whose townships bear the same names; the second one answers otherwise."""
    first, second = tables(), tables()
    for frame in second.values():
        for name in {"township_code", "respondent_id"} & set(frame):
            frame[name] = frame[name].str.replace("990121", "990122")
    second["townships"]["county_code"] = "990122"
    second["survey_answers"]["value"] = second["survey_answers"]["value"].clip(upper=3)
    frames = {name: pd.concat([first[name], second[name]]).drop_duplicates() for name in first}
    bounds = [
        (code, "county", zh, en, shapely.to_wkb(shapely.box(place, 0, place + 1, 1)))
        for place, (code, (zh, en)) in enumerate(COUNTIES.items())
    ]
    columns = ["unit_code", "level", "name_zh", "name_en", "geometry"]
    facts = ("B2.2", "B2.5", "B3.2", "B5.3", "C2", "D6", "D7", "D9", "E2", "F3")
    codes = list(frames["townships"]["township_code"])
    values = [(c, fact, 2025, 40.0 + 9 * n) for n, c in enumerate(codes) for fact in facts]
    frames["boundaries"] = pd.DataFrame(bounds, columns=columns)
    frames["reported_values"] = pd.DataFrame(
        values, columns=["unit_code", "indicator_id", "year", "value"]
    )
    with Store.open(folder) as store:
        changes = [Change(name, frame) for name, frame in frames.items()]
        store.publish(changes, author="test", message="test")


def test_satisfaction_compares_counties_and_one_of_them_its_townships(look: Look) -> None:
    look(two_counties)
    app = visit("satisfaction", year="2025")
    assert not app.exception
    assert "各县（市、区）：总体满意度" in "".join(each.value for each in app.header)
    assert "全辖区得" in said(app)
    assert "可查看那个县（市、区）" in said(app)
    assert panel_table(app, "deff")["unit"].tolist() == ["全辖区", "云岭县", "石门县"]
    app = visit("satisfaction", year="2025", county="990122")
    assert "全县得" in said(app)
    towns = [TOWNS[code] for code in sorted(TOWNS)]
    assert panel_table(app, "deff")["unit"].tolist() == ["全县", *towns]


@pytest.mark.parametrize("subject", ["heat", "waves", "areas", "points", "groups"])
def test_every_subject_opens_over_several_counties(look: Look, subject: str) -> None:
    look(two_counties)
    app = visit("satisfaction", year="2025", more=subject, lang="en")
    assert not app.exception
    assert not app.error
    if subject == "heat":
        names = panel_table(app, "name", "S1_estimate")["name"]
        assert names.tolist() == ["Whole area", "Yunling", "Shimen"]


def test_townships_of_one_name_are_told_apart(look: Look) -> None:
    look(two_counties)
    app = visit("assessment", year="2025")
    assert not app.exception
    units = panel_table(app, "unit", "band_word", "facts")["unit"]
    assert sorted(units) == sorted(
        county + town for county, _ in COUNTIES.values() for town in TOWNS.values()
    )
    told = panel_table(app, "adequate")
    assert told[["unit", "townships"]].to_numpy().tolist() == [["云岭县", 3], ["石门县", 3]]
    app = visit("assessment", year="2025", county="990122", lang="en")
    assert set(panel_table(app, "unit", "band_word", "facts")["unit"]) == {
        "Yunxi", "Shiqiao", "Dongguan"
    }  # fmt: skip


@pytest.mark.parametrize(
    "page", ["overview", "township", "county_duty", "reports", "follow_up", "coverage"]
)
def test_the_other_pages_open_over_several_counties(look: Look, page: str) -> None:
    look(two_counties)
    app = visit(page, year="2025")
    assert not app.exception
    assert not app.error
    if page == "county_duty":
        assert panel_table(app, "total", "share")["unit"].tolist() == ["云岭县", "石门县"]
    if page == "reports":
        titles = [each.value for each in app.subheader]
        assert titles.index("县级应履行的责任") + 1 == titles.index("各县（市、区）的县级履责")
        assert "以下是各县（市、区）合在一起的情况" in said(app)
    if page == "township":
        links = [each.proto.label for each in app.get("page_link")]
        assert {"云岭县", "石门县"} <= set(links)
    if page == "overview":
        assert "云岭县云溪镇" not in said(app)  # a leader is told of counties
        assert "石门县" in said(app)


def test_a_small_county_hides_the_total_of_all_and_is_named(folder: Path) -> None:
    two_counties(folder)
    with Store.open(folder) as store:
        there = store.read(
            "SELECT survey_id, respondent_id FROM survey_respondents "
            "WHERE township_code LIKE '990122%' ORDER BY respondent_id"
        )
        aside = there.iloc[20:].assign(reason="r", set_aside=True)
        store.publish([Change("survey_set_aside", aside)], author="t", message="t")
    words = said(visit("satisfaction", year="2025"))
    assert say("satisfaction.hidden_area", "zh", names="石门县", base=30) in words
    assert "全辖区得" not in words
