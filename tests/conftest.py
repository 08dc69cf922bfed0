"""A small county, made by hand, that many tests share."""

from pathlib import Path

import pandas as pd
import pytest

from data.store import Change, Store

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


@pytest.fixture
def towns(tmp_path: Path) -> Store:
    """Return a store that holds three townships."""
    store = Store.open(tmp_path / "data")
    fill_towns(store)
    return store
