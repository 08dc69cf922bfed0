"""Present: the views kept for a meeting, in order, with notes; shown by the arrow keys."""

import streamlit as st

from pages.shared import share, storyboard
from pages.shared.meeting import deck_files
from pages.shared.screen import page, t

with page("present"):
    kept = storyboard.steps()
    if kept:
        st.markdown(t("present.how", n=len(kept)))
        storyboard.begin(kept)
        deck_files.offer(kept)
        storyboard.edit(kept)
    else:
        st.info(t("present.empty"))
    share.handed_out()
