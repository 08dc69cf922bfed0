"""What stands before the pages: hosts, content policy, sign-in, and the map's geometry."""

import asyncio
import logging
import re
import socket
from functools import wraps

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from pages.shared import navigation
from pages.shared.coverage import geometry, painted
from pages.shared.gate import Gate, Hosts
from pages.shared.overview.ahead import Ahead
from pages.shared.screen import t

# Streamlit, Plotly and the map frame need inline and evaluated scripts of our own origin; nothing
# may be loaded from, or sent to, any other.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)


# Files of a component whose name holds the hash of what they are: another content, another name.
_LASTING = re.compile(r"/component/[\w.]+/static/.*\.[0-9a-f]{8}\.(js|css)\Z")


class Lasting:
    """Lets the browser keep a component's files, as Streamlit lets it keep its own.

    The map's frame begins with a program of 0.2 MB, which it would else fetch and compile anew
    each time it is opened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and say how long an answer holds."""

        async def lasting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                held = [each for each in message["headers"] if each[0] != b"cache-control"]
                message["headers"] = [
                    *held, (b"cache-control", b"private, immutable, max-age=31536000"),
                ]  # fmt: skip
            await send(message)

        named = scope["type"] == "http" and _LASTING.search(scope["path"])
        await self.app(scope, receive, lasting if named else send)


class ContentPolicy:
    """Adds the content policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the header to what comes back."""

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"content-security-policy", POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self.app(scope, receive, with_policy)


def send_at_once() -> None:
    """Let every file leave at once, however short it is.

    Streamlit's socket does not name TCP, by which asyncio knows where to switch Nagle's delay off:
    the body of a short answer then waits until its headers are acknowledged, 40 ms for each of the
    150 files of a first visit (Windows may take 200). The channel of the page itself keeps the
    delay: its many small messages arrive together, and the browser draws them in one go.
    """
    connected = AutoHTTPProtocol.connection_made
    upgraded = AutoHTTPProtocol.handle_websocket_upgrade

    @wraps(connected)
    def at_once(self: AutoHTTPProtocol, transport: asyncio.Transport) -> None:
        _delay(transport, False)
        connected(self, transport)

    @wraps(upgraded)
    def together(self: AutoHTTPProtocol, *asked: object) -> None:
        _delay(self.transport, True)
        upgraded(self, *asked)

    if not hasattr(connected, "__wrapped__"):  # a start by `streamlit run` reads app.py twice
        AutoHTTPProtocol.connection_made = at_once
        AutoHTTPProtocol.handle_websocket_upgrade = together


def _delay(transport: asyncio.Transport, wanted: bool) -> None:
    opened = transport.get_extra_info("socket")
    if opened is not None and opened.family in (socket.AF_INET, socket.AF_INET6):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(not wanted))


def unexpected(error: Exception) -> bool:
    """Log a bug in full and tell the person about it in their language."""
    logging.getLogger(__name__).exception("unexpected error", exc_info=error)
    st.error(t("shell.unexpected"))
    return True


def middleware() -> list[Middleware]:
    """Return what every request passes through, outermost first."""
    passed = (Hosts, ContentPolicy, Gate, Lasting, Ahead)
    return [Middleware(each) for each in passed]


async def first_page(request: Request) -> RedirectResponse:
    """Lead to the bare address, where alone Streamlit answers for the first page."""
    asked = request.url.query
    return RedirectResponse(f"./?{asked}" if asked else "./")


def routes() -> list[BaseRoute]:
    """Return the routes beside Streamlit's own; it may be served below a path of its own."""
    first = navigation.names()[0]
    below = [Route(f"{base}/{first}", first_page) for base in ("", "/{base:path}")]
    return [geometry.route(), painted.route(), *below]
