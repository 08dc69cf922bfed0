"""No list loses a place to which other rows belong."""

from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.errors import DataError
from data.ingest import Options
from data.store import Change, Store
from tests.data.formats.test_kits import packed
from tests.data.reading import in_this_process

HEADER = "township_code,county_code,name_zh\n"
FIRST, SECOND = "990101100,990101,甲镇\n", "990101101,990101,乙镇\n"
VILLAGES = "community_code,township_code,name_zh,kind,lat,lon\n"
VILLAGE = "990101101201,990101101,乙村,village,30.5,110.5\n"
YEARS = "township_code,year,resident_pop,households\n"


def prepared(store: Store, path: Path, mode: str = "replace") -> ingest.Draft:
    with in_this_process():
        return ingest.prepare(store, path, path.name, Options(mode=mode))  # type: ignore[arg-type]


def refused(store: Store, path: Path) -> DataError:
    with pytest.raises(DataError) as refusal:
        prepared(store, path)
    assert refusal.value.code == "still_referred"
    return refusal.value


def test_a_township_with_villages_is_not_taken_out(towns: Store, tmp_path: Path) -> None:
    held = pd.DataFrame([VILLAGE.strip().split(",")[:4]], columns=VILLAGES.split(",")[:4])
    towns.publish([Change("communities", held)], author="a", message="m")
    file = tmp_path / "towns.csv"
    file.write_text(HEADER + FIRST, encoding="utf-8")
    error = refused(towns, file)
    assert (error.values["codes"], "1 条" in error.place.zh) == ("990101101", True)
    # To add and correct takes nothing out; nor does it matter whose place nobody uses.
    assert prepared(towns, file, "merge").records_kept == 1
    file.write_text(HEADER + FIRST + SECOND, encoding="utf-8")
    whole = prepared(towns, file)
    assert whole.effect["removed"].tolist() == [1]
    # A township that is in the file, with a fault, is named as a problem before it is missed.
    file.write_text(HEADER + FIRST + SECOND.replace("990101,", "x,"), encoding="utf-8")
    faulty = prepared(towns, file)
    assert faulty.rejected == 1
    with pytest.raises(DataError, match="990101101"):
        ingest.publish(towns, faulty, author="a", message="m", accept_valid=True)
    ingest.publish(towns, whole, author="a", message="m")


def test_what_is_replaced_together_is_looked_at_together(towns: Store, tmp_path: Path) -> None:
    years = pd.DataFrame({"township_code": ["990101101"] * 2, "year": [2023, 2024],
                          "resident_pop": 5, "households": 2})  # fmt: skip
    villages = pd.DataFrame([VILLAGE.strip().split(",")[:4]], columns=VILLAGES.split(",")[:4])
    towns.publish(
        [Change("communities", villages), Change("township_year", years)], author="a", message="m"
    )
    other = VILLAGE.replace("990101101", "990101100")
    lists = {"t.csv": HEADER + FIRST, "v.csv": VILLAGES + other}
    year = YEARS + "990101100,2024,5,2\n"
    # The village of the township that goes, in the same file; a year that stays as it is held.
    error = refused(towns, packed(tmp_path, lists | {"v.csv": VILLAGES + other + VILLAGE}))
    assert "1 条" in error.place.zh
    error = refused(towns, packed(tmp_path, lists | {"y.csv": year}))
    assert "村" not in error.place.zh
    both = packed(tmp_path, lists | {"y.csv": year + "990101100,2023,5,2\n"})
    ingest.publish(towns, prepared(towns, both), author="a", message="m")
    left = towns.read("SELECT DISTINCT township_code FROM township_year")
    assert left["township_code"].tolist() == ["990101100"]
