"""The process that reads one file for `data.reading`, within limits that it cannot lift.

Half of what a small file costs is the import of what reads it: a text is read without numpy and
pandas, and what only other kinds of files need is imported for those alone.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import DataError
from data.formats.signatures import container
from data.storage import room
from data.watch import TELLER
from data.words import Text

if TYPE_CHECKING:
    import pyarrow as pa

CELLS = "grid.arrow"
TOLD = "rows-read"
# Columns of the staged cells, where they do not count upwards one by one.
NUMBERS = ("records", "lines")
_BATCH = 65_536


def stage_table(path: Path, name: str, folder: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """Read a table of text and stage its cells; return all else of the grid."""
    import pyarrow as pa
    from pyarrow import ipc

    from data.files import read_grid

    TELLER.begin(folder / TOLD)
    grid = read_grid(path, name, **how)
    table, counted = grid.cells, {name: _first(vars(grid)[name]) for name in NUMBERS}
    for name in NUMBERS:
        if counted[name] is None:
            table = table.append_column(name, getattr(grid, name))
    # As Arrow holds it in memory: nothing is packed and unpacked again.
    with pa.OSFile(str(folder / CELLS), "wb") as file, ipc.new_file(file, table.schema) as out:
        out.write_table(table, _BATCH)
    told = {key: value for key, value in vars(grid).items() if key not in ("cells", *NUMBERS)}
    told |= counted
    for field in ("ragged", "faults"):
        told[field] = [asdict(each) for each in told[field]]
    return told


def stage_boundaries(path: Path, name: str, folder: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """Read boundaries and stage their features; return their problems and encoding."""
    from data.geography.boundaries import read_geojson
    from data.geography.shapefiles import is_zipped, read_shapefile

    if is_zipped(path):
        frame, problems, encoding = read_shapefile(path, name, **how)
    else:
        frame, problems = read_geojson(path.read_bytes(), **how)
        encoding = "utf-8"
    frame.to_parquet(folder / "features.parquet", index=False)
    told = [{**vars(each), "reason": _plain(each.reason)} for each in problems]
    return {"problems": told, "encoding": encoding}


def _first(numbers: "range | pa.Array") -> int | None:
    """Return the first of numbers that count upwards one by one, as they nearly always do.

    They are told by it alone: written out they would be as large as the cells.
    """
    if not len(numbers):
        return None
    first, last = (n if isinstance(n, int) else n.as_py() for n in (numbers[0], numbers[-1]))
    return first if last - first == len(numbers) - 1 else None


def _plain(value: Any) -> Any:
    """Return a value of a refusal as JSON can hold it; words stay in both languages."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, int | float | str | None) else str(value)


def _main() -> None:
    order = json.load(sys.stdin)
    _limit(order["guard"])
    path, folder = Path(order["path"]), Path(order["folder"])
    work = {"table": stage_table, "boundaries": stage_boundaries}[order["task"]]
    try:
        absent = _not_needed(path, order["name"]) if order["task"] == "table" else ()
        with _without(*absent):
            import pyarrow as pa

            pa.array([])  # Arrow looks for pandas once, before its first array
        try:
            with room.writing(folder):
                told = work(path, order["name"], folder, order["how"])
        except pa.ArrowMemoryError as error:
            raise MemoryError from error
    except DataError as refusal:
        values = {key: _plain(value) for key, value in refusal.values.items()}
        told = {"refused": refusal.code, "values": values}
    except MemoryError:
        told = {"refused": "reading_too_costly", "values": {}}
    json.dump(told, sys.stdout)


def _limit(guard: Mapping[str, int]) -> None:
    if sys.platform == "win32":  # has no such limits; there the wall clock alone guards
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (guard["memory"], guard["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (guard["cpu_seconds"], guard["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _not_needed(path: Path, name: str) -> tuple[str, ...]:
    """Return the packages without which a table is read."""
    return ("pandas", "numpy") if container(path, name) == "text" else ("pandas",)


class _Absent:
    """A finder of modules that says of packages that they are not there."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: object, target: object = None, /) -> None:
        _ = path, target
        if fullname in self._names:
            raise ModuleNotFoundError(fullname)


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let what is imported within do without packages; whoever imports them later finds them."""
    finder = _Absent(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


if __name__ == "__main__":
    _main()
    # Everything is written and said. Libraries that take their threads down while those still
    # start would now and then abort the process, and a good file would be refused.
    sys.stdout.flush()
    os._exit(0)
