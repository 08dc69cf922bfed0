"""The words and panels of a layer: what stands out, what changed, the villages of a township."""

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.scope import Scope
from metrics.maps import layers
from pages.shared import shown
from pages.shared.coverage import standard_words
from pages.shared.coverage.county_map import base_word, quantity, with_unit
from pages.shared.coverage.map_choices import Chosen, service_name
from pages.shared.panels import Panel
from pages.shared.screen import place_of
from pages.shared.words import (
    figure,
    in_words,
    initial,
    listed,
    name_of,
    names_of,
    people,
    plain,
    t,
    tell,
    whole,
)

NAMED = 3
# Townships of one band that are named rather than counted only.
FEW = 2
# A way is far or near, people are many or few; all else is high or low.
EXTREMES = {"centre_km": "extremes_way", "centre_outside": "extremes_count"}


def headline(chosen: Chosen, table: pd.DataFrame, scope: Scope) -> None:
    """Say what the layer shows: the figure of the place, who has most, least, or nothing."""
    if table.empty:
        st.info(t("coverage.no_units"))
        return
    here = table[table["unit_code"].eq(scope.township)]
    row = (here if len(here) else table).iloc[0]
    towns = table[table["unit_code"].ne("")]
    said = _crossed(towns) if chosen.measure.family == "cross" else _figure(chosen, row, scope)
    if not len(here) and chosen.measure.family != "cross":
        said += _bands(towns) if chosen.measure.family == "band" else _extremes(chosen, towns)
    shown.say(said + _missing(towns))


def _figure(chosen: Chosen, row: pd.Series, scope: Scope) -> str:
    """Say the figure of the place, or why there is none."""
    name = plain(place_name(row, scope))
    measure = tell(chosen.measure.name)
    if row["note"] == "townships_only":
        return "" if chosen.measure.family == "band" else f"**{measure}**{t('shell.colon')}"
    if row["note"]:
        return t("map.no_figure", place=name, measure=measure, why=t(f"map.note_{row['note']}"))
    value = quantity(chosen, row["value"])
    base = f"{base_word(chosen)} {people(row['base'])}"
    return t("map.headline", place=name, measure=measure, value=value, base=base)


def place_name(row: pd.Series, scope: Scope) -> str:
    """Return the name of a row's township, else of the place in scope."""
    if row["unit_code"] != "":
        return name_of(row)
    place = place_of(scope)
    name = tell(place) if place else initial(whole())
    if not scope.unit_type:
        return name
    return t("coverage.part", place=name, kind=t(f"scope.{scope.unit_type}"))


def _extremes(chosen: Chosen, towns: pd.DataFrame) -> str:
    """Name the townships with the highest and the lowest figure, unless all are alike."""
    known = towns.dropna(subset="value")
    if known["value"].round(9).nunique() < 2:
        return ""
    highest, lowest = known["value"].max(), known["value"].min()
    return t(
        f"map.{EXTREMES.get(chosen.measure.id, 'extremes')}",
        high=_all_with(chosen, known, highest),
        most=quantity(chosen, highest),
        low=_all_with(chosen, known, lowest),
        least=quantity(chosen, lowest),
    )


def _all_with(chosen: Chosen, known: pd.DataFrame, value: float) -> str:
    """Name who has a figure; of many that are alike as shown, none is made out to be the only."""
    digits = chosen.measure.digits
    names = [
        plain(name)
        for name in names_of(known[known["value"].round(digits).eq(round(value, digits))])
    ]
    if len(names) <= FEW:
        return listed(names)
    return t("map.and_others", name=names[0], n=len(names) - 1)


def _bands(towns: pd.DataFrame) -> str:
    """Say how many townships are in each band; the few of a band are named."""
    known = towns.dropna(subset="value")
    if known.empty:
        return ""
    parts = []
    for band, held in known.groupby("value"):
        names = listed(plain(name) for name in names_of(held)) if len(held) <= FEW else ""
        key = "map.in_band_named" if names else "map.in_band"
        parts.append(t(key, band=int(band), n=len(held), names=names))
    return t("map.bands", n=len(known), parts=t("map.bands_joiner").join(parts))


def _crossed(towns: pd.DataFrame) -> str:
    """Say how many pairs there are, and name those that fall short on both sides."""
    pairs = towns[towns["value"].notna() & towns["second"].notna()]
    if pairs.empty:
        return t("map.no_pairs")
    short = pairs[
        (pairs["value"] < pairs["value"].median()) & (pairs["second"] < pairs["second"].median())
    ].sort_values("value")
    names = listed(plain(name) for name in names_of(short.head(NAMED)))
    said = t("map.pairs", n=len(pairs), short=len(short))
    return said + (t("map.pairs_named", names=names) if names else "")


def _missing(towns: pd.DataFrame) -> str:
    """Say how many townships have no figure, and how many are not shown to protect people."""
    note = layers.reasons(towns)
    hidden = int(note.isin(layers.HIDDEN).sum())
    blank = int((note != "").sum()) - hidden
    if blank and blank == len(towns):
        return t("map.blank_all", n=blank)
    said = t("map.hidden_n", n=hidden) if hidden else ""
    return said + (t("map.blank_n", n=blank) if blank else "")


def changed(chosen: Chosen, table: pd.DataFrame, scope: Scope, first: str) -> str:
    """Say what changed since the earlier year: the place, how many rose and fell, who most.

    table: of `layers.change`. first: the two years in words.
    """
    towns = table[table["unit_code"].ne("") & table["change"].notna()]
    row = table[table["unit_code"].eq(scope.township or "")]
    said = ""
    if len(row) and pd.notna(row["change"].iloc[0]):
        moved = row["change"].iloc[0]
        said = t(
            "map.changed" if round(moved, chosen.measure.digits) else "map.unchanged",
            years=first,
            place=plain(place_name(row.iloc[0], scope)),
            before=quantity(chosen, row["before"].iloc[0]),
            after=quantity(chosen, row["after"].iloc[0]),
            change=signed(chosen, moved),
        )
    if towns.empty:
        return said or t("map.changed_none")
    # What is no change in the figures shown is none in the words either.
    size = towns["change"].round(chosen.measure.digits)
    said += t(
        "map.changed_towns", n=len(towns), up=int((size > 0).sum()), down=int((size < 0).sum())
    )
    if size.abs().max() > 0:
        most = towns.loc[size.abs().idxmax()]
        name, change = plain(name_of(most)), signed(chosen, most["change"])
        said += t("map.changed_most", name=name, change=change)
    return said


def key_of_classes(classes: Sequence[tuple[str, str]]) -> None:
    """Show the classes that two maps share, so that neither needs its legend open.

    classes: (colour, words), from low to high.
    """
    rows = "".join(
        f'<span><i style="background:{colour}"></i>{html.escape(words)}</span>'
        for colour, words in classes
    )
    st.html(f'<p class="zx-classes"><span>{t("map.same_classes")}</span>{rows}</p>')


def signed(chosen: Chosen, value: float) -> str:
    """Return a change with its sign; a change of a share counts in percentage points."""
    number = f"{value:+,.{max(chosen.measure.digits, 0)}f}"
    if tell(chosen.measure.unit) == "%":
        return t("map.points", n=number)
    return number if chosen.measure.family == "band" else with_unit(chosen, number)


def headings(chosen: Chosen) -> dict[str, str]:
    """Return the headings of the figures of a layer: what they are, with the unit."""
    name, unit = tell(chosen.measure.name), tell(chosen.measure.unit)
    if chosen.measure.family == "cross":
        name = t("map.cross_reach")
    return {
        "value": t("map.with_unit", name=name, unit=unit) if unit else name,
        "second": t("map.cross_satisfaction"),
        "base": initial(base_word(chosen)),
    }


def by_unit(
    chosen: Chosen,
    scope: Scope,
    table: pd.DataFrame,
    before: pd.DataFrame | None,
    years: tuple[str, str],
) -> Panel:
    """Return the panel of the layer by township, with the earlier year where it is compared."""
    measure = chosen.measure
    crossed = measure.family == "cross"
    named = headings(chosen)
    heading = named["value"]
    rows = table.assign(unit=names_of(table), reason=in_words("map.note_", layers.reasons(table)))
    form = f"%,.{measure.digits}f"
    columns: dict[str, tuple[str, str | None]] = {
        "unit_code": (t("coverage.code"), None),
        "unit": (t("shell.unit"), None),
        "value": (heading, form),
    }
    if before is not None:
        moved = layers.change(before, table)
        # What is no change in the digits shown wears no sign: there would be a -0.0.
        none = moved["change"].round(measure.digits).eq(0)
        rows = rows.assign(before=moved["before"], change=moved["change"].mask(none, 0.0))
        columns["value"] = (f"{heading} {years[1]}", form)
        columns["before"] = (f"{heading} {years[0]}", form)
        columns["change"] = (t("map.change"), f"%+,.{measure.digits}f")
    if crossed:
        columns["second"] = (named["second"], "%,.1f")
        columns["second_base"] = (initial(t("map.base_respondents")), "%,.0f")
    columns["base"] = (named["base"], "%,.0f")
    below = ""
    if (held := standard_words.by_unit(chosen, scope)) is not None:
        rows = rows.assign(standard=rows["unit_code"].map(held))
        columns["standard"] = (
            t("map.with_unit", name=t("coverage.standard_held"), unit=tell(measure.unit)),
            "%g",
        )
        below = _below(rows)
    if rows["low"].notna().any():
        columns["low"], columns["high"] = (t("map.low"), form), (t("map.high"), form)
    columns["reason"] = (t("coverage.note"), None)
    return Panel(
        key=f"map-{chosen.layer.id}-{measure.id}",
        title=t("map.by_unit", layer=tell(chosen.layer.name), measure=tell(measure.name)),
        sentence=below + (_missing(rows[rows["unit_code"].ne("")]) or t("map.all_known")),
        table=rows,
        columns=columns,
        meaning=tell(measure.meaning),
        facts={
            t("map.classes"): t(f"map.cut_{chosen.method}"),
            **standard_words.of_view(chosen, scope),
        },
    )


def _below(rows: pd.DataFrame) -> str:
    """Say how many of the townships with a figure are below the standard of their own county."""
    known = rows[rows["unit_code"].ne("") & rows["value"].notna() & rows["standard"].notna()]
    below = (known["value"].round(9) < known["standard"]).sum()
    return t("map.below_standard", n=len(known), below=int(below)) if len(known) else ""


def villages(chosen: Chosen, found: pd.DataFrame, scope: Scope) -> Panel:
    """Return the panel of a township's villages, in step with the map."""
    here = found[found["township_code"].eq(scope.township)]
    words = {True: t("map.inside"), False: t("map.outside")}
    modes = {code.value: tell(code.label) for code in CODES["travel_mode"]}
    rows = here.assign(
        unit=names_of(here),
        metres=here["metres"].where(here["metres"] < float("inf")),
        state=[words.get(reached, t("map.not_known")) for reached in here["reached"]],
        by=[modes.get(mode, "") for mode in here["mode"]],
    ).sort_values("metres", ascending=False, na_position="first")
    columns: dict[str, tuple[str, str | None]] = {
        "community_code": (t("coverage.code"), None),
        "unit": (t("map.village"), None),
        "population": (t("coverage.residents"), "%,.0f"),
        "metres": (t("map.metres"), "%,.0f"),
    }
    if chosen.has_radius:
        # Of two villages the nearer one can be outside: the radius of a town is the shorter one.
        columns["radius_m"] = (t("coverage.radius_m"), "%,.0f")
        columns["state"] = (t("map.state"), None)
    if rows["way"].eq("road").any():
        columns |= {"minutes": (t("map.minutes"), "%,.0f"), "by": (t("map.mode_of_way"), None)}
    if chosen.measure.family == "access":
        columns["access"] = (tell(chosen.measure.name), "%,.2f")
    place = place_of(scope)
    return Panel(
        key=f"villages-{chosen.layer.id}-{scope.township}",
        title=t("map.villages", place=tell(place) if place else ""),
        sentence=_of_villages(chosen, rows),
        table=rows,
        columns=columns,
        meaning=t("coverage.meaning"),
        facts={
            t("coverage.standards"): standard_words.of_reach(chosen, scope),
            t("shell.source"): standard_words.sources(),
        },
        marks=(t("map.villages_mark"), _mark),
    )


def _mark(village: pd.Series | None) -> None:
    """Point out on the map the village that is marked in the table, as if it had been found."""
    if village is None:
        st.query_params.pop("find", None)
    else:
        st.query_params["find"] = str(village["community_code"])


def _of_villages(chosen: Chosen, rows: pd.DataFrame) -> str:
    """Say how many villages and people are outside, or how far the farthest village has it."""
    if not chosen.has_radius:
        known = rows.dropna(subset="metres")
        if known.empty:
            return t("map.villages_nowhere", n=len(rows))
        far = known.loc[known["metres"].idxmax()]
        km = figure(far["metres"] / 1000)
        return t("map.villages_way", n=len(rows), name=plain(name_of(far)), km=km)
    out = rows[rows["reached"].eq(False)]
    return t(
        "map.villages_said",
        n=len(rows),
        out=len(out),
        people=people(out["population"].sum()),
        what=_what(chosen),
    )


def _what(chosen: Chosen) -> str:
    if chosen.measure.family == "centre":
        return t("map.seat")
    return service_name(chosen.layer.service or "")
