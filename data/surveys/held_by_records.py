"""What administrative records hold already, so that no survey asks for it.

Residents and cadres are asked what records cannot say: how they were treated, what they know and
think. Words that ask for a field of the contract are declared in `held_by_records.csv`; a field's
own label counts as well where it is long enough to mean nothing else.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from data.contracts import TABLES, Column, table
from data.surveys.question_matching import normalised

_FILE = Path(__file__).with_suffix(".csv")
# Labels of fewer signs (名称, 状态, 来源) stand in many questions that ask for something else.
_SHORTEST_LABEL = 5
_SURVEY = "survey_"
# What somebody knows, thinks or wants is in no record, whatever it is about.
_OF_THE_MIND = re.compile("知道|听说|了解|认为|觉得|希望|愿意|需要|担心")


def held(text: str) -> Column | None:
    """Return the field of a table that already holds what a question in Chinese asks for."""
    if _OF_THE_MIND.search(text):
        return None
    asked = normalised(text)
    return next((column for words, column in _known() if words in asked), None)


@cache
def _known() -> tuple[tuple[str, Column], ...]:
    """Return words -> field, the longest words first: they say most exactly what is asked."""
    found = [(normalised(words), column) for words, column in (*_declared(), *_labels())]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _declared() -> Iterator[tuple[str, Column]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines, strict=True):
            column = table(record["table"]).column(record["column"])
            yield from ((words, column) for words in record["words"].split(";"))


def _labels() -> Iterator[tuple[str, Column]]:
    for each in TABLES.values():
        if each.uploadable and not each.name.startswith(_SURVEY):
            for column in each.columns:
                if not column.key and len(normalised(column.label.zh)) >= _SHORTEST_LABEL:
                    yield column.label.zh, column
