"""Views kept in order for a meeting: a small file beside the facts, with what the links held."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from data import saved

FILE = "storyboard.json"
SHOWN = "storyboard"
MOST = 40
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Step:
    """One view. page: its name. told: what its link holds. note: for who presents it."""

    title: str
    page: str
    told: Mapping[str, str]
    note: str = ""


def held(folder: Path) -> list[Step]:
    """Return the steps in order; raises DataError `saved_unreadable` for a damaged file."""
    file = folder / FILE
    if not file.exists():
        return []
    return [Step(**step) for step in saved.read(file)["steps"]]


def keep(folder: Path, steps: Sequence[Step]) -> None:
    """Write the steps whole or not at all; beyond MOST the last ones are left out."""
    saved.write(folder / FILE, {"steps": [asdict(step) for step in steps[:MOST]]})
    known = {_shown_file(folder, step) for step in steps[:MOST]}
    for file in (folder / SHOWN).glob("*.json"):
        if file not in known:
            file.unlink()


def note_shown(folder: Path, step: Step, content: Mapping[str, Any]) -> None:
    """Keep what a view showed, so that it can be taken along as a file."""
    saved.write(_shown_file(folder, step), dict(content))


def shown(folder: Path, step: Step) -> dict[str, Any] | None:
    """Return what a view showed when it was last seen, None where it was not seen yet.

    Raises DataError `saved_unreadable` for a damaged file.
    """
    file = _shown_file(folder, step)
    return saved.read(file) if file.exists() else None


def _shown_file(folder: Path, step: Step) -> Path:
    """Return the file of a view: the same link is the same view, whatever it is called."""
    told = json.dumps([step.page, sorted(step.told.items())], ensure_ascii=False)
    return folder / SHOWN / f"{sha256(told.encode()).hexdigest()[:32]}.json"


def moved(steps: Sequence[Step], place: int, by: int) -> list[Step]:
    """Return the steps with one of them moved, as far as there is room."""
    order = list(steps)
    target = min(max(place + by, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    return order
