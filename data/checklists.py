"""The checklists: which yes-or-no requirements are asked, of whom, for which indicator.

Declared in `contracts/checklists.csv` under one version id; the wording of an item is its label in
the code list `checklist_item`. Results are kept in the table `checklist_results`.
"""

import csv
from dataclasses import dataclass
from typing import Literal, cast

from data.contracts import CODES, FOLDER
from data.words import Text

Level = Literal["township", "community", "county"]
AppliesTo = Literal["all", "village", "community", "converted"]

_FILE = FOLDER / "checklists.csv"


@dataclass(frozen=True)
class Item:
    """One requirement of a checklist.

    level: whose code the result carries. applies_to: all of them, villages only, communities only,
    or communities converted from villages only. optional: a unit may call it not applicable.
    place_code: where the item holds, "" for everywhere; from_year: from which year on.
    """

    version: str
    checklist: str
    code: str
    indicator_id: str
    level: Level
    applies_to: AppliesTo
    optional: bool
    place_code: str
    from_year: int
    text: Text
    source: Text


def _items() -> tuple[Item, ...]:
    labels = {code.value: code.label for code in CODES["checklist_item"]}
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Item(
                version=record["version"],
                checklist=record["checklist"],
                code=record["item_code"],
                indicator_id=record["indicator_id"],
                level=cast(Level, record["level"]),
                applies_to=cast(AppliesTo, record["applies_to"]),
                optional=record["optional"] == "Y",
                place_code=record["place_code"],
                from_year=int(record["from_year"]),
                text=labels[record["item_code"]],
                source=Text(zh=record["source_zh"], en=record["source_en"]),
            )
            for record in csv.DictReader(lines, strict=True)
        )


ITEMS: tuple[Item, ...] = _items()
VERSION: str = ITEMS[0].version


def items(checklist: str) -> tuple[Item, ...]:
    """Return the items of one checklist, in its order; none for an unknown one."""
    return tuple(item for item in ITEMS if item.checklist == checklist)
