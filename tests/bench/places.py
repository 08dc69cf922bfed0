"""Coverage: nearest facilities, catchments, next sites."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from metrics.accessibility.catchment import floating_catchment
from metrics.accessibility.sites import best_sites
from metrics.coverage import nearest
from tests.bench.measure import Result, took

R = 6371008.8


def points(count: int, seed: int) -> pd.DataFrame:
    """Scatter points as villages are: in clumps."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform([98, 22], [122, 45], (500, 2))
    lonlat = centres[rng.integers(0, 500, count)] + rng.normal(0, 0.3, (count, 2))
    return pd.DataFrame(lonlat, columns=["lon", "lat"]).assign(
        id=[f"p{n}" for n in range(count)],
        population=rng.integers(100, 3000, count),
        capacity=rng.integers(1, 100, count),
    )


def on_sphere(frame: pd.DataFrame) -> np.ndarray:
    """Return unit vectors."""
    lon, lat = np.radians(frame["lon"].to_numpy()), np.radians(frame["lat"].to_numpy())
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _bare(villages: pd.DataFrame, facilities: pd.DataFrame) -> tuple[float, float]:
    return took(lambda: cKDTree(on_sphere(facilities)).query(on_sphere(villages)))


def _sizes(size: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    return points(max(3000, int(600_000 * size)), 1), points(max(1000, int(200_000 * size)), 2)


def nearest_tree(size: float = 1.0) -> Result:
    """Nearest facility against a bare KD-tree on unit vectors."""
    villages, facilities = _sizes(size)
    told = took(lambda: nearest(villages, facilities), 2)
    return Result(
        "nearest", f"{len(villages):,} villages, {len(facilities):,} facilities",
        "scipy cKDTree, built and asked", *told, *_bare(villages, facilities), limit=1.5,
    )  # fmt: skip


def nearest_haversine(size: float = 1.0) -> Result:
    """Nearest facility against a ball tree of great circles; 8 times as fast is the aim."""
    villages, facilities = _sizes(size)
    told = took(lambda: nearest(villages, facilities))
    try:
        from sklearn.neighbors import BallTree
    except ModuleNotFoundError:
        name = "all pairs by the haversine formula (no scikit-learn here), from a part"
        base = _all_pairs(villages, facilities)
    else:
        name = "scikit-learn BallTree, haversine"
        radians = [np.radians(frame[["lat", "lon"]]) for frame in (facilities, villages)]
        base = took(lambda: BallTree(radians[0], metric="haversine").query(radians[1]))
    return Result(
        "nearest_haversine", f"{len(villages):,} villages, {len(facilities):,} facilities", name,
        *told, *base, limit=1 / 8,
    )  # fmt: skip


def _all_pairs(villages: pd.DataFrame, facilities: pd.DataFrame) -> tuple[float, float]:
    part = min(200, len(villages))
    lat, lon = (np.radians(facilities[name].to_numpy()) for name in ("lat", "lon"))

    def ask() -> None:
        for one in np.radians(villages[["lat", "lon"]].to_numpy()[:part]):
            chord = np.sin((lat - one[0]) / 2) ** 2
            chord += np.cos(lat) * np.cos(one[0]) * np.sin((lon - one[1]) / 2) ** 2
            (2 * R * np.arcsin(np.sqrt(chord))).argmin()

    wall, used = took(ask)
    return wall * len(villages) / part, used * len(villages) / part


def catchment(size: float = 1.0) -> Result:
    """2SFCA at 3 km against the bare KD-tree of the nearest."""
    villages, facilities = _sizes(size)
    told = took(lambda: floating_catchment(villages, facilities, 3000.0))
    return Result(
        "catchment", f"2SFCA, 3 km, {len(villages):,} villages, {len(facilities):,} facilities",
        "scipy cKDTree, nearest only", *told, *_bare(villages, facilities), limit=2.0,
    )  # fmt: skip


def sites(size: float = 1.0) -> Result:
    """The best five of a county's sites, proven, against one after the other."""
    rng = np.random.default_rng(3)
    count = max(60, int(600 * size))
    lonlat = np.round(rng.uniform([110, 30], [110.6, 30.6], (count, 2)), 6)
    villages = pd.DataFrame(lonlat, columns=["lon", "lat"]).assign(
        id=[f"v{n}" for n in range(count)], population=rng.integers(100, 3000, count)
    )
    options = {"radius_m": 3000.0, "p": 5}
    told = took(lambda: best_sites(villages, villages, **options))
    greedy = took(lambda: best_sites(villages, villages, **options, exact=False))
    return Result(
        "sites", f"5 of {count} sites for {count} villages, proven best",
        "one site after the other", *told, *greedy, limit=5.0, limit_of="seconds",
    )  # fmt: skip
