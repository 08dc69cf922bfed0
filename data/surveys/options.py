"""Options of multiple choices and rankings: what they are called, and which a cell names."""

import re

import pandas as pd

from data.files import Grid
from data.surveys import wjx
from data.surveys.reading import BLANKS


def option_name(text: str) -> str:
    """Bring 其他： and 其他 to one name."""
    return text.rstrip(" :：_＿") or text


def in_one_column(grid: Grid, question: wjx.Question) -> pd.DataFrame:
    """Return option and place by row of the grid: 路→水 is 路 first, 水 second."""
    values = wjx.cells(grid, question.columns[0])
    given = values[~values.isin(BLANKS)].str.split(question.separator or wjx.ARROW)
    long = given.explode().map(wjx.clean).map(option_name)
    place = long.groupby(level=0).cumcount() + 1
    found = pd.DataFrame({"option": long, "place": place.astype(str)})
    # An option named twice by one person keeps its first place.
    return found[
        ~pd.Series(list(zip(found.index, found["option"], strict=True))).duplicated().to_numpy()
    ]


def in_columns(grid: Grid, question: wjx.Question) -> pd.DataFrame:
    """Return option and place by row of the grid, from one column of places per option."""
    parts = []
    for option, position in zip(question.options, question.columns, strict=True):
        place = wjx.cells(grid, position)
        place = place[~place.isin(BLANKS)]
        parts.append(pd.DataFrame({"option": option_name(option), "place": place}))
    return pd.concat(parts).sort_index(kind="stable")


def chosen_in(text: str, separator: str) -> frozenset[str] | None:
    """Return the options in 'a┋b┋其他〖c〗', or None where the brackets do not close."""
    bare = re.sub("〖[^〖〗]*〗|(?<=其他)【[^【】]*】|(?<=其它)【[^【】]*】", "", text)
    if "〖" in bare or "〗" in bare:
        return None
    parts = (option_name(wjx.clean(part)) for part in bare.split(separator))
    return frozenset(part for part in parts if part)
