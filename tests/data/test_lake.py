"""The door to DuckDB: what the disk does not take is refused with a reason."""

import errno
import os
from pathlib import Path

import duckdb
import pytest

from data.errors import DataError
from data.lake import writing


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


def test_other_failures_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    for error in (FileNotFoundError(errno.ENOENT, "gone"), duckdb.ConversionException("1.7")):
        with pytest.raises(type(error)), writing(tmp_path):
            raise error
