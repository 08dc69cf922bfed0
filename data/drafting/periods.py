"""The period a person names for a file: given to files without a year, held against the others."""

import re
from collections.abc import Container, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import clock
from data.contracts import Table
from data.formats.grid import Grid
from data.problems import PROBLEM_COLUMNS, problem
from data.words import Text, both, listing

YEAR = "year"


def other(grid: Grid, years: pa.ChunkedArray | None, period: int | None) -> pd.DataFrame:
    """Return a problem for every record of another year than the one named.

    years: text, one per record. A cell that holds no whole number is left to the other checks.
    """
    rows = []
    if period is not None and years is not None:
        text = pc.utf8_trim_whitespace(pc.fill_null(years, ""))
        differs = pc.not_equal(text, pa.scalar(str(period)))
        for place in pc.indices_nonzero(differs).to_pylist():
            cell = text[place].as_py()
            if re.fullmatch("[+-]?[0-9]{1,18}", cell) and int(cell) != period:
                record, line = grid.numbers(place)
                rows.append(problem(record, line, YEAR, cell, "other_period", period=period))
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def said(chosen: Table, places: Container[str], period: int | None) -> tuple[Text, ...]:
    """Say what became of the period that was named."""
    if period is None or YEAR in places:
        return ()
    if YEAR in chosen.column_names:
        return (both("import.period_given", period=period),)
    return (both("import.period_unused", table=chosen.label, period=period),)


def ahead(chosen: Table, accepted: Path) -> tuple[Text, ...]:
    """Name the years that are still to come: nearly always a slip of the pen."""
    if YEAR not in chosen.column_names:
        return ()
    years = pc.unique(pq.read_table(accepted, columns=[YEAR])[YEAR]).to_pylist()
    late = sorted(year for year in years if year is not None and year > clock.today().year)
    return (both("import.years_ahead", years=listing(late)),) if late else ()


def of_survey(accepted: Mapping[str, Path], period: int | None) -> tuple[Text, ...]:
    """Say where a survey was not held in the period that was named."""
    if period is None or "survey_meta" not in accepted:
        return ()
    dates = pd.read_parquet(accepted["survey_meta"], columns=["start_on", "end_on"]).dropna()
    return tuple(
        both("import.period_differs", period=period, start=f"{start}", end=f"{end}")
        for start, end in dates.itertuples(index=False, name=None)
        if not start.year <= period <= end.year
    )
