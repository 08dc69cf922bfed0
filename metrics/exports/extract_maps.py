"""One figure of an extract as a map: townships in the colours and classes of the map page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.contracts import CODES
from data.errors import DataError
from data.geography.boundaries import display_geojson
from data.scope import Scope
from data.store import Store
from data.words import Language, Text, say
from metrics.accessibility import service_coverage
from metrics.exports.extracts import Extract, survey_title
from metrics.maps import classes, picture
from metrics.maps.catalogue import MEASURES, Measure, class_words
from metrics.maps.colours import INKS, shades
from metrics.maps.layers import HIDDEN

SIZE = (1920, 1080)
# More polygons than this are no picture of anything.
MOST_UNITS = 2_000
# What a picture shows where nothing is chosen: the map page opens with it.
SERVICE, ITEM = "elderly", "S1"


@dataclass(frozen=True)
class _Figure:
    """One figure by township.

    rows: the townships, and the whole first where it has one. column: where the figure stands.
    base: the column that counts what it rests on, and the words for that; blank where none does.
    """

    name: Text
    measure: Measure
    rows: pd.DataFrame
    column: str
    base: tuple[str, str] = ("", "")

    @property
    def towns(self) -> pd.DataFrame:
        """Return the rows of townships."""
        return self.rows[self.rows["level"].eq("township")]

    def base_said(self, language: Language) -> list[str]:
        """Say what the figure rests on in all, where that is known."""
        column, words = self.base
        whole = self.rows[self.rows["level"].eq("county")]
        if not column or whole.empty or whole[column].isna().any():
            return []
        return [f"{say(words, language)} {whole[column].iloc[0]:,.0f}"]


def png(store: Store, found: Extract, language: Language) -> bytes:
    """Return the picture, `SIZE` in pixels, with legend, base, source and approval number.

    Of several services or items the first is shown, the one the map page opens with.
    Raises DataError `no_place_on_map` (not by township), `no_boundaries`, `too_many_units`,
    `no_font`.
    """
    if found.shapes != "units":
        raise DataError("no_place_on_map", what=found.about["what"], by=found.about["by"])
    figure = _FIGURES[found.about["what"]](found)
    shapes = service_coverage.boundaries(store, Scope())
    shapes = shapes[shapes["unit_code"].isin(set(figure.towns["unit_code"]))]
    if shapes.empty:
        raise DataError("no_boundaries")
    if len(shapes) > MOST_UNITS:
        raise DataError("too_many_units", units=len(shapes), most=MOST_UNITS)
    values = _classed(figure)
    words = {name: say(f"map.{name}", language) for name in ("none", "hidden", "north", "km", "m")}
    told = {
        "values": values,
        "colours": shades(figure.measure.palette, len(figure.measure.breaks) + 1),
        "chosen": "",
        "service": "",
        "villages": {"flags": ""},
        "ink": INKS,
        "words": words,
        "place": found.heading[1].in_language(language),
        "legend": _legend(found, figure, values, shapes, language),
    }
    points: dict[str, Any] = {"villages": [], "facilities": []}
    return picture.png(told, json.loads(display_geojson(shapes)), points, SIZE, None)


def _classed(figure: _Figure) -> dict[str, tuple[int]]:
    """Return the class of each township; without a figure, whether it is hidden or missing."""
    placed = classes.place(figure.towns[figure.column].to_numpy(float), figure.measure.breaks)
    notes = figure.towns["note"].isin(HIDDEN)
    return {
        str(code): (picture.NOT_SHOWN if hidden and group < 0 else int(group),)
        for code, group, hidden in zip(figure.towns["unit_code"], placed, notes, strict=True)
    }


def _legend(
    found: Extract,
    figure: _Figure,
    values: Mapping[str, tuple[int]],
    shapes: pd.DataFrame,
    language: Language,
) -> dict[str, Any]:
    groups = [group for (group,) in values.values()]
    words = class_words(figure.measure, figure.measure.breaks, language)
    colours = shades(figure.measure.palette, len(words))
    counted = [
        say("map.class_counted", language, words=word, n=groups.count(n))
        for n, word in enumerate(words)
    ]
    shown = sum(group >= 0 for group in groups)
    of_shapes = {
        "coverage.note_source": "source",
        "coverage.note_approval": "map_approval_no",
    }
    origin = [
        say(key, language, value=_told(shapes[column]) or say("coverage.not_given", language))
        for key, column in of_shapes.items()
    ]
    fictional = found.about["fictional"]
    lines = [line.in_language(language) for line in found.heading[2:]]
    mark = say("shell.fictional", language)
    return {
        "title": figure.name.in_language(language),
        "classes": list(zip(colours, counted, strict=True)),
        "square": None,
        "marks": [],
        "badge": say("coverage.note_fictional", language) if fictional else "",
        "notes": [
            say("map.units", language, n=shown, all=len(groups)),
            *figure.base_said(language),
            *(line for line in lines if line != mark),
            *origin,
        ],
    }


def _told(column: pd.Series) -> str:
    return "; ".join(sorted(set(column.dropna().astype(str))))


def _opinion(found: Extract) -> _Figure:
    rows = found.table
    held = list(dict.fromkeys(rows["item"]))
    item = ITEM if ITEM in held else held[0] if held else ITEM
    rows = rows[rows["item"].eq(item)]
    survey = rows["survey_id"].iloc[0] if len(rows) else ""
    rows = rows[rows["survey_id"].eq(survey)]
    named = Text(*rows[["item_zh", "item_en"]].iloc[0]) if len(rows) else found.title
    asked = [each for each in found.about["approvals"] if each["survey_id"] == survey]
    titles = map(survey_title, asked)
    name = next((Text(f"{of.zh} · {named.zh}", f"{of.en} · {named.en}") for of in titles), named)
    return _Figure(name, MEASURES["S1"], rows, "estimate", ("n", "map.base_respondents"))


def _reach(found: Extract) -> _Figure:
    rows = found.table
    held = list(dict.fromkeys(rows["service"]))
    service = SERVICE if SERVICE in held else held[0] if held else SERVICE
    words = next(code.label for code in CODES["service"] if code.value == service)
    measure = MEASURES["reach"]
    name = Text(*(f"{a} · {b}" for a, b in zip(words, measure.name, strict=True)))
    return _Figure(
        name,
        measure,
        rows[rows["service"].eq(service)],
        "share",
        ("residents", "map.base_residents"),
    )


def _bands(found: Extract) -> _Figure:
    return _Figure(MEASURES["band"].name, MEASURES["band"], found.table, "band")


_FIGURES = {"satisfaction": _opinion, "coverage": _reach, "scores": _bands}
