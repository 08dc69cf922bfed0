"""Boundaries against the units that are held: codes, names, neighbours, who is left without."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely

from data.contracts import TABLES
from data.problems import PROBLEM_COLUMNS, problem
from data.store import Store
from data.words import Text, both

_NAMED = 5
# Two units of one level overlap where they share more than this part of the smaller one.
_SHARED = 0.01


def unknown(store: Store, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a problem for every shape whose unit is not held (PROBLEM_COLUMNS).

    frame: record, unit_code. Before any township is held nothing is unknown.
    """
    held = _units(store)
    rows = [
        problem(record, record, "unit_code", code, "orphan", table=TABLES["townships"].label)
        for record, code in zip(frame["record"], frame["unit_code"], strict=True)
        if held and code not in held
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def said(store: Store, frame: pd.DataFrame) -> tuple[Text, ...]:
    """Say what a person should look at: other names, shapes that overlap, units without a shape.

    frame: unit_code, level, name_zh, geometry (WKB) of the shapes that are taken.
    """
    held = _units(store)
    told = []
    names = zip(frame["unit_code"], frame["name_zh"], strict=True)
    other = [
        (code, name, held[code])
        for code, name in names
        if held.get(code) and isinstance(name, str) and not _alike(name, held[code])
    ]
    if other:
        rows = [f"{code} {name} ≠ {own}" for code, name, own in other]
        told.append(both("import.boundary_names", n=len(other), rows=_listed(rows)))
    pairs = [f"{one} / {two}" for one, two in _overlaps(frame)]
    if pairs:
        told.append(both("import.boundary_overlap", n=len(pairs), pairs=_listed(pairs)))
    drawn = store.read_once("SELECT unit_code FROM boundaries")["unit_code"]
    towns = {code: name for code, name in held.items() if len(code) == 9}
    without = [name for code, name in towns.items() if code not in {*drawn, *frame["unit_code"]}]
    if without and "township" in set(frame["level"]):
        told.append(both("import.boundary_without", n=len(without), units=_listed(without)))
    return tuple(told)


def _units(store: Store) -> dict[str, str]:
    """Return code -> name of the townships held, and the codes of their counties without one."""
    towns = store.read_once("SELECT township_code, county_code, name_zh FROM townships")
    counties = dict.fromkeys(towns["county_code"], "")
    return counties | dict(zip(towns["township_code"], towns["name_zh"], strict=True))


def _alike(name: str, held: str) -> bool:
    """Say whether two names may be of one unit: 示例县示例镇 and 示例镇 are."""
    return name.strip().endswith(held) or held.endswith(name.strip())


def _overlaps(frame: pd.DataFrame) -> list[tuple[str, str]]:
    found = []
    for _, level in frame.groupby("level"):
        shapes = shapely.from_wkb(level["geometry"].to_numpy())
        codes = level["unit_code"].to_numpy()
        areas = shapely.area(shapes)
        one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        one, two = one[one < two], two[one < two]
        shared = shapely.area(shapely.intersection(shapes[one], shapes[two]))
        for n in np.flatnonzero(shared > _SHARED * np.minimum(areas[one], areas[two])):
            found.append((str(codes[one[n]]), str(codes[two[n]])))
    return sorted(found)


def _listed(words: Iterable[str]) -> str:
    shown = list(words)
    return "、".join(shown[:_NAMED]) + (" …" if len(shown) > _NAMED else "")
