"""A store that holds what a test publishes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from data.store import Change, Store


@contextmanager
def published(folder: Path, frames: Mapping[str, pd.DataFrame]) -> Iterator[Store]:
    """Yield a new store with the rows of tables, published at once."""
    with Store.open(folder) as store:
        changes = [Change(name, frame) for name, frame in frames.items()]
        store.publish(changes, author="t", message="t")
        yield store
