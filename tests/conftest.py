"""A small county, made by hand, that many tests share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from data import contracts
from data.storage import lake, lake_tables
from data.store import Change, Store

# Wall time says more of what else the machine does than of the code: a law holds or it does not.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")

TOWNS = pd.DataFrame(
    {
        "township_code": ["990101100", "990101101", "990101001"],
        "name_zh": ["示例镇", "样例乡", "示例街道"],
        "name_en": ["Shili Town", "Yangli Township", "Shili Subdistrict"],
        "county_code": "990101",
        "unit_type": ["township", "township", "subdistrict"],
    }
)


def fill_towns(store: Store) -> None:
    """Publish the three townships."""
    store.publish([Change("townships", TOWNS)], author="测试", message="乡镇名单")


@pytest.fixture(scope="session", autouse=True)
def _new_stores_begin_as_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Begin each new store with the catalog of the first: to declare its tables takes long."""
    folder = tmp_path_factory.mktemp("empty")
    made, connect = folder / lake.CATALOG, lake.connect

    def copied(place: Path) -> lake.Cursor:
        catalog = place / lake.CATALOG
        if not catalog.exists() and lake_tables.TABLES is contracts.TABLES:
            if not made.exists():
                opened = connect(folder)
                lake_tables.furnish(opened, folder)
                opened.close()
            shutil.copyfile(made, catalog)
        return connect(place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "connect", copied)
        # Two tests run at a time on stores of a few rows: a second thread for a query would only
        # be waited for, at a quarter more to twice the processor time. The served program keeps
        # its own.
        patch.setitem(lake.OPTIONS, "threads", "1")
        yield


@pytest.fixture
def towns(tmp_path: Path) -> Store:
    """Return a store that holds three townships."""
    store = Store.open(tmp_path / "data")
    fill_towns(store)
    return store
