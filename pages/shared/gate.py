"""What stands before every page, websocket and upload: known hosts, signed-in people, their rights.

Off for the one user of this machine as long as there are no accounts; with accounts everybody
signs in. Nothing behind it is reached otherwise, the upload endpoint included.
"""

import asyncio
import ipaddress
import logging
import os
import socket
import string
import time
from collections import OrderedDict
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data.access import accounts, audit
from data.access.accounts import LOCAL, Account
from data.errors import DataError
from data.store import data_folder
from data.words import Language, say

COOKIE = "zhixiao_session"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "testserver"})
_LOCAL_CLIENTS = frozenset({"127.0.0.1", "::1", "testclient"})
_LARGEST_FORM = 4096
_PAGE = string.Template((Path(__file__).parent / "sign_in.html").read_text(encoding="utf-8"))
# Failures within a quarter of an hour: of one name from one place, from one place, of one name.
WINDOW_SECONDS = 15 * 60
_MOST = {"both": 5, "place": 20, "name": 50}
_REMEMBERED = 10_000


class Hosts:
    """Refuses a foreign Host header: another page reached us by DNS rebinding.

    Those in ZHIXIAO_HOSTS (with commas) are known, as a proxy on this machine passes them on. Where
    it serves others itself (ZHIXIAO_HOST), so are addresses in figures, which cannot be rebound,
    and this machine's own name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] in ("http", "websocket") and not _known_host(HTTPConnection(scope)):
            response = PlainTextResponse(say("accounts.foreign_host", "zh"), status_code=400)
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _known_host(connection: HTTPConnection) -> bool:
    try:
        name = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    named = {part.strip().lower() for part in os.environ.get("ZHIXIAO_HOSTS", "").split(",")} - {""}
    if name in LOOPBACK | named:
        return True
    serves = os.environ.get("ZHIXIAO_HOST", "127.0.0.1")
    if serves in LOOPBACK:
        return False
    return _is_address(name) or name in {serves.lower(), socket.gethostname().lower()} - {""}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Throttle:
    """Counts failed attempts and says how long to wait."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], list[float]] = OrderedDict()

    def wait(self, name: str, place: str, now: float) -> float:
        """Return the seconds until the next attempt is heard; 0 when it is heard now."""
        return max(self._wait(key, now) for key in _keys(name, place))

    def _wait(self, key: tuple[str, ...], now: float) -> float:
        recent = [each for each in self._failures.get(key, ()) if each > now - WINDOW_SECONDS]
        most = _MOST[key[0]]
        return recent[-most] + WINDOW_SECONDS - now if len(recent) >= most else 0.0

    def failed(self, name: str, place: str, now: float) -> None:
        """Count one failure."""
        for key in _keys(name, place):
            recent = self._failures.setdefault(key, [])
            recent[:] = [*recent[-_MOST["name"] :], now]
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, name: str, place: str) -> None:
        """Forget the failures of a name from a place."""
        self._failures.pop(("both", name, place), None)


def _keys(name: str, place: str) -> list[tuple[str, ...]]:
    return [("both", name, place), ("place", place), ("name", name)]


class Gate:
    """Lets nobody unknown pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._throttle = Throttle()
        # argon2 takes memory: one guess after the other, however many come at once.
        self._checking = asyncio.Semaphore(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, ask to sign in, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        account = account_of(connection)
        if scope["type"] == "websocket":
            if account is None:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, receive, send)
            return
        response = await self._answer(Request(scope, receive), account)
        if response is None:
            await self.app(scope, receive, send)
        else:
            await response(scope, receive, send)

    async def _answer(self, request: Request, account: Account | None) -> Response | None:
        """Return what is answered instead of the program; None to let the request through."""
        path = request.url.path
        if path.endswith("/sign-in") and accounts.required(data_folder()):
            return await self._sign_in(request)
        if path.endswith("/sign-out") and account and account.name:
            if request.method == "POST":
                await _noted("signed_out", account.name)
            return _sign_out(request)
        if account is None:
            return _asked(request)
        if "/upload_file" in path and request.method != "GET" and not account.may("publish"):
            return PlainTextResponse(say("accounts.not_yours", _language(request)), 403)
        if "/geo/" in path and account.area:  # boundaries, villages and facilities of everybody
            return PlainTextResponse(say("accounts.not_your_area", _language(request)), 403)
        return None

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return _page(request, "", 200)
        # Our own referrer policy makes the Origin header "null"; browsers say it here as well.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _page(request, "ended", 403)
        form = await _form(request)
        name, place = form.get("name", "").strip(), request.client.host if request.client else ""
        now = time.monotonic()
        if wait := self._throttle.wait(name, place, now):
            again = {"onward": form.get("next", ""), "minutes": int(wait // 60) + 1}
            return _page(request, "slow_down", 429, **again)
        folder = data_folder()
        async with self._checking:
            account = await asyncio.to_thread(
                accounts.check, folder, name, form.get("password", "")
            )
        log = logging.getLogger(__name__)
        if account is None:
            self._throttle.failed(name, place, now)
            log.warning("sign-in refused: %r from %s", name[:40], place)
            # What is no account may be a password in the wrong field: it is written nowhere.
            known = name if any(each.name == name for each in accounts.held(folder)) else ""
            await _noted("sign_in_refused", known)
            return _page(request, "wrong", 401, onward=form.get("next", ""))
        self._throttle.succeeded(name, place)
        log.warning("signed in: %r from %s", name, place)
        if not await _noted("signed_in", name):
            return _page(request, "not_noted", 503)
        response = RedirectResponse(_onward(form.get("next", "")), 303)
        _set_cookie(response, request, accounts.token(folder, account), accounts.SESSION_SECONDS)
        return response


async def _noted(did: audit.Did, who: str) -> bool:
    """Write down who comes and goes; False where that cannot be, as on a full disk."""
    try:
        await asyncio.to_thread(audit.note, data_folder(), did, who=who)
    except DataError as error:
        logging.getLogger(__name__).error("audit log: %s", error)
        return False
    return True


def account_of(connection: HTTPConnection) -> Account | None:
    """Return who asks; None where that must first be shown, or where nobody may ask."""
    folder = data_folder()
    if accounts.required(folder):
        return accounts.of_token(folder, connection.cookies.get(COOKIE, ""))
    forwarded = {"forwarded", "x-forwarded-for"} & set(connection.headers)
    client = connection.client.host if connection.client else ""
    return LOCAL if client in _LOCAL_CLIENTS and not forwarded else None


def _asked(request: Request) -> Response:
    """Ask a person to sign in; tell a program that it may not."""
    if not accounts.required(data_folder()):
        return PlainTextResponse(say("accounts.outside", _language(request)), 403)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return _page(request, "", 401)
    return PlainTextResponse(say("accounts.ended", _language(request)), 401)


def _sign_out(request: Request) -> Response:
    if request.method != "POST":
        return _page(request, "", 200, leaving=True)
    response = _page(request, "left", 200)
    _set_cookie(response, request, "", 0)
    return response


def _set_cookie(response: Response, request: Request, token: str, seconds: int) -> None:
    response.set_cookie(
        COOKIE, token, max_age=seconds, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return {}
    read = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in read.items()}


def _onward(path: str) -> str:
    """Return where to go after signing in: only ever a place of this program."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and "sign-" not in path
    return path if plain and path.isprintable() else "/"


def _language(request: Request) -> Language:
    told = request.query_params.get("lang")
    return "en" if told == "en" else "zh"


def _page(
    request: Request, said: str, status: int, *, leaving: bool = False, **values: object
) -> Response:
    """Return the page on which a person signs in or out."""
    language = _language(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = _onward(str(values.pop("onward", here)))

    def word(key: str, **filled: object) -> str:
        return escape(say(f"accounts.{key}", language, **filled))

    fields = (
        ""
        if leaving
        else f'<label for="name">{word("name")}</label>'
        '<input id="name" name="name" autocomplete="username" required autofocus>'
        f'<label for="password">{word("word")}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password"'
        " required>"
    )
    filled = _PAGE.substitute(
        language="zh-CN" if language == "zh" else "en",
        other="zh" if language == "en" else "en",
        other_name="中文" if language == "en" else "English",
        product=escape(say("shell.product", language)),
        title=word("leave" if leaving else "title"),
        said=f'<p role="alert">{word(said, **values)}</p>' if said else "",
        fields=fields,
        action=f"/sign-{'out' if leaving else 'in'}?lang={language}",
        onward=escape(onward, quote=True),
        enter=word("leave" if leaving else "enter"),
        note="" if leaving else word("ask"),
    )
    return HTMLResponse(filled, status_code=status, headers={"cache-control": "no-store"})
