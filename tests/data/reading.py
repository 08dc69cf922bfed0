"""How tests bring bytes to the door for files, and look at what it gave."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

from data import reading, reading_child
from data.errors import DataError
from data.files import read_grid
from data.formats.grid import Grid

# A small table as text.
HEAD, DATA = "乡镇,人口,面积\n", "甲,1,2\n乙,3,4\n"
LAW = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(tmp_path: Path, content: bytes, **options: object) -> Grid:
    file = tmp_path / "file"
    file.write_bytes(content)
    return read_grid(file, "file.csv", **options)  # type: ignore[arg-type]


def read_or_refuse(tmp_path: Path, content: bytes, **options: object) -> Grid | None:
    """Return None for a refusal; any other failure is the test's."""
    try:
        return read(tmp_path, content, **options)
    except DataError:
        return None


def refusal(tmp_path: Path, content: bytes, **options: object) -> DataError:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content, **options)
    return caught.value


def rows(grid: Grid) -> list[list[str | None]]:
    columns = [column.to_pylist() for column in grid.cells.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Change one to four bytes."""
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@contextmanager
def in_this_process() -> Iterator[None]:
    """Read small files without a process for each: tests of what is read, not of the limits."""

    def work(task: str, path: Path, name: str, folder: Path, how: object, _: object) -> object:
        stage = {"table": reading_child.stage_table, "boundaries": reading_child.stage_boundaries}[
            task
        ]
        return json.loads(json.dumps(stage(path, name, folder, how)))

    # Nobody watches: a process of its own would tell into its folder how far it is.
    untold = mock.patch.object(reading_child.TELLER, "begin")
    with mock.patch.object(reading, "_in_child", work), untold:
        yield
