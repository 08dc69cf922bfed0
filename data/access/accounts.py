"""Local accounts: who may sign in, as what; and the signed tokens by which a browser is known.

They lie in `accounts/` inside the data folder (never in a backup): `accounts.json`, and `key`, the
secret of the signatures. Passwords are kept only as argon2id hashes (RFC 9106), each with its own
salt and parameters written into it.
"""

import hashlib
import hmac
import json
import logging
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

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from data import saved
from data.errors import DataError
from data.words import both

Role = Literal["viewer", "presenter", "evaluator", "administrator", "auditor"]
Action = Literal["read", "present", "contest", "publish", "audit", "administer"]
ROLES: tuple[Role, ...] = get_args(Role)
# What each role may do; what is not named here is denied.
RIGHTS: Mapping[Role, frozenset[Action]] = {
    "viewer": frozenset({"read"}),
    "presenter": frozenset({"read", "present"}),
    "auditor": frozenset({"read", "audit"}),
    "evaluator": frozenset({"read", "present", "contest", "publish"}),
    "administrator": frozenset({"read", "present", "contest", "publish", "audit", "administer"}),
}
# What an account limited to an area may do, whatever its role: look, and contest its own values.
OF_AREA: frozenset[Action] = frozenset({"read", "contest"})
AREA_ROLE: Role = "viewer"
FOLDER = "accounts"
SHORTEST_PASSWORD = 10
SESSION_SECONDS = 12 * 3600
# RFC 9106, section 4, second recommended option: argon2id, 3 passes over 64 MB, 4 lanes, 128-bit
# salt, 256-bit tag; about 0.1 s a guess, and above what OWASP asks for at least (2 over 19 MB).
_PASSES, _MEMORY_KB, _LANES = 3, 1 << 16, 4
# What accounts were hashed with before: scrypt (RFC 7914), in hexadecimal beside its salt.
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26}
_AREA = re.compile(r"[0-9]{6}(?:[0-9]{3})?")
_NAME = re.compile(r"[\w.\-]{1,40}")
_writing = threading.Lock()


@dataclass(frozen=True)
class Account:
    """One account.

    hash: as argon2 writes it, with salt and parameters. salt: only beside the scrypt hash of an
    account that has not signed in since. stamp: changes with password, role and state, and ends the
    sessions before. area: the code of the one county or township that it sees, '' for all.
    """

    name: str
    role: Role
    disabled: bool
    salt: str
    hash: str
    stamp: str
    area: str = ""

    @property
    def told(self) -> str:
        """Who this is, for the audit log: name, role, area."""
        limits = ", ".join(part for part in (self.role, self.area) if part)
        return f"{self.name} ({limits})"

    def may(self, action: Action) -> bool:
        """Say whether the account has the right to an action: by its role, within its area."""
        return action in (OF_AREA if self.area else RIGHTS[self.role])


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


def add(folder: Path, name: str, role: str, password: str, area: str = "") -> Account:
    """Make an account; the first one must be an administrator.

    Raises DataError `account_name`, `account_exists`, `unknown_role`, `password_short`,
    `first_administrator`, and those of `set_area`.
    """
    if not _NAME.fullmatch(name):
        raise DataError("account_name", name=name)
    if any(each.name == name for each in held(folder)):
        raise DataError("account_exists", name=name)
    blank = Account(name, _role(role), disabled=False, salt="", hash="", stamp="", area=area)
    return _keep(folder, _with_password(_limited(blank), password))


def set_role(folder: Path, name: str, role: str) -> Account:
    """Give an account another role.

    Raises DataError `unknown_account`, `unknown_role`, `last_administrator`, `area_role`.
    """
    return _keep(folder, _limited(replace(_named(folder, name), role=_role(role))))


def set_area(folder: Path, name: str, area: str) -> Account:
    """Limit an account to one county (6 digits) or township (9 digits); '' lifts the limit.

    Raises DataError `unknown_account`, `account_area` (no such code), `area_role` (whoever
    publishes, presents, audits or administers works with the whole store).
    """
    return _keep(folder, _limited(replace(_named(folder, name), area=area)))


def _limited(account: Account) -> Account:
    """Return an account whose area and role go together."""
    if account.area and not _AREA.fullmatch(account.area):
        raise DataError("account_area", area=account.area)
    if account.area and account.role != AREA_ROLE:
        raise DataError("area_role", name=account.name, role=both(f"accounts.role.{account.role}"))
    return account


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
    return replace(account, salt="", hash=_hasher().hash(password))


def _keep(folder: Path, account: Account) -> Account:
    changed = replace(account, stamp=secrets.token_hex(8))
    with _writing:
        before = held(folder)
        accounts = [*(each for each in before if each.name != changed.name), changed]
        if not _administers(accounts):
            raise DataError("last_administrator" if before else "first_administrator")
        _write(folder, accounts)
    return changed


def _write(folder: Path, accounts: list[Account]) -> None:
    file = folder / FOLDER / "accounts.json"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts.sort(key=lambda each: each.name)
    saved.write(file, {"accounts": [asdict(each) for each in accounts]})
    if os.name == "posix":
        file.chmod(0o600)


def _hasher() -> PasswordHasher:
    return PasswordHasher(_PASSES, _MEMORY_KB, _LANES, hash_len=32, salt_len=16)


@lru_cache(maxsize=4)
def _of_nobody(*_: int) -> str:
    """Return a hash that opens nothing, as costly to try as those of today's accounts."""
    return _hasher().hash(secrets.token_hex(16))


def check(folder: Path, name: str, password: str) -> Account | None:
    """Return the account that a name and a password open, else None.

    An unknown name costs as much time as a wrong password, so that names cannot be found out. A
    hash of earlier parameters is written anew when its password is told.
    """
    known = next((each for each in held(folder) if each.name == name), None)
    if known is None:
        _opens("", _of_nobody(_PASSES, _MEMORY_KB, _LANES), password)
        return None
    if not _opens(known.salt, known.hash, password) or known.disabled:
        return None
    if known.salt or _hasher().check_needs_rehash(known.hash):
        _rehash(folder, known, password)
    return known


def _opens(salt: str, told: str, password: str) -> bool:
    """Say whether a password is the one of a hash; with a salt beside it, it is of scrypt."""
    if salt:
        tried = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
        return hmac.compare_digest(tried, told)
    try:
        return _hasher().verify(told, password)
    except (VerificationError, InvalidHashError):
        return False


def _rehash(folder: Path, account: Account, password: str) -> None:
    """Keep the password under today's parameters; sessions go on, a full disk stops nobody."""
    made = replace(account, salt="", hash=_hasher().hash(password))
    try:
        with _writing:
            _write(folder, [made if each == account else each for each in held(folder)])
    except OSError as error:
        logging.getLogger(__name__).warning("password of %r not rehashed: %s", account.name, error)


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
