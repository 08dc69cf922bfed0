"""How far the reading and checking of a file is, and the wish to stop.

The child process that reads writes rows read and rows expected into a small file; the parent's
`Watch` looks at it, and is told itself how many rows are checked afterwards. Whoever waits holds
the same `Watch` in another thread and may stop the work: the child is killed, and DataError
`reading_stopped` ends what waited for it or checks.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import DataError

_EVERY_SECONDS = 0.3
_PIECE = 4 << 20


@dataclass
class Watch:
    """rows: read so far, or checked. expected: how many there are, as far as that is known.

    first: when the first rows were heard of, and how many: what comes before is no reading.
    """

    rows: int = 0
    expected: int = 0
    checking: bool = False
    started: float = field(default_factory=time.monotonic)
    first: tuple[float, int] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask for the end of the reading."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stopped.is_set()

    def look(self, told: Path) -> None:
        """Take over what the child has told."""
        # Not there yet, or just being written: the next look finds it.
        with suppress(OSError, ValueError):
            rows, self.expected = map(int, told.read_text(encoding="ascii").split())
            self._reach(rows)

    def check(self, expected: int) -> None:
        """Begin with the checks of a table: another count of rows."""
        self.checking, self.rows, self.expected, self.first = True, 0, expected, None

    def checked(self, rows: int) -> None:
        """Hear how many rows are checked. Raises DataError `reading_stopped` if that is asked."""
        self._reach(rows)
        if self.stopped:
            raise DataError("reading_stopped", file="")

    def _reach(self, rows: int) -> None:
        self.rows = rows
        self.first = self.first or (time.monotonic(), rows)

    def seconds_left(self) -> float | None:
        """Return how long the reading will still take; None while that cannot be told."""
        if self.first is None or not self.first[1] < self.rows <= self.expected:
            return None
        passed, read = time.monotonic() - self.first[0], self.rows - self.first[1]
        return passed * (self.expected - self.rows) / read


_current: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Let all reading within this block, in this thread, be seen and stopped by a watch."""
    before = _current.set(watch)
    try:
        yield
    finally:
        _current.reset(before)


def current() -> Watch | None:
    """Return the watch of this thread's work, if there is one."""
    return _current.get()


class Teller:
    """The child's side: writes how far it is, a few times a second."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._expected = 0
        self._next = 0.0

    def begin(self, file: Path) -> None:
        """Tell into this file from now on."""
        self._file = file

    def expect(self, path: Path) -> None:
        """Count the lines of a text that is about to be read."""
        if self._file:
            with path.open("rb") as text:
                self._expected = sum(
                    piece.count(b"\n") for piece in iter(lambda: text.read(_PIECE), b"")
                )

    def tell(self, rows: int, expected: int = 0) -> None:
        """Say how many rows are read, and how many there may be where nobody counted the lines."""
        now = time.monotonic()
        if self._file and now >= self._next:
            self._next = now + _EVERY_SECONDS
            self._file.write_text(f"{rows} {expected or self._expected}", encoding="ascii")


TELLER = Teller()
