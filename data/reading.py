"""Reads one file in a process of its own, with limits: the program outlives whatever a file does.

The child (`python -m data.reading`) parses and stages what it found as Arrow, Parquet and JSON; a
file that takes too much memory or time costs one refusal. Nothing that comes back is executed: no
pickle, only columns and words.
"""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from data import room
from data.errors import DataError
from data.files import Fault, Grid, Ragged, read_grid
from data.watch import TELLER, current
from data.words import Text

# The child imports what reads boundaries only for boundaries: tables are read twice as soon.
if TYPE_CHECKING:
    import pandas as pd

    from data.boundaries import Problem

# A heading may begin with a bracket too, and in UTF-16 some Chinese characters begin like one.
_OF_JSON = re.compile(rb'\s*[\[{][\s\[{]*(["}\]]|$)')
_ROOT = Path(__file__).resolve().parents[1]
_NUMBERS = ("records", "lines")
_BATCH = 65_536
_CELLS = "grid.arrow"
_TOLD = "rows-read"
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Guard:
    """What one file may take: address space in bytes, processor and wall time in seconds."""

    memory: int = 6 << 30
    cpu_seconds: int = 300
    wall_seconds: int = 600


_GUARD = Guard()


def read_table(
    path: Path,
    name: str,
    folder: Path,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    guard: Guard = _GUARD,
) -> Grid:
    """Read a table of text as `files.read_grid` does; what was read is staged in `folder`.

    What is staged there already is not read again: a folder belongs to one file and one `how`.

    Raises DataError as `read_grid` does, `reading_too_costly` at a limit of the guard, and
    `reader_failed` where the reader itself broke.
    """
    how = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    staged = folder / "grid.json"
    if not staged.exists():
        told = _in_child("table", path, name, folder, how, guard)
        # Written last: a reading that was cut short leaves none and is done anew.
        with room.writing(folder):
            staged.write_text(json.dumps(told), encoding="utf-8")
    told = json.loads(staged.read_text(encoding="utf-8"))
    with pa.OSFile(str(folder / _CELLS)) as file:
        table = ipc.open_file(file).read_all()
    for field, kind in (("ragged", Ragged), ("faults", Fault)):
        told[field] = tuple(kind(**each) for each in told[field])
    header = tuple(told.pop("header"))
    numbers = {name: _numbers(table, name, told.pop(name)) for name in _NUMBERS}
    cells = table.select([name for name in table.column_names if name not in _NUMBERS])
    return Grid(header=header, cells=cells, **numbers, **told)


def read_boundaries(
    path: Path, name: str, folder: Path, *, crs: str, guard: Guard = _GUARD
) -> "tuple[pd.DataFrame, list[Problem], str]":
    """Read GeoJSON or a zipped shapefile: rows as `read_geojson` returns, problems, encoding."""
    import pandas as pd

    from data.boundaries import Problem

    told = _in_child("boundaries", path, name, folder, {"crs": crs}, guard)
    problems = [Problem(**{**each, "reason": Text(**each["reason"])}) for each in told["problems"]]
    return pd.read_parquet(folder / "features.parquet"), problems, told["encoding"]


def is_boundaries(path: Path) -> bool:
    """Say whether a file is read by `read_boundaries`: GeoJSON or a zipped shapefile."""
    from data.shapefiles import is_zipped

    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf")
    return _OF_JSON.match(head) is not None or is_zipped(path)


def _in_child(
    task: str, path: Path, name: str, folder: Path, how: Mapping[str, Any], guard: Guard
) -> dict[str, Any]:
    order = {
        "task": task,
        "path": str(path.absolute()),
        "name": name,
        "folder": str(folder.absolute()),
        "how": how,
        "guard": asdict(guard),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "data.reading"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, said = _waited(child, json.dumps(order).encode(), name, folder, guard)
    finally:
        _end(child)
    if child.returncode:
        logging.getLogger(__name__).error("%s: %s", name, said.decode(errors="replace"))
        raise _too_costly(name, guard) if child.returncode < 0 else _failed(name, said)
    told: dict[str, Any] = json.loads(out)
    if "refused" in told:
        values = {key: _spoken(value) for key, value in told["values"].items()}
        raise DataError(told["refused"], **values)
    return told


def _waited(
    child: "subprocess.Popen[bytes]", order: bytes, name: str, folder: Path, guard: Guard
) -> tuple[bytes, bytes]:
    """Wait for what the child says, as long as it may take and nobody stops it."""
    watch, until = current(), time.monotonic() + guard.wall_seconds
    given: bytes | None = order
    while True:
        try:
            return child.communicate(given, timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired as error:
            given = None  # was sent; asking again only waits on
            if time.monotonic() > until:
                raise _too_costly(name, guard) from error
        if watch:
            watch.look(folder / _TOLD)
            if watch.stopped:
                raise DataError("reading_stopped", file=name)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child and whatever it started itself."""
    if child.poll() is None:
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.communicate()


def _too_costly(name: str, guard: Guard) -> DataError:
    limit = f"{guard.memory >> 20} MB, {guard.cpu_seconds} s"
    return DataError("reading_too_costly", file=name, limit=limit)


def _failed(name: str, said: bytes) -> DataError:
    lines = said.decode(errors="replace").strip().splitlines()
    return DataError("reader_failed", file=name, reason=lines[-1][:200] if lines else "-")


def _spoken(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) else value


def _plain(value: Any) -> Any:
    """Return a value of a refusal as JSON can hold it; words stay in both languages."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, int | float | str | None) else str(value)


def _main() -> None:
    order = json.load(sys.stdin)
    guard = Guard(**order["guard"])
    _limit(guard)
    path, folder = Path(order["path"]), Path(order["folder"])
    if order["task"] == "table":
        _without_pandas()
    work = {"table": _stage_table, "boundaries": _stage_boundaries}[order["task"]]
    try:
        with room.writing(folder):
            told = work(path, order["name"], folder, order["how"])
    except DataError as refusal:
        values = {key: _plain(value) for key, value in refusal.values.items()}
        told = {"refused": refusal.code, "values": values}
    except (MemoryError, pa.ArrowMemoryError):
        too_costly = _too_costly(order["name"], guard)
        told = {"refused": too_costly.code, "values": too_costly.values}
    json.dump(told, sys.stdout)


def _limit(guard: Guard) -> None:
    if sys.platform == "win32":  # has no such limits; there the wall clock alone guards
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (guard.memory, guard.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (guard.cpu_seconds, guard.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _NoPandas(MetaPathFinder):
    """Says that there is no pandas."""

    def find_spec(self, fullname: str, path: object, target: object = None, /) -> None:
        _ = path, target
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _without_pandas() -> None:
    """Let Arrow do without pandas, whose import takes longer than the reading of most files.

    Arrow looks for it once, before its first array; whoever imports it later still finds it.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)


def _stage_table(path: Path, name: str, folder: Path, how: dict[str, Any]) -> dict[str, Any]:
    TELLER.begin(folder / _TOLD)
    grid = read_grid(path, name, **how)
    table, counted = grid.cells, {name: _first(getattr(grid, name)) for name in _NUMBERS}
    for name in _NUMBERS:
        if counted[name] is None:
            table = table.append_column(name, getattr(grid, name))
    # As Arrow holds it in memory: nothing is packed and unpacked again.
    with pa.OSFile(str(folder / _CELLS), "wb") as file, ipc.new_file(file, table.schema) as out:
        out.write_table(table, _BATCH)
    told = {key: value for key, value in vars(grid).items() if key not in ("cells", *_NUMBERS)}
    told |= counted
    for field in ("ragged", "faults"):
        told[field] = [asdict(each) for each in told[field]]
    return told


def _first(numbers: pa.Array) -> int | None:
    """Return the first of numbers that count upwards one by one, as they nearly always do.

    They are told by it alone: written out they would be as large as the cells.
    """
    if not len(numbers):
        return None
    first, last = int(numbers[0].as_py()), int(numbers[-1].as_py())
    return first if last - first == len(numbers) - 1 else None


def _numbers(table: pa.Table, name: str, first: int | None) -> pa.Array:
    if first is None:
        return table[name].combine_chunks()
    return pa.array(np.arange(first, first + table.num_rows))


def _stage_boundaries(path: Path, name: str, folder: Path, how: dict[str, Any]) -> dict[str, Any]:
    from data.boundaries import read_geojson
    from data.shapefiles import is_zipped, read_shapefile

    if is_zipped(path):
        frame, problems, encoding = read_shapefile(path, name, **how)
    else:
        frame, problems = read_geojson(path.read_bytes(), **how)
        encoding = "utf-8"
    frame.to_parquet(folder / "features.parquet", index=False)
    told = [{**vars(each), "reason": _plain(each.reason)} for each in problems]
    return {"problems": told, "encoding": encoding}


if __name__ == "__main__":
    _main()
    # Everything is written and said. Libraries that take their threads down while those still
    # start would now and then abort the process, and a good file would be refused.
    sys.stdout.flush()
    os._exit(0)
