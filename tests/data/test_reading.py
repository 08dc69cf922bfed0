"""Reading in a process of its own: the same answer, and no file can take the program with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data import reading
from data.errors import DataError
from data.files import read_grid
from data.reading import Guard
from tests.data.geography.test_shapefiles import BOW_TIE, box, layer, zipped

TEXT = 'a,b\n1,"甲,乙"\n2,\n3\n'
# Quotation marks are not for the quick reader.
SLOW = b'1,"2,3"\n'


def file(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("gb18030"),
        "表一\n乡镇,人口\n甲,1\n乙,2\n合计,3\n乡镇,人口\n丙\n注：甲\n".encode("utf-16-le"),
    ],
)
def test_the_child_answers_as_the_reader_does(tmp_path: Path, content: bytes) -> None:
    path = file(tmp_path, content)
    own, expected = reading.read_table(path, "甲.csv", tmp_path), read_grid(path, "甲.csv")
    assert vars(own).keys() == vars(expected).keys()
    for field, value in vars(expected).items():
        got = getattr(own, field)
        if field in ("cells", "records", "lines"):
            assert got.to_pylist() == value.to_pylist()
        else:
            assert got == value, field


def test_what_was_staged_is_not_read_again(tmp_path: Path) -> None:
    path = file(tmp_path, TEXT.encode())
    first = reading.read_table(path, "a", tmp_path)
    path.unlink()
    assert reading.read_table(path, "a", tmp_path).cells.equals(first.cells)


def test_a_reading_cut_short_is_done_anew(tmp_path: Path) -> None:
    path = file(tmp_path, TEXT.encode())
    reading.read_table(path, "a", tmp_path)
    (tmp_path / "cells.json").unlink()
    (tmp_path / "grid.arrow").write_bytes(b"ARROW1")
    assert reading.read_table(path, "a", tmp_path).cells.num_rows == 1


def test_refusals_arrive_with_their_words_in_both_languages(tmp_path: Path) -> None:
    path = file(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(DataError) as here:
        read_grid(path, "图.csv")
    with pytest.raises(DataError) as there:
        reading.read_table(path, "图.csv", tmp_path)
    assert there.value.code == here.value.code
    assert there.value.problem == here.value.problem
    assert there.value.place == here.value.place


def test_boundaries_arrive_with_their_problems(tmp_path: Path) -> None:
    path = zipped(tmp_path, layer(("990101100", [box(110, 30)]), ("990101101", [BOW_TIE])))
    frame, problems, _ = reading.read_boundaries(path, "b.zip", tmp_path, crs="WGS84")
    assert frame["unit_code"].tolist() == ["990101100"]
    assert [each.code for each in problems] == ["boundary_invalid"]
    assert problems[0].reason.zh


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_too_much_memory_costs_one_refusal(tmp_path: Path) -> None:
    path = file(tmp_path, b"a,b\n" + b"1,2\n" * 6_000_000)
    with pytest.raises(DataError) as refusal:
        reading.read_table(path, "a", tmp_path, guard=Guard(memory=250 << 20))
    assert refusal.value.code in ("reading_too_costly", "reader_failed")
    assert not (tmp_path / "cells.json").exists()


def test_too_much_time_costs_one_refusal_and_leaves_no_process(tmp_path: Path) -> None:
    path = file(tmp_path, SLOW * 1_000_000)
    with pytest.raises(DataError) as refusal:
        reading.read_table(path, "a", tmp_path, guard=Guard(wall_seconds=1))
    assert refusal.value.code == "reading_too_costly"
    if os.name == "posix":
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        assert str(tmp_path) not in listed.stdout


def test_processor_time_is_limited_too(tmp_path: Path) -> None:
    path = file(tmp_path, SLOW * 3_000_000)
    with pytest.raises(DataError) as refusal:
        reading.read_table(path, "a", tmp_path, guard=Guard(cpu_seconds=1))
    assert refusal.value.code == "reading_too_costly"


def test_a_text_is_read_without_what_takes_long_to_import(tmp_path: Path) -> None:
    path = file(tmp_path, "乡镇,人口\n甲,1\n乙,2\n".encode())
    order = {
        "task": "table", "path": str(path), "name": "a", "folder": str(tmp_path), "how": {},
        "guard": vars(reading.Guard()),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "data.reading_child"],
        input=json.dumps(order) + "\n", capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[0])["header"] == ["乡镇", "人口"]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "data.formats.plain_text" in imported
    # What was asked for in vain is listed too, but has no parts.
    assert not imported & {"pyarrow.compute", "pyarrow.parquet"}
    assert not [name for name in imported if name.startswith(("numpy.", "pandas."))]
