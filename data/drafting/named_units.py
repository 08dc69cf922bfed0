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
from data.surveys.place_names import (
    HELD_TOWNS,
    Places,
    Towns,
    Villages,
    below_county,
    in_township,
    of_town,
    of_village,
)
from data.words import Text, both, listing

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
        whole = _with_units_above(store, code, different)
        for place, unit, name in different.itertuples(name=None):
            near = Places([(unit, names[unit])], spelled).code(name)
            if unit not in (near, whole.get((unit, name))):
                record, line = grid.numbers(place)
                values = {"unit": unit, "held": names[unit]}
                rows.append(problem(record, line, heading, name, "name_of_another", **values))
    words = (both("import.names_beside", columns=listing(told)),) if told else ()
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS)), words


def _with_units_above(store: Store, code: str, pairs: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the codes of names that are written behind the units above: 某县示例镇, 示例镇东村.

    pairs: code and name. The answer goes by both.
    """
    towns = Towns(store.read(HELD_TOWNS))
    if code == "township_code":
        told = below_county(pairs["name"].unique(), towns)[0]
        rows = pairs[pairs["name"].isin(told.keys())].itertuples(index=False, name=None)
        return {(unit, name): told[name] for unit, name in rows}
    keys = {(unit, name): f"{unit[:9]}/{name}" for unit, name in pairs.itertuples(index=False)}
    villages = Villages(
        store.read("SELECT community_code, township_code, name_zh FROM communities")
    )
    told = in_township(keys.values(), towns, villages)[0]
    return {pair: told[key] for pair, key in keys.items() if key in told}
