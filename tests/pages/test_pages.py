import atexit
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.store import SAMPLE_FOLDER, Change, Store
from data.words import LANGUAGES, catalogue

PAGES = Path(__file__).resolve().parents[2] / "pages"
NAMES = sorted(file.stem for file in PAGES.glob("*.py") if not file.stem.startswith("_"))
LONGEST_PAGE = 80
TOWNS = {"990121100": "云溪镇", "990121101": "石桥镇", "990121001": "东关街道"}
RESPONDENTS_EACH = 40


def tables() -> dict[str, pd.DataFrame]:
    """Three townships of forty respondents each; the third township answers better."""
    towns = pd.DataFrame(
        {
            "township_code": list(TOWNS),
            "name_zh": list(TOWNS.values()),
            "name_en": ["Yunxi", "Shiqiao", "Dongguan"],
            "unit_type": ["township", "township", "subdistrict"],
            "county_code": "990121",
        }
    )
    people = pd.DataFrame(
        [
            (f"{code}-{n}", code, 1 + (n + 2 * place) % 5)
            for place, code in enumerate(TOWNS)
            for n in range(RESPONDENTS_EACH)
        ],
        columns=["respondent_id", "township_code", "value"],
    ).assign(survey_id="S-2025", question_id="Q1", weight=1.0)
    meta = {
        "survey_id": "S-2025", "title_zh": "群众满意度调查", "mode": "face",
        "start_on": pd.Timestamp("2025-05-01"), "end_on": pd.Timestamp("2025-05-20"),
        "audience": "resident",
    }  # fmt: skip
    question = {
        "survey_id": "S-2025", "question_id": "Q1", "index_code": "S1", "answer_type": "sat5",
        "text_zh": "总体是否满意？", "text_en": "Are you satisfied overall?",
    }  # fmt: skip
    return {
        "townships": towns,
        "survey_meta": pd.DataFrame([meta]),
        "survey_questions": pd.DataFrame([question]),
        "survey_respondents": people.drop(columns=["value", "question_id"]),
        "survey_answers": people[["survey_id", "respondent_id", "question_id", "value"]],
    }


def fill(folder: Path, **settings: str) -> None:
    """Make the store of a test: a copy of one that was published once, which takes a tenth."""
    shutil.copytree(_published(tuple(settings.items())), folder, dirs_exist_ok=True)


@cache
def _published(settings: tuple[tuple[str, str], ...]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="county-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _publish(folder, dict(settings))
    return folder


def _publish(folder: Path, settings: dict[str, str]) -> None:
    named = pd.DataFrame({"name": list(settings), "value": list(settings.values())})
    frames = tables() | ({"settings": named} if settings else {})
    with Store.open(folder) as store:
        changes = [Change(name, frame) for name, frame in frames.items()]
        store.publish(changes, author="test", message="test")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def visit(name: str, **link: str) -> AppTest:
    """Open a page by its link, as a browser would on a freshly started server."""
    app = AppTest.from_file(str(PAGES / "_main.py"), default_timeout=60)
    for key, value in link.items():
        app.query_params[key] = value
    return app.switch_page(f"{name}.py").run()


def said(app: AppTest) -> str:
    return "\n".join(
        str(part.value)
        for kind in ("title", "markdown", "caption", "info", "warning", "error", "subheader")
        for part in app.get(kind)
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("filled")
    fill(place / SAMPLE_FOLDER, fictional="true")
    return place


@pytest.fixture(scope="module")
def unfilled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("unfilled")
    Store.open(place).close()
    return place


@pytest.fixture
def county(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fictional county that is only looked at: what a page works out is kept for the next."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(filled))


@pytest.fixture
def nothing(unfilled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store without data that is only looked at."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(unfilled))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("county")
def test_page_shows_its_title_and_that_its_data_are_fictional(name: str, language: str) -> None:
    words = catalogue(language)
    app = visit(name, lang=language)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == words[f"{name}.title"]
    assert words["shell.fictional"] in said(app).replace("\\", "")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("nothing")
def test_page_with_an_empty_store_says_what_is_missing(name: str) -> None:
    app = visit(name)
    assert not app.exception
    assert not app.error
    assert app.info or app.get("file_uploader")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("county")
def test_cold_link_opens_the_view_it_names(name: str) -> None:
    app = visit(name, year="2025", town="990121001", lang="en", size="large")
    assert not app.exception
    assert app.session_state["scope"].year == 2025
    assert app.session_state["scope"].township == "990121001"
    assert "Dongguan" in said(app)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("county")
def test_old_link_falls_back_with_a_word(name: str) -> None:
    app = visit(name, year="1066", town="gone")
    assert not app.exception
    assert app.session_state["scope"].year == 2025
    assert app.session_state["scope"].township is None


def test_own_data_carry_no_mark(folder: Path) -> None:
    fill(folder)
    assert catalogue("zh")["shell.fictional"] not in said(visit("satisfaction")).replace("\\", "")


def test_filters_survive_a_change_of_page(folder: Path) -> None:
    fill(folder)
    app = visit("satisfaction")
    app.selectbox(key="town").select("990121100").run()
    app.switch_page("upload.py").run()
    app.switch_page("satisfaction.py").run()
    assert app.session_state["scope"].township == "990121100"


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_thin(name: str) -> None:
    lines = (PAGES / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_PAGE


def assessed(folder: Path) -> None:
    """Eight townships and a sub-district with reported values that differ."""
    codes = [f"99012110{n}" for n in range(8)] + ["990121001"]
    towns = pd.DataFrame(
        {
            "township_code": codes,
            "name_zh": [f"第{n}镇" for n in range(8)] + ["城关街道"],
            "name_en": [f"Town {n}" for n in range(8)] + ["Chengguan"],
            "unit_type": ["township"] * 8 + ["subdistrict"],
            "county_code": "990121",
        }
    )
    facts = ("B2.2", "B2.5", "B3.2", "B5.3", "C2", "D6", "D7", "D9", "E2", "F3")
    values = pd.DataFrame(
        [
            (code, fact, 2025, 50.0 + 5 * place)
            for place, code in enumerate(codes)
            for fact in facts
        ],
        columns=["unit_code", "indicator_id", "year", "value"],
    )
    with Store.open(folder) as store:
        changes = [Change("townships", towns), Change("reported_values", values)]
        store.publish(changes, author="test", message="test")


def test_reported_values_alone_give_a_card_marked_as_reported(folder: Path) -> None:
    assessed(folder)
    shown = visit("assessment", town="990121105")
    assert not shown.exception
    tree = next(t.value for t in shown.dataframe if "origin_word" in t.value)
    # 75 of a target of 100 whose floor is 50: halfway.
    c2 = tree[tree["code"].eq("C2")].iloc[0]
    assert (c2["value"], c2["points"], c2["origin_word"]) == (75, 50, "直接填报")
    assert "80 项" in said(shown)


def test_what_has_no_data_says_so_and_not_zero(folder: Path) -> None:
    assessed(folder)
    shown = visit("assessment", indicator="A1", lang="en")
    register = next(t.value for t in shown.dataframe if "owes" in t.value)
    assert len(register) == 80
    a1 = register[register["code"].eq("A1")].iloc[0]
    assert pd.isna(a1["value"])
    assert "no data yet" in a1["mark"]
    assert "no data yet" in said(shown)


def test_the_baseline_is_frozen_once_and_says_so(folder: Path) -> None:
    assessed(folder)
    app = visit("upload")
    app.text_input(key="freeze-author").input("李评")
    button = next(b for b in app.button if b.label == catalogue("zh")["upload.freeze_button"])
    button.click().run()
    assert not app.exception
    assert "基期 2025 年" in "\n".join(str(box.value) for box in app.success)
    assert catalogue("zh")["upload.freeze_button"] not in [b.label for b in app.button]
    with_frozen = visit("assessment", town="990121105")
    tree = next(t.value for t in with_frozen.dataframe if "origin_word" in t.value)
    assert "已冻结" in tree[tree["code"].eq("B2.2")]["basis_word"].iloc[0]


@pytest.mark.parametrize("label", ["upload.freeze_button", "upload.save"])
def test_a_change_without_a_name_is_asked_for_one(folder: Path, label: str) -> None:
    assessed(folder)
    app = visit("upload")
    next(b for b in app.button if b.label == catalogue("zh")[label]).click().run()
    assert not app.exception
    assert catalogue("zh")["upload.needs_author"] in [box.value for box in app.warning]
    assert not app.success


def test_typing_values_needs_a_name_and_loses_nothing(folder: Path) -> None:
    assessed(folder)
    app = visit("upload")
    publish = next(b for b in app.button if b.label == catalogue("zh")["upload.report_publish"])
    assert publish.disabled
    app.selectbox(key="report-indicator").select("C2")
    app.text_input(key="report-author").input("李评").run()
    publish = next(b for b in app.button if b.label == catalogue("zh")["upload.report_publish"])
    publish.click().run()
    assert not app.exception
    assert any("9 条" in str(box.value) for box in app.success)
