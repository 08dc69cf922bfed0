"""The words and tables of the assessment page; every sentence is computed from its table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.scope import Scope
from metrics.assessment.cards import ROOT
from metrics.assessment.framework import Framework
from metrics.assessment.improvement import WEAK
from metrics.exports import profile_words
from metrics.scoring import DECIMALS
from pages.shared import charts, navigation, results, shown
from pages.shared.assessment import flag_panels
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    few,
    figure,
    language,
    large,
    listed,
    name_of,
    names_of,
    plain,
    sentences,
    t,
    tell,
)

BANDS = (1, 2, 3, 4, 5)  # the best first

LEVEL_TOTAL, LEVEL_BLOCK, LEVEL_INDICATOR = "total", "block", "indicator"
INDENT = "\u3000"  # an ideographic space: below its block
FLAG = "※"  # in every Chinese font; an icon would be read aloud by its English name
UNHEARD = "◇"
NAMED = 8
MOST_LINKED = 60  # townships that are links by name; of more the list on the left is quicker


def band_word(band: object) -> str:
    """Return a band with its cut points, or that there is none yet."""
    return tell(profile_words.band_word(band))


def headline(unit: Mapping[str, Any]) -> None:
    """Show band, score and data share of one township, and say them in a sentence."""
    said = verdict(unit)
    if pd.isna(unit["score"]):
        st.info(said)
        return
    score, data = st.columns(2, gap="large")
    score.metric(
        t("assessment.score"),
        t("assessment.points", value=figure(unit["score"])),
        delta=t(f"assessment.band{int(unit['band'])}"),
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
    data.metric(
        t("assessment.data_share"), f"{unit['data_share']:.0%}", border=True, height="stretch"
    )
    shown.say(said)


def verdict(unit: Mapping[str, Any]) -> str:
    """Say band, score and data share of a township, and where its residents are not heard in it."""
    return tell(profile_words.headline(unit))


def which_framework(framework: Framework, scope: Scope) -> None:
    """Say what is scored and, where it is not the same in all years, what is in which."""
    said = t("assessment.framework", name=plain(tell(framework.name)))
    if years := frameworks_by_year(scope):
        said = t("assessment.framework_by_year", said=said, years=listed(years))
    st.caption(said)


def frameworks_by_year(scope: Scope) -> list[str]:
    """Return from when to when each framework holds; nothing where one holds throughout."""
    spans = results.get("assessment.framework.spans", scope)
    starts = [start for start, _ in spans]
    said = []
    for (start, name), after in zip(spans, [*starts[1:], None], strict=True):
        key = "since" if after is None else "until" if start is None else "from_to"
        told = {"start": start, "end": None if after is None else after - 1}
        said.append(t(f"assessment.framework_{key}", name=plain(tell(name)), **told))
    return said if len(spans) > 1 else []


def to_township() -> None:
    """Lead to the page of the township in scope."""
    navigation.link("township", st.container(), t("township.open"))


def bands_panel(overview: pd.DataFrame, flags: pd.DataFrame) -> Panel:
    """Return how many townships stand in every band, and which, with the flags beside it."""
    table = _overview_table(
        overview.assign(flags=flag_panels.by_unit(flags, overview["unit_code"]))
    )
    return _panel("bands", bands_sentence(overview), table, _overview_columns())


def contributions_panel(tree: pd.DataFrame) -> Panel:
    """Return what every block gives to the score of one township."""
    rows = blocks(tree)
    return _panel("contributions", gap_sentence(rows), readable(rows), _block_columns())


def tree_panel(tree: pd.DataFrame) -> Panel:
    """Return every indicator of one township: value, goalposts, points, contribution."""
    return _panel("tree", tell(profile_words.counted(tree)), readable(tree), tree_columns())


def duty_panel(duty: pd.DataFrame) -> Panel:
    """Return what the county owes; its duties are not added up to a score here."""
    columns = {
        name: said
        for name, said in tree_columns().items()
        if name not in ("weight", "contribution")
    }
    return _panel("duty", duty_sentence(duty), readable(duty), columns)


def _panel(name: str, sentence: str, table: pd.DataFrame, columns: Columns) -> Panel:
    return worded(f"assessment.{name}", sentence, table, columns, key=f"assessment-{name}")


def blocks(tree: pd.DataFrame) -> pd.DataFrame:
    """Return the blocks of a card: the rows right below its root."""
    return tree[tree["level"].eq(LEVEL_BLOCK)].reset_index(drop=True)


def contributions(tree: pd.DataFrame) -> go.Figure | None:
    """Draw what every block gives of what it could give, and every opinion beside the blocks.

    All that stands right below the root: what is drawn adds up to the score.
    """
    rows = tree[tree["parent"].eq(ROOT)]
    scored = rows[rows["contribution"].notna()]
    if scored.empty:
        return None
    return charts.shares_of_full(
        names_of(scored),
        list(scored["contribution"]),
        list(scored["weight"]),
        axis=t("assessment.points_axis"),
        large=large(),
    )


def bands(overview: pd.DataFrame) -> go.Figure | None:
    """Draw how many townships stand in every band."""
    if overview["band"].isna().all():
        return None
    return charts.bands(
        [band_word(band) for band in BANDS],
        [int(overview["band"].eq(band).sum()) for band in BANDS],
        axis=t("assessment.units_axis"),
        large=large(),
    )


def gap_sentence(rows: pd.DataFrame) -> str:
    """Name the block that leaves most of its weight on the table."""
    scored = rows[rows["points"].notna()]
    if scored.empty:
        return t("assessment.no_points")
    worst = scored.loc[((100 - scored["points"]) * scored["weight"]).idxmax()]
    return t("assessment.largest_gap", name=plain(name_of(worst)), points=f"{worst['points']:.0f}")


def duty_sentence(duty: pd.DataFrame) -> str:
    """Say how many of the county's own duties can be scored and fall short."""
    counts = _short_of(duty)
    if not counts["scored"]:
        return t("assessment.duty_no_data", n=counts["n"])
    return t("assessment.duty_sentence", **counts)


def _short_of(tree: pd.DataFrame) -> dict[str, int]:
    """Count the indicators, those with points, and those under the points of 'adequate'."""
    rows = indicators(tree)
    scored = rows["points"].dropna()
    weak = int((scored.round(DECIMALS) < WEAK).sum())
    return {"n": len(rows), "scored": len(scored), "weak": weak, "weak_at": round(WEAK)}


def indicators(tree: pd.DataFrame) -> pd.DataFrame:
    """Return the leaves of a tree: the indicators themselves."""
    return tree[tree["level"].eq(LEVEL_INDICATOR)] if "level" in tree else tree


def without_data(tree: pd.DataFrame) -> None:
    """List the indicators that have no value yet; they do not count as zero."""
    missing = indicators(tree)
    missing = missing[missing["value"].isna()]
    if len(missing):
        with st.expander(t("assessment.no_data", n=len(missing))):
            st.markdown(
                "\n".join(
                    f"- {plain(f'{node} {name}')}"
                    for node, name in zip(missing["node"], names_of(missing), strict=True)
                )
            )


def bands_sentence(overview: pd.DataFrame) -> str:
    """Say how many townships reach 'adequate', and name those that are weak."""
    banded = overview[overview["band"].notna()]
    if banded.empty:
        return t("assessment.no_bands")
    adequate = int(banded["band"].le(3).sum())
    parts = [t("assessment.adequate", n=len(banded), adequate=adequate)]
    weak = banded[banded["band"].eq(BANDS[-1])]
    if len(weak):
        names = few([plain(name) for name in sorted(names_of(weak))], NAMED)
        parts.append(t("assessment.weak", names=names))
    unbanded = len(overview) - len(banded)
    if unbanded:
        parts.append(t("assessment.unbanded", n=unbanded))
    return sentences(parts)


def members(overview: pd.DataFrame) -> None:
    """List the townships of every band by name, each a link: bands are levels, not ranks."""
    overview = overview.assign(marks=_marks(overview))
    for band in (*BANDS, None):
        rows = overview[overview["band"].isna() if band is None else overview["band"].eq(band)]
        if rows.empty:
            continue
        marked = zip(names_of(rows), rows["marks"], rows["unit_code"], strict=True)
        towns = sorted((plain(name) + marks, code) for name, marks, code in marked)
        st.markdown(f"**{band_word(band)}**")
        if len(overview) > MOST_LINKED:
            st.markdown(listed(name for name, _ in towns))
            continue
        with st.container(horizontal=True, gap="small", key=f"members-{band}"):
            for name, code in towns:
                navigation.link("township", st.container(width="content"), name, town=code)
    marks = "".join(overview["marks"])
    for mark, key in ((FLAG, "flags.heading"), (UNHEARD, "assessment.unheard")):
        if mark in marks:
            st.caption(f"{mark} {t(key)}")
    st.caption(t("assessment.choose_township"))


def _marks(overview: pd.DataFrame) -> list[str]:
    """Return what stands behind the name of a township: a red flag, a score of facts alone."""
    unheard = overview["satisfaction"].isna() & overview["score"].notna()
    # Where nobody was asked it is the same everywhere, and a mark would tell nothing apart.
    unheard &= overview["satisfaction"].notna().any()
    return [
        f" {FLAG}" * flagged + f" {UNHEARD}" * alone
        for flagged, alone in zip(overview["flags"] > 0, unheard, strict=True)
    ]


def _overview_table(overview: pd.DataFrame) -> pd.DataFrame:
    """Return the townships by band and, inside a band, by name."""
    table = overview.assign(
        unit=names_of(overview),
        band_word=[band_word(band) for band in overview["band"]],
        share=100 * overview["data_share"],
        mark=[code_word("note", code) for code in overview["note"]],
    )
    return table.sort_values(["band", "unit"], na_position="last")


def _overview_columns() -> Columns:
    """Return the columns of the table of townships."""
    return {
        "unit": (t("shell.unit"), None),
        "band_word": (t("assessment.band"), None),
        "flags": (t("flags.heading"), None),
        "score": (t("assessment.score"), "%.1f"),
        "facts": (t("assessment.facts"), "%.1f"),
        "satisfaction": (t("assessment.satisfaction"), "%.1f"),
        "share": (t("assessment.data_share"), "%.0f%%"),
        "mark": (t("assessment.note"), None),
    }


def readable(tree: pd.DataFrame) -> pd.DataFrame:
    """Return indicator rows with name, unit, goalposts and marks in the reader's language."""
    return tree.assign(
        code=["" if level != LEVEL_INDICATOR else code for level, code in _pairs_of(tree)],
        name=_indented(tree),
        unit=[
            word if pd.notna(value) else ""
            for word, value in zip(tree[f"unit_{language()}"], tree["value"], strict=True)
        ],
        goals=[
            _goals(low, high) for low, high in zip(tree["goal_low"], tree["goal_high"], strict=True)
        ],
        basis_word=[code_word("basis", code) for code in tree["basis"]],
        share=100 * tree["data_share"],
        origin_word=[code_word("origin", code) for code in tree["origin"]],
        mark=[code_word("note", code) for code in tree["note"]],
    )


def _indented(tree: pd.DataFrame) -> list[str]:
    """Return names, set in below their block where there are blocks."""
    if not tree["level"].eq(LEVEL_BLOCK).any():
        return names_of(tree)
    return [
        name if level in (LEVEL_TOTAL, LEVEL_BLOCK) else f"{INDENT}{name}"
        for level, name in zip(tree["level"], names_of(tree), strict=True)
    ]


def _pairs_of(tree: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(tree["level"], tree["node"], strict=True))


def code_word(kind: str, code: object) -> str:
    """Return a code of the card ('basis', 'origin', 'note') in words; blank for none."""
    return t(f"scorecard.{kind}.{code}") if isinstance(code, str) and code else ""


def _goals(low: object, high: object) -> str:
    """Write the two goalposts as 'value of 0 points → value of 100 points'."""
    return "" if pd.isna(low) or pd.isna(high) else f"{_short(low)} → {_short(high)}"  # type: ignore[call-overload]


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _block_columns() -> Columns:
    """Return the columns of the table of blocks."""
    return {
        "name": (t("assessment.block"), None),
        "points": (t("assessment.points_column"), "%.1f"),
        "weight": (t("assessment.weight"), "%.1f"),
        "contribution": (t("assessment.contribution"), "%.1f"),
        "share": (t("assessment.data_share"), "%.0f%%"),
        "mark": (t("assessment.note"), None),
    }


def tree_columns() -> Columns:
    """Return the columns of a table of indicators; what a leader asks for first stands first."""
    return {
        "code": (t("assessment.code"), None),
        "name": (t("assessment.indicator"), None),
        "value": (t("assessment.value"), "%.1f"),
        "unit": (t("assessment.unit_of_measure"), None),
        "points": (t("assessment.points_column"), "%.1f"),
        "weight": (t("assessment.weight"), "%.1f"),
        "contribution": (t("assessment.contribution"), "%.1f"),
        "mark": (t("assessment.note"), None),
        "goals": (t("assessment.goals"), None),
        "basis_word": (t("assessment.basis"), None),
        "n": (t("assessment.base"), "%,.0f"),
        "origin_word": (t("assessment.origin"), None),
    }
