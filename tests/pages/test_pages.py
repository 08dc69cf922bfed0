from pathlib import Path

import pandas as pd
import pytest

from data.store import SAMPLE_FOLDER, Store
from data.words import LANGUAGES, catalogue
from tests.pages.conftest import Look
from tests.pages.county import PAGES, assessed, fill, panel_table, said, visit

NAMES = sorted(file.stem for file in PAGES.glob("*.py") if not file.stem.startswith("_"))
LONGEST_PAGE = 80


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


def test_filters_survive_a_change_of_page(look: Look) -> None:
    look(fill)
    app = visit("satisfaction")
    app.selectbox(key="town").select("990121100").run()
    app.switch_page("upload.py").run()
    app.switch_page("satisfaction.py").run()
    assert app.session_state["scope"].township == "990121100"


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_thin(name: str) -> None:
    lines = (PAGES / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_PAGE


def test_reported_values_alone_give_a_card_marked_as_reported(look: Look) -> None:
    look(assessed)
    shown = visit("assessment", town="990121105")
    assert not shown.exception
    tree = panel_table(shown, "origin_word")
    # 75 of a target of 100 whose floor is 50: halfway.
    c2 = tree[tree["code"].eq("C2")].iloc[0]
    assert (c2["value"], c2["points"], c2["origin_word"]) == (75, 50, "直接填报")
    assert "80 项" in said(shown)
    assert "只有各乡镇（街道）填报的数值" not in said(shown)


def test_what_has_no_data_says_so_and_not_zero(look: Look) -> None:
    look(assessed)
    shown = visit("assessment", indicator="A1", lang="en")
    register = panel_table(shown, "owes")
    assert len(register) == 80
    a1 = register[register["code"].eq("A1")].iloc[0]
    assert pd.isna(a1["value"])
    # Ten are reported by township, none with numerator and denominator.
    assert "10 indicators have values reported by township alone" in said(shown)
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
    tree = panel_table(with_frozen, "origin_word")
    assert "已冻结" in tree[tree["code"].eq("B2.2")]["basis_word"].iloc[0]


@pytest.mark.parametrize("label", ["upload.freeze_button", "upload.save"])
def test_a_change_without_a_name_is_asked_for_one(look: Look, label: str) -> None:
    look(assessed)
    app = visit("upload")
    next(b for b in app.button if b.label == catalogue("zh")[label]).click().run()
    assert not app.exception
    assert catalogue("zh")["upload.needs_author"] in [box.value for box in app.warning]
    assert not app.success


def test_typing_values_needs_a_name_and_loses_nothing(folder: Path) -> None:
    assessed(folder)
    app = visit("upload")
    publish = next(b for b in app.button if b.label == catalogue("zh")["upload.report_publish"])
    publish.click().run()
    assert catalogue("zh")["upload.needs_author"] in [each.value for each in app.warning]
    app.selectbox(key="report-indicator").select("C2")
    app.text_input(key="report-author").input("李评").run()
    publish = next(b for b in app.button if b.label == catalogue("zh")["upload.report_publish"])
    publish.click().run()
    assert not app.exception
    assert any("9 条" in str(box.value) for box in app.success)
