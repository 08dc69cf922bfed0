"""Accounts: passwords, roles, the last administrator, tokens that cannot be forged."""

import hashlib
import re
from pathlib import Path

import argon2
import pandas as pd
import pytest

from data import saved
from data.access import accounts
from data.access.accounts import LOCAL, RIGHTS, ROLES, SESSION_SECONDS
from data.errors import DataError
from data.store import Change, Store

WORD = "长长的密码一二三四五六"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)


def test_hashes_are_costly_where_it_counts() -> None:
    # RFC 9106, section 4: t=3, m=2^16 KiB, p=4 where the first choice's 2 GiB are too much.
    source = Path(accounts.__file__).read_text(encoding="utf-8")
    assert "_PASSES, _MEMORY_KB, _LANES = 3, 1 << 16, 4" in source


def test_the_hash_is_argon2id_with_its_parameters(tmp_path: Path) -> None:
    made = accounts.add(tmp_path, "李评", "administrator", WORD)
    assert re.match(r"\$argon2id\$v=19\$m=64,t=3,p=4\$", made.hash)
    assert made.salt == ""
    # A witness beside the library's own class: the low-level call finds the same tag.
    assert argon2.low_level.verify_secret(
        made.hash.encode(), WORD.encode(), argon2.low_level.Type.ID
    )


def old_account(folder: Path, name: str) -> None:
    """Write an account as it was kept before: a scrypt hash beside its salt, no area."""
    salt = "0f" * 16
    told = hashlib.scrypt(
        WORD.encode(), salt=bytes.fromhex(salt), n=1 << 15, r=8, p=1, maxmem=1 << 26
    )
    kept = {"name": name, "role": "administrator", "disabled": False, "salt": salt,
            "hash": told.hex(), "stamp": "s"}  # fmt: skip
    saved.write(folder / "accounts" / "accounts.json", {"accounts": [kept]})


def test_an_older_account_signs_in_and_is_hashed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_account(tmp_path, "旧管")
    before = accounts.held(tmp_path)[0]
    session = accounts.token(tmp_path, before)
    assert accounts.check(tmp_path, "旧管", WORD + "x") is None
    assert accounts.held(tmp_path)[0] == before
    assert accounts.check(tmp_path, "旧管", WORD) is not None
    anew = accounts.held(tmp_path)[0]
    assert anew.hash.startswith("$argon2id$")
    assert (anew.salt, anew.stamp) == ("", before.stamp)
    assert accounts.of_token(tmp_path, session) == anew  # nobody is thrown out by it
    assert accounts.check(tmp_path, "旧管", WORD) is not None
    assert accounts.held(tmp_path)[0] == anew
    # The same where the parameters rise one day.
    monkeypatch.setattr(accounts, "_PASSES", 4)
    assert accounts.check(tmp_path, "旧管", WORD) is not None
    assert "t=4" in accounts.held(tmp_path)[0].hash


def test_a_full_disk_stops_nobody_from_signing_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old_account(tmp_path, "旧管")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(saved, "write", full)
    assert accounts.check(tmp_path, "旧管", WORD) is not None
    assert "no space left" in caplog.text


@pytest.mark.parametrize("told", ["", "x", "$argon2id$v=19$m=64,t=3,p=4$broken", "$2b$12$abc"])
def test_a_damaged_hash_opens_nothing(tmp_path: Path, told: str) -> None:
    made = accounts.add(tmp_path, "李评", "administrator", WORD)
    kept = {"accounts": [vars(made) | {"hash": told}]}
    saved.write(tmp_path / "accounts" / "accounts.json", kept)
    for word in (WORD, ""):
        assert accounts.check(tmp_path, "李评", word) is None


def test_a_password_opens_its_account_and_nothing_else(tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    accounts.add(tmp_path, "王看", "viewer", WORD + "x")
    opened = accounts.check(tmp_path, "李评", WORD)
    assert opened is not None
    assert (opened.name, opened.role) == ("李评", "administrator")
    for name, word in (("李评", WORD + "x"), ("王看", WORD), ("无人", WORD), ("", "")):
        assert accounts.check(tmp_path, name, word) is None
    kept = (tmp_path / "accounts" / "accounts.json").read_text(encoding="utf-8")
    assert WORD not in kept
    hashes = [each.hash for each in accounts.held(tmp_path)]
    assert len(set(hashes)) == 2


@pytest.mark.parametrize(
    ("name", "role", "word", "code"),
    [
        ("李评", "viewer", WORD, "account_exists"),
        ("a b", "viewer", WORD, "account_name"),
        ("../x", "viewer", WORD, "account_name"),
        ("x" * 41, "viewer", WORD, "account_name"),
        ("王看", "king", WORD, "unknown_role"),
        ("王看", "viewer", "short", "password_short"),
    ],
)
def test_what_is_no_account_is_refused(
    tmp_path: Path, name: str, role: str, word: str, code: str
) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    before = accounts.held(tmp_path)
    with pytest.raises(DataError) as refusal:
        accounts.add(tmp_path, name, role, word)
    assert refusal.value.code == code
    assert accounts.held(tmp_path) == before


def test_there_is_always_an_administrator(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        accounts.add(tmp_path, "王看", "viewer", WORD)
    assert refusal.value.code == "first_administrator"
    assert not accounts.required(tmp_path)
    accounts.add(tmp_path, "李评", "administrator", WORD)
    for act in (
        lambda: accounts.set_disabled(tmp_path, "李评", disabled=True),
        lambda: accounts.set_role(tmp_path, "李评", "viewer"),
    ):
        with pytest.raises(DataError) as refusal:
            act()
        assert refusal.value.code == "last_administrator"
    accounts.add(tmp_path, "张管", "administrator", WORD)
    accounts.set_disabled(tmp_path, "李评", disabled=True)
    assert accounts.check(tmp_path, "李评", WORD) is None
    with pytest.raises(DataError) as refusal:
        accounts.set_role(tmp_path, "无人", "viewer")
    assert refusal.value.code == "unknown_account"


def test_a_token_is_of_one_installation_one_time_and_one_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        accounts.add(folder, "李评", "administrator", WORD)
    admin = accounts.held(here)[0]
    token = accounts.token(here, admin, now=1000.0)
    assert accounts.of_token(here, token, now=1000.0 + SESSION_SECONDS - 1) == admin
    assert accounts.of_token(here, token, now=1000.0 + SESSION_SECONDS + 1) is None
    assert accounts.of_token(there, token, now=1000.0) is None
    told, signature = token.split(".")
    for forged in (
        "", ".", "x.y", told, f"{told}.", f"{told}x.{signature}", f"{told}.{signature[:-2]}",
        f"{told[:-4]}AAAA.{signature}", token + ".", "\u4e00.\u4e00", "%%%.%%%",
    ):  # fmt: skip
        assert accounts.of_token(here, forged, now=1000.0) is None, forged
    accounts.set_password(here, "李评", WORD + "2")
    assert accounts.of_token(here, token, now=1000.0) is None
    monkeypatch.setenv("ZHIXIAO_AUTH", "required")
    assert accounts.required(tmp_path / "empty")


def test_an_area_is_a_code_and_goes_with_viewers_alone(tmp_path: Path) -> None:
    accounts.add(tmp_path, "李评", "administrator", WORD)
    made = accounts.add(tmp_path, "镇五", "viewer", WORD, "990121105")
    session = accounts.token(tmp_path, made)
    for act, code in (
        (lambda: accounts.add(tmp_path, "x", "viewer", WORD, "云溪镇"), "account_area"),
        (lambda: accounts.add(tmp_path, "x", "viewer", WORD, "99012110"), "account_area"),
        (lambda: accounts.add(tmp_path, "x", "evaluator", WORD, "990121105"), "area_role"),
        (lambda: accounts.set_role(tmp_path, "镇五", "presenter"), "area_role"),
        (lambda: accounts.set_area(tmp_path, "李评", "990121"), "area_role"),
        (lambda: accounts.set_area(tmp_path, "无人", "990121"), "unknown_account"),
    ):
        with pytest.raises(DataError) as refusal:
            act()
        assert refusal.value.code == code
    assert accounts.of_token(tmp_path, session) == made
    assert accounts.set_area(tmp_path, "镇五", "").area == ""
    assert accounts.of_token(tmp_path, session) is None  # it signs in anew
    assert accounts.set_area(tmp_path, "镇五", "990121").told == "镇五 (viewer, 990121)"


# trust.md 2: what is not named is denied.
ALLOWED = {
    ("evaluator", "contest"), ("administrator", "contest"),
    ("viewer", "read"), ("presenter", "read"), ("presenter", "present"), ("auditor", "read"),
    ("auditor", "audit"), ("administrator", "audit"),
    ("evaluator", "read"), ("evaluator", "present"), ("evaluator", "publish"),
    ("administrator", "present"),
    ("administrator", "read"), ("administrator", "publish"), ("administrator", "administer"),
}  # fmt: skip


def test_every_role_and_action(tmp_path: Path) -> None:
    accounts.add(tmp_path, "admin", "administrator", WORD)
    for role in ROLES:
        made = accounts.add(tmp_path, f"a-{role}", role, WORD)
        for action in ("read", "present", "contest", "publish", "audit", "administer"):
            assert made.may(action) == ((role, action) in ALLOWED)  # type: ignore[arg-type]
    assert set(RIGHTS) == set(ROLES)


def test_the_store_publishes_in_the_name_of_its_account_or_not_at_all(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["minimum_base"], "value": ["20"]})
    accounts.add(tmp_path, "李评", "administrator", WORD)
    evaluator = accounts.add(tmp_path, "赵评", "evaluator", WORD)
    viewer = accounts.add(tmp_path, "王看", "viewer", WORD)
    with Store.open(tmp_path) as store:
        looking = store.acting(viewer)
        before = store.version
        for act in (
            lambda: looking.publish([Change("settings", frame)], author="李评", message="m"),
            lambda: looking.restore(before, author="李评", message="m"),
        ):
            with pytest.raises(DataError) as refusal:
                act()
            assert refusal.value.code in ("not_allowed", "unknown_version")
        assert looking.version == store.version == before
        mine = store.acting(evaluator)
        number = mine.publish([Change("settings", frame)], author="李评", message="m")
        assert (mine.version, store.version) == (number, number)
        assert looking.settings()["minimum_base"] == "20"
        with pytest.raises(DataError) as refusal:
            looking.restore(number, author="李评", message="m")
        assert refusal.value.code == "not_allowed"
        store.acting(LOCAL).publish([Change("settings", frame)], author="我", message="m")
        assert [version.author for version in store.history()] == ["我", "赵评"]
