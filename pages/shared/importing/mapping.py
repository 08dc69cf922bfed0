"""Which column of a file is which: suggested, confirmed by a person, saved under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import streamlit as st

from data.contracts import CODES, TABLES, Column, Table
from data.drafting import mappings
from data.drafting.code_words import unknown
from data.drafting.declared_units import declared
from data.drafting.drafts import Upload
from data.drafting.headers import Said, match, units_of
from data.drafting.likely_columns import LOOKED_AT, Cells, first_cells, likeliest_table, likely
from data.drafting.notations import ORDERS
from data.errors import DataError
from data.files import Grid
from data.ingest import Options
from data.surveys.other_tools import SURVEY, looks_like_one
from pages.shared import results
from pages.shared.drafts import remember
from pages.shared.screen import t, tell
from pages.shared.words import plain

# Refusals that a person can mend by saying which column is which.
MENDED = (
    "table_not_recognised", "table_ambiguous", "missing_columns", "unknown_columns",
    "doubled_columns", "unit_unknown", "survey_suspected", "wjx_columns",
)  # fmt: skip
_LEAVE = ""
_VALUES, _LETTERS = 3, 20
_MOST_WORDS = 20


def draw(upload: Upload, grid: Grid, applied: Options, *, needed: bool) -> None:
    """Ask for the table and the meaning of every column; open where the file needs it.

    applied: what the file was read with, by a saved mapping where nobody said anything of it.
    """
    with st.expander(t("upload.mapping"), expanded=needed):
        cells = first_cells(grid)
        chosen = _ask_table(upload, grid, cells, applied.table)
        if chosen == SURVEY:
            _offer_survey(upload)
            return
        st.markdown(t("upload.mapping_intro"))
        table = TABLES[chosen]
        before = replace(applied.said, declared=declared(grid))
        with st.form("mapping", border=False):
            told = _ask_columns(table, grid, before, cells)
            name, button = st.columns([2, 1], vertical_alignment="bottom")
            title = name.text_input(t("upload.mapping_name"))
            save = button.form_submit_button(t("upload.mapping_save"))
            apply = st.form_submit_button(t("upload.mapping_apply"), type="primary")
        if save and not title.strip():
            st.warning(t("upload.mapping_needs_name"))
        elif save or apply:
            if save:
                mappings.save(results.store().folder, title.strip(), grid.header, told)
                st.session_state["said"] = t("upload.mapping_saved", name=title.strip())
            remember(upload, **told)
        _list_saved()


def _likely(table: Table, header: Sequence[str], cells: Cells) -> dict[int, tuple[str, float]]:
    try:
        return likely(table, header, cells)
    except DataError:  # a header met twice: it is asked about anew
        return {}


def table_name(name: str) -> str:
    """Word a table, or a survey with headings of its own."""
    return t("upload.table_survey") if name == SURVEY else tell(TABLES[name].label)


def _ask_table(upload: Upload, grid: Grid, cells: Cells, told: str | None) -> str:
    names = [SURVEY, *(name for name, table in TABLES.items() if table.uploadable)]
    before = told or _nearest(grid, cells)
    return str(
        st.selectbox(
            t("upload.mapping_table"),
            names,
            index=names.index(before),
            format_func=table_name,
            key=f"mapping-table-{upload.sha256}",
        )
    )


def _nearest(grid: Grid, cells: Cells) -> str:
    if looks_like_one(grid):
        return SURVEY
    try:
        return likeliest_table(grid.header, cells).name
    except DataError:  # a header met twice fits no table; any may stand first
        return SURVEY


def _offer_survey(upload: Upload) -> None:
    """A survey is read by its headings; what they leave open is asked afterwards."""
    st.markdown(t("upload.survey_intro"))
    if st.button(t("upload.survey_read"), type="primary"):
        remember(upload, table=SURVEY, columns={})


def _ask_columns(table: Table, grid: Grid, before: Said, first: Cells) -> dict[str, Any]:
    """Ask for every column; return the mapping in the form of a mapping file."""
    guesses = _likely(table, grid.header, first)
    columns: dict[str, str | None] = {}
    units: dict[str, str] = {}
    dates: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    for position, header in enumerate(grid.header):
        if header in columns:
            continue
        about, meaning, unit = st.columns([5, 5, 4], vertical_alignment="bottom")
        about.markdown(f"**{plain(header) or '—'}**")
        about.caption(_values(first[position], grid.cells.num_rows))
        guess = guesses.get(position, (_LEAVE, 0.0))
        columns[header] = _ask_meaning(meaning, table, header, before, guess)
        if (name := columns[header]) and (told := _ask_unit(unit, table, header, name, before)):
            units[header] = told
        if name and (order := _ask_order(unit, table, header, name, before)):
            dates[header] = order
        cells = grid.cells.column(position)
        if name and (meant := _ask_words(table.column(name), header, cells, before)):
            words[header] = meant
    told = {"units": units, "dates": dates, "words": words}
    return {"table": table.name, "columns": columns, **told}


def _ask_words(column: Column, header: str, cells: pa.ChunkedArray, before: Said) -> dict[str, str]:
    """Ask which codes the words of a file mean that the code list does not have."""
    if not column.codes:
        return {}
    labels = {code.value: tell(code.label) for code in CODES[column.codes]}
    by_label = {label: code for code, label in labels.items()}
    told = before.words.get(header, {})
    meant = {}
    for word in unknown(cells, column)[:_MOST_WORDS]:
        about, code = st.columns([3, 5], vertical_alignment="center")
        about.markdown(t("upload.word_means", word=plain(word[:40])))
        choices = [_LEAVE, *labels]
        held = told.get(word) or by_label.get(word, _LEAVE)
        chosen = code.selectbox(
            t("upload.word_of", header=header, word=word),
            choices,
            index=choices.index(held) if held in choices else 0,
            format_func=lambda value: labels.get(value) or t("upload.word_unknown"),
            key=f"word-{column.name}-{header}-{word}",
            label_visibility="collapsed",
        )
        if chosen:
            meant[word] = str(chosen)
    return meant


def _ask_meaning(
    place: Any, table: Table, header: str, before: Said, guess: tuple[str, float]
) -> str | None:
    labels = {column.name: tell(column.label) for column in table.columns}
    chosen, guessed = _first_choice(table, header, before, guess)
    return (
        place.selectbox(
            t("upload.mapping_of", header=header),
            [_LEAVE, *labels],
            index=[_LEAVE, *labels].index(chosen),
            format_func=lambda name: _name(labels, name, name == chosen and guessed),
            key=f"column-{table.name}-{header}",
            label_visibility="collapsed",
        )
        or None
    )


def _name(labels: Mapping[str, str], name: str, guessed: bool) -> str:
    if not name:
        return t("upload.mapping_leave")
    return t("upload.mapping_guess", label=labels[name]) if guessed else labels[name]


def _first_choice(
    table: Table, header: str, before: Said, guess: tuple[str, float]
) -> tuple[str, bool]:
    """Return the column to offer, and whether it is only a guess."""
    if header in before.columns:
        told = before.columns[header]
        return (told if told in table.column_names else None) or _LEAVE, False
    column, likeness = guess
    return column, 0 < likeness < 1


def _ask_unit(place: Any, table: Table, header: str, name: str, before: Said) -> str:
    units = units_of(table.column(name))
    if len(units) < 2:
        return ""
    found, _ = match(table, [header], Said({header: name}, {}, declared=before.declared))
    written = found[name].unit if name in found else ""
    told = before.units.get(header) or written
    return str(
        place.selectbox(
            t("upload.mapping_unit", header=header),
            units,
            index=units.index(told) if told in units else 0,
            key=f"unit-{table.name}-{header}",
            label_visibility="collapsed",
        )
    )


def _ask_order(place: Any, table: Table, header: str, name: str, before: Said) -> str:
    """Ask how a column of days is written; '' leaves that to its cells."""
    if table.column(name).type not in ("DATE", "TIMESTAMP"):
        return ""
    orders = ("", *ORDERS)
    told = before.dates.get(header, "")
    return str(
        place.selectbox(
            t("upload.mapping_order", header=header),
            orders,
            index=orders.index(told) if told in orders else 0,
            format_func=lambda order: t(f"upload.order_{order or 'shown'}"),
            key=f"order-{table.name}-{header}",
            label_visibility="collapsed",
        )
    )


def _values(cells: Sequence[str], rows: int) -> str:
    """Show values of a column that differ; cells: the first of it that hold anything."""
    values = list(dict.fromkeys(cells))[:_VALUES]
    if not values:
        return t("upload.mapping_no_values", n=min(rows, LOOKED_AT))
    shown = t("shell.list_joiner").join(plain(_short(value)) for value in values)
    return t("upload.mapping_values", values=shown)


def _short(cell: str) -> str:
    """Cut a long cell, before its marks are escaped: else half of an escape stays."""
    return cell if len(cell) <= _LETTERS else f"{cell[:_LETTERS]}…"


def _list_saved() -> None:
    held = mappings.named(results.store().folder)
    if not held:
        return
    st.markdown(f"**{t('upload.mapping_held')}**")
    for each in held:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(each.name, width="content")
            if st.button(t("upload.mapping_delete"), key=f"delete-{each.file.name}"):
                each.file.unlink(missing_ok=True)
                st.session_state["said"] = t("upload.mapping_deleted", name=each.name)
                st.rerun()
