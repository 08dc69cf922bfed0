"""What a file may mean is guessed from headings and cells: to be confirmed, each column once."""

import pytest

from data.contracts import TABLES
from data.drafting.likely_columns import likeliest_table, likely

VILLAGES = {
    "村码": ["990101100201", "990101100202"],
    "所属": ["990101100", "990101100"],
    "叫法": ["甲村", "乙村"],
    "种类": ["village", "community"],
    "纬": ["30.5", "30.51"],
    "经": ["110.5", "110.51"],
}


def guessed(table: str, file: dict[str, list[str]]) -> dict[str, str]:
    told = likely(TABLES[table], list(file), list(file.values()))
    return {list(file)[position]: name for position, (name, _) in told.items()}


def test_cells_tell_what_headings_do_not() -> None:
    assert likeliest_table(list(VILLAGES), list(VILLAGES.values())).name == "communities"
    assert guessed("communities", VILLAGES) == {
        "村码": "community_code",
        "所属": "township_code",
        "种类": "kind",
        "纬": "lat",
        "经": "lon",
    }


@pytest.mark.parametrize(
    ("heading", "cells", "wanted"),
    [
        # A heading alone, and one that its cells contradict.
        ("jingdu", [], "lon"),
        ("jingdu", ["甲"], None),
        ("社区（村）代码值", ["990101100201"], "community_code"),
        ("社区（村）代码值", ["9901"], None),
        ("@@", ["村", "社区"], "kind"),
        ("@@", ["村", "小区"], None),
        ("@@", [], None),
    ],
)
def test_cells_that_do_not_fit_speak_against_a_column(
    heading: str, cells: list[str], wanted: str | None
) -> None:
    assert guessed("communities", {heading: cells}).get(heading) == wanted


def test_a_certain_heading_stays_and_no_column_is_named_twice() -> None:
    file = {"甲": ["990101100"], "township_code": ["990101101"], "乙": ["990101102"]}
    table = TABLES["township_year"]
    assert likely(table, list(file), list(file.values())) == {1: ("township_code", 1.0)}
    years = {"甲": ["2025"], "乙": ["2024"]}
    assert guessed("township_year", years) == {"甲": "year"}
