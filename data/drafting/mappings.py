"""Named mappings: what a person said of a file, kept for the next file of the same shape.

Each is a JSON file in the store's `mappings/tables/`: its name, the header it was made for, and
what was said, in the form of a mapping file (`ingest.Options.to_mapping`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import saved


@dataclass(frozen=True)
class Named:
    """One named mapping. header: of the file it was made for, in order."""

    name: str
    header: tuple[str, ...]
    said: Mapping[str, Any]
    file: Path


def save(folder: Path, name: str, header: Sequence[str], said: Mapping[str, Any]) -> None:
    """Keep a mapping under a name; an older one of the same name is replaced."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    content = {"name": name, "header": list(header), "said": dict(said)}
    saved.write(_folder(folder) / f"{digest}.json", content)


def named(folder: Path) -> list[Named]:
    """Return the mappings of a store, newest first. Raises DataError `saved_unreadable`."""
    files = sorted(_folder(folder).glob("*.json"), key=lambda f: f.stat().st_mtime_ns, reverse=True)
    held = [(saved.read(file), file) for file in files]
    return [Named(h["name"], tuple(h["header"]), h["said"], file) for h, file in held]


def matching(folder: Path, header: Sequence[str]) -> Named | None:
    """Return the newest mapping made for exactly this header."""
    return next((each for each in named(folder) if each.header == tuple(header)), None)


def _folder(folder: Path) -> Path:
    return folder / "mappings" / "tables"
