"""The addresses beside Streamlit's own."""

import asyncio
import socket
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from urllib.parse import urljoin

import pytest
import uvicorn
from starlette.routing import Router
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.server import ServerState

from pages.shared import navigation, server


def get(path: str, query: str = "") -> tuple[int, str]:
    """Return the status of an answer and where it leads."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
        "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Router(server.routes())(scope, receive, send))
    headers = dict(sent[0]["headers"])
    return sent[0]["status"], headers.get(b"location", b"").decode()


@pytest.mark.parametrize("base", ["", "/governance/county"])
def test_the_first_page_answers_by_its_name_too_and_keeps_the_choices(base: str) -> None:
    path = f"{base}/{navigation.names()[0]}"
    status, leads = get(path, "town=990121102&lang=en")
    assert status == 307
    assert urljoin(path, leads) == f"{base}/?town=990121102&lang=en"
    assert urljoin(path, get(path)[1]) == f"{base}/"


def test_no_other_page_is_led_away() -> None:
    assert get(f"/{navigation.names()[1]}")[0] == 404


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("/component/streamlit_folium.st_folium/static/js/main.521860b0.js", 200, True),
        ("/below/component/streamlit_folium.st_folium/static/css/main.521860b0.css", 200, True),
        # Without the hash of its content the same name may come to stand for another one.
        ("/component/streamlit_folium.st_folium/index.html", 200, False),
        ("/component/streamlit_folium.st_folium/static/js/main.js", 200, False),
        ("/component/streamlit_folium.st_folium/static/js/main.521860b0.js", 401, False),
        ("/geo/own/3/all/units.geojson", 200, False),
    ],
)
def test_the_browser_keeps_what_bears_the_hash_of_its_content(
    path: str, status: int, kept: bool
) -> None:
    sent: list[Any] = []
    told = [(b"cache-control", b"public"), (b"content-type", b"text/plain")]

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": told})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {}

    asyncio.run(server.Lasting(app)({"type": "http", "path": path}, receive, send))
    headers = dict(sent[0]["headers"])
    assert (b"immutable" in headers[b"cache-control"]) == kept
    assert headers[b"content-type"] == b"text/plain"
    assert len(sent[0]["headers"]) == 2


def test_files_leave_at_once_and_the_messages_of_a_page_together() -> None:
    server.send_at_once()
    server.send_at_once()  # as a start by `streamlit run` does
    config = uvicorn.Config("", interface="asgi3", log_level="critical")
    config.loaded, config.loaded_app, config.ws_protocol_class = True, Mock(), Mock()
    made = AutoHTTPProtocol(config, ServerState(), {}, _loop=Mock())
    with socket.socket() as opened:  # names no protocol, as Streamlit's does
        transport = Mock(get_extra_info={"socket": opened}.get)
        made.connection_made(transport)
        at_once = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        made.headers = []
        made.handle_websocket_upgrade(SimpleNamespace(method=b"GET", target=b"/stream"))
        together = not opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert at_once
    assert together
    transport.set_protocol.assert_called_once_with(config.ws_protocol_class.return_value)
