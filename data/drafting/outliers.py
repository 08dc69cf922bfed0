"""Values that moved away from the last period in another way than those of the other units.

The change of a column is ln(now / before) of each unit. A unit stands out when its change is
further from the median of all units than 3.5 robust standard deviations (1.4826 times the median
absolute deviation: Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers), than three
standard errors of counts of that size (1/now + 1/before, Poisson), and than a factor of 1.5. It is
a warning with its evidence, never a refusal: units do merge, and mines do close.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from data.contracts import Column, Table
from data.drafting.effects import file_rows
from data.drafting.periods import YEAR
from data.store import Store
from data.words import Text, both

FEWEST_UNITS = 8
_CUT, _NOISE, _FACTOR = 3.5, 3.0, np.log(1.5)
_NAMED = 5
_UNITS = {"township_code": "townships", "community_code": "communities"}
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE")


def against_last(store: Store, table: Table, accepted: Path) -> tuple[Text, ...]:
    """Return a warning for every column in which units stand out against their last period.

    accepted: staged typed rows. Only tables with one row a unit and year are looked at; a unit
    without an earlier year says nothing.
    """
    unit = next((name for name in table.key if name in _UNITS), None)
    if unit is None or set(table.key) != {unit, YEAR}:
        return ()
    columns = [c for c in table.columns if c.type in _NUMBERS and c.name not in table.key]
    both_years = _both_years(store, table, unit, columns, accepted)
    return tuple(_warnings(both_years, columns))


def _both_years(
    store: Store, table: Table, unit: str, columns: list[Column], accepted: Path
) -> pd.DataFrame:
    """Return one row per unit of the file with its values now and in its last year held."""
    now = ", ".join(f'a."{c.name}" AS "now:{c.name}"' for c in columns)
    then = ", ".join(f'h."{c.name}" AS "then:{c.name}"' for c in columns)
    return store.read(
        f"""-- One row per unit and year of the file that has an earlier year.
        SELECT a."{unit}" AS unit, COALESCE(u.name_zh, a."{unit}") AS name_zh,
               COALESCE(u.name_en, u.name_zh, a."{unit}") AS name_en,
               a.year AS year, h.year AS last, {now}, {then}
        FROM {file_rows(accepted)} AS a
        ASOF JOIN lake."{table.name}" AS h ON a."{unit}" = h."{unit}" AND a.year > h.year
        LEFT JOIN lake."{_UNITS[unit]}" AS u ON u."{unit}" = a."{unit}"
        ORDER BY unit, year"""  # noqa: S608 - contract names only
    )


def _warnings(held: pd.DataFrame, columns: list[Column]) -> Iterator[Text]:
    for column in columns:
        for (year, last), rows in held.groupby(["year", "last"]):
            now, then = (rows[f"{w}:{column.name}"].to_numpy(float) for w in ("now", "then"))
            found, median = standing_out(now, then)
            if found.any():
                yield both(
                    "import.stands_out",
                    column=column.label,
                    year=year,
                    last=last,
                    n=int(found.sum()),
                    units=len(rows),
                    median=f"{np.expm1(median):+.0%}",
                    rows=_evidence(rows[found], now[found], then[found]),
                )


def standing_out(now: np.ndarray, then: np.ndarray) -> tuple[np.ndarray, float]:
    """Return which units stand out, and the median of ln(now / before) of all units.

    Missing and negative values say nothing; nothing stands out among fewer than FEWEST_UNITS.
    """
    with np.errstate(invalid="ignore"):
        told = (now >= 0) & (then >= 0)
    if told.sum() < FEWEST_UNITS:
        return np.zeros(len(now), dtype=bool), 0.0
    # Half a count more on both sides, so that zero has a logarithm (Haldane 1955).
    late, early = np.where(told, now, 0) + 0.5, np.where(told, then, 0) + 0.5
    change = np.log(late / early)
    median = float(np.median(change[told]))
    away = np.abs(change - median)
    spread = 1.4826 * float(np.median(away[told]))
    noise = np.sqrt(1 / late + 1 / early)
    beyond = np.maximum(np.maximum(_CUT * spread, _NOISE * noise), _FACTOR)
    return told & (away > beyond), median


def _evidence(rows: pd.DataFrame, now: np.ndarray, then: np.ndarray) -> Text:
    shown = range(min(len(rows), _NAMED))
    moves = [f"{then[place]:,.10g} → {now[place]:,.10g}" for place in shown]
    names = rows[["name_zh", "name_en"]].to_numpy()
    more = len(rows) > _NAMED
    return Text(
        zh="、".join(f"{names[n][0]} {moves[n]}" for n in shown) + ("等" if more else ""),
        en=", ".join(f"{names[n][1]} {moves[n]}" for n in shown) + (" and more" if more else ""),
    )
