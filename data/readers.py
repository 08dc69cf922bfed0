"""Processes that stand ready to read files for `data.reading`.

To start a process and import what reads costs as much as to read a million rows. So one process
(`data.reading_child`) imports it once and is left waiting; for each file it makes a copy of
itself, and that copy alone opens the file, within its limits, and ends. Where processes cannot be
copied (Windows) each reads one file itself and ends.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Any, cast

_ROOT = Path(__file__).resolve().parents[1]
_MANY_FILES = hasattr(os, "fork")
_MOST_WAITING = 2  # of 50 MB each
_COMMAND = [sys.executable, "-m", "data.reading_child"]


@dataclass(frozen=True)
class Ended:
    """How a reading ended: what was answered, the exit status (below 0: killed), what was said.

    said: the lines of an error that nobody expected. seconds: of the processor, as far as the
    process that waits on was told them; those of one that has ended the system adds up.
    """

    answer: bytes
    status: int
    said: str
    seconds: float


class Reader:
    """One waiting process; it reads one file at a time."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            _COMMAND,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            # The threads of numpy's algebra, which is not used here, would start with it and spin.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        self._orders = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        self._ended: Future[Ended] = Future()
        self._hearing = Thread()

    @property
    def waits(self) -> bool:
        """Whether it is there for a file."""
        return self._process.poll() is None

    def begin(self, order: Mapping[str, Any]) -> None:
        """Order the reading of one file."""
        self._ended = Future()
        with suppress(OSError):  # of a process that ended: how it did is heard below
            self._orders.write(json.dumps(order).encode() + b"\n")
            self._orders.flush()
        self._hearing = Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def ended(self, seconds: float) -> Ended | None:
        """Wait so long for the end of the reading; return None where it still goes on."""
        try:
            return self._ended.result(seconds)
        except TimeoutError:
            return None

    def end(self) -> None:
        """End the process and what it made."""
        if self._process.poll() is None:
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        if self._hearing.ident:
            self._hearing.join()
        for stream in (self._orders, self._answers, self._errors):
            with suppress(OSError):  # of an order that it did not take
                stream.close()

    def _hear(self) -> None:
        # First what the reading answered, if anything; then how the process that read has ended.
        answer, told = (self._answers.readline() for _ in range(2))
        status = int(told.split()[0]) if told else self._process.wait()
        seconds = float(told.split()[1]) if told else 0.0
        said = self._said() if status else ""
        self._ended.set_result(Ended(answer.strip(), status, said, seconds))

    def _said(self) -> str:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        self._errors.truncate(0)
        return said


_waiting: list[Reader] = []
_used: list[float] = []
_lock = Lock()


@contextmanager
def reader() -> Iterator[Reader]:
    """Yield a process that reads for nobody else; it is ended where it is left before it is done.

    One that waits already is taken, or one begun.
    """
    taken = _taken()
    try:
        yield taken
    except BaseException:
        taken.end()
        raise
    ended = taken.ended(0)
    if not (_MANY_FILES and ended and _let_wait(taken, ended.seconds)):
        taken.end()


def make_ready() -> None:
    """Begin a process, so that the first file does not wait for it."""
    with _lock:
        if not _waiting:
            _waiting.append(Reader())


def processor_seconds() -> float:
    """Return what the files took that were read by processes which waited on for others."""
    with _lock:
        return sum(_used)


def _let_wait(done: Reader, seconds: float) -> bool:
    with _lock:
        enough = len(_waiting) >= _MOST_WAITING
        if not enough:
            _waiting.append(done)
            _used[:] = [sum(_used) + seconds]
    return not enough


def _taken() -> Reader:
    while True:
        with _lock:
            if not _waiting:
                return Reader()
            found = _waiting.pop()
        if found.waits:
            return found
        found.end()  # something else has ended it


@atexit.register
def end_all() -> None:
    """End the processes that wait; the next file begins one."""
    with _lock:
        while _waiting:
            _waiting.pop().end()
