"""A map as one page: Leaflet, our map, geometry and figures inside; it asks for nothing.

The same script draws it as on the screen. Names travel as JSON and are shown as text; the table
below is escaped. The page's own policy forbids every request.
"""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.exports import table_files
from pages.shared.deck_page import inside

STATIC = Path(__file__).parents[2] / "static"
STYLES = ("leaflet/leaflet.css", "map/map.css")
SCRIPTS = ("leaflet/leaflet.js", "map/map.js")
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
# The map fetches its layers by address; here they are on the page already.
BOOT = """
const held = JSON.parse(document.getElementById('held').textContent);
window.fetch = (url) => Promise.resolve(
  { ok: true, json: () => Promise.resolve(held.layers[url]) });
const map = L.map('map', { attributionControl: false, zoomSnap: 0.25, maxZoom: 18,
  trackResize: false, scrollWheelZoom: false }).setView([35, 105], 4);
zhixiaoMap.start(map, { id: String(Math.random()), view: held.at });
zhixiaoMap.paint(held.view);
document.title = held.view.legend.title;
// On paper the map has a sheet of its own; what was in view stays in view.
const box = map.getContainer();
let seen;
addEventListener('beforeprint', () => {
  seen = seen || { bounds: map.getBounds(), at: map.getCenter(), zoom: map.getZoom() };
  box.classList.add('sheet');
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(seen.bounds, { animate: false });
});
addEventListener('afterprint', () => {
  box.classList.remove('sheet');
  map.invalidateSize({ animate: false, pan: false });
  map.setView(seen.at, seen.zoom, { animate: false });
  seen = null;
});
"""
STYLE = (
    "body{font:16px/1.6 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif}"
    "main{max-width:75rem;margin:0 auto;padding:0 1rem 2rem}#map{height:78vh;min-height:500px}"
    # A legend is never taller than its map: its title would be cut off.
    "body .zx-legend{max-height:calc(max(78vh,500px) - 20px);line-height:1.4}"
    "body.zx-dark{background:#161513;color:#f1efec}"
    # A4 across less its edges: the printer's sheet, known before it is laid out.
    "@page{size:A4 landscape;margin:10mm}#map.sheet{width:276mm;height:188mm;min-height:0}"
    "body .sheet .zx-legend{max-height:calc(188mm - 20px)}"
    "@media print{#map{break-after:page;print-color-adjust:exact}.leaflet-bar{display:none}"
    "tr{break-inside:avoid}}"
    "table{border-collapse:collapse;margin-top:1rem}"
    "th,td{border:1px solid #8a8780;padding:.2rem .6rem;text-align:left}td.n{text-align:right}"
)


def page(
    told: Mapping[str, Any],
    units: Mapping[str, Any],
    points: Mapping[str, Any],
    at: tuple[float, float, float] | None,
    lines: Sequence[str],
    columns: Mapping[str, str],
    table: pd.DataFrame,
) -> bytes:
    """Return the page. told: of `maps.told`; lines: above the table; columns: as for a CSV."""
    view = {**told, "units": "units", "points": "points"}
    layers = {"units": units, "points": points}
    held = {"at": at, "view": view, "layers": layers}
    styles = "".join(f"<style>{_style(name)}</style>" for name in STYLES)
    scripts = "".join(f"<script>{_script(name)}</script>" for name in SCRIPTS)
    said = "".join(f"<p>{html.escape(line)}</p>" for line in lines[1:])
    title = html.escape(str(told["legend"]["title"]))
    return (
        f'<!doctype html><html lang="{html.escape(str(told["lang"]))}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>{styles}<style>{STYLE}</style></head>"
        f'<body><div id="map"></div><main><h1>{title}</h1>{said}'
        f"{table_files.html_table(columns, table)}</main>"
        f'<script type="application/json" id="held">{inside(held)}</script>'
        f"{scripts}<script>{BOOT}</script></body></html>"
    ).encode()


def _style(name: str) -> str:
    """Return a style sheet without its pictures, which belong to controls that are not used."""
    text = (STATIC / name).read_text(encoding="utf-8")
    return re.sub(r"url\((?!#)[^)]*\)", "none", text).replace("</", "<\\/")


def _script(name: str) -> str:
    text = (STATIC / name).read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S*", "", text).replace("</script", "<\\/script")
