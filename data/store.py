"""A store of facts: a DuckLake of Parquet files with versions, authors and messages.

A store is one folder: `catalog.ducklake` (what belongs to which version), `ledger.jsonl` (the
hash of every file), `facts/` (Parquet), `staging/` (files being checked), `spill/` (room for large
queries). It is opened by one process at a time. In `data.storage`, `lake` opens it, `asking`
answers, `publishing` writes, `roll_up` sums surveys up.
"""

import contextlib
import json
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from data import clock
from data.access.accounts import Account, Action
from data.contracts import Table
from data.errors import DataError
from data.storage import exchange, lake, lake_tables, ledger, publishing, staging
from data.storage.asking import (
    KEPT_ANSWERS,
    KEPT_MADE,
    LOWEST_MINIMUM_BASE,
    QUERIES_AT_ONCE,
    QUERY_SECONDS,
    Asked,
)
from data.storage.copies import Answers, Copies, named
from data.storage.lake import CATALOG, LAKE, Cursor, Lent, Parameters, Transaction
from data.storage.publishing import Change
from data.storage.roll_up import ROLLED_UP
from data.words import both

__all__ = [
    "LOWEST_MINIMUM_BASE", "ROLLED_UP", "SAMPLE_FOLDER", "Change", "Store", "Version",
    "data_folder", "exists", "take_away",
]  # fmt: skip

SAMPLE_FOLDER = "sample-county"
FOLDERS = ("facts", "staging", "spill")


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


def take_away(folder: Path) -> None:
    """Remove what `Store.open` has made in a folder; accounts and all else there stay."""
    for name in (CATALOG, ledger.LEDGER):
        (folder / name).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


class Store(Asked):
    """One folder of facts. Use `Store.open`; close it when done, or use it as a context."""

    def __init__(self, folder: Path, connection: Cursor) -> None:
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
        `folder_not_writable`, `extension_missing`.
        """
        folder = folder.expanduser().resolve()
        if folder.is_dir():
            exchange.finish(folder)
        with lake.writing(folder):
            for name in FOLDERS:
                (folder / name).mkdir(parents=True, exist_ok=True)
        connection = lake.connect(folder)
        try:
            lake_tables.furnish(connection, folder)
            staging.forget_old_drafts(folder)
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

    def _last_version(self) -> int:
        with self._cursor() as cursor:
            row = cursor.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
        return int(row[0]) if row else 0

    def _plain_cursor(self) -> contextlib.closing[Cursor]:
        return contextlib.closing(self._connection.cursor())

    @contextlib.contextmanager
    def _cursor(self, sql: str = "", tables: Lent | None = None) -> Iterator[Cursor]:
        """Yield a cursor for a query; without one, it sees the newest state itself."""
        path = f"{LAKE},memory.main"
        if sql:
            path = f"{self._copies.schema(self._version, sql)},{path}"
        with self._plain_cursor() as cursor:
            lake.lend(cursor, tables)
            # SET takes no parameters; the path is of constants and a version's number.
            cursor.execute(f"SET search_path = '{path}'")
            yield cursor

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
        Raises DataError `disk_is_full`, `folder_not_writable`; nothing has changed then.
        """
        with (
            staging.staged(self.folder, changes) as files,
            self._transaction(author, message) as inside,
        ):
            publishing.apply(inside, changes, files, self._copies.unused(self.version))
            inside.told.update(details or {}, tables=sorted({change.table for change in changes}))
        return self.version

    @contextlib.contextmanager
    def rehearse(self, changes: Sequence[Change]) -> Iterator["Store"]:
        """Yield the store as it would be after a publication that then does not take place.

        Nobody else sees that state; publications wait until the rehearsal is over.
        """
        with (
            staging.staged(self.folder, changes) as files,
            self._writing,
            self._cursor() as cursor,
            lake.transaction(cursor, self.folder, keep=False) as inside,
        ):
            with lake.writing(self.folder):
                publishing.apply(inside, changes, files, self._copies.unused(self.version))
            yield _Rehearsal(self, cursor, publishing.touched(changes))

    def restore(self, number: int, *, author: str, message: str) -> int:
        """Make an earlier state the newest one; nothing in between is forgotten.

        Raises DataError `unknown_version`.
        """
        self.require_version(number)
        with self._transaction(author, message) as inside:
            cursor = inside.cursor
            for table in self._copies.rewritten(number, self.version):
                name = table.name
                # Read before anything is deleted: inside a transaction, DuckLake 1.5 subtracts
                # the transaction's own deletions from earlier versions as well.
                cursor.execute(f"CREATE TEMP TABLE earlier AS {self._copies.as_of(table, number)}")
                cursor.execute(f'DELETE FROM lake."{name}"')  # noqa: S608 - contract names only
                # No parameter can name a table; the names are the contracts' own.
                cursor.execute(f'INSERT INTO lake."{name}" BY NAME FROM temp.earlier')
                cursor.execute("DROP TABLE temp.earlier")
            inside.told["restored"] = number
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

    def published_on(self) -> date:
        """Return the day of what answers, by the clocks of China; today for an empty store."""
        return self.once("published_on", self._published_on)

    def _published_on(self) -> date:
        times = (each.time for each in self.history() if each.number == self.version)
        moment = next(map(datetime.fromisoformat, times), None)
        return clock.today() if moment is None else clock.in_china(moment).date()

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

    def may_hold(self, table: Table) -> bool:
        """Say whether anything was ever written to a table, so that it may have rows."""
        return table.name not in self._copies.unused(self.version)

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

    def acting(self, account: Account, action: Action = "publish") -> "Store":
        """Return this store in the hands of an account, which publishes in its own name.

        Where it has no right to the action, publications raise DataError `not_allowed`.
        """
        return _Acting(self, account, action)

    def closed_to(self, account: Account) -> "Store":
        """Return this store as an account limited to an area holds it: version and settings only.

        Every question of its own raises DataError `outside_area`; figures come from
        `metrics.areas` alone.
        """
        return _Closed(self, account)

    def new_staging(self, name: str) -> Path:
        """Return a fresh, empty folder for files being checked."""
        return staging.new_folder(self.folder, name)

    @contextlib.contextmanager
    def _transaction(self, author: str, message: str) -> Iterator[Transaction]:
        with self._writing, self._cursor() as cursor:
            with lake.writing(self.folder), lake.transaction(cursor, self.folder) as inside:
                yield inside
                cursor.execute(
                    "CALL lake.set_commit_message($author, $message, extra_info => $told)",
                    {"author": author, "message": message, "told": json.dumps(inside.told)},
                )
            self._version = self._last_version()
            self._copies.renew(self._version)
            self._write_ledger()

    def _write_ledger(self) -> None:
        """Give every version its line of hashes; what a crash left out is caught up here."""
        with contextlib.closing(self._connection.cursor()) as cursor:
            versions, files = lake.versions_and_files(cursor)
        try:
            ledger.catch_up(self.folder, versions, files)
        except OSError:
            # The version itself stands; its line is written when there is room again.
            logging.getLogger(__name__).exception("ledger of %s", self.folder)


class _Rehearsal(Store):
    """A store seen from inside one transaction, which has written to some tables."""

    def __init__(self, store: Store, cursor: Cursor, touched: frozenset[str]) -> None:
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
    def _cursor(self, sql: str = "", tables: Lent | None = None) -> Iterator[Cursor]:
        _ = sql
        with lake.lent(self._inside, tables):
            yield self._inside

    def read(
        self,
        sql: str,
        parameters: Parameters | None = None,
        *,
        seconds: float = QUERY_SECONDS,
        tables: Lent | None = None,
        coded: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Answer one query; what the transaction has not touched is asked outside."""
        asked = super().read if named(sql) & self._touched else self._now.read
        return asked(sql, parameters, seconds=seconds, tables=tables, coded=coded)

    def read_once(
        self, sql: str, parameters: Parameters | None = None, *, coded: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Answer a query from memory if it was asked before."""
        asked = super().read_once if named(sql) & self._touched else self._now.read_once
        return asked(sql, parameters, coded=coded)


class _Acting(Store):
    """A store in the hands of one account."""

    def __init__(self, store: Store, account: Account, action: Action) -> None:
        self.folder = store.folder
        self._now = store
        self._connection = store._connection
        self._admission = store._admission
        self._writing = store._writing
        self._copies = store._copies
        self._answers, self._made = store._answers, store._made
        self._account, self._action = account, action

    @property
    def _version(self) -> int:  # type: ignore[override]  # always that of the store itself
        return self._now.version

    @contextlib.contextmanager
    def _transaction(self, author: str, message: str) -> Iterator[Transaction]:
        account = self._account
        if not account.may(self._action):
            role = both(f"accounts.role.{account.role}")
            raise DataError("not_allowed", name=account.name, role=role)
        with self._now._transaction(account.name or author, message) as inside:
            yield inside


class _Closed(Store):
    """A store in the hands of an account limited to an area: it answers nothing and takes nothing.

    It has no connection, no copies and no answers of the store, so that what is not written here
    cannot be asked.
    """

    def __init__(self, store: Store, account: Account) -> None:
        self.folder = store.folder
        self._version = store.version
        self._admission = threading.BoundedSemaphore(1)
        self._answers, self._made = Answers(0), Answers(0)
        self._settings = store.settings()
        self._history = store.history
        self._account = account

    def settings(self) -> dict[str, str]:
        """Return the settings of the store: rules, no figures."""
        return dict(self._settings)

    def history(self) -> list[Version]:
        """Return numbers and times of the versions; what was published by whom is not told."""
        return [Version(each.number, each.time, "", "—", {}) for each in self._history()]

    @contextlib.contextmanager
    def _cursor(self, sql: str = "", tables: Lent | None = None) -> Iterator[Cursor]:
        raise self._refusal()
        yield sql, tables

    @contextlib.contextmanager
    def _transaction(self, author: str, message: str) -> Iterator[Transaction]:
        _ = author, message
        raise self._refusal()
        yield

    def read_once(
        self, sql: str, parameters: Parameters | None = None, *, coded: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Refuse: DataError `outside_area`."""
        _ = sql, parameters, coded
        raise self._refusal()

    def at(self, number: int) -> Store:
        """Refuse: DataError `outside_area`."""
        _ = number
        raise self._refusal()

    def acting(self, account: Account, action: Action = "publish") -> Store:
        """Refuse: DataError `outside_area`."""
        _ = account, action
        raise self._refusal()

    @contextlib.contextmanager
    def rehearse(self, changes: Sequence[Change]) -> Iterator[Store]:
        """Refuse: DataError `outside_area`."""
        _ = changes
        raise self._refusal()
        yield self

    def new_staging(self, name: str) -> Path:
        """Refuse: DataError `outside_area`."""
        _ = name
        raise self._refusal()

    def _refusal(self) -> DataError:
        return DataError("outside_area", name=self._account.name, area=self._account.area)


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
    def _cursor(self, sql: str = "", tables: Lent | None = None) -> Iterator[Cursor]:
        with self._plain_cursor() as cursor:
            lake.lend(cursor, tables)
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
    def _transaction(self, author: str, message: str) -> Iterator[Transaction]:
        _ = author, message
        raise DataError("version_is_past", version=self._version)
        yield

    def settings(self) -> dict[str, str]:
        """Return the settings of that version; a minimum base raised since then holds."""
        then, now = super().settings(), self._now.settings()["minimum_base"]
        return then | {"minimum_base": max(then["minimum_base"], now, key=float)}
