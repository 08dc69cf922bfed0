"""Rows of a table typed in: every field is asked as its contract says, and checked as a file is."""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from data import ingest
from data.contracts import CODES, TABLES, Column
from data.drafting import reported
from data.ingest import Draft
from data.words import Text
from pages.shared import account, drafts, results
from pages.shared.words import plain, t, tell

Choices = Mapping[str, Mapping[str, str]]


def ask(
    columns: Sequence[Column],
    before: Mapping[str, str],
    key: str,
    *,
    choices: Choices | None = None,
    fixed: Collection[str] = (),
) -> dict[str, str]:
    """Draw the fields of a row three abreast and return what they hold.

    before: column -> what stands there first. choices: column -> value -> words, where the contract
    has no list of its own. fixed: columns that cannot be changed.
    """
    told: dict[str, str] = {}
    for start in range(0, len(columns), 3):
        for column, cell in zip(columns[start : start + 3], st.columns(3), strict=False):
            words = (choices or {}).get(column.name) or _words(column)
            with cell:
                told[column.name] = _field(
                    column, before.get(column.name, ""), f"{key}-{column.name}", words,
                    fixed=column.name in fixed,
                )  # fmt: skip
    return told


def _words(column: Column) -> dict[str, str]:
    words = {code.value: tell(code.label) for code in CODES.get(column.codes or "", ())}
    return {"": t("templates.not_said")} | words if words and column.nullable else words


def _field(column: Column, before: str, key: str, words: Mapping[str, str], *, fixed: bool) -> str:
    label = tell(column.label)
    label = label if column.nullable else t("templates.needed", label=label)
    if words:
        place = list(words).index(before) if before in words else 0
        return str(st.selectbox(label, list(words), place, format_func=words.__getitem__, key=key))
    hint = t("templates.date_form") if column.type == "DATE" else tell(column.note)
    return st.text_input(label, before, help=hint or None, disabled=fixed, key=key)


def save(table: str, told: Mapping[str, str], author: str, message: str, said: str) -> None:
    """Check a row as a file is and publish it; else say field by field what is wrong.

    said: what is said once it is published; {version} stands for the version.
    """
    if not author.strip():
        st.warning(t("upload.needs_author"))
        return
    draft = reported.row(results.store(), table, told)
    if draft.rejected:
        st.error(t("templates.row_wrong") + "\n" + "\n".join(_wrong(table, draft)))
        return
    version = ingest.publish(results.store(), draft, author=author.strip(), message=message)
    drafts.done(said.format(version=version))


def _wrong(table: str, draft: Draft) -> list[str]:
    said = []
    for row in draft.problems.to_dict("records"):
        known = row["column"] in TABLES[table].column_names
        column = tell(TABLES[table].column(row["column"]).label) if known else ""
        reason = tell(Text(row["reason_zh"], row["reason_en"]))
        words = t("templates.survey_wrong_line", column=column, value=row["value"], reason=reason)
        said.append(f"- {plain(words if column else reason)}")
    return said


def form(
    table: str,
    names: Sequence[str],
    before: Mapping[str, str],
    *,
    title: str,
    said: str,
    choices: Choices | None = None,
) -> None:
    """Draw a closed form for some columns of one row, and save it with the rest of the row."""
    key = f"{table}-{'-'.join(names[:2])}"
    columns = [TABLES[table].column(name) for name in names]
    with st.expander(title), st.form(key, border=False):
        told = ask(columns, before, f"{key}-{before[TABLES[table].key[0]]}", choices=choices)
        author = account.author(f"{key}-author")
        if st.form_submit_button(t("upload.publish"), type="primary"):
            save(table, {**before, **told}, author, title, said)
