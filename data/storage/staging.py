"""The staging folder of a store: files being checked, and what waits to be published."""

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from data.contracts import TABLES, Table
from data.storage import room
from data.storage.lake import writing
from data.storage.publishing import Change

DRAFT_SECONDS = 7 * 24 * 3600
_STAGING = "staging"


def new_folder(store: Path, name: str) -> Path:
    """Return a fresh, empty folder in the staging folder of a store."""
    folder = store / _STAGING / name
    shutil.rmtree(folder, ignore_errors=True)
    with writing(store):
        folder.mkdir(parents=True)
    return folder


def stage_frame(frame: pd.DataFrame, file: Path) -> Path:
    """Write a frame to a staged Parquet file and return its path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(file, index=False)
    return file


@contextlib.contextmanager
def staged(store: Path, changes: Sequence[Change]) -> Iterator[list[Path]]:
    """Yield the file of each change; those made of frames are gone afterwards.

    Raises DataError `disk_full` where there is no room to write them into the facts.
    """
    # Once among the facts, and once for what is summed up of them or written in another order.
    sizes = [c.rows.stat().st_size for c in changes if isinstance(c.rows, Path)]
    room.require(store, room.RESERVE + 2 * sum(sizes))
    # A name of its own each time: DuckDB remembers what it read of a file of the same name.
    folder = new_folder(store, f"publish-{uuid.uuid4().hex}")
    try:
        with writing(store):
            files = [
                stage_frame(_typed(TABLES[change.table], change.rows), folder / f"{n}.parquet")
                if isinstance(change.rows, pd.DataFrame)
                else change.rows
                for n, change in enumerate(changes)
            ]
        yield files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Order a frame's columns as the contract does; absent columns are empty."""
    return frame.reindex(columns=list(table.column_names))


def forget_old_drafts(store: Path) -> None:
    """Delete what was staged and never published, after a week."""
    for entry in (store / _STAGING).iterdir():
        if time.time() - entry.stat().st_mtime > DRAFT_SECONDS:
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
