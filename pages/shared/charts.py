"""Results as Plotly figures; nothing here draws on the screen."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

ACCENT, INK, GREY, FAINT = "#b4141e", "#1f2328", "#5b6470", "#d9dce1"
# Very dissatisfied … very satisfied: ColorBrewer PuOr, safe for colour-blind readers.
LIKERT = ("#b35806", "#f1a340", "#e3e3e8", "#998ec3", "#542788")
FONT = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"

_PLAIN: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "responsive": True}
PLOTLY_CONFIG: dict[str, dict[str, Any]] = {"zh": _PLAIN, "en": _PLAIN}


def _layout(figure: go.Figure, rows: int, large: bool, axis: str) -> go.Figure:
    size = 20 if large else 15
    figure.update_layout(
        height=90 + rows * (44 if large else 32),
        margin={"l": 8, "r": 24, "t": 36, "b": 48},
        font={"family": FONT, "size": size},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        hoverlabel={"font": {"family": FONT, "size": size}},
    )
    figure.update_xaxes(title=axis, gridcolor=FAINT, zeroline=False, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    return figure


def dots(
    names: Sequence[str],
    table: pd.DataFrame,
    *,
    axis: str,
    county: float | None,
    county_word: str,
    large: bool,
) -> go.Figure:
    """Draw one dot with its interval a unit, highest on top, and the county as a line.

    table: estimate, low, high, n in the order of names. Units clear of the county's value are
    filled, the others hollow.
    """
    order = table["estimate"].sort_values().index
    sorted_names = [names[list(table.index).index(n)] for n in order]
    rows = table.loc[order]
    low, high = rows["low"].clip(0, 100), rows["high"].clip(0, 100)
    clear = (low > county) | (high < county) if county is not None else low == low
    figure = go.Figure(
        go.Scatter(
            x=rows["estimate"],
            y=sorted_names,
            mode="markers",
            error_x={
                "type": "data",
                "symmetric": False,
                "array": high - rows["estimate"],
                "arrayminus": rows["estimate"] - low,
                "color": GREY,
                "thickness": 2,
                "width": 0,
            },
            marker={
                "size": 14 if large else 11,
                "color": [ACCENT if is_clear else "#ffffff" for is_clear in clear],
                "line": {"color": ACCENT, "width": 2},
            },
            customdata=rows[["low", "high", "n"]].to_numpy(),
            hovertemplate="%{y}: %{x:.1f} (%{customdata[0]:.1f}–%{customdata[1]:.1f}), "
            "n = %{customdata[2]:.0f}<extra></extra>",
        )
    )
    if county is not None:
        figure.add_vline(
            x=county, line={"color": GREY, "dash": "dash"}, annotation_text=county_word,
            annotation_position="top",
        )  # fmt: skip
    return _layout(figure, len(rows) + 1, large, axis)


def likert(
    questions: Sequence[str], shares: pd.DataFrame, *, words: Sequence[str], axis: str, large: bool
) -> go.Figure:
    """Draw the five shares of each question as one bar of 100 %, worst answer first.

    shares: columns share1..share5 in the order of questions.
    """
    figure = go.Figure()
    for value, (colour, word) in enumerate(zip(LIKERT, words, strict=True), start=1):
        share = shares[f"share{value}"]
        figure.add_bar(
            x=share,
            y=list(questions),
            orientation="h",
            name=word,
            marker={"color": colour, "line": {"color": "#ffffff", "width": 1}},
            text=[f"{s:.0f}" if s >= 5 else "" for s in share],
            textfont={"color": "#ffffff" if value in (1, 5) else INK},
            textposition="inside",
            textangle=0,
            insidetextanchor="middle",
            hovertemplate=f"{word}: %{{x:.1f}}%<extra></extra>",
        )
    _layout(figure, len(questions) + 2, large, axis)
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )
    figure.update_yaxes(autorange="reversed")
    return figure.update_xaxes(range=[0, 100], ticksuffix="%")


def bars(names: Sequence[str], values: Sequence[float], *, axis: str, large: bool) -> go.Figure:
    """Draw one bar a name, in the given order, with its value beside it."""
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=list(names),
            orientation="h",
            marker={"color": ACCENT},
            text=[f"{value:,.1f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.1f}<extra></extra>",
        )
    )
    _layout(figure, len(names) + 1, large, axis)
    return figure.update_yaxes(autorange="reversed")
