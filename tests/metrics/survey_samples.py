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


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(8, 40))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=size, max_size=size))

    frame = pd.DataFrame(
        {
            "town": column(st.sampled_from("ABC")),
            "w": np.array(column(st.integers(1, 9)), float),
            "y": np.array(column(st.sampled_from([0, 25, 50, 75, 100, None])), float),
            "y2": np.array(column(st.sampled_from([0, 1, None])), float),
            "sex": column(st.sampled_from("fm")),
            "year": column(st.sampled_from([2024, 2025])),
        }
    )
    villages = column(st.integers(0, 3))
    return frame.assign(village=[f"{t}{v}" for t, v in zip(frame["town"], villages, strict=True)])
