"""The product's question bank: what residents and cadres are asked, in both languages."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from data.words import Text

Audience = Literal["resident", "cadre"]
AnswerType = Literal["sat5", "yesno", "count", "text"]

_FILE = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True)
class Question:
    """One question.

    index_code: the satisfaction index S1..S8 it counts in, or None.
    pair_dim: the dimension of objective indicators it is set beside, or None.
    """

    question_id: str
    index_code: str | None
    pair_dim: str | None
    answer_type: AnswerType
    text: Text
    audience: Audience


def _questions() -> tuple[Question, ...]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Question(
                question_id=record["question_id"],
                index_code=record["index_code"] or None,
                pair_dim=record["pair_dim"] or None,
                answer_type=cast(AnswerType, record["answer_type"]),
                text=Text(zh=record["text_zh"], en=record["text_en"]),
                audience=cast(Audience, record["audience"]),
            )
            for record in csv.DictReader(lines, strict=True)
        )


QUESTIONS: tuple[Question, ...] = _questions()


def questions(audience: Audience) -> tuple[Question, ...]:
    """Return the questions put to one audience, in the order of the questionnaire."""
    return tuple(question for question in QUESTIONS if question.audience == audience)
