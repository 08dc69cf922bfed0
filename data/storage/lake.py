"""The only door to DuckDB: a DuckLake, opened, furnished with nothing and then locked.

Whoever is given a cursor speaks SQL; everybody else asks `data.store`. A cursor is for one call,
because a connection shared between threads hands one thread the answer of another.
"""

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from data.contracts import Table
from data.errors import DataError
from data.storage import room
from data.storage.ledger import FACTS

CATALOG = "catalog.ducklake"
# Where tables lie, and what DuckLake itself says of them.
LAKE = "lake.main"
METADATA = "__ducklake_metadata_lake.main"
# How the engine is started; from then on nobody can change it.
OPTIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "2GB",
}
# Files whose signature the engine has checked in this process. It reads all 34 MB for that, which
# takes longer than to open a store: once is enough, nothing but LOAD comes before the lock.
_CHECKED: set[tuple[object, ...]] = set()
_SQL_FOLDER = Path(__file__).parents[1] / "sql"

Parameters = Mapping[str, object]
Lent = Mapping[str, pa.Table | pa.RecordBatchReader]
Cursor = duckdb.DuckDBPyConnection
Interrupted = duckdb.InterruptException


@cache
def query_file(name: str) -> str:
    """Return the query sql/<name>.sql."""
    return (_SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def bound(sql: str, parameters: Parameters | None) -> dict[str, object]:
    """Return the parameters that a query names."""
    return {k: v for k, v in (parameters or {}).items() if re.search(rf"\${k}\b", sql)}


def column_type(kind: str) -> str:
    """Return the database's type for a contract's."""
    return "BLOB" if kind == "GEOMETRY" else kind


def nothing(table: Table) -> str:
    """Return the query for a table without rows.

    The lake plans a question for longer than it takes to say that nothing was ever written.
    """
    columns = ", ".join(f'NULL::{column_type(c.type)} AS "{c.name}"' for c in table.columns)
    return f"SELECT {columns} WHERE false"


def literal(path: Path) -> str:
    """Quote a path of our own for statements in which DuckDB takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def connect(folder: Path) -> Cursor:
    """Return a connection to the lake in a folder, made when there is none; every other door shut.

    Raises DataError `store_in_use` (another process holds it), `store_unreadable`,
    `extension_missing`.
    """
    extension = _extension()
    checked = str(_state(extension) in _CHECKED).lower()
    connection = duckdb.connect(config={**OPTIONS, "allow_unsigned_extensions": checked})
    try:
        # Started without a script (`-c`) DuckDB prints a bar among a command's answer.
        connection.execute("SET enable_progress_bar = false")
        # DuckDB 1.5 may give the pages of a file that was there before under the same name.
        connection.execute("SET enable_external_file_cache = false")
        _load(connection, extension)
        _attach(connection, folder)
        _harden(connection, folder)
    except BaseException:
        connection.close()
        raise
    return connection


def _extension() -> Path | None:
    """Return the file of DuckLake in its Python package."""
    package = find_spec("duckdb_extension_ducklake")
    folders = list(package.submodule_search_locations or []) if package else []
    files = (f for folder in folders for f in Path(folder).rglob("ducklake.duckdb_extension"))
    return next(files, None)


def _state(file: Path | None) -> tuple[object, ...]:
    """Return what changes with a file; () where there is none."""
    found = file.stat() if file else None
    return (file, found.st_ino, found.st_size, found.st_mtime_ns) if found else ()


def _load(connection: Cursor, extension: Path | None) -> None:
    """Load DuckLake from its Python package, else from DuckDB's own installer."""
    try:
        if extension:
            # LOAD takes no parameters; the path is our own package's, quoted.
            connection.execute(f"LOAD {literal(extension)}")
            _CHECKED.add(_state(extension))
        else:
            connection.execute("INSTALL ducklake")
            connection.execute("LOAD ducklake")
    except duckdb.Error as error:
        raise DataError("extension_missing", duckdb=duckdb.__version__, reason=error) from error


def _attach(connection: Cursor, folder: Path) -> None:
    try:
        # The catalog remembers where it was made; a folder moved to another computer is opened too.
        with writing(folder):
            connection.execute(
                f"ATTACH {literal(Path(f'ducklake:{folder / CATALOG}'))} AS lake "
                f"(DATA_PATH {literal(folder / FACTS)}, OVERRIDE_DATA_PATH true)"
            )
    except duckdb.Error as error:
        if "lock" in str(error).lower() or "being used by another process" in str(error):
            raise DataError("store_in_use", folder=folder) from error
        raise DataError("store_unreadable", folder=folder, reason=error) from error


def _harden(connection: Cursor, folder: Path) -> None:
    """Shut every door but the store's own folder; directories first, or they are refused."""
    # SET takes no parameters; the folder is our own, quoted.
    connection.execute(f"SET temp_directory = {literal(folder / 'spill')}")
    connection.execute(f"SET allowed_directories = [{literal(folder)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def writing(folder: Path) -> AbstractContextManager[None]:
    """Refuse with a reason what the disk of a folder does not take; see room.writing."""
    return room.writing(folder, duckdb.Error)


class Transaction:
    """What is being written to the lake in a folder. told: what the version says of itself."""

    def __init__(self, cursor: Cursor, folder: Path) -> None:
        self.cursor = cursor
        self.told: dict[str, object] = {}
        self._folder = folder
        self._brought: list[Path] = []

    def bring(self, table: str, file: Path) -> None:
        """Add a copy of a Parquet file, as it is, to a table.

        Its columns have the table's types; further columns are not seen. The copy's name is new:
        the engine remembers what it read of a file of the same name.
        """
        copy = self._folder / FACTS / "main" / table / f"ducklake-{uuid.uuid4()}.parquet"
        copy.parent.mkdir(parents=True, exist_ok=True)
        self._brought.append(copy)
        shutil.copyfile(file, copy)
        with copy.open("rb+") as written:
            os.fsync(written.fileno())
        self.cursor.execute(
            "CALL ducklake_add_data_files('lake', $table, $copy, ignore_extra_columns => true, "
            "hive_partitioning => false)",
            {"table": table, "copy": str(copy)},
        )

    def undo(self) -> None:
        """End the transaction as if it had never begun."""
        try:
            self.cursor.execute("ROLLBACK")
        except duckdb.TransactionException:
            # A commit has ended it, and who interrupts one cannot know how: the files stay.
            return
        for file in self._brought:
            with contextlib.suppress(OSError):
                file.unlink()


@contextlib.contextmanager
def transaction(cursor: Cursor, folder: Path, *, keep: bool = True) -> Iterator[Transaction]:
    """Keep all that is written inside, or none of it: when something fails, or unless `keep`."""
    cursor.execute("BEGIN")
    begun = Transaction(cursor, folder)
    try:
        yield begun
        if keep:
            cursor.execute("COMMIT")
    except BaseException:
        begun.undo()
        raise
    if not keep:
        begun.undo()


def lend(cursor: Cursor, tables: Lent | None) -> None:
    """Let a cursor see tables of ours under their names.

    Where the lake is on its search path, that takes ten times as long.
    """
    for name, table in (tables or {}).items():
        cursor.register(name, table)


@contextlib.contextmanager
def lent(cursor: Cursor, tables: Lent | None) -> Iterator[None]:
    """Let a cursor see tables of ours for one question."""
    lend(cursor, tables)
    try:
        yield
    finally:
        for name in tables or {}:
            cursor.unregister(name)


def versions_and_files(cursor: Cursor) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what DuckLake knows: its versions and the files they refer to (sql/lake_*.sql)."""
    cursor.execute(f"SET search_path = '{METADATA}'")
    return _told(cursor)


def _told(catalog: Cursor) -> tuple[pd.DataFrame, pd.DataFrame]:
    versions = catalog.execute(query_file("lake_versions")).df()
    return versions, catalog.execute(query_file("lake_files")).df()


def read_catalog(file: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a copy of a catalog: its versions and the files they refer to (sql/lake_*.sql).

    The write-ahead log beside it is folded in. Every table is read in full, because the engine
    finds a damaged block only where it reads. Raises DataError `store_unreadable`.
    """
    try:
        with duckdb.connect(str(file), config={"autoload_known_extensions": "false"}) as catalog:
            catalog.execute("CHECKPOINT")
            for (name,) in catalog.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                catalog.execute(
                    f'SELECT bit_xor(hash(held)) FROM "{name}" AS held'  # noqa: S608 - the catalog's own names
                ).fetchall()
            return _told(catalog)
    except duckdb.Error as error:
        raise DataError("store_unreadable", folder=file.parent, reason=str(error)[:300]) from error
