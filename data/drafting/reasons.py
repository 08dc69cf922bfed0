"""Why a cell or record did not pass, in both languages."""

import re

import pandas as pd

from data.contracts import CODES, TABLES, Column, Table
from data.drafting.conditions import CAUSED, CAUSES
from data.formats.unseen import shown
from data.problems import PROBLEM_COLUMNS
from data.words import Language, Text, both, listing, say

MOST_CODES = 30  # that a reason lists


def worded(table: Table, found: pd.DataFrame) -> pd.DataFrame:
    """Give every problem its reason in both languages."""
    said: dict[tuple[str, str], Text] = {}
    rows = []
    causes = found[found["code"].isin(CAUSES)]
    cells = set(zip(causes["record"], causes["column"], strict=True))
    for record, line, column, value, code in found.itertuples(index=False, name=None):
        short = code.split(":")[0]
        if (record, column) in cells and short in CAUSED:
            continue
        if (column, code) not in said:
            said[column, code] = _reason(table, column, code)
        reason = said[column, code]
        text = "" if pd.isna(value) else shown(str(value))
        rows.append((record, line, column, text, short, reason.zh, reason.en))
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _reason(table: Table, column: str, code: str) -> Text:
    kind, _, detail = code.partition(":")
    if kind == "rule":
        return next(rule.text for rule in table.rules if rule.name == detail)
    if kind == "orphan":
        return both("problems.orphan", table=TABLES[detail].label)
    if kind == "duplicate_key":
        columns = listing(table.column(name).label for name in table.key)
        return both("problems.duplicate_key", columns=columns)
    declared = table.column(column)
    return both(f"problems.{kind}", column=declared.label, **_detail(declared, kind))


def _detail(column: Column, kind: str) -> dict[str, object]:
    if kind == "type":
        return {"type": both(f"types.{column.type}")}
    if kind == "range":
        return {"range": Text(_range(column, "zh"), _range(column, "en"))}
    if kind == "code" and column.codes:
        codes = CODES[column.codes]
        more = " …" if len(codes) > MOST_CODES else ""
        return {
            "codes": Text(
                zh="、".join(f"{c.label.zh}（{c.value}）" for c in codes[:MOST_CODES]) + more,
                en=", ".join(c.value for c in codes[:MOST_CODES]) + more,
            )
        }
    if kind == "pattern":
        digits = re.search(r"\{(\d+)\}", column.pattern or "")
        return {"digits": digits.group(1) if digits else column.pattern}
    return {}


def _range(column: Column, language: Language) -> str:
    if column.maximum is None:
        return say("problems.at_least", language, minimum=f"{column.minimum:g}")
    if column.minimum is None:
        return say("problems.at_most", language, maximum=f"{column.maximum:g}")
    return say(
        "problems.between", language, minimum=f"{column.minimum:g}", maximum=f"{column.maximum:g}"
    )
