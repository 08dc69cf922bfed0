"""Refuses to take places out of a list to which other rows still refer.

Those rows would belong to nobody: a village's residents would be missing from its township's
figures and from the county's, without a word.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from data.contracts import TABLES, ForeignKey, Table
from data.drafting.effects import Mode, file_rows
from data.errors import DataError
from data.store import Store
from data.words import Text

_CODES_NAMED, _TABLES_NAMED = 5, 6


def refuse(store: Store, accepted: Mapping[str, Path], mode: Mode) -> None:
    """Raise DataError `still_referred` where a replacement would leave rows behind.

    accepted: table -> staged rows that are published together. Lists that are replaced as a whole
    are looked at; what hangs on rows of a period goes with them (`publishing.outdated`).
    """
    for name, file in accepted.items() if mode == "replace" else ():
        parent = TABLES[name]
        if parent.period or not parent.key:
            continue
        left = list(_left(store, parent, file, accepted))
        if left:
            codes = sorted({code for _, _, some in left for code in some})
            more = " …" if len(codes) > _CODES_NAMED else ""
            raise DataError(
                "still_referred",
                table=parent.label,
                codes=", ".join(codes[:_CODES_NAMED]) + more,
                others=_listed([(child, count) for child, count, _ in left]),
            )


def _listed(left: Sequence[tuple[Table, int]]) -> Text:
    """Name the tables with most rows."""
    first = sorted(left, key=lambda each: -each[1])[:_TABLES_NAMED]
    more = len(left) > len(first)
    zh = "、".join(f"{table.label.zh} {count} 条" for table, count in first)
    en = ", ".join(f"{table.label.en} ({count})" for table, count in first)
    return Text(zh=zh + "等" * more, en=en + " …" * more)


def _left(
    store: Store, parent: Table, file: Path, accepted: Mapping[str, Path]
) -> Iterator[tuple[Table, int, list[str]]]:
    """Yield each table with rows of removed places: how many, and of which."""
    key = ", ".join(f'"{name}"' for name in parent.key)
    removed = f'(SELECT {key} FROM lake."{parent.name}" ANTI JOIN {file_rows(file)} USING ({key}))'  # noqa: S608 - contract names only
    if not store.read(f"SELECT 1 AS one FROM {removed} LIMIT 1").size:  # noqa: S608 - as above
        return
    for child in TABLES.values():
        for foreign in child.foreign_keys if child.uploadable else ():
            if foreign.parent == parent.name:
                rows = _rows_after(child, foreign, accepted.get(child.name))
                found = store.read(
                    f'SELECT CAST("{foreign.columns[0]}" AS VARCHAR) AS code, count(*) AS n '  # noqa: S608 - as above
                    f"FROM {rows} SEMI JOIN {removed} USING ({key}) GROUP BY code"
                )
                if len(found):
                    yield child, int(found["n"].sum()), found["code"].tolist()


def _rows_after(child: Table, foreign: ForeignKey, staged: Path | None) -> str:
    """Return the SQL of the rows that a table would hold, its reference to the parent alone."""
    names = ", ".join(f'"{name}"' for name in foreign.columns)
    held = f'SELECT {names} FROM lake."{child.name}"'  # noqa: S608 - contract names only
    if staged is None:
        return f"({held})"
    new = f"SELECT {names} FROM {file_rows(staged)}"  # noqa: S608 - as above
    if not child.period:
        return f"({new})"
    periods = ", ".join(f'"{name}"' for name in child.period)
    replaced = f"(SELECT DISTINCT {periods} FROM {file_rows(staged)})"  # noqa: S608 - as above
    return f"({held} ANTI JOIN {replaced} USING ({periods}) UNION ALL {new})"
