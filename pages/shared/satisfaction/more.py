"""What lies behind the message of the satisfaction page: one subject at a time, when asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import streamlit as st

from data.scope import Scope
from pages.shared import account, address
from pages.shared.words import t

# Each a module beside this one; it is imported, and its figures are computed, when opened.
SUBJECTS = (
    "heat", "groups", "waves", "drivers", "comments", "quality", "weighting", "points", "areas",
)  # fmt: skip
# Decided for a whole survey, whichever counties it covers: closed to accounts limited to an area.
DECIDED = ("quality", "weighting", "points")
NONE = "none"


@dataclass(frozen=True)
class View:
    """What the reader looks at: a survey, one of its items, a place.

    everywhere: the scope without its township, to set a township beside all others.
    """

    survey: Mapping[str, Any]
    item: Mapping[str, Any]
    scope: Scope
    everywhere: Scope

    @property
    def chosen(self) -> dict[str, Any]:
        """Return survey and item as arguments of a metric."""
        return {"survey_id": self.survey["survey_id"], "item": self.item["item"]}


def draw(view: View) -> None:
    """Let the reader choose a subject and draw it."""
    limited = bool(account.require("read").area)
    subjects = (NONE, *(each for each in SUBJECTS if not (limited and each in DECIDED)))
    address.settle("more", subjects, NONE)
    st.markdown(f"**{t('satisfaction_more.title')}**")
    subject = address.segments(
        "more",
        t("satisfaction_more.title"),
        subjects,
        lambda name: t(f"satisfaction_more.{name}"),
        width="content",
    )
    if subject != NONE:
        drawn: Callable[[View], None] = import_module(f"{__package__}.{subject}").draw
        drawn(view)
