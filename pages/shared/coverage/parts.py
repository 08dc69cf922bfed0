"""The words and panels of the coverage page; every sentence is computed from its table."""

import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.contracts import table as contract
from data.scope import Scope
from metrics.units import MOST_COUNTIES
from pages.shared import shown
from pages.shared.coverage import geometry, standard_words
from pages.shared.coverage.map_choices import service_name
from pages.shared.coverage.map_panels import place_name
from pages.shared.panels import Panel
from pages.shared.words import figure, in_words, listed, name_of, names_of, people, plain, t, tell

STATUSES = tuple(code.value for code in CODES["facility_status"])


def headline(service: str, table: pd.DataFrame, scope: Scope) -> None:
    """Say how many residents are within reach, how many not, and where most of those live."""
    if table.empty:
        st.info(t("coverage.no_units"))
        return
    row = _row(table, scope)
    if row["note"]:
        st.info(t(f"coverage.no_figure_{row['note']}", service=service_name(service)))
        return
    if pd.isna(row["share"]):
        st.info(t("coverage.no_residents"))
        return
    words = t(
        "coverage.headline",
        place=plain(place_name(row, scope)),
        service=service_name(service),
        residents=people(row["inside"] + row["outside"]),
        share=figure(row["share"]),
        outside=people(row["outside"]),
    )
    shown.say(words + _worst(table, row) + _left_out(row))


def _row(table: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return the row of the scope: its township, else the whole."""
    here = table[table["unit_code"].eq(scope.township)]
    return (here if len(here) else table).iloc[0]


def _worst(table: pd.DataFrame, row: pd.Series) -> str:
    """Name the township where most of those outside live; nothing for one township alone."""
    towns = table[table["unit_code"].ne("")]
    if row["unit_code"] != "" or not (towns["outside"] > 0).any():
        return ""
    worst = towns.loc[towns["outside"].idxmax()]
    return t("coverage.worst", name=plain(name_of(worst)), outside=people(worst["outside"]))


def _left_out(row: pd.Series) -> str:
    """Say who could not be counted: nobody is dropped in silence."""
    said = ""
    if row["unknown"] > 0:
        said += t("coverage.unknown_people", n=people(row["unknown"]))
    if row["uncounted"] > 0:
        said += t("coverage.uncounted_villages", n=people(row["uncounted"]))
    return said


def too_many(*, counties: bool) -> str:
    """Say that a map of so many units shows nothing, and what to do."""
    if counties:
        return t("coverage.too_many_counties", n=MOST_COUNTIES)
    return t("coverage.too_many", n=people(geometry.MOST_UNITS))


def how_to_use() -> str:
    """Say what the map answers to, and that the link keeps the view."""
    return t("coverage.link_hint")


def by_unit(service: str, table: pd.DataFrame, parameters: str) -> Panel:
    """Return the panel of residents inside and outside by township.

    parameters: of `standard_words.of_reach`.
    """
    rows = table.assign(
        unit=names_of(table),
        reason=in_words("coverage.note_", table["note"]),
    )
    return Panel(
        key=f"coverage-{service}",
        title=t("coverage.by_unit", service=service_name(service), units=_units(table)),
        sentence=_towns_sentence(table),
        table=rows,
        columns={
            "unit_code": (t("coverage.code"), None),
            "unit": (t("shell.unit"), None),
            "residents": (t("coverage.residents"), "%,.0f"),
            "inside": (t("coverage.inside"), "%,.0f"),
            "outside": (t("coverage.outside"), "%,.0f"),
            "share": (t("coverage.share"), "%.1f"),
            **({"by_road": (t("coverage.by_road"), "%,.0f")} if rows["by_road"].any() else {}),
            "unknown": (t("coverage.unknown"), "%,.0f"),
            "uncounted": (t("coverage.uncounted"), "%,.0f"),
            "reason": (t("coverage.note"), None),
        },
        meaning=t("coverage.meaning"),
        facts={
            t("shell.formula"): t("coverage.formula"),
            t("coverage.standards"): parameters,
            t("shell.source"): standard_words.sources(),
            t("shell.base"): t("coverage.base", n=people(table["residents"].iloc[0])),
        },
    )


def _units(table: pd.DataFrame) -> str:
    """Name what the rows below the whole are: townships, or counties."""
    counties = table.loc[table["unit_code"].ne(""), "level"].eq("county").any()
    return t("map.units_counties" if counties else "map.units_towns")


def _towns_sentence(table: pd.DataFrame) -> str:
    """Say in how many townships everybody, and in how many less than half, are within reach."""
    towns = table[table["unit_code"].ne("") & table["share"].notna()]
    if towns.empty:
        return t("coverage.no_towns", units=_units(table))
    return t(
        "coverage.towns",
        units=_units(table),
        n=len(towns),
        all=int((towns["outside"] == 0).sum()),
        few=int((towns["share"] < 50).sum()),
    )


def facilities(service: str, found: pd.DataFrame, units: pd.DataFrame) -> Panel:
    """Return the panel of facilities by township and status."""
    here = found[found["in_scope"]]
    counts = here.groupby(["township_code", "status"]).size().unstack()
    counts = counts.reindex(columns=list(STATUSES))
    rows = units.merge(counts, left_on="unit_code", right_index=True, how="left")
    rows[list(STATUSES)] = rows[list(STATUSES)].fillna(0).astype(int)
    words = {code.value: tell(code.label) for code in CODES["facility_status"]}
    held = here["status"].value_counts()
    lost = here["status"].eq("operating") & here["lon"].isna() & ~here["has_road"].astype(bool)
    unplaced = int(lost.sum())
    sentence = t(
        "coverage.facilities",
        service=service_name(service),
        n=people(len(here)),
        counted=listed(f"{words[s]} {held[s]:,}" for s in STATUSES if s in held),
    )
    return Panel(
        key=f"facilities-{service}",
        title=t("coverage.facilities_title", service=service_name(service)),
        sentence=sentence + (t("coverage.unplaced", n=people(unplaced)) if unplaced else ""),
        table=rows.assign(unit=names_of(rows)),
        columns={
            "unit_code": (t("coverage.code"), None),
            "unit": (t("shell.unit"), None),
            **{status: (words[status], "%,.0f") for status in STATUSES},
        },
        meaning=t("coverage.facilities_meaning"),
        facts={t("shell.source"): tell(contract("facilities").label)},
    )
