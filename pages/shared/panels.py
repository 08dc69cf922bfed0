"""A result on the screen: one sentence, the picture, its meaning, its table, its download."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.scope import Scope
from pages.shared import results
from pages.shared.charts import PLOTLY_CONFIG
from pages.shared.screen import language, place_of, t

# A spreadsheet runs cells that begin like this; a quote in front makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Panel:
    """Everything a figure needs to be trusted.

    columns: column of the table -> (heading, number format or None), in order.
    meaning: what the figure is, its source and its method.
    """

    key: str
    title: str
    sentence: str
    table: pd.DataFrame
    columns: Mapping[str, tuple[str, str | None]]
    meaning: str


def draw(panel: Panel, scope: Scope, figure: go.Figure | None = None) -> None:
    """Show a panel."""
    st.subheader(panel.title)
    st.markdown(panel.sentence)
    if figure is not None:
        # Streamlit's own grey for axes fails contrast; both grounds need their own ink.
        ink = "#f2f2f0" if st.context.theme.type == "dark" else "#30363d"
        figure.update_layout(font_color=ink).update_annotations(font_color=ink)
        figure.update_xaxes(tickfont_color=ink, title_font_color=ink).update_yaxes(
            tickfont_color=ink
        )
        st.plotly_chart(figure, config=PLOTLY_CONFIG[language()], key=f"figure-{panel.key}")
    shown = panel.table[list(panel.columns)]
    with st.expander(t("shell.table")):
        st.dataframe(shown, hide_index=True, column_config=_configuration(panel.columns))
    with st.container(horizontal=True):
        with st.popover(t("shell.meaning")):
            st.markdown(panel.meaning)
            st.caption(t("shell.version", version=results.store().version))
        st.download_button(
            t("shell.download_csv"),
            to_csv(panel, scope),
            file_name=f"{panel.key}.csv",
            mime="text/csv",
            key=f"csv-{panel.key}",
            on_click="ignore",
        )


def _configuration(columns: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    return {
        name: st.column_config.NumberColumn(heading, format=form)
        if form
        else st.column_config.Column(heading)
        for name, (heading, form) in columns.items()
    }


def to_csv(panel: Panel, scope: Scope) -> bytes:
    """Return the table as CSV (UTF-8 with mark) under lines that say what it is."""
    lines = [panel.title, scope.sentence(language(), place_of(scope))]
    lines.append(t("shell.version", version=results.store().version))
    if results.store().settings().get("fictional") == "true":
        lines.append(t("shell.fictional"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[f"# {line}"] for line in lines])
    writer.writerow([heading for heading, _ in panel.columns.values()])
    for row in panel.table[list(panel.columns)].itertuples(index=False, name=None):
        writer.writerow([_safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return "" if pd.isna(cell) else cell
