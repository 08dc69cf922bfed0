"""Counties side by side on the pages of the two cards, where several are in view."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.scope import Scope
from metrics.assessment.cards import ROOT
from metrics.units import MOST_COUNTIES
from pages.shared import charts, navigation, panels, results
from pages.shared.assessment import assessment_charts
from pages.shared.assessment.parts import BANDS
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    few,
    figure,
    large,
    name_of,
    names_of,
    of_counties,
    plain,
    sentences,
    t,
)

NAMED = 3
_SHARES = ["adequate", *(f"band_{n}" for n in BANDS)]


def draw_bands(scope: Scope) -> None:
    """Draw how the townships of every county spread over the bands, and lead to each county."""
    table = results.get("assessment.counties.bands", scope)
    panels.draw(bands_panel(table), scope, _bands(table))
    lead_on("assessment")


def lead_on(page: str) -> None:
    """Lead to every county in view, on the page named."""
    with st.container(horizontal=True, gap="small", key="counties"):
        for code, name in of_counties().items():
            navigation.link(page, st.container(width="content"), plain(name), county=code)
    st.caption(t("counties.choose"))


def bands_panel(table: pd.DataFrame) -> Panel:
    """Return how the townships of every county spread over the bands."""
    rows = table.assign(unit=names_of(table), **{n: 100 * table[n] for n in _SHARES})
    columns: Columns = {
        "unit": (t("shell.county"), None),
        "townships": (t("counties.townships"), "%,.0f"),
        "scored": (t("counties.scored"), "%,.0f"),
        "score": (t("counties.mean"), "%.1f"),
        "adequate": (t("counties.adequate"), "%.0f%%"),
        **{f"band_{n}": (t(f"assessment.band{n}"), "%.0f%%") for n in BANDS},
        "flagged": (t("counties.flagged"), "%,.0f"),
    }
    return worded("counties.bands", _bands_sentence(table), rows, columns, key="counties-bands")


def _bands_sentence(table: pd.DataFrame) -> str:
    held = table[table["scored"] > 0]
    if held.empty:
        return t("assessment.no_bands")
    share = (held["adequate"] * held["scored"]).sum() / held["scored"].sum()
    said = t(
        "counties.bands_sentence",
        counties=len(table), n=int(held["scored"].sum()), share=f"{share:.0%}",
    )  # fmt: skip
    low, high = held["adequate"].min(), held["adequate"].max()
    if low == high:
        return said
    return sentences([said, t("counties.spread", low=_end(held, low), high=_end(held, high))])


def _end(held: pd.DataFrame, share: float) -> str:
    names = few([plain(name) for name in names_of(held[held["adequate"].eq(share)])], NAMED)
    return t("counties.end", names=names, share=f"{share:.0%}")


def _bands(table: pd.DataFrame) -> go.Figure | None:
    rows = table[table["scored"] > 0]
    if rows.empty:
        return None
    return assessment_charts.band_shares(
        names_of(rows),
        rows,
        words=[t(f"assessment.band{n}") for n in BANDS],
        axis=t("counties.bands_axis"),
        large=large(),
    )


def comparable() -> bool:
    """Say whether several counties are in view, and few enough for their duties to be compared."""
    return 0 < len(of_counties()) <= MOST_COUNTIES


def draw_duties(duty: pd.DataFrame, scope: Scope) -> None:
    """Draw what each county owes itself; duty: the card of all together, for the names."""
    if not comparable():
        st.info(t("coverage.too_many_counties", n=MOST_COUNTIES))
        return
    panel = duties_panel(duty, scope)
    panels.draw(panel, scope, _duties(panel.table))


def duties_panel(duty: pd.DataFrame, scope: Scope) -> Panel:
    """Return what each county in view owes itself; duty: as of `draw_duties`."""
    found = results.get("assessment.counties.duties", scope)
    blocks = {
        row["node"]: name_of(row) for row in duty[duty["level"].eq("block")].to_dict("records")
    }
    points = found.pivot(index="unit_code", columns="node", values="points")
    total = found[found["node"].eq(ROOT)].set_index("unit_code", drop=False)
    rows = total.assign(unit=names_of(total), share=100 * total["data_share"]).join(points)
    rows["mark"] = [t(f"scorecard.note.{note}") if note else "" for note in rows["note"]]
    columns: Columns = {
        "unit": (t("shell.county"), None),
        ROOT: (t("duty.score"), "%.1f"),
        **{node: (name, "%.1f") for node, name in blocks.items()},
        "share": (t("assessment.data_share"), "%.0f%%"),
        "mark": (t("assessment.note"), None),
    }
    rows = rows.reset_index(drop=True)
    return worded("counties.duties", _duties_sentence(rows), rows, columns, key="counties-duties")


def _duties_sentence(rows: pd.DataFrame) -> str:
    held = rows[rows[ROOT].notna()]
    if held.empty:
        return t("counties.no_duties")
    low, high = (figure(end) for end in (held[ROOT].min(), held[ROOT].max()))
    return t("counties.duties_sentence", n=len(held), low=low, high=high)


def _duties(rows: pd.DataFrame) -> go.Figure | None:
    held = rows[rows[ROOT].notna()]
    if held.empty:
        return None
    drawn = charts.bars(
        list(held["unit"]), held[ROOT].tolist(), [figure(each) for each in held[ROOT]],
        axis=t("counties.points_axis"), large=large(),
    )  # fmt: skip
    return drawn.update_xaxes(range=[0, 111], tickvals=[0, 25, 50, 75, 100])
