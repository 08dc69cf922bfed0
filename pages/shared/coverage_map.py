"""The coverage page's map: townships by share of residents within reach, villages, facilities."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from data.boundaries import unit_at
from data.contracts import CODES
from data.scope import Scope
from pages.shared import geometry, maps, results
from pages.shared.maps import Legend, View, Villages
from pages.shared.words import day, figure, people, t, tell

# Fixed classes, so that two years or two services are painted alike.
BREAKS = (40.0, 60.0, 80.0, 95.0)


def too_many(facts: pd.Series, table: pd.DataFrame, scope: Scope) -> bool:
    """Say whether there are more units than a map can show; a narrower place is asked for."""
    return scope.county is None and max(facts["units"], len(table)) > geometry.MOST_UNITS


def view(
    service: str,
    scope: Scope,
    table: pd.DataFrame,
    villages: pd.DataFrame,
    facts: pd.Series,
) -> View:
    """Return what the map says for a service; table and villages of all townships."""
    return View(
        units=geometry.url(geometry.UNITS, scope) if facts["units"] else "",
        points=geometry.url(geometry.points_layer(scope), scope),
        place=scope.county or geometry.EVERYWHERE,
        values=_values(table),
        tip=t("coverage.tip", share="{0}", outside="{1}"),
        chosen=scope.township or "",
        service=service,
        villages=_villages(villages, scope),
        tips={
            key: t(f"coverage.village_{key}", n="{0}", metres="{1}")
            for key in ("reached", "outside", "alone", "unknown")
        },
        statuses={code.value: tell(code.label) for code in CODES["facility_status"]},
        legend=_legend(service, scope, table, facts),
    )


def finder(scope: Scope, table: pd.DataFrame) -> Callable[[float, float], str | None]:
    """Return how a clicked place becomes the code of one of the table's townships."""
    known = set(table["unit_code"])

    def find(lon: float, lat: float) -> str | None:
        code = unit_at(results.get("coverage.boundaries", scope), lon, lat)
        return code if code in known else None

    return find


def service_name(service: str) -> str:
    """Return a service's name in the language of the view."""
    return next((tell(c.label) for c in CODES["service"] if c.value == service), service)


def _values(table: pd.DataFrame) -> dict[str, tuple[int, str, str]]:
    """Return class, share and people outside by township."""
    towns = table[table["level"].eq("township") & table["share"].notna()]
    shares = towns["share"].to_numpy(float).round(9)
    classes = np.searchsorted(BREAKS, shares, side="right")
    return {
        str(code): (int(place), figure(share), people(outside))
        for code, place, share, outside in zip(
            towns["unit_code"], classes, shares, towns["outside"], strict=True
        )
    }


def _villages(villages: pd.DataFrame, scope: Scope) -> Villages:
    """Return how the villages fare, in the order of the points layer."""
    layer = results.get("coverage.map_villages", Scope(year=scope.year, county=scope.county))
    rows = villages.set_index("community_code").reindex(layer["community_code"])
    marks = {True: "1", False: "0"}
    flags = [
        "-" if pd.isna(town) else marks.get(reached, "?")
        for town, reached in zip(rows["township_code"], rows["reached"], strict=True)
    ]
    metres = rows["metres"].to_numpy(float)
    whole = np.where(np.isfinite(metres), np.round(metres), -1).astype(int)
    return Villages("".join(flags), whole.tolist())


def _legend(service: str, scope: Scope, table: pd.DataFrame, facts: pd.Series) -> Legend:
    return Legend(
        title=t("coverage.legend", service=service_name(service)),
        classes=list(zip(maps.CLASSES, _class_words(), strict=True)),
        marks=[
            ("village", maps.REACHED, True, t("coverage.mark_reached")),
            ("village", maps.OUTSIDE, False, t("coverage.mark_outside")),
            ("facility", maps.OPERATING, True, t("coverage.mark_operating")),
            ("facility", maps.IDLE, False, t("coverage.mark_idle")),
        ],
        notes=[*_base(scope, table), *_origin(facts)],
        badge=t("coverage.note_fictional") if results.is_fictional() else "",
    )


def _class_words() -> list[str]:
    low, high = BREAKS[0], BREAKS[-1]
    return [
        t("coverage.class_lowest", high=f"{low:g}"),
        *(t("coverage.class", low=f"{a:g}", high=f"{b:g}") for a, b in pairwise(BREAKS)),
        t("coverage.class_highest", low=f"{high:g}"),
    ]


def _base(scope: Scope, table: pd.DataFrame) -> list[str]:
    """Return period and base, where there are any."""
    notes = [t("scope.year", year=scope.year)] if scope.year else []
    if len(table) and pd.notna(table["residents"].iloc[0]):
        notes.append(t("coverage.note_base", n=people(table["residents"].iloc[0])))
    return [t("shell.joiner").join(notes)] if notes else []


def _origin(facts: pd.Series) -> list[str]:
    """Return where the boundaries come from, and of which data the picture was made when."""
    return [
        t("coverage.note_source", value=_given(facts["source"])),
        t("coverage.note_approval", value=_given(facts["map_approval_no"])),
        t("coverage.note_made", version=results.store().version, day=day(date.today())),
    ]


def _given(value: Any) -> str:
    return value if isinstance(value, str) and value else t("coverage.not_given")
