"""The gate: nobody unknown reaches a page, the websocket or an upload; foreign hosts never do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from data.access import accounts, audit
from data.errors import DataError
from data.words import say
from pages.shared import account
from pages.shared.gate import COOKIE, WINDOW_SECONDS, Gate, Hosts, Throttle
from tests.pages.county import fill, said, visit

WORD = "长长的密码一二三四五六"


@dataclass
class Answer:
    """What came back: status (of a websocket: 403 when closed), headers, body."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def cookie(self) -> str:
        """The session's cookie that was set."""
        return self.headers["set-cookie"].split(";")[0].removeprefix(f"{COOKIE}=")


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what sends one request through the gate; behind it, 200 is answered."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    monkeypatch.delenv("ZHIXIAO_HOST", raising=False)
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)

    async def program(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"behind"})

    gate = Hosts(Gate(program))

    def send(
        path: str, method: str = "GET", *, cookie: str = "", form: dict[str, str] | None = None,
        client: str = "127.0.0.1", kind: str = "http", **headers: str,
    ) -> Answer:  # fmt: skip
        told = {"host": "127.0.0.1:8501", "accept": "text/html", **headers}
        told["cookie"] = f"{COOKIE}={cookie}"
        bare, _, query = path.partition("?")
        heads = [(n.replace("_", "-").encode(), v.encode()) for n, v in told.items()]
        scope = {
            "type": kind, "method": method, "path": bare, "query_string": query.encode(),
            "headers": heads, "scheme": "http",
            "client": (client, 1), "server": ("127.0.0.1", 8501), "root_path": "",
        }  # fmt: skip
        body = urlencode(form or {}).encode()
        back: list[Any] = []

        async def receive() -> Any:
            if kind == "websocket":
                return {"type": "websocket.connect"}
            return {"type": "http.request", "body": body, "more_body": False}

        async def collect(message: Any) -> None:
            back.append(message)

        asyncio.run(gate(scope, receive, collect))
        if kind == "websocket":
            return Answer(101 if back[0]["type"] == "websocket.accept" else 403, {}, "")
        told = {name.decode(): value.decode() for name, value in back[0].get("headers", [])}
        text = b"".join(part.get("body", b"") for part in back[1:]).decode()
        return Answer(back[0]["status"], told, text)

    return send


PLACES = ("/", "/overview?year=2025", "/_stcore/health", "/app/static/leaflet/leaflet.js", "/map")
UPLOAD = "/_stcore/upload_file/session/file"


def sign_in(ask: Ask, name: str, word: str = WORD, **options: Any) -> Answer:
    form = {"name": name, "password": word, "next": options.pop("onward", "/coverage?year=2025")}
    return ask("/sign-in", "POST", form=form, **options)


def test_the_one_user_of_this_machine_needs_no_sign_in(ask: Ask) -> None:
    assert [ask(place).status for place in PLACES] == [200] * len(PLACES)
    assert ask(UPLOAD, "PUT").status == 200
    assert ask("/_stcore/stream", kind="websocket").status == 101
    # Nobody else, not even through a proxy on this machine.
    assert ask("/", client="192.0.2.7").status == 403
    assert ask("/", x_forwarded_for="192.0.2.7").status == 403
    assert ask("/_stcore/stream", kind="websocket", client="192.0.2.7").status == 403


def test_with_accounts_nobody_unknown_passes(ask: Ask, tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    good = sign_in(ask, "李评").cookie
    told, signature = good.split(".")
    expired = accounts.token(tmp_path, accounts.held(tmp_path)[0], now=0.0)
    for cookie in ("", "x.y", f"{told}.{signature[::-1]}", expired):
        assert {ask(place, cookie=cookie).status for place in PLACES} == {401}
        assert ask(UPLOAD, "PUT", cookie=cookie).status == 401
        assert ask("/_stcore/stream", kind="websocket", cookie=cookie).status == 403
    page = ask("/overview?year=2025")
    assert "登录" in page.body
    assert 'value="/overview?year=2025"' in page.body
    assert "behind" not in page.body
    assert {ask(place, cookie=good).status for place in PLACES} == {200}
    assert ask("/_stcore/stream", kind="websocket", cookie=good).status == 101


def test_signing_in_and_out(ask: Ask, tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    entered = sign_in(ask, "李评")
    assert (entered.status, entered.headers["location"]) == (303, "/coverage?year=2025")
    assert {"HttpOnly", "SameSite=lax"} <= set(entered.headers["set-cookie"].split("; "))
    for onward in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", ""):
        assert sign_in(ask, "李评", onward=onward).headers["location"] == "/"
    assert sign_in(ask, "李评", sec_fetch_site="cross-site").status == 403
    left = ask("/sign-out", "POST", cookie=entered.cookie)
    assert "Max-Age=0" in left.headers["set-cookie"]
    accounts.add(tmp_path, "张管", "administrator", WORD)
    accounts.set_disabled(tmp_path, "李评", disabled=True)
    assert ask("/", cookie=entered.cookie).status == 401
    assert sign_in(ask, "李评").status == 401
    hostile = ask('/"><script>x</script>?a="><script>')
    assert "<script>" not in hostile.body


def test_too_many_attempts_have_to_wait(ask: Ask, tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    codes = [sign_in(ask, "李评", "wrong").status for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert sign_in(ask, "李评").status == 429
    assert sign_in(ask, "李评", client="192.0.2.9").status == 303


def test_a_throttle_counts_by_name_and_place_and_forgets() -> None:
    throttle = Throttle()
    for n in range(20):
        throttle.failed(f"name {n}", "one place", float(n))
    assert throttle.wait("another", "one place", 20.0) == pytest.approx(WINDOW_SECONDS - 20)
    assert throttle.wait("another", "elsewhere", 20.0) == 0
    assert throttle.wait("another", "one place", WINDOW_SECONDS + 1.0) == 0
    for n in range(50):
        throttle.failed("李评", f"place {n}", 5000.0)
    assert throttle.wait("李评", "a new place", 5000.0) > 0


def test_an_upload_needs_the_right_to_publish(ask: Ask, tmp_path: Path) -> None:
    accounts.add(tmp_path, "admin", "administrator", WORD)
    codes = {}
    for role in accounts.ROLES:
        accounts.add(tmp_path, f"a-{role}", role, WORD)
        cookie = sign_in(ask, f"a-{role}").cookie
        codes[role] = ask(UPLOAD, "PUT", cookie=cookie).status
    assert codes == {
        "viewer": 403, "presenter": 403, "auditor": 403, "evaluator": 200, "administrator": 200,
    }  # fmt: skip


def test_who_comes_and_goes_is_noted_without_what_may_be_a_password(
    ask: Ask, tmp_path: Path
) -> None:
    accounts.add(tmp_path, "admin", "administrator", WORD)
    ask("/sign-in", "POST", form={"name": "admin", "password": "wrong"})
    ask("/sign-in", "POST", form={"name": WORD, "password": "admin"})
    ask("/sign-out", "POST", cookie=sign_in(ask, "admin").cookie)
    assert [(each.did, each.who) for each in audit.read(tmp_path).events] == [
        ("sign_in_refused", "admin"), ("sign_in_refused", ""), ("signed_in", "admin"),
        ("signed_out", "admin"),
    ]  # fmt: skip


def test_nobody_comes_in_where_it_cannot_be_written_down(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DataError("disk_is_full", folder=tmp_path, free=0)

    accounts.add(tmp_path, "admin", "administrator", WORD)
    cookie = sign_in(ask, "admin").cookie
    monkeypatch.setattr(audit, "note", refuse)
    answer = ask("/sign-in", "POST", form={"name": "admin", "password": WORD})
    assert answer.status == 503
    assert "set-cookie" not in answer.headers
    assert say("accounts.not_noted", "zh") in answer.body
    # Whoever leaves leaves, and a wrong password stays one.
    assert ask("/sign-out", "POST", cookie=cookie).status == 200
    wrong = ask("/sign-in", "POST", form={"name": "admin", "password": "wrong"})
    assert wrong.status == 401


def test_foreign_hosts_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("evil.example", "evil.example:8501", "192.0.2.7", "", "[x", "127.0.0.1.evil.org"):
        assert ask("/", host=host).status == 400
        assert ask("/_stcore/stream", kind="websocket", host=host).status == 403
    for host in ("localhost:8501", "[::1]:8501"):
        assert ask("/", host=host).status == 200
    # A proxy on this machine passes on the name by which it was called.
    monkeypatch.setenv("ZHIXIAO_HOSTS", "other.example, Zhixiao.county.example")
    assert ask("/", host="zhixiao.county.example").status == 200
    for host in ("evil.example", "192.0.2.7", ""):
        assert ask("/", host=host).status == 400
    monkeypatch.setenv("ZHIXIAO_HOST", "0.0.0.0")
    assert ask("/", host="192.0.2.7:8501").status == 200  # figures cannot be rebound
    assert ask("/", host="zhixiao.county.example").status == 200
    assert ask("/", host="evil.example").status == 400


def test_a_limited_account_gets_no_map_data_and_uploads_nothing(ask: Ask, tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    accounts.add(tmp_path, "镇五", "viewer", WORD, "990121105")
    accounts.add(tmp_path, "王看", "viewer", WORD)
    own, other = (sign_in(ask, name).cookie for name in ("镇五", "王看"))
    for path in ("/geo/own/3/all/units.geojson", "/base/geo/own/3/990121/2025.points.json"):
        assert ask(path, cookie=own).status == 403
        assert ask(path, cookie=other).status == 200
    assert ask(UPLOAD, "PUT", cookie=own).status == 403
    assert ask("/", cookie=own).status == 200


def test_a_viewer_is_refused_on_the_data_page_and_nowhere_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)
    accounts.add(folder, "李评", "administrator", WORD)
    viewer = accounts.add(folder, "王看", "viewer", WORD)
    nobody = visit("overview", lang="zh")
    assert "登录已失效" in said(nobody)
    assert not nobody.get("metric")
    monkeypatch.setattr(account, "current", lambda: viewer)
    data = visit("upload", lang="zh")
    assert "您的账号只能查看" in said(data)
    assert not data.get("tab")
    looked = visit("overview", lang="zh")
    assert not looked.error
    assert "王看（查看）" in [text.value for text in looked.get("text")]


def test_who_publishes_is_the_one_signed_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder)
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)
    accounts.add(folder, "李评", "administrator", WORD)
    evaluator = accounts.add(folder, "赵评", "evaluator", WORD)
    monkeypatch.setattr(account, "current", lambda: evaluator)
    page = visit("upload", lang="zh")
    assert not page.error
    given = [field for field in page.text_input if field.key == "signed-settings-author"]
    assert [(field.value, field.disabled) for field in given] == [("赵评", True)]
