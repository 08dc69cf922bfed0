"""What the map shows, as files: one page that needs nothing, pictures, GeoJSON, CSV.

Everything comes from the view that is painted and from the table behind it, so that no file
tells more than the screen.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

from data.forms.fonts import chinese_font
from metrics.exports import table_files
from metrics.maps import picture
from metrics.maps.layers import HIDDEN, reasons
from pages.shared import results
from pages.shared import shown as shown_now
from pages.shared.coverage import geometry, map_snapshot, maps
from pages.shared.coverage.maps import View
from pages.shared.downloads import noted
from pages.shared.words import in_words, names_of, presenting, t

SIZES: Mapping[str, tuple[int, int]] = {"screen": (1920, 1080), "a3": (2480, 1754)}
# To an inch: an A3 picture is as large as the sheet, 420 mm.
DOTS: Mapping[str, int] = {"screen": picture.SCREEN_DOTS, "a3": 150}
FIGURES = ["value", "base", "second", "second_base", "low", "high"]


@dataclass(frozen=True)
class Sheet:
    """Everything the files of one map are made of; nothing is asked of the session later on.

    told: of `maps.told`. lines: what stands above a table. columns: of the table -> heading.
    at: centre and zoom, None for all of it.
    """

    told: Mapping[str, Any]
    lines: tuple[str, ...]
    table: pd.DataFrame
    columns: Mapping[str, str]
    at: tuple[float, float, float] | None

    @property
    def whole(self) -> dict[str, Any]:
        """Return the view with how its villages fare inside, wherever the screen has it from."""
        held = self.told["villages"]
        return {**self.told, "villages": _layer(held.get("url", "")) or held}

    def kept(self) -> dict[str, Any]:
        """Return the map as it is kept beside a step of the presentation."""
        return {
            "map": self.whole, "at": self.at, "lines": list(self.lines),
            "columns": dict(self.columns), "table": table_files.records(self.table),
        }  # fmt: skip

    @property
    def units(self) -> dict[str, Any]:
        """Return the boundaries as GeoJSON."""
        return _layer(self.told["units"]) or {"type": "FeatureCollection", "features": []}

    @property
    def points(self) -> dict[str, Any]:
        """Return villages and facilities as the map has them."""
        asked = self.told["points"] if self.told["service"] else ""
        return _layer(asked) or {"villages": [], "facilities": []}

    def html(self) -> bytes:
        """Return one page with the map and its table, everything inside."""
        return map_snapshot.page(
            self.whole, self.units, self.points, self.at, self.lines, self.columns, self.table
        )

    def png(self, size: str) -> bytes:
        """Return a picture of one of SIZES. Raises DataError `no_font`."""
        told = {**self.whole, "place": beside(*self.lines[:2])}
        return picture.png(told, self.units, self.points, SIZES[size], self.at, DOTS[size])

    def csv(self) -> bytes:
        """Return the table."""
        return table_files.to_csv(self.lines, self.columns, self.table)

    def geojson(self) -> bytes:
        """Return the boundaries with the figures that are shown."""
        rows = {row["unit_code"]: row for row in table_files.records(self.table)}
        about: dict[str, Any] = {"title": self.told["legend"]["title"], "lines": list(self.lines)}
        about["columns"] = dict(self.columns)
        features = []
        for feature in self.units["features"]:
            own = rows.get(feature["properties"]["code"], {})
            properties = {**feature["properties"], **{c: own.get(c) for c in self.columns}}
            features.append((json.dumps(feature["geometry"]), properties))
        return table_files.to_geojson(about, features)


def beside(title: str, place: str) -> str:
    """Return year and place as they stand beside a title, which mostly names the year itself."""
    year, _, rest = place.partition(t("scope.joiner"))
    return rest if rest and title.endswith(year) else place


def sheet(
    view: View, table: pd.DataFrame, place: str, headings: Mapping[str, str] = MappingProxyType({})
) -> Sheet:
    """Return what the files are made of.

    table: as `layers.values` gives it. place: the year and place of the map in words. headings:
    of columns that say what is measured and in what; a file that is passed on has no other word.
    """
    told = maps.told(view)
    legend = view.legend
    lines = [legend.title, place, *legend.notes]
    if results.is_fictional():
        lines.append(t("shell.fictional"))
    rows = shown(table).assign(
        unit=names_of(table),
        reason=in_words("map.note_", reasons(table)),
    )
    held = [name for name in FIGURES if name in rows and rows[name].notna().any()]
    names = ["unit_code", "unit", *held, "reason"]
    columns = {name: headings.get(name) or t(f"map_files.{name}") for name in names}
    return Sheet(told, tuple(lines), rows[names], columns, maps.view_of_link())


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of `layers.values` with nothing that the base rule hides."""
    halves = {"note": ["value", "base", "low", "high"], "second_note": ["second", "second_base"]}
    found = table.copy()
    for note, figures in halves.items():
        held = [name for name in figures if name in table] if note in table else []
        found[held] = found[held].mask(table[note].isin(HIDDEN)) if held else found[held]
    return found


def offer(
    view: View, table: pd.DataFrame, key: str, place: str, headings: Mapping[str, str], name: str
) -> None:
    """Offer the files of a map below it, as `sheet`; each is made when it is asked for.

    name: of the files, so that those of several maps stand beside each other in a folder.
    """
    made = sheet(view, table, place, headings)
    shown_now.note_map(key, made.kept)
    if presenting():
        return
    with st.popover(t("map_files.open"), icon=":material/download:", key=f"files-{key}"):
        _button("html", made.html, f"{name}.html", "text/html", key)
        if chinese_font():
            for size in SIZES:
                _button(f"png_{size}", _picture(made, size), f"{name}-{size}.png", "image/png", key)
        else:
            st.markdown(t("map_files.no_font"))
        _button("geojson", made.geojson, f"{name}.geojson", "application/geo+json", key)
        _button("csv", made.csv, f"{name}.csv", "text/csv", key)


def _picture(made: Sheet, size: str) -> Callable[[], bytes]:
    return lambda: made.png(size)


def _button(name: str, make: Callable[[], bytes], file: str, kind: str, key: str) -> None:
    st.download_button(
        t(f"map_files.{name}_file"),
        noted(file, make),
        file,
        kind,
        key=f"file-{name}-{key}",
        on_click="ignore",
        width="stretch",
    )


def _layer(address: str) -> Any:
    """Return what a layer's address leads to, None for none."""
    if not address:
        return None
    store, version, county, layer = address.rsplit("/", 4)[1:]
    packed = geometry.geometry_bytes(store, int(version), county, layer)
    return None if packed is None else json.loads(gzip.decompress(packed.content))
