"""Which question of the bank a question of a file may be: suggestions, never decisions.

What is suggested is shown to a person; nothing here is applied before the person says so.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.surveys.answer_labels import FAMILIES, is_not_scored, word_of
from data.surveys.question_bank import QUESTIONS, Question

# Below this, words in common are those any two questions share ('村', '社区', '服务').
SHOWN = 0.3
# From here on a page may put the suggestion first in its list; it still asks.
LIKELY = 0.6
MOST = 3

# What every question says and none is about.
_FILLERS = re.compile(
    r"请问|请您|请对|请|您|你|以下|方面|总体来看|是否|满意度|满意|评价|程度|如何|怎么样|吗|呢|对|的"
)
_DASH = re.compile(r"(?s)^(.*)[—:](.+)$")
_YES_NO = frozenset({"是", "否", "有", "没有", "知道", "不知道", "参加过", "没参加过"})
_SATISFIED = frozenset(label for family in FAMILIES.values() for label in family)


@dataclass(frozen=True)
class Suggestion:
    """A question of the bank and how alike the wordings are, 0 (nothing in common) … 1 (same)."""

    question_id: str
    similarity: float


def normalised(text: str) -> str:
    """Return a wording without case, width, blanks, punctuation, brackets' signs and fillers."""
    plain = unicodedata.normalize("NFKC", text).lower()
    bare = "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LN")
    return _FILLERS.sub("", bare) or bare


def dice(first: str, second: str) -> float:
    """Return Dice's coefficient of two texts' character bigrams, 0…1.

    Twice the bigrams in common over the bigrams of both, each counted as often as it occurs; a
    text of one character is its own bigram. Symmetric; 1 for equal texts, for two empty ones too.

    Source: Dice 1945, Ecology 26 (the coefficient); Kondrak, Marcu and Knight 2003, NAACL-HLT
    (on bigrams of letters). Characters, not words: Chinese has no blanks between words, and a
    segmenter would be one more thing to be wrong.
    """
    if first == second:
        return 1.0
    ours, theirs = _bigrams(first), _bigrams(second)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def _bigrams(text: str) -> Counter[str]:
    if len(text) == 1:
        return Counter({text: 1})
    return Counter(text[n : n + 2] for n in range(len(text) - 1))


def similarity(first: str, second: str) -> float:
    """Return how alike two wordings are, 0…1; symmetric, 1 for the same wording.

    'stem—row' and 'stem：row' against another such: the mean of stems and rows, for many rows
    share one stem. Against a plain wording: the better of the whole and the row alone.
    """
    ours, theirs = _parts(first), _parts(second)
    whole = dice(normalised(first), normalised(second))
    if ours and theirs:
        return (dice(ours[0], theirs[0]) + dice(ours[1], theirs[1])) / 2
    if ours:
        return max(whole, dice(ours[1], normalised(second)))
    if theirs:
        return max(whole, dice(normalised(first), theirs[1]))
    return whole


def _parts(text: str) -> tuple[str, str] | None:
    """Return stem and row, normalised, of a wording that has both."""
    match = _DASH.match(unicodedata.normalize("NFKC", text).strip())
    if not match:
        return None
    stem, row = normalised(match.group(1)), normalised(match.group(2))
    return (stem, row) if stem and row else None


def suggest(
    text: str, options: Sequence[str] = (), bank: Sequence[Question] = QUESTIONS
) -> list[Suggestion]:
    """Return at most MOST questions of the bank worded like a question, most alike first.

    text: the wording, rows of a matrix as 'stem—row'. options: the answers seen; where they are
    those of a yes-or-no or of a satisfaction question, only such are suggested. Only wordings at
    least SHOWN alike are returned.
    """
    wanted = _answer_type(options)
    found = [
        Suggestion(question.question_id, similarity(text, question.text.zh))
        for question in bank
        if wanted is None or question.answer_type == wanted
    ]
    found = [suggestion for suggestion in found if suggestion.similarity >= SHOWN]
    return sorted(found, key=lambda s: (-s.similarity, s.question_id))[:MOST]


def _answer_type(options: Sequence[str]) -> str | None:
    words = {word_of(option) for option in options if option}
    labels = {word for word in words if not is_not_scored(word)}
    if labels and labels <= _YES_NO:
        return "yesno"
    if labels & _SATISFIED:  # one such word is enough: beside it stand words still to be decided
        return "sat5"
    return None
