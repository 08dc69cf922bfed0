"""The offline map: a constant base drawn once, colours painted on each rerun.

Leaflet is vendored; geometry is fetched once from our own server; a repaint sends a few hundred
codes and classes. Names reach the page as data and are shown by textContent only, because a popup
that is HTML would run what a name contains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium

# ColorBrewer PuBu, light to dark: order survives grey print and colour blindness.
CLASSES = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")
NO_DATA = "#e6e6e6"
REACHED, OUTSIDE, OPERATING, IDLE = "#2b8cbe", "#d7301f", "#1f2328", "#8a8f98"


@dataclass(frozen=True)
class Legend:
    """What stands inside the map: title, classes (colour, words), marks, and the notes below."""

    title: str
    classes: Sequence[tuple[str, str]]
    marks: Sequence[tuple[str, str]] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)


class _Base(MacroElement):
    """Polygons fetched by URL, styled later by `zxPaint`."""

    _template = Template("""{% macro script(this, kwargs) %}
    (function () {
      var map = {{ this._parent.get_name() }};
      map.getContainer().style.background = '#ffffff';
      L.control.scale({imperial: false}).addTo(map);
      var neutral = {color: '#5b6470', weight: 0.8, fillColor: {{ this.no_data|tojson }},
                     fillOpacity: 0.55};
      window.zxMap = map;
      window.zxDots = L.layerGroup().addTo(map);
      window.zxPaint = function () {
        var p = window.zxPaintData; if (!p) return;
        if (window.zxTowns) window.zxTowns.eachLayer(function (l) {
          var v = p.values[l.feature.properties.code];
          l.zxWords = v ? v[1] : p.none;
          l.setStyle({fillColor: v ? p.colours[v[0]] : {{ this.no_data|tojson }},
                      fillOpacity: v ? 0.8 : 0.45});
        });
        window.zxDots.clearLayers();
        p.dots.forEach(function (d) {
          var mark = L.circleMarker([d[0], d[1]], {radius: d[3], color: d[2], weight: 2,
            fillColor: d[2], fillOpacity: d[4] ? 0.9 : 0.05});
          mark.bindTooltip(function () { return window.zxText(d[5]); });
          window.zxDots.addLayer(mark);
        });
        window.zxLegend(p.legend);
      };
      window.zxText = function (words) {
        var box = document.createElement('div'); box.textContent = words; return box;
      };
      window.zxLegend = function (legend) {
        if (window.zxBox) map.removeControl(window.zxBox);
        var control = L.control({position: 'bottomright'});
        control.onAdd = function () {
          var box = document.createElement('div');
          box.style.cssText = 'background:#fff;padding:8px 12px;font:' + legend.size +
            'px sans-serif;line-height:1.55;max-width:280px;border:1px solid #d9dce1;color:#1f2328';
          var title = document.createElement('strong'); title.textContent = legend.title;
          box.appendChild(title);
          legend.classes.concat(legend.marks).forEach(function (c, n) {
            var line = document.createElement('div'), key = document.createElement('span');
            var round = n >= legend.classes.length;
            key.style.cssText = 'display:inline-block;width:14px;height:14px;margin-right:8px;' +
              'vertical-align:-2px;border:2px solid ' + (round ? c[0] : '#5b6470') +
              ';background:' + (round && !c[2] ? 'transparent' : c[0]) +
              ';border-radius:' + (round ? '50%' : '0');
            line.appendChild(key); line.appendChild(document.createTextNode(c[1]));
            box.appendChild(line);
          });
          legend.notes.forEach(function (n) {
            var note = document.createElement('div'); note.textContent = n;
            note.style.cssText = 'color:#4a525c;font-size:90%'; box.appendChild(note);
          });
          return box;
        };
        control.addTo(map); window.zxBox = control;
      };
      var url = {{ this.url|tojson }};
      if (url) fetch(url).then(function (r) { return r.json(); }).then(function (g) {
        window.zxTowns = L.geoJSON(g, {style: neutral, onEachFeature: function (f, l) {
          l.bindTooltip(function (l) {
            return window.zxText(f.properties[{{ this.name|tojson }}] + ' · ' + (l.zxWords || ''));
          }, {sticky: true});
        }}).addTo(map);
        if ({{ this.fit|tojson }}) map.fitBounds(window.zxTowns.getBounds());
        window.zxDots.remove(); window.zxDots.addTo(map);
        window.zxPaint();
      });
    })();
    {% endmacro %}""")

    def __init__(self, url: str, name: str, *, fit: bool) -> None:
        super().__init__()
        self._name = "ZxBase"
        self.url, self.name, self.fit, self.no_data = url, name, fit, NO_DATA


class _Paint(MacroElement):
    """The colours, dots and legend of this view."""

    _template = Template("""{% macro script(this, kwargs) %}
    window.zxPaintData = {{ this.paint|tojson }}; if (window.zxPaint) window.zxPaint();
    {% endmacro %}""")

    def __init__(self, paint: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "ZxPaint"
        self.paint = dict(paint)


def go_offline() -> None:
    """Let folium load the vendored Leaflet and nothing else."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/app/static" if base else "/app/static"
    folium.Map.default_js = [("leaflet", f"{root}/leaflet/leaflet.js")]
    folium.Map.default_css = [("leaflet_css", f"{root}/leaflet/leaflet.css")]


def view_of_link() -> tuple[float, float, int] | None:
    """Return the centre and zoom that the link asked for, read once per session."""
    if "map_view" not in st.session_state:
        st.session_state["map_view"] = _parse_view()
    view: tuple[float, float, int] | None = st.session_state["map_view"]
    return view


def _parse_view() -> tuple[float, float, int] | None:
    try:
        lat, lng = float(st.query_params["lat"]), float(st.query_params["lng"])
        zoom = int(st.query_params["z"])
    except (KeyError, ValueError):
        return None
    return (lat, lng, zoom) if abs(lat) <= 90 and abs(lng) <= 180 and 1 <= zoom <= 18 else None


def draw(
    *,
    url: str,
    centre: tuple[float, float],
    language: str,
    values: Mapping[str, tuple[int, str]],
    dots: Sequence[tuple[float, float, str, int, bool, str]],
    legend: Legend,
    none: str,
    large: bool,
    height: int = 560,
) -> None:
    """Draw the map and keep its centre and zoom in the link.

    values: unit code -> (class, words). dots: (lat, lon, colour, radius, filled, words).
    """
    go_offline()
    view = view_of_link()
    lat, lng, zoom = view or (*centre, 10)
    base = folium.Map([lat, lng], zoom_start=zoom, tiles=None, attribution_control=False)
    _Base(url, f"name_{language}", fit=view is None).add_to(base)
    paint = folium.FeatureGroup()
    _Paint(
        {
            "values": {code: list(value) for code, value in values.items()},
            "colours": CLASSES,
            "dots": [list(dot) for dot in dots],
            "none": none,
            "legend": {
                "title": legend.title,
                "classes": [list(c) for c in legend.classes],
                "marks": [list(m) for m in legend.marks],
                "notes": list(legend.notes),
                "size": 17 if large else 13,
            },
        }
    ).add_to(paint)
    # A key without an underscore: streamlit-folium drops what follows one.
    seen = st_folium(
        base,
        key=f"map{abs(hash((url, language)))}",
        height=height,
        use_container_width=True,
        feature_group_to_add=paint,
        returned_objects=["center", "zoom"],
    )
    _remember(seen or {})


def _remember(seen: Mapping[str, Any]) -> None:
    centre, zoom = seen.get("center"), seen.get("zoom")
    if centre and zoom:
        view = {"lat": f"{centre['lat']:.5f}", "lng": f"{centre['lng']:.5f}", "z": str(zoom)}
        if any(st.query_params.get(name) != value for name, value in view.items()):
            st.query_params.update(view)
