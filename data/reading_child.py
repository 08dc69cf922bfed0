"""The process that reads files for `data.readers`, each in a copy within limits it cannot lift.

Half of what a small file costs is the import of what reads it: a text is read without numpy and
pandas, and what only other kinds of files need is imported for those alone.
"""

import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

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
_NOT_FOR_TEXTS, _NOT_FOR_OTHERS = ("pandas", "numpy"), ("pandas",)
_FOR_TEXTS = ("data.files", "data.formats.plain_text", "pyarrow.csv")
# Said on the command line: read one file, and end.
_ONE = "one"


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


def _serve(answers: int) -> None:
    """Read each file that is ordered in a copy of this process, which has opened none itself.

    An order is a line. To `answers` the copy writes one line, and this process then another: the
    exit status of the copy and the processor seconds it used.
    """
    with _without(*_NOT_FOR_TEXTS):
        import pyarrow as pa

        pa.array([])  # Arrow looks for pandas once, before its first array
    for module in _FOR_TEXTS:
        importlib.import_module(module)
    gc.freeze()  # what is there already is not looked through, and copied by it, in each copy
    for order in sys.stdin.buffer:
        copy = os.fork()
        if not copy:
            _in_copy(order, answers)
        _, status, used = os.wait4(copy, 0)
        ended, seconds = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
        os.write(answers, f"\n{ended} {seconds}\n".encode())


def _in_copy(line: bytes, answers: int) -> NoReturn:
    try:
        order = json.loads(line)
        _limit(order["guard"])
        if not _is_text(order):
            _begin_anew(line, answers)
        _end_with(_told(order), answers)
    finally:  # where only what nobody expected comes by
        traceback.print_exc()
        os._exit(1)


def _begin_anew(line: bytes, answers: int) -> NoReturn:
    """Read with what was not imported: here Arrow can no longer be had with numpy."""
    given, into = os.pipe()
    os.write(into, line)  # paths and names: no more than a pipe holds
    os.close(into)
    os.dup2(given, 0)
    os.dup2(answers, 1)
    os.execv(sys.executable, [sys.executable, "-m", "data.reading_child", _ONE])


def _read_one(answers: int) -> NoReturn:
    order = json.loads(sys.stdin.buffer.readline())
    _limit(order["guard"])
    with _without(*(_NOT_FOR_TEXTS if _is_text(order) else _NOT_FOR_OTHERS)):
        import pyarrow as pa

        pa.array([])
    _end_with(_told(order), answers)


def _is_text(order: Mapping[str, Any]) -> bool:
    if order["task"] != "table":
        return False
    try:
        return container(Path(order["path"]), order["name"]) == "text"
    except (DataError, MemoryError):  # the reading says it
        return False


def _told(order: Mapping[str, Any]) -> dict[str, Any]:
    import pyarrow as pa

    work = {"table": stage_table, "boundaries": stage_boundaries}[order["task"]]
    path, folder = Path(order["path"]), Path(order["folder"])
    try:
        with room.writing(folder):
            return work(path, order["name"], folder, order["how"])
    except DataError as refusal:
        values = {key: _plain(value) for key, value in refusal.values.items()}
        return {"refused": refusal.code, "values": values}
    except (MemoryError, pa.ArrowMemoryError):
        return {"refused": "reading_too_costly", "values": {}}


def _end_with(told: Mapping[str, Any], answers: int) -> NoReturn:
    """Answer and end, without what libraries do at the end.

    Those that take their threads down while they still start would now and then abort the process,
    and a good file would be refused.
    """
    answer = json.dumps(told).encode()
    while answer:
        answer = answer[os.write(answers, answer) :]
    os._exit(0)


def _limit(guard: Mapping[str, int]) -> None:
    if sys.platform == "win32":  # has no such limits; there the wall clock alone guards
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (guard["memory"], guard["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (guard["cpu_seconds"], guard["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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


def _main() -> None:
    # What libraries print is no answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    if hasattr(os, "fork") and _ONE not in sys.argv:
        _serve(answers)
    else:
        _read_one(answers)


if __name__ == "__main__":
    _main()
