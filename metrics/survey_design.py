"""The sampling design of a survey: who was drawn from where, with what weight.

What is read here is checked here, so that the estimators can trust it: a design that cannot be
understood is refused with a DataError and never half used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError

Lonely = Literal["remove", "certainty", "adjust", "average", "fail"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Row numbers named in a refusal; more would not help anybody to find them.
_ROWS_NAMED = 10


@dataclass(frozen=True)
class Design:
    """The whole sample, without its rows.

    stratum: PSU -> number of its stratum. size: stratum -> PSUs in the sample. fraction: stratum
    -> share of its PSUs that was drawn, 0 where nothing is known. finite: a share is known.
    """

    stratum: Ints
    size: Ints
    fraction: Floats
    finite: bool

    @property
    def lonely(self) -> Flags:
        """Say which strata hold a single PSU that stands for others as well."""
        return np.asarray((self.size == 1) & (self.fraction < 1), dtype=np.bool_)


def as_frame(answers: Any) -> pd.DataFrame:
    """Return a DataFrame, a pyarrow Table or a DuckDB relation as a DataFrame."""
    if isinstance(answers, pd.DataFrame):
        return answers
    if hasattr(answers, "to_pandas"):
        return pd.DataFrame(answers.to_pandas())
    if hasattr(answers, "df"):
        return pd.DataFrame(answers.df())
    raise DataError("answers_not_a_table", kind=type(answers).__name__)


def require(frame: pd.DataFrame, names: Sequence[str | None]) -> None:
    """Refuse columns that are absent or that stand there more than once."""
    held = list(frame.columns)
    wanted = list(dict.fromkeys(name for name in names if name is not None))
    if absent := [name for name in wanted if name not in held]:
        raise DataError("columns_missing", columns=_listed(absent), held=_listed(held))
    if repeated := [name for name in wanted if held.count(name) > 1]:
        raise DataError("columns_repeated", columns=_listed(repeated))


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, NaN where it is empty; words and infinities are refused."""
    column = frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise DataError("not_numeric", column=name, rows=_rows(column.notna().to_numpy()))
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | np.isinf(values)
    if wrong.any():
        raise DataError("not_numeric", column=name, rows=_rows(wrong))
    return np.asarray(values, dtype=float)


def weights(frame: pd.DataFrame, name: str | None) -> Floats:
    """Return one weight a row; 1 without a column. Blank and negative ones are refused."""
    if name is None:
        return np.ones(len(frame))
    weight = numbers(frame, name)
    if (bad := ~(weight >= 0)).any():
        raise DataError("weights_invalid", column=name, rows=_rows(bad))
    return weight


def read_design(
    frame: pd.DataFrame, strata: str | None, psu: str | None, fpc: str | None
) -> tuple[Design, Ints]:
    """Return the design of a sample and the PSU number of each of its rows.

    Without `psu` every row is its own; without `strata` there is one stratum. `fpc` holds the
    number of PSUs in each stratum's population, or, where no value is above 1, the share drawn.
    """
    for name in (strata, psu):
        if name is not None and (blank := frame[name].isna().to_numpy()).any():
            raise DataError("design_blank", column=name, rows=_rows(blank))
    row_stratum = _codes(frame[strata]) if strata else np.zeros(len(frame), np.int64)
    row_psu = _codes(frame[psu]) if psu else np.arange(len(frame), dtype=np.int64)
    stratum = _strata_of(row_psu, row_stratum, frame[psu] if psu else None)
    size = np.bincount(stratum).astype(np.int64)
    fraction = _fractions(frame, fpc, row_stratum, size) if fpc else np.zeros(len(size))
    return Design(stratum, size, fraction, finite=fpc is not None), row_psu


def refuse_lonely(design: Design, names: pd.Series) -> None:
    """Raise DataError `lonely_psu` when a stratum holds a single PSU; names: PSU -> stratum."""
    if design.lonely.any():
        alone = names[design.lonely[design.stratum]]
        raise DataError("lonely_psu", strata=_listed(alone.iloc[:_ROWS_NAMED]))


def read_domains(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Ints, pd.DataFrame]:
    """Number the domains of the rows, −1 where a `by` value is missing, and name them."""
    if not by:
        return np.zeros(len(frame), np.int64), pd.DataFrame(index=[0])
    grouped = frame.groupby(list(by), sort=True, observed=True)
    names = grouped.size().reset_index()[list(by)]
    return grouped.ngroup().fillna(-1).to_numpy().astype(np.int64), names


def _codes(values: pd.Series) -> Ints:
    return pd.factorize(values)[0].astype(np.int64)


def _strata_of(row_psu: Ints, row_stratum: Ints, names: pd.Series | None) -> Ints:
    """Return the stratum of each PSU; one that stands in two strata is refused."""
    stratum = np.zeros(row_psu.max(initial=-1) + 1, np.int64)
    stratum[row_psu] = row_stratum
    astray = np.flatnonzero(stratum[row_psu] != row_stratum)
    if names is not None and len(astray):
        raise DataError("psu_in_two_strata", psu=names.iloc[astray[0]])
    return stratum


def _fractions(frame: pd.DataFrame, fpc: str, row_stratum: Ints, size: Ints) -> Floats:
    given = numbers(frame, fpc)
    if not (given > 0).all():
        raise DataError("fpc_invalid", column=fpc)
    lowest = np.full(len(size), np.inf)
    highest = np.full(len(size), -np.inf)
    np.minimum.at(lowest, row_stratum, given)
    np.maximum.at(highest, row_stratum, given)
    # One rule for the whole column, as in R: a stratum of one PSU may hold 1 in both readings.
    fraction = lowest if (given <= 1).all() else size / lowest
    if not ((lowest == highest) & (fraction <= 1)).all():
        raise DataError("fpc_invalid", column=fpc)
    return np.asarray(fraction, dtype=float)


def _rows(bad: Flags) -> str:
    return _listed(str(number + 1) for number in np.flatnonzero(bad)[:_ROWS_NAMED])


def _listed(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))
