"""Figures of the assessment: how sure a band is, facts against opinions, years in a row."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.shared import label_places
from pages.shared.charts import (
    BAND_COLOURS,
    FAINT,
    HIGHER,
    LOWER,
    framed,
    in_corners,
    label,
    leads,
    rule,
    type_size,
)
from pages.shared.label_places import PLOT_WIDTH, Frame

# A share narrower than this has no room for its figure.
_LEAST = 0.09
_NAMED = 5


def band_shares(
    names: Sequence[str], shares: pd.DataFrame, *, words: Sequence[str], axis: str, large: bool
) -> go.Figure:
    """Draw in how many of the draws each unit stands in each band, one bar a unit.

    shares: band_1 … band_5, 0-1, in the order of names. words: the bands, best first.
    """
    figure = go.Figure()
    rows = [label(name) for name in names]
    for number, word in enumerate(words, start=1):
        share, (colour, ink) = shares[f"band_{number}"], BAND_COLOURS[number - 1]
        figure.add_bar(
            x=100 * share,
            y=rows,
            orientation="h",
            name=label(word),
            marker={"color": colour},
            text=[f"{100 * s:.0f}" if s >= _LEAST else "" for s in share],
            textfont={"color": ink, "size": type_size(large) - 2},
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            meta=leads(shares),
            hovertemplate=f"%{{y}}, {label(word)}: %{{x:.0f}}%<extra></extra>",
        )
    row = 42 if large else 34
    framed(figure, row * len(rows) + (150 if large else 120), large)
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"}
        | {"itemclick": False, "itemdoubleclick": False},
    )
    figure.update_xaxes(title={"text": axis}, range=[0, 101], tickvals=[0, 25, 50, 75, 100])
    return figure.update_yaxes(autorange="reversed", ticktext=rows, tickvals=rows)


def facts_and_opinions(
    table: pd.DataFrame,
    *,
    cut: float,
    axes: tuple[str, str],
    corners: Mapping[str, str],
    large: bool,
) -> go.Figure:
    """Draw units by their facts (across) and the satisfaction of residents (up) with its interval.

    table: name, facts, satisfaction, low, high, quadrant. cut: where both sides are good; it makes
    the four corners 'felt', 'unfelt', 'check', 'weak' -> words. What does not agree is named.
    """
    figure = go.Figure()
    across, up = _ends(table, cut)
    words = [corners[each] for each in ("check", "felt", "weak", "unfelt")]
    apart = table["quadrant"].isin(["unfelt", "check"])
    # What agrees is named only where few units stand.
    told = table["name"].map(label).where(apart | (len(table) <= _NAMED * 2), "")
    height, size = 580 if large else 500, type_size(large)
    frame = Frame(across, up, PLOT_WIDTH, height - 80, size)
    side = label_places.sides(
        table["facts"], table["satisfaction"], list(told), frame,
        low=table["low"], high=table["high"], corners=words, cut=(cut, cut),
    )  # fmt: skip
    table = table.assign(side=side, told=told)
    for part, shape, colour in (
        (table[~apart], "circle", HIGHER),
        (table[apart], "diamond", LOWER),
    ):
        names = [label(name) for name in part["name"]]
        placed = part["side"].notna()
        figure.add_scatter(
            x=part["facts"],
            y=part["satisfaction"],
            mode="markers+text",
            text=part["told"].where(placed, ""),
            customdata=np.array([names, part["low"], part["high"]], dtype=object).T,
            textposition=part["side"].where(placed, "top center"),
            meta=leads(part),
            cliponaxis=False,
            error_y={
                "type": "data", "symmetric": False, "array": part["high"] - part["satisfaction"],
                "arrayminus": part["satisfaction"] - part["low"], "color": colour,
                "thickness": 1.5, "width": 0,
            },
            marker={"size": 15 if large else 12, "symbol": shape, "color": colour},
            hovertemplate="%{customdata[0]}: %{x:.1f} / %{y:.1f}"
            " (%{customdata[1]:.1f}–%{customdata[2]:.1f})<extra></extra>",
        )  # fmt: skip
    framed(figure, height, large)
    rule(figure, dash="dash", x=cut)
    rule(figure, dash="dash", y=cut)
    in_corners(figure, words)
    grid = {"showgrid": True, "gridcolor": FAINT}
    figure.update_xaxes(title={"text": axes[0]}, range=across, **grid)
    return figure.update_yaxes(title={"text": axes[1]}, range=up, **grid)


def _ends(table: pd.DataFrame, cut: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of both axes: all units with their intervals, the cut, and some room."""
    room = 8
    lowest = min(table["low"].min(), table["satisfaction"].min(), cut) - room
    highest = max(table["high"].max(), table["satisfaction"].max(), cut) + room
    across = (max(0.0, min(table["facts"].min(), cut) - room), 103.0)
    return across, (max(0.0, lowest), min(108.0, highest))


def claims(table: pd.DataFrame, *, axis: str, words: tuple[str, str], large: bool) -> go.Figure:
    """Draw what is claimed (open diamond) beside what is remembered (dot with interval).

    table: name, claimed, remembered, low, high, in the order of the rows. words: for the legend.
    """
    figure = go.Figure()
    rows = [label(name) for name in table["name"]]
    figure.add_scatter(
        x=table["remembered"], y=rows, mode="markers", name=label(words[1]),
        error_x={
            "type": "data", "symmetric": False, "array": table["high"] - table["remembered"],
            "arrayminus": table["remembered"] - table["low"], "color": HIGHER, "thickness": 2.5,
            "width": 0,
        },
        marker={"size": 15 if large else 12, "color": HIGHER},
        meta=leads(table),
        customdata=table[["low", "high"]].to_numpy(),
        hovertemplate="%{y}: %{x:.1f} (%{customdata[0]:.1f}–%{customdata[1]:.1f})<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=table["claimed"], y=rows, mode="markers", name=label(words[0]),
        marker={
            "size": 16 if large else 13, "symbol": "diamond-open", "color": LOWER,
            "line": {"width": 3},
        },
        meta=leads(table),
        hovertemplate="%{y}: %{x:.1f}<extra></extra>",
    )  # fmt: skip
    height = (42 if large else 33) * len(rows) + (150 if large else 110)
    framed(figure, height, large)
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1 + 14 / height, "yanchor": "bottom"}
        | {"itemclick": False, "itemdoubleclick": False},
    )
    figure.update_xaxes(title={"text": axis}, range=[0, 101], tickvals=[0, 25, 50, 75, 100])
    return figure.update_yaxes(autorange="reversed", showgrid=True, gridcolor=FAINT)


def years(
    scores: Sequence[float],
    at: Sequence[int],
    milestones: Sequence[int],
    *,
    axis: str,
    words: Sequence[str],
    large: bool,
) -> go.Figure:
    """Draw a score year by year, between the milestones it is to be measured at.

    words: one for every milestone.
    """
    figure = go.Figure()
    last = len(scores) - 1
    figure.add_scatter(
        x=list(at),
        y=list(scores),
        mode="lines+markers+text",
        text=[f"<b>{score:.1f}</b>" if n in (0, last) else "" for n, score in enumerate(scores)],
        textposition=["top left" if n == 0 < last else "top right" for n in range(last + 1)],
        cliponaxis=False,
        line={"color": HIGHER, "width": 3},
        marker={"size": 12},
        hovertemplate="%{x}: %{y:.1f}<extra></extra>",
    )
    for year, word in zip(milestones, words, strict=True):
        rule(figure, dash="dot", x=year)
        side = "left" if year == milestones[0] else "right" if year == milestones[-1] else "center"
        figure.add_annotation(
            x=year, y=1, yref="paper", yanchor="bottom", xanchor=side, text=label(word, 12, 2),
            showarrow=False,
        )  # fmt: skip
    framed(figure, 380 if large else 320, large)
    ends = [min([*at, *milestones]) - 0.6, max([*at, *milestones]) + 0.6]
    figure.update_layout(margin={"t": 64 if large else 54})
    figure.update_xaxes(range=ends, tickvals=sorted({*at, *milestones}), tickformat="d")
    return figure.update_yaxes(
        title={"text": axis}, range=[0, 104], showgrid=True, gridcolor="rgba(128,128,128,0.25)"
    )
