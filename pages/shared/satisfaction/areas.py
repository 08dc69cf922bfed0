"""Small townships on the satisfaction page: the direct figure, and beside it the model's."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.errors import DataError
from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.areas import Areas
from pages.shared import address, panels, results
from pages.shared.panels import Panel
from pages.shared.satisfaction import survey_charts
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import facts_of
from pages.shared.words import figure, in_words, large, names_of, plain, t


def draw(view: View) -> None:
    """Let the reader choose what the model rests on, and draw both figures of every township."""
    survey = view.survey["survey_id"]
    known = results.get("satisfaction.areas.known", view.everywhere, survey_id=survey)
    covariate = address.select(
        "covariate", t("areas.covariate"), known, lambda name: t(f"areas.of_{name}")
    )
    try:
        found: Areas = results.get(
            "satisfaction.areas.by_area", view.everywhere, **view.chosen, covariate=covariate
        )
    except DataError as error:
        if error.code not in ("areas_too_few", "covariates_collinear"):
            raise
        st.info(t("areas.too_few"))
        return
    st.warning(t("areas.mark"))
    rows = found.table.assign(
        name=names_of(found.table),
        kind_word=[t(f"areas.kind_{kind or 'none'}") for kind in found.table["kind"]],
        reason=in_words("satisfaction.note_", found.table["note"]),
    )
    rows = rows.sort_values("estimate", ascending=False, kind="stable", na_position="last")
    panels.draw(_panel(view, covariate, found, rows), view.everywhere, _picture(rows))


def _panel(view: View, covariate: str, found: Areas, rows: pd.DataFrame) -> Panel:
    return Panel(
        key="satisfaction-areas",
        title=t("areas.title", item=view.item["name"]),
        sentence=_sentence(covariate, found),
        table=rows,
        columns={
            "name": (t("shell.unit"), None),
            "direct": (t("areas.direct"), "%.1f"),
            "direct_low": (t("satisfaction.low"), "%.1f"),
            "direct_high": (t("satisfaction.high"), "%.1f"),
            "estimate": (t("areas.model"), "%.1f"),
            "low": (t("areas.model_low"), "%.1f"),
            "high": (t("areas.model_high"), "%.1f"),
            "mse": (t("areas.mse"), "%.2f"),
            "shrinkage": (t("areas.shrinkage"), "%.2f"),
            "kind_word": (t("areas.kind"), None),
            "n": (t("satisfaction.base"), "%,.0f"),
            "reason": (t("satisfaction.note"), None),
        },
        meaning=t("areas.meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("areas.formula")),
    )


def _sentence(covariate: str, found: Areas) -> str:
    both = found.table[found.table["kind"] == "both"]
    said = t("areas.rests", n=found.areas)
    if covariate != "none":
        said += t(
            "areas.goes_with",
            name=t(f"areas.of_{covariate}"),
            points=f"{found.coefficient * _step(covariate):+.1f}",
            step=t(f"areas.step_{covariate}"),
        )
    if len(both):
        width = (both["direct_high"] - both["direct_low"]).mean()
        narrow = (both["high"] - both["low"]).mean()
        move = (both["estimate"] - both["direct"]).abs()
        far = both.loc[move.idxmax()]
        said += t(
            "areas.moves",
            before=figure(width),
            after=figure(narrow),
            place=plain(names_of(both.loc[[move.idxmax()]])[0]),
            direct=figure(far["direct"]),
            model=figure(far["estimate"]),
        )
    alone = int((found.table["kind"] == "model").sum())
    return said + (t("areas.alone", n=alone) if alone else "")


def _step(covariate: str) -> float:
    """Return the step of a covariate that a reader can picture: ten points of a share, twice."""
    return {"subdistrict": 1.0, "population": 0.6931471805599453}.get(covariate, 0.1)


def _picture(rows: pd.DataFrame) -> go.Figure | None:
    held = rows[rows["estimate"].notna()]
    if held.empty:
        return None
    return survey_charts.beside(
        held,
        words=(t("areas.direct"), t("areas.model")),
        axis=t("areas.axis"),
        large=large(),
    )
