"""Red flags on the screen: always beside the band, never part of the score."""

import pandas as pd
import streamlit as st

from metrics.assessment.red_flags import FLAGS
from metrics.exports import profile_words
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import few, in_words, listed, names_of, plain, t, tell

NAMED = 8


def words(flags: pd.DataFrame) -> list[str]:
    """Return every flag in words, with the places it was seen in."""
    return [tell(profile_words.flag(row)) for row in flags.to_dict("records")]


def by_unit(flags: pd.DataFrame, codes: "pd.Series[str]") -> list[str]:
    """Return the flags of every unit in one text, blank without any."""
    told = flags.assign(word=words(flags)).groupby("unit_code")["word"].agg(listed)
    return [str(told.get(code, "")) for code in codes]


def beside(flags: pd.DataFrame) -> None:
    """Warn of the flags of one township, right below its band."""
    said = profile_words.flags(flags)
    if said:
        st.warning(tell(said))


def sentence(flags: pd.DataFrame) -> str:
    """Name the townships with flags."""
    if flags.empty:
        return t("flags.none")
    towns = flags.drop_duplicates("unit_code")
    return t(
        "flags.some", n=len(towns), names=few([plain(name) for name in names_of(towns)], NAMED)
    )


def panel(flags: pd.DataFrame) -> Panel:
    """Return the flags of all townships, with clause and reason."""
    found = [FLAGS[flag] for flag in flags["flag"]]
    table = flags.assign(
        unit=names_of(flags),
        what=[tell(each.name) for each in found],
        reason=[tell(each.reason) for each in found],
        clause=[each.clause for each in found],
        mark=in_words("scorecard.note.", flags["note"]),
    )
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "what": (t("flags.what"), None),
        "places": (t("flags.places"), "%,.0f"),
        "of_places": (t("flags.of_places"), "%,.0f"),
        "mark": (t("assessment.note"), None),
        "clause": (t("flags.clause"), None),
        "reason": (t("flags.reason"), None),
    }
    return worded("flags.title", sentence(flags), table, columns, key="assessment-flags")
