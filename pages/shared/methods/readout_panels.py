"""What a framework may let go, and other weights beside its own: read, never applied."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.errors import DataError
from data.scope import Scope
from data.words import both
from metrics.assessment.framework import Framework
from metrics.assessment.weight_readouts import consistent, most_inconsistent
from metrics.register import INDICATORS
from pages.shared import panels, results
from pages.shared.panels import Columns, Panel, worded
from pages.shared.screen import refusal
from pages.shared.small_tables import cells_of
from pages.shared.words import figure, listed, plain, sentences, t, tell

# Saaty's scale: how many times more important; the halves of the scale between 1 and 9.
SCALE = {f"{n}": float(n) for n in range(9, 0, -1)} | {f"1/{n}": 1 / n for n in range(2, 10)}


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
        "units": (t("readouts.units"), "%,.0f"),
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
    return sentences(said)


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
    said = [t(f"readouts.would_change_{method}", n=int(n)) for method, n in changed.items()]
    sentence = sentences([*said, t("readouts.never")]) if said else t("readouts.no_spread")
    return _panel("weights", sentence, wide, columns)


def judge(framework: Framework, scope: Scope) -> None:
    """Take pairwise comparisons, typed or as a file, and say which weights stand behind them."""
    names = {code.value: tell(code.label) for code in CODES["pair_dim"]}
    blocks = list(framework.groups("township"))
    with st.expander(t("readouts.judge")):
        ways = {way: t(f"readouts.way.{way}") for way in ("typed", "file")}
        way = st.radio(
            t("readouts.how"), list(ways), format_func=ways.__getitem__, horizontal=True,
            key="ahp-way",
        )  # fmt: skip
        try:
            upper = _typed(blocks, names) if way == "typed" else _uploaded(blocks, names)
            if upper is not None:
                _judged(upper, blocks, names, scope)
        except DataError as error:
            refusal(error)


def _typed(blocks: list[str], names: dict[str, str]) -> tuple[tuple[float, ...], ...]:
    """Ask for every pair of blocks how much more important the first is."""
    st.markdown(t("readouts.typed_intro", n=len(blocks) * (len(blocks) - 1) // 2))
    pairs = pairs_of(blocks)
    shown = pairs.assign(first=pairs["a"].map(names), second=pairs["b"].map(names))
    number = st.session_state.setdefault("ahp-number", 0)
    edited = st.data_editor(
        shown[["first", "judged", "second"]],
        key=f"ahp-pairs-{'-'.join(blocks)}-{number}",
        hide_index=True,
        disabled=["first", "second"],
        column_config={
            "first": t("readouts.first"),
            "judged": st.column_config.SelectboxColumn(
                t("readouts.compared"), options=list(SCALE), format_func=_scale_word, required=True
            ),
            "second": t("readouts.second"),
        },
        placeholder="",
        alt=t("readouts.judge"),
    )
    if st.button(t("readouts.start_over")):
        st.session_state["ahp-number"] = number + 1
        st.rerun()
    return upper_of(pairs.assign(judged=edited["judged"].to_numpy()), blocks)


def _scale_word(value: str) -> str:
    return t(f"readouts.scale.{value.replace('/', '_')}")


def pairs_of(blocks: list[str]) -> pd.DataFrame:
    """Return every pair of blocks once: a, b, judged ('1', equally important, to begin with)."""
    rows = [(a, b, "1") for place, a in enumerate(blocks) for b in blocks[place + 1 :]]
    return pd.DataFrame(rows, columns=["a", "b", "judged"])


def upper_of(pairs: pd.DataFrame, blocks: list[str]) -> tuple[tuple[float, ...], ...]:
    """Return the matrix of `pairs_of` pairs; below the diagonal it holds 1."""
    table = pd.DataFrame(1.0, blocks, blocks)
    for a, b, judged in pairs[["a", "b", "judged"]].itertuples(index=False, name=None):
        table.loc[a, b] = SCALE[str(judged)]
    return tuple(tuple(float(each) for each in row) for row in table.to_numpy())


def _uploaded(blocks: list[str], names: dict[str, str]) -> tuple[tuple[float, ...], ...] | None:
    """Ask for the matrix as a file; None while there is none."""
    st.markdown(t("readouts.judge_intro"))
    empty = pd.DataFrame(np.eye(len(blocks)), index=blocks, columns=blocks).replace(0.0, np.nan)
    empty.insert(0, "name", [names[block] for block in blocks])
    text = empty.to_csv(index_label="block").encode("utf-8-sig")
    st.download_button(t("readouts.template"), text, "ahp.csv", "text/csv")
    file = st.file_uploader(t("readouts.upload"), type=["csv"], key="ahp-file")
    return None if file is None else matrix(file.getvalue(), blocks, file.name)


def _judged(
    upper: tuple[tuple[float, ...], ...], blocks: list[str], names: dict[str, str], scope: Scope
) -> None:
    """Say how consistent the comparisons are and show their weights, if they may be used."""
    table, ratio = results.get(
        "assessment.weight_readouts.by_judgement", scope, upper=upper, confirmed=True
    )
    sound = consistent(ratio)
    st.markdown(t("readouts.ratio" if sound else "readouts.ratio_high", ratio=figure(ratio, 3)))
    if not sound:
        a, b, told, fits = most_inconsistent(upper, blocks)
        worst = {"a": plain(names[a]), "b": plain(names[b])}
        st.warning(t("readouts.worst", told=figure(told, 2), fits=figure(fits, 2), **worst))
        if not st.checkbox(t("readouts.confirm"), key="ahp-confirmed"):
            return
    beside = results.get("assessment.weight_readouts.by_data", scope)
    panel = weights(pd.concat([table, beside], ignore_index=True))
    st.markdown(panel.sentence)
    panels.download(replace(panel, key="ahp"), scope)
    panels.show_table(replace(panel, key="ahp"))


def matrix(content: bytes, blocks: list[str], name: str) -> tuple[tuple[float, ...], ...]:
    """Return the numbers of an uploaded matrix in the order of the blocks.

    What is at or below the diagonal need not be filled. Raises DataError `ahp_unreadable`.
    """
    rows = cells_of(content, name, "ahp_unreadable")
    if not {"block", *blocks} <= set(rows.columns) or sorted(rows["block"]) != sorted(blocks):
        raise DataError("ahp_unreadable", file=name, reason=both("readouts.other_blocks"))
    table = rows.set_index("block").loc[blocks, blocks]
    try:
        numbers = table.map(_number).to_numpy(float)
    except (ValueError, ZeroDivisionError) as error:
        raise DataError("ahp_unreadable", file=name, reason=both("readouts.no_number")) from error
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
    return worded(f"readouts.{name}", sentence, table, columns, key=f"readouts-{name}")
