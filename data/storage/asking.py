"""Questions to a store: asked in SQL, admitted a few at a time, remembered where they are small."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import DataError
from data.storage.copies import Answers, Copies
from data.storage.lake import Cursor, Interrupted, Lent, Parameters, bound, writing

QUERY_SECONDS = 60.0
# Fifty heavy queries at once took 8 GB; two at a time took 0.4 GB and no longer overall.
QUERIES_AT_ONCE = 2
KEPT_ANSWERS = 1024
# Larger ones are made again: a thousand of them would not fit into memory.
LARGEST_KEPT = 20_000
KEPT_MADE = 48
ROW_GROUP = 122_880
DEFAULT_SETTINGS = {
    "minimum_base": "30",
    "detour_factor": "1.3",
    "framework": "light-2026",
    "appeal_days": "15",
}
LOWEST_MINIMUM_BASE = 10

Made = TypeVar("Made")


class Asked(ABC):
    """What answers questions about one version of the facts."""

    _admission: threading.BoundedSemaphore
    _copies: Copies
    _answers: Answers
    _made: Answers
    _version: int

    @abstractmethod
    def _cursor(self, sql: str = "", tables: Lent | None = None) -> AbstractContextManager[Cursor]:
        """Yield a cursor that finds the tables which a query names, and those lent to it."""

    @property
    def version(self) -> int:
        """The number of the newest published state; the cache key of every figure."""
        return self._version

    def read(
        self,
        sql: str,
        parameters: Parameters | None = None,
        *,
        seconds: float = QUERY_SECONDS,
        tables: Lent | None = None,
        coded: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Answer one query as a frame; `$name` is bound from the parameters.

        Parameters the query does not name are left out. tables: what it finds under these names
        besides the store's own. coded: texts that recur, answered as categories: a text a row
        takes longer to make than all else of a large answer. Waits for one of the admitted
        places; a query that runs longer than `seconds` is interrupted (DataError
        `query_too_long`).
        """
        named = bound(sql, parameters)
        with self._admission, self._cursor(sql, tables) as cursor:
            clock = threading.Timer(seconds, cursor.interrupt)
            clock.start()
            try:
                answer = cursor.execute(sql, named or None)
                return _coded(answer.to_arrow_table(), coded) if coded else answer.df()
            except Interrupted as error:
                raise DataError("query_too_long", seconds=f"{seconds:g}") from error
            finally:
                clock.cancel()

    def read_once(
        self, sql: str, parameters: Parameters | None = None, *, coded: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Answer a query as `read` does, from memory if it was asked before in the same state.

        For small answers that many figures share: DuckLake plans a query for longer than it
        takes to add up a county.
        """
        asked = (sql, repr(bound(sql, parameters)), tuple(coded))
        key = (self._copies.written(self._version, sql), *asked)
        held: pd.DataFrame | None = self._answers.get(key)
        if held is None:
            held = self.read(sql, parameters, coded=coded)
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
        tables: Lent | None = None,
        unless: str = "",
        beside: pa.Table | None = None,
        heard: Callable[[int], None] | None = None,
    ) -> bool:
        """Write the answer of a query to a Parquet file inside the staging folder.

        tables: as in `read`. unless: a column that is not written; where it is true, the writing
        ends and False is returned. beside: columns that are written with it; the one that both
        have tells the rows apart.
        """
        with (
            self._admission,
            self._cursor(tables=tables) as cursor,
            writing(file.parent),
        ):
            # Arrow writes a file in half the time that DuckDB takes.
            answer = cursor.execute(sql).to_arrow_reader(ROW_GROUP)
            told = [*(beside.schema if beside is not None else ()), *answer.schema]
            fields = {field.name: field for field in told if field.name != unless}
            schema = pa.schema(fields.values())
            at = 0
            # Whoever reads the file sees texts, though they came as numbered words.
            packed = _packed(schema) | {"store_schema": False}
            with pq.ParquetWriter(file, schema, **packed) as out:
                for batch in answer:
                    if unless and pc.any(batch[unless]).as_py():
                        return False
                    rows = pa.Table.from_batches([batch])
                    if beside is not None:
                        rows = _joined(rows, beside, at)
                    out.write_table(rows.select(schema.names))
                    at += len(rows)
                    if heard:
                        heard(at)
        return True

    def settings(self) -> dict[str, str]:
        """Return the settings of this store, defaults included."""
        held = self.read_once("SELECT name, value FROM settings")
        return DEFAULT_SETTINGS | dict(zip(held["name"], held["value"], strict=True))


def _joined(rows: pa.Table, beside: pa.Table, at: int) -> pa.Table:
    """Return rows with the columns of others that are beside them, nearly always from `at` on.

    Of a table in many pieces several are read at once, and which comes first is not certain.
    """
    (key,) = {*beside.column_names} & {*rows.column_names}
    same = beside.slice(at, len(rows))
    if not rows[key].equals(same[key]):
        places = pc.index_in(rows[key], beside[key].combine_chunks())
        if places.null_count:
            raise AssertionError(f"{key}: rows that are not among those beside them")
        same = beside.take(places)
    for name in beside.column_names:
        rows = rows if name == key else rows.append_column(name, same[name])
    return rows


def _coded(answer: pa.Table, texts: Sequence[str]) -> pd.DataFrame:
    for name in texts:
        column = answer[name].combine_chunks().dictionary_encode()
        answer = answer.set_column(answer.schema.get_field_index(name), name, column)
    return pd.DataFrame(answer.to_pandas())


def _packed(schema: pa.Schema) -> dict[str, Any]:
    """Say how columns are packed: texts by a dictionary, whole numbers by their differences."""
    numbers = [field.name for field in schema if pa.types.is_integer(field.type)]
    texts = [
        field.name
        for field in schema
        if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)
    ]
    return {
        "use_dictionary": texts,
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
    }
