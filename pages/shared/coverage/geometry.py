"""What the map draws from, fetched by the browser: boundaries, villages, facilities.

Each address names the store, its data version and the county, so that a repaint sends colours
only. Names travel here as data; the map shows them as text.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.errors import DataError
from data.geography.boundaries import display_geojson
from data.scope import Scope
from data.store import Store
from metrics.accessibility import service_coverage
from metrics.maps import county_level
from pages.shared import results
from pages.shared.coverage import village_states

# Streamlit may be served below a path of its own; whatever it is, it stands before this.
PATH = "/{base:path}geo/{store}/{version:int}/{county}/{layer}"
EVERYWHERE = "all"
UNITS = "units.geojson"
COUNTIES = "counties.geojson"
# Stands in place of a service for the seat of a township.
SEATS = "centre"
ENDING = ".points.json"
# Any other number is no year, and one too long for the database would be an error of ours.
_POINTS = re.compile(r"[0-9]{1,4}" + re.escape(ENDING))
MOST_HELD = 12
# How villages fare is asked for view by view: a place of its own, which cannot crowd out the rest.
MOST_STATES = 24
# More polygons than this are no picture of anything, and slow.
MOST_UNITS = 2_000


@dataclass(frozen=True)
class Packed:
    """A compressed answer and the mark by which a browser knows that it already has it."""

    content: bytes
    tag: str


def url(layer: str, scope: Scope) -> str:
    """Return the address of a layer for the open store and the scope's county."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    place = scope.county or EVERYWHERE
    version = results.store().version
    root = f"/{base}" if base else ""
    return f"{root}/geo/{st.session_state['store']}/{version}/{place}/{layer}"


def points_layer(scope: Scope) -> str:
    """Return the layer of villages, with the residents of the scope's year, and facilities."""
    return f"{scope.year or 0}{ENDING}"


def geometry_bytes(store: str, version: int, county: str, layer: str) -> Packed | None:
    """Return a layer; None for a store, version or layer that is not held (any more)."""
    folder = results.folders().get(store)
    if folder is None:
        return None
    made = _packed if layer in (UNITS, COUNTIES) or _POINTS.fullmatch(layer) else _states
    try:
        results.frozen(store, version)
        return made(store, str(folder), version, county, layer)
    except DataError:
        return None


@lru_cache(maxsize=MOST_HELD)
def _packed(store: str, folder: str, version: int, county: str, layer: str) -> Packed:
    _ = folder  # part of the key: the same name may stand for other data later
    opened = results.frozen(store, version)
    scope = Scope(county=None if county == EVERYWHERE else county)
    if layer == UNITS:
        plain = display_geojson(service_coverage.boundaries(opened, scope))
    elif layer == COUNTIES:
        plain = display_geojson(county_level.boundaries(opened, scope))
    else:
        year = int(layer.removesuffix(ENDING))
        plain = points_json(opened, Scope(year=year, county=scope.county))
    return _zipped(plain)


@lru_cache(maxsize=MOST_STATES)
def _states(store: str, folder: str, version: int, county: str, layer: str) -> Packed | None:
    _ = folder  # as above
    place = None if county == EVERYWHERE else county
    held = village_states.of_name(results.frozen(store, version), place, layer)
    return None if held is None else _zipped(json.dumps(held).encode())


def _zipped(plain: bytes) -> Packed:
    content = gzip.compress(plain, 5, mtime=0)
    return Packed(content, f'"{hashlib.sha256(content).hexdigest()[:20]}"')


def points_json(store: Store, scope: Scope) -> bytes:
    """Return villages [lat, lon, zh, en, residents] and facilities [lat, lon, zh, status, services]."""  # noqa: E501 - one line says the shape
    villages = service_coverage.map_villages(store, scope)
    # Seats stand last, so that a facility keeps its place in the list.
    seats = service_coverage.map_seats(store, scope).assign(status="operating", services=SEATS)
    facilities = pd.concat([service_coverage.map_facilities(store, scope), seats])
    held = {
        "villages": _rows(villages, ["lat", "lon", "name_zh", "name_en", "population"]),
        "facilities": _rows(facilities, ["lat", "lon", "name_zh", "status", "services"]),
    }
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _rows(table: pd.DataFrame, columns: list[str]) -> list[list[Any]]:
    """Return rows for JSON: coordinates to a metre, nothing where nothing is known."""
    held = table[columns].astype(object)
    for name in ("lat", "lon"):
        held[name] = table[name].astype(float).round(5)
    return held.astype(object).where(held.notna(), None).to_numpy().tolist()


def _send(request: Request) -> Response:
    asked = request.path_params
    packed = geometry_bytes(asked["store"], asked["version"], asked["county"], asked["layer"])
    if packed is None:
        return Response(status_code=404)
    # Asked again each time the map opens, and mostly answered with nothing: an address may come
    # to stand for other data (a store made anew), so that it is never taken for settled.
    headers = {"etag": packed.tag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == packed.tag:
        return Response(status_code=304, headers=headers)
    content = packed.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="application/geo+json", headers=headers)


def route() -> Route:
    """Return the route under which layers are fetched."""
    return Route(PATH, _send, methods=["GET"])
