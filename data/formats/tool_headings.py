"""Rows of headings that survey tools write: Qualtrics has three, SurveyMonkey two.

Qualtrics: names of its own (`Q3_1`), the wording, and in texts a row of `{"ImportId":"QID3_1"}`.
SurveyMonkey: the question above the first of its columns, and beneath it the part that each column
answers, `Response` where there is only one.
"""

import re
from collections.abc import Sequence

_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:.*\}', re.DOTALL)
_OF_QUALTRICS = frozenset({
    "startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)", "finished",
    "recordeddate", "responseid", "recipientlastname", "recipientfirstname", "recipientemail",
    "externalreference", "locationlatitude", "locationlongitude", "distributionchannel",
    "userlanguage",
})  # fmt: skip
_CERTAIN = frozenset({"startdate", "enddate", "responseid", "recordeddate"})
_OF_MONKEY = frozenset({"respondent id", "collector id"})
# What stands beneath a question that has one column, and behind one with a field for other words.
_ALONE = frozenset({"", "response", "open-ended response"})
_CHOSEN = re.compile(r"\s+-\s+Selected Choice\b")


def joined(below: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], int]:
    """Return what rows of headings, from the first on, say together, and how many follow it.

    No headings where the rows are those of neither tool.
    """
    if len(below) < 2 or len(below[0]) != len(below[1]):
        return (), 0
    top, second = ([cell.strip() for cell in row] for row in below[:2])
    names = {cell.lower() for cell in top}
    if len(names & _CERTAIN) > 2 and all(second):
        return _qualtrics(below, top, second)
    if names >= _OF_MONKEY:
        return _monkey(top, second)
    return (), 0


def _qualtrics(
    below: Sequence[Sequence[str]], top: Sequence[str], second: Sequence[str]
) -> tuple[tuple[str, ...], int]:
    ids = len(below) > 2 and all(_IMPORT_ID.fullmatch(cell.strip()) for cell in below[2])
    began = second[[cell.lower() for cell in top].index("startdate")]
    if not ids and any(map(str.isdigit, began)):  # of one row of headings this is the first answer
        return (), 0
    told = (
        name if name.lower() in _OF_QUALTRICS else _CHOSEN.sub("", wording)
        for name, wording in zip(top, second, strict=True)
    )
    return tuple(told), 1 + ids


def _monkey(top: Sequence[str], second: Sequence[str]) -> tuple[tuple[str, ...], int]:
    if any(part for name, part in zip(top, second, strict=True) if name.lower() in _OF_MONKEY):
        return (), 0
    told, question = [], ""
    for name, part in zip(top, second, strict=True):
        question = name or question
        alone = part.lower() in _ALONE
        told.append(question if alone else f"{question}：{part}")
    return tuple(told), 1
