"""What a decision about a survey would change, said before it is taken; and its signature."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from data.scope import Scope
from metrics.decisions.survey_effect import Effect
from metrics.disclosure.base_rule import minimum_base
from metrics.disclosure.small_changes import WHOLE
from metrics.satisfaction.figures import is_whole
from pages.shared import account, results
from pages.shared.assessment.parts import band_word
from pages.shared.satisfaction.parts import whole_word
from pages.shared.words import figure, initial, name_of, people, plain, t


class Signature(NamedTuple):
    """Who decides, and why."""

    author: str
    reason: str


def draw(effect: Effect, scope: Scope) -> None:
    """Say what would change: the figure of the whole, the townships, the bands."""
    st.markdown(f"**{t('effect.title')}**")
    units = effect.units[~effect.units["unit_code"].isin(effect.thin)]
    for sentence in (_whole(units, scope), _towns(units)):
        st.markdown(f"- {sentence}")
    bands(effect.scored, effect.bands)
    base = minimum_base(results.store())
    if effect.thin:
        st.warning(t("effect.thin", n=len(effect.thin - {WHOLE}), base=base))
    few = ~is_whole(units) & units["bound"].notna()
    if 0 < effect.moved < base:
        st.warning(t("effect.few", n=effect.moved, base=base))
    elif few.any():
        st.warning(t("effect.few_towns", n=int(few.sum()), base=base))


def _whole(units: pd.DataFrame, scope: Scope) -> str:
    whole = units[is_whole(units) & units["shown"]]
    place = initial(whole_word(scope))
    if whole.empty:
        return t("effect.whole_hidden", place=place)
    row = whole.iloc[0]
    if pd.notna(row["bound"]):
        return t(
            "effect.whole_bound",
            place=place,
            before=figure(row["before"]),
            bound=figure(row["bound"], 0),
            n_before=people(row["n_before"]),
            n_after=people(row["n_after"]),
            base=minimum_base(results.store()),
        )
    return t(
        "effect.whole",
        place=place,
        before=figure(row["before"]),
        after=figure(row["after"]),
        change=f"{round(row['after'], 1) - round(row['before'], 1):+.1f}",
        n_before=people(row["n_before"]),
        n_after=people(row["n_after"]),
    )


def _towns(units: pd.DataFrame) -> str:
    towns = units[~is_whole(units) & units["shown"]]
    if towns.empty:
        return t("effect.towns_hidden")
    few = towns[towns["bound"].notna()]
    said = ""
    if len(few):
        base = minimum_base(results.store())
        bound = figure(few["bound"].max(), 0)
        said = t("effect.towns_bound", n=len(few), base=base, bound=bound)
    exact = towns[towns["bound"].isna()]
    return (_exact(exact) if len(exact) else "") + said


def _exact(towns: pd.DataFrame) -> str:
    """Say which township moves most, of those whose people stay or change in large numbers."""
    moved = towns.assign(change=towns["after"] - towns["before"])
    far = moved.loc[moved["change"].abs().idxmax()]
    if abs(far["change"]) < 0.05:
        return t("effect.towns_same", n=len(towns))
    return t(
        "effect.towns",
        n=len(towns),
        place=plain(name_of(far)),
        before=figure(far["before"]),
        after=figure(far["after"]),
    )


def bands(scored: int, moved: pd.DataFrame) -> None:
    """Say which townships' bands would change."""
    if not scored:
        st.markdown(f"- {t('effect.no_bands')}")
        return
    st.markdown(f"- {t('effect.bands', n=scored, changed=len(moved))}")
    for row in moved.to_dict("records"):
        before, after = (band_word(row[side]) for side in ("band_before", "band_after"))
        st.markdown(
            f"  - {t('effect.band', place=plain(name_of(row)), before=before, after=after)}"
        )


def sign(key: str, label: str) -> Signature | None:
    """Ask who decides and why; return it once the button is pressed.

    A decision that was published asks for the next one's reason anew.
    """
    version = results.store().version
    with st.form(f"sign-{key}"):
        author = account.author(f"author-{key}")
        reason = st.text_area(t("effect.reason"), key=f"reason-{key}-{version}")
        pressed = st.form_submit_button(label, type="primary")
    return Signature(author, reason) if pressed else None


def done(version: int) -> None:
    """Show the published result anew, and say so once."""
    st.session_state["said"] = t("upload.saved", version=version)
    st.rerun()
