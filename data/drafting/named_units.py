"""Columns of names beside the codes of townships and villages, held against what is held.

They are no columns of the table. Where a name is not that of its code one of the two is wrong, and
nobody knows which: the record is a problem.
"""

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from data.contracts import Table
from data.drafting.headers import Said, code_beside
from data.files import Grid
from data.formats.unseen import BLANKS
from data.problems import PROBLEM_COLUMNS, problem
from data.store import Store
from data.surveys.place_names import Places, of_town, of_village
from data.words import Text, both

_HELD = {
    "township_code": ("SELECT township_code AS code, name_zh FROM townships", of_town),
    "community_code": ("SELECT community_code AS code, name_zh FROM communities", of_village),
}


def compared(
    store: Store,
    grid: Grid,
    chosen: Table,
    columns: Mapping[str, pa.ChunkedArray | pa.Array],
    said: Said,
) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """Return the records whose name is that of another unit, as problems, and what is said.

    columns: as the checks read them. Codes that are not held are left to the checks.
    """
    rows, told = [], []
    for position, heading in enumerate(grid.header):
        code = None if heading in said.columns else code_beside(chosen, heading)
        if code is None:
            continue
        told.append(heading)
        pairs = pd.DataFrame({"code": columns[code].to_pylist(),
                              "name": grid.cells.column(position).to_pylist()})  # fmt: skip
        pairs = pairs.fillna("").apply(lambda column: column.str.strip(BLANKS))
        held, spelled = _HELD[code]
        units = store.read(held)
        names = dict(zip(units["code"], units["name_zh"], strict=True))
        different = pairs[(pairs["name"] != "") & pairs["code"].isin(names.keys())]
        different = different[different["name"] != different["code"].map(names)]
        for place, unit, name in different.itertuples(name=None):
            if Places([(unit, names[unit])], spelled).code(name) != unit:
                record, line = grid.numbers(place)
                values = {"unit": unit, "held": names[unit]}
                rows.append(problem(record, line, heading, name, "name_of_another", **values))
    words = (both("import.names_beside", columns="、".join(told)),) if told else ()
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS)), words
