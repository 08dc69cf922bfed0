"""How sure a band is, what would lift it, what changed: words and tables around the figures."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.contracts import CODES
from data.scope import Scope
from metrics.assessment.framework import Framework
from metrics.assessment.improvement import lifts, sides
from metrics.assessment.progress import MILESTONES
from metrics.exports import profile_words
from metrics.register import INDICATORS
from pages.shared import panels
from pages.shared.assessment import assessment_charts as charts
from pages.shared.assessment import flag_panels
from pages.shared.assessment.parts import (
    BANDS,
    MOST_LINKED,
    band_word,
    frameworks_by_year,
    readable,
    tree_columns,
)
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    in_words,
    language,
    large,
    listed,
    names_of,
    plain,
    sentences,
    t,
    tell,
)

# A band is called sure when four of five draws agree with it.
SURE = 0.8
NAMED = 3


def ranges_panel(ranges: pd.DataFrame, flags: pd.DataFrame) -> Panel:
    """Return how sure the bands are, with the flags that stand beside them."""
    table = ranges.assign(
        unit=names_of(ranges),
        band_word=[band_word(band) for band in ranges["band"]],
        flags=flag_panels.by_unit(flags, ranges["unit_code"]),
        place=[profile_words.range_of_places(row) for row in ranges.to_dict("records")],
        **{f"band_{n}": 100 * ranges[f"band_{n}"] for n in BANDS},
    ).sort_values(["band", "unit"])
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "band_word": (t("assessment.band"), None),
        **{f"band_{n}": (t(f"assessment.band{n}"), "%.0f%%") for n in BANDS},
        "place": (t("outlook.place"), None),
        "peers": (t("outlook.peers"), "%,.0f"),
        "flags": (t("flags.heading"), None),
    }
    return _panel("ranges", _ranges_sentence(ranges), table, columns)


def _ranges_sentence(ranges: pd.DataFrame) -> str:
    if len(ranges) < 2:
        rows = ranges.to_dict("records")
        return tell(profile_words.sureness(rows[0] if rows else None))
    sure = int((ranges["sure"] >= SURE).sum())
    unsure = ranges[ranges["sure"] < SURE].sort_values("sure")
    names = plain(listed(names_of(unsure)[:NAMED]))
    said = t("outlook.ranges_sentence", n=len(ranges), sure=sure, share=f"{SURE:.0%}")
    return sentences([said, t("outlook.ranges_unsure", names=names)]) if len(unsure) else said


def ranges(table: pd.DataFrame) -> go.Figure | None:
    """Draw in how many draws each township stands in each band."""
    if not 0 < len(table) <= MOST_LINKED:  # of more the table is read, township by township
        return None
    rows = table.assign(unit=names_of(table)).sort_values(["band", "unit"])
    return charts.band_shares(
        list(rows["unit"]),
        rows,
        words=[t(f"assessment.band{n}") for n in BANDS],
        axis=t("outlook.draws_axis"),
        large=large(),
    )


def draw_ranges(table: pd.DataFrame, flags: pd.DataFrame, scope: Scope) -> None:
    """Draw how sure the bands are."""
    panels.draw(ranges_panel(table, flags), scope, ranges(table))


def sides_panel(tree: pd.DataFrame) -> Panel:
    """Return what a township does well and what falls short."""
    found = sides(tree)
    rows = readable(found).assign(
        name=names_of(found), side_word=in_words("outlook.side.", found["side"])
    )
    own: Columns = {"side_word": (t("outlook.side_heading"), None)}
    kept = ("name", "value", "unit", "points", "goals", "n")
    columns = own | {name: tree_columns()[name] for name in kept}
    return _panel("sides", tell(profile_words.strong_and_weak(tree)), rows, columns)


def lifts_panel(tree: pd.DataFrame) -> Panel:
    """Return what would lift a township most, and how far the next band is."""
    found = lifts(tree)
    opinion = found["level"].eq("satisfaction")  # its points are its value
    rows = found.assign(name=names_of(found), target=found["goal_high"].mask(opinion, 100.0))
    rows["unit"] = found[f"unit_{language()}"]
    columns: Columns = {
        "name": (t("assessment.indicator"), None),
        "gain": (t("outlook.gain"), "%+.1f"),
        "value": (t("assessment.value"), "%.1f"),
        "target": (t("outlook.full_at"), "%.1f"),
        "unit": (t("assessment.unit_of_measure"), None),
        "points": (t("assessment.points_column"), "%.1f"),
    }
    return _panel("lifts", tell(profile_words.improvements(tree)), rows, columns)


def changes_panel(table: pd.DataFrame, year: int) -> Panel:
    """Return what changed against the year before, beyond noise first."""
    order = {verdict: place for place, verdict in enumerate(profile_words.VERDICTS)}
    rows = table.assign(
        name=[tell(INDICATORS[i].name) for i in table["indicator_id"]],
        unit=[tell(INDICATORS[i].unit) for i in table["indicator_id"]],
        interval=[_interval(*ends) for ends in zip(table["low"], table["high"], strict=True)],
        word=[t(f"outlook.verdict.{verdict}") for verdict in table["verdict"]],
        order=[order[verdict] for verdict in table["verdict"]],
    ).sort_values(["order", "indicator_id"])
    columns: Columns = {
        "indicator_id": (t("assessment.code"), None),
        "name": (t("assessment.indicator"), None),
        "word": (t("outlook.verdict_heading"), None),
        "before": (str(year - 1), "%.1f"),
        "after": (str(year), "%.1f"),
        "unit": (t("assessment.unit_of_measure"), None),
        "change": (t("outlook.change"), "%+.1f"),
        "interval": (t("outlook.interval"), None),
    }
    return _panel("changes", tell(profile_words.changed(table, year)), rows, columns)


def _interval(low: float, high: float) -> str:
    ends = {"low": f"{low:+.1f}", "high": f"{high:+.1f}"}
    return "" if pd.isna(low) else t("outlook.from_to", **ends)


def history_panel(table: pd.DataFrame, framework: Framework, scope: Scope) -> Panel:
    """Return the score of every year, total and blocks, all by the framework of the scope."""
    said = tell(profile_words.history(table))
    if frameworks_by_year(scope):
        said += t("outlook.history_by", name=plain(tell(framework.name)))
    wide = table.pivot(index="node", columns="year", values="score")
    wide = wide.reindex(dict.fromkeys(table["node"])).reset_index()
    wide["name"] = [_node_word(node) for node in wide["node"]]
    held = [column for column in wide.columns if isinstance(column, int)]
    wide = wide.rename(columns={year: str(year) for year in held})
    columns: Columns = {
        "name": (t("assessment.block"), None),
        **{str(year): (str(year), "%.1f") for year in held},
    }
    return _panel("history", said, wide, columns)


def _node_word(node: str) -> str:
    blocks = {code.value: tell(code.label) for code in CODES["pair_dim"]}
    return blocks.get(node, t("assessment.score"))


def history(table: pd.DataFrame) -> go.Figure | None:
    """Draw the score year by year between the milestones of the document."""
    total = table[table["node"].eq("total") & table["score"].notna()].sort_values("year")
    if total.empty:
        return None
    return charts.years(
        list(total["score"]),
        [int(year) for year in total["year"]],
        MILESTONES,
        axis=t("assessment.score_axis"),
        words=[t(f"outlook.milestone.{year}") for year in MILESTONES],
        large=large(),
    )


def contested(tree: pd.DataFrame) -> None:
    """Name the values that are out of the score for an appeal."""
    said = profile_words.contested(tree)
    if said:
        st.warning(tell(said))


def _panel(name: str, sentence: str, table: pd.DataFrame, columns: Columns) -> Panel:
    return worded(f"outlook.{name}", sentence, table, columns, key=f"outlook-{name}")
