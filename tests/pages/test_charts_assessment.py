"""Figures of the assessment draw what the tables say, and name what does not agree."""

import numpy as np
import pandas as pd

from pages.shared.assessment import assessment_charts as charts

CORNERS = {"felt": "F", "unfelt": "U", "check": "C", "weak": "W"}


def test_sides_carry_their_interval_and_name_only_what_does_not_agree() -> None:
    table = pd.DataFrame(
        {
            "name": [f"T{n}" for n in range(12)],
            "facts": np.linspace(40, 100, 12),
            "satisfaction": np.linspace(90, 60, 12),
            "low": np.linspace(86, 56, 12),
            "high": np.linspace(92, 62, 12),
            "quadrant": ["check"] * 2 + ["open"] * 8 + ["unfelt"] * 2,
        }
    )
    figure = charts.facts_and_opinions(table, cut=75, axes=("x", "y"), corners=CORNERS, large=False)
    agree, apart = figure.data
    assert not any(agree.text)
    assert sorted(apart.text) == ["T0", "T1", "T10", "T11"]
    assert agree.marker.symbol != apart.marker.symbol
    assert set(np.round(apart.error_y.arrayminus, 9)) == {4.0}
    words = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert words == {"<b>C</b>": (0, 1), "<b>F</b>": (1, 1), "<b>W</b>": (0, 0), "<b>U</b>": (1, 0)}


def test_claims_and_memories_are_told_apart_by_shape_and_word() -> None:
    table = pd.DataFrame(
        {"name": ["A", "B"], "claimed": [80.0, 50.0], "remembered": [40.0, np.nan]}
    ).assign(low=[30.0, np.nan], high=[52.0, np.nan])
    figure = charts.claims(table, axis="%", words=("said", "known"), large=True)
    known, said = figure.data
    assert (known.name, said.name) == ("known", "said")
    assert known.marker.symbol != said.marker.symbol
    assert (known.error_x.arrayminus[0], known.error_x.array[0]) == (10, 12)
    assert list(said.x) == [80, 50]
