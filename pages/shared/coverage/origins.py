"""Where the figures of a map come from: tables and survey, and of which day they are."""

from dataclasses import replace

import pandas as pd

from data.contracts import table as contract
from data.scope import Scope
from pages.shared import results
from pages.shared.coverage import standard_words
from pages.shared.coverage.map_choices import Chosen
from pages.shared.words import beijing, day, listed, t, tell, title_of


def said(chosen: Chosen, table: pd.DataFrame, scope: Scope, *, counties: bool) -> list[str]:
    """Return a line for what the figures of a map rest on; none without a single figure.

    table: of `layers.values`. scope: the year of the map. counties: the table is of counties.
    """
    made = set(table["origin"]) - {""}
    if not made:
        return []
    if chosen.measure.family in ("band", "score"):
        framework = results.get("assessment.framework.of_scope", scope)
        return [t("map.source_framework", name=tell(framework.name))]
    parts = [] if made == {"survey"} else [_tables(chosen, made, scope)]
    if "survey" in made or chosen.measure.family == "cross":
        parts += _survey(replace(scope, township=None), counties=counties)
    return [t("map.source", parts=t("shell.rest_joiner").join(parts))]


def _tables(chosen: Chosen, made: set[str], scope: Scope) -> str:
    """Name the tables, and the day of the publication that last brought one of them."""
    names = list(chosen.measure.sources) if "computed" in made else []
    if standard_words.by_road(chosen, scope) and chosen.measure.uses_radius:
        names.append("travel_times")
    if "reported" in made:
        names.append("reported_values")
    brought = results.get("provenance.of_tables", Scope(), tables=tuple(names))
    tables = listed(tell(contract(name).label) for name in names)
    if brought.empty:
        return tables
    return t("map.source_tables", tables=tables, day=_on(beijing(str(brought["time"].max()))))


def _survey(scope: Scope, *, counties: bool) -> list[str]:
    """Name the survey and its days in the field; counties may each have one of their own."""
    if counties:
        return [t("map.source_surveys")]
    found = results.get("maps.layers.survey", scope)
    return [
        t("map.source_survey", title=title_of(row), first=_on(row["start_on"]),
          last=_on(row["end_on"]))
        for row in found.to_dict("records")
    ]  # fmt: skip


def _on(value: object) -> str:
    """Return a date that stands whole in a narrow legend."""
    return day(value).replace(" ", "\u00a0")
