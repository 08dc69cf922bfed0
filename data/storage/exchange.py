"""One store put in the place of another: the old one is set aside, never half of it lost.

The new store, whole and checked, lies in `returned-<time>` inside the folder. First everything of
the old one moves to `set-aside/<time>`, then `returned-` is renamed to `arriving-`, then its
content moves up. Whoever opens the folder after an interruption goes on from where it stopped.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

SET_ASIDE = "set-aside"
# The log of who did what on this machine, and its lock. Earlier backups hold a copy of it.
LOG = frozenset({"audit.jsonl", "audit.jsonl.lock"})
# What belongs to this machine and not to the data: never in a backup, never exchanged. A link that
# was withdrawn stays so whatever comes back, and the log goes on: taken back with the data it would
# lack lines, and look as if somebody had removed them.
STAYS = LOG | {"staging", "spill", "accounts", "sample-county", "frozen_links.json", SET_ASIDE}
_RETURNED, _ARRIVING = "returned-", "arriving-"


def own(folder: Path) -> list[Path]:
    """Return what makes up the store in a folder: files and folders at its top."""
    return [
        entry
        for entry in sorted(folder.iterdir())
        if entry.name not in STAYS and not entry.name.startswith((_RETURNED, _ARRIVING))
    ]


def pending(folder: Path) -> bool:
    """Say whether an exchange was interrupted here."""
    return any(folder.glob(f"{_RETURNED}*")) or any(folder.glob(f"{_ARRIVING}*"))


def exchange(folder: Path, new: Path) -> Path:
    """Put a whole and checked store (a folder on the same disk) in place; return the old one's."""
    time = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    new.rename(folder / f"{_RETURNED}{time}")
    finish(folder)
    return folder / SET_ASIDE / time


def finish(folder: Path) -> None:
    """Complete an exchange that was interrupted; do nothing when there was none."""
    for returned in sorted(folder.glob(f"{_RETURNED}*")):
        time = returned.name.removeprefix(_RETURNED)
        aside = folder / SET_ASIDE / time
        aside.mkdir(parents=True, exist_ok=True)
        for entry in own(folder):
            shutil.move(entry, aside / entry.name)
        returned.rename(folder / f"{_ARRIVING}{time}")
    for arriving in sorted(folder.glob(f"{_ARRIVING}*")):
        for entry in sorted(arriving.iterdir()):
            shutil.move(entry, folder / entry.name)
        arriving.rmdir()
