"""What a framework may let go, and other weights beside its own: read, never applied."""

import io

import numpy as np
import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.errors import DataError
from data.scope import Scope
from metrics.framework import Framework
from metrics.register import INDICATORS
from metrics.weight_readouts import consistent
from pages.shared import panels, results
from pages.shared.panels import Columns, Panel
from pages.shared.screen import refusal
from pages.shared.words import figure, listed, plain, t, tell

MOST_BYTES = 1 << 16


def removals(table: pd.DataFrame) -> Panel:
    """Return the indicators proposed for removal, with the reason."""
    rows = table.assign(
        name=[tell(INDICATORS[i].name) for i in table["indicator_id"]],
        card_word=[t(f"frameworks.of.{card}") for card in table["card"]],
        why_word=[t(f"readouts.why.{why}") for why in table["why"]],
        **{side: 100 * table[side].astype(float) for side in ("full_before", "full")},
    )
    columns: Columns = {
        "card_word": (t("framework.card"), None),
        "indicator_id": (t("framework.code"), None),
        "name": (t("framework.name"), None),
        "weight": (t("framework.weight"), "%.2f"),
        "why_word": (t("readouts.why_heading"), None),
        "full_before": (t("readouts.full_before"), "%.0f%%"),
        "full": (t("readouts.full"), "%.0f%%"),
        "units": (t("readouts.units"), "%.0f"),
    }
    return _panel("removals", _removals_sentence(table), rows, columns)


def _removals_sentence(table: pd.DataFrame) -> str:
    if table.empty:
        return t("readouts.no_removals")
    said = []
    for why in ("saturated", "unused"):
        found = list(dict.fromkeys(table.loc[table["why"].eq(why), "indicator_id"]))
        if found:
            names = plain(listed(f"{i} {tell(INDICATORS[i].name)}" for i in found))
            said.append(t(f"readouts.{why}", n=len(found), names=names))
    return " ".join(said)


def weights(table: pd.DataFrame) -> Panel:
    """Return the weights that other methods give to the blocks, beside the declared ones."""
    names = {code.value: tell(code.label) for code in CODES["pair_dim"]}
    wide = table.pivot(index="block", columns="method", values="weight")
    own = table.drop_duplicates("block").set_index("block")["declared"]
    wide = own.to_frame().join(wide).reset_index()
    wide["name"] = [names[block] for block in wide["block"]]
    methods = list(dict.fromkeys(table["method"]))
    columns: Columns = {
        "name": (t("assessment.block"), None),
        "declared": (t("readouts.declared"), "%.1f"),
        **{method: (t(f"readouts.method.{method}"), "%.1f") for method in methods},
    }
    changed = table.drop_duplicates("method").set_index("method")["bands_changed"]
    said = [
        t("readouts.would_change", method=t(f"readouts.method.{method}"), n=int(n))
        for method, n in changed.items()
    ]
    sentence = " ".join([*said, t("readouts.never")]) if said else t("readouts.no_spread")
    return _panel("weights", sentence, wide, columns)


def judge(framework: Framework, scope: Scope) -> None:
    """Take a matrix of pairwise comparisons as a file and say which weights stand behind it."""
    names = {code.value: tell(code.label) for code in CODES["pair_dim"]}
    blocks = list(framework.groups("township"))
    with st.expander(t("readouts.judge")):
        st.markdown(t("readouts.judge_intro"))
        empty = pd.DataFrame(np.eye(len(blocks)), index=blocks, columns=blocks).replace(0.0, np.nan)
        empty.insert(0, "name", [names[block] for block in blocks])
        text = empty.to_csv(index_label="block").encode("utf-8-sig")
        st.download_button(t("readouts.template"), text, "ahp.csv", "text/csv")
        file = st.file_uploader(t("readouts.upload"), type=["csv"], key="ahp-file")
        confirmed = st.checkbox(t("readouts.confirm"), key="ahp-confirmed")
        if file is None:
            return
        try:
            upper = matrix(file.getvalue(), blocks, file.name)
            table, ratio = results.get(
                "weight_readouts.by_judgement", scope, upper=upper, confirmed=confirmed
            )
        except DataError as error:
            refusal(error)
            return
        key = "ratio" if consistent(ratio) else "ratio_high"
        st.markdown(t(f"readouts.{key}", ratio=figure(ratio, 3)))
        panel = weights(table)
        st.markdown(panel.sentence)
        panels.download(panel, scope)
        panels.show_table(panel)


def matrix(content: bytes, blocks: list[str], name: str) -> tuple[tuple[float, ...], ...]:
    """Return the numbers of an uploaded matrix in the order of the blocks.

    What is at or below the diagonal need not be filled. Raises DataError `ahp_unreadable`.
    """
    try:
        rows = pd.read_csv(io.BytesIO(content[:MOST_BYTES]), dtype=str, encoding="utf-8-sig")
        table = rows.set_index("block").loc[blocks, blocks]
        numbers = table.map(_number).to_numpy(float)
    except (
        UnicodeDecodeError,
        ValueError,
        ZeroDivisionError,
        KeyError,
        pd.errors.ParserError,
    ) as error:
        raise DataError("ahp_unreadable", file=name, reason=str(error)[:200]) from error
    missing = [
        (blocks[row], blocks[column])
        for row, column in zip(*np.triu_indices(len(blocks), 1), strict=True)
        if not np.isfinite(numbers[row, column])
    ]
    if missing:
        reason = " × ".join(missing[0])
        raise DataError("ahp_unreadable", file=name, reason=reason)
    return tuple(tuple(row) for row in np.nan_to_num(numbers, nan=1.0))


def _number(cell: object) -> float:
    """Return a number, which may be typed as a fraction such as 1/3."""
    if not isinstance(cell, str) or not cell.strip():
        return np.nan
    above, _, below = cell.partition("/")
    return float(above) / float(below) if below else float(above)


def _panel(name: str, sentence: str, table: pd.DataFrame, columns: Columns) -> Panel:
    return Panel(
        key=f"readouts-{name}",
        title=t(f"readouts.{name}"),
        sentence=sentence,
        table=table,
        columns=columns,
        meaning=t(f"readouts.{name}_meaning"),
        facts={t("assessment.source_heading"): t("assessment.source")},
    )
