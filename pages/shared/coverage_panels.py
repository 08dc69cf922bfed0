"""The words, classes and panels of the coverage page."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from data.contracts import CODES
from data.scope import Scope
from data.store import DEFAULT_SETTINGS
from pages.shared import maps, results
from pages.shared.filters import choice
from pages.shared.maps import Legend
from pages.shared.panels import Panel
from pages.shared.screen import language, name_of, t, tell

RADII = (500, 1000, 1500, 2000, 3000, 5000)
STANDARD = "standard"
# Fixed classes, so that two years or two services are painted alike.
BREAKS = (40.0, 60.0, 80.0, 95.0)
CHINA = (35.0, 105.0)


def choose(services: pd.DataFrame) -> tuple[str, float | None]:
    """Let the reader choose a service and a radius; both live in the URL."""
    held = list(services["service"]) or [code.value for code in CODES["service"]]
    names = {code.value: tell(code.label) for code in CODES["service"]}
    left, right = st.columns(2)
    with left:
        service = choice(
            t("coverage.service"),
            held,
            key="service",
            default="elderly" if "elderly" in held else held[0],
            word=lambda value: names.get(value, value),
        )
    with right:
        radius = choice(
            t("coverage.radius"),
            [STANDARD, *map(str, RADII)],
            key="radius",
            default=STANDARD,
            word=lambda value: (
                t("coverage.standard") if value == STANDARD else t("coverage.metres", n=value)
            ),
        )
    return service, None if radius == STANDARD else float(radius)


def service_name(service: str) -> str:
    """Return a service's name in the language of the view."""
    return next((tell(c.label) for c in CODES["service"] if c.value == service), service)


def people(count: float) -> str:
    """Write a number of people as readers expect: 万 from ten thousand on in Chinese."""
    if language() == "zh" and count >= 10_000:
        return f"{count / 10_000:.1f} 万"
    return f"{count:,.0f}"


def headline(service: str, table: pd.DataFrame) -> None:
    """Say how many residents are within reach, how many not, and where most of those live."""
    whole = table.iloc[0]
    if pd.isna(whole["share"]):
        st.info(t("coverage.no_radius", service=service_name(service)))
        return
    words = t(
        "coverage.headline",
        place=name_of(whole),
        service=service_name(service),
        share=f"{whole['share']:.1f}",
        residents=people(whole["inside"] + whole["outside"]),
        outside=people(whole["outside"]),
    )
    towns = table[table["level"].eq("township")]
    worst = towns.nlargest(1, "outside")
    if len(towns) > 1 and worst["outside"].iloc[0] > 0:
        words += t(
            "coverage.worst",
            name=name_of(worst.iloc[0]),
            outside=people(worst["outside"].iloc[0]),
        )
    if whole["unknown"] > 0:
        words += t("coverage.unknown_people", n=people(whole["unknown"]))
    st.markdown(words)


def centre(boundaries: pd.DataFrame, villages: pd.DataFrame) -> tuple[float, float]:
    """Return where the map opens: the middle of the boundaries, else of the villages."""
    if len(boundaries):
        shapes = shapely.from_wkb(boundaries["geometry"].map(bytes).to_numpy(dtype=object))
        west, south, east, north = shapely.total_bounds(shapes)
        return float((south + north) / 2), float((west + east) / 2)
    if villages["lat"].notna().any():
        return float(villages["lat"].mean()), float(villages["lon"].mean())
    return CHINA


def values(table: pd.DataFrame) -> dict[str, tuple[int, str]]:
    """Return class and words by township code."""
    towns = table[table["level"].eq("township") & table["share"].notna()]
    classes = np.searchsorted(BREAKS, towns["share"].to_numpy(float), side="right")
    return {
        row["unit_code"]: (
            int(place),
            t("coverage.tip", share=f"{row['share']:.1f}", outside=people(row["outside"])),
        )
        for place, (_, row) in zip(classes, towns.iterrows(), strict=True)
    }


def dots(
    villages: pd.DataFrame, facilities: pd.DataFrame
) -> list[tuple[float, float, str, int, bool, str]]:
    """Return villages (outside: hollow red; reached: filled blue) and facilities as marks."""
    name = f"name_{language()}"
    marks = [
        (
            row.lat,
            row.lon,
            maps.REACHED if row.reached else maps.OUTSIDE,
            3,
            bool(row.reached),
            f"{getattr(row, name)} · "
            + t("coverage.village_tip", n=people(row.population), metres=_metres(row.metres)),
        )
        for row in villages.dropna(subset=["lat", "lon"]).itertuples()
        if row.reached is not None
    ]
    marks += [
        (
            row.lat,
            row.lon,
            maps.OPERATING if row.status == "operating" else maps.IDLE,
            4,
            row.status == "operating",
            f"{row.name_zh} · {_status(row.status)}",
        )
        for row in facilities.dropna(subset=["lat", "lon"]).itertuples()
    ]
    return marks


def _metres(metres: float) -> str:
    return f"{metres:,.0f}" if np.isfinite(metres) else "—"


def _status(status: str) -> str:
    return next((tell(c.label) for c in CODES["facility_status"] if c.value == status), status)


def legend(service: str, scope: Scope, table: pd.DataFrame, boundaries: pd.DataFrame) -> Legend:
    """Return the legend with classes, marks, period, base, source and approval number."""
    edges = (0.0, *BREAKS, 100.0)
    classes = [
        (colour, t("coverage.class", low=f"{low:.0f}", high=f"{high:.0f}"))
        for colour, low, high in zip(maps.CLASSES, edges, edges[1:], strict=False)
    ]
    notes = [t("coverage.note_year", year=scope.year)] if scope.year else []
    if len(table):
        notes.append(t("coverage.note_base", n=people(table["residents"].iloc[0])))
    notes += _sources(boundaries)
    if results.store().settings().get("fictional") == "true":
        notes.append(t("coverage.note_fictional"))
    return Legend(
        title=t("coverage.legend", service=service_name(service)),
        classes=[*classes, (maps.NO_DATA, t("coverage.no_data"))],
        marks=[
            (maps.REACHED, t("coverage.mark_reached"), True),
            (maps.OUTSIDE, t("coverage.mark_outside"), False),
            (maps.OPERATING, t("coverage.mark_operating"), True),
            (maps.IDLE, t("coverage.mark_idle"), False),
        ],
        notes=notes,
    )


def _sources(boundaries: pd.DataFrame) -> Sequence[str]:
    said = []
    for column, key in (
        ("source", "coverage.note_source"),
        ("map_approval_no", "coverage.note_no"),
    ):
        found = boundaries[column].dropna().unique() if len(boundaries) else []
        said.append(t(key, value=found[0]) if len(found) else t(f"{key}_none"))
    return said


def by_unit(service: str, table: pd.DataFrame, facilities: pd.DataFrame) -> Panel:
    """Return the panel of residents inside and outside by township."""
    rows = table.assign(unit=[name_of(row) for _, row in table.iterrows()])
    status = facilities["status"].value_counts()
    held = results.store().settings()
    counted = t("shell.list_joiner").join(f"{_status(str(s))} {n}" for s, n in status.items())
    return Panel(
        key=f"coverage-{service}",
        title=t("coverage.by_unit", service=service_name(service)),
        sentence=t("coverage.facilities", counted=counted or "0"),
        table=rows,
        columns={
            "unit_code": (t("satisfaction.code"), None),
            "unit": (t("shell.unit"), None),
            "residents": (t("coverage.residents"), "%d"),
            "inside": (t("coverage.inside"), "%d"),
            "outside": (t("coverage.outside"), "%d"),
            "share": (t("coverage.share"), "%.1f"),
            "unknown": (t("coverage.unknown"), "%d"),
        },
        meaning=t(
            "coverage.meaning",
            detour=held.get("detour_factor", DEFAULT_SETTINGS["detour_factor"]),
        ),
    )
