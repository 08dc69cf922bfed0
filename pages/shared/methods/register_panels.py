"""All indicators of the register for one unit, and one of them explained to the last line."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from data.contracts import TABLES
from data.scope import Scope
from metrics.queries import sql
from metrics.register import INDICATORS, Indicator
from pages.shared import account, address, results
from pages.shared.assessment.parts import code_word
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    BLANK,
    beijing,
    clause_word,
    figure,
    language,
    listed,
    plain,
    quantity,
    sentences,
    t,
    tell,
)

BY_TABLES, BY_HAND = "computed", "reported"
# As many signs as tell two files apart; the whole hash stands with the version.
SHOWN_OF_HASH = 12


def of_unit(values: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return one row per indicator: of the township in scope, else of the whole county.

    values: what metrics.evaluate.evaluate_all answers. The index is the indicator's id; towns_only
    marks what townships have reported and the county has no value of.
    """
    level = "township" if scope.township else "county"
    rows = values[values["level"].eq(level)].set_index("indicator_id").reindex(list(INDICATORS))
    told = values["level"].eq("township") & values["origin"].eq(BY_HAND) & values["value"].notna()
    by_towns = rows.index.isin(values.loc[told, "indicator_id"])
    return rows.assign(towns_only=rows["value"].isna() & by_towns & (level == "county"))


def panel(rows: pd.DataFrame) -> Panel:
    """Return the register with this unit's value of every indicator."""
    found = [INDICATORS[code] for code in rows.index]
    table = rows.assign(
        code=[each.id for each in found],
        name=[tell(each.name) for each in found],
        unit=[tell(each.unit) if has else "" for each, has in _with(found, rows["value"].notna())],
        interval=[
            _interval(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
        target=[target_word(each) for each in found],
        basis=[t(f"register.target_basis.{each.target_basis}") for each in found],
        owes=[t(f"register.accountable.{each.accountable}") for each in found],
        origin_word=[code_word("origin", code) for code in rows["origin"]],
        mark=[code_word("note", code) for code in rows["note"]],
    )
    return worded("register.title", _sentence(rows), table, _columns(), key="assessment-register")


def one_indicator(rows: pd.DataFrame) -> None:
    """Let the reader choose an indicator; show what it is, what it rests on, how it is made."""
    names = {code: f"{code} {tell(each.name)}" for code, each in INDICATORS.items()}
    with_value = list(rows.index[rows["value"].notna()])
    code = address.select(
        "indicator",
        t("register.choose"),
        list(names),
        names.__getitem__,
        default=next(iter(with_value), next(iter(names))),
    )
    each = INDICATORS[code]
    with st.container(border=True):
        st.subheader(names[code], anchor=False)
        st.markdown(_value(each, rows.loc[code]))
        st.markdown(
            "\n".join(f"- **{word}**{t('shell.colon')}{text}" for word, text in facts(each).items())
        )
        st.markdown(_brought(each, rows.loc[code]))
        if each.query:
            with st.expander(t("register.formula")):
                st.code(sql(each.query), language="sql")


def _brought(each: Indicator, row: pd.Series) -> str:
    """Say which publication last brought each table behind a value; Markdown-safe."""
    if account.require("read").area:  # files of other places and who brought them
        return ""
    tables = ("reported_values",) if row["origin"] == BY_HAND else tuple(each.sources)
    found = results.get("provenance.of_tables", Scope(), tables=tables)
    if found.empty:
        return ""
    lines = []
    for told in found.to_dict("records"):
        key = "by_hand" if pd.isna(told["file"]) else "by_file"
        words = {name: plain(str(told[name])) for name in ("author", "message", "file")}
        counts = {name: figure(told[name], 0) for name in ("rows", "rejected")}
        said = t(
            f"register.brought_{key}", table=tell(TABLES[str(told["table"])].label),
            version=told["version"], time=beijing(str(told["time"])),
            sha256=str(told["sha256"])[:SHOWN_OF_HASH], **words, **counts,
        )  # fmt: skip
        lines.append(f"- {said}")
    return "\n".join([f"**{t('register.brought')}**", "", *lines])


def _with(found: list[Indicator], marks: pd.Series) -> list[tuple[Indicator, bool]]:
    return list(zip(found, marks, strict=True))


def _sentence(rows: pd.DataFrame) -> str:
    origin = rows["origin"]
    said = t(
        "register.sentence",
        n=len(rows),
        computed=int(origin.eq(BY_TABLES).sum()),
        reported=int(origin.eq(BY_HAND).sum()),
        others=int((~origin.isin([BY_TABLES, BY_HAND])).sum()),
    )
    n = int(rows["towns_only"].sum())
    return sentences([said, t("register.towns_only", n=n)]) if n else said


def _columns() -> Columns:
    return {
        "code": (t("assessment.code"), None),
        "name": (t("assessment.indicator"), None),
        "value": (t("assessment.value"), "%.1f"),
        "unit": (t("assessment.unit_of_measure"), None),
        "interval": (t("register.interval"), None),
        "n": (t("assessment.base"), "%,.0f"),
        "origin_word": (t("assessment.origin"), None),
        "mark": (t("assessment.note"), None),
        "target": (t("register.target"), None),
        "basis": (t("register.basis"), None),
        "owes": (t("register.owes"), None),
    }


def _interval(low: object, high: object) -> str:
    if pd.isna(low) or pd.isna(high):  # type: ignore[call-overload]
        return ""
    return t("register.from_to", low=figure(low), high=figure(high))


def target_word(each: Indicator) -> str:
    """Return what there is to say of a target; its number and unit where nothing is."""
    if note := tell(each.target_note):
        return note
    return "" if each.target is None else quantity(f"{each.target:g}", tell(each.unit))


def _value(each: Indicator, row: pd.Series) -> str:
    """Say the unit's value with its interval and base, or why there is none."""
    if pd.isna(row["value"]):
        return t("register.no_value", reason=code_word("note", row["note"]))
    sentence = t("register.value", value=quantity(figure(row["value"]), plain(tell(each.unit))))
    if interval := _interval(row["low"], row["high"]):
        sentence += t("register.value_interval", interval=interval)
    if each.is_survey:
        sentence += t("register.value_survey", n=figure(row["n"], 0))
    elif pd.notna(row["num"]) and pd.notna(row["den"]):
        sentence += t("register.value_parts", num=figure(row["num"], 0), den=figure(row["den"], 0))
    return sentence + t("register.value_origin", origin=code_word("origin", row["origin"]))


def facts(each: Indicator) -> Mapping[str, str]:
    """Return heading -> text of everything the register says of an indicator; Markdown-safe."""
    tables = [tell(TABLES[name].label) for name in each.sources if name in TABLES]
    said = {
        t("register.definition"): tell(each.definition),
        t("register.clause"): listed(map(clause_word, each.clauses)),
        t("register.polarity"): t(f"register.polarities.{each.polarity}"),
        t("register.target"): target_word(each) or BLANK,
        t("register.basis"): t(f"register.target_basis.{each.target_basis}"),
        t("register.target_source"): tell(each.target_source),
        t("register.verified"): t(f"register.verified_{'yes' if each.verified else 'no'}"),
        t("register.owes"): t(f"register.accountable.{each.accountable}"),
        t("register.frequency"): tell(each.frequency),
        t("register.tables"): listed(tables),
    }
    if language() == "zh":
        said[t("register.collected_from")] = each.collected_from
    return {word: plain(text) or BLANK for word, text in said.items()}
