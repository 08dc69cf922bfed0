"""A grid of text becomes the typed rows of one table of the contract."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import coordinates
from data.contracts import CODES, Column, Table
from data.drafting import kept_values, named_units, outliers, periods, rows_aside
from data.drafting.checks import Checked, check
from data.drafting.code_words import as_codes
from data.drafting.declared_units import declared
from data.drafting.draft import Draft
from data.drafting.effects import effect
from data.drafting.headers import Place, Said, in_unit_of_contract, recognise_table
from data.drafting.likely_columns import first_cells, likeliest_table
from data.drafting.notations import in_contract_notation
from data.drafting.options import Options
from data.files import Grid
from data.formats.headings import is_aside
from data.formats.idle_parts import numbering
from data.geography import gauss_kruger, placement
from data.store import Store
from data.words import Text, both, listing

# Types of columns that name something; the others measure, unless they are part of the key.
_NAMES = ("VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN")


def draft_table(
    store: Store,
    grid: Grid,
    name: str,
    options: Options,
    folder: Path,
    batch: Mapping[str, Path] | None = None,
) -> Draft:
    """Recognise the table, read its cells in the contract's notation and check every record.

    batch: accepted files of parent tables that are published together with this one. Raises
    DataError `table_not_recognised` and those of `headers.recognise_table`.
    """
    given, options = options, unnumbered(grid, options)
    likeliest = partial(likeliest_table, grid.header, first_cells(grid))
    said = replace(options.said, declared=declared(grid))
    chosen, places = recognise_table(grid.header, options.table, said, likeliest)
    grid, filled = _with_merged(grid, chosen, places)
    columns, rewritten = _columns(grid, chosen, places, options.said)
    columns, projected = gauss_kruger.in_degrees(columns, options.crs)
    faulty = _faulty(grid, places, columns.get(periods.YEAR), options)
    misnamed, beside = named_units.compared(store, grid, chosen, columns, options.said)
    faulty = pd.concat([faulty, misnamed[~misnamed["record"].isin(faulty["record"])]])
    text = _text(grid, columns, faulty)
    checked = check(store, chosen, text, folder, batch, options.mode)
    placed = placement.of_file(store, checked.accepted, options.crs)
    idle = set(options.columns) - set(given.columns)
    warnings = (
        *(both("import.numbering", column=heading) for heading in idle),
        *_left_aside(grid, places),
        *beside,
        *filled,
        *rewritten,
        *projected,
        *_converted_units(chosen, places),
        *_to_wgs84(chosen, checked, options),
        *(placed.warnings() if placed else ()),
        *periods.said(chosen, places, options.period),
        *periods.ahead(chosen, checked.accepted),
        *outliers.against_last(store, chosen, checked.accepted),
    )
    # Last of all: what is held is in the contract's units and coordinates already.
    checked, kept = kept_values.complete(
        store, checked, grid, {*places, *options.said.given}, options.mode, batch or {}
    )
    ragged = rows_aside.ragged(grid)
    problems = pd.concat([checked.problems, faulty, ragged]).sort_values("record", kind="stable")
    return Draft(
        name=name,
        encoding=grid.encoding,
        kind="table",
        options=replace(options, table=chosen.name),
        accepted={chosen.name: checked.accepted},
        problems=problems.reset_index(drop=True),
        warnings=(*warnings, *kept),
        records_read=checked.read + faulty["record"].nunique() + len(ragged),
        records_kept=checked.kept,
        effect=effect(store, {chosen.name: checked.accepted}, options.mode),
        header=grid.header,
        placement=placed,
    )


def _text(
    grid: Grid, columns: Mapping[str, pa.ChunkedArray | pa.Array], faulty: pd.DataFrame
) -> pa.Table:
    """Return the rows that are checked: record, line and text of the contract's columns."""
    text = pa.table({"record": grid.records, "line": grid.lines, **columns})
    if faulty.empty:
        return text
    bad = pa.array(faulty["record"], pa.int64())
    return text.filter(pc.invert(pc.is_in(text["record"], bad)))


def _faulty(
    grid: Grid, places: Mapping[str, Place], years: pa.ChunkedArray | None, options: Options
) -> pd.DataFrame:
    """Return the records set aside before any check: of damaged cells, or of another period."""
    faulty = rows_aside.faulty(grid, {place.position for place in places.values()})
    other = periods.other(grid, years, options.period)
    return pd.concat([faulty, other[~other["record"].isin(faulty["record"])]])


def _left_aside(grid: Grid, places: Mapping[str, Place]) -> tuple[Text, ...]:
    """Name the columns of remarks that no column of the table takes."""
    taken = {place.position for place in places.values()}
    aside = [text for n, text in enumerate(grid.header) if n not in taken and is_aside(text)]
    return (both("import.aside", columns=listing(dict.fromkeys(aside))),) if aside else ()


def unnumbered(grid: Grid, options: Options) -> Options:
    """Leave out the column that only numbers the rows, unless a person said what it is."""
    heading = numbering(grid)
    if heading is None or heading in options.columns:
        return options
    return replace(options, columns={**options.columns, heading: None})


def _with_merged(
    grid: Grid, chosen: Table, places: Mapping[str, Place]
) -> tuple[Grid, tuple[Text, ...]]:
    """Fill what merged cells cover with what they show, but no measured numbers.

    A township written once beside its villages is the township of each; a sum written once beside
    them is nobody's, and stays a fault.
    """
    named = {
        places[column.name].position
        for column in chosen.columns
        if column.name in places and (column.type in _NAMES or column.name in chosen.key)
    }
    covered = [f for f in grid.faults if f.merged and f.value and f.column in named]
    cells = grid.cells
    for position in sorted({fault.column for fault in covered}):
        values = {fault.record: fault.value for fault in covered if fault.column == position}
        at = pc.index_in(grid.records, pa.array(values, pa.int64()))
        filled = pc.take(pa.array(values.values(), pa.string()), at)
        cells = cells.set_column(position, f"c{position}", pc.coalesce(filled, cells[position]))
    if not covered:
        return grid, ()
    grid = replace(grid, cells=cells, faults=tuple(f for f in grid.faults if f not in covered))
    headings = listing(dict.fromkeys(grid.header[fault.column] for fault in covered))
    return grid, (both("import.merged_filled", cells=len(covered), columns=headings),)


def _columns(
    grid: Grid, chosen: Table, places: Mapping[str, Place], said: Said
) -> tuple[dict[str, pa.ChunkedArray | pa.Array], tuple[Text, ...]]:
    """Return the columns of the contract as the checks read them, and what is told of them."""
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    told: list[Text] = []
    for column in chosen.columns:
        place = places.get(column.name)
        if place is None:
            value = pa.scalar(said.given.get(column.name), pa.string())
            columns[column.name] = pa.repeat(value, grid.cells.num_rows)
            continue
        heading, written = grid.header[place.position], grid.cells.column(place.position)
        if column.codes and (meant := said.words.get(heading)):
            written = as_codes(written, column, meant)
            told.append(both("import.words_read", column=column.label, words=_meant(column, meant)))
        cells, words = in_contract_notation(
            written,
            column,
            place,
            order=said.dates.get(heading),
            commas=grid.delimiter != ";",
        )
        columns[column.name] = in_unit_of_contract(cells, place)
        told += words
    return columns, tuple(told)


def _meant(column: Column, meant: Mapping[str, str]) -> Text:
    """Say what the words of a file were said to mean, as the code list words it."""
    labels = {code.value: code.label for code in CODES[str(column.codes)]}
    pairs = [(word, labels.get(code, Text(code, code))) for word, code in meant.items()]
    return listing(
        Text(zh=f"{word} → {label.zh}", en=f"{word} → {label.en}") for word, label in pairs
    )


def _converted_units(chosen: Table, places: Mapping[str, Place]) -> tuple[Text, ...]:
    return tuple(
        both(
            "import.unit_converted",
            column=chosen.column(name).label,
            unit=place.unit,
            own=chosen.column(name).unit or "",
        )
        for name, place in places.items()
        if place.factor != 1
    )


def _to_wgs84(chosen: Table, checked: Checked, options: Options) -> tuple[Text, ...]:
    """Convert accepted points to WGS-84 in place, as the file or its rows declare."""
    if not {"lat", "lon"} <= set(chosen.column_names):
        return ()
    frame = pd.read_parquet(checked.accepted)
    declared = placement.declared_systems(frame, options.crs)
    said = []
    for crs in sorted(set(declared.dropna()) - {"WGS84"}):
        rows = declared.eq(crs) & frame["lat"].notna() & frame["lon"].notna()
        if rows.any():
            lon, lat = coordinates.convert(
                frame.loc[rows, "lon"].to_numpy(), frame.loc[rows, "lat"].to_numpy(), crs
            )
            frame.loc[rows, "lon"], frame.loc[rows, "lat"] = lon, lat
            said.append(both("import.converted", rows=int(rows.sum()), crs=crs))
    if said:
        if "crs" in frame:
            frame["crs"] = "WGS84"
        frame.to_parquet(checked.accepted, index=False)
    return tuple(said)
