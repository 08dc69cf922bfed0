"""The only door to DuckDB: a DuckLake of Parquet facts with versions, authors and messages.

A store is one folder: `catalog.ducklake` (what belongs to which version), `ledger.jsonl` (the
hash of every file), `facts/` (Parquet), `staging/` (files being checked), `spill/` (room for large
queries). It is opened by one process
at a time; every call works on a cursor of its own, because a connection shared between threads
hands one thread the answer of another.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data import exchange, ledger
from data.accounts import Account
from data.contracts import TABLES, Table
from data.errors import DataError
from data.words import both

CATALOG = "catalog.ducklake"
SAMPLE_FOLDER = "sample-county"
SQL_FOLDER = Path(__file__).parent / "sql"
QUERY_SECONDS = 60.0
# Fifty heavy queries at once took 8 GB; two at a time took 0.4 GB and no longer overall.
QUERIES_AT_ONCE = 2
MEMORY_LIMIT = "2GB"
KEPT_ANSWERS = 1024
# Larger ones are read again: a thousand of them would not fit into memory.
LARGEST_KEPT = 20_000
KEPT_MADE = 48
# Tables up to so many rows are copied into memory, of so many versions at most.
LARGEST_COPIED = 200_000
VERSIONS_COPIED = 3
# As many rows as answers were given: not even tried.
_NEVER_COPIED = frozenset({"survey_answers", "survey_respondents"})
_ROW_GROUP = 122_880
DRAFT_SECONDS = 7 * 24 * 3600
DEFAULT_SETTINGS = {
    "minimum_base": "30",
    "detour_factor": "1.3",
    "framework": "light-2026",
    "appeal_days": "15",
}
LOWEST_MINIMUM_BASE = 10
SURVEY_TABLES = frozenset(
    {"survey_answers", "survey_respondents", "survey_questions", "survey_set_aside"}
)
# The sufficient statistics of the surveys; each is the answer of sql/<name>.sql.
ROLLED_UP = ("survey_psus", "survey_sums", "survey_group_sums", "survey_counts")
# What they are computed from, in this order; temporary tables of the publication.
_STEPS = (
    "survey_members", "survey_classes", "survey_items", "survey_cells", "survey_persons",
)  # fmt: skip

# WGS-84 mean sphere; the same radius as metrics.coverage.
_MACROS = (
    "CREATE MACRO sat100(v) AS (v - 1) * 25.0::DOUBLE",
    "CREATE MACRO hav_m(lat1, lon1, lat2, lon2) AS 2 * 6371008.8 * asin(least(1.0, sqrt("
    "sin(radians(lat2 - lat1) / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) "
    "* sin(radians(lon2 - lon1) / 2) ** 2)))",
    # A parameter holds for its place and what lies in it, from its year on; blank: for all.
    "CREATE MACRO holds(place_code, from_year, county, y) AS "
    "coalesce(starts_with(county, place_code), true) "
    "AND coalesce(from_year <= coalesce(y, 9999), true)",
    # Of rows that hold, the nearest place comes first, then the newest year.
    "CREATE MACRO nearness(place_code, from_year) AS "
    "(coalesce(length(place_code), 0), coalesce(from_year, 0))",
)

# What DuckLake's own tables say of versions and files.
_LAKE_VERSIONS, _LAKE_FILES = (
    (SQL_FOLDER / f"lake_{name}.sql").read_text(encoding="utf-8") for name in ("versions", "files")
)

_WORD = re.compile(r"\w+")
Mode = Literal["merge", "replace"]
Parameters = Mapping[str, object]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Change:
    """Rows to be published into one contract table.

    rows: a staged Parquet file (inside the store's staging folder) or a frame, holding all the
    table's columns with the contract's types. merge adds and corrects by key; replace also
    removes what is held for the same period (`Table.period`) and absent from the rows.
    """

    table: str
    rows: Path | pd.DataFrame
    mode: Mode = "merge"


@dataclass(frozen=True)
class Version:
    """One published state of the data."""

    number: int
    time: str
    author: str
    message: str
    details: Mapping[str, object]


def data_folder() -> Path:
    """Return the folder that holds the data: ZHIXIAO_DATA, else the user's own."""
    if named := os.environ.get("ZHIXIAO_DATA"):
        return Path(named).expanduser().resolve()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "zhixiao"


def exists(folder: Path) -> bool:
    """Say whether the folder already holds a store."""
    return (folder / CATALOG).is_file() or exchange.pending(folder)


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
            return catalog.execute(_LAKE_VERSIONS).df(), catalog.execute(_LAKE_FILES).df()
    except duckdb.Error as error:
        raise DataError("store_unreadable", folder=file.parent, reason=str(error)[:300]) from error


def stage_frame(frame: pd.DataFrame, file: Path) -> Path:
    """Write a frame to a staged Parquet file and return its path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(file, index=False)
    return file


def _column_type(kind: str) -> str:
    return "BLOB" if kind == "GEOMETRY" else kind


def _create_statement(table: Table) -> str:
    columns = ", ".join(f'"{c.name}" {_column_type(c.type)}' for c in table.columns)
    return f'CREATE TABLE IF NOT EXISTS lake."{table.name}" ({columns})'


def _bound(sql: str, parameters: Parameters | None) -> dict[str, object]:
    """Return the parameters that a query names."""
    return {k: v for k, v in (parameters or {}).items() if re.search(rf"\${k}\b", sql)}


def _literal(path: Path) -> str:
    """Quote a path of our own for statements in which DuckDB takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def _answer(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters | None, seconds: float
) -> pd.DataFrame:
    """Answer a query within a time; raises DataError `query_too_long`."""
    clock = threading.Timer(seconds, cursor.interrupt)
    clock.start()
    try:
        return cursor.execute(sql, _bound(sql, parameters) or None).df()
    except duckdb.InterruptException as error:
        raise DataError("query_too_long", seconds=f"{seconds:g}") from error
    finally:
        clock.cancel()


def _copied(
    cursor: duckdb.DuckDBPyConnection, version: int, table: str, source: Callable[[str, int], str]
) -> bool:
    """Copy a table of a version into memory; say whether it is small enough to be held."""
    # No parameter can name a table; the names are a number and the contracts' own.
    place = f'memory.held_{int(version)}."{table}"'
    rows = cursor.execute(
        f"CREATE OR REPLACE TABLE {place} AS FROM {source(table, version)} "
        f"LIMIT {LARGEST_COPIED + 1}"
    ).fetchall()
    if rows[0][0] <= LARGEST_COPIED:
        return True
    cursor.execute(f"DROP TABLE {place}")
    return False


def _load_extension(connection: duckdb.DuckDBPyConnection) -> None:
    """Load DuckLake from its Python package, else from DuckDB's own installer."""
    package = find_spec("duckdb_extension_ducklake")
    folders = list(package.submodule_search_locations or []) if package else []
    files = [f for folder in folders for f in Path(folder).rglob("ducklake.duckdb_extension")]
    try:
        if files:
            # LOAD takes no parameters; the path is our own package's, quoted.
            connection.execute(f"LOAD {_literal(files[0])}")
        else:
            connection.execute("INSTALL ducklake")
            connection.execute("LOAD ducklake")
    except duckdb.Error as error:
        raise DataError("extension_missing", duckdb=duckdb.__version__, reason=error) from error


class Store:
    """One folder of facts. Use `Store.open`; close it when done, or use it as a context."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self._connection = connection
        self._admission = threading.BoundedSemaphore(QUERIES_AT_ONCE)
        self._writing = threading.Lock()
        self._version = self._last_version()
        self._answers, self._made = _Answers(KEPT_ANSWERS), _Answers(KEPT_MADE)
        self._copies: _Copies | None = _Copies(connection)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open the store in a folder, making it when there is none.

        Raises DataError `store_in_use` (another process holds it), `store_unreadable`,
        `extension_missing`.
        """
        folder = folder.expanduser().resolve()
        if folder.is_dir():
            exchange.finish(folder)
        for name in ("facts", "staging", "spill"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
                "memory_limit": MEMORY_LIMIT,
            }
        )
        try:
            _load_extension(connection)
            _attach(connection, folder)
            for macro in _MACROS:
                connection.execute(macro)
            _declare_tables(connection)
            _harden(connection, folder)
            _forget_old_drafts(folder / "staging")
        except BaseException:
            connection.close()
            raise
        store = cls(folder, connection)
        store._write_ledger()
        return store

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        self._connection.close()

    @property
    def version(self) -> int:
        """The number of the newest published state; the cache key of every figure."""
        return self._version

    def _last_version(self) -> int:
        with self._cursor() as cursor:
            row = cursor.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
        return int(row[0]) if row else 0

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute("SET search_path = 'lake.main,memory.main'")
            yield cursor

    def read(
        self,
        sql: str,
        parameters: Parameters | None = None,
        *,
        seconds: float = QUERY_SECONDS,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pd.DataFrame:
        """Answer one query as a frame; `$name` is bound from the parameters.

        Parameters the query does not name are left out. tables: what it finds under these names
        besides the store's own. Waits for one of the admitted places; a query that runs longer
        than `seconds` is interrupted (DataError `query_too_long`).
        """
        with self._admission, self._cursor() as cursor, _lent(cursor, tables):
            return _answer(cursor, sql, parameters, seconds)

    def read_once(self, sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
        """Answer a query as `read` does, from memory if this version was asked it before.

        For small answers that many figures share. DuckLake plans a query for longer than it takes
        to add up a county, so small tables are asked in copies held in memory.
        """
        version = self._version
        key = (version, sql, repr(_bound(sql, parameters)))
        held: pd.DataFrame | None = self._answers.get(key)
        if held is None:
            held = self._read_copies(version, sql, parameters)
            if len(held) <= LARGEST_KEPT:
                self._answers.keep(key, held)
        return held.copy(deep=False)

    def once(
        self, about: Hashable, make: Callable[[], Made], rows: Callable[[Made], int] = lambda _: 0
    ) -> Made:
        """Return what `make` answers, from memory if this version was asked about it before.

        What many figures of a version rest on is made once. Nobody may change it. rows: how large
        it is; what has more than LARGEST_KEPT is made again each time.
        """
        key = (self._version, about)
        held: Made | None = self._made.get(key)
        if held is None:
            held = make()
            if rows(held) <= LARGEST_KEPT:
                self._made.keep(key, held)
        return held

    def _read_copies(self, version: int, sql: str, parameters: Parameters | None) -> pd.DataFrame:
        if self._copies:
            with self._admission, self._copies.cursor(version, sql, self._source) as cursor:
                if cursor:
                    return _answer(cursor, sql, parameters, QUERY_SECONDS)
        return self.read(sql, parameters)

    def _source(self, table: str, version: int) -> str:
        """Return where a version of a table is read from."""
        return f'lake."{table}" AT (VERSION => {int(version)})'

    def write_file(
        self, sql: str, file: Path, *, tables: Mapping[str, pa.Table] | None = None
    ) -> None:
        """Write the answer of a query to a Parquet file inside the staging folder.

        tables: as in `read`.
        """
        with self._admission, self._cursor() as cursor, _lent(cursor, tables):
            # Arrow writes a file in a third of the time that DuckDB takes.
            answer = cursor.execute(sql).to_arrow_reader(_ROW_GROUP)
            numbers = [f.name for f in answer.schema if pa.types.is_integer(f.type)]
            texts = [f.name for f in answer.schema if pa.types.is_string(f.type)]
            packed = dict.fromkeys(numbers, "DELTA_BINARY_PACKED")
            with pq.ParquetWriter(
                file, answer.schema, use_dictionary=texts, column_encoding=packed
            ) as out:
                for batch in answer:
                    out.write_batch(batch)

    def publish(
        self,
        changes: Sequence[Change],
        *,
        author: str,
        message: str,
        details: Mapping[str, object] | None = None,
    ) -> int:
        """Publish all changes as one new version, or none of them; return its number.

        The survey roll-up of every survey touched is made anew in the same transaction.
        """
        with self._staged(changes) as files, self._transaction(author, message) as (cursor, facts):
            _apply_all(cursor, changes, files)
            facts.update(details or {}, tables=sorted({change.table for change in changes}))
        return self.version

    @contextlib.contextmanager
    def rehearse(self, changes: Sequence[Change]) -> Iterator["Store"]:
        """Yield the store as it would be after a publication that then does not take place.

        Nobody else sees that state; publications wait until the rehearsal is over.
        """
        with self._staged(changes) as files, self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                _apply_all(cursor, changes, files)
                yield _Rehearsal(self, cursor)
            finally:
                cursor.execute("ROLLBACK")

    def restore(self, number: int, *, author: str, message: str) -> int:
        """Make an earlier state the newest one; nothing in between is forgotten.

        Raises DataError `unknown_version`.
        """
        self.require_version(number)
        with self._transaction(author, message) as (cursor, facts):
            for name, table in TABLES.items():
                # Read before anything is deleted: inside a transaction, DuckLake 1.5 subtracts
                # the transaction's own deletions from earlier versions as well.
                cursor.execute(f"CREATE TEMP TABLE earlier AS {self.as_of(table, number)}")
                cursor.execute(f'DELETE FROM lake."{name}"')  # noqa: S608 - contract names only
                # No parameter can name a table; the names are the contracts' own.
                cursor.execute(f'INSERT INTO lake."{name}" BY NAME FROM temp.earlier')
                cursor.execute("DROP TABLE temp.earlier")
            facts["restored"] = number
        return self.version

    def history(self) -> list[Version]:
        """Return the published states, newest first; the empty state comes last."""
        with self._cursor() as cursor:
            rows = cursor.execute(
                "SELECT snapshot_id, strftime(snapshot_time::TIMESTAMP, '%Y-%m-%d %H:%M:%S'), "
                "author, commit_message, commit_extra_info FROM lake.snapshots() "
                "WHERE author IS NOT NULL ORDER BY snapshot_id DESC"
            ).fetchall()
        return [Version(n, t, a, m, json.loads(d) if d else {}) for n, t, a, m, d in rows]

    def require_version(self, *numbers: int) -> None:
        """Raise DataError `unknown_version` unless every number is a published version."""
        known = {version.number for version in self.history()}
        for number in numbers:
            if number not in known:
                raise DataError("unknown_version", version=number, versions=sorted(known))

    def has_table(self, name: str, *numbers: int) -> bool:
        """Say whether every one of these versions has the table; contracts grow."""
        with self._cursor() as cursor:
            try:
                for number in numbers:
                    # No parameter can name a table; the names are the contracts' own.
                    cursor.execute(f'FROM lake."{name}" AT (VERSION => {int(number)}) LIMIT 0')
            except duckdb.CatalogException:
                return False
        return True

    def as_of(self, table: Table, number: int) -> str:
        """Return the query for a table as version `number` left it, in today's columns.

        What that version had not yet is blank: tables without rows, columns without values.
        """
        columns = ", ".join(
            f'NULL::{_column_type(column.type)} AS "{column.name}"' for column in table.columns
        )
        # No parameter can name a table; the names are the contracts' own.
        query = f"SELECT {columns} WHERE false"
        if self.has_table(table.name, number):
            version = f"AT (VERSION => {int(number)})"
            query += f' UNION ALL BY NAME SELECT * FROM lake."{table.name}" {version}'  # noqa: S608 - as above
        return query

    def at(self, number: int) -> "Store":
        """Return the store as version `number` left it: it answers and is never written to.

        The newest version is the store itself. Raises DataError `unknown_version`, and
        `version_too_old` for one whose surveys an earlier contract had summed up.
        """
        if number == self.version:
            return self
        self.require_version(number)
        if not all(self.has_table(name, number) for name in ROLLED_UP):
            raise DataError("version_too_old", version=number)
        return _Past(self, number)

    def acting(self, account: Account) -> "Store":
        """Return this store in the hands of an account, which publishes in its own name.

        Where its role has no right to, publications raise DataError `not_allowed`.
        """
        return _Acting(self, account)

    def settings(self) -> dict[str, str]:
        """Return the settings of this store, defaults included."""
        held = self.read_once("SELECT name, value FROM settings")
        return DEFAULT_SETTINGS | dict(zip(held["name"], held["value"], strict=True))

    def new_staging(self, name: str) -> Path:
        """Return a fresh, empty folder for files being checked."""
        folder = self.folder / "staging" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    @contextlib.contextmanager
    def _staged(self, changes: Sequence[Change]) -> Iterator[list[Path]]:
        folder = self.new_staging(f"publish-{threading.get_ident()}")
        try:
            yield [
                stage_frame(_typed(TABLES[change.table], change.rows), folder / f"{n}.parquet")
                if isinstance(change.rows, pd.DataFrame)
                else change.rows
                for n, change in enumerate(changes)
            ]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _transaction(
        self, author: str, message: str
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, object]]]:
        with self._writing, self._cursor() as cursor:
            facts: dict[str, object] = {}
            cursor.execute("BEGIN")
            try:
                yield cursor, facts
                cursor.execute(
                    "CALL lake.set_commit_message($author, $message, extra_info => $facts)",
                    {"author": author, "message": message, "facts": json.dumps(facts)},
                )
                cursor.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.TransactionException):
                    cursor.execute("ROLLBACK")
                raise
            self._version = self._last_version()
            self._write_ledger()

    def _write_ledger(self) -> None:
        """Give every version its line of hashes; what a crash left out is caught up here."""
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute("SET search_path = '__ducklake_metadata_lake.main'")
            versions, files = cursor.execute(_LAKE_VERSIONS).df(), cursor.execute(_LAKE_FILES).df()
        try:
            ledger.catch_up(self.folder, versions, files)
        except OSError:
            # The version itself stands; its line is written when there is room again.
            logging.getLogger(__name__).exception("ledger of %s", self.folder)


@contextlib.contextmanager
def _lent(
    cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table] | None
) -> Iterator[None]:
    """Let a cursor see tables of ours under their names, for one question."""
    for name, table in (tables or {}).items():
        cursor.register(name, table)
    try:
        yield
    finally:
        for name in tables or {}:
            cursor.unregister(name)


class _Answers:
    """The last answers, by version and question."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def keep(self, key: Hashable, answer: object) -> None:
        with self._lock:
            self._held[key] = answer
            while len(self._held) > self._most:
                self._held.popitem(last=False)


class _Copies:
    """Copies in memory of the small tables of the last versions asked for.

    A table is copied when a query first names it; DuckDB plans a query of its own tables in a
    fifth of the time it takes for those of DuckLake.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        # Version -> table -> whether it is small enough to be held.
        self._held: OrderedDict[int, dict[str, bool]] = OrderedDict()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def cursor(
        self, version: int, sql: str, source: Callable[[str, int], str]
    ) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """Yield a cursor that finds all tables a query names in memory; None if it cannot."""
        named = {name for name in _WORD.findall(sql) if name in TABLES}
        if named & _NEVER_COPIED:
            yield None
            return
        with contextlib.closing(self._connection.cursor()) as cursor:
            with self._lock:
                tables = self._of_version(cursor, version)
                for name in named:
                    if name not in tables:
                        tables[name] = _copied(cursor, version, name, source)
                # From here on the copies stay, whatever is dropped meanwhile.
                cursor.execute("BEGIN")
            if all(tables[name] for name in named):
                cursor.execute(f"SET search_path = 'memory.held_{int(version)},memory.main'")
                yield cursor
            else:
                yield None

    def _of_version(self, cursor: duckdb.DuckDBPyConnection, version: int) -> dict[str, bool]:
        if version not in self._held:
            # No parameter can name a schema: its name is a number.
            cursor.execute(f"CREATE SCHEMA memory.held_{int(version)}")
            self._held[version] = {}
            while len(self._held) > VERSIONS_COPIED:
                gone, _ = self._held.popitem(last=False)
                cursor.execute(f"DROP SCHEMA memory.held_{int(gone)} CASCADE")
        self._held.move_to_end(version)
        return self._held[version]


class _Rehearsal(Store):
    """A store seen from inside one transaction: every question is asked there."""

    def __init__(self, store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
        self.folder = store.folder
        self._inside = cursor
        # One cursor answers one question at a time.
        self._admission = threading.BoundedSemaphore(1)
        self._version = store.version
        self._answers, self._made = _Answers(KEPT_ANSWERS), _Answers(KEPT_MADE)
        self._copies = None

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        yield self._inside


class _Acting(Store):
    """A store in the hands of one account."""

    def __init__(self, store: Store, account: Account) -> None:
        self.folder = store.folder
        self._now = store
        self._connection = store._connection
        self._admission = store._admission
        self._writing = store._writing
        self._answers, self._made = store._answers, store._made
        self._copies = store._copies
        self._account = account

    @property
    def _version(self) -> int:  # type: ignore[override]  # always that of the store itself
        return self._now.version

    @contextlib.contextmanager
    def _transaction(
        self, author: str, message: str
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, object]]]:
        account = self._account
        if not account.may("publish"):
            role = both(f"accounts.role.{account.role}")
            raise DataError("not_allowed", name=account.name, role=role)
        with self._now._transaction(account.name or author, message) as inside:
            yield inside


class _Past(Store):
    """A store as one of its earlier versions left it: every table is a view of that version."""

    def __init__(self, store: Store, number: int) -> None:
        self.folder = store.folder
        self._now = store
        self._connection = store._connection
        self._admission = store._admission
        self._writing = store._writing
        self._version = number
        self._answers, self._made = store._answers, store._made
        self._copies = store._copies
        self._schema = f"version_{int(number)}"
        with self._writing, store._cursor() as cursor:
            # No parameter can name a schema or a view: the names are a number and the contracts'.
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS memory.{self._schema}")
            for table in TABLES.values():
                view = f'memory.{self._schema}."{table.name}"'
                query = store.as_of(table, number)
                cursor.execute(f"CREATE OR REPLACE VIEW {view} AS {query}")

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(f"SET search_path = 'memory.{self._schema},memory.main'")
            yield cursor

    def _source(self, table: str, version: int) -> str:
        return f'memory.version_{int(version)}."{table}"'

    @contextlib.contextmanager
    def rehearse(self, changes: Sequence[Change]) -> Iterator[Store]:
        """Refuse: DataError `version_is_past`."""
        _ = changes
        raise DataError("version_is_past", version=self._version)
        yield self

    @contextlib.contextmanager
    def _transaction(
        self, author: str, message: str
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, object]]]:
        _ = author, message
        raise DataError("version_is_past", version=self._version)
        yield

    def settings(self) -> dict[str, str]:
        """Return the settings of that version; a minimum base raised since then holds."""
        then, now = super().settings(), self._now.settings()["minimum_base"]
        return then | {"minimum_base": max(then["minimum_base"], now, key=float)}


def _attach(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    try:
        # The catalog remembers where it was made; a folder moved to another computer is opened too.
        connection.execute(
            f"ATTACH {_literal(Path(f'ducklake:{folder / CATALOG}'))} AS lake "
            f"(DATA_PATH {_literal(folder / 'facts')}, OVERRIDE_DATA_PATH true)"
        )
    except duckdb.Error as error:
        if "lock" in str(error).lower() or "being used by another process" in str(error):
            raise DataError("store_in_use", folder=folder) from error
        raise DataError("store_unreadable", folder=folder, reason=error) from error


def _declare_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what a newer contract adds; an up-to-date store gets no new version."""
    held: dict[str, set[str]] = {}
    for name, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake'"
    ).fetchall():
        held.setdefault(name, set()).add(column)
    connection.execute("BEGIN")
    # Surveys published under an older contract are rolled up as the newer one asks.
    behind = bool(held) and any(
        not set(TABLES[name].column_names) <= held.get(name, set()) for name in ROLLED_UP
    )
    for table in TABLES.values():
        if table.name not in held:
            connection.execute(_create_statement(table))
            continue
        for column in table.columns:
            if column.name not in held[table.name]:
                connection.execute(
                    f'ALTER TABLE lake."{table.name}" ADD COLUMN "{column.name}" '
                    f"{_column_type(column.type)}"
                )
    if behind:
        connection.execute("SET search_path = 'lake.main,memory.main'")
        held_surveys = "SELECT DISTINCT survey_id FROM survey_questions"
        _roll_up(connection, {row[0] for row in connection.execute(held_surveys).fetchall()})
    connection.execute("COMMIT")


def _harden(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Shut every door but the store's own folder; directories first, or they are refused."""
    # SET takes no parameters; the folder is our own, quoted.
    connection.execute(f"SET temp_directory = {_literal(folder / 'spill')}")
    connection.execute(f"SET allowed_directories = [{_literal(folder)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _forget_old_drafts(staging: Path) -> None:
    """Delete what was staged and never published, after a week."""
    for entry in staging.iterdir():
        if time.time() - entry.stat().st_mtime > DRAFT_SECONDS:
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()


def _typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Order a frame's columns as the contract does; absent columns are empty."""
    return frame.reindex(columns=list(table.column_names))


def _apply(cursor: duckdb.DuckDBPyConnection, table: Table, file: Path, mode: Mode) -> None:
    """Write staged rows into a table; names come from the contract only."""
    columns = ", ".join(
        f'CAST("{c.name}" AS {_column_type(c.type)}) AS "{c.name}"' for c in table.columns
    )
    cursor.execute(
        f"CREATE TEMP TABLE staged AS SELECT {columns} FROM read_parquet($file)",  # noqa: S608
        {"file": str(file)},
    )
    match = table.period if mode == "replace" and table.period else table.key
    on = " AND ".join(f'held."{name}" IS NOT DISTINCT FROM staged."{name}"' for name in match)
    everything = mode == "replace" and not table.period
    if everything:
        cursor.execute(f'DELETE FROM lake."{table.name}"')  # noqa: S608 - contract names only
    elif _may_hold(cursor, table):
        cursor.execute(
            f'DELETE FROM lake."{table.name}" AS held '  # noqa: S608 - contract names only
            f"WHERE EXISTS (SELECT 1 FROM temp.staged AS staged WHERE {on})"
        )
    order = ", ".join(f'"{name}"' for name in dict.fromkeys((*table.period, *table.key)))
    cursor.execute(
        f'INSERT INTO lake."{table.name}" BY NAME FROM temp.staged ORDER BY {order}'
        if order
        else f'INSERT INTO lake."{table.name}" BY NAME FROM temp.staged'
    )
    cursor.execute("DROP TABLE temp.staged")


def _may_hold(cursor: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Say whether the table holds a row of a period of the staged rows, which they may replace."""
    # A key that tells periods apart is looked for only where its period is held at all.
    on = [name for name in table.period if name in table.key]
    same = " AND ".join(f'held."{name}" IS NOT DISTINCT FROM staged."{name}"' for name in on)
    periods = ", ".join(f'"{name}"' for name in on) or "1"
    return bool(
        cursor.execute(
            f'SELECT EXISTS (SELECT 1 FROM lake."{table.name}" AS held '  # noqa: S608 - contract names only
            f"SEMI JOIN (SELECT DISTINCT {periods} FROM temp.staged) AS staged "
            f"ON {same or 'true'})"
        ).fetchall()[0][0]
    )


def _apply_all(
    cursor: duckdb.DuckDBPyConnection, changes: Sequence[Change], files: Sequence[Path]
) -> None:
    touched: set[str] = set()
    for change, file in zip(changes, files, strict=True):
        _apply(cursor, TABLES[change.table], file, change.mode)
        if change.table in SURVEY_TABLES:
            found = cursor.execute(
                "SELECT DISTINCT survey_id FROM read_parquet($file)", {"file": str(file)}
            )
            touched |= {row[0] for row in found.fetchall()}
    _roll_up(cursor, touched)


def _roll_up(cursor: duckdb.DuckDBPyConnection, surveys: set[str]) -> None:
    """Make the sufficient statistics of surveys anew from their rows."""
    for survey_id in sorted(surveys):
        survey = {"survey_id": survey_id}
        for name in _STEPS:
            sql = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
            cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}", _bound(sql, survey) or None)
        for name in ROLLED_UP:
            sql = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
            cursor.execute(f'DELETE FROM lake."{name}" WHERE survey_id = $survey_id', survey)  # noqa: S608 - contract names only
            # The table is one of ROLLED_UP and the query its file; the survey is bound.
            cursor.execute(f'INSERT INTO lake."{name}" BY NAME {sql}', survey)
        for name in _STEPS:
            cursor.execute(f"DROP TABLE temp.{name}")
