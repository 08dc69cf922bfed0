"""What publishing a draft would do to the results, computed when a person asks for it."""

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import streamlit as st

from data.drafting.effects import changes
from data.ingest import Draft
from metrics.decisions.rehearsal import Consequences, consequences
from metrics.register import indicator
from pages.shared import results
from pages.shared.assessment.parts import band_word
from pages.shared.screen import name_of, t, tell
from pages.shared.words import figure


def draw(draft: Draft) -> None:
    """Offer the rehearsal; its answer stays while the draft and the data are the same."""
    if draft.records_kept == 0:
        return
    key = f"consequences-{draft.sha256}-{results.store().version}-{draft.options!r}"
    if key not in st.session_state and st.button(t("upload.rehearse")):
        planned = changes(draft.accepted, draft.options.mode)
        with st.spinner(t("upload.rehearsing")):
            st.session_state[key] = consequences(results.store(), planned, _year(draft))
    if key in st.session_state:
        _show(st.session_state[key])


def _year(draft: Draft) -> int | None:
    """Return the newest year that the rows themselves name."""
    years = [
        pc.max(pq.read_table(file, columns=["year"])["year"]).as_py()
        for file in draft.accepted.values()
        if "year" in pq.read_schema(file).names
    ]
    return max((year for year in years if year is not None), default=None)


def _show(found: Consequences) -> None:
    year = found.year or "—"
    if found.indicators.empty and found.bands.empty:
        st.info(t("upload.rehearse_nothing", year=year))
        return
    moved = (found.bands["band_before"] != found.bands["band_after"]).sum()
    gains, loses = (int(found.indicators["effect"].eq(word).sum()) for word in ("gains", "loses"))
    st.markdown(
        t(
            "upload.rehearse_sentence",
            year=year, n=len(found.indicators), gains=gains, loses=loses, bands=int(moved),
        )
    )  # fmt: skip
    _table(
        ["indicator", "happens", "units_before", "units_after", "units_changed"],
        [
            (
                f"{row.indicator_id} {tell(indicator(row.indicator_id).name)}",
                t(f"upload.happens_{row.effect}"),
                row.units_before,
                row.units_after,
                row.units_changed,
            )
            for row in found.indicators.itertuples()
        ],
    )
    _table(
        ["unit", "score_before", "score_after", "band_before", "band_after"],
        [
            (
                name_of(row),
                figure(row["score_before"]),
                figure(row["score_after"]),
                band_word(row["band_before"]),
                band_word(row["band_after"]),
            )
            for _, row in found.bands.iterrows()
        ],
    )


def _table(names: list[str], rows: list[tuple[object, ...]]) -> None:
    if rows:
        headings = [t(f"upload.rehearse_{name}") for name in names]
        st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True)
