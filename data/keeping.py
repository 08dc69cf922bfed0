"""Keeping a store: every file against its hash, the whole in one file, and its return.

All three read a copy of the catalog that was taken while nothing was being written, so they work
while the program serves. Facts are never altered in place: a file that a version refers to stays
as it was written.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import pandas as pd

from data import saved
from data.errors import DataError
from data.storage import exchange, ledger, room
from data.storage.lake import CATALOG, read_catalog, writing
from data.storage.ledger import FACTS, LEDGER
from data.store import Store, exists

MANIFEST = "manifest.json"
_WAL = f"{CATALOG}.wal"
_ATTEMPTS, _PAUSE = 50, 0.2
_CHUNK = 1 << 20

State = Literal["missing", "changed", "unreadable"]


@dataclass(frozen=True)
class Damage:
    """One file that is not as it was written. file: inside the store's folder."""

    file: str
    state: State


@dataclass(frozen=True)
class Verified:
    """What `verify` found.

    version: the newest. files, size: number and bytes of the fact files that versions refer to.
    lost: versions that were published and that the catalog no longer has. unreferenced: fact
    files that no version refers to (left by a publication that was stopped; harmless). ledger:
    the hash at its head.
    """

    version: int
    files: int
    size: int
    damaged: tuple[Damage, ...]
    lost: tuple[int, ...]
    unreferenced: int
    ledger: str

    @property
    def sound(self) -> bool:
        """Whether everything is as it was written."""
        return not self.damaged and not self.lost


@dataclass(frozen=True)
class _Copy:
    """Catalog and ledger of a store at one moment, in a folder of their own."""

    folder: Path
    versions: pd.DataFrame
    files: pd.DataFrame
    ledger: ledger.Ledger


def verify(folder: Path) -> Verified:
    """Compare every file of a store with its hash; nothing is changed.

    Raises DataError `no_store`, `store_busy`, `disk_is_full`, `folder_not_writable`.
    """
    with _workplace(folder) as place:
        try:
            copy = _copy(folder, place)
        except DataError as error:
            if error.code != "store_unreadable":
                raise
            damage = Damage(CATALOG, "unreadable")
            return Verified(0, 0, 0, (damage, *_small_files(folder)), (), 0, "")
    damaged = [*_facts(folder, copy), *_small_files(folder)]
    if copy.ledger.broken:
        damaged.append(Damage(LEDGER, "changed"))
    referred = set(copy.files["file"])
    held = [path for path in (folder / FACTS).rglob("*") if path.is_file()]
    names = {path.relative_to(folder / FACTS).as_posix() for path in held}
    return Verified(
        version=int(copy.versions["version"].max()),
        files=len(referred),
        size=int(copy.files["size"].sum()),
        damaged=tuple(damaged),
        lost=tuple(ledger.lost(copy.ledger, copy.versions)),
        unreferenced=len(names - referred),
        ledger=copy.ledger.head,
    )


def _facts(folder: Path, copy: _Copy) -> Iterator[Damage]:
    hashes = copy.ledger.files()
    for name, size in zip(copy.files["file"], copy.files["size"], strict=True):
        path = folder / FACTS / name
        if not path.is_file():
            yield Damage(f"{FACTS}/{name}", "missing")
        elif path.stat().st_size != size or hashes.get(name) not in (None, ledger.sha256(path)):
            yield Damage(f"{FACTS}/{name}", "changed")


def _small_files(folder: Path) -> Iterator[Damage]:
    """Say which of the small JSON files beside the facts (mappings) cannot be read."""
    for entry in exchange.own(folder):
        for file in [entry] if entry.is_file() else sorted(entry.rglob("*.json")):
            if file.suffix == ".json":
                try:
                    saved.read(file)
                except DataError:
                    yield Damage(file.relative_to(folder).as_posix(), "unreadable")


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Yield an empty folder on the store's own disk; it is gone afterwards."""
    if not exists(folder):
        raise DataError("no_store", folder=folder)
    staging = folder / "staging"
    with writing(folder):
        staging.mkdir(exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix="keeping-", dir=staging)
    with place as name:
        yield Path(name)


def _copy(folder: Path, place: Path) -> _Copy:
    """Copy catalog and ledger while nothing is written; fold the write-ahead log into the copy."""
    names = (CATALOG, _WAL, LEDGER)
    for _ in range(_ATTEMPTS):
        before = [_trace(folder / name) for name in names]
        try:
            for name in names:
                (place / name).unlink(missing_ok=True)
                if (folder / name).exists():
                    with writing(folder):
                        shutil.copyfile(folder / name, place / name)
        except FileNotFoundError:
            continue  # the log was folded in between the look and the copy
        except PermissionError as error:  # Windows lends nobody a file that is in use
            raise DataError("store_in_use", folder=folder) from error
        if before == [_trace(folder / name) for name in names]:
            versions, files = _read_catalog(folder, place)
            return _Copy(place, versions, files, ledger.read(place))
        time.sleep(_PAUSE)
    raise DataError("store_busy", folder=folder)


def _read_catalog(folder: Path, place: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    try:
        return read_catalog(place / CATALOG)
    except DataError as error:
        raise DataError(error.code, **{**error.values, "folder": folder}) from error


def _trace(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def backup(folder: Path, file: Path) -> dict[str, Any]:
    """Write the whole store into one new file; return its version, files, bytes and SHA-256.

    What waits undecided, the accounts and the log of who did what are not in it. Each fact file is
    compared with its hash on the way: a damaged store is refused. Raises DataError `no_store`,
    `store_busy`, `store_unreadable`, `backup_exists`, `backup_unwritten`, `store_damaged`,
    `disk_full`.
    """
    if file.exists():
        raise DataError("backup_exists", file=file)
    half = file.with_name(f"{file.name}.{os.getpid()}.half")
    with _workplace(folder) as place:
        copy = _copy(folder, place)
        members = _members(folder, copy)
        try:
            room.require(file.parent, sum(path.stat().st_size for path in members.values()))
            _pack(half, members, copy)
            half.replace(file)
        except OSError as error:
            raise DataError("backup_unwritten", file=file, reason=error.strerror) from error
        finally:
            half.unlink(missing_ok=True)
    return {
        "file": str(file),
        "sha256": ledger.sha256(file),
        "bytes": file.stat().st_size,
        "files": len(members),
        "version": int(copy.versions["version"].max()),
    }


def _members(folder: Path, copy: _Copy) -> dict[str, Path]:
    """Return what a backup holds: name in it -> file."""
    members = {CATALOG: copy.folder / CATALOG}
    if (copy.folder / LEDGER).is_file():
        members[LEDGER] = copy.folder / LEDGER
    facts = {f"{FACTS}/{name}": folder / FACTS / name for name in copy.files["file"]}
    missing = [name for name, path in facts.items() if not path.is_file()]
    if missing:
        raise DataError("store_damaged", files=missing[0], count=len(missing))
    others = [entry for entry in exchange.own(folder) if entry.name not in {FACTS, *members, _WAL}]
    for entry in others:
        for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            if path.is_file() and path.suffix != ".half":
                members[path.relative_to(folder).as_posix()] = path
    return members | facts


def _pack(half: Path, members: Mapping[str, Path], copy: _Copy) -> None:
    expected = {f"{FACTS}/{name}": sha for name, sha in copy.ledger.files().items()}
    told = {}
    # Facts are compressed already; the rest is small.
    with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:
        for name, path in members.items():
            how = zipfile.ZIP_STORED if name in expected else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo.from_file(path, name)
            entry.compress_type = how
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                told[name] = _copied(source, target)
            if expected.get(name, told[name]) != told[name]:
                raise DataError("store_damaged", files=name, count=1)
        manifest = {
            "product": "zhixiao",
            "format": 1,
            "time": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            "version": int(copy.versions["version"].max()),
            "files": told,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False))


def _copied(source: Any, target: Any) -> str:
    """Copy one open file to another and return the hash of what was copied."""
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def bring_back(folder: Path, source: Path) -> dict[str, Any]:
    """Put a backup in the place of the store in a folder, once all of it has been checked.

    source: a file of `backup`, or a folder that an earlier return has set aside. Returns the
    version now held and `set_aside`: where the present store was put (None if there was none).
    Raises DataError `file_missing`, `backup_unreadable`, `backup_damaged`, `store_in_use`,
    `disk_full`; the present store is then untouched.
    """
    if not source.exists():
        raise DataError("file_missing", file=source)
    folder.mkdir(parents=True, exist_ok=True)
    exchange.finish(folder)
    staging = folder / "staging"
    staging.mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="returning-", dir=staging))
    try:
        _lay_out(source, place)
        version = _require_sound(source, place)
        _require_idle(folder)
        replaced = exists(folder)
        aside = exchange.exchange(folder, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return {"version": version, "set_aside": str(aside) if replaced else None}


def _require_idle(folder: Path) -> None:
    """Refuse while another process holds the store; one that cannot be opened is no obstacle."""
    if exists(folder):
        try:
            Store.open(folder).close()
        except DataError as error:
            if error.code != "store_unreadable":
                raise


def _lay_out(source: Path, place: Path) -> None:
    if source.is_dir():
        room.require(place, sum(f.stat().st_size for f in source.rglob("*") if f.is_file()))
        ignore = shutil.ignore_patterns(*exchange.LOG)
        shutil.copytree(source, place, dirs_exist_ok=True, ignore=ignore)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            told = _manifest(archive, source)
            room.require(place, sum(entry.file_size for entry in archive.infolist()))
            for name, sha in told.items():
                path = place / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as packed, path.open("wb") as target:
                    if _copied(packed, target) != sha:
                        raise DataError("backup_damaged", file=source, member=name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError("backup_unreadable", file=source, reason=str(error)[:200]) from error


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, str]:
    """Return name -> SHA-256 of a backup, after every name has been found harmless."""
    try:
        told = json.loads(archive.read(MANIFEST))
        files = {str(n): str(sha) for n, sha in told["files"].items() if n not in exchange.LOG}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise DataError("backup_unreadable", file=source, reason=MANIFEST) from error
    doubtful = [name for name in files if not _harmless(name)]
    absent = set(files) ^ (set(archive.namelist()) - {MANIFEST} - exchange.LOG)
    if doubtful or absent or CATALOG not in files:
        member = next(iter([*doubtful, *sorted(absent)]), CATALOG)
        raise DataError("backup_damaged", file=source, member=member)
    return files


def _harmless(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = not any(part in ("..", "/") or ":" in part or "\\" in part for part in parts)
    return bool(parts) and plain and parts[0] not in exchange.STAYS


def _require_sound(source: Path, place: Path) -> int:
    """Open what was laid out, compare it with its ledger, and return its version."""
    if not exists(place):
        raise DataError("backup_unreadable", file=source, reason=CATALOG)
    found = verify(place)
    if not found.sound:
        member = found.damaged[0].file if found.damaged else CATALOG
        raise DataError("backup_damaged", file=source, member=member)
    with Store.open(place) as opened:
        version = opened.version
    for name in ("staging", "spill"):
        shutil.rmtree(place / name, ignore_errors=True)
    return version
