"""The audit log: what is edited, taken out, put in, moved or missing at the end is found."""

import errno
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.access import audit
from data.access.accounts import FOLDER
from data.errors import DataError
from data.storage import ledger

Lines = list[bytes]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A log of four events."""
    for n, did in enumerate(("signed_in", "taken_out", "link_made", "signed_out")):
        audit.note(tmp_path, did, who="李评", about=f"第 {n} 件")  # type: ignore[arg-type]
    return tmp_path


def test_events_come_back_as_they_were_told(root: Path) -> None:
    found = audit.read(root)
    assert found.broken is None
    assert [event.did for event in found.events] == [
        "signed_in", "taken_out", "link_made", "signed_out",
    ]  # fmt: skip
    assert [event.number for event in found.events] == [1, 2, 3, 4]
    assert {event.who for event in found.events} == {"李评"}
    assert found.head == found.events[-1].hash
    assert audit.read(root / "elsewhere") == audit.Log((), None)


def edited(lines: Lines) -> Lines:
    return [lines[0], lines[1].replace("第 1 件".encode(), "第 9 件".encode()), *lines[2:]]


def rehashed(lines: Lines) -> Lines:
    told = json.loads(edited(lines)[1])
    event = audit.Event(**told)
    told["hash"] = event.own_hash()
    return [lines[0], json.dumps(told, ensure_ascii=False).encode(), *lines[2:]]


@pytest.mark.parametrize(
    ("forge", "broken"),
    [
        (edited, 2),
        (rehashed, 3),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1),
        (lambda lines: lines[:-1], 4),
        (lambda _: [], 1),
        (lambda lines: [*lines[:-1], b"{}"], 4),
    ],
)
def test_what_was_done_to_the_log_is_found(
    root: Path, forge: Callable[[Lines], Lines], broken: int
) -> None:
    file = root / audit.FILE
    lines = forge(file.read_bytes().splitlines())
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    assert audit.read(root).broken == broken
    # What happens afterwards is written down all the same, and heals nothing.
    audit.note(root, "signed_in")
    assert audit.read(root).broken is not None


def test_a_new_log_or_another_mark_is_found(root: Path) -> None:
    (root / audit.FILE).unlink()
    assert audit.read(root).broken == 1
    audit.note(root, "signed_in")
    assert audit.read(root).broken == 1
    for mark in ('{"told": "1 0", "signature": "00"}', "torn", None):
        (root / FOLDER / audit.HEAD).unlink()
        (root / audit.FILE).unlink(missing_ok=True)
        audit.note(root, "signed_in")
        if mark:
            (root / FOLDER / audit.HEAD).write_text(mark)
        else:
            (root / FOLDER / audit.HEAD).unlink()
        assert audit.read(root).broken == 2
        audit.note(root, "signed_out")
        assert [event.did for event in audit.read(root).events] == ["signed_in", "signed_out"]


def test_a_torn_last_line_is_cut_and_a_mark_that_is_behind_is_no_fault(root: Path) -> None:
    mark = (root / FOLDER / audit.HEAD).read_bytes()
    audit.note(root, "verified")
    (root / FOLDER / audit.HEAD).write_bytes(mark)  # the machine stopped between the two
    assert audit.read(root).broken is None
    with (root / audit.FILE).open("ab") as file:
        file.write(b'{"number": 6, "ti')
    audit.note(root, "signed_in")
    found = audit.read(root)
    assert (len(found.events), found.broken) == (6, None)


def test_what_cannot_be_written_is_refused_with_the_reason(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(ledger, "append", full)
    with pytest.raises(DataError) as refused:
        audit.note(root, "signed_in")
    assert refused.value.code == "disk_is_full"
    assert audit.read(root).broken is None


def test_one_event_is_one_line_whatever_it_is_told(tmp_path: Path) -> None:
    audit.note(tmp_path, "sign_in_refused", who="a\nb\x1b[31m\u2028c", about="长" * 5000)
    event = audit.read(tmp_path).events[0]
    assert event.who == "ab[31mc"
    assert event.about == "长" * audit.LONGEST
    audit.note(tmp_path, "signed_in")
    assert audit.read(tmp_path).broken is None


def test_many_write_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda n: audit.note(tmp_path, "taken_out", about=str(n)), range(24)))
    found = audit.read(tmp_path)
    assert (len(found.events), found.broken) == (24, None)
    assert {event.about for event in found.events} == set(map(str, range(24)))
