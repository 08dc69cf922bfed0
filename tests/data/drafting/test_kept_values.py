"""A file says nothing of columns that it does not have: what is held there stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data import ingest
from data.ingest import Draft, Options
from data.store import Change, Store
from tests.conftest import fill_towns
from tests.data.reading import in_this_process

HELD = pd.DataFrame(
    {
        "community_code": ["990101100201", "990101100202"],
        "township_code": "990101100",
        "year": [2025, 2025],
        "resident_pop": [1000, 2000],
        "households": [300, 600],
        "grids_n": [4, 5],
        "grids_staffed_n": [3, None],
    }
)
VILLAGES = pd.DataFrame(
    {"community_code": HELD["community_code"], "township_code": "990101100",
     "name_zh": ["甲村", "乙村"], "kind": "village"}
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("kept") / "data")
    fill_towns(opened)
    changes = [Change("communities", VILLAGES), Change("community_year", HELD)]
    opened.publish(changes, author="李评", message="")
    with in_this_process():
        yield opened


def drafted(store: Store, folder: Path, text: str, **options: Any) -> Draft:
    file = folder / "村.csv"
    file.write_text(text, encoding="utf-8")
    return ingest.prepare(store, file, file.name, Options(table="community_year", **options))


def rows(draft: Draft) -> list[list[object]]:
    names = ["community_code", "resident_pop", "grids_n", "grids_staffed_n"]
    found = pd.read_parquet(draft.accepted["community_year"])[names].astype(object)
    kept: list[list[object]] = found.where(found.notna(), None).values.tolist()
    return kept


HEAD = "community_code,township_code,year,resident_pop,households"
ONE, TWO = "990101100201,990101100,2025,1100,300", "990101100202,990101100,2025,2000,600"


def test_what_the_file_has_no_column_for_stays(store: Store, tmp_path: Path) -> None:
    draft = drafted(store, tmp_path, f"{HEAD},grids_n\n{ONE},\n{TWO},7\n")
    # A cell that is there and blank is blank.
    assert rows(draft) == [["990101100201", 1100, None, 3], ["990101100202", 2000, 7, None]]
    (said,) = (word.zh for word in draft.warnings if "保留不变" in word.zh)
    assert "专职" in said
    assert "1 条记录" in said
    assert draft.problems.empty
    draft = drafted(store, tmp_path, f"{HEAD}\n{ONE}\n{TWO}\n")
    effect = draft.effect.iloc[0]
    assert (effect["changed"], effect["unchanged"]) == (1, 1)
    assert rows(draft)[0] == ["990101100201", 1100, 4, 3]


def test_a_replaced_period_is_emptied_and_that_is_said(store: Store, tmp_path: Path) -> None:
    draft = drafted(store, tmp_path, f"{HEAD}\n{ONE}\n{TWO}\n", mode="replace")
    assert rows(draft)[0] == ["990101100201", 1100, None, None]
    assert any("替换之后它们将是空的" in word.zh for word in draft.warnings)


def test_new_rows_and_whole_files_need_nothing(store: Store, tmp_path: Path) -> None:
    draft = drafted(store, tmp_path, f"{HEAD}\n{ONE.replace('2025', '2024')}\n")
    assert rows(draft) == [["990101100201", 1100, None, None]]
    assert draft.warnings == ()


def test_what_comes_together_breaks_no_rule(store: Store, tmp_path: Path) -> None:
    draft = drafted(store, tmp_path, f"\n{HEAD},grids_n\n{TWO},1\n{ONE},2\n")
    (found,) = draft.problems.to_dict("records")
    # Three of two networks would have staff.
    assert (found["record"], found["line"], found["code"]) == (2, 4, "rule")
    assert [row[0] for row in rows(draft)] == ["990101100202"]
    assert (draft.records_read, draft.records_kept, draft.rejected) == (2, 1, 1)
