"""Land for a fictional county: an outline, a patchwork of small cells, townships grown on it.

The cells are the Voronoi cells of scattered points, finer in the county seat. Townships grow
outward from their seats along cheap ground until they meet, so that borders wander like rivers
and ridges, each township is in one piece, and neighbours share their borders exactly.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

from data.sample.draws import Floats, Ints, Objects, Rng

CELLS_PER_TOWNSHIP = 260
# 18 townships on about 1,500 km2, an ordinary county of the hills.
RADIUS_KM_OF_18 = 22.0
# No part of a county lies farther out than this many mean radii.
FARTHEST = 1.3
KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Land:
    """The cells of one county, in kilometres east and north of its centre.

    points: cell × 2. hills: height of the ground, about standard normal. owner: the township
    each cell belongs to. seats: the cell of each township's seat. regions: one polygon per
    township, a valid coverage.
    """

    points: Floats
    hills: Floats
    owner: Ints
    seats: Ints
    regions: list[shapely.Geometry]


def county_radius(townships: int) -> float:
    """Return the mean radius of a county in km; area grows with the number of townships."""
    return float(RADIUS_KM_OF_18 * np.sqrt(townships / 18))


def _outline(rng: Rng, radius: float, points: Floats) -> Floats:
    """Return how far inside the outline each point lies: below 1 is inside."""
    angle = np.arctan2(points[:, 1], points[:, 0])
    waves = np.arange(2, 7)
    heights = rng.uniform(0.4, 1.0, waves.size) * 0.45 / waves
    turns = rng.uniform(0, 2 * np.pi, waves.size)
    wave = (heights * np.cos(np.outer(angle, waves) + turns)).sum(axis=1)
    edge = radius * (1 + wave).clip(0.6, FARTHEST)
    return np.asarray(np.hypot(points[:, 0], points[:, 1]) / edge)


def _scatter(rng: Rng, half_width: float, spacing: float) -> Floats:
    steps = np.arange(-half_width, half_width, spacing)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return np.asarray(grid + rng.uniform(-0.45, 0.45, grid.shape) * spacing)


def _height(rng: Rng, points: Floats, radius: float) -> Floats:
    """Return smooth hills: a few long waves, low around the centre."""
    waves = rng.normal(0, 3.0 / radius, (12, 2))
    turns = rng.uniform(0, 2 * np.pi, 12)
    ground = np.cos(points @ waves.T + turns).sum(axis=1) / np.sqrt(6)
    far = np.hypot(points[:, 0], points[:, 1]) / radius
    return np.asarray(ground + 1.5 * far - 0.75)


def _spaced(rng: Rng, points: Floats, candidates: Ints, number: int, taken: Ints) -> Ints:
    """Choose cells far from each other: the best of 24 at each step (Mitchell 1991)."""
    chosen = list(taken)
    for _ in range(number):
        drawn = rng.choice(candidates, size=min(24, candidates.size), replace=False)
        free = drawn[~np.isin(drawn, chosen)]
        if chosen:
            apart = np.hypot(*(points[free, None] - points[chosen]).transpose(2, 0, 1)).min(axis=1)
            chosen.append(int(free[np.argmax(apart)]))
        else:
            chosen.append(int(free[0]))
    return np.asarray(chosen[len(taken) :], dtype=np.int64)


def _grow(
    rng: Rng, points: Floats, hills: Floats, inside: Ints, core: float, wall: float, seats: Ints
) -> Ints:
    """Give every cell inside to the seat it is cheapest to reach from; -1 is unreachable."""
    triangles = Delaunay(points).simplices.astype(np.int64)
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    # Each pair once; as one number, because sorting rows is slow.
    start, end = np.divmod(
        np.unique(pairs.min(axis=1) * len(points) + pairs.max(axis=1)), len(points)
    )
    within = np.isin(start, inside) & np.isin(end, inside)
    start, end = start[within], end[within]
    length = np.hypot(*(points[start] - points[end]).T)
    cost = (
        length * np.exp(0.5 * (hills[start] + hills[end]) / 2) * rng.uniform(0.6, 1.6, len(start))
    )
    # The ring road: sub-districts end where the built-up area ends.
    in_core = np.hypot(points[:, 0], points[:, 1]) < core
    cost += np.where(in_core[start] != in_core[end], wall, 0)
    graph = coo_array((cost, (start, end)), shape=(len(points), len(points))).tocsr()
    _, _, source = dijkstra(
        graph, directed=False, indices=seats, min_only=True, return_predecessors=True
    )
    return np.asarray(np.where(source >= 0, source, -1), dtype=np.int64)


def build(rng: Rng, subdistricts: int, towns: int) -> Land:
    """Make the land of one county; sub-districts come first and share the county seat."""
    townships = subdistricts + towns
    radius = county_radius(townships)
    core = 1.9 * np.sqrt(subdistricts)
    spacing = np.sqrt(np.pi * radius**2 / (CELLS_PER_TOWNSHIP * townships))
    coarse = _scatter(rng, 1.5 * radius, spacing)
    coarse = coarse[np.hypot(*coarse.T) > core]
    fine = _scatter(rng, core + spacing, spacing / 2)
    points = np.concatenate([fine[np.hypot(*fine.T) <= core], coarse])
    depth = _outline(rng, radius, points)
    hills = _height(rng, points, radius)
    distance = np.hypot(*points.T)
    inside = np.flatnonzero(depth < 1)
    built_up = np.flatnonzero(distance < 0.9 * core)
    # Towns lie in the valleys and away from the border.
    open_land = np.flatnonzero((distance > 1.25 * core) & (depth < 0.92))
    open_land = open_land[hills[open_land] < np.quantile(hills[open_land], 0.75)]
    urban = _spaced(rng, points, built_up, subdistricts, np.empty(0, dtype=np.int64))
    rural = _spaced(rng, points, open_land, towns, urban)
    # The most rural townships, numbered last, are those in the highest hills.
    rural = rural[np.argsort(hills[rural], kind="stable")]
    seats = np.concatenate([urban, rural])
    source = _grow(rng, points, hills, inside, core, 0.3 * radius, seats)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    return _cut(points, hills, source, seats, cells)


def _cut(points: Floats, hills: Floats, source: Ints, seats: Ints, cells: Objects) -> Land:
    """Keep the cells that belong to a township, and number townships and cells from 0."""
    kept = np.flatnonzero(source >= 0)
    township_of = {int(cell): township for township, cell in enumerate(seats)}
    owner = np.asarray([township_of[int(cell)] for cell in source[kept]], dtype=np.int64)
    return Land(
        points=points[kept],
        hills=hills[kept],
        owner=owner,
        seats=np.searchsorted(kept, seats),
        regions=[
            shapely.coverage_union_all(cells[kept[owner == township]])
            for township in range(len(seats))
        ],
    )
