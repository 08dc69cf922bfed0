"""Uploads that wait for a decision: the file and what was said of it outlive a restart.

They lie in the store's staging folder, are deleted when they are published or discarded, and
after a week in any case: a survey file may hold names and numbers of people.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data import ingest, saved
from data.storage import room
from data.store import Store
from data.words import Text


@dataclass(frozen=True)
class Upload:
    """One file that waits. sha256: of its content. said: see ingest.Options.to_mapping.

    refusal: the problem for which it was refused as things were said, if it was.
    """

    name: str
    sha256: str
    time: str
    path: Path
    said: Mapping[str, Any]
    refusal: Text | None = None


def keep(store: Store, name: str, content: bytes | memoryview) -> Upload:
    """Write an upload to the staging folder; the same content under the same name is one draft.

    Raises DataError `disk_full` where it could not be checked afterwards, `disk_is_full`.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    held = next((u for u in waiting(store) if (u.sha256, u.name) == (sha256, name)), None)
    if held:
        return held
    path = store.folder / "staging" / f"upload-{sha256[:16]}"
    if not path.exists():
        room.require(store.folder, (1 + room.TIMES) * len(content) + room.RESERVE)
        half = path.with_name(f"{path.name}.{os.getpid()}.half")
        try:
            with room.writing(store.folder):
                half.write_bytes(content)
                half.replace(path)
        finally:
            half.unlink(missing_ok=True)
    upload = Upload(name, sha256, f"{datetime.now(UTC):%Y-%m-%d %H:%M}", path, {})
    with room.writing(store.folder):
        return remember(upload, {})


def remember(upload: Upload, said: Mapping[str, Any]) -> Upload:
    """Keep what was said of an upload, which is to be checked again; return it with that."""
    return _write(replace(upload, said=dict(said), refusal=None))


def refused(upload: Upload, problem: Text | None) -> Upload:
    """Keep for which problem an upload was refused, or (None) that it was not."""
    return upload if upload.refusal == problem else _write(replace(upload, refusal=problem))


def _write(upload: Upload) -> Upload:
    names = ("name", "sha256", "time", "said", "refusal")
    saved.write(_notes(upload.path), {name: getattr(upload, name) for name in names})
    return upload


def waiting(store: Store) -> list[Upload]:
    """Return the uploads that were neither published nor discarded, newest first."""
    found = []
    notes_files = (store.folder / "staging").glob("upload-*.json")
    for path in sorted(notes_files, key=lambda file: file.stat().st_mtime_ns, reverse=True):
        notes = saved.read(path)
        file = path.with_suffix("")
        if file.exists():
            problem = notes.get("refusal")
            upload = Upload(notes["name"], notes["sha256"], notes["time"], file, notes["said"])
            found.append(replace(upload, refusal=Text(*problem) if problem else None))
    return found


def discard(store: Store, upload: Upload) -> None:
    """Delete an upload and everything staged of it."""
    ingest.discard(store, upload.sha256)


def _notes(path: Path) -> Path:
    return path.with_name(path.name + ".json")
