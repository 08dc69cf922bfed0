"""The only door to DuckDB: a DuckLake, opened, furnished with nothing and then locked.

Whoever is given a cursor speaks SQL; everybody else asks `data.store`. A cursor is for one call,
because a connection shared between threads hands one thread the answer of another.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from data.errors import DataError

CATALOG = "catalog.ducklake"
# Where tables lie, and what DuckLake itself says of them.
LAKE = "lake.main"
METADATA = "__ducklake_metadata_lake.main"
MEMORY_LIMIT = "2GB"
_SQL_FOLDER = Path(__file__).parent / "sql"

Parameters = Mapping[str, object]
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


def literal(path: Path) -> str:
    """Quote a path of our own for statements in which DuckDB takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def connect(folder: Path) -> Cursor:
    """Return a connection to the lake in a folder, made when there is none; every other door shut.

    Raises DataError `store_in_use` (another process holds it), `store_unreadable`,
    `extension_missing`.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": MEMORY_LIMIT,
        }
    )
    try:
        # Started without a script (`-c`) DuckDB prints a bar among a command's answer.
        connection.execute("SET enable_progress_bar = false")
        _load_extension(connection)
        _attach(connection, folder)
        _harden(connection, folder)
    except BaseException:
        connection.close()
        raise
    return connection


def _load_extension(connection: Cursor) -> None:
    """Load DuckLake from its Python package, else from DuckDB's own installer."""
    package = find_spec("duckdb_extension_ducklake")
    folders = list(package.submodule_search_locations or []) if package else []
    files = [f for folder in folders for f in Path(folder).rglob("ducklake.duckdb_extension")]
    try:
        if files:
            # LOAD takes no parameters; the path is our own package's, quoted.
            connection.execute(f"LOAD {literal(files[0])}")
        else:
            connection.execute("INSTALL ducklake")
            connection.execute("LOAD ducklake")
    except duckdb.Error as error:
        raise DataError("extension_missing", duckdb=duckdb.__version__, reason=error) from error


def _attach(connection: Cursor, folder: Path) -> None:
    try:
        # The catalog remembers where it was made; a folder moved to another computer is opened too.
        connection.execute(
            f"ATTACH {literal(Path(f'ducklake:{folder / CATALOG}'))} AS lake "
            f"(DATA_PATH {literal(folder / 'facts')}, OVERRIDE_DATA_PATH true)"
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


@contextlib.contextmanager
def transaction(cursor: Cursor) -> Iterator[None]:
    """Keep everything that is written inside, or nothing of it."""
    cursor.execute("BEGIN")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        # A commit that failed has ended the transaction itself.
        with contextlib.suppress(duckdb.TransactionException):
            cursor.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def lent(cursor: Cursor, tables: Mapping[str, pa.Table] | None) -> Iterator[None]:
    """Let a cursor see tables of ours under their names, for one question."""
    for name, table in (tables or {}).items():
        cursor.register(name, table)
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
