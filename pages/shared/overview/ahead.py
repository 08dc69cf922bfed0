"""The first page and the map's layers worked out before they are asked for, of every version.

It begins with the first request for a page, not with the program: until then the folder is free
for the command line. It stands back while visitors ask.
"""

import logging
import threading
from typing import Any

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from data.errors import DataError
from data.scope import Scope
from pages.shared import navigation, results
from pages.shared.coverage import answers, map_choices
from pages.shared.overview.answers import LONG, Answers

_LOOK_SECONDS = 1.0
# A larger place takes so long that somebody would mostly wait for it in vain.
MOST_UNITS = 2000
_log = logging.getLogger(__name__)


class Ahead:
    """Works out what is opened first of every version published while pages are served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._begun = threading.Lock()
        self._pages = ("/", *(f"/{name}" for name in navigation.names()))

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass the request on; the first one for a page begins the work."""
        asked = scope["type"] == "http" and scope["path"].endswith(self._pages)
        if asked and self._begun.acquire(blocking=False):
            # A thread that nobody waits for at the end: what it made is only a copy.
            threading.Thread(target=_follow, name="ahead", daemon=True).start()
        await self.app(scope, receive, send)


def _follow() -> None:
    """Work out version after version for as long as the program runs."""
    done: tuple[str, int] | None = None
    pause = threading.Event()
    while True:
        done = step(done)
        pause.wait(_LOOK_SECONDS)


def step(done: tuple[str, int] | None) -> tuple[str, int] | None:
    """Work out the newest version if that is not `done`; return what is done now.

    A failure is heard in the log, and the visitor who asks for the same is told as always.
    """
    held = done
    try:
        held = _newest()
        if held is not None and held != done:
            work_out(*held)
    except results.OutdatedError:  # a publication came in between: the next look finds it
        return done
    except DataError as error:
        _log.warning("what is opened first could not be worked out ahead: %s", error)
    except Exception:  # noqa: BLE001 - whatever it is, the next version is worked out as well
        _log.exception("what is opened first could not be worked out ahead")
    return held


def _newest() -> tuple[str, int] | None:
    """Return the data set that opens first and its version, None while there is none."""
    names = list(results.folders())
    return (names[0], results.open_store(names[0]).version) if names else None


def work_out(name: str, version: int) -> None:
    """Have the answers of the first page and the map ready, as `results.get` hands them out."""
    get = results.ahead(name, version)
    years = get("units.years", Scope())["year"]
    scope = Scope(year=int(years.iloc[0]) if len(years) else None)
    counties, units = (get(f"units.{each}", Scope()) for each in ("counties", "all_units"))
    if not 0 < len(units) <= MOST_UNITS:
        return
    several = len(counties) > 1
    told: Any = Answers(get, scope, "county" if several else "township")
    for each in LONG:
        getattr(told, each)
    for chosen in map_choices.usual():
        answers.asked(get, chosen, scope, counties=several)
