"""Small maps: shades by hand, the chosen unit, north up, nothing where there is nothing."""

import gzip
import io
import json
import math

import pytest
from PIL import Image

from pages.shared.overview import thumbnails


def layer(*squares: tuple[str, float, float]) -> bytes:
    """Units of a tenth of a degree, each by the place of its south-western corner."""
    features = []
    for code, lon, lat in squares:
        corners = [(0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0)]
        ring = [[lon + across, lat + up] for across, up in corners]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": code}, "geometry": shape})
    return gzip.compress(json.dumps({"features": features}).encode())


def test_a_unit_is_shaded_by_its_share_and_stands_where_it_lies() -> None:
    outlines = thumbnails.outlines_of(layer(("south", 110, 30), ("north", 110, 30.1)))
    made = thumbnails.drawn(outlines, {"south": 4.9, "north": 40.0}, None)
    assert made is not None
    picture = Image.open(io.BytesIO(made)).convert("RGBA")
    assert picture.size == (thumbnails.WIDTH, thumbnails.HEIGHT)
    middle = thumbnails.WIDTH // 2
    above, below = (picture.getpixel((middle, thumbnails.HEIGHT * k // 4)) for k in (1, 3))
    assert "#{:02x}{:02x}{:02x}".format(*above[:3]) == thumbnails.SHADES[-1]
    assert "#{:02x}{:02x}{:02x}".format(*below[:3]) == thumbnails.SHADES[0]
    assert picture.getpixel((0, 0))[3] == 0  # the ground of the page shows through


@pytest.mark.parametrize(
    ("share", "place"), [(0, 0), (4.99, 0), (5, 1), (10, 2), (19.9, 2), (20, 3), (40, 4), (100, 4)]
)
def test_shades_begin_at_their_cuts(share: float, place: int) -> None:
    assert thumbnails.shade(share) == thumbnails.SHADES[place]


def test_what_is_unknown_is_grey_and_what_is_chosen_is_rimmed() -> None:
    assert thumbnails.shade(math.nan) == thumbnails.UNKNOWN
    outlines = thumbnails.outlines_of(layer(("a", 110, 30)))
    plain, chosen = (thumbnails.drawn(outlines, {}, each) for each in (None, "a"))
    assert plain is not None
    assert plain != chosen


def test_without_boundaries_or_with_too_many_there_is_no_picture() -> None:
    assert thumbnails.drawn(thumbnails.outlines_of(layer()), {}, None) is None
    many = {str(n): [((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))] for n in range(401)}
    assert thumbnails.drawn(many, {}, None) is None
