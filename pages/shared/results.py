"""The only caches: opened stores, and answers by (metric, scope, store, data version)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import store as stores
from data.scope import Scope
from data.store import Store
from metrics import satisfaction, service_coverage, units

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "units.all": units.all_units,
    "units.years": units.years,
    "satisfaction.surveys": satisfaction.surveys,
    "satisfaction.items": satisfaction.items,
    "satisfaction.by_unit": satisfaction.by_unit,
    "satisfaction.likert": satisfaction.likert,
    "coverage.services": service_coverage.services,
    "coverage.by_unit": service_coverage.by_unit,
    "coverage.villages": service_coverage.villages,
    "coverage.facilities": service_coverage.facilities,
    "coverage.boundaries": service_coverage.boundaries,
}


def folders() -> dict[str, Path]:
    """Return the stores of this installation: 'own' and 'sample', those that exist."""
    root = stores.data_folder()
    both = {"own": root, "sample": root / stores.SAMPLE_FOLDER}
    return {name: folder for name, folder in both.items() if stores.exists(folder)}


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(folder: str) -> Store:
    return Store.open(Path(folder))


def open_store(name: str) -> Store:
    """Open one of the installation's stores; 'own' is made on first use."""
    root = stores.data_folder()
    return _open(str(root if name == "own" else root / stores.SAMPLE_FOLDER))


def store() -> Store:
    """Return the store this session looks at."""
    return open_store(st.session_state["store"])


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(
    name: str, scope: Scope, folder: str, version: int, arguments: tuple[tuple[str, Any], ...]
) -> pd.DataFrame:
    _ = version  # part of the key: a publication makes every earlier answer an old one
    answer: pd.DataFrame = FUNCTIONS[name](_open(folder), scope, **dict(arguments))
    return answer


def get(name: str, scope: Scope, **arguments: Any) -> pd.DataFrame:
    """Return the answer of a metric for a scope, computed once per data version."""
    held = store()
    return _answer(name, scope, str(held.folder), held.version, tuple(sorted(arguments.items())))
