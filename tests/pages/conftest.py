"""What all page tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.shared import results
from tests.pages.county import Made


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> Iterator[None]:
    """Look once for the components that are installed: every run of a page looks for them anew."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty data folder of the test's own."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    return tmp_path


Look = Callable[..., Path]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    """Return what opens a county only to look at it: its figures are kept for the next test.

    Afterwards nobody may have published anything there.
    """
    versions: dict[Path, int] = {}

    def opened(made: Made, **settings: str) -> Path:
        place = made.kept(**settings)
        monkeypatch.setenv("ZHIXIAO_DATA", str(place))
        versions[place] = results.open_store("own").version
        return place

    yield opened
    for place, version in versions.items():
        monkeypatch.setenv("ZHIXIAO_DATA", str(place))
        assert results.open_store("own").version == version
