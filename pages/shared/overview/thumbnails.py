"""Small maps beside a sentence: where, at a glance. They carry no figure of their own."""

import gzip
import io
import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st
from PIL import Image, ImageDraw

from data.scope import Scope
from metrics.maps.colours import PALETTES
from pages.shared import results
from pages.shared.coverage import geometry

# Shares in percent at which a darker shade begins: the same for every service and year, so that
# maps can be set side by side.
CUTS = (5.0, 10.0, 20.0, 40.0)
SHADES = PALETTES["oranges"]
UNKNOWN, EDGE = "#b9b6b0", "#8a8780"
# Ink on a light rim: seen on every shade and on both grounds.
CHOSEN = (("#ffffff", 6), ("#1f1e1c", 3))
MOST_UNITS = 400  # more are no picture at this size
WIDTH, HEIGHT, FINER = 480, 320, 2

Ring = tuple[tuple[float, float], ...]


def of_shares(scope: Scope, shares: Mapping[str, float]) -> bytes | None:
    """Return a small map of the townships shaded by a share in percent, as PNG.

    shares: township -> share; one that is missing or NaN is grey. None where there are no
    boundaries, or too many for a small picture.
    """
    packed = geometry.geometry_bytes(
        st.session_state["store"],
        results.store().version,
        scope.county or geometry.EVERYWHERE,
        geometry.UNITS,
    )
    return drawn(outlines_of(packed.content), shares, scope.township) if packed else None


def drawn(
    outlines: Mapping[str, Sequence[Ring]], shares: Mapping[str, float], chosen: str | None
) -> bytes | None:
    """Draw the outlines of units, in pixels of the larger picture; see `of_shares`."""
    if not 0 < len(outlines) <= MOST_UNITS:
        return None
    picture = Image.new("RGBA", (WIDTH * FINER, HEIGHT * FINER))
    pen = ImageDraw.Draw(picture)
    for code, rings in outlines.items():
        for ring in rings:
            pen.polygon(ring, fill=shade(shares.get(code, math.nan)), outline=EDGE, width=FINER)
    for ring in outlines.get(chosen or "", ()):
        for ink, wide in CHOSEN:
            pen.line([*ring, ring[0]], fill=ink, width=wide * FINER, joint="curve")
    made = io.BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(made, "PNG")
    return made.getvalue()


def shade(share: float) -> str:
    """Return the shade of a share in percent."""
    return UNKNOWN if pd.isna(share) else SHADES[sum(share >= cut for cut in CUTS)]


@lru_cache(maxsize=8)
def outlines_of(content: bytes) -> dict[str, tuple[Ring, ...]]:
    """Return every unit's outer rings in pixels of the larger picture, north up."""
    features = json.loads(gzip.decompress(content))["features"]
    rings = {
        feature["properties"]["code"]: [polygon[0] for polygon in _polygons(feature["geometry"])]
        for feature in features
    }
    points = [point for held in rings.values() for ring in held for point in ring]
    if not points:
        return {}
    # Small enough for a plane: a degree of longitude is shorter by the cosine of the latitude.
    flat = math.cos(math.radians(sum(point[1] for point in points) / len(points)))
    west, east = (end(point[0] for point in points) for end in (min, max))
    south, north = (end(point[1] for point in points) for end in (min, max))
    wide, high = WIDTH * FINER, HEIGHT * FINER
    scale = 0.96 * min(wide / max((east - west) * flat, 1e-9), high / max(north - south, 1e-9))

    def at(point: list[float]) -> tuple[float, float]:
        across = (point[0] - (west + east) / 2) * flat * scale
        return wide / 2 + across, high / 2 - (point[1] - (south + north) / 2) * scale

    return {
        code: tuple(tuple(at(point) for point in ring) for ring in held if len(ring) > 2)
        for code, held in rings.items()
    }


def _polygons(shape: Mapping[str, list[list[list[list[float]]]]]) -> list[list[list[list[float]]]]:
    found = shape["coordinates"]
    return [found] if shape["type"] == "Polygon" else found  # type: ignore[list-item]
