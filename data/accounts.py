"""Local accounts: who may sign in, as what; and the signed tokens by which a browser is known.

They lie in `accounts/` inside the data folder (never in a backup): `accounts.json`, and `key`, the
secret of the signatures. Passwords are kept only as scrypt hashes (RFC 7914), each with a salt.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from data import saved
from data.errors import DataError

Role = Literal["viewer", "presenter", "evaluator", "administrator", "auditor"]
Action = Literal["read", "present", "publish", "audit", "administer"]
ROLES: tuple[Role, ...] = get_args(Role)
# What each role may do; what is not named here is denied.
RIGHTS: Mapping[Role, frozenset[Action]] = {
    "viewer": frozenset({"read"}),
    "presenter": frozenset({"read", "present"}),
    "auditor": frozenset({"read", "audit"}),
    "evaluator": frozenset({"read", "present", "publish"}),
    "administrator": frozenset({"read", "present", "publish", "audit", "administer"}),
}
FOLDER = "accounts"
SHORTEST_PASSWORD = 10
SESSION_SECONDS = 12 * 3600
# 32 MB and about 0.1 s a guess.
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
_MEMORY = 1 << 26
_NAME = re.compile(r"[\w.\-]{1,40}")
_writing = threading.Lock()


@dataclass(frozen=True)
class Account:
    """One account. stamp: changes with password, role and state, and ends the sessions before."""

    name: str
    role: Role
    disabled: bool
    salt: str
    hash: str
    stamp: str

    def may(self, action: Action) -> bool:
        """Say whether the account's role has the right to an action."""
        return action in RIGHTS[self.role]


# The one user of a program that only this machine can reach and that has no accounts.
LOCAL = Account("", "administrator", disabled=False, salt="", hash="", stamp="")


def held(folder: Path) -> list[Account]:
    """Return the accounts of a data folder by name. Raises DataError `saved_unreadable`."""
    file = folder / FOLDER / "accounts.json"
    try:
        found = file.stat()
    except FileNotFoundError:
        return []
    return list(_read(file, found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=4)
def _read(file: Path, *_: int) -> tuple[Account, ...]:
    """Read the accounts; the numbers (time, size, place) tell states of the file apart."""
    return tuple(Account(**each) for each in saved.read(file)["accounts"])


def required(folder: Path) -> bool:
    """Say whether somebody has to sign in: there are accounts, or ZHIXIAO_AUTH=required."""
    return os.environ.get("ZHIXIAO_AUTH") == "required" or bool(held(folder))


def has_administrator(folder: Path) -> bool:
    """Say whether there is somebody who can administer."""
    return _administers(held(folder))


def _administers(accounts: list[Account]) -> bool:
    return any(each.may("administer") and not each.disabled for each in accounts)


def add(folder: Path, name: str, role: str, password: str) -> Account:
    """Make an account; the first one must be an administrator.

    Raises DataError `account_name`, `account_exists`, `unknown_role`, `password_short`,
    `first_administrator`.
    """
    if not _NAME.fullmatch(name):
        raise DataError("account_name", name=name)
    if any(each.name == name for each in held(folder)):
        raise DataError("account_exists", name=name)
    blank = Account(name, _role(role), disabled=False, salt="", hash="", stamp="")
    return _keep(folder, _with_password(blank, password))


def set_role(folder: Path, name: str, role: str) -> Account:
    """Give an account another role. Raises DataError `unknown_account`, `last_administrator`."""
    return _keep(folder, replace(_named(folder, name), role=_role(role)))


def set_disabled(folder: Path, name: str, *, disabled: bool) -> Account:
    """Close an account or open it again; its sessions end. Raises as `set_role`."""
    return _keep(folder, replace(_named(folder, name), disabled=disabled))


def set_password(folder: Path, name: str, password: str) -> Account:
    """Give an account a new password. Raises DataError `unknown_account`, `password_short`."""
    return _keep(folder, _with_password(_named(folder, name), password))


def _role(role: str) -> Role:
    for known in ROLES:
        if known == role:
            return known
    raise DataError("unknown_role", role=role, roles=", ".join(ROLES))


def _named(folder: Path, name: str) -> Account:
    for each in held(folder):
        if each.name == name:
            return each
    raise DataError("unknown_account", name=name)


def _with_password(account: Account, password: str) -> Account:
    if len(password) < SHORTEST_PASSWORD:
        raise DataError("password_short", shortest=SHORTEST_PASSWORD)
    salt = secrets.token_hex(16)
    return replace(account, salt=salt, hash=_hashed(password, salt))


def _keep(folder: Path, account: Account) -> Account:
    changed = replace(account, stamp=secrets.token_hex(8))
    with _writing:
        before = held(folder)
        accounts = [*(each for each in before if each.name != changed.name), changed]
        if not _administers(accounts):
            raise DataError("last_administrator" if before else "first_administrator")
        accounts.sort(key=lambda each: each.name)
        file = folder / FOLDER / "accounts.json"
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        saved.write(file, {"accounts": [asdict(each) for each in accounts]})
        if os.name == "posix":
            file.chmod(0o600)
    return changed


def _hashed(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY
    ).hex()


def check(folder: Path, name: str, password: str) -> Account | None:
    """Return the account that a name and a password open, else None.

    An unknown name costs as much time as a wrong password, so that names cannot be found out.
    """
    known = next((each for each in held(folder) if each.name == name), None)
    told = _hashed(password, known.salt if known else "00" * 16)
    if known is None or known.disabled:
        return None
    return known if hmac.compare_digest(told, known.hash) else None


def token(folder: Path, account: Account, now: float | None = None) -> str:
    """Return the signed token of a new session."""
    until = int((time.time() if now is None else now) + SESSION_SECONDS)
    told = json.dumps({"name": account.name, "stamp": account.stamp, "until": until}).encode()
    return f"{_packed(told)}.{_packed(_signature(folder, told))}"


def of_token(folder: Path, text: str, now: float | None = None) -> Account | None:
    """Return the account of a token; None where it is forged, expired or of an earlier state."""
    try:
        told, signature = (urlsafe_b64decode(part + "==") for part in text.split("."))
        if not hmac.compare_digest(signature, _signature(folder, told)):
            return None
        said = json.loads(told)
    except (ValueError, BinasciiError):
        return None
    if said["until"] < (time.time() if now is None else now):
        return None
    account = next((each for each in held(folder) if each.name == said["name"]), None)
    if account is None or account.disabled or account.stamp != said["stamp"]:
        return None
    return account


def _packed(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _signature(folder: Path, told: bytes) -> bytes:
    return sign(folder, "session", told)


def sign(folder: Path, purpose: str, told: bytes) -> bytes:
    """Return the HMAC-SHA256 of something told, with the secret of this installation.

    purpose: what is signed for one thing is worth nothing for another.
    """
    said = f"zhixiao {purpose}\0".encode() + told
    return hmac.digest(_key(folder / FOLDER / "key"), said, "sha256")


def _key(file: Path) -> bytes:
    """Return the secret of this installation; made once, in one step, readable by its owner."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = file.with_name(f"key.{secrets.token_hex(4)}.half")
        half.touch(mode=0o600)
        half.write_bytes(secrets.token_bytes(32))
        try:
            os.link(half, file)
        except FileExistsError:  # another process was sooner
            pass
        finally:
            half.unlink()
    return file.read_bytes()
