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
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import answer_points, exchange, ledger
from data.accounts import Account
from data.contracts import TABLES, Table
from data.copies import LAKE, Answers, Copies, column_type, named
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
# Larger ones are made again: a thousand of them would not fit into memory.
LARGEST_KEPT = 20_000
KEPT_MADE = 48
LARGEST_SORTED = 200_000
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
    {"survey_answers", "survey_respondents", "survey_questions", "survey_set_aside", "survey_meta"}
)
# The sufficient statistics of the surveys; each is the answer of sql/<name>.sql.
ROLLED_UP = ("survey_psus", "survey_sums", "survey_group_sums", "survey_counts")
# What they are computed from, in this order; temporary tables of the publication.
_STEPS = (
    "survey_decided", "survey_people", "survey_places", "survey_classes", "survey_items",
    "survey_scored", "survey_cells", "survey_persons",
)  # fmt: skip

# WGS-84 mean sphere; the same radius as metrics.coverage.
_MACROS = (
    answer_points.macro(),
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


def _create_statement(table: Table) -> str:
    columns = ", ".join(f'"{c.name}" {column_type(c.type)}' for c in table.columns)
    return f'CREATE TABLE IF NOT EXISTS lake."{table.name}" ({columns})'


def _bound(sql: str, parameters: Parameters | None) -> dict[str, object]:
    """Return the parameters that a query names."""
    return {k: v for k, v in (parameters or {}).items() if re.search(rf"\${k}\b", sql)}


def _literal(path: Path) -> str:
    """Quote a path of our own for statements in which DuckDB takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


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
        # Not a method of this store: in a circle the two would keep the folder open when let go.
        self._copies = Copies(lambda: contextlib.closing(connection.cursor()))
        self._version = self._last_version()
        self._answers, self._made = Answers(KEPT_ANSWERS), Answers(KEPT_MADE)

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
            # Started without a script (`-c`) DuckDB prints a bar among a command's answer.
            connection.execute("SET enable_progress_bar = false")
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

    def _plain_cursor(self) -> contextlib.closing[duckdb.DuckDBPyConnection]:
        return contextlib.closing(self._connection.cursor())

    @contextlib.contextmanager
    def _cursor(self, sql: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor for a query; without one, it sees the newest state itself."""
        path = f"{LAKE},memory.main"
        if sql:
            path = f"{self._copies.schema(self._version, sql)},{path}"
        with self._plain_cursor() as cursor:
            # SET takes no parameters; the path is of constants and a version's number.
            cursor.execute(f"SET search_path = '{path}'")
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
        bound = _bound(sql, parameters)
        with self._admission, self._cursor(sql) as cursor, _lent(cursor, tables):
            clock = threading.Timer(seconds, cursor.interrupt)
            clock.start()
            try:
                return cursor.execute(sql, bound or None).df()
            except duckdb.InterruptException as error:
                raise DataError("query_too_long", seconds=f"{seconds:g}") from error
            finally:
                clock.cancel()

    def read_once(self, sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
        """Answer a query as `read` does, from memory if it was asked before in the same state.

        For small answers that many figures share: DuckLake plans a query for longer than it
        takes to add up a county.
        """
        key = (self._copies.written(self._version, sql), sql, repr(_bound(sql, parameters)))
        held: pd.DataFrame | None = self._answers.get(key)
        if held is None:
            held = self.read(sql, parameters)
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

    def write_file(
        self,
        sql: str,
        file: Path,
        *,
        tables: Mapping[str, pa.Table] | None = None,
        unless: str = "",
    ) -> bool:
        """Write the answer of a query to a Parquet file inside the staging folder.

        tables: as in `read`. unless: a column that is not written; where it is true, the writing
        ends and False is returned.
        """
        with self._admission, self._cursor() as cursor, _lent(cursor, tables):
            # Arrow writes a file in half the time that DuckDB takes.
            answer = cursor.execute(sql).to_arrow_reader(_ROW_GROUP)
            schema = pa.schema([field for field in answer.schema if field.name != unless])
            with pq.ParquetWriter(file, schema, **_packed(schema)) as out:
                for batch in answer:
                    if unless and pc.any(batch[unless]).as_py():
                        return False
                    out.write_batch(batch.select(schema.names))
        return True

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
                yield _Rehearsal(self, cursor, _touched(changes))
            finally:
                cursor.execute("ROLLBACK")

    def restore(self, number: int, *, author: str, message: str) -> int:
        """Make an earlier state the newest one; nothing in between is forgotten.

        Raises DataError `unknown_version`.
        """
        self.require_version(number)
        with self._transaction(author, message) as (cursor, facts):
            for table in self._copies.rewritten(number, self.version):
                name = table.name
                # Read before anything is deleted: inside a transaction, DuckLake 1.5 subtracts
                # the transaction's own deletions from earlier versions as well.
                cursor.execute(f"CREATE TEMP TABLE earlier AS {self._copies.as_of(table, number)}")
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

    def rewritten(self, earlier: int, later: int) -> list[Table]:
        """Return the tables that may differ between two versions: one in between wrote to them.

        Raises DataError `unknown_version`.
        """
        self.require_version(earlier, later)
        return self._copies.rewritten(*sorted((earlier, later)))

    def as_of(self, table: Table, number: int) -> str:
        """Return the query for a table as version `number` left it; see Copies.as_of."""
        return self._copies.as_of(table, number)

    def at(self, number: int) -> "Store":
        """Return the store as version `number` left it: it answers and is never written to.

        The newest version is the store itself. Raises DataError `unknown_version`, and
        `version_too_old` for one whose surveys an earlier contract had summed up.
        """
        if number == self.version:
            return self
        self.require_version(number)
        if not set(ROLLED_UP) <= self._copies.states(number).keys():
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
        # A name of its own each time: DuckDB remembers what it read of a file of the same name.
        folder = self.new_staging(f"publish-{uuid.uuid4().hex}")
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
            self._copies.renew(self._version)
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


def _packed(schema: pa.Schema) -> dict[str, Any]:
    """Say how columns are packed: texts by a dictionary, whole numbers by their differences."""
    numbers = [field.name for field in schema if pa.types.is_integer(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    return {
        "use_dictionary": texts,
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
    }


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


class _Rehearsal(Store):
    """A store seen from inside one transaction, which has written to some tables."""

    def __init__(
        self, store: Store, cursor: duckdb.DuckDBPyConnection, touched: frozenset[str]
    ) -> None:
        self.folder = store.folder
        self._now = store
        self._inside = cursor
        self._touched = touched
        self._copies = store._copies
        # One cursor answers one question at a time.
        self._admission = threading.BoundedSemaphore(1)
        self._version = store.version
        self._answers, self._made = Answers(KEPT_ANSWERS), Answers(KEPT_MADE)

    @contextlib.contextmanager
    def _cursor(self, sql: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
        _ = sql
        yield self._inside

    def read(
        self,
        sql: str,
        parameters: Parameters | None = None,
        *,
        seconds: float = QUERY_SECONDS,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pd.DataFrame:
        """Answer one query; what the transaction has not touched is asked outside."""
        asked = super().read if named(sql) & self._touched else self._now.read
        return asked(sql, parameters, seconds=seconds, tables=tables)

    def read_once(self, sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
        """Answer a query from memory if it was asked before."""
        if named(sql) & self._touched:
            return super().read_once(sql, parameters)
        return self._now.read_once(sql, parameters)


class _Acting(Store):
    """A store in the hands of one account."""

    def __init__(self, store: Store, account: Account) -> None:
        self.folder = store.folder
        self._now = store
        self._connection = store._connection
        self._admission = store._admission
        self._writing = store._writing
        self._copies = store._copies
        self._answers, self._made = store._answers, store._made
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
        self._copies.open_past(number)

    @contextlib.contextmanager
    def _cursor(self, sql: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
        with self._plain_cursor() as cursor:
            schema = self._copies.schema(self._version, sql)
            cursor.execute(f"SET search_path = '{schema},memory.main'")
            yield cursor

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
                    f"{column_type(column.type)}"
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
        f'CAST("{c.name}" AS {column_type(c.type)}) AS "{c.name}"' for c in table.columns
    )
    # A view takes no parameters; the file is our own, quoted.
    cursor.execute(
        f"CREATE TEMP VIEW staged AS SELECT {columns} FROM read_parquet({_literal(file)})"  # noqa: S608
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
    order = _order(cursor, table, pq.read_metadata(file).num_rows)
    # The names are the contract's own.
    cursor.execute(f'INSERT INTO lake."{table.name}" BY NAME FROM temp.staged {order}')
    cursor.execute("DROP VIEW temp.staged")


def _order(cursor: duckdb.DuckDBPyConnection, table: Table, rows: int) -> str:
    """Return how the staged rows are sorted, so that later questions need not read them all.

    To sort a large file by its key takes longer than to write it and helps nobody: its questions
    are of a whole period.
    """
    names = dict.fromkeys((*table.period, *table.key))
    if rows > LARGEST_SORTED and table.period:
        names = dict.fromkeys(table.period)
        periods = ", ".join(f'"{name}"' for name in names)
        several = f"SELECT count(*) > 1 FROM (SELECT DISTINCT {periods} FROM temp.staged)"  # noqa: S608
        if not cursor.execute(several).fetchall()[0][0]:
            return ""
    return "ORDER BY " + ", ".join(f'"{name}"' for name in names) if names else ""


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


def outdated(files: Mapping[str, Path]) -> dict[str, str]:
    """Return what respondents who come anew said before: table -> SQL condition on `held`.

    files: contract table -> staged rows of one publication. What somebody wrote, ranked or was
    marked for stands in rows of its own, which a blank in the new file does not overwrite. Kept
    is what the file does not ask.
    """
    if not {"survey_respondents", "survey_questions"} <= set(files):
        return {}
    people, asked = (
        f"EXISTS (SELECT 1 FROM read_parquet({_literal(files[name])}) AS staged "  # noqa: S608 - contract names only
        f'WHERE staged.survey_id = held.survey_id AND staged."{key}" = held."{key}")'
        for name, key in (
            ("survey_respondents", "respondent_id"),
            ("survey_questions", "question_id"),
        )
    )
    said = dict.fromkeys(("survey_comments", "survey_rankings"), f"{people} AND {asked}")
    return {**said, "survey_marks": people}


def _touched(changes: Sequence[Change]) -> frozenset[str]:
    """Return the tables that publishing the changes writes to."""
    tables = frozenset(change.table for change in changes)
    tables |= frozenset(outdated({name: Path() for name in tables}))
    return tables | frozenset(ROLLED_UP) if tables & SURVEY_TABLES else tables


def _apply_all(
    cursor: duckdb.DuckDBPyConnection, changes: Sequence[Change], files: Sequence[Path]
) -> None:
    touched: set[str] = set()
    staged = {change.table: file for change, file in zip(changes, files, strict=True)}
    for name, condition in outdated(staged).items():
        cursor.execute(f'DELETE FROM lake."{name}" AS held WHERE {condition}')  # noqa: S608 - contract names only
    for change, file in zip(changes, files, strict=True):
        _apply(cursor, TABLES[change.table], file, change.mode)
        if change.table in SURVEY_TABLES:
            found = cursor.execute(
                "SELECT DISTINCT survey_id FROM read_parquet($file)", {"file": str(file)}
            )
            touched |= {row[0] for row in found.fetchall()}
        if change.table == "survey_scoring":
            touched |= _scored_otherwise(cursor, file)
    _roll_up(cursor, touched)


def _scored_otherwise(cursor: duckdb.DuckDBPyConnection, file: Path) -> set[str]:
    """Return the surveys of the years that the decisions of a staged file reach."""
    first = cursor.execute(
        "SELECT min(from_year) FROM read_parquet($file)", {"file": str(file)}
    ).fetchall()[0][0]
    held = cursor.execute("SELECT survey_id, year(start_on) FROM survey_meta").fetchall()
    return {survey_id for survey_id, year in held if year is not None and year >= first}


def _roll_up(cursor: duckdb.DuckDBPyConnection, surveys: set[str]) -> None:
    """Make the sufficient statistics of surveys anew from their rows."""
    for survey_id in sorted(surveys):
        survey: dict[str, object] = {"survey_id": survey_id}
        year = cursor.execute(
            "SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id", survey
        ).fetchall()
        for name in _STEPS:
            sql = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
            known = survey | {"year": year[0][0] if year else None}
            cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}", _bound(sql, known) or None)
        for name in ROLLED_UP:
            sql = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
            cursor.execute(f'DELETE FROM lake."{name}" WHERE survey_id = $survey_id', survey)  # noqa: S608 - contract names only
            # The table is one of ROLLED_UP and the query its file; the survey is bound.
            cursor.execute(f'INSERT INTO lake."{name}" BY NAME {sql}', survey)
        for name in _STEPS:
            cursor.execute(f"DROP TABLE temp.{name}")
