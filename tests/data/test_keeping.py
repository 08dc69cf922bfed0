"""Keeping a store: damage is found, backups are whole, a return never leaves half a store."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from data import keeping
from data.access import audit
from data.errors import DataError
from data.storage import exchange, ledger, room
from data.storage.lake import CATALOG, read_catalog
from data.store import Change, Store
from tests.conftest import TOWNS, fill_towns

ROOT = Path(__file__).parents[2]
# More rows than the engine keeps inside its catalog, so that there are fact files.
MANY = pd.DataFrame(
    {
        "township_code": [f"990101{n:03d}" for n in range(100, 140)],
        "name_zh": "镇",
        "county_code": "990101",
    }
)


def publish(store: Store, frame: pd.DataFrame) -> int:
    return store.publish([Change("townships", frame)], author="李评", message="名单")


def names(folder: Path) -> list[str]:
    with Store.open(folder) as store:
        asked = "SELECT DISTINCT name_zh FROM townships ORDER BY 1"
        return store.read(asked)["name_zh"].tolist()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed store of three versions, one of them inside the catalog only."""
    folder = tmp_path_factory.mktemp("made") / "data"
    with Store.open(folder) as store:
        publish(store, MANY)
        publish(store, MANY.head(30).assign(name_zh="乡"))
        fill_towns(store)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that store, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "data"))


@pytest.fixture(scope="module")
def packed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup of that store."""
    file = tmp_path_factory.mktemp("packed") / "备份.zip"
    keeping.backup(made, file)
    return file


def facts(folder: Path) -> list[Path]:
    return sorted((folder / "facts").rglob("*.parquet"))


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 0x10
    file.write_bytes(content)


def damage(folder: Path) -> list[tuple[str, str]]:
    return [(each.file, each.state) for each in keeping.verify(folder).damaged]


def test_a_whole_store_is_sound(folder: Path) -> None:
    found = keeping.verify(folder)
    assert found.sound
    assert found.files == len(facts(folder)) >= 2
    assert found.size == sum(file.stat().st_size for file in facts(folder))
    assert found.ledger == ledger.read(folder).head


def test_a_flipped_bit_in_any_fact_file_is_found(folder: Path) -> None:
    for file in facts(folder):
        inside = f"facts/{file.relative_to(folder / 'facts').as_posix()}"
        for place in (8, file.stat().st_size // 2, file.stat().st_size - 9):
            flip(file, place)
            assert damage(folder) == [(inside, "changed")]
            flip(file, place)
    file.unlink()
    assert damage(folder) == [(inside, "missing")]


def test_a_flipped_bit_in_the_catalog_is_found_or_stands_where_nothing_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    def content() -> list[list[object]]:
        shutil.copy(folder / CATALOG, tmp_path / CATALOG)
        return [frame.values.tolist() for frame in read_catalog(tmp_path / CATALOG)]

    catalog, before = folder / CATALOG, content()
    size = catalog.stat().st_size
    found = 0
    for place in range(100, size, size // 12):
        flip(catalog, place)
        if damage(folder):
            found += 1
        else:
            assert content() == before
        flip(catalog, place)
    assert found > 0
    assert keeping.verify(folder).sound


def test_versions_that_were_in_a_lost_log_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Store.open(folder) as store:
        fill_towns(store)
    script = (
        "import os, sys; from pathlib import Path; from data.store import Store\n"
        "from tests.conftest import fill_towns\n"
        "store = Store.open(Path(sys.argv[1])); fill_towns(store); os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], cwd=ROOT, check=True)
    shutil.copytree(folder, tmp_path / "copy")
    assert keeping.verify(folder).sound
    (tmp_path / "copy" / f"{CATALOG}.wal").unlink()
    found = keeping.verify(tmp_path / "copy")
    assert (found.lost, found.sound) == ((found.version + 1,), False)


def test_a_line_that_a_crash_left_out_is_written_at_the_next_start(folder: Path) -> None:
    file = folder / ledger.LEDGER
    whole = file.read_bytes()
    for cut in (len(whole.splitlines(keepends=True)[-1]), 40):
        file.write_bytes(whole[:-cut])
        Store.open(folder).close()
        assert file.read_bytes() == whole


def test_a_changed_ledger_is_found_and_not_mended(folder: Path) -> None:
    file = folder / ledger.LEDGER
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    Store.open(folder).close()
    assert damage(folder) == [(ledger.LEDGER, "changed")]


def test_a_mapping_that_cannot_be_read_is_found(folder: Path) -> None:
    (folder / "mappings").mkdir()
    (folder / "mappings" / "one.json").write_text("{", encoding="utf-8")
    assert damage(folder) == [("mappings/one.json", "unreadable")]


def test_a_backup_comes_back_on_another_machine(packed: Path, made: Path, tmp_path: Path) -> None:
    back = keeping.bring_back(tmp_path / "new", packed)
    assert back["set_aside"] is None
    assert names(tmp_path / "new") == names(made)
    with Store.open(tmp_path / "new") as store:
        assert store.version == back["version"]
        assert len(store.history()) == 3
    assert keeping.verify(tmp_path / "new").sound


def test_a_backup_taken_while_others_publish_is_one_of_the_states(tmp_path: Path) -> None:
    stop = threading.Event()
    with Store.open(tmp_path / "data") as store:
        publish(store, MANY)

        def go_on() -> None:
            for n in range(1000):
                publish(store, MANY.assign(name_zh=f"第{n}次"))
                if stop.wait(0.05):
                    return

        writer = threading.Thread(target=go_on)
        writer.start()
        try:
            files = [tmp_path / f"{n}.zip" for n in range(2)]
            versions = [keeping.backup(tmp_path / "data", file)["version"] for file in files]
        finally:
            stop.set()
            writer.join()
    for n, file in enumerate(files):
        assert keeping.bring_back(tmp_path / f"back-{n}", file)["version"] == versions[n]
        assert len(names(tmp_path / f"back-{n}")) == 1  # never half of one publication


def test_what_was_replaced_is_set_aside_and_can_come_back(
    packed: Path, tmp_path: Path, made: Path
) -> None:
    folder = tmp_path / "data"
    with Store.open(folder) as store:
        store.publish([Change("townships", TOWNS.head(1))], author="a", message="m")
    (folder / "accounts").mkdir()
    first = keeping.bring_back(folder, packed)
    assert names(folder) == names(made)
    assert (folder / "accounts").is_dir()
    keeping.bring_back(folder, Path(first["set_aside"]))
    assert names(folder) == ["示例镇"]


def test_the_log_of_who_did_what_goes_on_whatever_comes_back(folder: Path, tmp_path: Path) -> None:
    # Taken back with the data it lacked lines, and was shown as if somebody had removed them.
    new, old = tmp_path / "new.zip", tmp_path / "old.zip"
    audit.note(folder, "verified")
    keeping.backup(folder, new)
    with zipfile.ZipFile(new) as made, zipfile.ZipFile(old, "w") as earlier:
        told = json.loads(made.read("manifest.json"))
        for name in told["files"]:
            earlier.writestr(name, made.read(name))
        for name in ("audit.jsonl", "audit.jsonl.lock"):  # as backups were made before
            assert name not in told["files"]
            held = (folder / name).read_bytes()
            earlier.writestr(name, held)
            told["files"][name] = hashlib.sha256(held).hexdigest()
        earlier.writestr("manifest.json", json.dumps(told))
    audit.note(folder, "signed_in", who="李评")
    for source in (new, old):
        aside = Path(keeping.bring_back(folder, source)["set_aside"])
        audit.note(folder, "brought_back")
        shutil.copyfile(folder / "audit.jsonl", aside / "audit.jsonl")  # set aside before, too
        audit.note(folder, "verified")
        keeping.bring_back(folder, aside)
    log = audit.read(folder)
    assert (log.broken, len(log.events)) == (None, 6)


@pytest.mark.parametrize("stopped_at", [0, 1, 3, 5, 6])
def test_a_return_that_is_interrupted_is_completed_by_whoever_opens_next(
    folder: Path, packed: Path, monkeypatch: pytest.MonkeyPatch, stopped_at: int
) -> None:
    with Store.open(folder) as store:
        store.publish([Change("townships", TOWNS.assign(name_zh="后"))], author="a", message="m")
    moves = iter(range(100))
    move, rename = shutil.move, Path.rename

    def failing(act: object) -> object:
        def moved(*arguments: object) -> object:
            if next(moves) == stopped_at:
                raise KeyboardInterrupt
            return act(*arguments)  # type: ignore[operator]

        return moved

    monkeypatch.setattr(shutil, "move", failing(move))
    monkeypatch.setattr(Path, "rename", failing(rename))
    with pytest.raises(KeyboardInterrupt):
        keeping.bring_back(folder, packed)
    monkeypatch.undo()
    # Before the first rename nothing has happened; after it the return is completed.
    assert ("后" in names(folder)) == (stopped_at == 0)
    assert not exchange.pending(folder)
    assert keeping.verify(folder).sound


def test_a_backup_that_is_not_whole_changes_nothing(
    folder: Path, packed: Path, tmp_path: Path
) -> None:
    before = keeping.verify(folder)

    def refused(file: Path, code: str) -> None:
        with pytest.raises(DataError) as refusal:
            keeping.bring_back(folder, file)
        assert refusal.value.code == code
        assert keeping.verify(folder) == before
        assert not list((folder / "staging").iterdir())

    def rewritten(name: str, **changes: bytes | None) -> Path:
        """Copy the backup with members changed, added or (None) left out."""
        with zipfile.ZipFile(packed) as old, zipfile.ZipFile(tmp_path / name, "w") as new:
            members = {each: old.read(each) for each in old.namelist()} | changes
            for member, content in members.items():
                if content is not None:
                    new.writestr(member, content)
        return tmp_path / name

    with zipfile.ZipFile(packed) as archive:
        manifest = json.loads(archive.read(keeping.MANIFEST))
        fact = next(name for name in manifest["files"] if name.startswith("facts/"))
        content = archive.read(fact)
    outside = {**manifest, "files": {**manifest["files"], "../outside": "0"}}
    told = json.dumps({**manifest, "files": {**manifest["files"], "accounts/x": "0"}}).encode()
    short = tmp_path / "short.zip"
    short.write_bytes(packed.read_bytes()[:-100])
    (tmp_path / "text.zip").write_bytes(b"not a backup")
    refused(tmp_path / "nowhere.zip", "file_missing")
    refused(short, "backup_unreadable")
    refused(tmp_path / "text.zip", "backup_unreadable")
    refused(rewritten("a.zip", **{keeping.MANIFEST: None}), "backup_unreadable")
    refused(rewritten("b.zip", **{fact: content[:-1] + b"\0"}), "backup_damaged")
    refused(rewritten("c.zip", **{fact: None}), "backup_damaged")
    refused(rewritten("d.zip", extra=b"x"), "backup_damaged")
    refused(
        rewritten("e.zip", **{"../outside": b"", keeping.MANIFEST: json.dumps(outside).encode()}),
        "backup_damaged",
    )
    refused(rewritten("f.zip", **{"accounts/x": b"", keeping.MANIFEST: told}), "backup_damaged")
    assert not (tmp_path / "outside").exists()


def test_a_damaged_store_is_not_backed_up(folder: Path, tmp_path: Path) -> None:
    flip(facts(folder)[0], 20)
    for damaged in (False, True):
        if damaged:
            facts(folder)[0].unlink()
        with pytest.raises(DataError) as refusal:
            keeping.backup(folder, tmp_path / "b.zip")
        assert refusal.value.code == "store_damaged"
    assert not list(tmp_path.glob("b.zip*"))


def test_backups_refuse_what_they_must_not_do(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    for place, file, code in (
        (folder, tmp_path / "there.zip", "backup_exists"),
        (tmp_path / "empty", tmp_path / "b.zip", "no_store"),
        (folder, tmp_path / "no folder" / "b.zip", "backup_unwritten"),
    ):
        with pytest.raises(DataError) as refusal:
            keeping.backup(place, file)
        assert refusal.value.code == code
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    with pytest.raises(DataError) as refusal:
        room.require(folder, 1 << 60)
    assert refusal.value.code == "disk_full"


def test_a_store_in_use_is_not_replaced(folder: Path, packed: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from data import keeping\n"
        "from data.errors import DataError\n"
        "try: keeping.bring_back(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except DataError as error: print(error.code); sys.exit(2)\n"
    )
    with Store.open(folder):
        other = subprocess.run(
            [sys.executable, "-c", script, str(folder), str(packed)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert (other.returncode, other.stdout.strip()) == (2, "store_in_use")
