"""What is held: versions and the way back, the tables and their templates, settings."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from data import store as stores
from data.contracts import TABLES
from data.drafting import effects
from data.scope import Scope
from data.store import LOWEST_MINIMUM_BASE, Change, Version
from data.words import both
from metrics.assessment import township_card
from pages.shared import account, panels, results
from pages.shared.drafts import done
from pages.shared.screen import t, tell
from pages.shared.words import beijing

_MESSAGE_SHOWN = 30


def history() -> None:
    """List the versions; any earlier one can be brought back as a new one."""
    versions = results.store().history()
    if not versions:
        st.info(t("upload.no_history"))
        return
    rows = [
        (
            v.number,
            beijing(v.time),
            v.author,
            v.message,
            v.details.get("rows", ""),
            str(v.details.get("sha256", ""))[:12],
        )
        for v in versions
    ]
    headings = [
        t(f"upload.{name}") for name in ("version", "time", "by", "message", "rows", "hash")
    ]
    table = pd.DataFrame(rows, columns=headings).astype({headings[4]: str})
    panels.listing("versions", table, t("upload.tab_history"))
    if len(versions) > 1:
        named = {v.number: _version_name(v) for v in versions}
        _restore(named)
        _compare(named)


def _version_name(version: Version) -> str:
    about = (beijing(version.time), version.author, version.message[:_MESSAGE_SHOWN])
    return t("upload.version_name", version=version.number, about=" · ".join(filter(None, about)))


def _restore(named: Mapping[int, str]) -> None:
    """Offer the way back: the version before the last undoes the last publication."""
    st.subheader(t("upload.restore_title"), anchor=False)
    st.markdown(t("upload.restore_intro"))
    left, right = st.columns([3, 1])
    earlier = list(named)[1:]
    number = left.selectbox(t("upload.back_to"), earlier, format_func=named.__getitem__)
    author = account.author("restore-author", right)
    if st.button(t("upload.restore")) and account.named(author):
        message = both("restore.message", version=number).zh
        with st.spinner(t("upload.restoring")):
            version = results.store().restore(int(number), author=author.strip(), message=message)
        done(t("upload.restored", number=number, version=version))


def _compare(named: Mapping[int, str]) -> None:
    """Count what is new, changed and removed between two versions, by table."""
    st.subheader(t("upload.compare_title"), anchor=False)
    left, right = st.columns(2)
    words = named.__getitem__
    earlier = left.selectbox(t("upload.compare_from"), list(named), index=1, format_func=words)
    later = right.selectbox(t("upload.compare_to"), list(named), format_func=words)
    store, pair = results.store(), (int(earlier), int(later))
    # A version never changes; to compare large ones at every click takes seconds.
    found = store.once(("versions compared", *pair), lambda: effects.compare(store, *pair))
    if found.empty:
        st.info(t("upload.compare_same"))
    else:
        effect_table(found)


def effect_table(counts: pd.DataFrame) -> None:
    """Show rows new, changed, unchanged and removed, by table."""
    table = counts.assign(table=[tell(TABLES[name].label) for name in counts["table"]])
    headings = [t(f"upload.effect_{name}") for name in counts.columns]
    grouped = st.column_config.NumberColumn(format="%,.0f")
    st.dataframe(
        table.set_axis(headings, axis=1),
        hide_index=True,
        column_config=dict.fromkeys(headings[1:], grouped),
    )


def catalogue() -> None:
    """List the tables: what each is, whether it is needed, how many rows are held."""
    tables = {name: table for name, table in TABLES.items() if table.uploadable}
    each = (f"SELECT '{name}' AS name, count(*) AS rows FROM \"{name}\"" for name in tables)  # noqa: S608 - contract names only
    counted = " UNION ALL ".join(each)
    held = results.store().read_once(counted).set_index("name")["rows"]
    rows = [
        (
            name,
            tell(table.label),
            t(f"upload.required_{table.required}"),
            int(held[name]),
            tell(table.meaning),
        )
        for name, table in tables.items()
    ]
    headings = [
        t(f"upload.table_{name}") for name in ("name", "label", "required", "rows", "meaning")
    ]
    panels.listing("tables", pd.DataFrame(rows, columns=headings), t("upload.tab_tables"))
    chosen = st.selectbox(
        t("upload.columns_of"),
        list(tables),
        format_func=lambda name: tell(TABLES[name].label),
    )
    columns = TABLES[chosen].columns
    told = [
        (
            c.name,
            tell(c.label),
            t(f"upload.types.{c.type}"),
            "" if c.nullable else "✓",
            tell(c.note),
        )
        for c in columns
    ]
    headings = [t(f"upload.column_{n}") for n in ("name", "label", "type", "needed", "note")]
    panels.listing("columns", pd.DataFrame(told, columns=headings), tell(TABLES[chosen].label))
    header = ",".join(column.name for column in columns) + "\r\n"
    st.download_button(
        t("upload.template"), header.encode("utf-8-sig"), f"{chosen}.csv", "text/csv"
    )


def settings() -> None:
    """Change the minimum base; every change is a version with an author."""
    held = results.store().settings()
    with st.form("settings"):
        base = st.number_input(
            t("upload.minimum_base"),
            min_value=LOWEST_MINIMUM_BASE,
            max_value=1000,
            value=int(held["minimum_base"]),
            help=t("upload.minimum_base_help"),
        )
        author = account.author("settings-author")
        if st.form_submit_button(t("upload.save")) and account.named(author):
            frame = pd.DataFrame({"name": ["minimum_base"], "value": [str(int(base))]})
            version = results.store().publish(
                [Change("settings", frame)],
                author=author.strip(),
                message=t("upload.base_message", base=int(base)),
            )
            done(t("upload.saved", version=version))
    st.caption(t("upload.folder", folder=stores.data_folder()))


def baseline() -> None:
    """Show on which year the goalposts rest, and freeze them once."""
    st.subheader(t("upload.freeze_title"), anchor=False)
    st.markdown(t("upload.freeze_intro"))
    frozen = results.get("assessment.goalposts.frozen_goalposts", Scope())
    if len(frozen):
        years = frozen["baseline_year"].dropna()
        year = int(years.max()) if len(years) else "—"
        st.success(t("upload.freeze_held", year=year, n=len(frozen)))
        return
    st.info(t("upload.freeze_none"))
    years = [int(year) for year in results.get("units.years", Scope())["year"]]
    if years:
        _freeze(years)


def _freeze(years: list[int]) -> None:
    with st.form("freeze"):
        year = st.selectbox(t("upload.freeze_year"), years, index=len(years) - 1)
        author = account.author("freeze-author")
        if not (st.form_submit_button(t("upload.freeze_button")) and account.named(author)):
            return
    posts = township_card.freeze_goalposts(results.store(), year)
    if posts.empty:
        st.warning(t("upload.freeze_few", year=year))
        return
    message = both("upload.freeze_message", year=year).zh
    version = results.store().publish(
        [Change("goalposts", posts)], author=author.strip(), message=message
    )
    done(t("upload.freeze_done", year=year, version=version))
