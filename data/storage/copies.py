"""What is asked again is answered from memory: small tables, and the last answers.

DuckLake plans a query for several times as long as a small table takes to answer it. A small table
that is asked for is therefore copied into memory, as the version in question left it. A copy
belongs to the version that last wrote to its table; later versions share it until one writes to
the table again.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, NamedTuple

from data.contracts import TABLES, Table
from data.storage.lake import METADATA, Cursor, nothing, query_file

# Larger tables are read where they lie; all copies together stay far below the memory limit.
LARGEST_COPY = 200_000
MOST_COPIED = 3_000_000
_WORD = re.compile(r"\w+")
# What a query reads there by name, it does not find in a copy.
_IN_LAKE = re.compile(r'\blake\."?\w+"?')


class State(NamedTuple):
    """A table as a version has it: the version that last wrote to it, and its rows at most.

    used: whether any version up to it did; a table that is not has no rows.
    """

    written: int
    rows: int
    used: bool


NEVER = State(0, 0, used=False)


@lru_cache(maxsize=4096)
def named(sql: str) -> frozenset[str]:
    """Return the contract tables that a query can name; a column's name may count as well."""
    return frozenset(TABLES.keys() & set(_WORD.findall(sql)))


class Copies:
    """The versions of a store and their tables in memory.

    Every version has a schema of its own, `memory.version_N`. That of the newest version holds
    what was copied; all else is found in the lake. That of an earlier one (`open_past`) holds
    every table, so that nothing of a later version is ever seen.
    """

    def __init__(self, cursor: Callable[[], AbstractContextManager[Cursor]]) -> None:
        self._cursor = cursor
        self._lock = threading.RLock()
        self._states: dict[int, dict[str, State]] = {}
        self._copied: dict[tuple[str, int], int] = {}
        self._seen: dict[int, dict[str, int]] = {}
        self._past: set[int] = set()

    def states(self, version: int) -> Mapping[str, State]:
        """Return the tables that a version has."""
        with self._lock:
            if version not in self._states:
                with self._cursor() as cursor:
                    # SET takes no parameters; the path is a constant of ours.
                    cursor.execute(f"SET search_path = '{METADATA}'")
                    rows = cursor.execute(
                        query_file("lake_tables"), {"version": version}
                    ).fetchall()
                self._states[version] = {name: State(*state) for name, *state in rows}
            return self._states[version]

    def unused(self, version: int) -> frozenset[str]:
        """Return the tables to which nothing was written up to a version; they have no rows."""
        return frozenset(name for name, state in self.states(version).items() if not state.used)

    def written(self, version: int, sql: str) -> int:
        """Return the version that last wrote to what a query names; of a query of files, its own.

        The query has the same answer at both.
        """
        states = self.states(version)
        return max((states.get(name, NEVER).written for name in named(sql)), default=version)

    def rewritten(self, earlier: int, later: int) -> list[Table]:
        """Return the tables that may differ between two versions: one in between wrote to them."""
        before, after = self.states(earlier), self.states(later)
        return [t for t in TABLES.values() if before.get(t.name) != after.get(t.name)]

    def as_of(self, table: Table, version: int) -> str:
        """Return the query for a table as a version left it, in today's columns.

        What that version had not yet is blank: tables without rows, columns without values.
        """
        query = nothing(table)
        if self.states(version).get(table.name, NEVER).used:
            # No parameter can name a table or a version; they are the contracts' and a number.
            lake = f'lake."{table.name}" AT (VERSION => {int(version)})'
            query += f" UNION ALL BY NAME SELECT * FROM {lake}"  # noqa: S608 - as above
        return query

    def schema(self, version: int, sql: str = "") -> str:
        """Return the schema that holds what a query names, copying what is small."""
        with self._lock:
            seen = self._seen_at(version)
            for name in sorted(named(_IN_LAKE.sub("", sql)) - seen.keys()):
                state = self.states(version).get(name, NEVER)
                if (name, state.written) in self._copied or self._fits(state):
                    self._show(version, name, state)
            return _schema(version)

    def open_past(self, version: int) -> None:
        """Give an earlier version's schema all its tables."""
        with self._lock, self._cursor() as cursor:
            self._past.add(version)
            for table in TABLES.values():
                if table.name not in self._seen_at(version):
                    self._view(cursor, version, table.name, self.as_of(table, version))

    def renew(self, version: int) -> None:
        """Forget the copies of tables that the newest version has in another state."""
        states = self.states(version)
        with self._lock, self._cursor() as cursor:
            old = {key for key in self._copied if states.get(key[0], NEVER).written != key[1]}
            for at in self._seen.keys() - self._past - {version}:
                # Who is still reading there finds the tables in the lake. See _schema.
                cursor.execute(f"DROP SCHEMA {_schema(at)} CASCADE")
                del self._seen[at]
            for at, seen in self._seen.items():
                for name in [name for name, written in seen.items() if (name, written) in old]:
                    del seen[name]
                    self._view(cursor, at, name, self.as_of(TABLES[name], at))
            for key in sorted(old):
                # See _copy.
                cursor.execute(f"DROP TABLE {_copy(*key)}")
                del self._copied[key]

    def _seen_at(self, version: int) -> dict[str, int]:
        if version not in self._seen:
            with self._cursor() as cursor:
                cursor.execute("CREATE SCHEMA IF NOT EXISTS memory.copies")
                # See _schema.
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_schema(version)}")
            self._seen[version] = {}
        return self._seen[version]

    def _fits(self, state: State) -> bool:
        held = sum(self._copied.values())
        return state.rows <= LARGEST_COPY and held + state.rows <= MOST_COPIED

    def _show(self, version: int, name: str, state: State) -> None:
        key = (name, state.written)
        with self._cursor() as cursor:
            if key not in self._copied:
                query = self.as_of(TABLES[name], version)
                # See _copy; the query is as_of's.
                cursor.execute(f"CREATE TABLE {_copy(*key)} AS {query}")
                self._copied[key] = state.rows
            self._view(cursor, version, name, f"FROM {_copy(*key)}")
        self._seen[version][name] = state.written

    def _view(self, cursor: Cursor, version: int, name: str, query: str) -> None:
        # No parameter can name a view; the names are a number and the contracts'.
        cursor.execute(f'CREATE OR REPLACE VIEW {_schema(version)}."{name}" AS {query}')


def _schema(version: int) -> str:
    # No parameter can name a schema: it is a number.
    return f"memory.version_{int(version)}"


def _copy(name: str, written: int) -> str:
    # No parameter can name a table: the names are the contracts' and a number.
    return f'memory.copies."{name}@{int(written)}"'


class Answers:
    """The last answers, by version and question."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return an answer that is still held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def keep(self, key: Hashable, answer: object) -> None:
        """Hold an answer; the one longest not asked for goes."""
        with self._lock:
            self._held[key] = answer
            while len(self._held) > self._most:
                self._held.popitem(last=False)
