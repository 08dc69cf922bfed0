"""How figures are made, in words: thresholds are read from the program that uses them."""

from collections.abc import Mapping
from inspect import signature

import streamlit as st

from data.store import LOWEST_MINIMUM_BASE
from metrics.accessibility import standards
from metrics.accessibility.sphere import RADIUS
from metrics.assessment import goalposts
from metrics.assessment.cards import DATA_THRESHOLD, FACTS_SHARE
from metrics.assessment.county_card import OPINIONS
from metrics.assessment.framework import BLOCKS, DUTIES
from metrics.assessment.robustness import DRAWS
from metrics.assessment.township_card import BAND_CUTS
from metrics.composite.uncertainty import QUANTILES
from metrics.register import DEFAULT_ROWS
from metrics.scoring import rank_ranges
from pages.shared import results
from pages.shared.words import listed, t

NOTES = ("interval", "survey", "disclosure", "goalposts", "cards", "bands", "coverage", "missing")


def values() -> Mapping[str, object]:
    """Return the numbers that the notes name: constants of the program, settings of the store."""
    settings = results.settings()
    return {
        "minimum": settings["minimum_base"],
        "lowest": LOWEST_MINIMUM_BASE,
        "detour": settings["detour_factor"],
        **{f"pace_{m}": DEFAULT_ROWS[name]["value"] for m, name in standards.PACES.items()},
        "radius_km": f"{RADIUS / 1000:,.1f}",
        "peers": goalposts.FEWEST_PEERS,
        "floor": f"{goalposts.FLOOR_SHARE:.0%}",
        "cuts": listed(f"{cut:g}" for cut in BAND_CUTS),
        "facts": f"{FACTS_SHARE:.0%}",
        "opinions": f"{1 - FACTS_SHARE:.0%}",
        "cadres": f"{OPINIONS['S8']:.0%}",
        "residents": f"{OPINIONS['S1']:.0%}",
        "threshold": f"{DATA_THRESHOLD:.0%}",
        "noise": f"{signature(rank_ranges).parameters['weight_noise'].default:.0%}",
        "draws": f"{DRAWS:,}",
        "lower": f"{QUANTILES[0]:.0%}",
        "upper": f"{QUANTILES[-1]:.0%}",
        "blocks": listed(f"{block} {weight:g}" for block, weight in BLOCKS.items()),
        "duties": listed(
            f"{t(f'scorecard.duty.{duty}')} {weight:g}" for duty, (weight, _) in DUTIES.items()
        ),
    }


def draw() -> None:
    """Show the notes, each closed until it is wanted."""
    st.header(t("methods.notes"), anchor=False)
    st.markdown(t("methods.notes_intro"))
    known = values()
    for note in NOTES:
        with st.expander(t(f"methods.note.{note}_title")):
            st.markdown(t(f"methods.note.{note}", **known))
