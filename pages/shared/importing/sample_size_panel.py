"""The sample-size helper: how many people to ask, and how sure the answer will be."""

import streamlit as st

from data.scope import Scope
from metrics.satisfaction.sample_size import Wish, needed
from pages.shared import address, panels, results
from pages.shared.panels import Panel
from pages.shared.screen import t
from pages.shared.words import figure, names_of, people

MARGINS = ("5", "3", "4", "7", "10")
LEVELS = ("95", "90", "99")
DEFFS = ("1.5", "1", "1.2", "2", "2.5", "3")
RESPONSES = ("60", "100", "90", "80", "70", "50", "40", "30")
WHOM = ("townships", "county")


def draw(scope: Scope) -> None:
    """Ask what the survey is to show; say how many people that takes, place by place."""
    st.header(t("sample_size.title"), anchor=False)
    st.markdown(t("sample_size.intro"))
    first, second, third, fourth, fifth = st.columns([2, 1.4, 1, 1, 1.2])
    with first:
        whom = address.select("ss_whom", t("sample_size.whom"), WHOM, _whom)
    with second:
        margin = address.select("ss_margin", t("sample_size.margin"), MARGINS, _points)
    with third:
        level = address.select("ss_level", t("sample_size.level"), LEVELS, _percent)
    with fourth:
        deff = address.select("ss_deff", t("sample_size.deff"), DEFFS, str)
    with fifth:
        response = address.select("ss_answer", t("sample_size.answer"), RESPONSES, _percent)
    said = {"level": int(level) / 100, "deff": float(deff), "response": int(response) / 100}
    table = results.get(
        "satisfaction.sample_size.plan", scope, margin=int(margin) / 100, whom=whom, **said
    )
    if table.empty:
        st.info(t("upload.report_no_units"))
        return
    known = bool(table["population"].notna().all())
    whole = table.iloc[0]
    infinite = needed(Wish(int(margin) / 100, **said)).infinite
    sentence = t(
        f"sample_size.sentence_{whom if len(table) > 1 else 'one'}",
        sample=people(whole["sample"]),
        contacts=people(whole["contacts"]),
        margin=margin,
        level=level,
    )
    if whom == "townships" and len(table) > 1 and known:  # else nobody can say
        sentence += t("sample_size.sentence_width", width=figure(whole["half_width"]))
    columns = {
        "name": (t("sample_size.unit"), None),
        "population": (t("sample_size.population"), "%,.0f"),
        "sample": (t("sample_size.sample"), "%,.0f"),
        "contacts": (t("sample_size.contacts"), "%,.0f"),
        "half_width": (t("sample_size.half_width"), "± %.1f"),
    }
    meaning = t("sample_size.meaning", infinite=figure(infinite, 2), deff=deff, answer=response)
    if not known:
        meaning += t("sample_size.unknown")
    panel = Panel(
        "sample-size",
        t("sample_size.title"),
        sentence,
        table.assign(name=names_of(table)),
        columns,
        meaning,
    )
    st.markdown(panel.sentence)
    panels.show_table(panel)
    st.caption(panel.meaning)
    panels.download(panel, scope)


def _whom(code: str) -> str:
    return t(f"sample_size.whom_{code}")


def _points(code: str) -> str:
    return t("sample_size.points", n=code)


def _percent(code: str) -> str:
    return f"{code}%"
