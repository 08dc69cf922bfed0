"""Values typed in by unit, for counties that have results and no tables."""

import pandas as pd
import streamlit as st

from data import ingest
from data.drafting import reported
from data.scope import Scope
from metrics.register import INDICATORS, Indicator
from pages.shared import account, drafts, results
from pages.shared.importing import uploads
from pages.shared.words import names_of, t, tell

EARLIEST, LATEST = 2000, 2100
NUMBERS = ("value", "num", "den")


def draw(scope: Scope) -> None:
    """Ask for one indicator of one year, unit by unit; check it and publish it."""
    st.markdown(t("upload.report_intro"))
    units = _units(scope)
    if units.empty:
        st.info(t("upload.report_no_units"))
        return
    left, right = st.columns([3, 1])
    code = left.selectbox(
        t("upload.report_indicator"),
        list(INDICATORS),
        format_func=lambda each: f"{each} {tell(INDICATORS[each].name)}",
        key="report-indicator",
    )
    years = results.get("units.years", Scope())["year"]
    year = right.number_input(
        t("upload.report_year"),
        EARLIEST,
        LATEST,
        value=int(scope.year or (years.iloc[0] if len(years) else EARLIEST)),
        format="%d",
        key="report-year",
    )
    typed = _table(INDICATORS[code], int(year), units)
    author = account.author("report-author")
    if st.button(t("upload.report_publish"), type="primary") and account.named(author):
        _publish(code, int(year), typed, author.strip())


def _units(scope: Scope) -> pd.DataFrame:
    """Return unit_code and name of the county or counties and of every township."""
    towns = results.get("units.all_units", Scope(county=scope.county))
    counties = results.get("units.counties", Scope(county=scope.county))
    both = pd.concat([counties, towns], ignore_index=True)
    return pd.DataFrame({"unit_code": both["unit_code"], "name": names_of(both)})


def _table(each: Indicator, year: int, units: pd.DataFrame) -> pd.DataFrame:
    """Show what is reported, to be typed into; return it as typed."""
    store = results.store()
    held = reported.held(store, each.id, year)
    rows = units.merge(held, on="unit_code", how="left").set_index("unit_code")
    rows[list(NUMBERS)] = rows[list(NUMBERS)].astype(float)
    rows["source"] = rows["source"].astype(object).where(rows["source"].notna(), None)
    number = st.column_config.NumberColumn
    edited = st.data_editor(
        rows,
        key=f"report-{each.id}-{year}-{store.version}",
        disabled=["unit_code", "name"],
        column_config={
            "unit_code": t("assessment.code"),
            "name": t("upload.report_unit"),
            "value": number(t("upload.report_value", unit=tell(each.unit))),
            "num": number(t("upload.report_num"), min_value=0),
            "den": number(t("upload.report_den"), min_value=0),
            "source": st.column_config.TextColumn(t("upload.report_source"), max_chars=200),
        },
        placeholder="",
        alt=tell(each.name),
    )
    return edited.reset_index()


def _publish(code: str, year: int, typed: pd.DataFrame, author: str) -> None:
    """Publish when every value passes; else say which do not, and keep what was typed."""
    draft = reported.draft(results.store(), code, year, typed)
    if draft.rejected:
        uploads.problems(draft)
        st.caption(t("upload.nothing_lost"))
        return
    message = t("upload.report_message", indicator=code, year=year)
    version = ingest.publish(results.store(), draft, author=author, message=message)
    drafts.done(t("upload.published", version=version, rows=draft.records_kept))
