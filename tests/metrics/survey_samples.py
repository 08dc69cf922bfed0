"""Small samples with a design, for the tests of the survey estimates."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

DESIGN: dict[str, Any] = {"strata": "town", "psu": "village", "weight": "w"}


def small() -> pd.DataFrame:
    """Two towns of three and two villages; the only answer in village a3 is missing."""
    return pd.DataFrame(
        {
            "town": ["A"] * 4 + ["B"] * 3,
            "village": ["a1", "a1", "a2", "a3", "b1", "b2", "b2"],
            "w": [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0],
            "y": [100.0, 50.0, 50.0, np.nan, 0.0, 50.0, 100.0],
        }
    )


_COLUMNS: dict[str, list[Any]] = {
    "town": list("ABC"),
    "w": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
    "y": [0.0, 25.0, 50.0, 75.0, 100.0, np.nan],
    "y2": [0.0, 1.0, np.nan],
    "sex": list("fm"),
    "year": [2024, 2025],
    "number": [0, 1, 2, 3],
}
_ROWS = int(np.prod([len(values) for values in _COLUMNS.values()]))


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    # One draw a row, taken apart into its columns: a draw for each value is many times slower.
    code = np.array(draw(st.lists(st.integers(0, _ROWS - 1), min_size=8, max_size=40)))
    columns: dict[str, Any] = {}
    for name, values in _COLUMNS.items():
        code, place = np.divmod(code, len(values))
        columns[name] = [values[number] for number in place]
    frame = pd.DataFrame(columns)
    return frame.assign(village=frame["town"] + frame.pop("number").astype(str))


def made() -> pd.DataFrame:
    """Sixty respondents in fifteen villages of three towns, by formulas that R can repeat.

    i <- 0:59; base <- (i*i*3 + i%/%4) %% 5
    d <- data.frame(town=c("A","B","C")[i%/%20+1], village=i%/%4, w=1+(i*7)%%5, y=25*base,
      sex=ifelse((i*11)%%7<3,"f","m"), age=(i*5+i%/%8)%%3,
      q1=pmin(5,1+base%/%2+(i%%3)), q2=pmin(5,1+(base+(i*i)%%4)%/%2),
      q3=pmin(5,1+(base+(i*5)%%7)%/%3))
    d$y[i%%13==5] <- NA
    d$all <- pmin(5, (d$q1*2+d$q2+d$q3+(i*i)%%5)%/%4)
    d$gap <- d$sex; d$gap[i%%11==4] <- NA
    D <- svydesign(~village, strata=~town, weights=~w, data=d, nest=TRUE)
    """
    i = np.arange(60)
    base = (i * i * 3 + i // 4) % 5
    sex = np.where((i * 11) % 7 < 3, "f", "m")
    q1 = np.minimum(5, 1 + base // 2 + i % 3)
    q2 = np.minimum(5, 1 + (base + (i * i) % 4) // 2)
    q3 = np.minimum(5, 1 + (base + (i * 5) % 7) // 3)
    return pd.DataFrame(
        {
            "town": np.array(list("ABC"))[i // 20],
            "village": i // 4,
            "w": 1.0 + (i * 7) % 5,
            "y": np.where(i % 13 == 5, np.nan, 25.0 * base),
            "sex": sex,
            "age": (i * 5 + i // 8) % 3,
            "q1": q1,
            "q2": q2,
            "q3": q3,
            "all": np.minimum(5, (q1 * 2 + q2 + q3 + (i * i) % 5) // 4),
            "gap": np.where(i % 11 == 4, None, sex),
        }
    )
