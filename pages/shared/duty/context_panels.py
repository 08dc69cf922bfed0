"""Companion figures and counts in words, each with its parts, its base and its indicator."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.contracts import CODES
from data.obligations import OBLIGATIONS
from metrics.context import BREAKDOWNS, FIGURES
from metrics.register import INDICATORS
from pages.shared import address, charts
from pages.shared.panels import Columns, Panel
from pages.shared.words import BLANK, figure, large, listed, people, t, tell

_ROW = 44
# Its categories go from few to many, in their own order.
ORDERED = "households"
_OBLIGATIONS = {each.id: each.text for each in OBLIGATIONS}


def figures_panel(table: pd.DataFrame) -> Panel:
    """Return the companion figures of the scope, each with numerator, denominator and base."""
    rows = [_figure(row) for row in table.to_dict("records")]
    names = ["name", "value", "unit", "num", "den", "units", "beside", "obligation"]
    formats = {"num": "%,.0f", "den": "%,.0f", "units": "%d"}
    columns: Columns = {name: (t(f"context.column.{name}"), formats.get(name)) for name in names}
    known = table[table["value"].notna()]
    without = [
        t(f"context.figure.{name}") for name in table["figure"] if name not in set(known["figure"])
    ]
    sentence = t("context.sentence", n=len(table), known=len(known))
    if without:
        sentence += t("context.without", names=listed(without))
    return Panel(
        key="context-figures",
        title=t("context.figures"),
        sentence=sentence,
        table=pd.DataFrame(rows, columns=names),
        columns=columns,
        meaning=t("context.meaning"),
        facts={t("shell.source"): t("context.source")},
    )


def _figure(row: dict[str, object]) -> tuple[object, ...]:
    name = str(row["figure"])
    each = FIGURES[name]
    beside = INDICATORS[each.beside]
    return (
        t(f"context.figure.{name}"),
        figure(row["value"], each.digits),
        t(f"context.unit.{name}"),
        row["num"],
        row["den"],
        row["units"],
        f"{beside.id} {tell(beside.name)}",
        f"{each.obligation} {tell(_OBLIGATIONS[each.obligation])}",
    )


def choose() -> str:
    """Let the reader choose one of the breakdowns."""
    names = {name: t(f"context.breakdown.{name}") for name in BREAKDOWNS}
    return address.select("breakdown", t("context.which"), list(names), names.__getitem__)


def breakdown_panel(name: str, table: pd.DataFrame) -> Panel:
    """Return one breakdown: how many in each category, and what share of all."""
    rows = _rows(name, table)
    columns: Columns = {
        "word": (t("context.category"), None),
        "n": (t(f"context.counted.{name}"), "%d"),
        "share": (t("context.share"), "%.1f%%"),
    }
    if name in ("case_domain", "activity_kind"):
        columns["num"] = (t(f"context.num.{name}"), "%d")
    if name == "case_domain":
        columns["rate"] = (t("context.rate"), "%.1f%%")
    return Panel(
        key=f"context-{name}",
        title=t(f"context.breakdown.{name}"),
        sentence=_sentence(name, rows),
        table=rows[list(columns)],
        columns=columns,
        meaning=t(f"context.about.{name}"),
        facts={t("shell.source"): t("context.source")},
    )


def _rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["breakdown"].eq(name)]
    if name != ORDERED:
        rest = rows["category"].isin(["", "other"])
        rows = rows.assign(rest=rest).sort_values(["rest", "n"], ascending=[True, False])
    return rows.assign(word=[_word(name, category) for category in rows["category"]])


def _word(name: str, category: str) -> str:
    if not category:
        return t("context.unknown")
    if name == ORDERED:
        return t(f"context.households.{category}")
    return next((tell(code.label) for code in CODES[name] if code.value == category), category)


def _sentence(name: str, rows: pd.DataFrame) -> str:
    if rows.empty:
        return t("context.nothing")
    top = rows.sort_values("n", ascending=False, kind="stable").iloc[0]
    total = people(rows["n"].sum())
    words = {"n": total, "top": top["word"], "share": figure(top["share"])}
    return t(f"context.said.{name}", **words)


def bars(name: str, table: pd.DataFrame) -> go.Figure | None:
    """Draw how many fall into each category, the most first; those of households in order."""
    rows = _rows(name, table)
    if rows.empty:
        return None
    drawn = go.Figure(
        go.Bar(
            x=rows["n"], y=[charts.label(word) for word in rows["word"]], orientation="h",
            marker_color=charts.HIGHER, text=[people(n) for n in rows["n"]],
            textposition="outside", cliponaxis=False, hoverinfo="skip",
        )
    )  # fmt: skip
    drawn.update_yaxes(autorange="reversed")
    drawn.update_xaxes(title=t(f"context.counted.{name}"), range=[0, 1.12 * rows["n"].max()])
    return charts.framed(drawn, 90 + _ROW * len(rows), large())


def note(text: str) -> None:
    """Say under the page what holds for all of it."""
    st.caption(text or BLANK)
