"""Extracts as files: which endings make sense for which, and how each is written."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Language, say
from metrics.accessibility import service_coverage
from metrics.exports import decks, extract_maps, report_files, slide_files, table_files
from metrics.exports.extract_reports import report
from metrics.exports.extract_words import in_words
from metrics.exports.extracts import Extract

Writer = Callable[[Store, Extract, Language], bytes]


def writer_for(what: str, out: Path) -> Writer:
    """Return how a file of this ending is written; raises DataError `ending_impossible`."""
    ending = out.suffix.lower().removeprefix(".")
    possible = [name for name in WRITERS if what in _ONLY.get(name, (what,))]
    if ending not in possible:
        raise DataError(
            "ending_impossible", what=what, ending=out.suffix or "—", possible=", ".join(possible)
        )
    return WRITERS[ending]


def _csv(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    heading = [line.in_language(language) for line in found.heading]
    return table_files.to_csv(heading, {str(c): str(c) for c in found.table}, found.table)


def _xlsx(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    headings, table = in_words(found, language)
    heading = [line.in_language(language) for line in found.heading]
    parts = {title: (lines, part) for title, lines, part in _parts(found, language)}
    return table_files.to_xlsx(heading, headings, table, parts)


def _html(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    headings, table = in_words(found, language)
    heading = [line.in_language(language) for line in found.heading[1:]]
    title = found.title.in_language(language)
    more = list(_parts(found, language))
    return table_files.to_html(title, heading, headings, table, language, more)


def _parts(
    found: Extract, language: Language
) -> Iterator[tuple[str, Mapping[str, str], pd.DataFrame]]:
    """Yield title, headings and table of what belongs to an extract, in words."""
    for name, part in found.parts.items():
        yield say(f"export.part.{name}", language), *in_words(replace(found, table=part), language)


def _parquet(store: Store, found: Extract, language: Language) -> bytes:
    _ = store, language
    return table_files.to_parquet(found.about, found.table)


def _json(store: Store, found: Extract, language: Language) -> bytes:
    _ = store, language
    parts = {
        name: {"columns": list(part), "rows": table_files.records(part)}
        for name, part in found.parts.items()
    }
    return table_files.to_json(found.about, found.table, parts)


def _geojson(store: Store, found: Extract, language: Language) -> bytes:
    _ = language
    if found.shapes == "points":
        about, features = found.about, _points(found.table)
    elif found.shapes == "units":
        shapes = service_coverage.boundaries(store, Scope())
        approval = _told(shapes["map_approval_no"])
        about = {**found.about, "map_approval_no": approval, "boundaries": _told(shapes["source"])}
        features = _units(found, shapes)
    else:
        raise DataError("no_place_on_map", what=found.about["what"], by=found.about["by"])
    return table_files.to_geojson(about, features)


def _told(column: pd.Series) -> str | None:
    return "; ".join(sorted(set(column.dropna().astype(str)))) or None


def _points(table: pd.DataFrame) -> Iterable[tuple[str | None, Mapping[str, Any]]]:
    for row in table_files.records(table):
        placed = row["lon"] is not None and row["lat"] is not None
        point = f'{{"type":"Point","coordinates":[{row["lon"]!r},{row["lat"]!r}]}}'
        yield (point if placed else None), row


def _units(found: Extract, shapes: pd.DataFrame) -> Iterable[tuple[str | None, Mapping[str, Any]]]:
    """Yield one feature per unit; where it has several rows, their keys stand before the names."""
    wkb = [bytes(geometry) for geometry in shapes["geometry"]]
    drawn = dict(zip(shapes["unit_code"], shapely.to_geojson(shapely.from_wkb(wkb)), strict=True))
    units: dict[str, dict[str, Any]] = {}
    rows = table_files.records(found.table)
    told = [row for row in rows if row["unit_code"] in drawn or row.get("level") == "township"]
    several = max(Counter(row["unit_code"] for row in told).values(), default=1) > 1
    common = ("unit_code", "level", "name_zh", "name_en", "unit_type")
    for row in told:
        key = "".join(f"{row[name]}." for name in found.keys) if several else ""
        own = units.setdefault(row["unit_code"], {})
        for name, cell in row.items():
            if name in common:
                own[name] = cell
            elif name not in found.keys or not several:
                own[f"{key}{name}"] = cell
    for code, properties in units.items():
        yield drawn.get(code), properties


def _docx(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    return report_files.docx(report(found, language))


def _pdf(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    return report_files.pdf(report(found, language))


def _pptx(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    more = say("export.more_rows", language, n="{n}")
    return slide_files.pptx(decks.of_report(report(found, language), more))


def _png(store: Store, found: Extract, language: Language) -> bytes:
    return extract_maps.png(store, found, language)


WRITERS: Mapping[str, Writer] = {
    "csv": _csv, "parquet": _parquet, "xlsx": _xlsx, "json": _json, "html": _html,
    "docx": _docx, "pdf": _pdf, "pptx": _pptx, "geojson": _geojson,
    "png": _png,
}  # fmt: skip
# Endings that make sense for some extracts only.
_ONLY: Mapping[str, tuple[str, ...]] = {
    "geojson": ("satisfaction", "coverage", "scores", "profile", "indicators"),
    "pptx": ("satisfaction", "coverage", "scores", "profile"),
    "png": ("satisfaction", "coverage", "scores"),
}
