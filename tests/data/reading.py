"""How tests bring bytes to the door for files, and look at what it gave."""

import random
from pathlib import Path

import pytest

from data.errors import DataError
from data.files import read_grid
from data.grid import Grid


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
