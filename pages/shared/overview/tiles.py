"""The leader's tiles: one message each, in words, and the way to its source."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.contracts import CODES
from data.scope import Scope
from metrics.assessment.improvement import next_band
from metrics.assessment.progress import MILESTONES
from metrics.assessment.township_card import band
from metrics.register import INDICATORS
from pages.shared import charts, navigation, panels, results, shown
from pages.shared.assessment import flag_panels, parts
from pages.shared.overview import thumbnails
from pages.shared.satisfaction.groups import group_word
from pages.shared.satisfaction.headline import of_place
from pages.shared.satisfaction.parts import clear
from pages.shared.words import (
    figure,
    large,
    listed,
    name_of,
    of_counties,
    people,
    plain,
    quantity,
    sentences,
    t,
    tell,
)

NAMED = 3


@contextmanager
def tile(key: str, page: str) -> Iterator[None]:
    """Draw a tile with its heading and the link to its source."""
    with st.container(border=True, height="stretch"):
        heading = t(f"overview.{key}")
        st.header(heading, anchor=False)
        with shown.together(key, heading):
            yield
        navigation.link(page, st.container(), t("overview.open", page=t(f"{page}.title")))


def score(card: Any, sure: pd.DataFrame, scope: Scope) -> None:
    """Say the score of the place with its band, and the county's own beside it.

    sure: of `robustness.average`, of all townships in scope.
    """
    with tile("score", "township" if scope.township else "assessment"):
        scored = card.overview[card.overview["score"].notna()]
        if scored.empty:
            shown.say(t("overview.no_score"))
        elif scope.township:
            row = scored.iloc[0]
            shown.metric(name_of(row), t("assessment.points", value=figure(row["score"])))
            shown.say(t("overview.band", band=parts.band_word(row["band"])))
            above = next_band(card.tree)
            if above.band:
                word = t(f"assessment.band{above.band}")
                shown.say(t("overview.next", band=word, points=figure(above.needed)))
        else:
            mean, spread = scored["score"].mean(), scored["score"]
            shown.metric(t("overview.mean"), t("assessment.points", value=figure(mean)))
            ends = {"low": figure(spread.min()), "high": figure(spread.max())}
            _strip(scored)
            shown.say(_sure(sure) + t("overview.spread", n=len(scored), **ends))
        if len(card.flags):
            told = flag_panels.words(card.flags) if scope.township else []
            names = plain(listed(told))
            said = t("flags.one", names=names) if told else flag_panels.sentence(card.flags)
            shown.say(f"{parts.FLAG} {said}")
        duty = card.duty[card.duty["level"].eq("total")].iloc[0]
        if pd.notna(duty["points"]):
            said = t("overview.county_score", value=figure(duty["points"]))
            shown.say(sentences([said, *([t("counties.pooled")] if of_counties() else [])]))


def _sure(sure: pd.DataFrame) -> str:
    """Say the band of the mean and how far it would move under other sound choices."""
    row = sure.iloc[0]
    ends = [int(band(float(row[end]))) for end in ("high", "low")]
    words = [parts.band_word(each) for each in (row["band"], *ends)]
    key = "overview.mean_band" if ends[0] == ends[1] else "overview.mean_bands"
    low, high = figure(row["low"]), figure(row["high"])
    return t(key, band=words[0], best=words[1], worst=words[2], low=low, high=high)


def _strip(scored: pd.DataFrame) -> None:
    """Draw how many townships stand in each band, and say it."""
    words = [t(f"assessment.band{each}") for each in parts.BANDS]
    counts = [int(scored["band"].eq(each).sum()) for each in parts.BANDS]
    panels.plot(charts.strip(words, counts, large=large()), "bands", t("overview.strip"))
    named = (
        t("overview.in_band", band=word, n=count)
        for word, count in zip(words, counts, strict=True)
        if count
    )
    shown.say(listed(named))


def progress(history: pd.DataFrame, year: int | None) -> None:
    """Say where the years stand between 2021, 2026 and 2036."""
    with tile("progress", "assessment"):
        total = history[history["node"].eq("total") & history["score"].notna()]
        first, middle, last = MILESTONES
        now = min(max(year or first, first), last)
        shown.say(_timeline(first, now, last))
        st.caption(t("overview.years", first=first, middle=middle, last=last, now=now))
        if total.empty:
            shown.say(t("outlook.no_history"))
            return
        ends = total.sort_values("year").iloc[[0, -1]]
        start, end = ends.to_dict("records")
        key = "outlook.history_one" if len(total) == 1 else "outlook.history_sentence"
        shown.say(
            t(
                key, first=start["year"], before=figure(start["score"]), last=end["year"],
                after=figure(end["score"]), left=figure(100 - end["score"]),
                year=end["year"], score=figure(end["score"]),
            )
        )  # fmt: skip


def _timeline(first: int, now: int, last: int) -> str:
    """Write the years as a bar of full and empty squares, one a year: read aloud it is words."""
    return f"{first} {'■' * (now - first)}{'□' * (last - now)} {last}"


def capacities(table: pd.DataFrame, scope: Scope) -> None:
    """Draw the five capacities on the band of the townships."""
    with tile("capacities", "assessment"):
        held = table[table["score"].notna()]
        if held.empty:
            shown.say(t("overview.no_capacities"))
            return
        names = {code.value: tell(code.label) for code in CODES["pair_dim"]}
        words = [names[block] for block in held["block"]]
        weakest = held.loc[held["score"].idxmin()]
        key = "overview.weakest_one" if scope.township else "overview.weakest"
        shown.say(t(key, name=names[weakest["block"]], points=figure(weakest["score"])))
        drawn = charts.on_band(words, held, axis=t("overview.capacity_axis"), large=large())
        panels.plot(drawn, "capacities", t("overview.capacities"))
        st.caption(t("overview.capacity_band"))


def satisfaction(
    table: pd.DataFrame | None, groups: pd.DataFrame | None, survey: Any, scope: Scope
) -> None:
    """Say how satisfied residents are, with interval, base and the group that is worst off.

    groups: gaps of `groups.by_group`, None where counties score differently.
    """
    with tile("satisfaction", "satisfaction"):
        if table is None:
            shown.say(t("overview.no_survey"))
            return
        row, why = of_place(table, scope)
        if row is None:
            shown.say(why)
            return
        shown.metric(t("overview.s1"), figure(row["estimate"]))
        shown.say(
            t(
                "overview.interval", low=figure(row["low"]), high=figure(row["high"]),
                n=people(row["n"]),
            )
        )  # fmt: skip
        shown.say(_worst_off(groups))
        if not scope.township:
            shown.say(clear(table, scope))
        st.caption(t(f"satisfaction.{survey['approval']}", number=survey["approval_no"]))


def _worst_off(gaps: pd.DataFrame | None) -> str:
    """Name the lowest of the groups that need most care, and whether it clearly lies lower."""
    if gaps is None:
        return t("overview.groups_mixed")
    found = gaps[gaps["gap"].eq("S7") & gaps["estimate"].notna()]
    if found.empty:
        return t("overview.no_groups")
    row = found.iloc[0]
    name = group_word(row["dimension"], row["lower"])
    if row["estimate"] <= 0:
        return t("overview.group_none")
    key = "overview.group_lower" if row["beyond"] else "overview.group_unsure"
    return t(key, group=name, gap=figure(row["estimate"]))


def reach(table: pd.DataFrame, places: pd.DataFrame, scope: Scope) -> None:
    """Say how many residents live outside the reach of each service, and show where.

    places: of `overview.reach_by_township`.
    """
    with tile("reach", "coverage"):
        held = table[table["outside"].notna()].sort_values("outside", ascending=False)
        if held.empty:
            shown.say(t("overview.no_reach"))
            return
        columns = zip(st.columns(len(held)), held.to_dict("records"), strict=True)
        drawn = [_where(row, places, scope, place) for place, row in columns]
        if any(drawn):
            cuts = thumbnails.CUTS
            st.caption(t("overview.shades", low=figure(cuts[0], 0), high=figure(cuts[-1], 0)))
        missing = table.loc[table["outside"].isna(), "indicator_id"]
        if len(missing):
            names = listed(tell(INDICATORS[i].name) for i in missing)
            st.caption(t("overview.reach_missing", names=names))


def _where(
    row: Mapping[str, Any], places: pd.DataFrame, scope: Scope, place: DeltaGenerator
) -> bool:
    """Draw one service: where its residents out of reach live, and how many they are."""
    rows = places[places["indicator_id"].eq(row["indicator_id"])]
    picture = thumbnails.of_shares(scope, dict(zip(rows["unit_code"], rows["share"], strict=True)))
    name, share = tell(INDICATORS[row["indicator_id"]].name), f"{row['share']:.1f}%"
    if picture:
        place.image(picture, alt=t("overview.where", name=name))
    shown.say(t("overview.outside", name=name, n=people(row["outside"]), share=share), place)
    return picture is not None


def burden(table: pd.DataFrame, scope: Scope) -> None:
    """Say what is asked of townships, against last year and the cap."""
    with tile("burden", "county_duty"):
        if table["after"].isna().all():
            shown.say(t("overview.no_burden"))
            return
        for row in table[table["after"].notna()].to_dict("records"):
            found = INDICATORS[row["indicator_id"]]
            change = row["after"] - row["before"]
            trend = _trend(change)
            said = t(
                f"overview.burden_{trend}", name=tell(found.name),
                value=quantity(figure(row["after"]), tell(found.unit)),
                before=quantity(figure(row["before"]), tell(found.unit)),
            )  # fmt: skip
            shown.say(said + _against_cap(row, scope))


def _against_cap(row: Mapping[str, Any], scope: Scope) -> str:
    """Say who is above the local cap; nothing where there is none."""
    if pd.isna(row["cap"]):
        return t("satisfaction.full_stop")
    whose = "town" if scope.township else "county"
    way = "over" if row["over"] else "kept"
    return t(f"overview.cap_{way}_{whose}", cap=figure(row["cap"], 0), n=int(row["over"]))


def _trend(change: float) -> str:
    if pd.isna(change):
        return "unknown"
    return "same" if round(change, 9) == 0 else "up" if change > 0 else "down"


def gaps(table: pd.DataFrame) -> None:
    """Name the three largest gaps by people, each with the level that owes it."""
    with tile("gaps", "coverage"):
        if table.empty:
            shown.say(t("overview.no_gaps"))
            return
        for number, row in enumerate(table.head(NAMED).to_dict("records"), start=1):
            shown.say(
                t(
                    "overview.gap", number=number, name=tell(INDICATORS[row["indicator_id"]].name),
                    people=people(row["people"]), of=people(row["of"]),
                    owes=t(f"register.accountable.{row['accountable']}"),
                )
            )  # fmt: skip


def trust(card: Any, survey: Any, scope: Scope) -> None:
    """Say what the figures rest on."""
    with tile("trust", "upload"):
        share = card.overview["data_share"].mean()
        told = "—" if pd.isna(share) else f"{share:.0%}"
        key = "overview.data_share_one" if scope.township else "overview.data_share"
        shown.say(t(key, share=told))
        aside = int(card.overview["contested"].sum())
        shown.say(t("overview.contested", n=aside) if aside else t("overview.none_contested"))
        if survey is not None:
            words = t(f"satisfaction.{survey['approval']}", number=survey["approval_no"])
            shown.say(words)
        st.caption(t("shell.version", version=results.store().version))
