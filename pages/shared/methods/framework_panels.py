"""What is scored, and a county's own version: chosen, edited as a file, compared, published."""

import numpy as np
import pandas as pd
import streamlit as st

from data.errors import DataError
from data.scope import Scope
from data.words import Text, both
from metrics.assessment.framework import BUILT_IN, Framework, Item
from metrics.assessment.framework_edit import Proposal, propose, publish, table_of, undoable
from metrics.assessment.framework_edit import choose as choose_built_in
from metrics.register import INDICATORS
from pages.shared import account, results
from pages.shared.assessment.parts import band_word
from pages.shared.drafts import done
from pages.shared.panels import Columns, Panel, worded
from pages.shared.screen import refusal
from pages.shared.small_tables import cells_of
from pages.shared.words import BLANK, figure, language, listed, names_of, plain, t, tell


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
    return worded(
        "framework.items",
        sentence,
        pd.DataFrame(rows, columns=names),
        columns,
        key="framework-items",
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
    return t("framework.by_peers") if item.goal is None else f"{item.goal:g}"


def choose(framework: Framework, scope: Scope) -> None:
    """Change to another built-in framework in one step: what it would do, signed, undone."""
    _undo()
    names = {key: tell(each.name) for key, each in BUILT_IN.items()}
    with st.expander(t("framework.choose")):
        st.markdown(t("framework.choose_intro"))
        if framework.id not in names:
            st.info(t("framework.own_rules", name=plain(tell(framework.name))))
            return
        chosen = st.radio(
            t("framework.built_in"), list(names), list(names).index(framework.id),
            format_func=names.__getitem__, key="framework-choice",
        )  # fmt: skip
        if chosen == framework.id:
            st.caption(t("framework.in_force"))
            return
        told = {"framework_id": str(chosen)}
        baseline = results.get("assessment.framework_edit.held_baseline", scope, **told)
        if baseline is None:
            baseline = _baseline("choose-baseline")
        proposal = results.get(
            "assessment.framework_edit.rehearse", scope, baseline=baseline, **told
        )
        _compare(proposal)
        with st.form("choose-framework", border=False):
            author = account.author("choose-author")
            if st.form_submit_button(t("framework.switch"), type="primary"):
                version = choose_built_in(results.store(), proposal, author=author)
                done(t("framework.switched", name=names[str(chosen)], version=version))


def _baseline(key: str) -> int | None:
    """Ask for the year whose peers are the measure where no target is; None where there is none."""
    years = sorted(int(each) for each in results.get("units.years", Scope())["year"])
    if not years:
        return None
    return st.selectbox(t("framework.baseline"), years, help=t("framework.baseline_help"), key=key)


def _undo() -> None:
    """Offer the way back while the change of framework is the newest version."""
    before = undoable(results.store())
    if before is None:
        return
    with st.expander(t("framework.undo")), st.form("undo-framework", border=False):
        st.markdown(t("framework.undo_intro", version=before))
        author = account.author("undo-author")
        if st.form_submit_button(t("framework.undo")):
            if not author.strip():
                st.warning(t("upload.needs_author"))
                return
            message = t("framework.undo_message", version=before)
            version = results.store().restore(before, author=author.strip(), message=message)
            done(t("framework.undone", version=version))


def edit(framework: Framework, scope: Scope) -> None:
    """Take an edited table, say what it would change, and publish it once it is signed."""
    with st.expander(t("framework.edit")):
        st.markdown(t("framework.edit_intro"))
        ways = {way: t(f"framework.way.{way}") for way in ("typed", "file")}
        way = st.radio(
            t("framework.how"), list(ways), format_func=ways.__getitem__, horizontal=True,
            key="framework-way",
        )  # fmt: skip
        try:
            rows = _typed(framework) if way == "typed" else _uploaded(framework)
            if rows is not None:
                _propose(rows, scope)
        except DataError as error:
            refusal(error)


def _propose(rows: pd.DataFrame, scope: Scope) -> None:
    """Ask for name, id, first year and baseline; then say what the table would change."""
    left, right = st.columns(2)
    name = left.text_input(t("framework.own_name"))
    key = right.text_input(t("framework.own_id"), help=t("framework.own_id_help"))
    year = st.number_input(
        t("framework.effective_from"), 2000, 2100, value=(scope.year or 2025) + 1
    )
    baseline = _baseline("edit-baseline")
    if not name.strip() or not key.strip():
        st.caption(t("framework.name_first"))
        return
    text = Text(name.strip(), name.strip())
    proposal = propose(results.store(), rows, key.strip(), text, int(year), baseline=baseline)
    _compare(proposal)
    _publish(proposal)


def _typed(framework: Framework) -> pd.DataFrame | None:
    """Let weights and targets be changed in the table; None while nothing is."""
    table = table_of(framework)
    name = f"name_{language()}"
    shown = table.assign(
        card_word=[t(f"frameworks.of.{card}") for card in table["card"]],
        unit=[tell(INDICATORS[each].unit) for each in table["indicator_id"]],
    )
    number = st.session_state.setdefault("framework-number", 0)
    column = st.column_config.NumberColumn
    edited = st.data_editor(
        shown[["card_word", "indicator_id", name, "weight", "target", "unit"]],
        key=f"framework-typed-{framework.id}-{number}",
        hide_index=True,
        disabled=["card_word", "indicator_id", name, "unit"],
        column_config={
            "card_word": t("framework.card"),
            "indicator_id": t("framework.code"),
            name: t("framework.name"),
            "weight": column(t("framework.weight"), min_value=0.0, max_value=100.0),
            "target": column(t("framework.local")),
            "unit": t("framework.unit"),
        },
        placeholder=BLANK,
        alt=t("framework.edit"),
    )
    rows = table.assign(weight=edited["weight"].to_numpy(), target=edited["target"].to_numpy())
    same = rows[["weight", "target"]].equals(table[["weight", "target"]])
    if same:
        st.caption(t("framework.nothing_changed"))
        return None
    if st.button(t("framework.start_over")):
        st.session_state["framework-number"] = number + 1
        st.rerun()
    return rows


def _uploaded(framework: Framework) -> pd.DataFrame | None:
    """Offer the table in force as a file and take it back; None while there is none."""
    text = table_of(framework).to_csv(index=False).encode("utf-8-sig")
    st.download_button(t("framework.download"), text, f"{framework.id}.csv", "text/csv")
    file = st.file_uploader(t("framework.upload"), type=["csv"], key="framework-file")
    return None if file is None else read(file.getvalue(), file.name)


def read(content: bytes, name: str) -> pd.DataFrame:
    """Return the rows of an edited table: card, indicator_id, weight and, where given, target.

    Raises DataError `framework_unreadable`, naming the cell that is no number, `file_too_large`.
    """
    cells = cells_of(content, name, "framework_unreadable")
    missing = {"card", "indicator_id", "weight"} - set(cells.columns)
    if missing:
        reason = both("framework.no_columns", names=", ".join(sorted(missing)))
        raise DataError("framework_unreadable", file=name, reason=reason)
    told = cells.reindex(columns=["weight", "target"], fill_value="")
    numbers = told.apply(pd.to_numeric, errors="coerce")
    for column in told:
        wrong = told[column].ne("") & ~np.isfinite(numbers[column])
        if wrong.any():
            place = wrong.idxmax()
            held = {"id": cells.at[place, "indicator_id"], "cell": told.at[place, column]}
            reason = both("framework.no_number", **held)
            raise DataError("framework_unreadable", file=name, reason=reason)
    return cells.assign(**numbers)


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
    _moved(proposal)
    _measure(proposal)
    st.markdown(t("framework.differences", n=len(changed)))
    table = changed[names].set_axis(headings, axis=1)
    key = f"changes-{proposal.framework.id}"
    st.dataframe(table, hide_index=True, placeholder=BLANK, key=key)
    if proposal.unused:
        st.warning(t("framework.unused", names=listed(proposal.unused)))


def _moved(proposal: Proposal) -> None:
    """Name the townships whose band would change, and say how much of the data is there."""
    scored = proposal.bands.dropna(subset=["band_before", "band_after"], how="all")
    moved = scored[scored["band_before"].fillna(0).ne(scored["band_after"].fillna(0))]
    st.markdown(t("what_if.changed", n=len(scored), changed=len(moved)))
    for row, name in zip(moved.to_dict("records"), names_of(moved), strict=True):
        sides = [
            t("framework.band_score", band=band_word(row[f"band_{side}"]),
              score=figure(row[f"score_{side}"]))
            for side in ("before", "after")
        ]  # fmt: skip
        st.markdown(f"- {plain(name)}{t('shell.colon')}{' → '.join(map(plain, sides))}")
    share = proposal.bands["data_share"].astype(float).mean()
    if pd.notna(share):
        st.markdown(t("framework.data_share", year=proposal.year, share=f"{share:.0%}"))


def _measure(proposal: Proposal) -> None:
    """Say on which year the goalposts rest, whether they are frozen with it, and what has none."""
    kind = "held" if proposal.held else "frozen_anew" if len(proposal.posts) else "nothing_frozen"
    st.markdown(t(f"framework.{kind}", year=proposal.baseline, n=len(proposal.posts)))
    if proposal.without:
        names = listed(f"{i} {tell(INDICATORS[i].name)}" for i in proposal.without)
        st.warning(t("framework.without", names=plain(names), year=proposal.baseline))


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
