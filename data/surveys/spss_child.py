"""Reads one SPSS file in a process of its own, and nothing else: run by `data.surveys.spss`.

ReadStat, the library below pyreadstat, ends its whole process on some damaged files; here that
costs one refusal and not the server. The dictionary of the file is judged before a single value
is read. Nothing of the project is imported, so that the process starts at once.
"""

import json
import sys
import warnings
from collections.abc import Iterable
from itertools import chain
from typing import Any

import pyarrow as pa
import pyreadstat

# Encodings that a Chinese file declares on purpose; a Latin one is what programs write that were
# never told, and every byte of Chinese text has some meaning in it.
TRUSTED = ("UTF", "GB", "CP936", "MS936", "WINDOWS-936", "BIG5", "CP950")
_MEMORY, _SECONDS = 6 << 30, 300


class RefusedError(Exception):
    """A refusal: the code of the words for it, and their values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.told = {"refused": code, "values": values}


def main(path: str, out: str, given: str, limits: dict[str, int]) -> dict[str, Any]:
    """Write the columns of `path` to the Arrow file `out`; return what the dictionary says.

    given: an iconv name for a file that declares no encoding or a wrong one, or ''. limits:
    columns, cells, bytes. Numbers are float64, system-missing ones null; texts are strings.
    """
    held: dict[str, list[Any]] = {}
    meta: Any = None
    try:
        held, meta = _load(path, None, limits)
        unsure = not _is_trusted(meta.file_encoding) and _foreign(held, meta)
    except (UnicodeError, pyreadstat.ReadstatError):
        # What the file declares does not fit what it holds.
        if not given:
            raise
        unsure = True
    if unsure and not given:
        raise RefusedError("sav_encoding", declared=meta.file_encoding or "-")
    if unsure:
        held, meta = _load(path, given, limits)
    _write(held, meta, out)
    return _told(meta)


def _load(
    path: str, encoding: str | None, limits: dict[str, int]
) -> tuple[dict[str, list[Any]], Any]:
    """Read a file, in the encoding it declares itself unless one is given."""
    meta = _read(path, encoding, metadataonly=True)[1]
    names = meta.column_names
    if len(names) > limits["columns"]:
        raise RefusedError("too_many_columns", columns=len(names), limit=limits["columns"])
    if not names:
        raise RefusedError("empty_file")
    _judge_size(meta, limits)
    # A file written as a stream does not know its rows; one more than allowed tells.
    most = limits["cells"] // len(names) + 1
    held, meta = _read(path, encoding, row_limit=most if meta.number_rows is None else 0)
    _judge_size(meta, limits, len(held[names[0]]))
    return held, meta


def _is_trusted(declared: str | None) -> bool:
    return (declared or "").upper().startswith(TRUSTED)


def _read(path: str, encoding: str | None, **options: Any) -> tuple[dict[str, list[Any]], Any]:
    held, meta = pyreadstat.read_sav(
        path,
        encoding=encoding,
        user_missing=True,
        disable_datetime_conversion=True,
        output_format="dict",
        **options,
    )
    return held, meta


def _judge_size(meta: Any, limits: dict[str, int], counted: int | None = None) -> None:
    rows = counted or meta.number_rows or 0
    if rows * len(meta.column_names) > limits["cells"]:
        raise RefusedError("too_many_cells", limit=limits["cells"])
    if rows * sum(meta.variable_storage_width.values()) > limits["bytes"]:
        raise RefusedError("file_too_large", limit=f"{limits['bytes'] >> 20} MB")


def _foreign(held: dict[str, list[Any]], meta: Any) -> bool:
    """Say whether anything in the file is not ASCII, so that its encoding matters."""
    texts = [held[name] for name in held if meta.readstat_variable_types[name] == "string"]
    labels: list[Iterable[Any]] = [
        (*each.keys(), *each.values()) for each in meta.variable_value_labels.values()
    ]
    words = chain(meta.column_names, meta.column_labels, *labels, *texts)
    return any(isinstance(word, str) and not word.isascii() for word in words)


def _write(held: dict[str, list[Any]], meta: Any, out: str) -> None:
    kinds = {
        name: pa.string() if meta.readstat_variable_types[name] == "string" else pa.float64()
        for name in meta.column_names
    }
    arrays = [pa.array(held.pop(name), kinds[name]) for name in meta.column_names]
    table = pa.Table.from_arrays(arrays, names=[f"c{n}" for n in range(len(arrays))])
    with pa.OSFile(out, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _told(meta: Any) -> dict[str, Any]:
    return {
        "encoding": meta.file_encoding or "ASCII",
        "variables": [
            {
                "name": name,
                "label": label or "",
                "format": meta.original_variable_types.get(name) or "",
                "labels": list(meta.variable_value_labels.get(name, {}).items()),
                "missing": [(m["lo"], m["hi"]) for m in meta.missing_ranges.get(name, ())],
            }
            for name, label in zip(meta.column_names, meta.column_labels, strict=True)
        ],
    }


def _limit_process() -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run() -> dict[str, Any]:
    _limit_process()
    # pyreadstat renames a doubled variable with no more than a warning.
    warnings.simplefilter("error")
    path, out, given, limits = sys.argv[1:]
    try:
        return main(path, out, given, json.loads(limits))
    except RefusedError as refusal:
        return refusal.told
    except UnicodeError:
        return {"refused": "sav_encoding", "values": {"declared": "-"}}
    except Exception as error:  # noqa: BLE001 - whatever it is, the file is not read
        reason = f"{type(error).__name__}: {error}"[:200]
        if "convert string" in reason:
            return {"refused": "sav_encoding", "values": {"declared": "-"}}
        return {"refused": "unreadable", "values": {"reason": reason}}


if __name__ == "__main__":
    json.dump(_run(), sys.stdout)
