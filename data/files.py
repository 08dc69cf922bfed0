"""The door for files: an arbitrary file in, exact cells of text out, or a refusal that says why.

What a file is, is found from its content, never from its name. Nothing is padded, cut, guessed or
quietly dropped: what does not fit stands in `Grid.ragged` and `Grid.faults`, what is no record (a
title, a total) in `Grid.left_out`.
"""

import os
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.formats.decode import encoding_of, pieces
from data.formats.delimited import leave_out, read_delimited
from data.formats.grid import Fault, Grid, LeftOut, Limits, Ragged
from data.formats.signatures import container

__all__ = ["Fault", "Grid", "LeftOut", "Limits", "Ragged", "read_grid"]

_LIMITS = Limits()


def read_grid(
    path: Path,
    name: str,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    limits: Limits = _LIMITS,
) -> Grid:
    """Read CSV, TSV (UTF-8, UTF-16, GB18030, Big5), workbooks, Parquet or SPSS as text.

    Workbooks are XLSX, XLS, ODS, and what many call .xls: XML spreadsheets of Excel 2003, web
    pages of one table and archives of such pages (.mht).

    name: what the file is called in messages; `path` may be a copy under another name. sheet: of
    a workbook, else its first sheet that holds anything. delimiter: of text, else the one that
    explains the file. encoding: of an SPSS file that declares none (`spss.ENCODINGS`). Raises
    DataError: `file_unopened`, `empty_file`, `not_a_table`, `file_too_large` and those of the
    readers.
    """
    size = _size(path, name)
    kind = container(path, name)
    facts: dict[str, Any] = {"size": size, "encoding": kind, "kind": kind}
    if kind == "parquet":
        # What is not text is not imported for texts.
        from data.formats.parquet_files import read_parquet

        _refuse_larger(size, limits.parquet_unpacked_bytes, name)
        return read_parquet(path, name, limits).grid(**facts)
    if kind == "sav":
        from data.surveys.spss import read_spss

        _refuse_larger(size, limits.text_bytes, name)
        return read_spss(path, name, limits, encoding)[0].grid(**facts)
    if kind != "text":
        from data.formats.workbooks import read_workbook

        most = limits.workbook_unpacked_bytes if kind == "xml" else limits.workbook_bytes
        _refuse_larger(size, most, name)
        return leave_out(read_workbook(path, kind, name, sheet, limits, encoding).grid(**facts))
    _refuse_larger(size, limits.text_bytes, name)
    if not any(piece.strip() for piece in pieces(path)):  # each dialect would be tried on it
        raise DataError("empty_file", file=name)
    found = encoding_of(path, name, limits.record_bytes, encoding)
    builder, dialect = read_delimited(path, found, name, limits, delimiter)
    return leave_out(
        builder.grid(
            size=size,
            encoding=found,
            kind="tsv" if dialect.delimiter == "\t" else "csv",
            delimiter=dialect.delimiter,
            dialect=dialect.said,
        )
    )


def _size(path: Path, name: str) -> int:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise DataError("file_unopened", file=name, reason=error.strerror) from error
    if size == 0:
        raise DataError("empty_file", file=name)
    return size


def _refuse_larger(size: int, limit: int, name: str) -> None:
    if size > limit:
        raise DataError("file_too_large", file=name, limit=f"{limit >> 20} MB")
