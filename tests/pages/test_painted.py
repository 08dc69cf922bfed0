"""What stands below the map waits for each new picture, and never for long."""

import asyncio
import time
from collections.abc import Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.routing import Router

from pages.shared import navigation
from pages.shared.coverage import painted

FRAMES = "0123456789abcdef"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Stand in for a browser at a page that was just come to."""
    looking = SimpleNamespace(
        session_state={navigation.JUST_COME: True},
        context=SimpleNamespace(url="http://localhost/coverage"),
        get_option=lambda _: "",
    )
    monkeypatch.setattr(painted, "st", looking)
    yield looking
    looking.session_state.clear()
    assert not painted._awaited  # a session that ends leaves nothing


def waited(picture: str) -> float:
    """Send a picture; return the seconds for which what stands below waits."""
    started = time.monotonic()
    painted.expect(FRAMES, picture)
    painted.wait()
    return time.monotonic() - started


def shows(picture: str) -> Thread:
    """Stand in for a frame that paints a picture once it has come, and tells so."""

    def frame() -> None:
        while f"{FRAMES}/{picture}" not in painted._awaited:
            time.sleep(0.005)
        assert tell(f"/below{painted.url(FRAMES)}/{picture}") == 204

    helper = Thread(target=frame)
    helper.start()
    return helper


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
    asyncio.run(Router([painted.route()])(scope, receive, send))
    return int(sent[0]["status"])


def test_what_stands_below_waits_for_each_new_picture(seen: Any) -> None:
    for picture in ("one", "two", "one"):
        helper = shows(picture)
        assert 0 < waited(picture) < painted.LONGEST_SECONDS / 2
        helper.join()
        assert waited(picture) < 0.05  # it is shown already
    # Another page lay between: the frame is a new one and shows nothing yet.
    seen.session_state[navigation.JUST_COME] = True
    helper = shows("one")
    assert waited("one") < painted.LONGEST_SECONDS / 2
    helper.join()


@pytest.mark.usefixtures("seen")
def test_what_another_picture_tells_is_not_taken_for_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(painted, "LONGEST_SECONDS", 0.1)
    painted.expect(FRAMES, "new")
    assert tell(f"{painted.url(FRAMES)}/old") == 204
    started = time.monotonic()
    painted.wait()
    assert 0.1 <= time.monotonic() - started < 1


@pytest.mark.usefixtures("seen")
def test_a_frame_that_nobody_sees_holds_the_page_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(painted, "LONGEST_SECONDS", 0.1)
    assert 0.1 <= waited("one") < 1


def test_without_a_browser_nothing_is_waited_for(seen: Any) -> None:
    seen.context.url = None
    assert waited("one") < 0.05
