"""The way of scoring a county has adopted: its mark and the decision beside a survey."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from metrics.satisfaction.scale import Scale, way_word
from pages.shared.words import t, tell


def in_force(survey: Mapping[str, Any]) -> str:
    """Return the way a survey is scored in the place in view."""
    scale: Scale = survey["scale"]
    return scale.way


def said(survey: Mapping[str, Any]) -> str:
    """Say the way in force, since when, by whom and why; nothing without a decision."""
    scale: Scale = survey["scale"]
    return tell(scale.decision) if scale.decision else ""


def badge(survey: Mapping[str, Any]) -> None:
    """Mark a survey that is not scored by the default, or in a place that scores in many ways."""
    scale: Scale = survey["scale"]
    if scale.mark:
        way = t("points.mark_many") if scale.mixed else tell(way_word(scale.way))
        st.badge(t("points.mark", way=way), icon=":material/calculate:", color="blue")
