"""The 251 obligations of the Opinions, clause by clause, and what in this product answers each.

`contracts/clauses.csv` holds the obligations, `answers.csv` what answers them, `features.csv` what
of this is no indicator and no question: how far it stands, on what that rests, what is missing.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from data.contracts import FOLDER
from data.words import Text

Kind = Literal["indicator", "item", "question", "layer", "feature", "context", "reason"]
State = Literal["stands", "partly", "not_yet", "not_measurable"]
AREAS = ("P", "I", "II", "III", "IV", "V", "VI", "VII")


@dataclass(frozen=True)
class Answer:
    """One thing that answers an obligation.

    kind: an indicator of the register, an item of a checklist, a question of the bank, a map layer,
    a feature, a figure shown as context, or a reason why it is not measured. code: its id there.
    state: said only where this answer does less here than it does elsewhere; note: what is missing.
    """

    kind: Kind
    code: str
    state: State | None
    note: Text


@dataclass(frozen=True)
class Obligation:
    """One thing the Opinions ask for. clause: part and number; area: one of AREAS."""

    id: str
    clause: str
    area: str
    text: Text
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Feature:
    """What answers obligations beside indicators and questions: M layers, Y features, X, N.

    evidence: what it rests on ('page:name', 'table:name', 'layer:id', 'code:list/value',
    'module:symbol'), none where it does not stand at all. note: what is missing, or why it is
    not measured.
    """

    code: str
    name: Text
    state: State
    evidence: tuple[str, ...]
    note: Text


def _records(file: str) -> Iterator[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, strict=True)


def _text(record: Mapping[str, str], field: str) -> Text:
    return Text(zh=record[f"{field}_zh"], en=record[f"{field}_en"])


def _obligations() -> tuple[Obligation, ...]:
    answers: dict[str, list[Answer]] = {}
    for record in _records("answers.csv"):
        state = cast(State, record["state"]) if record["state"] else None
        answer = Answer(cast(Kind, record["kind"]), record["code"], state, _text(record, "note"))
        answers.setdefault(record["obligation"], []).append(answer)
    return tuple(
        Obligation(
            id=record["id"],
            clause=record["clause"],
            area=record["area"],
            text=_text(record, "text"),
            answers=tuple(answers.get(record["id"], ())),
        )
        for record in _records("clauses.csv")
    )


def _features() -> dict[str, Feature]:
    return {
        record["code"]: Feature(
            code=record["code"],
            name=_text(record, "name"),
            state=cast(State, record["state"]),
            evidence=tuple(part for part in record["evidence"].split(";") if part),
            note=_text(record, "note"),
        )
        for record in _records("features.csv")
    }


OBLIGATIONS: tuple[Obligation, ...] = _obligations()
FEATURES: Mapping[str, Feature] = _features()
