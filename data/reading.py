"""Reads one file in a process of its own, with limits: the program outlives whatever a file does.

That process (see `data.readers`) parses and stages what it found as Arrow, Parquet and JSON; a file
that takes too much memory or time costs one refusal. Nothing that comes back is executed: no
pickle, only columns and words.
"""

import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import ipc

from data.errors import DataError
from data.formats.grid import Fault, Grid, Numbers, Ragged
from data.readers import Ended, Reader, reader
from data.reading_child import CELLS, NUMBERS, TOLD
from data.storage import room
from data.watch import current
from data.words import Text

if TYPE_CHECKING:
    import pandas as pd

    from data.geography.boundaries import Problem

# A heading may begin with a bracket too, and in UTF-16 some Chinese characters begin like one.
_OF_JSON = re.compile(rb'\s*[\[{][\s\[{]*(["}\]]|$)')
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
    staged = folder / "cells.json"
    if not staged.exists():
        told = _in_child("table", path, name, folder, how, guard)
        # Written last: a reading that was cut short leaves none and is done anew.
        with room.writing(folder):
            staged.write_text(json.dumps(told), encoding="utf-8")
    told = json.loads(staged.read_text(encoding="utf-8"))
    with pa.OSFile(str(folder / CELLS)) as file:
        table = ipc.open_file(file).read_all()
    for field, kind in (("ragged", Ragged), ("faults", Fault)):
        told[field] = tuple(kind(**each) for each in told[field])
    header = tuple(told.pop("header"))
    numbers: dict[str, Any] = {name: _numbers(table, name, told.pop(name)) for name in NUMBERS}
    cells = table.select([name for name in table.column_names if name not in NUMBERS])
    return Grid(header=header, cells=cells, **numbers, **told)


def read_boundaries(
    path: Path, name: str, folder: Path, *, crs: str, guard: Guard = _GUARD
) -> "tuple[pd.DataFrame, list[Problem], str]":
    """Read GeoJSON or a zipped shapefile: rows as `read_geojson` returns, problems, encoding."""
    import pandas as pd

    from data.geography.boundaries import Problem

    told = _in_child("boundaries", path, name, folder, {"crs": crs}, guard)
    problems = [Problem(**{**each, "reason": Text(**each["reason"])}) for each in told["problems"]]
    return pd.read_parquet(folder / "features.parquet"), problems, told["encoding"]


def is_boundaries(path: Path) -> bool:
    """Say whether a file is read by `read_boundaries`: GeoJSON or a zipped shapefile."""
    from data.geography.shapefiles import is_zipped

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
    with reader() as process:
        process.begin(order)
        ended = _waited(process, name, folder, guard)
    if ended.status:
        logging.getLogger(__name__).error("%s: %s", name, ended.said)
        raise _too_costly(name, guard) if ended.status < 0 else _failed(name, ended.said)
    told: dict[str, Any] = json.loads(ended.answer)
    if "refused" in told:
        if told["refused"] == "reading_too_costly":
            raise _too_costly(name, guard)
        values = {key: _spoken(value) for key, value in told["values"].items()}
        raise DataError(told["refused"], **values)
    return told


def _waited(process: Reader, name: str, folder: Path, guard: Guard) -> Ended:
    """Wait for what is answered, as long as it may take and nobody stops it."""
    watch, until = current(), time.monotonic() + guard.wall_seconds
    while not (ended := process.ended(_LOOK_SECONDS)):
        if time.monotonic() > until:
            raise _too_costly(name, guard)
        if watch:
            watch.look(folder / TOLD)
            if watch.stopped:
                raise DataError("reading_stopped", file=name)
    return ended


def _too_costly(name: str, guard: Guard) -> DataError:
    limit = f"{guard.memory >> 20} MB, {guard.cpu_seconds} s"
    return DataError("reading_too_costly", file=name, limit=limit)


def _failed(name: str, said: str) -> DataError:
    lines = said.splitlines()
    return DataError("reader_failed", file=name, reason=lines[-1][:200] if lines else "-")


def _spoken(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) else value


def _numbers(table: pa.Table, name: str, first: int | None) -> Numbers:
    if first is None:
        return table[name].combine_chunks()
    return range(first, first + table.num_rows)
