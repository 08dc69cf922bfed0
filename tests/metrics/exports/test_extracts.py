"""Extracts: the same figures as the answers they come from, marked, hidden where those hide."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from PIL import Image, ImageColor
from pyarrow import parquet

from data.drafting import drafts
from data.errors import DataError
from data.forms.fonts import chinese_font
from data.scope import Scope
from data.store import Change, Store
from data.words import LANGUAGES
from metrics.accessibility import service_coverage
from metrics.assessment import township_card
from metrics.command_line import main
from metrics.exports import extract_maps, extract_reports, table_files
from metrics.exports.extract_files import WRITERS, writer_for
from metrics.exports.extracts import KINDS, Wish, extract, scope_for
from metrics.maps.colours import shades
from metrics.satisfaction import figures
from tests.pages.county import TOWNS, tables

NAME = '=HYPERLINK("http://x","<script>alert(1)</script>")'
SMALL = "990121102"  # nine respondents: fewer than any minimum base
COUNTY = "990121"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fictional county of four townships, one with a hostile name and nine respondents."""
    made = tmp_path_factory.mktemp("data")
    frames = tables()
    small = {"township_code": SMALL, "name_zh": NAME, "unit_type": "township"}
    frames["townships"] = pd.concat(
        [frames["townships"], pd.DataFrame([small | {"county_code": COUNTY}])], ignore_index=True
    )
    few = pd.DataFrame(
        [("S-2025", f"{SMALL}-{n}", SMALL, 1.0) for n in range(9)],
        columns=["survey_id", "respondent_id", "township_code", "weight"],
    )
    frames["survey_respondents"] = pd.concat([frames["survey_respondents"], few])
    said = few[["survey_id", "respondent_id"]].assign(question_id="Q1", value=5)
    frames["survey_answers"] = pd.concat([frames["survey_answers"], said])
    frames |= places()
    frames["settings"] = pd.DataFrame({"name": ["fictional"], "value": ["true"]})
    with Store.open(made) as store:
        changes = [Change(name, frame) for name, frame in frames.items()]
        store.publish(changes, author="t", message="t")
    return made


def places() -> dict[str, pd.DataFrame]:
    """One village and one care home in the first township; boundaries of two townships."""
    first, second = list(TOWNS)[:2]
    shapes = [shapely.box(105.0, 30.0, 105.2, 30.2), shapely.box(105.2, 30.0, 105.4, 30.2)]
    village = {"community_code": f"{first}200", "township_code": first, "name_zh": "甲村"}
    home = {"facility_id": "F1", "township_code": first, "name_zh": "敬老院", "services": "elderly"}
    return {
        "communities": pd.DataFrame([village | {"lon": 105.1, "lat": 30.1}]),
        "community_year": pd.DataFrame(
            [{"community_code": f"{first}200", "year": 2025, "resident_pop": 900}]
        ),
        "facilities": pd.DataFrame([home | {"lon": 105.1, "lat": 30.1, "status": "operating"}]),
        "boundaries": pd.DataFrame(
            {
                "unit_code": [first, second], "level": "township", "name_zh": ["甲", "乙"],
                "geometry": shapely.to_wkb(shapes), "map_approval_no": "GS(2025)0001",
            }
        ),
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_maps, "SIZE", (480, 270))


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder) as opened:
        yield opened


SCOPE = Scope(year=2025)


def test_satisfaction_is_what_the_page_shows_and_hides(store: Store) -> None:
    found = extract(store, Wish("satisfaction", SCOPE)).table
    told = figures.by_unit(store, SCOPE, "S-2025", "S1")
    same = ["unit_code", "n", "estimate", "low", "high", "note"]
    pd.testing.assert_frame_equal(found[same], told[same])
    hidden = found[found["unit_code"].eq(SMALL)].iloc[0]
    assert hidden["note"] == "below_base"
    assert hidden[["n", "estimate", "se", "low", "high", "share_3_5"]].isna().all()
    # Forty minus nobody: the one that would give it away is hidden as well.
    assert (found["note"] == "complement").sum() == 1


def test_numbers_of_a_csv_end_where_they_are_rounding_of_the_machine() -> None:
    table = pd.DataFrame({"share": [0.9999999999999999, 499198.0, 1 / 3, -2.5]})
    lines = table_files.to_csv([], {"share": "share"}, table).decode("utf-8-sig").splitlines()
    assert lines == ["share", "1", "499198", "0.333333333333", "-2.5"]


def test_an_unregistered_survey_says_so_above_its_table(store: Store) -> None:
    made = extract(store, Wish("satisfaction", SCOPE))
    assert [each["approval"] for each in made.about["approvals"]] == ["unregistered"]
    assert any("未登记调查" in line.zh for line in made.heading)
    assert any("Unregistered survey" in line.en for line in made.heading)


def test_a_township_is_cut_out_of_the_whole_and_hides_what_the_whole_hides(store: Store) -> None:
    whole = extract(store, Wish("satisfaction", SCOPE)).table
    for code in [*TOWNS, SMALL]:
        own = extract(store, Wish("satisfaction", scope_for(store, "2025", code, None))).table
        assert own["note"].tolist() == whole.loc[whole["unit_code"].eq(code), "note"].tolist()
        assert own["unit_code"].tolist() == [code]


def test_a_question_is_chosen_by_its_number_or_its_index(store: Store) -> None:
    for item in ("Q1", "S1"):
        table = extract(store, Wish("satisfaction", SCOPE, "question", item=item)).table
        assert table["question_id"].tolist() == ["Q1"]


def test_the_other_kinds_are_the_answers_of_their_modules(store: Store) -> None:
    card = township_card.card(store, SCOPE)
    scores = extract(store, Wish("scores", SCOPE)).table
    pd.testing.assert_frame_equal(scores[card.overview.columns], card.overview)
    town = next(iter(TOWNS))
    own = scope_for(store, None, town, None)
    profile = extract(store, Wish("profile", own)).table
    tree = township_card.card(store, own).tree
    pd.testing.assert_frame_equal(profile[tree.columns], tree, check_dtype=False)
    coverage = extract(store, Wish("coverage", SCOPE, radius_m=2000)).table
    told = service_coverage.by_unit(store, SCOPE, "elderly", 2000)
    pd.testing.assert_frame_equal(coverage.drop(columns="service"), told, check_dtype=False)
    assert coverage.loc[coverage["unit_code"].eq(town), "inside"].item() == 900


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_can_be_written_with_every_ending_and_by_everything(
    store: Store, what: str
) -> None:
    for place, by in enumerate(KINDS[what].by or (None,)):
        found = extract(store, Wish(what, SCOPE, by))
        assert extract_reports.report(found, "en").sections
        # What is to be read takes its time, row by row, and has the same rows whatever the ending.
        short = replace(found, table=found.table.head(3))
        for ending in filter(partial(possible, what), WRITERS):
            read = ending in ("docx", "pdf", "pptx")
            if found.shapes in no_place(ending):
                with pytest.raises(DataError) as refused:
                    WRITERS[ending](store, found, "zh")
                assert refused.value.code == "no_place_on_map"
            elif not (read and place):
                assert WRITERS[ending](store, short if read else found, "en")


def no_place(ending: str) -> tuple[str | None, ...]:
    """What has no place in a file of this ending."""
    return {"geojson": (None,), "png": (None, "points")}.get(ending, ())


def possible(what: str, ending: str) -> bool:
    try:
        return writer_for(what, Path(f"x.{ending}")) is WRITERS[ending]
    except DataError:
        return False


def test_every_ending_is_offered_where_it_makes_sense() -> None:
    everywhere = {"csv", "parquet", "xlsx", "json", "html", "docx", "pdf"}
    read = everywhere | {"geojson", "pptx"}
    expected = {
        "satisfaction": read | {"png"}, "coverage": read | {"png"}, "scores": read | {"png"},
        "profile": read, "indicators": everywhere | {"geojson"}, "problems": everywhere,
        "dictionary": everywhere,
    }  # fmt: skip
    for what in KINDS:
        assert {ending for ending in WRITERS if possible(what, ending)} == expected[what], what


@pytest.mark.skipif(chinese_font() is None, reason="NO CHINESE FONT: no picture can be drawn here")
def test_a_picture_has_the_class_of_each_township_and_hides_what_is_hidden(store: Store) -> None:
    reached = extract(store, Wish("coverage", SCOPE, radius_m=2000))
    # One township of the two that have boundaries has all its people within reach.
    assert painted(WRITERS["png"](store, reached, "zh"), shades("blues", 5)) == {4}
    # A hundred per cent of nobody known: no colour at all.
    assert (
        painted(
            WRITERS["png"](store, extract(store, Wish("coverage", SCOPE)), "en"), shades("blues", 5)
        )
        == set()
    )
    opinion = extract(store, Wish("satisfaction", SCOPE))
    told = opinion.table[opinion.table["unit_code"].isin(list(TOWNS)[:2])]
    shown = told["estimate"].dropna()
    classes = {sum(value >= cut for cut in (60, 70, 80, 90)) for value in shown}
    assert painted(WRITERS["png"](store, opinion, "zh"), shades("blues", 5)) == classes


def painted(content: bytes, colours: list[str]) -> set[int]:
    """The classes that fill more of a picture than the fields of its legend do."""
    with Image.open(io.BytesIO(content)) as picture:
        counts = {colour: n for n, colour in picture.convert("RGB").getcolors(1 << 24) or ()}
    wanted = [ImageColor.getrgb(colour) for colour in colours]
    return {n for n, colour in enumerate(wanted) if counts.get(colour, 0) > 500}


def test_every_file_says_what_it_is_and_runs_no_formula(store: Store) -> None:
    found = extract(store, Wish("satisfaction", SCOPE))
    told = ("csv", "html", "xlsx", "json", "geojson", "parquet")
    files = {ending: WRITERS[ending](store, found, "zh") for ending in told}
    version = f"数据版本 {store.version}"
    text = files["csv"].decode("utf-8-sig")
    assert version in text
    assert "虚构" in text
    rows = pd.read_csv(io.StringIO(text), comment="#", dtype={"unit_code": str})
    assert len(rows) == len(found.table)
    assert rows["name_zh"].tolist()[-1].startswith("'=HYPERLINK")
    page = files["html"].decode()
    assert version in page
    assert "虚构" in page
    assert "<script" not in page
    assert "http://x" in page  # as text
    with zipfile.ZipFile(io.BytesIO(files["xlsx"])) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert version in strings
    assert "虚构" in strings
    for content in (files["json"], files["geojson"], told_in(files["parquet"])):
        about = json.loads(content)
        about = about.get("about", about)
        assert (about["version"], about["fictional"], about["period"]) == (
            store.version, True, 2025,
        )  # fmt: skip


def told_in(content: bytes) -> bytes:
    told: bytes = parquet.read_schema(io.BytesIO(content)).metadata[b"zhixiao"]
    return told


def test_a_map_file_has_the_boundaries_and_nothing_hidden(store: Store) -> None:
    found = extract(store, Wish("satisfaction", SCOPE))
    drawn = json.loads(WRITERS["geojson"](store, found, "zh"))
    features: dict[str, Any] = {f["properties"]["unit_code"]: f for f in drawn["features"]}
    first = next(iter(TOWNS))
    assert shapely.from_geojson(json.dumps(features[first]["geometry"])).area == pytest.approx(0.04)
    assert features[SMALL]["geometry"] is None
    assert features[SMALL]["properties"]["estimate"] is None
    assert drawn["about"]["map_approval_no"] == "GS(2025)0001"
    points = json.loads(
        WRITERS["geojson"](store, extract(store, Wish("coverage", SCOPE, "village")), "zh")
    )
    assert points["features"][0]["geometry"]["coordinates"] == [105.1, 30.1]


def words_of(content: bytes) -> str:
    """All text of a Word document or of slides."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        pages = [n for n in book.namelist() if re.search(r"(document|header\d+|slide\d+)\.xml$", n)]
        return " ".join(
            t for n in sorted(pages) for t in re.findall(r">([^<>]+)<", book.read(n).decode())
        )


def test_what_is_read_says_what_the_table_says_and_hides_what_it_hides(store: Store) -> None:
    found = extract(store, Wish("satisfaction", SCOPE))
    whole = found.table[found.table["level"].eq("county")].iloc[0]
    for ending in ("docx", "pptx"):
        words = words_of(WRITERS[ending](store, found, "zh"))
        assert f"{whole['estimate']:.1f} 分（满分 100 分）" in words
        assert f"依据 {whole['n']:,.0f} 份有效回答" in words
        assert f"数据版本 {store.version}" in words
        assert "虚构" in words
        assert "有效人数不足，不显示" in words
        assert "below_base" not in words
    english = words_of(WRITERS["docx"](store, found, "en"))
    assert f"{whole['estimate']:.1f} of 100 points" in english
    reached = extract_reports.report(extract(store, Wish("coverage", SCOPE, radius_m=2000)), "zh")
    told = "位置已知的常住人口 900 人，100.0% 在服务半径以内，0 人在半径以外"
    assert told in reached.sections[0].sentence
    scored = extract(store, Wish("scores", SCOPE))
    scores = extract_reports.report(replace(scored, table=scored.table.assign(band=2.0)), "zh")
    assert "4 个乡镇（街道）中" in scores.sections[0].sentence
    assert "良好 4 个" in scores.sections[0].sentence
    assert all("良好（75—90）" in row for row in scores.sections[0].rows())


def test_what_nobody_can_read_through_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = extract(store, Wish("dictionary", SCOPE, "code"))
    monkeypatch.setattr(extract_reports, "MOST_ROWS", len(found.table) - 1)
    with pytest.raises(DataError) as refused:
        WRITERS["docx"](store, found, "zh")
    assert refused.value.code == "too_long_to_read"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_for_people_is_in_words(store: Store, language: str) -> None:
    page = WRITERS["html"](store, extract(store, Wish("satisfaction", SCOPE)), language).decode()  # type: ignore[arg-type]
    assert ("有效人数不足，不显示" in page) == (language == "zh")
    assert "below_base" not in page


def test_an_earlier_version_can_be_taken_out(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with Store.open(folder) as store:
        before = store.version
        renamed = pd.DataFrame([{"township_code": "990121100", "name_zh": "新名", "unit_type":
                                 "township", "county_code": COUNTY}])  # fmt: skip
        after = store.publish([Change("townships", renamed)], author="t", message="t")
    for version, name in ((before, "云溪镇"), (after, "新名")):
        said = ["export", "scores", "--data", str(folder), "--out", str(out), "--json"]
        assert main([*said, "--version", str(version)]) == 0
        held = json.loads(out.read_text(encoding="utf-8"))
        assert held["about"]["version"] == version
        named = {row["unit_code"]: row["name_zh"] for row in held["rows"]}
        assert named["990121100"] == name


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["scores", "--out", "x.docm"], "ending_impossible"),
        (["dictionary", "--out", "x.geojson"], "ending_impossible"),
        (["problems", "--out", "x.pptx"], "ending_impossible"),
        (["scores", "--by", "mood", "--out", "x.csv"], "unknown_by"),
        (["scores", "--period", "1066", "--out", "x.csv"], "unknown_period"),
        (["scores", "--place", "110000000", "--out", "x.csv"], "unknown_place"),
        (["scores", "--version", "99", "--out", "x.csv"], "unknown_version"),
        (["satisfaction", "--survey", "none", "--out", "x.csv"], "unknown_survey"),
        (["satisfaction", "--item", "Q99", "--out", "x.csv"], "unknown_item"),
        (["coverage", "--service", "magic", "--out", "x.csv"], "unknown_service"),
        (["scores", "--radius", "500", "--out", "x.csv"], "choice_unused"),
        (["dictionary", "--place", "990121", "--out", "x.csv"], "choice_unused"),
        (["coverage", "--survey", "S-2025", "--out", "x.csv"], "choice_unused"),
        (["scores", "--by", "county", "--type", "township", "--out", "x.csv"], "choice_unused"),
        (["scores", "--by", "county", "--place", "990121100", "--out", "x.csv"], "place_too_small"),
        (["coverage", "--radius", "-5", "--out", "x.csv"], "radius_impossible"),
        (["coverage", "--radius", "nan", "--out", "x.csv"], "radius_impossible"),
        (["satisfaction", "--by", "question", "--item", "Q9", "--out", "x.csv"], "unknown_item"),
        (["scores", "--out", "no/such/folder/x.csv"], "out_unwritable"),
    ],
)
def test_what_cannot_be_done_is_refused(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: str,
) -> None:
    monkeypatch.setenv("ZHIXIAO_DATA", str(folder))
    monkeypatch.chdir(tmp_path)
    assert main(["export", *words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == code
    assert list(tmp_path.iterdir()) == []


def test_without_data_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    assert main(["export", "scores", "--out", str(tmp_path / "x.csv"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "no_store"
    assert list(tmp_path.iterdir()) == []


def test_problems_are_those_of_the_files_that_wait(folder: Path) -> None:
    with Store.open(folder) as store:
        text = "township_code,name_zh,county_code\n12,短码镇,990121\n"
        upload = drafts.keep(store, "towns.csv", text.encode())
        found = extract(store, Wish("problems", SCOPE)).table
        drafts.discard(store, upload)
    assert set(found["file"]) == {"towns.csv"}
    assert (found["column"] == "township_code").any()
    assert found["reason_zh"].str.len().gt(0).all()
