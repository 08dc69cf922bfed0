"""Results as Plotly figures: pure functions of tables; nothing here draws on the screen.

Grounds are transparent and text takes the colour of the theme, so that every figure stands on
the light and the dark ground. Colour is never the only cue: shapes and words say the same.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.shared.label_places import width

# Blue and orange are told apart by colour-blind readers, and pass contrast on white and on black.
HIGHER, LOWER, SAME = "#2f7fc1", "#c65a11", "#7d7d7d"
ACCENT = "#c4353d"
INK, INK_ON_DARK = "#1f1e1c", "#f1efec"
FAINT = "rgba(128,128,128,0.25)"
# Very dissatisfied … very satisfied, with the colour of the figures on them.
ANSWERS = (
    ("#a8480a", "#ffffff"), ("#f2b27a", "#1f1e1c"), ("#d5dbe1", "#1f1e1c"),
    ("#7fb3de", "#1f1e1c"), ("#1c5f9e", "#ffffff"),
)  # fmt: skip
# The best band is the deepest blue, the weakest the deepest orange: readable without colours too.
BAND_COLOURS = tuple(reversed(ANSWERS))
STANDING: Mapping[str, tuple[str, str]] = {
    "above": ("triangle-up", HIGHER),
    "same": ("circle", SAME),
    "below": ("triangle-down", LOWER),
}
FONT = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
SMALLEST_LABEL = 6
NARROWEST = 0.04  # share of a strip that has room for a count
# Says of a figure that its words need the width of a page: on a phone it is moved sideways.
WIDE = "wide"

_PLAIN: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "responsive": True}
# Without its tool bar Plotly says no word of its own; numbers are written alike in both languages.
PLOTLY_CONFIG: dict[str, dict[str, Any]] = {"zh": _PLAIN, "en": _PLAIN}


def type_size(large: bool) -> int:
    """Return the size of type in a figure, in pixels."""
    return 20 if large else 16


@cache
def _template(large: bool) -> go.layout.Template:
    """Return ground, type and axes, which all figures share."""
    size = type_size(large)
    axis = {
        "zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 8,
        "exponentformat": "none", "separatethousands": True,  # no "12k" in a Chinese view
        "title": {"font": {"size": size - 2}, "standoff": 14},
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "font": {"family": FONT, "size": size, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "hoverlabel": {"font": {"family": FONT, "size": size}},
            "dragmode": False,
            "xaxis": {**axis, "gridcolor": FAINT, "tickfont": {"size": size - 2}},
            "yaxis": {**axis, "gridcolor": FAINT, "showgrid": False},
        }
    )  # fmt: skip


def framed(figure: go.Figure, height: float, large: bool) -> go.Figure:
    """Give a figure its height, and the ground, type and axes that all figures share."""
    figure.layout.template = _template(large)
    figure.layout.height = height
    return figure


def inked(figure: go.Figure, *, dark: bool) -> go.Figure:
    """Return the figure with its words in the ink of the ground it stands on."""
    figure.layout.template.layout.font.color = INK_ON_DARK if dark else INK
    return figure


def leads(rows: pd.DataFrame) -> list[str] | None:
    """Return the units that the marks of a trace lead to, for its `meta`; None where to none."""
    return [str(code) for code in rows["unit_code"]] if "unit_code" in rows else None


def label(text: str, width: int | None = None, lines: int = 3) -> str:
    """Return text as Plotly shows it letter by letter, broken into lines of a width.

    Chinese has no spaces to break at and is twice as wide, so half the width counts for it.
    """
    if width is None:
        return escape(text, quote=False)
    wide = sum(ord(sign) > 0x2E80 for sign in text) > len(text) / 3
    if wide:
        step = width // 2
        parts = [text[n : n + step] for n in range(0, len(text), step)]
    else:
        parts = wrap(text, width)
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1].rstrip() + "…"]
    return "<br>".join(escape(part, quote=False) for part in parts)


def rule(
    figure: go.Figure, *, dash: str, x: float | None = None, y: float | None = None, word: str = ""
) -> None:
    """Draw a line through a whole figure, upright at x or level at y; word: above an upright one.

    Plotly's own `add_vline` looks through all axes and traces first, which costs as much as a bar.
    """
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    if x is None:
        ends = {"x0": 0, "x1": 1, "xref": "paper", "y0": y, "y1": y}
    figure.add_shape(type="line", line={"color": SAME, "dash": dash, "width": 2}, **ends)
    if word:
        place = {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(text=word, **place)


def _beside(figure: go.Figure, texts: Sequence[str], large: bool) -> None:
    """Leave room on the right for figures that stand beside marks, however narrow the screen is."""
    longest = max(map(width, texts), default=0.0)
    figure.update_layout(margin={"r": 12 + longest * type_size(large)})


def in_corners(figure: go.Figure, words: Sequence[str]) -> go.Figure:
    """Write the names of four quadrants into their corners: top left, top right, then below."""
    for place, word in enumerate(words):
        right, low = place % 2, place // 2
        figure.add_annotation(
            text=f"<b>{label(word)}</b>", x=right, y=1 - low, xref="paper", yref="paper",
            xanchor="right" if right else "left", yanchor="bottom" if low else "top",
            showarrow=False,
        )  # fmt: skip
    figure.layout.meta = WIDE
    return figure


def dots(
    names: Sequence[str],
    table: pd.DataFrame,
    *,
    axis: str,
    words: Mapping[str, str],
    whole: tuple[float, float, float] | None = None,
    whole_word: str = "",
    emphasised: str | None = None,
    large: bool = False,
) -> go.Figure:
    """Draw one mark with its 95 % interval a unit, highest on top, its figure beside it.

    names: in the order of the table. table: estimate, low, high, n on 0-100, and standing
    ('above' | 'same' | 'below'). words: standing -> legend. whole: estimate, low, high of all
    units together, drawn as a line in a band. emphasised: a name to set in bold.
    """
    rows = table.assign(name=list(names)).sort_values(["estimate", "name"], ascending=[False, True])
    rows[["low", "high"]] = rows[["low", "high"]].clip(0, 100)
    figure = go.Figure()
    for standing, (shape, colour) in STANDING.items():
        part = rows[rows["standing"] == standing]
        if part.empty:
            continue
        _marks(figure, part, words[standing], shape, colour, 15 if large else 12)
    said = [f"{value:.1f}" for value in rows["estimate"]]
    figure.add_scatter(
        x=[101] * len(rows), y=rows["name"], mode="text", textposition="middle right", text=said,
        cliponaxis=False, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    if whole:
        _whole(figure, whole, whole_word)
    row = 42 if large else 33
    tall = row * max(len(rows), 2)
    framed(figure, 96 + tall + (40 if large else 28), large)
    above = 1 + (52 if large else 40) / (tall + 1)
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": above, "yanchor": "bottom", "yref": "paper"}
        | {"itemclick": False, "itemdoubleclick": False},
        margin={"t": 84 if large else 68},
    )
    _beside(figure, said, large)
    figure.update_xaxes(title={"text": axis}, range=[0, 103], tickvals=[0, 20, 40, 60, 80, 100])
    order = list(rows["name"])
    figure.update_yaxes(
        categoryorder="array", categoryarray=order, range=[len(order) - 0.4, -0.6],
        tickvals=order,
        ticktext=[f"<b>{label(n)}</b>" if n == emphasised else label(n) for n in order],
    )  # fmt: skip
    return figure


def _marks(
    figure: go.Figure, part: pd.DataFrame, word: str, shape: str, colour: str, size: int
) -> None:
    figure.add_scatter(
        x=part["estimate"],
        y=part["name"],
        mode="markers",
        name=word,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": part["high"] - part["estimate"],
            "arrayminus": part["estimate"] - part["low"],
            "color": colour,
            "thickness": 2.5,
            "width": 0,
        },
        marker={"symbol": shape, "size": size, "color": colour},
        meta=leads(part),
        customdata=part[["low", "high", "n"]].to_numpy(),
        hovertemplate="%{y}: %{x:.1f} (%{customdata[0]:.1f}–%{customdata[1]:.1f}), "
        "n = %{customdata[2]:,.0f}<extra></extra>",
    )


def _whole(figure: go.Figure, whole: tuple[float, float, float], word: str) -> None:
    estimate, low, high = whole
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, yref="paper", line={"width": 0},
        fillcolor="rgba(128,128,128,0.22)",
    )  # fmt: skip
    rule(figure, dash="dash", x=estimate, word=f"{label(word)} {estimate:.1f}")


def likert(
    questions: Sequence[str],
    shares: pd.DataFrame,
    *,
    words: Sequence[str],
    beside: Sequence[str],
    large: bool = False,
) -> go.Figure:
    """Draw the shares of the five answers, the dissatisfied to the left of a common line.

    questions: the texts, set above their bars, in the order of shares (first on top).
    shares: share1 (very dissatisfied) … share5 (very satisfied), in %. words: the five answers.
    beside: a remark to the right of each question, such as its base and what is not scored.
    """
    rows = list(range(len(questions)))
    figure = go.Figure()
    # From the line outwards, so that the strongest answers stand at the ends.
    for value in (2, 1, 3, 4, 5):
        share, (colour, ink) = shares[f"share{value}"], ANSWERS[value - 1]
        figure.add_bar(
            x=-share if value < 3 else share,
            y=rows,
            orientation="h",
            name=words[value - 1],
            legendrank=value,
            marker={"color": colour},
            text=[f"{s:.0f}%" if s >= SMALLEST_LABEL else "" for s in share],
            textfont={"color": ink, "size": type_size(large) - 2},
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            customdata=share,
            hovertemplate=f"{label(words[value - 1])}: %{{customdata:.1f}}%<extra></extra>",
        )
    row = 84 if large else 66
    framed(figure, row * len(rows) + (100 if large else 80), large)
    left = (shares["share1"] + shares["share2"]).max()
    right = (shares["share3"] + shares["share4"] + shares["share5"]).max()
    figure.update_layout(
        barmode="relative",
        bargap=0.52,
        showlegend=True,
        legend={
            "orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal",
            "itemclick": False, "itemdoubleclick": False,
        },
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[-left - 1, right + 1], ticksuffix="%")
    # The texts stand above the bars; what takes the figure along reads them as the axis's.
    figure.update_yaxes(
        visible=False, range=[len(rows) - 0.5, -0.75], tickvals=rows, ticktext=list(questions)
    )
    _above(figure, questions, beside, type_size(large) - 3)
    figure.layout.meta = WIDE
    return figure


def _above(
    figure: go.Figure, questions: Sequence[str], beside: Sequence[str], small: float
) -> None:
    """Set each question and the remark beside it above its bar, and the common line through it."""
    for n, (question, remark) in enumerate(zip(questions, beside, strict=True)):
        figure.add_shape(
            type="line", x0=0, x1=0, y0=n - 0.27, y1=n + 0.3, line={"color": SAME, "width": 3}
        )
        place = {"xref": "paper", "y": n - 0.27, "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(text=label(question, 84, 1), x=0, xanchor="left", **place)
        figure.add_annotation(
            text=label(remark), x=1, xanchor="right", font={"size": small}, **place
        )


def shares_of_full(
    names: Sequence[str],
    reached: Sequence[float],
    full: Sequence[float],
    *,
    axis: str,
    large: bool = False,
) -> go.Figure:
    """Draw what was reached of what could be, one bar a name in the given order.

    reached, full: points; the ground of a bar is the full number, its fill what was reached.
    """
    rows = [label(name, 40, 2) for name in names]
    said = [f" {part:.1f} / {whole:.1f}" for part, whole in zip(reached, full, strict=True)]
    figure = go.Figure()
    figure.add_bar(x=list(full), y=rows, orientation="h", marker={"color": FAINT}, hoverinfo="skip")
    figure.add_bar(
        x=list(reached),
        y=rows,
        orientation="h",
        width=0.5,
        marker={"color": HIGHER},
        customdata=list(full),
        hovertemplate="%{y}: %{x:.1f} / %{customdata:.1f}<extra></extra>",
    )
    figure.add_scatter(
        x=list(full),
        y=rows,
        mode="text",
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        text=said,
    )
    framed(figure, 60 + (54 if large else 42) * len(rows), large)
    figure.update_layout(barmode="overlay", bargap=0.35)
    _beside(figure, said, large)
    figure.update_xaxes(title={"text": axis}, range=[0, max(full, default=1) * 1.02])
    return figure.update_yaxes(autorange="reversed")


def bands(
    words: Sequence[str], counts: Sequence[int], *, axis: str, large: bool = False
) -> go.Figure:
    """Draw how many units each band holds, best band on top; whole numbers, no ranks.

    words: the bands, best first. counts: the units in each.
    """
    figure = go.Figure(
        go.Bar(
            x=list(counts),
            y=list(words),
            orientation="h",
            marker={"color": [colour for colour, _ in BAND_COLOURS[: len(words)]]},
            text=[f"<b>{count}</b>" for count in counts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x}<extra></extra>",
        )
    )
    framed(figure, 60 + (56 if large else 44) * len(words), large)
    figure.update_layout(bargap=0.4)
    figure.update_xaxes(
        title={"text": axis},
        range=[0, max(counts, default=0) * 1.12 or 1],
        tickformat="d",
        nticks=6,
    )
    return figure.update_yaxes(autorange="reversed")


def strip(words: Sequence[str], counts: Sequence[int], *, large: bool = False) -> go.Figure:
    """Draw how many units each band holds as one bar, best band first.

    words: the bands. counts: the units in each; a band without any takes no room.
    """
    figure = go.Figure()
    least = NARROWEST * sum(counts)
    for word, count, (colour, ink) in zip(words, counts, BAND_COLOURS, strict=True):
        figure.add_bar(
            x=[count],
            y=[""],
            orientation="h",
            name=word,
            marker={"color": colour},
            text=[f"<b>{count}</b>" if count > least else ""],
            textfont={"color": ink, "size": type_size(large)},
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"{word}: %{{x}}<extra></extra>",
        )
    framed(figure, 52 if large else 44, large)
    figure.update_layout(barmode="stack", showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    return figure.update_xaxes(visible=False).update_yaxes(visible=False)


def bars(
    names: Sequence[str],
    values: Sequence[float],
    said: Sequence[str],
    *,
    axis: str,
    hover: str = "%{text}",
    large: bool = False,
) -> go.Figure:
    """Draw one bar a name in the given order, the first on top; said: the figures beside them."""
    figure = go.Figure(
        go.Bar(
            x=list(values), y=[label(name, 40, 2) for name in names], orientation="h",
            marker={"color": HIGHER}, text=list(said), textposition="outside", cliponaxis=False,
            hovertemplate=f"%{{y}}: {hover}<extra></extra>",
        )
    )  # fmt: skip
    framed(figure, 70 + (56 if large else 44) * len(names), large)
    figure.layout.bargap = 0.4
    _beside(figure, said, large)
    figure.update_xaxes(title={"text": axis}, range=[0, max(values, default=1) * 1.02 or 1])
    return figure.update_yaxes(autorange="reversed")


def on_band(
    names: Sequence[str], table: pd.DataFrame, *, axis: str, large: bool = False
) -> go.Figure:
    """Draw a mark a name on the band its peers lie in: score, low, high on 0-100."""
    rows = [label(name, 24, 2) for name in names]
    figure = go.Figure()
    figure.add_bar(
        x=table["high"] - table["low"], base=table["low"], y=rows, orientation="h", width=0.5,
        marker={"color": FAINT}, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=table["score"], y=rows, mode="markers+text", textposition="top center", cliponaxis=False,
        text=[f"<b>{score:.0f}</b>" for score in table["score"]],
        marker={"size": 15 if large else 12, "color": HIGHER},
        hovertemplate="%{y}: %{x:.1f}<extra></extra>",
    )  # fmt: skip
    framed(figure, 60 + (64 if large else 52) * len(rows), large)
    figure.update_xaxes(title={"text": axis}, range=[0, 104], tickvals=[0, 25, 50, 75, 100])
    return figure.update_yaxes(autorange="reversed")
