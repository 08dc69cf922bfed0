"""A reading can be watched and stopped; its child does not outlive it."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from data import files, ingest, reading
from data.drafting.options import Options
from data.errors import DataError
from data.formats import plain_text
from data.store import Store
from data.watch import Teller, Watch, watched


def long_file(folder: Path, rows: int) -> Path:
    file = folder / "long.csv"
    # A quotation mark: the exact reader, which tells how far it is.
    file.write_text('k,v,w\n"a",1,2\n' + "b,1,2\n" * rows, encoding="utf-8")
    return file


def children() -> set[str]:
    """Return the reading children of this process that are still there."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        # Others end while we look at them.
        with suppress(OSError):
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"data.reading" in (place / "cmdline").read_bytes():
                found.add(place.name)
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
def test_a_stopped_reading_ends_at_once_and_so_does_its_child(tmp_path: Path) -> None:
    file, watch = long_file(tmp_path, 3_000_000), Watch()
    refusals: list[str] = []

    def read() -> None:
        try:
            with watched(watch):
                reading.read_table(file, file.name, tmp_path)
        except DataError as refusal:
            refusals.append(refusal.code)

    thread = threading.Thread(target=read)
    thread.start()
    until = time.monotonic() + 60
    while watch.seconds_left() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert 0 < watch.rows < watch.expected == 3_000_002
    left = watch.seconds_left()
    assert left is not None
    assert left > 0
    assert len(children()) == 1
    watch.stop()
    thread.join(10)
    assert refusals == ["reading_stopped"]
    assert children() == set()
    assert not (tmp_path / "cells.json").exists()


def test_who_does_not_watch_is_not_stopped_by_others(tmp_path: Path) -> None:
    watch = Watch()
    watch.stop()
    grid = reading.read_table(long_file(tmp_path, 10), "long.csv", tmp_path)
    assert grid.cells.num_rows == 11


def test_time_left_is_in_proportion() -> None:
    watch = Watch()
    assert watch.seconds_left() is None
    watch.first = (time.monotonic() - 10, 50)
    watch.rows, watch.expected = 250, 1050
    assert watch.seconds_left() == pytest.approx(40, rel=0.01)
    watch.expected = 100  # more rows than lines: blank or quoted ones; nothing can be told
    assert watch.seconds_left() is None


def test_what_is_told_is_understood_and_rubbish_is_not(tmp_path: Path) -> None:
    file, teller, watch = tmp_path / "rows-read", Teller(), Watch()
    teller.tell(5)  # outside a child nothing is told
    watch.look(file)
    assert (watch.rows, watch.expected) == (0, 0)
    teller.begin(file)
    teller.expect(long_file(tmp_path, 100))
    teller.tell(7)
    watch.look(file)
    assert (watch.rows, watch.expected) == (7, 102)
    file.write_text("9 ", encoding="ascii")
    watch.look(file)
    assert (watch.rows, watch.expected) == (7, 102)


def test_the_fast_reader_tells_its_rows_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 200_000
    file, told = tmp_path / "plain.csv", tmp_path / "told"
    file.write_text("k,v,w\n" + "b,1,2\n" * rows, encoding="utf-8")
    monkeypatch.setattr(plain_text, "_BLOCK", 1 << 16)
    teller = Teller()
    teller.begin(told)
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(plain_text, "TELLER", teller)
    monkeypatch.setattr(teller, "tell", lambda *count: seen.append(count))
    assert files.read_grid(file, file.name).cells.num_rows == rows
    assert len(seen) > 10
    assert [count for count, _ in seen] == sorted(count for count, _ in seen)
    assert all(expected == pytest.approx(rows, rel=0.01) for _, expected in seen)
    assert seen[-1] == (rows, rows)


def test_checks_are_seen_and_stopped(towns: Store, tmp_path: Path) -> None:
    file, watch, seen = tmp_path / "communities.csv", Watch(), list[tuple[bool, int, int]]()
    text = "".join(
        f"990101{100 + n % 2}{n:03},990101{100 + n % 2},村{n},village\n" for n in range(9)
    )
    file.write_text("村（社区）代码,乡镇代码,名称,类别\n" + text, encoding="utf-8")

    class Seen(Watch):
        def checked(self, rows: int) -> None:
            super().checked(rows)
            seen.append((self.checking, self.rows, self.expected))

    with watched(Seen()):
        ingest.prepare(towns, file, file.name, Options(table="communities"))
    assert seen == [(True, 9, 9)]
    watch.stop()
    with pytest.raises(DataError) as refusal:
        watch.checked(9)
    assert refusal.value.code == "reading_stopped"
