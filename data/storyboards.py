"""Views kept in order for a meeting: a small file beside the facts, with what the links held."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data import saved

FILE = "storyboard.json"
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


def moved(steps: Sequence[Step], place: int, by: int) -> list[Step]:
    """Return the steps with one of them moved, as far as there is room."""
    order = list(steps)
    target = min(max(place + by, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    return order
