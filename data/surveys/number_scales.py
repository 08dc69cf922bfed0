"""Answers of satisfaction as bare numbers, points or stars, where it is declared which is best.

Five may be the best or the worst. More stars are better, and so are more points (`5分`) where the
heading says that they are out of five; of bare numbers it must say which is best
(`1-5分，5分为非常满意`). In any doubt there is no scale, and a person is asked.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

from data.surveys.answer_labels import FAMILIES, NOT_ANSWERED, is_not_scored

_STARS = re.compile(r"(★*)(☆*)|([1-5一二三四五])颗?星")
_POINTS = re.compile(r"([1-5])(?:\.0+)?分")
_DIGIT = re.compile(r"([1-5])(?:\.0+)?")
_CHINESE = "一二三四五"
_ASKED = re.compile(r"满意|评价|评分|打.?分|评星|星级|服务质量")
_OUT_OF_FIVE = re.compile(
    r"(?:满分|总分|最高)[为是:]?5分?(?![0-9])|[5五]分制|1分?[-—–~～到至]5分?(?![0-9])"
)
# Of how much, not of how good.
_OTHER_MATTER = re.compile(r"参与度|参与程度|重要|知晓|了解程度|熟悉|频率|频次|次数|关注|难度|负担")
# Points out of ten or a hundred, and minutes.
_OTHER_SCALE = re.compile(r"10|十分制|百分|100|[0０][-—–~～到至]|时间|多久|分钟|时长")
_BEST = frozenset(family[0] for name, family in FAMILIES.items() if name != "points") | {"最满意"}
_WORST = frozenset(family[4] for name, family in FAMILIES.items() if name != "points") | {
    "最不满意", "很不满意", "极不满意",
}  # fmt: skip
_WORD = "|".join(sorted(_BEST | _WORST, key=len, reverse=True))
# A number that ends a range or a list belongs to all of it: 1-5为非常满意到非常不满意.
_IS = r"分?[=:—–、.(为是即指-]?(?:表示|代表)?[\"“]?"
_TOLD = re.compile(
    rf"(?P<first>(?<![0-9])[0-9]{{1,2}}){_IS}(?P<word>{_WORD})"
    rf"|(?P<said>{_WORD})[\"”()=:—–为是记计得打-]*(?P<last>[0-9]{{1,2}})"
)
_ALONE = re.compile(
    rf"(?<![0-9])(?<![0-9][-—–~→到至、,/])5分?(?:=|为|是|即|表示|代表)[\"“]?({_WORD})"
)


def scale_of(text: str, answers: Collection[str]) -> Mapping[str, int]:
    """Return the points of the answers to a question, none where they are not certain.

    text: what the heading says. Answers that are not scored (不了解) may stand among them.
    """
    told = {a: unicodedata.normalize("NFKC", a).replace(" ", "") for a in answers}
    scored = {a: t for a, t in told.items() if a not in NOT_ANSWERED and not is_not_scored(a)}
    if not scored or _OTHER_MATTER.search(text):
        return {}
    for read in (_by_stars, _by_points, _by_digits):
        if found := read(unicodedata.normalize("NFKC", text), scored):
            return found
    return {}


def _by_stars(text: str, told: Mapping[str, str]) -> Mapping[str, int]:
    """Read ★★★★☆ and 4星; without the empty ones five must be there."""
    matches = {answer: _STARS.fullmatch(sign) for answer, sign in told.items()}
    if not all(matches.values()) or _OTHER_SCALE.search(text):
        return {}
    points, whole = {}, True
    for answer, match in matches.items():
        assert match is not None  # said above
        full, empty, named = match[1] or "", match[2] or "", match[3]
        points[answer] = _named(named) if named else len(full)
        whole &= not named and len(full + empty) == len("★★★★★")
    sound = all(1 <= point <= len(_CHINESE) for point in points.values())
    return points if sound and (whole or len(_CHINESE) in points.values()) else {}


def _named(sign: str) -> int:
    return int(sign) if sign.isdigit() else _CHINESE.index(sign) + 1


def _by_points(text: str, told: Mapping[str, str]) -> Mapping[str, int]:
    """Read 5分 … 1分, where the heading asks for a judgement and nothing says another scale."""
    matches = {answer: _POINTS.fullmatch(sign) for answer, sign in told.items()}
    points = {answer: match[1] for answer, match in matches.items() if match}
    asked = _ASKED.search(text) and _OUT_OF_FIVE.search(re.sub(r"\s", "", text))
    if len(points) < len(told) or not asked or _OTHER_SCALE.search(text) or _best(text) == 1:
        return {}
    return {answer: int(point) for answer, point in points.items()}


def _by_digits(text: str, told: Mapping[str, str]) -> Mapping[str, int]:
    """Read 1 … 5, with 分 or without, where the heading says which of them is best."""
    points = {
        answer: int(match[1])
        for answer, sign in told.items()
        if (match := _DIGIT.fullmatch(sign) or _POINTS.fullmatch(sign))
    }
    best = _best(text)
    if len(points) < len(told) or not best:
        return {}
    return {answer: point if best == 5 else 6 - point for answer, point in points.items()}


def _best(text: str) -> int:
    """Return which of 1 and 5 the heading calls best, 0 where it does not say it.

    Both ends must be named, or five alone as the best by a word that means it alone.
    """
    bare = re.sub(r"\s", "", text)
    said = {(m["word"] or m["said"], int(m["first"] or m["last"])) for m in _TOLD.finditer(bare)}
    best = {number for word, number in said if word in _BEST}
    worst = {number for word, number in said if word in _WORST}
    if (best, worst) in (({5}, {1}), ({1}, {5})):
        return best.pop()
    alone = _ALONE.search(bare)
    return 5 if alone and alone[1] in _BEST and best == {5} and not worst else 0
