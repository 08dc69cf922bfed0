"""The door to DuckDB: what the disk does not take is refused with a reason."""

import errno
import os
from pathlib import Path

import duckdb
import pytest

from data.errors import DataError
from data.storage import lake
from data.storage.lake import writing


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_is_full"),
        (errno.EROFS, "folder_not_writable"),
        (errno.EACCES, "folder_not_writable"),
    ],
)
def test_the_system_and_the_engine_are_understood(tmp_path: Path, number: int, code: str) -> None:
    said = os.strerror(number)
    for error in (OSError(number, said), duckdb.IOException(f"Could not write file: {said}")):
        with pytest.raises(DataError) as refused, writing(tmp_path):
            raise error
        assert refused.value.code == code


def test_the_signature_of_the_extension_is_checked_the_first_time_and_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "_CHECKED", set())
    extension = lake._extension()
    assert extension
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        lake.connect(tmp_path / place).close()
    assert len(lake._CHECKED) == 1
    # Its last bytes are the signature.
    other = tmp_path / extension.name
    content = bytearray(extension.read_bytes())
    content[-1] ^= 1
    other.write_bytes(content)
    monkeypatch.setattr(lake, "_extension", lambda: other)
    with pytest.raises(DataError) as refused:
        lake.connect(tmp_path / "first")
    assert refused.value.code == "extension_missing"


def test_other_failures_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    for error in (FileNotFoundError(errno.ENOENT, "gone"), duckdb.ConversionException("1.7")):
        with pytest.raises(type(error)), writing(tmp_path):
            raise error
