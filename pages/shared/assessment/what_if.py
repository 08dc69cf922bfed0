"""Other methods and other weights: what they would do to the bands, tried and never kept."""

import math

import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.scope import Scope
from metrics.assessment.framework import Framework
from pages.shared import results
from pages.shared.assessment.parts import band_word
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import BLANK, listed, names_of, plain, t, tell


def methods_panel(table: pd.DataFrame) -> Panel:
    """Return what other sound methods would do to bands and order."""
    rows = table.assign(word=[t(f"what_if.choice.{choice}") for choice in table["choice"]])
    columns: Columns = {
        "word": (t("what_if.choice_heading"), None),
        "bands_changed": (t("what_if.bands_changed"), "%,.0f"),
        "largest_move": (t("what_if.largest_move"), "%,.0f"),
        "agreement": (t("what_if.agreement"), "%.2f"),
    }
    worst = table["bands_changed"].max() if len(table) else 0
    most = rows.loc[table["bands_changed"].idxmax(), "word"] if len(table) else ""
    least = table["agreement"].min()
    return worded(
        "what_if.methods",
        t(
            "what_if.methods_sentence",
            n=len(table),
            name=most,
            worst=int(worst),
            least=BLANK if pd.isna(least) else f"{math.floor(100 * least) / 100:.2f}",
        ),
        rows,
        columns,
        key="what-if-methods",
    )


def weights(framework: Framework, scope: Scope) -> None:
    """Let the reader try other weights of blocks; nothing is kept."""
    names = {code.value: tell(code.label) for code in CODES["pair_dim"]}
    declared = framework.groups("township")
    with st.expander(t("what_if.weights")):
        st.markdown(t("what_if.weights_intro"))
        columns = st.columns(2)
        chosen = {
            block: columns[place % 2].slider(
                names[block], 0.0, 40.0, float(weight), 0.5, key=f"weight-{block}"
            )
            for place, (block, weight) in enumerate(declared.items())
        }
        if not any(chosen.values()):
            st.warning(t("what_if.all_zero"))
            return
        found = results.get(
            "assessment.township_card.bands_under", scope, blocks=tuple(chosen.items())
        )
        _say(found)


def _say(found: pd.DataFrame) -> None:
    scored = found[found["band_before"].notna()]
    moved = scored[scored["band_before"].ne(scored["band_after"])]
    st.markdown(t("what_if.changed", n=len(scored), changed=len(moved)))
    for row, name in zip(moved.to_dict("records"), names_of(moved), strict=True):
        before, after = (band_word(row[side]) for side in ("band_before", "band_after"))
        st.markdown(f"- {plain(listed([name]))}：{before} → {after}")
