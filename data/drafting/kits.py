"""A ZIP of several tables becomes one draft of all of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from data import reading
from data.contracts import TABLES
from data.drafting import rows_aside
from data.drafting.draft import Draft
from data.drafting.effects import effect
from data.drafting.headers import recognise_table
from data.drafting.options import Options
from data.drafting.tables import draft_table, unnumbered
from data.errors import DataError
from data.files import Grid
from data.formats import kits
from data.formats.idle_parts import without_idle
from data.forms.own_parts import without_own
from data.geography import placement
from data.store import Store
from data.words import both, listing


def draft_kit(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path
) -> Draft:
    """Check the tables of a kit in the order in which they refer to each other."""
    members, aside = kits.unpack(path, name, folder)
    grids: dict[str, tuple[str, Grid]] = {}
    read, notes = read_members(members, folder)
    for title, grid in read.items():
        chosen, _ = recognise_table(grid.header, None, unnumbered(grid, options).said)
        if chosen.name in grids:
            first = grids[chosen.name][0]
            raise DataError("kit_doubled", file=name, table=chosen.label, first=first, second=title)
        grids[chosen.name] = (title, grid)
    accepted: dict[str, Path] = {}
    parts = []
    for chosen in kits.parents_first(TABLES[key] for key in grids):
        title, grid = grids[chosen.name]
        told = replace(options, table=chosen.name)
        part = draft_table(store, grid, title, told, folder, accepted)
        part = replace(part, warnings=(*part.warnings, *rows_aside.not_read(grid)))
        accepted |= part.accepted
        parts.append(part)
    warnings = [warning for part in parts for warning in part.warnings]
    if aside or notes:
        warnings.append(both("import.kit_aside", files=listing([*aside, *notes])))
    return Draft(
        name=name,
        sha256=sha256,
        encoding="zip",
        kind="kit",
        options=options,
        accepted=accepted,
        problems=pd.concat([part.problems.assign(file=part.name) for part in parts]).reset_index(
            drop=True
        ),
        warnings=tuple(warnings),
        records_read=sum(part.records_read for part in parts),
        records_kept=sum(part.records_kept for part in parts),
        effect=effect(store, accepted, options.mode),
        placement=placement.of_all(part.placement for part in parts),
    )


def read_members(members: Sequence[kits.Member], folder: Path) -> tuple[dict[str, Grid], list[str]]:
    """Read the tables of a kit, staged beside them in `folder`; return them and what is none.

    A text of one column beside tables (通知.txt) is a letter. Raises DataError as the readers do.
    """
    read: dict[str, Grid] = {}
    notes: list[str] = []
    for member in members:
        try:
            read[member.name] = _read_member(member, folder)
        except DataError as refusal:
            letter = refusal.code in ("one_column", "empty_file")
            beside = read or len(notes) + 1 < len(members)
            if not letter or not member.name.lower().endswith(".txt") or not beside:
                raise
            notes.append(member.name)
    return read, notes


def _read_member(member: kits.Member, folder: Path) -> Grid:
    own = folder / f"{member.path.name}-grid"
    own.mkdir()
    return without_idle(without_own(reading.read_table(member.path, member.name, own)))
