"""A Plotly figure as the figures of a native chart, where it is one that slides can draw."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any

import plotly.graph_objects as go

from metrics.exports.decks import Chart

MOST_CATEGORIES = 30


def chart_of(figure: go.Figure) -> Chart | None:
    """Return bars, lines or intervals of a figure; None for any other picture."""
    bars = [trace for trace in figure.data if trace.type == "bar" and trace.visible is not False]
    marks = [trace for trace in figure.data if trace.type == "scatter" and _ends(trace)]
    lines = [
        trace
        for trace in figure.data
        if trace.type == "scatter" and "lines" in (trace.mode or "") and len(_list(trace.x)) > 1
    ]
    if bars:
        made = _bars(figure, bars)
    elif marks:
        made = _intervals(figure, marks)
    elif lines:
        made = _series("line", [(_list(each.x), _list(each.y), each.name) for each in lines])
    else:
        return None
    if not 0 < len(made.categories) <= MOST_CATEGORIES:
        return None
    upright = made.kind == "line" or bool(bars and bars[0].orientation != "h")
    along, across = figure.layout.xaxis, figure.layout.yaxis
    values, names = (across, along) if upright else (along, across)
    words = dict(zip(map(str, _list(names.tickvals)), _list(names.ticktext), strict=False))
    return replace(
        made,
        categories=[_plain(words.get(name, name)) for name in made.categories],
        axis=_plain(values.title.text or values.ticksuffix or ""),
        ends=None if values.visible is False else _limits(values),
        colours=[_colours(each) for each in bars],
    )


def _colours(trace: Any) -> list[str]:
    """Return the colours of a trace, one for all or one a mark; none that slides cannot take."""
    told = trace.marker.color
    held = [told] if isinstance(told, str) else _list(told)
    known = all(isinstance(each, str) and re.fullmatch("#[0-9a-fA-F]{6}", each) for each in held)
    return held if known else []


def _limits(axis: Any) -> tuple[float, float] | None:
    """Return the ends of an axis, None where the figure leaves them open.

    Where it says its ticks, these are the ends: what lies beyond is room for labels.
    """
    held = [each for each in _list(axis.range) if isinstance(each, int | float)]
    if len(held) != 2:
        return None
    held = _list(axis.tickvals) or held
    return float(min(held)), float(max(held))


def _bars(figure: go.Figure, bars: Sequence[Any]) -> Chart:
    held = [
        (_list(each.y), _list(each.x), each.name)
        if each.orientation == "h"
        else (_list(each.x), _list(each.y), each.name)
        for each in bars
    ]
    stacked = figure.layout.barmode in ("stack", "relative")
    return _series("stacked" if stacked else "bar", held)


def _series(kind: Any, held: Sequence[tuple[list[Any], list[Any], str | None]]) -> Chart:
    """Set series side by side under the categories of all of them, in the order they come."""
    names = list(dict.fromkeys(name for categories, _, _ in held for name in categories))
    series = []
    for categories, values, called in held:
        own = dict(zip(categories, values, strict=True))
        series.append((_plain(called or ""), [_number(own.get(name)) for name in names]))
    return Chart(kind, [_plain(str(name)) for name in names], series)


def _intervals(figure: go.Figure, marks: Sequence[Any]) -> Chart:
    """Return intervals from their low to their high ends, in the order of the axis."""
    found: dict[Any, tuple[float, float, float]] = {}
    for trace in marks:
        up, down = _list(trace.error_x.array), _list(trace.error_x.arrayminus)
        for name, value, more, less in zip(_list(trace.y), _list(trace.x), up, down, strict=True):
            if None not in (value, more, less):
                found[name] = (value, value - less, value + more)
    order = [name for name in _list(figure.layout.yaxis.categoryarray) if name in found]
    order += [name for name in found if name not in order]
    return Chart(
        "interval",
        [f"{_plain(str(name))}  {found[name][0]:.1f}" for name in order],
        [("", [found[name][1] for name in order]), ("", [found[name][2] for name in order])],
    )


def _ends(trace: Any) -> bool:
    """Say whether marks have an end on either side."""
    return len(_list(trace.error_x.array)) > 0 and len(_list(trace.error_x.arrayminus)) > 0


def _list(values: Any) -> list[Any]:
    return [] if values is None else list(values)


def _number(value: Any) -> float | None:
    if value is None or value != value:
        return None
    return float(value)


def _plain(text: str) -> str:
    """Return the words of a label without its line breaks and emphasis."""
    return unescape(re.sub(r"<[^>]*>", "", text))
