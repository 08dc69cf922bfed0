"""The ledger of a store: every version with the hashes of the files it brought, chained.

`ledger.jsonl` lies beside the catalog, one line a version, each holding the hash of the line
before it. The engine reads most flipped bits without a word, and a catalog whose write-ahead log
was lost opens without the versions that stood in it: against the ledger both are found.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

LEDGER = "ledger.jsonl"
FACTS = "facts"
_BEFORE_THE_FIRST = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line. files: path inside the folder of facts -> SHA-256. hash: of everything else."""

    version: int
    time: str
    files: Mapping[str, str]
    previous: str
    hash: str = field(default="")

    def own_hash(self) -> str:
        """Return the hash that the line must carry."""
        told = {"version": self.version, "time": self.time, "files": dict(self.files)}
        text = json.dumps({**told, "previous": self.previous}, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Ledger:
    """The lines of a ledger; broken: the number of the first line that is not as it was written."""

    entries: tuple[Entry, ...]
    broken: int | None

    @property
    def head(self) -> str:
        """The hash of the newest line: whoever notes it can later show that nothing was changed."""
        return self.entries[-1].hash if self.entries else _BEFORE_THE_FIRST

    def files(self) -> dict[str, str]:
        """Return the hash of every file of every version."""
        return {file: sha for entry in self.entries for file, sha in entry.files.items()}


def read(folder: Path) -> Ledger:
    """Read the ledger of a store, as far as its lines hang together."""
    path = folder / LEDGER
    entries: list[Entry] = []
    head = _BEFORE_THE_FIRST
    lines = path.read_bytes().splitlines() if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None or entry.previous != head or entry.hash != entry.own_hash():
            return Ledger(tuple(entries), number)
        entries.append(entry)
        head = entry.hash
    return Ledger(tuple(entries), None)


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def catch_up(folder: Path, versions: pd.DataFrame, files: pd.DataFrame) -> None:
    """Add a line for every version of the catalog that has none.

    versions: version, time. files: version, file (sql/lake_versions.sql, sql/lake_files.sql). A
    ledger that does not hang together is left as it is: `verify` is to find it.
    """
    cut_torn_line(folder / LEDGER)
    held = read(folder)
    if held.broken:
        return
    known = {(entry.version, entry.time) for entry in held.entries}
    lines = []
    head = held.head
    for version, time in _rows(versions):
        if (version, time) in known:
            continue
        brought = files.loc[files["version"] == version, "file"]
        hashes = {str(file): sha256(folder / FACTS / str(file)) for file in brought}
        entry = Entry(version, time, hashes, head)
        head = entry.own_hash()
        lines.append(json.dumps({**vars(entry), "hash": head}, ensure_ascii=False) + "\n")
    append(folder / LEDGER, "".join(lines))


def _rows(versions: pd.DataFrame) -> Iterator[tuple[int, str]]:
    for version, time in zip(versions["version"], versions["time"], strict=True):
        yield int(version), str(time)


def append(path: Path, text: str) -> None:
    """Add whole lines to a file and wait until they lie on the disk."""
    if text:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def cut_torn_line(path: Path) -> None:
    """Take away a last line that was being written when the machine stopped."""
    if not path.is_file():
        return
    with path.open("rb+") as file:
        content = file.read()
        if not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)


def lost(ledger: Ledger, versions: pd.DataFrame) -> list[int]:
    """Return the versions that the ledger knows and the catalog does not."""
    held = set(_rows(versions))
    return [entry.version for entry in ledger.entries if (entry.version, entry.time) not in held]


def sha256(path: Path) -> str:
    """Return the hash of a file; '' for one that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
