"""Frames with exactly the columns and types of the contract."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data.contracts import table

_DTYPES = {
    "VARCHAR": "str",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "datetime64[s]",
    "TIMESTAMP": "datetime64[s]",
    "GEOMETRY": "object",
}


def frame(name: str, /, **columns: Any) -> pd.DataFrame:
    """Return a frame of one contract table; a single value stands for the whole column.

    Columns that are not given are empty. Raises DataError `unknown_column` for a column the
    contract does not have.
    """
    declared = table(name)
    dtypes = {column.name: _DTYPES[column.type] for column in declared.columns}
    for given in columns:
        declared.column(given)
    given_rows = pd.DataFrame(columns).reset_index(drop=True)
    return given_rows.reindex(columns=list(declared.column_names)).astype(dtypes)


def hide(values: ArrayLike, missing: NDArray[np.bool_]) -> "pd.Series[Any]":
    """Return the values with empty cells where `missing`."""
    return pd.Series(values).convert_dtypes().mask(missing)
