"""The sampling design of a survey: who was drawn from where, with what weight.

What is read here is checked here, so that the estimators can trust it: a design that cannot be
understood is refused with a DataError and never half used.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, get_args

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
# Cells looked at to see what a column holds; all of them would take long.
_LOOKED_AT = 1000
# What pandas would turn into numbers that mean nothing here.
_NO_NUMBERS = (
    pd.api.types.is_datetime64_any_dtype,
    pd.api.types.is_timedelta64_dtype,
    pd.api.types.is_complex_dtype,
)


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


@dataclass(frozen=True)
class Sample:
    """The design with, for each row, its PSU and its weight."""

    design: Design
    psu: Ints
    weight: Floats


def columns_of(columns: str | Iterable[str] | None) -> list[str]:
    """Return one column name, several or none as a list without repetitions."""
    if columns is None:
        return []
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        columns = [columns]
    refuse_no_names(columns)
    return list(dict.fromkeys(columns))


def refuse_no_names(names: Iterable[object]) -> None:
    """Refuse what cannot be a column's name: a list of names, the column itself."""
    if wrong := [type(name).__name__ for name in names if not pd.api.types.is_hashable(name)]:
        raise DataError("column_unnamed", kind=listed(wrong))


def check_choice(what: str, value: object, kind: object) -> None:
    """Refuse a value that is not among those of a Literal type."""
    if value not in get_args(kind):
        raise DataError("choice_unknown", what=what, value=value, choices=", ".join(get_args(kind)))


def is_number(value: object) -> bool:
    """Say whether an argument is a number; texts and truth values are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def check_level(level: float) -> None:
    """Refuse a confidence level that is no share."""
    if not is_number(level) or not 0 < level < 1:
        raise DataError("level_outside", value=level)


def check_domains(domains: Sequence[str], items: Sequence[str], reserved: Sequence[str]) -> None:
    """Refuse domains that are asked about themselves or named as a column of the answer."""
    if doubled := [name for name in domains if name in items]:
        raise DataError("item_in_by", columns=listed(doubled))
    if taken := [name for name in domains if name in reserved]:
        raise DataError("column_name_taken", columns=listed(taken))


def check_items(items: Sequence[str], fewest: int, most: int | None = None) -> None:
    """Refuse fewer or more items than a figure can be made of."""
    if len(items) < fewest or (most is not None and len(items) > most):
        raise DataError("item_count", found=len(items), fewest=fewest, most=most or "…")


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
    refuse_no_names(names)
    wanted = list(dict.fromkeys(name for name in names if name is not None))
    if absent := [name for name in wanted if name not in held]:
        raise DataError("columns_missing", columns=listed(absent), held=listed(held))
    if repeated := [name for name in wanted if held.count(name) > 1]:
        raise DataError("columns_repeated", columns=listed(repeated))
    if several := [name for name in wanted if _lists(frame[name])]:
        raise DataError("column_of_lists", columns=listed(several))


def _lists(column: pd.Series) -> bool:
    """Say whether the cells of a column hold lists, such as all the boxes somebody ticked."""
    cells: Any = column.to_numpy()[:_LOOKED_AT] if column.dtype == object else ()
    return not all(map(pd.api.types.is_hashable, cells))


def numbers(frame: pd.DataFrame, name: Hashable) -> Floats:
    """Return a column as numbers, NaN where it is empty; texts and infinities are refused.

    A text that looks like a number is a text: a code, or a column read without its type.
    """
    column = frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if any(holds(column) for holds in _NO_NUMBERS):
        raise DataError("not_numeric", column=name, rows=_rows(column.notna().to_numpy()))
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | np.isinf(values)
    if not pd.api.types.is_numeric_dtype(column):
        wrong |= np.array([isinstance(value, str | bytes) for value in column], dtype=np.bool_)
    if wrong.any():
        raise DataError("not_numeric", column=name, rows=_rows(wrong))
    return np.asarray(values, dtype=float)


def weights(frame: pd.DataFrame, name: str | None) -> Floats:
    """Return one weight a row; 1 without a column. Blank and negative ones are refused."""
    if name is None:
        return np.ones(len(frame))
    weight = numbers(frame, name)
    refuse_rows("weights_invalid", name, ~(weight >= 0))
    return weight


def read_sample(
    frame: pd.DataFrame,
    weight: str | None,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    lonely: Lonely,
    *,
    nested: bool = False,
) -> Sample:
    """Return the design and the weights of a sample; with lonely='fail' no PSU stands alone."""
    design, row_psu = read_design(frame, strata, psu, fpc, nested=nested)
    if lonely == "fail":
        refuse_lonely(design, stratum_names(frame, strata, row_psu))
    return Sample(design, row_psu, weights(frame, weight))


def stratum_names(frame: pd.DataFrame, strata: str | None, row_psu: Ints) -> pd.Series:
    """Return the name of the stratum of each PSU, in the order of their numbers."""
    names = frame[strata] if strata else pd.Series("1", index=frame.index)
    return names.groupby(row_psu).first()


def refuse_repeated(frame: pd.DataFrame, respondent: str | None, within: Sequence[str]) -> None:
    """Refuse a respondent who stands there twice (in each wave, where `within` names it)."""
    if respondent is None:
        return
    refuse_rows("respondent_blank", respondent, frame[respondent].isna().to_numpy())
    again = frame.duplicated([respondent, *within], keep=False).to_numpy()
    refuse_rows("respondent_repeated", respondent, again)


def read_design(
    frame: pd.DataFrame,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    *,
    nested: bool = False,
) -> tuple[Design, Ints]:
    """Return the design of a sample and the PSU number of each of its rows.

    Without `psu` every row is its own; without `strata` there is one stratum. `fpc` holds the
    number of PSUs in each stratum's population, or, where no value is above 1, the share drawn.
    nested: PSU codes start anew in each stratum, so that the same code names several PSUs.
    """
    for name in (strata, psu):
        if name is not None:
            refuse_rows("design_blank", name, frame[name].isna().to_numpy())
    row_stratum = _codes(frame[strata]) if strata else np.zeros(len(frame), np.int64)
    row_psu = _codes(frame[psu]) if psu else np.arange(len(frame), dtype=np.int64)
    if nested:
        row_psu = _codes(pd.Series(row_psu * (row_stratum.max(initial=0) + 1) + row_stratum))
    stratum = _strata_of(row_psu, row_stratum, frame[psu] if psu else None)
    size = np.bincount(stratum).astype(np.int64)
    fraction = _fractions(frame, fpc, row_stratum, size) if fpc else np.zeros(len(size))
    return Design(stratum, size, fraction, finite=fpc is not None), row_psu


def refuse_lonely(design: Design, names: pd.Series) -> None:
    """Raise DataError `lonely_psu` when a stratum holds a single PSU; names: PSU -> stratum."""
    if design.lonely.any():
        alone = names[design.lonely[design.stratum]]
        raise DataError("lonely_psu", strata=listed(alone.iloc[:_ROWS_NAMED]))


def read_domains(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Ints, pd.DataFrame]:
    """Number the domains of the rows, −1 where a `by` value is missing, and name them."""
    if not by:
        return np.zeros(len(frame), np.int64), pd.DataFrame(index=[0])
    if len(by) == 1 and isinstance(frame[by[0]].dtype, pd.CategoricalDtype):
        codes, held = pd.factorize(frame[by[0]], sort=True)
        return codes.astype(np.int64), pd.DataFrame({by[0]: np.asarray(held)})
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


def refuse_rows(code: str, column: str | None, bad: Flags) -> None:
    """Raise a DataError that names a column and the rows of it that are wrong, if there are any."""
    if bad.any():
        raise DataError(code, column=column, rows=_rows(bad))


def _rows(bad: Flags) -> str:
    return listed(str(number + 1) for number in np.flatnonzero(bad)[:_ROWS_NAMED])


def listed(words: Iterable[object]) -> str:
    """Return words as they stand in a refusal."""
    return ", ".join(map(str, words))
