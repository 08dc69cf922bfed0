"""Townships and villages as people write them: `城关` for 城关镇, `东村村委会` for 东村.

A spelling counts only where it can mean one unit of those that are held; else it is asked about.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from data.surveys.answer_labels import without_option

_OFFICE = re.compile(r"(?<=街道)办(事处)?$|(?<=[乡镇])(人民)?政府$")
_TOWN = re.compile(r"(街道|[乡镇])$")
_COMMITTEE = re.compile(r"(?<=村)(民?委员会|委会|村民委员会|村委会)$|居(民委员|委)会$")
_VILLAGE = re.compile(r"(村|社区)$")
# 东 alone is no name of 东镇.
_SHORTEST = 2
# Of codes of the statistics bureau, whatever the level of the unit.
_DIGITS = 12


class Places:
    """Units by code and by every spelling of their names that means one of them."""

    def __init__(self, units: Iterable[tuple[str, str]], spellings: "Spellings") -> None:
        """units: code and name."""
        exact, other = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        for code, name in units:
            exact[name].add(code)
            exact[code].add(code)
            exact[code.ljust(_DIGITS, "0")].add(code)
            for spelling in spellings(plain(name)):
                other[spelling].add(code)
        self._exact, self._other = _certain(exact), _certain(other)
        self._several = {name for name, codes in exact.items() if len(codes) > 1}

    def code(self, name: str) -> str:
        """Return the code of the one unit that a text means, '' where there is none or several."""
        if name in self._several:
            return ""
        bare = plain(name)
        unmarked = plain(without_option(name))
        tried = (self._exact.get(name), self._other.get(bare), self._other.get(unmarked))
        return next((code for code in tried if code), "")


Spellings = Callable[[str], Iterator[str]]


def plain(name: str) -> str:
    """Return a name without blanks and in ordinary letters."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


def of_town(name: str) -> Iterator[str]:
    """Yield the spellings of a township's name."""
    whole = _OFFICE.sub("", name)
    yield from (name, whole)
    if whole.endswith("街道"):
        yield from (f"{whole}办", f"{whole}办事处")
    elif whole.endswith(("乡", "镇")):
        yield from (f"{whole}政府", f"{whole}人民政府")
    yield from _without(_TOWN, whole)


def of_village(name: str) -> Iterator[str]:
    """Yield the spellings of a village's or community's name."""
    whole = _COMMITTEE.sub("", name)
    yield from (name, whole)
    if whole.endswith("村"):
        yield from (f"{whole}委会", f"{whole}村委会", f"{whole}民委员会", f"{whole}村民委员会")
    elif whole.endswith("社区"):
        yield from (f"{whole}居委会", f"{whole}居民委员会")
    yield from _without(_VILLAGE, whole)


def _without(kind: re.Pattern[str], name: str) -> Iterator[str]:
    stem = kind.sub("", name)
    if len(stem) >= _SHORTEST:
        yield stem


def _certain(found: Mapping[str, set[str]]) -> dict[str, str]:
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
