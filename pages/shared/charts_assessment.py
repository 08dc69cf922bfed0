"""Figures of the assessment: how sure a band is, facts against opinions, years in a row."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import ACCENT, ANSWERS, HIGHER, SAME, framed, label, type_size

# The best band is the deepest blue, the weakest the deepest orange: readable without colours too.
BAND_COLOURS = tuple(reversed(ANSWERS))
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
    figure.update_xaxes(title={"text": axis}, range=[0, 100], tickvals=[0, 25, 50, 75, 100])
    return figure.update_yaxes(autorange="reversed", ticktext=rows, tickvals=rows)


def facts_and_opinions(
    names: Sequence[str],
    facts: Sequence[float],
    opinions: Sequence[float],
    *,
    axes: tuple[str, str],
    emphasised: str | None,
    large: bool,
) -> go.Figure:
    """Draw units by their facts (across) and the satisfaction of residents (up)."""
    figure = go.Figure()
    strong = [name == emphasised for name in names]
    named = _far_apart(facts, opinions, strong)
    words = [f"<b>{label(n)}</b>" if s else label(n) for n, s in zip(names, strong, strict=True)]
    figure.add_scatter(
        x=list(facts),
        y=list(opinions),
        mode="markers+text",
        text=[word if told else "" for word, told in zip(words, named, strict=True)],
        customdata=words,
        textposition="top center",
        cliponaxis=False,
        marker={
            "size": [16 if s else 11 for s in strong],
            "symbol": ["diamond" if s else "circle" for s in strong],
            "color": [ACCENT if s else HIGHER for s in strong],
        },
        hovertemplate="%{customdata}: %{x:.1f} / %{y:.1f}<extra></extra>",
    )
    low = min([*facts, *opinions], default=0) - 8
    high = max([*facts, *opinions], default=100) + 8
    ends = [max(0.0, low), min(104.0, high)]
    figure.add_shape(
        type="line", x0=ends[0], y0=ends[0], x1=ends[1], y1=ends[1],
        line={"color": SAME, "dash": "dash", "width": 2},
    )  # fmt: skip
    framed(figure, 560 if large else 480, large)
    figure.update_xaxes(title={"text": axes[0]}, range=ends)
    return figure.update_yaxes(
        title={"text": axes[1]}, range=ends, showgrid=True, gridcolor="rgba(128,128,128,0.25)"
    )


def _far_apart(
    facts: Sequence[float], opinions: Sequence[float], strong: Sequence[bool]
) -> list[bool]:
    """Say which marks are named: those furthest from agreement; more names would overlap."""
    gaps = sorted(abs(f - o) for f, o in zip(facts, opinions, strict=True))
    least = gaps[-_NAMED] if len(gaps) >= _NAMED else 0.0
    told = zip(facts, opinions, strong, strict=True)
    return [s or abs(f - o) >= least for f, o, s in told]


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
        figure.add_vline(x=year, line={"color": SAME, "dash": "dot", "width": 2})
        side = "left" if year == milestones[0] else "right" if year == milestones[-1] else "center"
        figure.add_annotation(
            x=year, y=1, yref="paper", yanchor="bottom", xanchor=side, text=label(word),
            showarrow=False,
        )  # fmt: skip
    framed(figure, 380 if large else 320, large)
    ends = [min([*at, *milestones]) - 0.6, max([*at, *milestones]) + 0.6]
    figure.update_layout(margin={"t": 44 if large else 36})
    figure.update_xaxes(range=ends, tickvals=sorted({*at, *milestones}), tickformat="d")
    return figure.update_yaxes(
        title={"text": axis}, range=[0, 104], showgrid=True, gridcolor="rgba(128,128,128,0.25)"
    )
