"""Every page, in every state, as Streamlit's own test runner sees it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.store import SAMPLE_FOLDER, Store
from metrics import sample_county
from tests.conftest import fill_towns

ROOT = Path(__file__).parents[2]
ENTRY = str(ROOT / "pages" / "_main.py")
PAGES = sorted(p.stem for p in (ROOT / "pages").glob("*.py") if not p.stem.startswith("_"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small sample county."""
    folder = tmp_path_factory.mktemp("sample")
    sample_county.install(folder / SAMPLE_FOLDER, answers=20_000, progress=lambda _: None)
    return folder


@pytest.fixture
def clean_caches() -> Iterator[None]:
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def start(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **query: str) -> AppTest:
    monkeypatch.setenv("ZHIXIAO_DATA", str(folder))
    app = AppTest.from_file(ENTRY, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    if name != "satisfaction":
        app.switch_page(f"{name}.py").run()
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.title, *app.subheader]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.usefixtures("clean_caches")
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_with_the_sample_county(
    sample: Path, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    app = start(sample, monkeypatch, name, lang=language)
    assert not app.exception
    assert not app.error
    assert app.title[0].value
    said = words(app)
    assert ("虚构" if language == "zh" else "fictional") in said


@pytest.mark.usefixtures("clean_caches")
@pytest.mark.parametrize("name", PAGES)
def test_page_with_an_empty_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    Store.open(tmp_path).close()
    app = start(tmp_path, monkeypatch, name)
    assert not app.exception
    assert not app.error
    if name != "upload":
        assert app.info, "an empty page says what is missing"


@pytest.mark.usefixtures("clean_caches")
@pytest.mark.parametrize("name", PAGES)
def test_cold_deep_link(sample: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    app = start(sample, monkeypatch, name, year="2024", town="990121100", size="large")
    assert not app.exception
    assert app.selectbox(key="year").value == "2024"
    assert app.selectbox(key="town").value == "990121100"
    assert "2024" in words(app)
    assert "示例镇" in words(app)


@pytest.mark.usefixtures("clean_caches")
def test_an_old_link_falls_back_with_a_word(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(sample, monkeypatch, "satisfaction", year="1999", town="nowhere", item="S9")
    assert not app.exception
    assert app.selectbox(key="year").value == "2025"
    assert any("1999" in toast.value for toast in app.toast)


@pytest.mark.usefixtures("clean_caches")
def test_filters_survive_a_change_of_page(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(sample, monkeypatch, "satisfaction")
    app.selectbox(key="year").select("2024").run()
    app.switch_page("coverage.py").run()
    assert app.selectbox(key="year").value == "2024"
    assert not app.exception


@pytest.mark.usefixtures("clean_caches")
def test_first_start_opens_the_sample_county(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(tmp_path, monkeypatch, "satisfaction")
    assert not app.exception
    assert "云岭县" in words(app)


@pytest.mark.usefixtures("clean_caches")
def test_a_store_in_use_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "catalog.ducklake").write_bytes(b"no catalog" * 500)
    app = start(tmp_path, monkeypatch, "satisfaction")
    assert not app.exception
    assert "数据文件夹无法打开" in app.error[0].value


@pytest.mark.usefixtures("clean_caches")
def test_a_file_travels_from_upload_to_the_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path) as store:
        fill_towns(store)
    app = start(tmp_path, monkeypatch, "upload")
    text = "community_code,township_code,name_zh,kind\n990101100201,990101100,甲村,village\n"
    app.file_uploader[0].upload("村.csv", text.encode("gb18030")).run()
    assert not app.exception
    assert "gb18030" in words(app)
    app.text_input(key="author").input("李评").run()
    next(b for b in app.button if b.label == "发布").click().run()
    assert not app.exception
    assert "已发布" in app.success[0].value


@pytest.mark.parametrize("name", PAGES)
def test_page_stays_thin(name: str) -> None:
    lines = (ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
