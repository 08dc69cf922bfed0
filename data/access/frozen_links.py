"""Links to frozen views: signed, valid for a time, and withdrawn by whoever may present.

A link's code is `version.id.signature`. What was handed out stands in a small file beside the
facts; the signature (HMAC-SHA256 with the secret of the installation) covers store, version, id and
end, so that nobody makes a code or turns one into another. The code lets nobody in and opens
aggregates only: whoever opens it sees what their account may see.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from data import saved
from data.access import accounts
from data.errors import DataError

FILE = "frozen_links.json"
DAYS = (7, 30, 90, 365)
USUAL_DAYS = 30
MOST = 500
_DAY = 86_400
_writing = threading.Lock()


@dataclass(frozen=True)
class Link:
    """One link that was handed out. made, until: seconds since 1970; by: who made it."""

    id: str
    version: int
    title: str
    by: str
    made: int
    until: int
    withdrawn: bool = False

    def holds(self, now: float | None = None) -> bool:
        """Say whether the link still opens its view."""
        return not self.withdrawn and self.until > (time.time() if now is None else now)


def held(folder: Path) -> list[Link]:
    """Return the links of a store, the newest first; raises DataError `saved_unreadable`."""
    file = folder / FILE
    if not file.exists():
        return []
    return [Link(**link) for link in saved.read(file)["links"]]


def make(
    root: Path, folder: Path, version: int, title: str, by: str, days: int = USUAL_DAYS,
    now: float | None = None,
) -> str:  # fmt: skip
    """Hand out a link to a store's version and return its code.

    root: the data folder of the installation, which holds the secret. Beyond MOST links those that
    ended longest ago are forgotten; a forgotten link opens nothing.
    """
    made = int(time.time() if now is None else now)
    link = Link(secrets.token_hex(6), version, title, by, made, made + days * _DAY)
    with _writing:
        kept = sorted([link, *held(folder)], key=lambda each: -each.until)[:MOST]
        _write(folder, sorted(kept, key=lambda each: -each.made))
    return f"{version}.{link.id}.{_signature(root, folder, link)}"


def withdraw(folder: Path, link_id: str) -> None:
    """End a link for good; raises DataError `link_unknown`."""
    with _writing:
        links = held(folder)
        if link_id not in {link.id for link in links}:
            raise DataError("link_unknown")
        _write(folder, [replace(e, withdrawn=True) if e.id == link_id else e for e in links])


def version_of(root: Path, folder: Path, code: str, now: float | None = None) -> int:
    """Return the version that a code opens.

    Raises DataError `link_unknown` (forged, altered, or of another store), `link_withdrawn`,
    `link_expired`.
    """
    version, _, rest = code.partition(".")
    name, _, signature = rest.partition(".")
    link = next((each for each in held(folder) if each.id == name), None)
    if link is None or str(link.version) != version:
        raise DataError("link_unknown")
    if not hmac.compare_digest(signature.encode(), _signature(root, folder, link).encode()):
        raise DataError("link_unknown")
    ended = time.strftime("%Y-%m-%d", time.localtime(link.until))
    if link.withdrawn:
        raise DataError("link_withdrawn", version=link.version)
    if not link.holds(now):
        raise DataError("link_expired", version=link.version, day=ended)
    return link.version


def _write(folder: Path, links: Sequence[Link]) -> None:
    saved.write(folder / FILE, {"links": [asdict(link) for link in links]})


def _signature(root: Path, folder: Path, link: Link) -> str:
    told = f"{folder.name if folder != root else ''}\0{link.version}\0{link.id}\0{link.until}"
    return accounts.sign(root, "frozen link", told.encode()).hex()[:32]
