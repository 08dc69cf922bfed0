"""The coverage page: layers, two years, the way down to a village, search, gaps."""

import gzip
import json
import re
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from data.store import Change, Store
from metrics.maps.catalogue import LAYERS, MEASURES
from pages.shared.coverage import county_map, geometry, map_files, map_panels, maps, village_states
from pages.shared.coverage.map_choices import Chosen, Cuts
from pages.shared.coverage.village_states import Villages
from tests.pages.conftest import Look
from tests.pages.county import TOWNS, Made, fill, forget, panel_table, said, visit

A, B, C = TOWNS
HOSTILE = "<img src=x onerror=alert(1)>村"


@Made
def county(folder: Path) -> None:
    """Three townships side by side, each of two villages; the second year has more people."""
    fill(folder)
    places = pd.DataFrame(
        [
            (
                f"{town}{k + 201}",
                town,
                HOSTILE if (n, k) == (0, 0) else f"村{n}{k}",
                110 + n,
                30 + k,
            )
            for n, town in enumerate((A, B, C))
            for k in range(2)
        ],
        columns=["community_code", "township_code", "name_zh", "lon", "lat"],
    )
    people = [
        places[["community_code", "township_code"]].assign(
            year=year, households=10, resident_pop=[100, 300, 100, more, 50, 50]
        )
        for year, more in ((2024, 100), (2025, 400))
    ]
    built = places.iloc[[0, 2, 5]]
    tables = {
        "communities": places.assign(kind="village", urban_rural_code="220"),
        "community_year": pd.concat(people),
        "facilities": pd.DataFrame(
            {
                "facility_id": ["a", "b", "c"],
                "township_code": built["township_code"].to_numpy(),
                "name_zh": ["养老院甲", "养老院乙", "养老院丙"],
                "services": "elderly",
                "is_comprehensive": False,
                "status": ["operating", "operating", "idle"],
                "lon": built["lon"].to_numpy(float),
                "lat": built["lat"].to_numpy(float),
            }
        ),
        "radius_params": pd.DataFrame(
            {
                "service": "elderly",
                "setting": ["urban", "rural", "rural"],
                "radius_m": [2000.0, 9000.0, 2000.0],
                "place_code": [None, None, A[:6]],
                "from_year": [None, None, 2025],
                "source": ["甲", "乙", "丙 <b>[x](y)"],
            }
        ),
        "boundaries": pd.DataFrame(
            {
                "unit_code": [A, B, C],
                "level": "township",
                "geometry": shapely.to_wkb(
                    [shapely.box(109.5 + n, 29, 110.5 + n, 32) for n in range(3)]
                ),
            }
        ),
    }
    with Store.open(folder) as store:
        changes = [Change(name, table) for name, table in tables.items()]
        store.publish(changes, author="t", message="t")


def kept(app: AppTest) -> Any:
    """Return the map on the page as it is kept for files and meetings."""
    parts = app.session_state["shown"]["parts"].values()
    [part] = [part for part in parts if not isinstance(part, partial)]
    return part()


def test_layers_measures_and_modes_stand_in_the_link(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025")
    assert app.selectbox(key="layer").value == "M02"
    # 100 and 100 of 1,000 live beside a facility that runs.
    assert "20.0%" in said(app)
    # What the figures of a file are, and in what, goes with them.
    told = kept(app)
    assert list(told["columns"].values())[2:4] == ["圈内人口比例（%）", "常住人口"]
    tables = "村（社区）主表、村（社区）年度情况、服务设施、服务半径参数"
    assert any(f"数据来源：{tables}（最近更新 20" in line for line in told["lines"])
    # Without minutes by road there is no word of how many go by them.
    assert "按上传的路上耗时" not in said(app)
    # The county's own radius holds, and the page says so with its year and basis, as plain text.
    [used] = [each.value for each in app.caption if each.value.startswith("所用参数")]
    assert f"农村 2,000 米（{A[:6]}设定，自 2025 年起；依据：丙" in used
    assert "9,000" not in used
    assert "<b>[x](y)" not in used
    app = visit("coverage", year="2025", layer="M16")
    assert "总体满意度" in said(app)
    assert not app.exception
    assert "数据来源：群众满意度调查（2025年5月1日至2025年5月20日调查）" in {
        re.sub(r"\s", "", line) for line in kept(app)["lines"]
    }
    # Where no unit has a figure there are none besides.
    seats = visit("coverage", year="2025", layer="M15", measure="centre_reach")
    assert "3 个单位都没有数值" in said(seats)
    assert "另有" not in said(seats)
    # Kept as a step of a meeting it is called by what it shows.
    app.button(key="share").click().run()
    assert app.text_input(key="share-name").value.startswith("满意度分布 · 总体满意度 · 2025 年")
    app = visit("coverage", year="2025", mode="emergency")
    assert app.selectbox(key="layer").value == "M06"
    assert "M02" not in app.selectbox(key="layer").options
    # Nobody has a shelter here, and nothing was checked or asked for.
    assert "3 个没有避难场所" in said(app)
    assert "3 个的队伍或物资还没有核查；应急支援请求 0 件" in said(app)
    app = visit("coverage", year="2025", layer="M06")
    assert app.segmented_control(key="mode").value == "emergency"
    assert app.selectbox(key="layer").value == "M06"
    app.segmented_control(key="mode").set_value("normal").run()
    assert app.selectbox(key="layer").value == "M02"
    # An old link names a service; an unknown measure falls back with a word.
    app = visit("coverage", year="2025", service="legal")
    assert app.selectbox(key="layer").value == "M08"
    assert "nonsense" in said(visit("coverage", year="2025", layer="M14", measure="nonsense"))


def test_a_link_that_lags_behind_a_quick_reader_does_not_undo_the_choice(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025", layer="M02")
    app.selectbox(key="layer").select("M03").run()
    # The browser has not heard of the last choice yet when it sends the next one.
    app.query_params["layer"] = "M02"
    app.selectbox(key="layer").select("M04").run()
    assert app.selectbox(key="layer").value == "M04"
    assert app.query_params["layer"] in ("M04", ["M04"])
    # A link that is opened while nothing is chosen holds.
    app.query_params["layer"] = "M03"
    assert app.run().selectbox(key="layer").value == "M03"


def test_the_overview_shows_where_residents_are_out_of_reach(look: Look) -> None:
    look(county)
    app = visit("overview", year="2025")
    assert not app.exception
    # Only care of the elderly has facilities and a radius: one map, and what it shows in words.
    assert len(app.get("image")) == 1
    assert "800 人在服务半径之外（80.0%）" in said(app)


def test_two_years_say_what_changed(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025", compare="2024")
    assert not app.exception
    # 200 of 700 in 2024, 200 of 1,000 in 2025; only the second township changed.
    words = said(app)
    assert "从 28.6%变为 20.0%**（-8.6 个百分点）" in words
    assert "0 个上升，1 个下降" in words
    assert "石桥镇" in words
    # Each picture that is taken along says its own year above and beside it.
    kept = app.session_state["shown"]["parts"]
    for name, year in (("map-before", 2024), ("map", 2025)):
        title, place = kept[name]()["lines"][:2]
        assert f"{year} 年" in title
        assert place.startswith(f"{year} 年")


def test_down_to_the_villages_of_a_township_and_back(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025", town=A)
    assert f"{TOWNS[A]}的村（社区）" in [h.value for h in app.header]
    assert "2 个村（社区）中，1 个在“养老”服务圈外，共 300 人" in said(app)
    # Why one is inside and the other is not stands beside the way.
    villages = panel_table(app, "community_code", "radius_m", "state")
    assert villages["radius_m"].tolist() == [2000.0, 2000.0]
    back = next(button for button in app.button if button.label.startswith("返回"))
    back.click().run()
    assert "town" not in app.query_params
    assert not app.exception


def test_how_many_villages_fare_is_fetched_and_the_same(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(county)
    seen: list[maps.View] = []
    monkeypatch.setattr(maps, "draw", lambda view, *_, **__: seen.append(view))
    for most in (6, 5):
        monkeypatch.setattr(village_states, "MOST_SENT", most)
        assert not visit("coverage", year="2025", radius="5000", type="township").exception
    sent, fetched = (view.villages for view in seen)
    assert (sent.flags, sent.url, fetched.flags) == ("--1010", "", "")
    store, version, county_code, layer = fetched.url.rsplit("/", 4)[1:]
    held = geometry.geometry_bytes(store, int(version), county_code, layer)
    assert held is not None
    assert json.loads(gzip.decompress(held.content)) == {"flags": sent.flags, "ways": sent.ways}
    for other in (layer.replace("M02", "M99"), layer.replace("states", "status")):
        assert geometry.geometry_bytes(store, int(version), county_code, other) is None
    # The files of the map have them whole.
    sheet = map_files.Sheet({"villages": asdict(fetched)}, (), pd.DataFrame(), {}, None)
    assert sheet.whole["villages"]["flags"] == "--1010"


def test_a_village_or_facility_is_found_by_name(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025")
    app.text_input(key="map_search").set_value("养老院").run()
    assert len(app.selectbox(key="find").options) == 4
    app.selectbox(key="find").select("b").run()
    assert app.query_params["find"] in ("b", ["b"])
    assert "没有找到" not in said(app)
    app.text_input(key="map_search").set_value("不存在").run()
    assert "没有找到“不存在”" in said(app)
    # What only one place bears is marked at once, until the reader wants none marked.
    app.text_input(key="map_search").set_value("老院丙 ").run()
    assert app.query_params["find"] in ("c", ["c"])
    app.selectbox(key="find").select("none").run()
    assert "find" not in app.query_params
    assert not app.exception
    again = visit("coverage", year="2025", find="b")
    assert again.selectbox(key="find").value == "b"


def test_a_place_is_found_by_the_initials_of_its_pinyin_and_a_township_comes_into_view(
    folder: Path,
) -> None:
    county(folder)
    app = visit("coverage", year="2025")
    app.text_input(key="map_search").set_value("ylyy").run()
    assert app.query_params["find"] in ("b", ["b"])
    last = app.selectbox(key="town").options[-1]
    app.text_input(key="map_search").set_value(last).run()
    assert not app.exception
    arrived = app.selectbox(key="town").value
    assert app.query_params["town"] in (arrived, [arrived])
    assert arrived != "all"
    # What was looked for has been found: it asks no more, wherever the reader goes next.
    assert app.text_input(key="map_search").value == ""
    assert "find" not in app.query_params
    app.selectbox(key="town").select("all").run()
    assert "town" not in app.query_params


def test_a_standard_is_compared_with_and_told_from_the_target_of_the_score(folder: Path) -> None:
    county(folder)
    view = {"year": "2025", "layer": "M05", "measure": "D2"}
    assert "与评分的关系" not in said(visit("coverage", **view))
    forget()  # close what this visit opened
    with Store.open(folder) as store:
        halls = store.read("SELECT * FROM facilities")
        villages = [f"{A}201", f"{B}201", f"{C}202"]  # of ten households each, as their neighbours
        halls = halls.assign(is_comprehensive=True, area_total_m2=8.0, community_code=villages)
        own = {"parameter": "D2.standard", "place_code": A[:6], "from_year": 2024, "value": 60.0}
        limits = pd.DataFrame([own | {"source": "县规划"}])
        whole = pd.DataFrame([("framework", "full-2026")], columns=["name", "value"])
        new = {"facilities": halls, "indicator_params": limits, "settings": whole}
        store.publish([Change(*each) for each in new.items()], author="t", message="t")
    app = visit("coverage", **view)
    assert not app.exception
    words = said(app)
    assert "现行标准：60 平方米/百户" in words
    assert "与评分的关系：评分按评估方案的目标值（30 平方米/百户）" in words
    assert "有数值的 3 个乡镇（街道）中，3 个低于现行标准" in words
    table = next(each.value for each in app.dataframe if "standard" in each.value)
    assert table.set_index("unit_code").loc[[A, B], ["value", "standard"]].to_numpy().tolist() == [
        [40, 60], [40, 60]
    ]  # fmt: skip


def test_of_many_that_are_alike_none_is_the_only_one_with_most() -> None:
    chosen = Chosen(LAYERS["M07"], MEASURES["B5.1"], None, "fixed", None)
    names = [f"{letter}镇" for letter in "甲乙丙丁戊己"]
    values = [100.0, 100.0, 99.99, 50.0, 40.0, 40.0]
    towns = pd.DataFrame({"name_zh": names, "name_en": names, "value": values})
    said_of = map_panels._extremes(chosen, towns)
    assert said_of == "最高的是**甲镇及另外 2 个**（100.0%），最低的是**戊镇、己镇**（40.0%）。"
    assert map_panels._extremes(chosen, towns.head(2)) == ""
    # A way is far or near, not high or low.
    way = Chosen(LAYERS["M15"], MEASURES["centre_km"], None, "quantile", None)
    assert map_panels._extremes(way, towns).startswith(
        "最远的是**甲镇及另外 2 个**（100.0 公里），"
    )


def test_two_measures_are_explained_also_where_most_units_are_alike() -> None:
    chosen = Chosen(LAYERS["M07"], MEASURES["cross"], None, "quantile", None)
    alike = county_map.corners(chosen, Cuts((100,), ()))
    assert [words for _, words in alike] == ["圈内不足 100%、满意度全部", "圈内100%、满意度全部"]
    corners = county_map.corners(chosen, Cuts((97, 100), (70, 80)))
    assert [words for _, words in corners] == [
        "圈内不足 97%、满意度不足 70",
        "圈内100%、满意度不足 70",
        "圈内不足 97%、满意度80及以上",
        "圈内100%、满意度80及以上",
    ]
    shades = county_map._colours(chosen, Cuts((97, 100), (70, 80)))
    assert [colour for colour, _ in corners] == [shades[n] for n in (0, 2, 6, 8)]


def test_idle_buildings_first_then_the_best_places(look: Look) -> None:
    look(county)
    app = visit("coverage", year="2025", sites="2")
    words = said(app)
    # Hall 丙 stands empty in the second village of C: 50 there and, 111 km away, nobody else.
    assert "有 1 处闲置设施" in words
    assert "养老院丙（50 人）" in words
    assert "新增 2 处养老，可使 700 人进入服务圈" in words
    assert "可以证明的最优组合" in words
    assert not app.exception


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            (
                "步行耗时按每公里 15 分钟折算",
                "车程按每公里 2 分钟折算",
                "1 个村（社区）按步行耗时、1 个按车程、4 个按直线距离",
            ),
        ),
        ("en", ("at 15 minutes for 1 km", "1 village by minutes on foot, 1 by minutes by car")),
    ],
)
def test_minutes_by_road_hold_and_are_said(folder: Path, lang: str, words: tuple[str, ...]) -> None:
    county(folder)
    roads = pd.DataFrame(
        {
            "community_code": [f"{A}202", f"{A}201"],
            "facility_id": ["a", "a"],
            "mode": ["walk", "drive"],
            "minutes": [30.0, 4.2],
            "source": "甲 <b>",
        }
    )
    with Store.open(folder) as store:
        store.publish([Change("travel_times", roads)], author="t", message="t")
    app = visit("coverage", year="2025", lang=lang, town=A, sites="1")
    assert not app.exception
    # 30 minutes on foot are the 2,000 m of the radius; 4.2 by car more, though the hall is close.
    seen = said(app)
    for each in (*words, "甲 \\<b\\>"):
        assert each in seen
    table = panel_table(app, "by_road")
    assert table["by_road"].tolist() == [2, 0, 2, 0]
    villages = panel_table(app, "minutes")
    assert sorted(zip(villages["minutes"], villages["by"], strict=True)) == [
        (4.2, "车程" if lang == "zh" else "By car or bus"),
        (30.0, "步行" if lang == "zh" else "On foot"),
    ]


def test_several_counties_begin_with_counties_and_lead_down(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county(folder)
    other = "990122"
    with Store.open(folder) as store:
        town = pd.DataFrame({"township_code": [f"{other}100"], "name_zh": ["外镇"]})
        town = town.assign(county_code=other, unit_type="township")
        bound = pd.DataFrame({"unit_code": [f"{other}100"], "level": "township"})
        bound["geometry"] = [shapely.to_wkb(shapely.box(112.5, 29, 113.5, 32))]
        changes = [Change("townships", town), Change("boundaries", bound)]
        store.publish(changes, author="t", message="t")
    seen: list[tuple[maps.View, list[str | None], str]] = []

    def note(view: maps.View, find: maps.Finder, *, key: str = "map", into: str = "town") -> None:
        _ = key
        seen.append((view, [find(lon, 30) for lon in (111, 113, 120)], into))

    monkeypatch.setattr(maps, "draw", note)
    app = visit("coverage", year="2025")
    assert not app.exception
    view, clicked, into = seen[-1]
    assert (into, list(view.order), view.service) == ("county", [A[:6], other], "")
    assert view.units.endswith("/counties.geojson")
    assert view.values[A[:6]][1] == "20.0"
    assert view.values[other][0] == -1  # no population: no data, not 0
    assert clicked == [A[:6], other, None]
    assert "县（市、区）：养老" in "".join(each.value for each in app.header)
    app = visit("coverage", year="2025", county=A[:6])
    assert not app.exception
    view, _, into = seen[-1]
    assert (into, set(view.order)) == ("town", {A, B, C})
    assert [each.label for each in app.button if "全部县" in each.label]


def test_a_repaint_of_1500_units_and_15000_villages_is_short() -> None:
    """Values travel without the codes of their units: 0.1 MB is the most a repaint may send."""
    rng = np.random.default_rng(7)
    codes = [f"990101{n:04d}" for n in range(1500)]
    values = {
        code: (int(rng.integers(0, 5)), f"{rng.uniform(0, 100):.1f}", f"{n * 7 + 1000:,}")
        for n, code in enumerate(codes)
    }
    values[codes[3]], values[codes[4]] = (-1, 1, ""), (-2, 0, "")
    del values[codes[5]]
    told = maps.packed(values, codes)
    assert told["kinds"][3:6] == "-* "
    assert len({len(told["kinds"]), told["first"].count("|") + 1}) == 1
    firsts, seconds = told["first"].split("|"), told["second"].split("|")
    assert [firsts[9], seconds[9], told["kinds"][9]] == [
        values[codes[9]][1], values[codes[9]][2], str(values[codes[9]][0])
    ]  # fmt: skip
    # Those many villages are fetched when they can be drawn; as many as always are, travel along.
    most = village_states.MOST_SENT
    marks = Villages("1" * most, village_states.ways(rng.uniform(0, 9000, most)))
    assert len(json.dumps(json.dumps([told, asdict(marks)]))) < 40_000
    assert maps.packed(values, []) == values
