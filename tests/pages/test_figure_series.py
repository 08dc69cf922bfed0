"""What slides draw is what the screen draws."""

import plotly.graph_objects as go

from pages.shared.meeting.figure_series import chart_of


def test_bars_lines_and_intervals() -> None:
    bars = go.Figure(
        [go.Bar(y=["甲<br>村", "乙"], x=[1, 2], orientation="h", name="好"),
         go.Bar(y=["乙"], x=[3], orientation="h", name="<b>坏</b>")]
    ).update_layout(barmode="stack")  # fmt: skip
    made = chart_of(bars)
    assert made is not None
    assert (made.kind, list(made.categories)) == ("stacked", ["甲村", "乙"])
    assert made.series == [("好", [1, 2]), ("坏", [None, 3])]
    upright = chart_of(go.Figure(go.Bar(x=["甲"], y=[4])))
    assert upright is not None
    assert (upright.kind, upright.series) == ("bar", [("", [4])])
    assert (upright.axis, upright.ends) == ("", None)
    years = go.Figure(go.Scatter(x=[2024, 2025], y=[1, 2], mode="lines+markers"))
    line = chart_of(years.update_yaxes(title={"text": "<b>得分</b>（分）"}, range=[0, 104]))
    assert line is not None
    # Drawn from 0 as on the screen: an axis that begins elsewhere would make much of little.
    assert (line.axis, line.ends) == ("得分（分）", (0, 104))
    named = bars.update_yaxes(tickvals=["乙"], ticktext=["<b>乙村</b>"]).update_traces(
        marker={"color": ["#2F7FC1", "#C65A11"]}, selector={"name": "好"}
    )
    assert (told := chart_of(named)) is not None
    assert (list(told.categories), told.colours) == (
        ["甲村", "乙村"], [["#2F7FC1", "#C65A11"], []],
    )  # fmt: skip
    shares = bars.update_xaxes(range=[0, 111], tickvals=[0, 50, 100])
    assert (made := chart_of(shares)) is not None
    assert made.ends == (0, 100)
    assert (line.kind, list(line.categories)) == ("line", ["2024", "2025"])


def test_intervals_run_from_end_to_end_in_the_order_of_the_axis() -> None:
    ends = {"type": "data", "symmetric": False, "array": [1, 4], "arrayminus": [2, 3]}
    marks = go.Scatter(x=[50, 60], y=["甲", "乙"], mode="markers", error_x=ends)
    figure = go.Figure([marks, go.Scatter(x=[101, 101], y=["甲", "乙"], mode="text")])
    figure.update_yaxes(categoryarray=["乙", "甲"])
    made = chart_of(figure)
    assert made is not None
    assert (made.kind, list(made.categories)) == ("interval", ["乙  60.0", "甲  50.0"])
    assert [list(values) for _, values in made.series] == [[57, 48], [64, 51]]
    # A cloud of points is no native chart here: the table stands for it.
    assert chart_of(go.Figure(go.Scatter(x=[1], y=[2], mode="markers"))) is None
