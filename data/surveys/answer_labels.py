"""What the answers to a closed question stand for: points of satisfaction, yes and no, neither.

A label may carry the mark of its option and a number of points: `A.非常满意`, `①非常满意`,
`5 非常满意`, `非常满意(5分)`. The word decides; a mark or number that contradicts the words of its
column is never passed over: such labels are asked about.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

# Those of programs too: R, pandas, SAS and Stata, databases.
EMPTY = frozenset(
    {"", "(空)", "（空）", "-2", ".", "NA", "N/A", "#N/A", "nan", "NaN", "<NA>", "NULL", "None"}
)
SKIPPED = frozenset({"(跳过)", "（跳过）", "-3"})
NOT_ANSWERED = EMPTY | SKIPPED
NOT_SCORED = frozenset(
    {
        "不了解",
        "不清楚",
        "没用过",
        "没有用过",
        "不适用",
        "未参与",
        "未参与，不评价",
        "说不清",
        "说不清楚",
        "不好说",
        "不知道",
        "无法评价",
        "不好评价",
        "没接触过",
        "没有接触过",
        "未接触",
    }
)
YES_NO = {"是": 1, "否": 0}
# Families of five labels, best first. A label that is missing from its column's family is asked.
FAMILIES: dict[str, tuple[str, ...]] = {
    "very-rather": ("非常满意", "比较满意", "一般", "不太满意", "非常不满意"),
    "very-rather-not": ("非常满意", "比较满意", "一般", "比较不满意", "非常不满意"),
    "highly": ("十分满意", "满意", "一般", "不满意", "十分不满意"),
    "highly-rather": ("十分满意", "比较满意", "一般", "不太满意", "十分不满意"),
    "national": ("非常满意", "满意", "基本满意", "不满意", "非常不满意"),
    "quite": ("很满意", "满意", "基本满意", "不满意", "很不满意"),
    "quite-plain": ("很满意", "满意", "一般", "不满意", "很不满意"),
    "plain": ("非常满意", "满意", "一般", "不满意", "非常不满意"),
    "points": ("5分", "4分", "3分", "2分", "1分"),
}
# Scales whose words also stand in the middle of a family: which it is, only its ends tell.
_SHORT_SCALES: dict[str, tuple[str, ...]] = {
    "without-very": ("满意", "比较满意", "一般", "不太满意", "不满意"),
    "three": ("满意", "", "基本满意", "", "不满意"),
    "three-plain": ("满意", "", "一般", "", "不满意"),
}
_WORDS = frozenset(
    label for family, labels in FAMILIES.items() if family != "points" for label in labels
)
_ENDS = frozenset(labels[place] for labels in FAMILIES.values() for place in (0, 4))
_POINTS = re.compile(r"\d+(\.\d+)?分")
# `(A)` `A.` `5、` `5分：` before a word; `(5分)` `5分` `-5` behind it. Circled digits are digits
# once they are normalised.
_MARKED = re.compile(
    r"(?:[(\[]?(?P<letter>[A-Ga-g])[)\]]?|[(\[]?(?P<first>\d{1,3})(?P<first_unit>分)?[)\]]?)?"
    r"[\s.、:)\]-]*"
    r"[(]?(?P<word>[^\s()\[\]\d.、:A-Za-z-]+)[)]?"
    r"(?:[\s:=-]*[(]?(?P<last>\d{1,3})(?P<last_unit>分)?[)]?)?"
)
# Blanks within a word: 非常 满意.
_BETWEEN = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_OPTION = re.compile(r"[(\[]?([A-Ga-g]|\d{1,2})(?:[)\]]|\s*[.、:](?!\d(?!\d*-)))\s*")
# Points out of 5, of 10 and of 100.
_SCALES = (1, 2, 20)


@dataclass(frozen=True)
class LabelReading:
    """What the labels of one column stand for.

    scores: label -> 5 (best) … 1, or None where it is not scored. unclear: labels to be asked
    about. family: name of the family the scores come from, if any.
    """

    scores: dict[str, int | None]
    unclear: tuple[str, ...]
    family: str | None


class _Marked(NamedTuple):
    """A label taken apart. order: of its option, 1 for A. points: what it says it counts."""

    word: str
    order: int | None = None
    lettered: bool = False
    points: int | None = None


def is_not_scored(label: str) -> bool:
    """Say whether a label is none of the five: 不了解, and joined ones (没用过、不了解)."""
    return label in NOT_SCORED or all(
        part in NOT_SCORED for part in re.split(r"[/、／]|或者?", label)
    )


def word_of(label: str) -> str:
    """Return the known word of a label without its marks, the label itself where it has none."""
    return _taken_apart(label).word


def without_option(label: str) -> str:
    """Return a label without the letter or number of its option: `A.男` and `①男` are 男."""
    if label and unicodedata.category(label[0]) == "No":
        return label[1:].lstrip(" .、．")
    plain = unicodedata.normalize("NFKC", label)
    mark = _OPTION.match(plain)
    return plain[mark.end() :] if mark and mark.end() < len(plain) else label


def all_satisfied(answers: Collection[str]) -> bool:
    """Say whether all answers are words of satisfaction (bare digits are not sure)."""
    words = {_taken_apart(answer).word for answer in answers}
    labels = {word for word in words if not is_not_scored(word)}
    return bool(labels) and labels <= _WORDS


def mostly_satisfied(answers: Collection[str]) -> bool:
    """Half the labels are words of satisfaction: the others are asked about, not overlooked."""
    words = {_taken_apart(answer).word for answer in answers}
    labels = {word for word in words if not is_not_scored(word)}
    return bool(labels & _WORDS) and len(labels & _WORDS) * 2 >= len(labels)


def are_yes_or_no(answers: Collection[str]) -> bool:
    """Say whether all answers are 是 and 否, or not to be scored."""
    words = {_taken_apart(answer).word for answer in answers if answer not in NOT_ANSWERED}
    labels = {word for word in words if not is_not_scored(word)}
    return bool(labels) and labels <= set(YES_NO)


def has_ends(answers: Collection[str]) -> bool:
    """Say whether an answer is the best or the worst of a family of five (非常满意)."""
    return any(_taken_apart(answer).word in _ENDS for answer in answers)


def yes_no_scores(labels: Sequence[str]) -> dict[str, int | None]:
    """Return label -> 1, 0 or None (not scored) for those that are certain."""
    marked = {label: _taken_apart(label) for label in labels if label not in NOT_ANSWERED}
    points = {label: YES_NO[m.word] for label, m in marked.items() if m.word in YES_NO}
    agree = all(marked[label].points in (None, value) for label, value in points.items())
    scores: dict[str, int | None] = dict(_one_to_one(points, marked)) if agree else {}
    return scores | {label: None for label, m in marked.items() if is_not_scored(m.word)}


def label_scores(labels: Sequence[str], ends_seen: bool = True) -> LabelReading:
    """Score the labels seen in one column by the one family that explains most of them.

    Labels of another family in the same column are unclear: whether 满意 beside 比较满意 means 5
    or 4 is for a person to say. So are bare digits: 1 may be the best or the worst, and 5分 where
    there is also 6分. ends_seen: the file has a 非常满意 or the like somewhere; where it has none,
    its 满意 may be the best of three as well as the second of five.
    """
    seen = {label: _taken_apart(label) for label in labels if label not in NOT_ANSWERED}
    scores: dict[str, int | None] = {
        label: None for label, mark in seen.items() if is_not_scored(mark.word)
    }
    asked = {label: mark for label, mark in seen.items() if label not in scores}
    points, family = _points(frozenset(mark.word for mark in asked.values()), ends_seen)
    found = {label: points[mark.word] for label, mark in asked.items() if mark.word in points}
    scores |= _uncontradicted(found, asked)
    unclear = tuple(label for label in asked if label not in scores)
    return LabelReading(scores, unclear, family)


def _taken_apart(label: str) -> _Marked:
    """Part a label from its marks; whole where what remains is no word that is known."""
    whole = unicodedata.normalize("NFKC", label).strip()
    parts = _MARKED.fullmatch(_BETWEEN.sub("", whole))
    if parts is None or not _is_known(parts["word"]):
        return _Marked(label)
    letter, first, last = parts["letter"], parts["first"], parts["last"]
    if parts["first_unit"]:
        # `5分 非常满意`; with a second number nobody knows which counts.
        return _Marked(label) if last else _Marked(parts["word"], points=int(first))
    marked = first or (ord(letter.upper()) - ord("A") + 1 if letter else None)
    if last and not parts["last_unit"] and marked is None:
        return _Marked(parts["word"], order=int(last))
    order = None if marked is None else int(marked)
    return _Marked(parts["word"], order, bool(letter), int(last) if last else None)


def _is_known(word: str) -> bool:
    return word in _WORDS or word in YES_NO or is_not_scored(word)


def _points(words: frozenset[str], ends_seen: bool) -> tuple[dict[str, int], str | None]:
    """Return word -> points where that is certain, and the family that says so."""
    beyond = any(_POINTS.fullmatch(w) and w not in FAMILIES["points"] for w in words)
    families = {n: family for n, family in FAMILIES.items() if not (beyond and n == "points")}
    if not ends_seen:
        families |= _SHORT_SCALES
    hits = {name: sum(word in family for word in words) for name, family in families.items()}
    most = max(hits.values(), default=0)
    best = [name for name, count in hits.items() if count == most and most]
    # Where several families explain equally much, only what all of them agree on is certain.
    points = {
        word: {5 - families[name].index(word) if word in families[name] else 0 for name in best}
        for word in words
    }
    certain = {word: found.pop() for word, found in points.items() if len(found) == 1}
    family = best[0] if len(best) == 1 else None
    return {word: point for word, point in certain.items() if point}, family


def _uncontradicted(points: Mapping[str, int], marked: Mapping[str, _Marked]) -> Mapping[str, int]:
    """Leave out labels whose numbers or options do not go with the points of their words."""
    said = {label: marked[label].points for label in points}
    numbered = {label: n for label, n in said.items() if n is not None}
    fits = any(all(n == scale * points[x] for x, n in numbered.items()) for scale in _SCALES)
    # `非常满意(1)` … `非常不满意(5)`: a number of the option, where nothing says 分.
    if not fits:
        points = {label: point for label, point in points.items() if label not in numbered}
    return _one_to_one(points, marked)


def _one_to_one(points: Mapping[str, int], marked: Mapping[str, _Marked]) -> dict[str, int]:
    """Leave out labels whose options do not follow their points, up or down.

    A single option tells no direction: its number must be its place from above or from below.
    """
    kept = dict(points)
    for lettered in (True, False):
        pairs = {
            (mark.order, points[label])
            for label, mark in marked.items()
            if label in points and mark.order is not None and mark.lettered is lettered
        }
        if not _follows(sorted(pairs), alone=lettered):
            kept = {
                label: point
                for label, point in kept.items()
                if marked[label].order is None or marked[label].lettered is not lettered
            }
    return kept


def _follows(pairs: Sequence[tuple[int, int]], alone: bool) -> bool:
    if len(pairs) == 1:
        order, point = pairs[0]
        return alone or order in (point, 6 - point) or (point < 2 and order in (0, 1, 2))
    steps = {(b[0] > a[0], (b[1] > a[1]) - (b[1] < a[1])) for a, b in pairwise(pairs)}
    return steps in (set(), {(True, 1)}, {(True, -1)})
