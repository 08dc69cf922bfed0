"""What is scored, and a county's own version: chosen, edited as a file, compared, published."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from data.errors import DataError
from data.scope import Scope
from data.words import Text
from metrics.framework import BUILT_IN, Framework, Item
from metrics.framework_edit import Proposal, propose, publish, table_of
from metrics.framework_edit import choose as choose_built_in
from metrics.register import INDICATORS
from pages.shared import account, results
from pages.shared.assessment_panels import band_word
from pages.shared.drafts import done
from pages.shared.panels import Columns, Panel
from pages.shared.screen import refusal
from pages.shared.words import listed, names_of, plain, t, tell

MOST_BYTES = 1 << 20


def items_panel(framework: Framework) -> Panel:
    """Return every scored indicator with clause, weight, target and the basis of the target."""
    rows = [
        (
            t(f"frameworks.of.{item.card}"),
            item.indicator_id,
            tell(item.indicator.name),
            item.weight,
            _goal(item),
            tell(item.indicator.unit),
            t("framework.local")
            if item.target is not None
            else t(f"register.target_basis.{item.indicator.target_basis}"),
            t(f"register.accountable.{item.indicator.accountable}"),
            "; ".join(item.indicator.clauses),
            t("framework.runs" if item.indicator.runs else "framework.by_hand"),
        )
        for item in framework.items
    ]
    names = ["card", "code", "name", "weight", "goal", "unit", "basis", "owes", "clause", "made"]
    formats = {"weight": "%.2f"}
    columns: Columns = {name: (t(f"framework.{name}"), formats.get(name)) for name in names}
    sentence = t(
        "framework.sentence",
        name=plain(tell(framework.name)),
        township=len(framework.of("township", "township")),
        county=len(framework.of("county")),
    )
    return Panel(
        key="framework-items",
        title=t("framework.items"),
        sentence=sentence,
        table=pd.DataFrame(rows, columns=names),
        columns=columns,
        meaning=t("framework.items_meaning"),
        facts={t("assessment.source_heading"): t("assessment.source")},
    )


def _goal(item: Item) -> str:
    """Write the value worth full points; villages and communities may differ."""
    found = item.indicator
    if item.target is None and found.target_village and found.target_community:
        return t(
            "framework.by_kind",
            village=f"{found.target_village:g}",
            community=f"{found.target_community:g}",
        )
    return "" if item.goal is None else f"{item.goal:g}"


def choose(framework: Framework) -> None:
    """Choose the built-in framework that holds where the county has none of its own."""
    with st.expander(t("framework.choose")), st.form("choose-framework", border=False):
        st.markdown(t("framework.choose_intro"))
        names = {key: tell(each.name) for key, each in BUILT_IN.items()}
        place = list(names).index(framework.id) if framework.id in names else 0
        chosen = st.radio(
            t("framework.built_in"), list(names), index=place, format_func=names.__getitem__
        )
        author = account.author("choose-author")
        if st.form_submit_button(t("upload.save")):
            version = choose_built_in(results.store(), str(chosen), author=author)
            done(t("upload.saved", version=version))


def edit(framework: Framework, scope: Scope) -> None:
    """Take an edited table, say what it would change, and publish it once it is signed."""
    with st.expander(t("framework.edit")):
        st.markdown(t("framework.edit_intro"))
        text = table_of(framework).to_csv(index=False).encode("utf-8-sig")
        st.download_button(t("framework.download"), text, f"{framework.id}.csv", "text/csv")
        file = st.file_uploader(t("framework.upload"), type=["csv"], key="framework-file")
        left, right = st.columns(2)
        name = left.text_input(t("framework.own_name"))
        key = right.text_input(t("framework.own_id"), help=t("framework.own_id_help"))
        year = st.number_input(
            t("framework.effective_from"), 2000, 2100, value=(scope.year or 2025) + 1
        )
        if file is None or not name.strip() or not key.strip():
            return
        try:
            rows = _read(file)
            proposal = propose(
                results.store(), rows, key.strip(), Text(name.strip(), name.strip()), int(year)
            )
        except DataError as error:
            refusal(error)
            return
        _compare(proposal)
        _publish(proposal)


def _read(file: Any) -> pd.DataFrame:
    content = file.getvalue()
    try:
        rows = pd.read_csv(io.BytesIO(content[:MOST_BYTES]), encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError("framework_unreadable", file=file.name, reason=str(error)[:200]) from error
    missing = {"card", "indicator_id", "weight"} - set(rows.columns)
    if missing:
        raise DataError("framework_unreadable", file=file.name, reason=", ".join(sorted(missing)))
    weights = pd.to_numeric(rows["weight"], errors="coerce")
    targets = pd.to_numeric(rows.get("target", pd.Series(dtype=float)), errors="coerce")
    wrong = rows["weight"].notna() & weights.isna()
    if wrong.any():
        reason = str(rows.loc[wrong, "weight"].iloc[0])
        raise DataError("framework_unreadable", file=file.name, reason=reason)
    return rows.assign(weight=weights, target=targets.reindex(rows.index))


def _compare(proposal: Proposal) -> None:
    for text in proposal.refused:
        st.error(plain(tell(text)))
    changed = proposal.changes.assign(
        name=[tell(INDICATORS[i].name) for i in proposal.changes["indicator_id"]],
        card_word=[t(f"frameworks.of.{card}") for card in proposal.changes["card"]],
    )
    names = ["card_word", "indicator_id", "name", "weight_before", "weight_after",
             "target_before", "target_after"]  # fmt: skip
    headings = [t(f"framework.{each}") for each in names]
    st.markdown(t("framework.differences", n=len(changed)))
    st.dataframe(changed[names].set_axis(headings, axis=1), hide_index=True)
    scored = proposal.bands.dropna(subset=["band_before", "band_after"], how="all")
    moved = scored[scored["band_before"].fillna(0).ne(scored["band_after"].fillna(0))]
    st.markdown(t("what_if.changed", n=len(scored), changed=len(moved)))
    for row, name in zip(moved.to_dict("records"), names_of(moved), strict=True):
        before, after = (band_word(row[side]) for side in ("band_before", "band_after"))
        st.markdown(f"- {plain(name)}：{before} → {after}")
    if proposal.unused:
        st.warning(t("framework.unused", names=listed(proposal.unused)))


def _publish(proposal: Proposal) -> None:
    with st.form("publish-framework"):
        author = account.author("framework-author")
        reason = st.text_area(t("framework.reason"))
        pressed = st.form_submit_button(
            t("framework.publish"), type="primary", disabled=bool(proposal.refused)
        )
    if pressed:
        version = publish(results.store(), proposal, author=author, reason=reason)
        done(t("upload.saved", version=version))
