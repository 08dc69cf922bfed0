"""`python app.py export WHAT --out FILE`: a table of what the pages show, as a file."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from data import audit
from data import store as stores
from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import LANGUAGES, Language
from metrics import service_coverage, table_files
from metrics.commands.common import Answer, Command
from metrics.export import KINDS, Extract, Wish, extract, scope_for
from metrics.export_words import in_words

Writer = Callable[[Store, Extract, Language], bytes]
UNIT_TYPES = ("township", "subdistrict")


def declare(command: Command) -> None:
    """Tell the command line of this command."""
    sub = command("export", run)
    sub.add_argument("what", choices=list(KINDS), metavar="WHAT", help=" | ".join(KINDS))
    sub.add_argument("--out", type=Path, required=True, metavar="FILE")
    sub.add_argument("--by")
    sub.add_argument("--period", metavar="YEAR")
    sub.add_argument("--version", type=int, metavar="N")
    sub.add_argument("--place", metavar="CODE")
    sub.add_argument("--type", choices=UNIT_TYPES)
    for name in ("survey", "item", "service"):
        sub.add_argument(f"--{name}")
    sub.add_argument("--radius", type=float, metavar="METRES")
    sub.add_argument("--lang", choices=LANGUAGES, default="zh")


def run(options: argparse.Namespace) -> Answer:
    """Write the file and say what stands in it."""
    out: Path = options.out
    writer = writer_for(options.what, out)
    with Store.open(_folder()) as opened:
        held = opened if options.version is None else opened.at(options.version)
        scope = scope_for(held, options.period, options.place, options.type)
        wish = Wish(
            options.what, scope, options.by, options.survey, options.item,
            options.service, options.radius,
        )  # fmt: skip
        found = extract(held, wish)
        content = writer(held, found, options.lang)
    _save(out, content)
    audit.note(stores.data_folder(), "taken_out", about=f"{options.what} {out.name}")
    return {"file": str(out), "rows": len(found.table), "bytes": len(content), **found.about}, 0


def writer_for(what: str, out: Path) -> Writer:
    """Return how a file of this ending is written; raises DataError `ending_impossible`."""
    ending = out.suffix.lower().removeprefix(".")
    possible = [name for name in WRITERS if name != "geojson" or what in ON_A_MAP]
    if ending not in possible:
        raise DataError(
            "ending_impossible", what=what, ending=out.suffix or "—", possible=", ".join(possible)
        )
    return WRITERS[ending]


def _folder() -> Path:
    """Return the store to read: one's own, else the fictional county that was made for it."""
    root = stores.data_folder()
    for folder in (root, root / stores.SAMPLE_FOLDER):
        if stores.exists(folder):
            return folder
    raise DataError("no_data", folder=root)


def _save(out: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    half = out.with_name(f"{out.name}.half")
    try:
        half.write_bytes(content)
        half.replace(out)
    except OSError as error:
        raise DataError("out_unwritable", file=out, reason=error.strerror or error) from error


def _csv(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    heading = [line.in_language(language) for line in found.heading]
    return table_files.to_csv(heading, {str(c): str(c) for c in found.table}, found.table)


def _xlsx(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    headings, table = in_words(found, language)
    heading = [line.in_language(language) for line in found.heading]
    return table_files.to_xlsx(heading, headings, table)


def _html(store: Store, found: Extract, language: Language) -> bytes:
    _ = store
    headings, table = in_words(found, language)
    heading = [line.in_language(language) for line in found.heading[1:]]
    title = found.title.in_language(language)
    return table_files.to_html(title, heading, headings, table, language)


def _parquet(store: Store, found: Extract, language: Language) -> bytes:
    _ = store, language
    return table_files.to_parquet(found.about, found.table)


def _json(store: Store, found: Extract, language: Language) -> bytes:
    _ = store, language
    return table_files.to_json(found.about, found.table)


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


WRITERS: Mapping[str, Writer] = {
    "csv": _csv, "parquet": _parquet, "xlsx": _xlsx, "json": _json, "html": _html,
    "geojson": _geojson,
}  # fmt: skip
ON_A_MAP = ("satisfaction", "coverage", "scores", "profile", "indicators")
