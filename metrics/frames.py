"""What callers bring: frames, columns, numbers and choices, read or refused by name."""

from collections.abc import Hashable, Iterable, Sequence
from numbers import Real
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Row numbers named in a refusal; more would not help anybody to find them.
ROWS_NAMED = 10
# Cells looked at to see what a column holds; all of them would take long.
_LOOKED_AT = 1000
# What pandas would turn into numbers that mean nothing here.
_NO_NUMBERS = (
    pd.api.types.is_datetime64_any_dtype,
    pd.api.types.is_timedelta64_dtype,
    pd.api.types.is_complex_dtype,
)


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
    objects = {name for name, kind in frame.dtypes.items() if pd.api.types.is_object_dtype(kind)}
    if several := [name for name in wanted if name in objects and _lists(frame[name])]:
        raise DataError("column_of_lists", columns=listed(several))


def _lists(column: pd.Series) -> bool:
    """Say whether the cells of a column of objects hold lists, such as all the boxes ticked."""
    return not all(map(pd.api.types.is_hashable, column.to_numpy()[:_LOOKED_AT]))


def numbers(frame: pd.DataFrame, name: Hashable) -> Floats:
    """Return a column as numbers, NaN where it is empty; texts and infinities are refused.

    A text that looks like a number is a text: a code, or a column read without its type.
    """
    column = frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if any(holds(column) for holds in _NO_NUMBERS):
        raise DataError("not_numeric", column=name, rows=_rows(column.notna().to_numpy()))
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
        plain = column.to_numpy(dtype=float)
        if np.isfinite(plain).all():
            return plain
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | np.isinf(values)
    if not pd.api.types.is_numeric_dtype(column):
        wrong |= np.array([isinstance(value, str | bytes) for value in column], dtype=np.bool_)
    if wrong.any():
        raise DataError("not_numeric", column=name, rows=_rows(wrong))
    return np.asarray(values, dtype=float)


def refuse_rows(code: str, column: str | None, bad: Flags) -> None:
    """Raise a DataError that names a column and the rows of it that are wrong, if there are any."""
    if bad.any():
        raise DataError(code, column=column, rows=_rows(bad))


def _rows(bad: Flags) -> str:
    return listed(str(number + 1) for number in np.flatnonzero(bad)[:ROWS_NAMED])


def listed(words: Iterable[object]) -> str:
    """Return words as they stand in a refusal."""
    return ", ".join(map(str, words))
