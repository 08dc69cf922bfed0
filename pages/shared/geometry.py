"""The geometry of maps, served once per data version: repaints send only colours."""

import gzip
from functools import lru_cache
from pathlib import Path

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.boundaries import display_geojson

PATH = "/geo/{key}.geojson"
_HELD: dict[str, bytes] = {}
MOST_HELD = 8


@lru_cache(maxsize=1)
def leaflet_folder() -> Path:
    """Return the folder of the vendored Leaflet."""
    return Path(__file__).parents[1] / "static" / "leaflet"


def offer(folder: Path, version: int, boundaries: pd.DataFrame) -> str:
    """Make boundaries fetchable by the browser and return their URL, below the server's root.

    Names travel as properties of the GeoJSON and are shown as text only.
    """
    key = f"{abs(hash(str(folder))):x}-{version}"
    if key not in _HELD:
        while len(_HELD) >= MOST_HELD:
            _HELD.pop(next(iter(_HELD)))
        _HELD[key] = gzip.compress(display_geojson(boundaries), 5)
    return f"/geo/{key}.geojson"


def _send(request: Request) -> Response:
    content = _HELD.get(request.path_params["key"])
    if content is None:
        return Response(status_code=404)
    return Response(
        content,
        media_type="application/geo+json",
        headers={"content-encoding": "gzip", "cache-control": "private, max-age=86400, immutable"},
    )


def route() -> Route:
    """Return the route under which offered boundaries are fetched."""
    return Route(PATH, _send, methods=["GET"])
