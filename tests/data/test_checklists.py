"""Checklists as data: every item of the code list, once, under one version."""

import csv

from data.checklists import ITEMS, VERSION, items
from data.contracts import CODES, FOLDER


def test_every_item_of_the_code_list_is_asked_once_in_its_order() -> None:
    assert [item.code for item in ITEMS] == [code.value for code in CODES["checklist_item"]]
    assert all(item.code.startswith(f"{item.checklist}-") for item in ITEMS)
    assert {item.version for item in ITEMS} == {VERSION}


def test_an_item_says_of_whom_it_is_asked_and_on_what_it_rests() -> None:
    levels = {item.checklist: item.level for item in ITEMS}
    # The contract's own rule on whose code a result carries.
    assert (levels["EMERG6"], levels["EMERG3"], levels["COUNTY"]) == (
        "township",
        "community",
        "county",
    )
    assert all(len({item.level for item in items(name)}) == 1 for name in levels)
    limited = {item.code: item.applies_to for item in ITEMS if item.applies_to != "all"}
    assert limited == {
        "VILLORG-3": "village",
        "VILLORG-4": "community",
        "VILLORG-10": "converted",
    }
    assert [item.code for item in ITEMS if item.optional] == ["VILLORG-4"]
    assert all(item.source.zh and item.source.en and item.from_year for item in ITEMS)
    # Words differ, so that one language does not stand for both.
    assert all(item.text.zh != item.text.en for item in ITEMS)


def test_the_file_has_no_cell_that_is_not_read() -> None:
    with (FOLDER / "checklists.csv").open(encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines, strict=True))
    assert len(records) == len(ITEMS) == 69
    assert {record["optional"] for record in records} <= {"Y", "N"}
    assert items("NONE") == ()
