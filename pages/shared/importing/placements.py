"""What the boundaries say of a file's coordinates, and the conversion at one click."""

import pandas as pd
import streamlit as st

from data.drafting.drafts import Upload
from data.geography.placement import Witness
from data.ingest import Draft
from pages.shared.drafts import remember
from pages.shared.screen import t
from pages.shared.words import figure


def draw(upload: Upload, draft: Draft) -> None:
    """Show how many points lie in their own unit under each system; offer the one that fits.

    Of boundaries the points are those that are held already.
    """
    placed = draft.placement
    if placed is None or not placed.points:
        return
    with st.expander(t("upload.placement"), expanded=placed.suggested is not None):
        st.markdown(t(f"upload.placement_of_{placed.about}", n=f"{placed.points:,}"))
        rows = [
            (
                t("upload.placement_now" if n == 0 else "upload.placement_if", system=_name(each)),
                figure(100 * each.inside),
                figure(each.shift_m, 0),
            )
            for n, each in enumerate((placed.declared, *placed.others))
        ]
        headings = [t(f"upload.placement_{name}") for name in ("system", "inside", "shift")]
        st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True, key="placement-table")
        if placed.suggested and st.button(
            t("upload.placement_convert", system=t(f"coordinates.{placed.suggested}")),
            type="primary",
        ):
            remember(upload, crs=placed.suggested)


def _name(witness: Witness) -> str:
    return t(f"coordinates.{witness.system}")
