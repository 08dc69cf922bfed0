"""The audit log of an installation: who did what and when, apart from the figures themselves.

`audit.jsonl` lies in the data folder, one line an event, each holding the hash of the line before
it: a line that was edited, taken out or put in is found. The number and hash of the newest line
stand once more beside the accounts, signed, so that lines missing at the end are found as well.
Nothing of a person but the name of an account is written, and nobody's address.
What was published stands in the versions of the store and in their ledger.
Standard: GB/T 22239-2019 (basic requirements of cybersecurity protection), 8.1.4.3.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from filelock import FileLock

from data import saved
from data.access import accounts
from data.errors import DataError
from data.storage import ledger
from data.storage.lake import writing

Did = Literal[
    "signed_in", "sign_in_refused", "signed_out", "account_added", "account_role",
    "account_area",
    "account_disabled", "account_enabled", "account_password", "taken_out", "link_made",
    "link_withdrawn", "verified", "backed_up", "brought_back",
]  # fmt: skip
DID: tuple[Did, ...] = get_args(Did)
FILE = "audit.jsonl"
HEAD = "audit_head.json"
LONGEST = 200
_BEFORE_THE_FIRST = "0" * 64
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Event:
    """One line. time: UTC, ISO 8601. who: an account, '' for this machine's own user."""

    number: int
    time: str
    did: str
    who: str
    about: str
    previous: str
    hash: str = ""

    def own_hash(self) -> str:
        """Return the hash that the line must carry."""
        told = {name: value for name, value in vars(self).items() if name != "hash"}
        text = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Log:
    """The lines as far as they hang together.

    broken: the number of the first line that is not as it was written, or that is missing at the
    end; None for a log that is whole.
    """

    events: tuple[Event, ...]
    broken: int | None

    @property
    def head(self) -> str:
        """The hash of the newest line: whoever notes it can later show that nothing was changed."""
        return self.events[-1].hash if self.events else _BEFORE_THE_FIRST


def note(root: Path, did: Did, *, who: str = "", about: str = "") -> None:
    """Write one event down; root: the data folder of the installation.

    Control characters are left out and long texts cut, so that one event is one line. Raises
    DataError `disk_is_full`, `folder_not_writable`.
    """
    path = root / FILE
    with writing(root), _locked(path):
        ledger.cut_torn_line(path)
        # Where lines are missing at the end, the gap stays: the next one follows what was signed.
        number, head = max(_last(path), _signed(root) or (0, _BEFORE_THE_FIRST))
        time = datetime.now(UTC).isoformat(timespec="seconds")
        event = Event(number + 1, time, did, _clean(who), _clean(about), head)
        event = replace(event, hash=event.own_hash())
        ledger.append(path, json.dumps(vars(event), ensure_ascii=False) + "\n")
        _sign(root, event)


def read(root: Path) -> Log:
    """Read the log and check that it hangs together to its end."""
    path = root / FILE
    if not path.is_file() and not (root / accounts.FOLDER / HEAD).is_file():
        return Log((), None)
    with writing(root), _locked(path):
        lines = path.read_bytes().splitlines() if path.is_file() else []
        least = _signed(root)
    events: list[Event] = []
    head = _BEFORE_THE_FIRST
    for number, line in enumerate(lines, start=1):
        event = _event(line)
        whole = event is not None and (event.number, event.previous) == (number, head)
        if event is None or not whole or event.hash != event.own_hash():
            return Log(tuple(events), number)
        events.append(event)
        head = event.hash
    return Log(tuple(events), _missing(events, least))


def _locked(path: Path) -> FileLock:
    """Return the lock by which one process at a time writes the log or reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{path}.lock", timeout=_PATIENCE_SECONDS)


def _missing(events: list[Event], least: tuple[int, str] | None) -> int | None:
    """Return the first number that is missing at the end, against what was signed."""
    if least is None:  # the mark was taken away, or was not made by this installation
        return len(events) + 1
    number, sha = least
    if number > len(events):
        return len(events) + 1
    return None if number > 0 and events[number - 1].hash == sha else number


def _event(line: bytes) -> Event | None:
    try:
        return Event(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _last(path: Path) -> tuple[int, str]:
    """Return number and hash of the newest line, read from the end."""
    nothing = (0, _BEFORE_THE_FIRST)
    if not path.is_file():
        return nothing
    with path.open("rb") as file:
        file.seek(0, 2)
        # A line is never longer: its texts are cut.
        file.seek(max(0, file.tell() - 16 * LONGEST))
        lines = file.read().splitlines()
    last = _event(lines[-1]) if lines else None
    return (last.number, last.hash) if last else nothing


def _clean(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST]


def _sign(root: Path, event: Event) -> None:
    told = f"{event.number} {event.hash}"
    signature = accounts.sign(root, "audit", told.encode()).hex()
    saved.write(root / accounts.FOLDER / HEAD, {"told": told, "signature": signature})


def _signed(root: Path) -> tuple[int, str] | None:
    """Return number and hash of the newest line as they were signed; None where they are not."""
    file = root / accounts.FOLDER / HEAD
    if not file.is_file():
        return None
    try:
        held = saved.read(file)
    except DataError:  # damaged: the log reads as broken, and goes on, or nobody could sign in
        return None
    told = str(held.get("told", ""))
    signature = accounts.sign(root, "audit", told.encode()).hex()
    if not hmac.compare_digest(signature, str(held.get("signature", ""))):
        return None
    number, _, sha = told.partition(" ")
    return int(number), sha
