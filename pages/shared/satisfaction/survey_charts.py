"""Survey results as Plotly figures: groups, changes, importance beside performance, shares."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import (
    ACCENT,
    FAINT,
    HIGHER,
    LOWER,
    SAME,
    bars,
    framed,
    in_corners,
    label,
    rule,
    type_size,
)
from pages.shared.label_places import PLOT_WIDTH, Frame, sides

# What a mark says -> its shape and colour; the words stand in the legend.
MARKS: Mapping[str, tuple[str, str]] = {
    "up": ("triangle-up", HIGHER),
    "same": ("circle", SAME),
    "down": ("triangle-down", LOWER),
}
# Names of this many marks can stand side by side without lying on each other.
_MOST_NAMES = 30


def intervals(
    table: pd.DataFrame,
    *,
    axis: str,
    words: Mapping[str, str],
    zero: bool = False,
    whole: float | None = None,
    whole_word: str = "",
    large: bool = False,
) -> go.Figure:
    """Draw one mark with its 95 % interval a row, in the order of the table, first on top.

    table: name, estimate, low, high, mark ('up' | 'same' | 'down'); a row without an estimate is a
    heading. words: mark -> legend, for the marks that need one. zero: the axis runs around 0 and
    figures carry their sign; else it shows the needed part of 0-100 (of a net share -100-100).
    whole: a line.
    """
    rows = table.reset_index(drop=True)
    held = rows[rows["estimate"].notna()]
    figure = go.Figure()
    for mark, (shape, colour) in MARKS.items():
        part = held[held["mark"] == mark]
        if len(part):
            _interval_marks(figure, part, words.get(mark), shape, colour, large)
    low, high = _reach(held, whole, zero)
    text = [f"{value:+.1f}" if zero else f"{value:.1f}" for value in held["estimate"]]
    room = (high - low) * 0.02
    figure.add_scatter(
        x=[high + room] * len(held), y=list(held.index), mode="text",
        textposition="middle right", text=text, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    row = 42 if large else 33
    height = 70 + row * len(rows) + (60 if large else 44)
    framed(figure, height, large)
    if whole is not None:
        rule(figure, dash="dash", x=whole, word=f"{label(whole_word)} {whole:.1f}")
    if zero:
        rule(figure, dash="solid", x=0)
    figure.update_layout(
        showlegend=bool(words), margin={"t": 8 + 40 * bool(words) + 36 * (whole is not None)},
        legend={"orientation": "h", "x": 0, "y": 1 + 34 / height, "yanchor": "bottom"}
        | {"itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    figure.update_xaxes(title={"text": axis}, range=[low, high + (high - low) * 0.12])
    names = [
        f"<b>{label(name)}</b>" if pd.isna(value) else label(name)
        for name, value in zip(rows["name"], rows["estimate"], strict=True)
    ]
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6], tickvals=list(rows.index), ticktext=names, zeroline=False
    )
    return figure


def _interval_marks(
    figure: go.Figure, part: pd.DataFrame, word: str | None, shape: str, colour: str, large: bool
) -> None:
    figure.add_scatter(
        x=part["estimate"], y=list(part.index), mode="markers", name=word or "",
        showlegend=word is not None,
        error_x={
            "type": "data", "symmetric": False, "array": part["high"] - part["estimate"],
            "arrayminus": part["estimate"] - part["low"], "color": colour, "thickness": 2.5,
            "width": 0,
        },
        marker={"symbol": shape, "size": 15 if large else 12, "color": colour},
        customdata=part[["low", "high"]].to_numpy(), text=[label(name) for name in part["name"]],
        hovertemplate="%{text}: %{x:.1f} (%{customdata[0]:.1f}–%{customdata[1]:.1f})"
        "<extra></extra>",
    )  # fmt: skip


def _reach(held: pd.DataFrame, whole: float | None, zero: bool) -> tuple[float, float]:
    ends = [float(held["low"].min()), float(held["high"].max())]
    ends += [] if whole is None else [whole]
    if zero:
        far = max(abs(end) for end in ends) * 1.05
        return -far, far
    room = max(max(ends) - min(ends), 1.0) * 0.06
    least = -100.0 if min(ends) < 0 else 0.0
    return max(least, min(ends) - room), min(100.0, max(ends) + room)


def beside(
    table: pd.DataFrame, *, words: tuple[str, str], axis: str, large: bool = False
) -> go.Figure:
    """Draw two figures with their 95 % intervals a row: direct above, the model's just below.

    table: name, direct, direct_low, direct_high (blank: no mark), estimate, low, high. words: the
    legend of the two.
    """
    rows = table.reset_index(drop=True)
    figure = go.Figure()
    direct, model = ("direct", "direct_low", "direct_high"), ("estimate", "low", "high")
    for (value, low, high), word, shape, colour, shift in (
        (direct, words[0], "circle", SAME, -0.16),
        (model, words[1], "diamond-open", ACCENT, 0.16),
    ):
        part = rows[rows[value].notna()]
        figure.add_scatter(
            x=part[value], y=part.index + shift, mode="markers", name=word,
            error_x={
                "type": "data", "symmetric": False, "array": part[high] - part[value],
                "arrayminus": part[value] - part[low], "color": colour, "thickness": 2,
                "width": 0,
            },
            marker={"symbol": shape, "size": 13 if large else 10, "color": colour},
            customdata=part[[low, high]].to_numpy(), text=[label(name) for name in part["name"]],
            hovertemplate=f"%{{text}} {label(word)}: %{{x:.1f}} (%{{customdata[0]:.1f}}–"
            "%{customdata[1]:.1f})<extra></extra>",
        )  # fmt: skip
    height = 110 + (48 if large else 38) * len(rows)
    framed(figure, height, large)
    figure.update_layout(
        showlegend=True, margin={"t": 48},
        legend={"orientation": "h", "x": 0, "y": 1 + 34 / height, "yanchor": "bottom"}
        | {"itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    ends = rows[["direct_low", "direct_high", "low", "high"]].stack()
    room = max(float(ends.max() - ends.min()) * 0.06, 1.0)
    span = [max(0.0, ends.min() - room), min(100.0, ends.max() + room)]
    figure.update_xaxes(title={"text": axis}, range=span)
    return figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6], tickvals=list(rows.index), zeroline=False,
        ticktext=[label(name) for name in rows["name"]],
    )  # fmt: skip


def quadrant(
    table: pd.DataFrame,
    *,
    axes: tuple[str, str],
    corners: Mapping[str, str],
    centre: tuple[float, float],
    large: bool = False,
) -> go.Figure:
    """Draw performance (left to right) beside importance (upwards), cut at the two means.

    table: code, name, performance, importance, corner. corners: 'improve' (important, rated low),
    'keep', 'later', 'enough' -> words, set into the four corners. centre: the two means.
    """
    figure = go.Figure()
    table = table.sort_values("performance", ignore_index=True)
    (left, right), (low, high) = (_ends(table[name]) for name in ("performance", "importance"))
    height = 560 if large else 470
    frame = Frame((left, right), (low, high), PLOT_WIDTH, height - 80, type_size(large))
    words = [corners[each] for each in ("improve", "keep", "later", "enough")]
    # Where names cannot all stand side by side, a mark says its own when pointed at.
    told = [label(code) if len(table) <= _MOST_NAMES else "" for code in table["code"]]
    side = sides(
        table["performance"], table["importance"], told, frame, corners=words, cut=centre
    )  # fmt: skip
    table = table.assign(told=told, place=side)
    first = table["corner"] == "improve"
    for part, shape, colour in (
        (table[first], "diamond", ACCENT),
        (table[~first], "circle", SAME),
    ):
        figure.add_scatter(
            x=part["performance"], y=part["importance"], mode="markers+text",
            text=part["told"].where(part["place"].notna(), ""),
            textposition=part["place"].fillna("top center"),
            marker={"symbol": shape, "size": 16 if large else 13, "color": colour},
            customdata=[label(name, 40, 3) for name in part["name"]],
            hovertemplate="%{customdata}<br>%{x:.1f}, %{y:.2f}<extra></extra>",
        )  # fmt: skip
    framed(figure, height, large)
    rule(figure, dash="dash", x=centre[0])
    rule(figure, dash="dash", y=centre[1])
    in_corners(figure, words)
    grid = {"showgrid": True, "gridcolor": FAINT}
    figure.update_xaxes(title={"text": axes[0]}, range=[left, right], **grid)
    return figure.update_yaxes(title={"text": axes[1]}, range=[low, high], tickformat=".2f", **grid)


def _ends(values: pd.Series) -> tuple[float, float]:
    """Return the ends of an axis that leaves room around its marks."""
    room = max(float(values.max() - values.min()) * 0.18, 0.02)
    return float(values.min()) - room, float(values.max()) + room


def shares(
    names: Sequence[str], values: Sequence[float], *, axis: str, large: bool = False
) -> go.Figure:
    """Draw shares in percent as bars, in the given order, the first on top."""
    said = [f"{value:.0f}%" for value in values]
    return bars(names, values, said, hover="%{x:.1f}%", axis=axis, large=large)
