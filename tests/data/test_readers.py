"""Processes that wait to read: each file in a copy of its own, whatever became of the last."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data import readers, reading
from data.errors import DataError
from data.reading import Guard
from tests.data.books import RECORDS, xlsx
from tests.data.reading import rows

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each process reads one file there")


@pytest.fixture(autouse=True)
def none_waits() -> Iterator[None]:
    readers.end_all()
    yield
    readers.end_all()


def told(folder: Path, content: bytes, guard: Guard | None = None) -> list[list[str | None]]:
    staged = folder / str(len(list(folder.iterdir())))
    staged.mkdir()
    file = staged / "file"
    file.write_bytes(content)
    return rows(reading.read_table(file, "甲.csv", staged, guard=guard or Guard()))


def waiting() -> list[int]:
    return [each._process.pid for each in readers._waiting]


def text(word: str) -> bytes:
    return f"a,b\n{word},2\n".encode()


def test_one_process_reads_text_after_text_and_workbooks_between(tmp_path: Path) -> None:
    assert told(tmp_path, text("甲")) == [["甲", "2"]]
    first = waiting()
    assert len(first) == 1
    assert told(tmp_path, xlsx()) == RECORDS
    before = readers.processor_seconds()
    assert told(tmp_path, b"a,b\n" + b"1,2\n" * 100_000) == [["1", "2"]] * 100_000
    assert waiting() == first
    assert 0.01 < readers.processor_seconds() - before < 10


def test_a_copy_that_is_killed_or_refuses_leaves_the_process_to_the_next_file(
    tmp_path: Path,
) -> None:
    told(tmp_path, text("甲"))
    first = waiting()
    with pytest.raises(DataError) as costly:
        told(tmp_path, b'1,"2,3"\n' * 3_000_000, Guard(cpu_seconds=1))
    assert costly.value.code == "reading_too_costly"
    with pytest.raises(DataError) as refused:
        told(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert refused.value.code == "not_a_table"
    # The limits were the copy's own.
    assert told(tmp_path, text("乙")) == [["乙", "2"]]
    assert waiting() == first


def test_files_read_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(12)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: told(folders[n], text(f"第{n}")), range(12)))
    assert found == [[[f"第{n}", "2"]] for n in range(12)]
    assert 1 <= len(waiting()) <= 2


def test_a_process_that_was_ended_meanwhile_is_replaced(tmp_path: Path) -> None:
    told(tmp_path, text("甲"))
    [first] = waiting()
    readers._waiting[0]._process.send_signal(signal.SIGKILL)
    readers._waiting[0]._process.wait()
    assert told(tmp_path, text("乙")) == [["乙", "2"]]
    assert waiting() != [first]


def test_one_that_ends_while_it_reads_costs_one_refusal(tmp_path: Path) -> None:
    readers.make_ready()
    process = readers._waiting[0]
    process._process.kill()
    # As if it had still been there when it was taken.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers.Reader, "waits", True)
        with pytest.raises(DataError) as refusal:
            told(tmp_path, text("甲"))
    assert refusal.value.code == "reading_too_costly"
    assert told(tmp_path, text("乙")) == [["乙", "2"]]


def test_what_is_left_before_it_is_done_is_ended(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        told(tmp_path, b'1,"2,3"\n' * 1_000_000, Guard(wall_seconds=0))
    assert waiting() == []


def doing(monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    """Let processes do something else than to read a table."""
    script = (
        "from data import reading_child as child\n"
        f"child.stage_table = lambda *_: {work}\n"
        "child._main()"
    )
    monkeypatch.setattr(readers, "_COMMAND", [sys.executable, "-c", script])


def test_what_a_library_prints_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing(monkeypatch, "print('{}', flush=True) or child.os.write(1, b'0\\n0\\n') and 1 / 0")
    for word in "甲乙":
        with pytest.raises(DataError) as refusal:
            told(tmp_path, text(word))
        assert refusal.value.code == "reader_failed"
        assert refusal.value.values["reason"] == "ZeroDivisionError: division by zero"


def test_nothing_is_left_waiting_where_the_program_ends_or_is_killed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(text("甲"))
    for end in ("", "os.kill(os.getpid(), 9)"):
        script = (
            "import os\nfrom pathlib import Path\nfrom data import readers, reading\n"
            f"folder = Path({str(tmp_path)!r})\n"
            "reading.read_table(folder / 'file', 'a', folder)\n"
            f"print(readers._waiting[0]._process.pid, flush=True)\n{end}"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script],
            capture_output=True, text=True, check=False, cwd=readers._ROOT,
        )  # fmt: skip
        assert not done.stderr
        (tmp_path / "cells.json").unlink()
        until = time.monotonic() + 10
        while _runs(int(done.stdout)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not _runs(int(done.stdout))


def _runs(process: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")
