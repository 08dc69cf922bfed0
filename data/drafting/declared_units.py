"""The units that a file says for the whole of itself: 单位：万元 above the table or beneath it.

A heading that names its own unit is not touched, nor a column of another kind of unit: under
单位：万元 people stay people.
"""

import re
from collections.abc import Iterator, Mapping

from data.drafting.headers import unit_kind
from data.files import Grid

_KINDS = ("title", "footer", "comment")
_SAID = re.compile(r"单位(?:[:：]|为|是)\s*([^\s)）\]】〕。;；|]+)")
_IN_BRACKETS = re.compile(r"[(（\[【〔]([^()（）\[\]【】〔〕]{1,12})[)）\]】〕]")


def declared(grid: Grid) -> dict[str, str]:
    """Return kind of unit -> unit. Of several of a kind nobody knows which: all are its name."""
    found: dict[str, str] = {}
    for row in grid.left_out:
        for unit in _units(row.text, title=row.kind == "title") if row.kind in _KINDS else ():
            kind = unit_kind(unit)
            if kind and unit not in found.get(kind, "").split("、"):
                found[kind] = f"{found[kind]}、{unit}" if kind in found else unit
    return found


def without_contradicted(units: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Return the units of a saved mapping without those of which the file itself says another."""
    return {head: unit for head, unit in units.items() if said.get(unit_kind(unit), unit) == unit}


def _units(text: str, *, title: bool) -> Iterator[str]:
    """Yield what may be units: 万元、人 of 单位：万元、人, and in a title （万元） alone."""
    told = [*_SAID.findall(text), *(_IN_BRACKETS.findall(text) if title else ())]
    for words in told:
        for word in re.split(r"[、，,/和及\t]", words):
            yield word.strip().removeprefix("人民币")
