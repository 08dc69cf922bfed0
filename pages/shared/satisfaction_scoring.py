"""The way of scoring a county has adopted: its mark wherever it counts."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from data.answer_points import DEFAULT
from data.scope import Scope
from pages.shared import results
from pages.shared.words import plain, t


def in_force(survey: Mapping[str, Any]) -> str:
    """Return the way a survey, or a row of a decision, is scored."""
    return DEFAULT if pd.isna(survey["points"]) else str(survey["points"])


def said(survey: Mapping[str, Any]) -> str:
    """Say the way in force, since when, by whom and why; nothing without a decision."""
    if pd.isna(survey["points"]):
        return ""
    return t(
        "points.decision",
        way=t(f"points.way_{survey['points']}"),
        year=int(survey["points_from"]),
        author=plain(survey["points_by"]),
        reason=plain(survey["points_reason"]),
    )


def badge(survey: Mapping[str, Any]) -> None:
    """Mark a survey that is not scored by the default."""
    if in_force(survey) != DEFAULT:
        word = t("points.mark", way=t(f"points.way_{in_force(survey)}"))
        st.badge(word, icon=":material/calculate:", color="blue")


def of_assessment(scope: Scope) -> None:
    """Mark an assessment whose opinions are not scored by the default, with the decision."""
    found = results.get("satisfaction_points.decision", scope)
    if len(found) and in_force(found.iloc[0]) != DEFAULT:
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(found.iloc[0])
            st.markdown(said(found.iloc[0]), width="content")
