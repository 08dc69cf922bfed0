"""What stands below the map waits for it, once, and never for long."""

import asyncio
import time
from collections.abc import Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.routing import Router

from pages.shared import navigation
from pages.shared.coverage import first_paint

FRAMES = "0123456789abcdef"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Stand in for a browser at a page that was just come to."""
    state = {navigation.JUST_COME: True, "map_session": {"id": FRAMES}}
    looking = SimpleNamespace(
        session_state=state,
        context=SimpleNamespace(url="http://localhost/coverage"),
        get_option=lambda _: "",
    )
    monkeypatch.setattr(first_paint, "st", looking)
    yield looking
    assert not first_paint._waited_for


def waited() -> float:
    started = time.monotonic()
    first_paint.wait()
    return time.monotonic() - started


def tell(path: str) -> int:
    """Ask for an address as a frame does; return the status."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
        "scheme": "http", "server": ("localhost", 80),
    }  # fmt: skip
    asyncio.run(Router([first_paint.route()])(scope, receive, send))
    return int(sent[0]["status"])


@pytest.mark.usefixtures("seen")
def test_the_page_goes_on_once_the_frame_says_that_it_has_painted() -> None:
    told: list[int] = []

    def frame() -> None:
        while FRAMES not in first_paint._waited_for:
            time.sleep(0.005)
        told.append(tell("/below" + first_paint.url(FRAMES)))

    helper = Thread(target=frame)
    helper.start()
    assert waited() < first_paint.LONGEST_SECONDS / 2
    helper.join()
    assert told == [204]
    assert waited() < 0.05  # painted anew in place


@pytest.mark.usefixtures("seen")
def test_a_frame_that_nobody_sees_holds_the_page_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first_paint, "LONGEST_SECONDS", 0.1)
    assert 0.1 <= waited() < 1


def test_without_a_browser_nothing_is_waited_for(seen: Any) -> None:
    seen.context.url = None
    assert waited() < 0.05


def test_what_no_page_waits_for_is_no_error() -> None:
    assert tell(first_paint.url("nobody")) == 204
