"""The gap finder on the page: who is outside, what stands empty, where to open next."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from data import clock
from data.contracts import CODES
from data.scope import Scope
from metrics.accessibility.gaps import MOST_SITES, Next
from pages.shared import address, panels, printable, results
from pages.shared.coverage import standard_words
from pages.shared.coverage.map_choices import Chosen, service_name
from pages.shared.downloads import noted
from pages.shared.panels import Panel
from pages.shared.screen import scope_line
from pages.shared.words import (
    day,
    figure,
    in_words,
    listed,
    name_of,
    names_of,
    people,
    plain,
    t,
    tell,
)

OFF = "0"
COUNTS = tuple(str(n) for n in range(MOST_SITES + 1))
NAMED = 2


def wanted(chosen: Chosen, scope: Scope) -> Next | None:
    """Return the sites that the link asks for; None without a service or a number."""
    count = address.settle("sites", COUNTS, OFF)
    if chosen.layer.service is None or chosen.measure.family == "centre" or count == OFF:
        return None
    found: Next = results.get(
        "accessibility.gaps.next_sites", scope, count=int(count), **_asked(chosen)
    )
    return found


def _asked(chosen: Chosen) -> dict[str, object]:
    return {"service": chosen.layer.service, "radius_m": chosen.radius_m}


def draw(chosen: Chosen, scope: Scope, found: Next | None) -> None:
    """Show idle buildings and next sites for the layer's service, then residents outside by all."""
    if chosen.layer.service is not None and chosen.measure.family != "centre":
        _next(chosen, scope, found)
    panels.draw(outside(results.get("accessibility.gaps.outside", scope)), scope)


def _next(chosen: Chosen, scope: Scope, found: Next | None) -> None:
    """Offer the number of sites; show them ranked, with a list to print."""
    service = service_name(str(chosen.layer.service))
    st.header(t("gaps.next", service=service), anchor=False)
    idle = results.get("accessibility.gaps.idle", scope, **_asked(chosen))
    st.markdown(_idle_sentence(idle, service))
    st.select_slider(
        t("gaps.count"), COUNTS, format_func=_count_word, key="sites", persist_state="session"
    )
    if found is None:
        st.caption(t("gaps.hint"))
        return
    if found.note:
        st.info(t(f"gaps.note_{found.note}", service=service))
        return
    panel = _sites(chosen, scope, found, service)
    panels.draw(panel, scope)
    _print(panel, scope)


def _count_word(count: str) -> str:
    return t("gaps.none") if count == OFF else t("gaps.sites", n=count)


def outside(table: pd.DataFrame) -> Panel:
    """Return the panel of residents outside, by service."""
    rows = table.assign(
        name=[service_name(service) for service in table["service"]],
        reason=in_words("map.note_", table["note"]),
    )
    known = rows[rows["outside"].notna()]
    said = t("gaps.nothing_known")
    if len(known):
        worst = known.iloc[0]
        said = t(
            "gaps.outside_said",
            n=len(known),
            service=worst["name"],
            outside=people(worst["outside"]),
            share=figure(100 - worst["share"]),
        )
    return Panel(
        key="gaps-outside",
        title=t("gaps.outside"),
        sentence=said,
        table=rows,
        columns={
            "name": (t("gaps.service"), None),
            "outside": (t("coverage.outside"), "%,.0f"),
            "share": (t("coverage.share"), "%.1f"),
            "residents": (t("gaps.counted"), "%,.0f"),
            "operating": (t("gaps.operating"), "%,.0f"),
            "idle": (t("gaps.idle"), "%,.0f"),
            "reason": (t("coverage.note"), None),
        },
        meaning=t("coverage.meaning"),
        facts={t("shell.source"): standard_words.sources()},
    )


def _idle_sentence(idle: pd.DataFrame, service: str) -> str:
    if idle.empty:
        return t("gaps.no_idle", service=service)
    named = listed(
        t("gaps.idle_named", name=plain(row["name_zh"]), n=people(row["people"]))
        for row in idle.head(NAMED).to_dict("records")
    )
    return t("gaps.idle_said", n=len(idle), service=service, named=named)


def _sites(chosen: Chosen, scope: Scope, found: Next, service: str) -> Panel:
    towns = results.get("units.all_units", Scope(county=scope.county)).set_index("unit_code")
    sites = found.sites
    rows = sites.assign(
        site=names_of(sites),
        town=[name_of(towns.loc[code]) for code in sites["township_code"]],
        what=[_kind(row) for row in sites.to_dict("records")],
        left=found.outside - sites["cumulative"],
    )
    return Panel(
        key=f"sites-{chosen.layer.service}-{len(rows)}",
        title=t("gaps.sites_title", service=service),
        sentence=_sites_sentence(rows, found, service),
        table=rows,
        columns={
            "rank": (t("gaps.rank"), "%d"),
            "site": (t("gaps.site"), None),
            "what": (t("gaps.what"), None),
            "town": (t("shell.unit"), None),
            "people": (t("gaps.people"), "%,.0f"),
            "cumulative": (t("gaps.cumulative"), "%,.0f"),
            "left": (t("gaps.left"), "%,.0f"),
        },
        meaning=t("gaps.meaning"),
        facts={
            t("gaps.sure"): _sure(found),
            t("coverage.standards"): standard_words.of_reach(chosen, scope),
            t("shell.source"): standard_words.sources(),
        },
    )


def _kind(row: dict[str, object]) -> str:
    if row["kind"] == "new":
        return t("gaps.new")
    labels = {code.value: tell(code.label) for code in CODES["service"]}
    built_for = listed(labels.get(part, part) for part in str(row["services"]).split(";"))
    return t("gaps.idle_building", services=built_for)


def _sites_sentence(rows: pd.DataFrame, found: Next, service: str) -> str:
    idle = int(rows["kind"].eq("idle").sum())
    said = t(
        "gaps.sites_said",
        n=len(rows),
        service=service,
        total=people(found.total),
        outside=people(found.outside),
        left=people(found.outside - found.total),
    )
    if idle:
        names = listed(plain(name) for name in rows.loc[rows["kind"].eq("idle"), "site"])
        said += t("gaps.idle_among", n=idle, names=names)
    return said + _sure(found)


def _sure(found: Next) -> str:
    if found.proven:
        return t("gaps.proven")
    return t("gaps.bound", bound=people(found.bound))


def _said(facts: Mapping[str, str]) -> list[str]:
    return [
        f"{heading}{t('shell.colon')}{words}"
        for heading, words in facts.items()
        if heading != t("gaps.sure")  # which the sentence says
    ]


def _print(panel: Panel, scope: Scope) -> None:
    """Offer the list as a page to print and take into a meeting."""
    made = t("coverage.note_made", version=results.store().version, day=day(clock.today()))
    lines = [scope_line(scope), made]
    if results.is_fictional():
        lines.append(t("shell.fictional"))
    sentence = panel.sentence.replace("*", "").replace("\\", "")
    st.download_button(
        t("gaps.print"),
        noted(
            f"{panel.title} HTML",
            printable.page,
            panel.title,
            # By which radius and of which sources: nothing else tells them once it is on paper.
            [*lines, sentence, *_said(panel.facts)],
            panel.columns,
            panel.table,
        ),
        file_name=f"{panel.key}.html",
        mime="text/html",
        key=f"print-{panel.key}",
        on_click="ignore",
    )
