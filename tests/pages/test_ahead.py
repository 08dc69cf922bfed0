"""What is opened first is worked out before it is asked for, and nobody waits longer for it."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from data.scope import Scope
from metrics.accessibility import service_coverage
from metrics.assessment import township_card
from metrics.maps import layers
from pages.shared import results
from pages.shared.coverage import map_choices
from pages.shared.overview import ahead
from tests.pages.conftest import Look
from tests.pages.county import fill, visit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there whom the work would stand back for."""
    monkeypatch.setattr(results.visitors, "quiet_seconds", 0.0)
    results._answer.clear()


def test_the_page_finds_what_it_asks_worked_out(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(fill)
    done = ahead.step(None)
    assert done == ("own", results.open_store("own").version)
    made: list[str] = []

    def asked(store: Any, scope: Scope) -> Any:
        made.append("card")
        return card(store, scope)

    card = township_card.card
    monkeypatch.setattr(township_card, "card", asked)
    app = visit("overview")
    assert not app.exception
    assert not made
    assert ahead.step(done) == done


def test_the_map_finds_every_layer_worked_out(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    look(fill)
    ahead.step(None)
    made: list[str] = []

    def heard(of: ModuleType, name: str) -> None:
        answer = getattr(of, name)

        def asked(*args: Any, **more: Any) -> Any:
            made.append(name)
            return answer(*args, **more)

        monkeypatch.setattr(of, name, asked)

    for of, name in ((layers, "values"), (layers, "seen"), (service_coverage, "reached")):
        heard(of, name)
    for chosen in map_choices.usual():
        app = visit("coverage", layer=chosen.layer.id)
        assert not app.exception
        assert app.session_state["layer"] == chosen.layer.id
    assert not made
    visit("coverage", layer="M02", radius="500")
    assert made


def test_it_stands_back_while_a_visitor_waits(look: Look) -> None:
    look(fill)
    get = results.ahead("own", results.open_store("own").version)
    done = threading.Event()

    def work() -> None:
        get("units.years", Scope())
        done.set()

    with results.visitors.waits():
        thread = threading.Thread(target=work)
        thread.start()
        assert not done.wait(0.3)
    thread.join(20)
    assert done.is_set()


def test_it_stands_back_until_nobody_has_asked_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results.visitors, "quiet_seconds", 0.3)
    results.visitors.ask()
    began = time.monotonic()
    results.visitors.let_pass()
    assert time.monotonic() - began >= 0.25


def test_a_failure_is_heard_and_the_next_version_is_worked_out_all_the_same(
    look: Look, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    look(fill)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a card that breaks")

    monkeypatch.setattr(township_card, "card", broken)
    with caplog.at_level(logging.WARNING):
        done = ahead.step(None)
    assert "a card that breaks" in caplog.text
    assert done is not None  # said once, not every second
    caplog.clear()
    assert ahead.step(done) == done
    assert not caplog.records


def test_an_older_version_is_left(look: Look) -> None:
    look(fill)
    get = results.ahead("own", results.open_store("own").version - 1)
    with pytest.raises(results.OutdatedError):
        get("units.years", Scope())


def test_only_a_page_begins_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(ahead, "_follow", lambda: begun.append("followed"))

    async def nothing(*_: Any) -> None:
        return None

    app = ahead.Ahead(nothing)

    def request(path: str) -> None:
        asyncio.run(app({"type": "http", "path": path}, nothing, nothing))  # type: ignore[arg-type]
        time.sleep(0.05)

    request("/_stcore/health")
    request("/static/js/index.js")
    assert not begun
    request("/county/")
    request("/overview")
    assert begun == ["followed"]


def test_the_map_is_not_declared_before_there_is_a_server() -> None:
    """A component that is declared where nothing is served yet is never served."""
    said = "import sys, pages.shared.server; print('streamlit_folium' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False"]
