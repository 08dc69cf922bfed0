"""Places found by what a reader types: part of a name, its pinyin, or the initials of its pinyin.

A character is spelled by any of its readings (乐 is le and yue), whole or by its first letters, so
that 'slz', 'shilizhen' and 'shilz' all lead to 示例镇; the last syllable may be unfinished. Nothing
is looked up outside: the readings come with pypinyin.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

NAMED, BEGINS, WITHIN, NOT = 0, 1, 2, 3
_SPELLED = re.compile(r"[a-z0-9]+")
_TWO_LETTERS = ("zh", "ch", "sh")


def ranks(names: Iterable[str], others: Iterable[str], asked: str) -> npt.NDArray[np.int8]:
    """Return by place how it bears what is asked: NAMED, by pinyin BEGINS or WITHIN, or NOT.

    names, others: of the same places, in two languages. Upper and lower case, tones, blanks and
    apostrophes make no difference to pinyin; ü is written v, u or yu.
    """
    words, letters = asked.strip().lower(), _letters(asked)
    found = [_rank(name, other, words, letters) for name, other in zip(names, others, strict=True)]
    return np.array(found, dtype=np.int8)


def _rank(name: str, other: str, words: str, letters: str) -> int:
    if not words:
        return NOT
    if words in name.lower() or words in other.lower():
        return NAMED
    if not letters:
        return NOT
    ways = tuple(map(_ways, filter(str.isalnum, name.lower())))
    starts = (start for start in range(len(ways)) if _spells(ways[start:], letters))
    first = next(starts, None)
    return NOT if first is None else WITHIN if first else BEGINS


def _letters(asked: str) -> str:
    """Return what is asked as plain letters, blank where it is no pinyin."""
    apart = unicodedata.normalize("NFD", asked.lower().replace("ü", "v"))
    bare = "".join(c for c in apart if not unicodedata.combining(c) and c not in " '’-")
    return bare if _SPELLED.fullmatch(bare) else ""


def _spells(ways: tuple[frozenset[str], ...], letters: str) -> bool:
    """Say whether the letters spell the characters from the first on."""
    reached = {0}
    for spellings in ways:
        onward = set()
        for at in reached:
            rest = letters[at:]
            if any(each.startswith(rest) for each in spellings):
                return True
            onward |= {at + len(each) for each in spellings if rest.startswith(each)}
        if not onward:
            return False
        reached = onward
    return False


@lru_cache(maxsize=20_000)
def _ways(character: str) -> frozenset[str]:
    """Return how a character may be typed: its readings, and what each begins with."""
    # Loads a dictionary of some megabytes: only when somebody looks for a place.
    from pypinyin import Style, pinyin

    read = {each for each in pinyin(character, style=Style.NORMAL, heteronym=True)[0] if each}
    read |= {each.replace("v", as_typed) for each in read for as_typed in ("u", "yu")}
    initials = {each[:1] for each in read} | {each[:2] for each in read}.intersection(_TWO_LETTERS)
    return frozenset(read | initials)
