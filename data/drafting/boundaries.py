"""A file of areas becomes the rows of the boundaries, checked against the units that are held."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from data import reading
from data.contracts import TABLES
from data.drafting.checks import against_held
from data.drafting.draft import Draft
from data.drafting.effects import effect
from data.drafting.options import Options
from data.geography import boundary_units, placement
from data.problems import PROBLEM_COLUMNS, problem
from data.store import Store


def draft_boundaries(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path
) -> Draft:
    """Read a GeoJSON or a zipped shapefile and check its areas; see `ingest.prepare`."""
    frame, found, encoding = reading.read_boundaries(path, name, folder, crs=options.crs)
    rows = [problem(p.record, p.record, p.column, p.value, p.code, reason=p.reason) for p in found]
    accepted = folder / "boundaries.parquet"
    frame.to_parquet(accepted, index=False)
    against = against_held(store, TABLES["boundaries"], accepted, options.mode)
    against = pd.concat([against, boundary_units.unknown(store, frame)])
    frame = frame[~frame["record"].isin(against["record"])]
    frame.to_parquet(accepted, index=False)
    placed = placement.of_boundaries(store, frame, options.crs) if len(frame) else None
    problems = pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))
    problems = pd.concat([problems, against]).reset_index(drop=True)
    tables = {"boundaries": accepted}
    return Draft(
        name=name,
        sha256=sha256,
        encoding=encoding,
        kind="boundaries",
        options=replace(options, table="boundaries"),
        accepted=tables,
        problems=problems,
        warnings=(
            *(placed.warnings() if placed else ()),
            *(boundary_units.said(store, frame) if len(frame) else ()),
        ),
        records_read=len(frame) + len({*against["record"], *(p.record for p in found)}),
        records_kept=len(frame),
        effect=effect(store, tables, options.mode),
        placement=placed,
    )
