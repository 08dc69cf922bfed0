"""Follow-up in words: actions, proposals and practices, each beside what became of its figure."""

import secrets
from collections.abc import Mapping
from typing import cast

import pandas as pd
import streamlit as st

from data import clock
from data.contracts import CODES, TABLES
from data.scope import Scope
from metrics.assessment.improvement import lifts
from metrics.duty import follow_up
from metrics.register import INDICATORS
from pages.shared import account, panels, record_form, results
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import (
    few,
    figure,
    language,
    listed,
    name_of,
    names_of,
    plain,
    quantity,
    short_day,
    t,
    tell,
)

SECTIONS = ("actions", "proposals", "practices", "rechecks")
WEAKEST = 5
# Of what was reported as met, so much should bear a second look, in percent.
DOUBTFUL = 90.0
NAMED = 3
_SHORT = {"actions": "ZG", "proposals": "JY", "practices": "AL"}
_ASKED = {
    "actions": ("unit_code", "indicator_id", "year", "finding", "owner", "measure", "found_on",
                "due_on"),
    "proposals": ("unit_code", "indicator_id", "year", "finding", "proposal", "raised_by",
                  "department", "raised_on"),
    "practices": ("unit_code", "indicator_id", "kind", "title", "summary", "evidence",
                  "started_on", "recognised_by"),
}  # fmt: skip
_CHANGED = ("better", "worse")


def section_word(section: str) -> str:
    """Return the name of a section."""
    return t(f"follow_up.{section}")


def actions(scope: Scope) -> pd.DataFrame:
    """Return the actions of a scope as they stand today."""
    return cast(pd.DataFrame, results.get("duty.follow_up.actions", scope, today=clock.today()))


def actions_panel(table: pd.DataFrame) -> Panel:
    """Return what was found, who mends it by when, and what became of the figure."""
    rows = _told(table).assign(
        state_word=[t(f"follow_up.state.{state}") for state in table["state"]],
        due=[short_day(each) for each in table["due_on"]],
    )
    names = ("unit", "state_word", "due", "owner", "about", "word", "change", "finding", "measure")
    counts = table["state"].value_counts()
    done = table[table["state"].isin(["done", "done_late"])]
    said = t("follow_up.no_actions")
    if len(table):
        told = {state: int(counts.get(state, 0)) for state in ("open", "overdue")}
        said = t("follow_up.actions_sentence", n=len(table), done=len(done), **told)
        said += _effects_sentence(done)
        late = table[table["state"].eq("overdue")]
        if len(late):
            said += t("follow_up.overdue_names", names=plain(few(list(late["owner"]), NAMED)))
    return _panel("actions", said, rows, names)


def proposals_panel(table: pd.DataFrame) -> Panel:
    """Return what was proposed to whom, the answer, and what became of the figure."""
    outcomes = {code.value: tell(code.label) for code in CODES["proposal_outcome"]}
    rows = _told(table).assign(
        raised=[short_day(each) for each in table["raised_on"]],
        outcome_word=[outcomes.get(each, t("follow_up.waiting")) for each in table["outcome"]],
    )
    names = ("unit", "outcome_word", "department", "about", "word", "change", "finding",
             "proposal", "raised_by", "raised", "answer")  # fmt: skip
    said = t("follow_up.no_proposals")
    if len(table):
        waiting = table[table["answered_on"].isna()]
        adopted = table[table["outcome"].isin(["adopted", "partly"])]
        said = t(
            "follow_up.proposals_sentence",
            n=len(table), waiting=len(waiting), adopted=len(adopted),
        ) + _effects_sentence(adopted)  # fmt: skip
    return _panel("proposals", said, rows, names)


def practices_panel(table: pd.DataFrame) -> Panel:
    """Return the practices with their evidence, and what became of the figure."""
    said = t("follow_up.no_practices")
    if len(table):
        said = t("follow_up.practices_sentence", n=len(table)) + _effects_sentence(table)
    return _practices("practices", said, table)


def to_copy(tree: pd.DataFrame, scope: Scope) -> None:
    """Show the practices of other places, with their figures, to whoever may see those."""
    if scope.township and not account.require("read").area:
        found = results.get("duty.follow_up.practices", scope)
        panels.draw(to_copy_panel(found, tree, scope.township), scope)


def to_copy_panel(found: pd.DataFrame, tree: pd.DataFrame, township: str) -> Panel:
    """Return practices of other places for the indicators that would lift a township most."""
    weakest = [str(node) for node in lifts(tree)["node"] if str(node) in INDICATORS][:WEAKEST]
    rows = follow_up.to_copy(found, weakest, township)
    names = plain(listed(tell(INDICATORS[each].name) for each in weakest))
    if not weakest:
        said = t("follow_up.nothing_weak")
    elif rows.empty:
        said = t("follow_up.none_to_copy", names=names)
    else:
        said = t("follow_up.to_copy_sentence", n=len(rows), names=names)
    return _practices("to-copy", said, rows)


def confirmed_panel(table: pd.DataFrame) -> Panel:
    """Return how much of what was reported as met a second look confirmed, by township."""
    rows = table.assign(unit=names_of(table))
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "drawn": (t("follow_up.column.drawn"), "%d"),
        "checked": (t("follow_up.column.checked"), "%d"),
        "confirmed": (t("follow_up.column.confirmed"), "%d"),
        "share": (t("follow_up.column.share"), "%.0f%%"),
        "low": (t("follow_up.column.low"), "%.0f%%"),
        "high": (t("follow_up.column.high"), "%.0f%%"),
    }
    said = t("follow_up.nothing_drawn")
    if len(table):
        sums = {name: int(table[name].sum()) for name in ("drawn", "checked", "confirmed")}
        said = t("follow_up.confirmed_sentence", each=follow_up.RECHECKED_EACH, **sums)
        # Sure to be short of nine in ten, whatever the chance of the draw.
        doubtful = table[table["high"] < DOUBTFUL]
        if len(doubtful):
            said += t("follow_up.doubtful", names=plain(listed(names_of(doubtful))))
    return worded("follow_up.confirmed_title", said, rows, columns, key="follow-confirmed")


def drawn_panel(drawn: pd.DataFrame) -> Panel:
    """Return the items drawn for a second look, with their evidence."""
    words = {code.value: tell(code.label) for code in CODES["checklist_item"]}
    side = f"place_{language()}"
    rows = drawn.assign(
        unit=names_of(drawn),
        place=[
            str(own) if isinstance(own, str) else name
            for own, name in zip(drawn[side], names_of(drawn), strict=True)
        ],
        item=[words[code] for code in drawn["item_code"]],
        proof=drawn["evidence_ref"],
        found=[_found(each) for each in drawn["confirmed"]],
    )
    columns: Columns = {
        name: (t(f"follow_up.column.{name}"), None)
        for name in ("unit", "place", "item", "proof", "found", "note")
    }
    said = t("follow_up.drawn_sentence", n=int(drawn["confirmed"].isna().sum()))
    return worded("follow_up.drawn_title", said, rows, columns, key="follow-drawn")


def _found(confirmed: object) -> str:
    if pd.isna(confirmed):  # type: ignore[call-overload]
        return t("follow_up.unchecked")
    return t("follow_up.found_yes" if confirmed else "follow_up.found_no")


def recheck(drawn: pd.DataFrame, year: int) -> None:
    """Let the result of a second look be entered."""
    rows = drawn[drawn["confirmed"].isna()]
    if rows.empty:
        return
    items = {code.value: tell(code.label) for code in CODES["checklist_item"]}
    words = {
        f"{row['unit_code']}|{row['item_code']}": t(
            "follow_up.item_of", unit=row["unit_code"], name=name_of(row),
            item=items[row["item_code"]],
        )
        for row in rows.to_dict("records")
    }  # fmt: skip
    picked = st.selectbox(t("follow_up.which_rechecks"), list(words), format_func=words.__getitem__)
    unit, _, item = str(picked).partition("|")
    before = {"unit_code": unit, "item_code": item, "year": str(year), "note": ""}
    before |= {"checked_on": clock.today().isoformat(), "confirmed": "是"}
    choices = {"confirmed": {"是": t("follow_up.found_yes"), "否": t("follow_up.found_no")}}
    record_form.form(
        "rechecks", ("confirmed", "checked_on", "note"), before, choices=choices,
        title=t("follow_up.finish_rechecks"), said=t("upload.saved", version="{version}"),
    )  # fmt: skip


def _practices(key: str, said: str, table: pd.DataFrame) -> Panel:
    kinds = {code.value: tell(code.label) for code in CODES["practice_kind"]}
    rows = _told(table).assign(
        kind_word=[kinds.get(each, "") for each in table["kind"]],
        started=[short_day(each) for each in table["started_on"]],
    )
    names = ("unit", "title", "about", "word", "change", "kind_word", "summary", "evidence",
             "started", "recognised_by")  # fmt: skip
    return _panel(key, said, rows, names)


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Add the words that all three tables share."""
    return table.assign(
        unit=names_of(table),
        about=[_indicator(each) for each in table["indicator_id"]],
        change=[_change(row) for row in table.to_dict("records")],
        word=[t(f"follow_up.verdict.{verdict}") for verdict in table["verdict"]],
    )


def _indicator(code: object) -> str:
    found = INDICATORS.get(str(code))
    return f"{found.id} {tell(found.name)}" if found else ""


def _change(row: Mapping[object, object]) -> str:
    """Write the value of the finding's year and the next one, with unit and years."""
    if pd.isna(row["value"]):  # type: ignore[call-overload]
        return ""
    found = INDICATORS.get(str(row["indicator_id"]))
    unit = tell(found.unit) if found else ""
    said = t("follow_up.value", value=quantity(figure(row["value"]), unit), year=row["year"])
    if pd.isna(row["later_value"]):  # type: ignore[call-overload]
        return said
    year = int(float(str(row["later_year"])))
    later = {"value": quantity(figure(row["later_value"]), unit), "year": year}
    return f"{said} → {t('follow_up.value', **later)}"


def _effects_sentence(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    counts = rows["verdict"].value_counts()
    told = {verdict: int(counts.get(verdict, 0)) for verdict in _CHANGED}
    rest = len(rows) - sum(told.values())
    return t("follow_up.effects_sentence", n=len(rows), rest=rest, **told)


def _panel(key: str, sentence: str, table: pd.DataFrame, names: tuple[str, ...]) -> Panel:
    columns: Columns = {name: (t(f"follow_up.column.{name}"), None) for name in names}
    words = f"follow_up.{key.replace('-', '_')}_title"
    return worded(words, sentence, table, columns, key=f"follow-{key}")


def add(table: str, scope: Scope) -> None:
    """Offer a form for one more row."""
    today = clock.today().isoformat()
    units = results.get("duty.follow_up.places", Scope(county=scope.county))
    if scope.township:
        units = units[units["unit_code"].eq(scope.township)]
    choices = {"unit_code": dict(zip(units["unit_code"], names_of(units), strict=True))}
    before = {"year": str(results.get("evaluate.latest_year", scope) or clock.today().year)}
    before |= dict.fromkeys(("found_on", "raised_on"), today)
    before |= {name: "" for name in TABLES[table].column_names if name not in before}
    before[TABLES[table].key[0]] = f"{_SHORT[table]}-{today}-{_token()}"
    record_form.form(
        table, _ASKED[table], before, title=t(f"follow_up.add_{table}"),
        said=t("upload.saved", version="{version}"), choices=choices,
    )  # fmt: skip


def _token() -> str:
    """Return a few letters that stay the same while a form is filled in."""
    return str(st.session_state.setdefault("follow-token", secrets.token_hex(2)))


def complete(table: pd.DataFrame) -> None:
    """Let an open action be said to be done."""
    _finish("actions", table[table["done_on"].isna()], ("done_on",), "measure")


def answer(table: pd.DataFrame) -> None:
    """Let a proposal be answered."""
    names = ("answered_on", "outcome", "answer")
    _finish("proposals", table[table["answered_on"].isna()], names, "proposal")


def _finish(table: str, rows: pd.DataFrame, names: tuple[str, ...], said: str) -> None:
    """Offer a form for what is still blank in one of the rows."""
    if rows.empty:
        return
    key = TABLES[table].key[0]
    words = {row[key]: f"{name_of(row)} · {row[said]}" for row in rows.to_dict("records")}
    chosen = st.selectbox(t(f"follow_up.which_{table}"), list(words), format_func=words.__getitem__)
    row = rows[rows[key].eq(chosen)].iloc[0]
    before = {
        name: "" if pd.isna(row[name]) else _written(row[name])
        for name in TABLES[table].column_names
    }
    before |= {name: clock.today().isoformat() for name in names if name.endswith("_on")}
    record_form.form(
        table,
        names,
        before,
        title=t(f"follow_up.finish_{table}"),
        said=t("upload.saved", version="{version}"),
    )


def _written(value: object) -> str:
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
