"""Small JSON files beside the facts: written whole or not at all, read or refused."""

import json
import os
import threading
from pathlib import Path
from typing import Any

from data.errors import DataError


def write(file: Path, content: Any) -> None:
    """Write a JSON file in one step: a process killed half-way leaves the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}.half")
    half.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    half.replace(file)


def read(file: Path) -> dict[str, Any]:
    """Return what a JSON file holds; raises DataError `saved_unreadable` for a damaged one."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("saved_unreadable", file=file, reason=str(error)[:200]) from error
    if not isinstance(held, dict):
        raise DataError("saved_unreadable", file=file, reason="{…}")
    return held
