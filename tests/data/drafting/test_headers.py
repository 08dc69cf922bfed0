"""Headers: what is certain is taken, what is likely is suggested, units convert exactly."""

from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contracts import TABLES
from data.drafting.headers import (
    Place,
    Said,
    _known,
    in_unit_of_contract,
    match,
    recognise_table,
    suggest,
    unit_factor,
    units_of,
)
from data.drafting.likely_columns import likeliest_table
from data.errors import DataError

NOTHING = Said({}, {})


@pytest.mark.parametrize("name", [t.name for t in TABLES.values() if t.uploadable])
@pytest.mark.parametrize("language", ["name", "zh", "en"])
def test_every_table_is_found_by_its_own_words(name: str, language: str) -> None:
    table = TABLES[name]
    header = [c.name if language == "name" else getattr(c.label, language) for c in table.columns]
    found, unknown = match(table, header, NOTHING)
    assert unknown == []
    assert [place.position for place in found.values()] == list(range(len(header)))
    assert list(found) == list(table.column_names)


@pytest.mark.parametrize("name", list(TABLES))
def test_no_wording_means_two_columns_of_one_table(name: str) -> None:
    words = [
        (form, column.name)
        for column in TABLES[name].columns
        for form in {column.name, *column.label}
    ]
    assert len({word for word, _ in words}) == len(set(words))
    assert set(_known(name).values()) == set(TABLES[name].column_names)


def test_synonyms_width_case_and_space_are_certain() -> None:
    found, unknown = match(
        TABLES["communities"], ["村居 代码", "乡镇街道代码", "ＮＡＭＥ_zh", "种类"], NOTHING
    )
    assert set(found) >= {"community_code", "township_code", "name_zh"}
    assert unknown in ([], ["种类"])


def test_a_unit_in_brackets_converts_or_stays_unknown() -> None:
    table = TABLES["township_year"]
    found, unknown = match(table, ["常住人口（万人）"], NOTHING)
    assert found["resident_pop"] == Place(0, "万人", Fraction(10_000))
    assert unknown == []
    assert match(table, ["常住人口（亩）"], NOTHING) == ({}, ["常住人口（亩）"])
    assert match(table, ["常住人口（单位：人）"], NOTHING)[0]["resident_pop"].factor == 1


def test_a_person_may_say_the_unit_and_a_wrong_one_is_refused() -> None:
    table = TABLES["township_year"]
    found, _ = match(table, ["人口"], Said({"人口": "resident_pop"}, {"人口": "千人"}))
    assert found["resident_pop"].factor == 1000
    with pytest.raises(DataError) as refusal:
        match(table, ["人口"], Said({"人口": "resident_pop"}, {"人口": "亩"}))
    assert refusal.value.code == "unit_unknown"


def test_numbers_convert_exactly_and_words_stay() -> None:
    cells = pa.chunked_array([["1.2345", " 3 ", "约3", None, "", "-0.00005", "1e2"]])
    people = in_unit_of_contract(cells, Place(0, "万人", Fraction(10_000)))
    assert people.to_pylist() == ["12345", "30000", "约3", None, "", repr(-0.5), "1000000"]
    land = in_unit_of_contract(pa.chunked_array([["1", "1.5"]]), Place(0, "亩", Fraction(2000, 3)))
    assert land.to_pylist() == [repr(2000 / 3), "1000"]


@given(st.decimals(-(10**9), 10**9, places=4, allow_nan=False))
def test_ten_thousand_people_are_the_decimal_point_moved(value: object) -> None:
    (got,) = in_unit_of_contract(
        pa.chunked_array([[str(value)]]), Place(0, "万人", Fraction(10_000))
    ).to_pylist()
    assert Fraction(got) == Fraction(str(value)) * 10_000


def test_every_declared_unit_is_its_own() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.unit:
                assert unit_factor(column, column.unit.zh) == 1
                assert unit_factor(column, column.unit.en) == 1
                assert units_of(column)[0] == column.unit.zh


def test_suggestions_come_from_wording_and_pinyin() -> None:
    table = TABLES["communities"]
    assert suggest(table, "社区（村）代码")[0].column == "community_code"
    assert suggest(table, "jingdu")[0].column == "lon"
    assert suggest(table, "jd")[0].column == "lon"
    assert suggest(table, "@@") == []


def test_a_header_that_fits_nothing_names_the_nearest_table() -> None:
    with pytest.raises(DataError) as refusal:
        recognise_table(["community_code", "name_zh", "xyz"], None, NOTHING)
    assert refusal.value.code == "table_not_recognised"
    assert refusal.value.values["name"] == "communities"
    assert "xyz" in str(refusal.value)
    header, cells = ["乡镇代码", "乡镇名称", "县级代码"], [["990101100"], ["甲镇"], ["990101"]]
    with pytest.raises(DataError) as refusal:
        recognise_table(header, None, NOTHING, lambda: likeliest_table(header, cells))
    assert refusal.value.values["name"] == "townships"


def test_two_names_are_the_matter_only_of_a_table_that_could_be_meant() -> None:
    """名称 and 乡镇名称 are one column twice of the list of townships, which this is not."""
    header = [
        "设施编号",
        "乡镇代码",
        "名称",
        "服务种类",
        "综合服务设施",
        "状态",
        "乡镇名称",
        "楼高",
    ]
    with pytest.raises(DataError) as refusal:
        recognise_table(header, None, NOTHING, lambda: TABLES["facilities"])
    assert refusal.value.code == "table_not_recognised"
    assert "楼高" in refusal.value.next_step.zh
