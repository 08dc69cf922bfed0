"""How a survey is weighted, and raking to known totals: tried, compared, signed."""

import pandas as pd
import streamlit as st

from data import reading
from data.errors import DataError
from data.scope import Scope
from metrics.decisions.survey_weights import (
    MARGINS,
    Margins,
    Trial,
    Weighting,
    publish,
    read_margins,
)
from metrics.disclosure.base_rule import minimum_base
from pages.shared import panels, results
from pages.shared.downloads import to_csv
from pages.shared.panels import Panel
from pages.shared.satisfaction import effect
from pages.shared.satisfaction.groups import dimension_word, group_word
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import facts_of
from pages.shared.screen import refusal
from pages.shared.words import figure, file_name, listed, name_of, people, plain, t

TRIMS = {"none": None, "usual": (0.3, 3.0)}
BASES = ("design", "equal")
_STAGED = "margins"


def draw(view: View) -> None:
    """Draw the weights in force, and let an evaluator rake to margins of the population."""
    survey = str(view.survey["survey_id"])
    found: Weighting = results.get(
        "decisions.survey_weights.weighting", view.everywhere, survey_id=survey
    )
    panels.draw(_panel(view, found, "now"), view.everywhere)
    st.header(t("weighting.rake"), anchor=False)
    st.markdown(t("weighting.rake_intro"))
    margins = _upload(view, survey)
    if margins is not None:
        _try(view, survey, margins)


def state(found: Weighting) -> str:
    """Say in a sentence how a survey is weighted."""
    if found.kind == "none":
        return t("weighting.none", n=people(found.n))
    variables = list(dict.fromkeys(found.margins["variable"]))
    sources = [source for source in found.margins["source"].dropna().unique() if source]
    return t(
        f"weighting.{found.kind}",
        names=listed(variable_word(name) for name in variables),
        source=plain(listed(sources)) if sources else t("weighting.no_source"),
        n=people(found.n),
        effect=figure(found.design_effect, 2),
        effective=people(found.effective),
        low=figure(found.low, 2),
        high=figure(found.high, 2),
    )


def variable_word(variable: str) -> str:
    """Name what a margin is about."""
    return t("shell.unit") if variable == "township_code" else dimension_word(variable)


def _level_words(levels: pd.DataFrame) -> list[str]:
    units = results.get("units.all_units", Scope()).set_index("unit_code")
    return [
        (name_of(units.loc[level]) if level in units.index else level)
        if variable == "township_code"
        else group_word(variable, level)
        for variable, level in zip(levels["variable"], levels["level"], strict=True)
    ]


def _panel(view: View, found: Weighting, key: str, said: str = "") -> Panel:
    wanted, hidden = found.levels["wanted"].dropna(), found.levels["n"].isna()
    return Panel(
        key=f"satisfaction-weighting-{key}",
        title=t(f"weighting.title_{key}"),
        sentence=said or state(found),
        table=found.levels.assign(
            of=[variable_word(name) for name in found.levels["variable"]],
            name=_level_words(found.levels),
            hidden=hidden.map({True: t("heat.blank"), False: ""}),
        ),
        columns={
            "of": (t("weighting.variable"), None),
            "name": (t("weighting.level"), None),
            "n": (t("weighting.people"), "%,.0f"),
            **({"wanted": (t("weighting.wanted"), "%.1f")} if len(wanted) else {}),
            "before": (t("weighting.before"), "%.1f"),
            "after": (t(f"weighting.after_{key}"), "%.1f"),
            **(
                {"hidden": (t("satisfaction.note"), None)} if found.levels["n"].isna().any() else {}
            ),
        },
        meaning=t("weighting.meaning", base=minimum_base(results.store())),
        facts=facts_of(view.survey, t("weighting.formula")),
    )


def _upload(view: View, survey: str) -> Margins | None:
    """Offer the table to be filled, and read the one that is brought."""
    rows = results.get("decisions.survey_weights.template", view.everywhere, survey_id=survey)
    rows = rows.assign(
        variable=[variable_word(name) for name in rows["variable"]], level=_level_words(rows)
    )
    headings = {name: t(f"weighting.column_{name}") for name in MARGINS}
    st.download_button(
        t("weighting.template"),
        to_csv([], headings, rows),
        file_name=f"{file_name(t('weighting.rake'))}.csv",
        mime="text/csv",
        on_click="ignore",
    )
    file = st.file_uploader(t("weighting.upload"), key=f"margins-{survey}")
    if file is None:
        return None
    try:
        return read_margins(_table(file.name, file.getvalue()))
    except DataError as error:
        refusal(error)
        return None


def _table(name: str, content: bytes) -> pd.DataFrame:
    """Read the file as every other table is read: in a process of its own, with limits."""
    folder = results.store().new_staging(_STAGED)
    path = folder / "margins"
    path.write_bytes(content)
    grid = reading.read_table(path, name, folder)
    columns = [grid.cells.column(n).to_pylist() for n in range(len(grid.header))]
    table = pd.DataFrame(dict(zip(grid.header, columns, strict=True)), dtype=object)
    return table.fillna("")


def _try(view: View, survey: str, margins: Margins) -> None:
    left, right = st.columns(2)
    base = left.radio(
        t("weighting.base"), BASES, format_func=lambda each: t(f"weighting.base_{each}")
    )
    cut = right.radio(
        t("weighting.trim"), list(TRIMS), format_func=lambda each: t(f"weighting.trim_{each}")
    )
    equal, bounds = base == "equal", TRIMS[cut]
    try:
        found: Trial = results.get(
            "decisions.survey_weights.trial",
            view.everywhere,
            survey_id=survey,
            margins=margins,
            equal=equal,
            trim=bounds,
        )
    except DataError as error:
        refusal(error)
        return
    panels.draw(_panel(view, found.weighting, "tried", _report(found)), view.everywhere)
    effect.draw(found.effect, view.everywhere)
    if found.small:
        rows = pd.DataFrame(found.small, columns=["variable", "level"])
        names = listed(_level_words(rows))
        st.warning(t("weighting.small", names=names, base=minimum_base(results.store())))
    if signed := effect.sign("weighting", t("weighting.publish")):
        version = publish(
            results.store(), survey, margins, equal, bounds,
            author=signed.author, reason=signed.reason,
        )  # fmt: skip
        effect.done(version)


def _report(found: Trial) -> str:
    """Say whether the totals were met, and at what price."""
    said = t(
        "weighting.met" if found.gap <= 1e-6 else "weighting.not_met",
        rounds=found.rounds,
        gap=figure(100 * found.gap),
        trimmed=people(found.trimmed),
    )
    weights = found.weighting
    return said + t(
        "weighting.price",
        n=people(weights.n),
        effect=figure(weights.design_effect, 2),
        effective=people(weights.effective),
        low=figure(weights.low, 2),
        high=figure(weights.high, 2),
    )
