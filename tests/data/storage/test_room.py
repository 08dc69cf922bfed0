"""Room on the disk is asked for before anything is written; a disk that fills up costs nothing."""

import errno
import os
import zipfile
from pathlib import Path

import pytest

from data import ingest, reading_child
from data.drafting import drafts
from data.errors import DataError
from data.storage import room
from data.store import Store
from tests.data.reading import in_this_process

VILLAGE = (
    "community_code,township_code,name_zh,kind\n990101100201,990101100,甲村,village\n".encode()
)


def state(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


def test_what_an_import_may_take_goes_by_what_the_file_unpacks_to(tmp_path: Path) -> None:
    text, packed, parquet = (tmp_path / name for name in ("a.csv", "a.zip", "a.parquet"))
    text.write_bytes(b"a,b\n" * 1_000_000)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(text, "a.csv")
    parquet.write_bytes(b"PAR1" + b"x" * 999_996)
    told = [(room.for_import(file) - room.RESERVE) / 4_000_000 for file in (text, packed, parquet)]
    assert told == [4, 4, 8]
    # An archive that cannot be read is its reader's affair.
    packed.write_bytes(b"PK\x03\x04" + b"x" * 999_996)
    assert room.for_import(packed) == 4_000_000 + room.RESERVE


def test_every_way_in_asks_first_and_says_what_is_missing(
    towns: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "村.csv"
    file.write_bytes(VILLAGE)
    with in_this_process():
        ready = ingest.prepare(towns, file, file.name)
    ways = (
        lambda: drafts.keep(towns, "新.csv", VILLAGE + b" "),
        lambda: ingest.prepare(towns, file, file.name),
        lambda: ingest.publish(towns, ready, author="a", message="m"),
    )
    before, version = state(towns.folder), towns.version
    monkeypatch.setattr(room, "free", lambda _: 5 << 20)
    for way in ways:
        with pytest.raises(DataError) as refused:
            way()
        assert refused.value.code == "disk_full"
        assert refused.value.values | {"folder": ""} == {
            "folder": "", "needed": 17, "free": 5, "missing": 12,
        }  # fmt: skip
        assert "17 MB" in refused.value.problem.zh
        assert "12 MB" in refused.value.next_step.zh
        assert "12 MB" in refused.value.next_step.en
    assert (state(towns.folder), towns.version) == (before, version)
    monkeypatch.undo()
    assert ingest.publish(towns, ready, author="a", message="m") == version + 1


def test_a_disk_that_fills_up_while_a_file_is_read_leaves_nothing_half(
    towns: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = drafts.keep(towns, "村.csv", VILLAGE)
    before = state(towns.folder)

    def half(path: Path, name: str, folder: Path, how: object) -> dict[str, object]:
        _ = path, name, how
        (folder / "grid.arrow").write_bytes(b"ARROW1")
        with room.writing(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with in_this_process():
        with monkeypatch.context() as full:
            full.setattr(reading_child, "stage_table", half)
            with pytest.raises(DataError) as refused:
                ingest.prepare(towns, upload.path, upload.name)
        assert refused.value.code == "disk_is_full"
        assert state(towns.folder) == before
        assert ingest.prepare(towns, upload.path, upload.name).records_kept == 1
