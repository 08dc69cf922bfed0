"""Townships and villages as people write them: `城关` for 城关镇, `东村村委会` for 东村.

A spelling counts only where it can mean one unit of those that are held; else it is asked about.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import pandas as pd

from data.surveys.answer_labels import without_option

_OFFICE = re.compile(r"(?<=街道)办(事处)?$|(?<=[乡镇])(人民)?政府$")
_TOWN = re.compile(r"(街道|[乡镇])$")
_COMMITTEE = re.compile(r"(?<=村)(民?委员会|委会|村民委员会|村委会)$|居(民委员|委)会$")
_VILLAGE = re.compile(r"(村|社区)$")
# 东 alone is no name of 东镇.
_SHORTEST = 2
# Of codes of the statistics bureau, whatever the level of the unit.
_DIGITS = 12
# Townships, each with the name of its county where a boundary or the settings tell it.
HELD_TOWNS = """
SELECT t.township_code, t.name_zh, coalesce(b.name_zh, CASE
    WHEN (SELECT count(DISTINCT county_code) FROM townships) = 1
    THEN (SELECT any_value(value) FROM settings WHERE name = 'county_name_zh') END, '') AS county
FROM townships AS t
LEFT JOIN boundaries AS b ON b.unit_code = t.county_code AND b.level = 'county'
"""
# Where the name of a unit that stands above another may end, and what is put between the two.
_ABOVE_TOWN, _ABOVE_VILLAGE = re.compile("省|自治区|地区|[市州盟县区旗]"), re.compile("街道|[乡镇]")
_BETWEEN = " /|,，、·>＞—–－-"


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


class Towns(Places):
    """Townships as `Places`, with the names of their counties by code, as far as they are told."""

    def __init__(self, held: pd.DataFrame) -> None:
        """held: as HELD_TOWNS answers; without its county nobody told its name."""
        codes = held["township_code"]
        super().__init__(zip(codes, held["name_zh"], strict=True), of_town)
        told = held.get("county", pd.Series("", index=held.index))
        self.counties = {
            code[:6]: plain(name) for code, name in zip(codes, told, strict=True) if name
        }


class Villages:
    """Villages by 'township/name' or 'township/code', and by '/name' in a file without townships.

    A name is looked up in the township that stands before it, without one in all of them.
    """

    def __init__(self, communities: pd.DataFrame) -> None:
        columns = ["community_code", "name_zh"]
        self._within = {
            str(town): Places(part[columns].itertuples(index=False, name=None), of_village)
            for town, part in communities.groupby("township_code")
        }
        everywhere = communities[columns].itertuples(index=False, name=None)
        self._within[""] = Places(everywhere, of_village)

    def code(self, key: str) -> str:
        """Return the code of the one village that a key means, '' where there is none."""
        town, _, name = key.partition("/")
        return self._within[town].code(name) if town in self._within else ""


def below_county(names: Iterable[str], towns: Towns) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the codes of townships that are written behind province, city and county.

    Also what stands before them. None where not most names are written so, where one county would
    have two names, or two counties one, and where a county is known by another name: many counties
    have a 城关镇.
    """
    names, found = [*names], dict[str, str]()
    above = defaultdict[str, set[str]](set)
    for name in names:
        told = {
            (top, code) for top, rest in _parted(name, _ABOVE_TOWN) if (code := towns.code(rest))
        }
        if len({code for _, code in told}) == 1:
            found[name] = next(iter(told))[1]
            above[found[name][:6]].add(min((top for top, _ in told), key=len))
    longest = {county: max(tops, key=len) for county, tops in above.items()}
    alike = all(longest[county].endswith(top) for county in above for top in above[county])
    known = all(_may_be(name, towns.counties.get(county, "")) for county, name in longest.items())
    several = len({*longest.values()}) == len(longest)
    if not (alike and known and several) or 2 * len(found) <= len(names):
        return {}, ()
    return found, tuple(longest.values())


def _may_be(written: str, held: str) -> bool:
    """Say whether the names of a county agree; either may have province and city before it."""
    return written.endswith(held) or held.endswith(written)


def in_township(
    keys: Iterable[str], towns: Towns, villages: Villages
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the codes of villages that are written behind their township: 城关镇东村.

    Also what stands before the townships, as in `below_county`.

    keys: as `Villages.code` takes them; a township that stands there already must be the same.
    """
    parts = {key: [*_parted(key.partition("/")[2], _ABOVE_VILLAGE)] for key in keys}
    tops = {top for each in parts.values() for top, _ in each}
    known = {top: code for top in tops if (code := towns.code(top))}
    beneath, above = below_county(sorted(tops - known.keys()), towns)
    known |= beneath
    found: dict[str, str] = {}
    for key, each in parts.items():
        town = key.partition("/")[0]
        within = {known[top] for top, _ in each if top in known} if not town else {town}
        codes = {
            villages.code(f"{known[top]}/{rest}")
            for top, rest in each
            if top in known and known[top] in within
        } - {""}
        if len(within) == 1 and len(codes) == 1:
            found[key] = codes.pop()
    return found, above


def _parted(name: str, end: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield what may stand above a unit, and the unit's own name."""
    bare = re.sub(f"[{re.escape(_BETWEEN)}]", "", plain(name))
    for found in end.finditer(bare):
        top, rest = bare[: found.end()], bare[found.end() :]
        if len(top) > 1 and len(rest) >= _SHORTEST:
            yield top, rest
