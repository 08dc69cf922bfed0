"""Numbers, dates and codes as people write them: read by what they can only mean, or left."""

from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import ingest
from data.contracts import TABLES
from data.drafting.headers import Place
from data.drafting.notations import in_contract_notation
from data.ingest import Options
from data.store import Store
from tests.data.reading import in_this_process

PEOPLE = TABLES["township_year"].column("migrants_n")
SPENT = TABLES["township_year"].column("governance_spend_yuan")
YEAR = TABLES["township_year"].column("year")
CODE = TABLES["facilities"].column("community_code")
DAY = TABLES["survey_meta"].column("start_on")
MOMENT = TABLES["service_cases"].column("due_at")
LON, LAT = (TABLES["facilities"].column(name) for name in ("lon", "lat"))
YES = TABLES["facilities"].column("in_spatial_plan")
STATE = TABLES["community_year"].column("weak_org_status")


def read(column: object, *cells: str | None, **how: object) -> list[str | None]:
    told, _ = in_contract_notation(
        pa.chunked_array([list(cells)], pa.string()),
        column,
        Place(0),
        **how,  # type: ignore[arg-type]
    )
    return told.to_pylist()


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        (PEOPLE, "１，２３４", "1234"),
        (PEOPLE, "12,345,678 ", "12345678"),
        (PEOPLE, "1.2万人", "12000"),
        (PEOPLE, "120人", "120"),
        (PEOPLE, "12.0", "12"),
        (PEOPLE, "'12", "12"),
        (PEOPLE, '="12"', "12"),
        (PEOPLE, "—", ""),
        (PEOPLE, "N/A", ""),
        (PEOPLE, "0", "0"),
        (SPENT, "1,234.50", "1234.50"),
        (SPENT, "3.5亿元", "350000000"),
        (YEAR, "2025年", "2025"),
        (YEAR, "2025年度", "2025"),
        (CODE, "９９０１０１１００２０１", "990101100201"),
        (CODE, "990101100201.0", "990101100201"),
        (CODE, "'990101100201", "990101100201"),
        (CODE, '="990101100201"', "990101100201"),
        (DAY, "2025年1月2日", "2025-01-02"),
        (DAY, "2025年1月2号", "2025-01-02"),
        (DAY, "02-Jan-2025", "2025-01-02"),
        (DAY, "January 2, 2025", "2025-01-02"),
        (DAY, "2 Feb 2025", "2025-02-02"),
        (MOMENT, "2-Jan-2025 8:05", "2025-01-02 08:05:00"),
        (DAY, "2025.1.2", "2025-01-02"),
        (DAY, "2025/1/2 0:00", "2025-01-02"),
        (DAY, "13/2/2025", "2025-02-13"),
        (DAY, "2/13/2025", "2025-02-13"),
        (DAY, "3/3/2025", "2025-03-03"),
        (MOMENT, "2025年1月2日 8:05", "2025-01-02 08:05:00"),
        (MOMENT, "2025.1.2 08:05:06.000", "2025-01-02 08:05:06"),
        (MOMENT, "2025年1月2日8时05分", "2025-01-02 08:05:00"),
        (YES, "不详", ""),
        (LON, "120°12′30″E", "120.2083333333"),
        (LON, "东经120度12分30.5秒", "120.2084722222"),
        (LON, "120°12'30\"", "120.2083333333"),
        (LON, "E 120°30′", "120.5"),
        (LON, "120.5°", "120.5"),
        (LON, "120.5 w", "-120.5"),
        (LAT, "30°12’15.5”N", "30.2043055556"),
        (LAT, "北纬30.5", "30.5"),
    ],
)
def test_what_can_mean_one_thing_is_read(column: object, cell: str, expected: str) -> None:
    assert read(column, cell, "", None) == [expected, "", None]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (PEOPLE, "1,23"),
        (PEOPLE, "0,125"),
        (PEOPLE, "1,234,56"),
        (PEOPLE, "12.5"),
        (PEOPLE, "12亩"),
        (PEOPLE, "约12"),
        (PEOPLE, "12-15"),
        (PEOPLE, "无"),
        (PEOPLE, "12\u200b人"),
        (PEOPLE, "12\u2028"),
        (YEAR, "—"),
        (LON, "30°12′N"),
        (LON, "120°60′"),
        (LON, "120.5°12′"),
        (LON, "120 12 30"),
        (LON, "东经120°W"),
        (CODE, "9.90101E+11"),
        (CODE, "99010110020.0"),
        (DAY, "1/2/2025"),
        (DAY, "25/1/2"),
        (DAY, "2025-01-02 08:30"),
        (DAY, "2025年1-2日"),
        (DAY, "Jan 2025"),
        (DAY, "2-Foo-2025"),
        (DAY, "2-Jan-25"),
        (STATE, "none"),
    ],
)
def test_what_can_mean_two_things_is_left(column: object, cell: str) -> None:
    assert read(column, cell) in ([cell], ["2025-01-02 08:30:00"])


def test_one_cell_of_a_column_decides_for_the_others() -> None:
    assert read(DAY, "1/2/2025", "13/2/2025") == ["2025-02-01", "2025-02-13"]
    assert read(DAY, "1/2/2025", "2/13/2025") == ["2025-01-02", "2025-02-13"]
    assert read(DAY, "1/2/2025", "13/2/2025", "2/13/2025")[0] == "1/2/2025"
    # A comma that stands for the decimal point anywhere stands for thousands nowhere.
    assert read(SPENT, "1,234", "3,5") == ["1,234", "3,5"]
    assert read(SPENT, "1,234", commas=False) == ["1,234"]
    assert read(DAY, "1/2/2025", order="mdy") == ["2025-01-02"]


@given(
    st.integers(0, 10**12),
    st.integers(0, 999),
    st.sampled_from([("", 1), ("元", 1), ("千元", 1000), ("万元", 10_000), ("亿元", 10**8)]),
    st.booleans(),
    st.booleans(),
)
def test_a_number_keeps_its_value_however_it_is_written(
    whole: int, thousandths: int, unit: tuple[str, int], grouped: bool, wide: bool
) -> None:
    text = f"{whole:,}" if grouped else f"{whole}"
    text = f"{text}.{thousandths:03}{unit[0]}"
    if wide:
        text = text.translate({n: n + 0xFEE0 for n in range(0x2C, 0x3A)})
    value = (Fraction(whole) + Fraction(thousandths, 1000)) * unit[1]
    told = read(SPENT, text)[0]
    assert told is not None
    assert float(told) == float(value)


def test_it_is_told_and_what_is_not_certain_is_asked(towns: Store, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    head = "facility_id,township_code,name_zh,services,is_comprehensive,status,area_total_m2"
    rows = ('F1,990101100.0,甲站,legal,✓,运行中,"1,200"', "F2,990101100,乙站,legal,否,idle,-")
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    with in_this_process():
        made = ingest.prepare(towns, file, file.name)
    assert made.problems.empty, made.problems
    assert "“总面积”有 1 个单元格填的是“-”一类的符号" in made.warnings[0].zh
    assert "such as '1,200' as '1200'" in made.warnings[1].en
    drill = "activity_id,township_code,kind,held_on\nD1,990101100,publicity,1/2/2025\n"
    file.write_text(drill, encoding="utf-8")
    asked = ingest.prepare(towns, file, file.name, Options(table="activities")).problems
    assert asked[["column", "code"]].values.tolist() == [["held_on", "day_or_month"]]
    said = Options(table="activities", dates={"held_on": "dmy"})
    assert ingest.prepare(towns, file, file.name, said).problems.empty
