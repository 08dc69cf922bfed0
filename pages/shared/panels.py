"""A result on the screen: one sentence, the picture, its meaning, its table, its download."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator

from data.scope import Scope
from metrics.exports.reports import Section, bare
from pages.shared import address, charts, long_tables, navigation, results, shown, table_layout
from pages.shared.downloads import noted, to_csv
from pages.shared.screen import place_of, scope_line
from pages.shared.table_layout import Columns
from pages.shared.words import (
    BLANK,
    file_name,
    language,
    large,
    of_counties,
    plain,
    presenting,
    t,
    tell,
)

MOST_ROWS = 30
# A table whose words need more than a line each is written out, up to this many rows.
MOST_WRITTEN, WRITTEN_HEIGHT = 100, 560
# Of a longer table the first rows are sent until all are asked for: every repaint carries them.
MOST_SENT, FIRST_SENT = 400, 250


@dataclass(frozen=True)
class Panel:
    """Everything a figure needs to be trusted.

    sentence: what the figure says, computed from it (Markdown; names escaped with `plain`).
    columns: column of the table -> (heading, number format or None), in order.
    meaning: what the figure is and how it is made. facts: heading -> text, such as the clause,
    the formula, the source, the base; period and data version are added by themselves. cells: how
    the cells of the table, its columns named by their headings, are written and shaded, where a
    number format is not enough; blank: what stands in an empty one.
    above: lines that stand above the table in its download as well, such as the approval.
    file_only: columns too many for a screen, which stand in the download alone.
    narrowed: the page has choices of its own that narrow the table, words to look for among them.
    marks: words that say what marking a row does, and what hears of the row, None if none is
    marked; a table that is written out has no rows to mark.
    """

    key: str
    title: str
    sentence: str
    table: pd.DataFrame
    columns: Columns
    meaning: str
    facts: Mapping[str, str] = field(default_factory=dict)
    cells: Callable[[pd.DataFrame], Styler] | None = None
    blank: str = BLANK
    above: Sequence[str] = ()
    file_only: Sequence[str] = ()
    narrowed: bool = False
    marks: tuple[str, Callable[[pd.Series | None], None]] | None = None


def worded(
    words: str, sentence: str, table: pd.DataFrame, columns: Columns, *, key: str, **values: object
) -> Panel:
    """Return a panel of published tables, its title and meaning taken from the catalogue.

    words: key of the title; that of the meaning is `<words>_meaning`, filled with the values.
    """
    return Panel(
        key=key,
        title=t(words),
        sentence=sentence,
        table=table,
        columns=columns,
        meaning=t(f"{words}_meaning", **values),
        facts={t("assessment.source_heading"): t("assessment.source")},
    )


def draw(
    panel: Panel, scope: Scope, figure: go.Figure | None = None, *, folded: bool = False
) -> None:
    """Show a panel; without a figure its table stands open, unless the sentence says it all."""
    # A title may hold a question's wording, which comes from a file.
    st.header(plain(panel.title), anchor=False)
    st.markdown(panel.sentence)
    shown.note_panel(panel.key, section(panel), figure)
    if figure is not None:
        plot(figure, f"figure-{panel.key}", f"{panel.title}: {bare(panel.sentence)}")
    nothing = panel.table.empty and figure is None
    with st.container(horizontal=True):
        with st.popover(t("shell.meaning")):
            explain(panel, scope)
        if not nothing:
            download(panel, scope)
    if nothing:  # the sentence has said so
        return
    with st.expander(t("shell.table"), expanded=figure is None and not folded):
        show_table(panel)


def plot(figure: go.Figure, key: str, words: str) -> None:
    """Draw a figure on the ground of the screen; words: what is read aloud in its place.

    A mark that stands for a township leads to its page, one of a county to its own figures here
    (`charts.leads`).
    """
    drawn = charts.inked(figure, dark=st.context.theme.type == "dark")
    config = charts.PLOTLY_CONFIG[language()]
    # Streamlit's own theme would put greys that fail the contrast which small type needs.
    looks = {"config": config, "theme": None, "key": key, "alt": words}
    leading = {code for trace in figure.data for code in trace.meta or ()}
    if presenting() or len(leading) < 2:
        _place(figure, key).plotly_chart(drawn, **looks)
        return
    counties = not leading.isdisjoint(of_counties())
    # What was clicked there is no choice among the townships that stand here afterwards.
    looks["key"] = f"{key}-counties" if counties else key
    st.caption(t("shell.marks_lead_county" if counties else "shell.marks_lead"))
    chosen = _place(figure, key).plotly_chart(
        drawn, on_select="rerun", selection_mode="points", **looks
    )
    for point in chosen.selection.points[:1]:
        code = figure.data[point["curve_number"]].meta[point["point_index"]]
        if counties:
            st.query_params["county"] = code
            st.rerun()
        st.switch_page(navigation.page("township"), query_params=address.link(town=code))


def _place(figure: go.Figure, key: str) -> DeltaGenerator:
    """Return where to draw; what needs the width of a page can be moved sideways there."""
    return st.container(key=f"wide-{key}" if figure.layout.meta == charts.WIDE else None)


def section(panel: Panel) -> Section:
    """Return a panel as reports and slides have it."""
    facts = [f"{name}{t('shell.colon')}{text}" for name, text in panel.facts.items()]
    note = " ".join([bare(panel.meaning), *map(bare, facts)])
    return Section(panel.title, bare(panel.sentence), panel.table, panel.columns, note)


def explain(panel: Panel, scope: Scope) -> None:
    """Show what a figure means, where it comes from, and for what it holds."""
    st.markdown(panel.meaning)
    facts = {
        **panel.facts,
        t("shell.scope"): scope_line(scope),
        t("shell.data"): t("shell.version", version=results.store().version),
    }
    st.markdown("\n".join(f"- **{name}**{t('shell.colon')}{text}" for name, text in facts.items()))
    if results.is_fictional():
        st.markdown(t("shell.fictional"))


def called(panel: Panel, scope: Scope) -> str:
    """Return what a file of a panel is called: its title, the place, the year."""
    place = place_of(scope)
    return file_name(bare(panel.title), tell(place) if place else "", scope.year or "")


def download(panel: Panel, scope: Scope) -> None:
    """Offer the panel's table as a file."""
    version = t("shell.version", version=results.store().version)
    lines = [panel.title, scope_line(scope), *panel.above, version]
    if results.is_fictional():
        lines.append(t("shell.fictional"))
    headings = {name: heading for name, (heading, _) in panel.columns.items()}
    st.download_button(
        t("shell.download_csv"),
        # Written when it is asked for: most tables never are.
        noted(f"{panel.title} CSV", to_csv, lines, headings, panel.table),
        file_name=f"{called(panel, scope)}.csv",
        mime="text/csv",
        key=f"csv-{panel.key}",
        on_click="ignore",
    )


def show_table(panel: Panel) -> None:
    """Show the panel's table with its headings, figures with their digits."""
    if panel.table.empty:  # Streamlit would say so in English
        st.caption(t("shell.no_rows"))
        return
    columns = {name: said for name, said in panel.columns.items() if name not in panel.file_only}
    table = panel.table[list(columns)]
    layout = table_layout.of(table.head(FIRST_SENT), columns, large=large())
    if panel.cells:
        heads = {name: heading for name, (heading, _) in columns.items()}
        _shaded(panel, panel.cells(table.rename(columns=heads)), len(table))
        return
    if not layout.fits and _written_out(panel, table, columns):
        return
    if len(table) > MOST_SENT and not st.toggle(
        t("shell.all_rows", n=len(table), first=FIRST_SENT), key=f"all-{panel.key}"
    ):
        table = table.head(FIRST_SENT)
    # Drawn anew in the other size of type: a table measures it once, when it is made.
    key = f"table-{panel.key}{'-large' * large()}"
    st.dataframe(
        light(table),
        hide_index=True,
        height="content" if len(table) <= MOST_ROWS else "auto",
        column_config={
            name: _column(*said, layout.widths.get(name)) for name, said in columns.items()
        },
        key=key,
        placeholder=panel.blank,
        alt=panel.title,
        **_markable(panel, key),
    )


def _markable(panel: Panel, key: str) -> dict[str, Any]:
    """Return what lets a reader mark a row of a table, and say what that does."""
    if panel.marks is None:
        return {}
    words, hear = panel.marks
    st.caption(words)

    def heard() -> None:
        rows = st.session_state[key].selection.rows
        hear(panel.table.iloc[rows[0]] if rows else None)

    return {"on_select": heard, "selection_mode": "single-row"}


def listing(key: str, table: pd.DataFrame, alt: str) -> None:
    """Show a table that is no figure's, its columns named by their headings.

    key: of the table, once on a page. alt: what is read aloud in its place.
    """
    whole = {str(name): "%.0f" for name in table.select_dtypes("integer")}
    columns = {str(name): (str(name), whole.get(str(name))) for name in table}
    show_table(Panel(key, alt, "", table, columns, "", blank=""))


def _shaded(panel: Panel, table: Styler, rows: int) -> None:
    """Show a table with the look of its cells; a long one can be moved, and sorted by a column.

    A short one is written out: an empty cell is pale grey in a table that can be sorted.
    """
    if rows > MOST_WRITTEN:
        looks = {"placeholder": panel.blank, "key": f"table-{panel.key}{'-large' * large()}"}
        st.dataframe(table, hide_index=True, alt=panel.title, **looks)
        return
    _write(panel, table, rows)


def _write(panel: Panel, table: Styler, rows: int) -> None:
    """Write a table out; of many rows, so high that it scrolls in itself."""
    height: Literal["content"] | int = "content" if rows <= MOST_ROWS else WRITTEN_HEIGHT
    # Its name in the browser is drawn by lot else, and the table sent and drawn anew each time.
    st.table(table.set_uuid(_short(panel.key)), hide_index=True, height=height, alt=panel.title)


def _written_out(panel: Panel, table: pd.DataFrame, columns: Columns) -> bool:
    """Write a table out in as many lines as its words need; say whether there is room for that."""
    table, columns = table_layout.folded(table, columns, large=large(), heading=t("shell.rest"))
    layout = table_layout.of(table.head(FIRST_SENT), columns, large=large())
    if not layout.readable:
        return False
    if len(table) > MOST_WRITTEN:
        table = long_tables.turned(panel.key, table, find=not panel.narrowed)
    if table.empty:
        st.caption(t("shell.not_found"))
        return True
    written = table_layout.written_out(table, columns, panel.blank, layout.unbroken)
    _write(panel, written, len(table))
    return True


def _short(key: str) -> str:
    """Return a short name for a table: it stands at every one of its cells."""
    return f"{crc32(key.encode()):x}"


def light(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its whole numbers in as few bytes as hold them; a gap stays a gap."""
    sent = table.copy()
    for name in table.select_dtypes("number"):
        whole = table[name].convert_dtypes()
        if pd.api.types.is_integer_dtype(whole.dtype):
            sent[name] = pd.to_numeric(whole, downcast="integer")
    return sent


def _column(heading: str, form: str | None, width: int | None) -> Any:
    if form is None:
        return st.column_config.Column(heading, width=width)
    return st.column_config.NumberColumn(heading, format=form)
