"""The template kit: what is asked, what it costs those who fill it, what is missing without it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from data import clock
from data.contracts import TABLES
from data.forms import other_templates
from data.forms.templates import KIT, MINIMUM
from data.scope import Scope
from metrics.duty import collection
from metrics.register import INDICATORS
from pages.shared import account, drafts, panels, results
from pages.shared.panels import Panel
from pages.shared.screen import place_of, t, tell
from pages.shared.words import listed, plain

EARLIEST, LATEST = 2000, 2100


def draw(scope: Scope) -> None:
    """Offer the templates of the tables and the year chosen, unless they ask twice."""
    st.header(t("templates.kit"), anchor=False)
    st.markdown(t("templates.kit_intro"))
    left, right = st.columns([3, 1])
    names = left.multiselect(
        t("templates.kit_tables"),
        KIT,
        default=MINIMUM,
        format_func=lambda name: tell(TABLES[name].label),
        placeholder=t("templates.kit_tables_none"),
        key="kit-tables",
        wrap=True,  # else of eight that are chosen four are seen
    )
    year = right.number_input(
        t("templates.kit_year"), EARLIEST, LATEST, value=_year(scope), format="%d", key="kit-year"
    )
    asked = replace(scope, year=int(year), unit_type=None)
    if names:
        counts = results.get("duty.collection.meter", asked, tables=tuple(names))
        found = results.get("duty.collection.repeats", asked, tables=tuple(names))
        st.markdown(_sentence(counts))
        if _again(found):
            _offer(asked, tuple(names))
        _meter(asked, counts)
    _others(scope)
    _disables(asked)


def _plainly(panel: Panel, scope: Scope) -> None:
    """Show a panel without a picture, all of it open: this tab is hidden until it is chosen."""
    st.header(panel.title, anchor=False)
    if panel.sentence:
        st.markdown(panel.sentence)
    panels.show_table(panel)
    st.caption(panel.meaning)
    panels.download(panel, scope)


def _year(scope: Scope) -> int:
    years = results.get("units.years", Scope())["year"]
    return int(scope.year or (years.iloc[0] if len(years) else clock.today().year))


def _offer(scope: Scope, names: Sequence[str]) -> None:
    store, place = results.store(), place_of(scope)
    about = f"{scope.year}" + (f"-{tell(place)}" if place else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            t("templates.kit_download"),
            lambda: collection.kit(store, scope, names),
            f"{t('templates.kit_file')}-{about}.zip",
            "application/zip",
            on_click="ignore",
            type="primary",
        )
        with st.popover(t("templates.register"), help=t("templates.register_help")):
            _register(scope, names)


def _others(scope: Scope) -> None:
    """Offer what is no table of the kit: a sheet for answers, what a boundary file must hold."""
    store, place = results.store(), scope.township or scope.county or ""
    st.markdown(t("templates.others_intro"))
    with st.container(horizontal=True):
        for name, write in (
            ("answers", other_templates.answers),
            ("boundaries", other_templates.boundaries),
        ):
            st.download_button(
                t(f"templates.{name}_download"),
                partial(write, store, place),
                f"{t(f'templates.{name}_file')}.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                on_click="ignore",
                key=f"template-{name}",
            )


def _register(scope: Scope, names: Sequence[str]) -> None:
    """Publish what the kit asks, under the name of whoever puts theirs to it."""
    st.markdown(t("templates.register_help"))
    author = account.author("register-author")
    if not st.button(t("templates.register_publish", n=len(names))) or not account.named(author):
        return
    counties = results.get("units.counties", Scope(county=scope.county))["unit_code"]
    changes = [collection.registration(names, str(county)) for county in counties]
    if not changes:
        st.warning(t("upload.report_no_units"))
        return
    message = t("templates.register_message")
    version = results.store().publish(changes, author=author.strip(), message=message)
    drafts.done(t("templates.registered", n=len(names), version=version))


def _again(found: pd.DataFrame) -> bool:
    """Show what is asked again; say whether every field has its reason, ask for it otherwise."""
    st.subheader(t("templates.again"), anchor=False)
    if found.empty:
        st.markdown(t("templates.again_none"))
        return True
    bare = found[found["reason_zh"].str.strip() == ""]
    if len(bare):
        st.error(t("templates.again_bare", n=len(bare)))
        _ask_reasons(bare)
    given = found.drop(index=bare.index)
    if len(given):
        st.markdown(t("templates.again_said", n=len(given)))
        told = [said for each in collection.explained(given).values() for said in each]
        st.markdown("\n".join(f"- {plain(tell(said))}" for said in told))
    return bare.empty


def _labels(found: pd.DataFrame) -> pd.DataFrame:
    """Return the repeats in words: table, column, form or table that has the field."""
    known = [TABLES[name] for name in found["table"]]
    return found.assign(
        table=[tell(each.label) for each in known],
        column=[
            tell(each.column(name).label) for each, name in zip(known, found["column"], strict=True)
        ],
        other=[
            tell(collection.other_label(*row))
            for row in found[["other", "other_name"]].itertuples(index=False, name=None)
        ],
    )


def _ask_reasons(bare: pd.DataFrame) -> None:
    with st.form("kit-reasons"):
        said: dict[tuple[str, str, str], str] = {}
        for row, words in zip(
            bare.to_dict("records"), _labels(bare).to_dict("records"), strict=True
        ):
            key = (row["table"], row["code"], row["other"])
            told = {name: words[name] for name in ("table", "column", "other", "issuer")}
            said[key] = st.text_input(
                plain(t("templates.again_ask", **told)), key="reason-" + "-".join(key)
            )
        author = account.author("kit-author")
        if not st.form_submit_button(t("templates.again_publish")):
            return
    changes = collection.changes(bare, said, author=author.strip(), day=clock.today())
    if not changes:
        st.warning(t("templates.again_needs"))
        return
    if not account.named(author):
        return
    message = t("templates.again_message")
    version = results.store().publish(changes, author=author.strip(), message=message)
    drafts.done(t("templates.again_published", version=version))


def _sentence(counts: pd.DataFrame) -> str:
    """Say how much of a kit is filled in already and how much is asked."""
    fixed, more = counts[counts["cells"] > 0], counts[counts["each_more"] > 0]
    most = int(more["each_more"].max()) if len(more) else 0
    if fixed.empty:
        return t("templates.kit_empty", most=most)
    names = ("cells", "held", "asked", "required")
    said = t(
        "templates.kit_sentence",
        tables=len(counts),
        share=f"{100 * fixed['held'].sum() / fixed['cells'].sum():.0f}",
        **{name: f"{int(fixed[name].sum()):,}" for name in names},
    )
    return said + (t("templates.kit_sentence_open", tables=len(more), most=most) if most else "")


def _meter(scope: Scope, counts: pd.DataFrame) -> None:
    words = {name: (t(f"templates.meter_{name}"), "%,.0f") for name in counts.columns[1:]}
    columns = {"table": (t("templates.meter_table"), None), **words}
    shown = counts.assign(table=[tell(TABLES[name].label) for name in counts["table"]])
    meaning = t("templates.meter_meaning")
    _plainly(Panel("kit-meter", t("templates.meter"), "", shown, columns, meaning), scope)


def _disables(scope: Scope) -> None:
    """Say which indicators have no value because a file is missing."""
    found = results.get("duty.collection.disables", scope)
    found = found[found["indicators"].map(len) > 0]
    missing = found[found["rows"] == 0]
    lost = {each for ids in missing["indicators"] for each in ids}
    said = t("templates.disables_none", year=scope.year)
    if len(missing):
        values = {"n": len(missing), "indicators": len(lost)}
        said = t("templates.disables_sentence", year=scope.year, **values)
    shown = found.sort_values("rows", kind="stable")
    shown = shown.assign(
        table=[tell(TABLES[name].label) for name in shown["table"]],
        need=[t(f"upload.required_{each}") for each in shown["required"]],
        indicators=[listed(_named(each) for each in ids) for ids in shown["indicators"]],
    )
    columns = {
        "table": (t("templates.disables_table"), None),
        "need": (t("templates.disables_need"), None),
        "rows": (t("templates.disables_rows"), "%,.0f"),
        "indicators": (t("templates.disables_indicators"), None),
    }
    panel = Panel(
        "kit-disables",
        t("templates.disables"),
        said,
        shown,
        columns,
        t("templates.disables_meaning"),
    )
    _plainly(panel, scope)


def _named(indicator: str) -> str:
    known = INDICATORS.get(indicator)
    return f"{indicator} {tell(known.name)}" if known else indicator
