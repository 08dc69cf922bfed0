"""The layers of the map and the measures that colour them, as they are declared.

`data/contracts/map_layers.csv`: one row per layer (M01-M16 of the framework, M17 and M18 ours).
`data/contracts/map_measures.csv`: one row per measure; a measure named like an indicator takes from
the register what is not written there (a name too long for the map is written shorter).
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast

from data.contracts import FOLDER
from data.errors import DataError
from data.words import Language, Text, quantity, say
from metrics.register import INDICATORS

Family = Literal[
    "reach", "outside", "access", "cross", "centre", "shelter", "supplies", "band", "score",
    "satisfaction", "indicator",
]  # fmt: skip
Mode = Literal["normal", "emergency", "both"]


@dataclass(frozen=True)
class Layer:
    """One layer: whom it is for, which points it shows, and by what it can be coloured.

    service: the facilities shown, None for none. mode: when it is offered. measures: the first is
    what the layer opens with. question: the survey item that `cross` sets beside the reach.
    """

    id: str
    name: Text
    service: str | None
    mode: Mode
    audience: Text
    measures: tuple[str, ...]
    question: str


@dataclass(frozen=True)
class Measure:
    """One measure of townships: what it is in words, its unit, and how it is painted.

    breaks: lower ends of the upper classes where they are fixed; empty where they are always
    computed. palette: 'blues' (more is better), 'oranges' (more is worse), 'bands', 'cross'.
    sources: contract tables it is worked out from, none for bands and scores.
    """

    id: str
    family: Family
    name: Text
    unit: Text
    digits: int
    palette: str
    breaks: tuple[float, ...]
    meaning: Text
    sources: tuple[str, ...]

    @property
    def uses_radius(self) -> bool:
        """Say whether a service radius is part of it."""
        return self.family in ("reach", "outside", "access", "cross", "centre")


def _records(file: str) -> Iterator[Mapping[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, strict=True)


def _text(record: Mapping[str, str], name: str) -> Text:
    return Text(record[f"{name}_zh"], record[f"{name}_en"])


def _measure(record: Mapping[str, str]) -> Measure:
    known = INDICATORS.get(record["id"])
    words = {name: _text(record, name) for name in ("label", "unit", "meaning")}
    sources = tuple(part for part in record["sources"].split(";") if part)
    if known is not None:
        of_register = {"label": known.name, "unit": known.unit, "meaning": known.definition}
        words = {name: text if text.zh else of_register[name] for name, text in words.items()}
        sources = known.sources
    return Measure(
        id=record["id"],
        family=cast(Family, record["family"]),
        name=words["label"],
        unit=words["unit"],
        digits=int(record["digits"]),
        palette=record["palette"],
        breaks=tuple(float(cut) for cut in record["breaks"].split(";") if cut),
        meaning=words["meaning"],
        sources=sources,
    )


def _layer(record: Mapping[str, str]) -> Layer:
    return Layer(
        id=record["id"],
        name=_text(record, "label"),
        service=record["service"] or None,
        mode=cast(Mode, record["mode"]),
        audience=_text(record, "audience"),
        measures=tuple(record["measures"].split(";")),
        question=record["question"],
    )


LAYERS: Mapping[str, Layer] = {r["id"]: _layer(r) for r in _records("map_layers.csv")}
MEASURES: Mapping[str, Measure] = {r["id"]: _measure(r) for r in _records("map_measures.csv")}


def layer(name: str) -> Layer:
    """Return a layer; raises DataError `unknown_layer`."""
    if name not in LAYERS:
        raise DataError("unknown_layer", layer=name, layers=", ".join(LAYERS))
    return LAYERS[name]


def measure(layer_id: str, name: str) -> Measure:
    """Return a measure of a layer; raises DataError `unknown_layer`, `unknown_measure`."""
    offered = layer(layer_id).measures
    if name not in offered:
        raise DataError("unknown_measure", measure=name, measures=", ".join(offered))
    return MEASURES[name]


def with_unit(asked: Measure, number: str, language: Language) -> str:
    """Return a number with the unit of a measure; percent signs stand close."""
    if asked.family == "band":
        return say("map.band", language, n=number)
    return quantity(number, asked.unit.in_language(language))


def class_words(asked: Measure, breaks: Sequence[float], language: Language) -> list[str]:
    """Say the classes that begin at the breaks, from low to high."""
    if asked.palette == "bands":
        return [say("map.band", language, n=n + 1) for n in range(len(breaks) + 1)]
    most = 100 if asked.id in ("reach", "centre_reach", "supplies") else None
    return ranges(breaks, lambda number: with_unit(asked, number, language), language, most)


def ranges(
    breaks: Sequence[float],
    unit: Callable[[str], str],
    language: Language,
    most: float | None = None,
) -> list[str]:
    """Say the ranges between breaks; unit: puts the unit beside a number.

    most: the largest value there can be; a class that begins there holds nothing above it.
    """
    if not breaks:
        return [say("map.class_all", language)]
    ends = [f"{cut:,.10g}" for cut in breaks]
    highest = unit(ends[-1])
    if breaks[-1] != most:
        highest = say("map.class_highest", language, low=highest)
    return [
        say("map.class_lowest", language, high=unit(ends[0])),
        *(say("map.class", language, low=low, high=unit(high)) for low, high in pairwise(ends)),
        highest,
    ]
