"""Facilities and service points, with the standards and radii they are measured by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.sample.draws import Bools, Floats, Ints, Rng, Strings, chance, pick, words
from data.sample.frames import frame, hide
from data.sample.places import County
from data.sample.qualities import Qualities

# What a village's comprehensive facility offers beside Party-mass service and culture, and how
# often. The shares of villages come second.
_EXTRA_SERVICES: dict[str, tuple[float, float]] = {
    "employment": (0.55, 0.30),
    "elderly": (0.25, 0.12),
    "mediation": (0.75, 0.65),
    "legal": (0.55, 0.45),
    "psych": (0.30, 0.12),
    "gov_selfservice": (0.65, 0.45),
    "social_work": (0.55, 0.25),
    "disability": (0.45, 0.25),
    "emergency": (0.35, 0.30),
}
_STATUS = {"idle": 0.35, "construction": 0.35, "planned": 0.30}
# Smaller points in villages: name, service, share of communities and of villages that have one,
# mean floor area in m2.
_POINTS = (
    ("养老服务站", "elderly", 0.55, 0.28, 260),
    ("卫生服务站", "medical", 0.70, 0.78, 120),
    ("托育点", "childcare", 0.42, 0.07, 180),
)
# Points of the township itself: name, services, share that have one, mean floor area in m2.
_TOWNSHIP_POINTS = (
    ("便民服务中心", "employment;legal;gov_selfservice;disability", 1.0, 900),
    ("卫生院", "medical;psych", 1.0, 2600),
    ("综治中心", "mediation;legal;psych", 0.95, 420),
    ("应急避难场所", "emergency", 0.9, 1500),
    ("综合文化站", "culture", 0.95, 700),
    ("社工站", "social_work;psych", 0.85, 160),
    ("养老服务中心", "elderly", 0.75, 1400),
    ("托育服务中心", "childcare", 0.55, 600),
)
_STANDARDS = {
    "village": {"office": 20, "service": 30, "activity": 70, "emergency": 8},
    "community": {"office": 40, "service": 60, "activity": 150, "emergency": 15},
    "township": {"office": 150, "service": 300, "activity": 400, "emergency": 60},
}
_RADII = {
    "employment": (1000, 3000),
    "elderly": (1000, 3000),
    "medical": (1000, 3000),
    "childcare": (1000, 4000),
    "party_mass": (1000, 3000),
    "legal": (1500, 5000),
    "mediation": (1500, 5000),
    "psych": (1500, 5000),
    "emergency": (1000, 4000),
    "culture": (1000, 3000),
    "disability": (1000, 4000),
    "gov_selfservice": (1000, 3000),
    "social_work": (1500, 5000),
}


def standards() -> dict[str, pd.DataFrame]:
    """Return the two parameter tables, the same for every county."""
    pairs = [(scope, use, area) for scope, uses in _STANDARDS.items() for use, area in uses.items()]
    radii = [
        (service, setting, radius)
        for service, both in _RADII.items()
        for setting, radius in zip(("urban", "rural"), both, strict=True)
    ]
    return {
        "area_standards": frame(
            "area_standards",
            scope=[scope for scope, _, _ in pairs],
            function=[use for _, use, _ in pairs],
            min_m2=[area for _, _, area in pairs],
            place_code="99",
            from_year=2023,
            source="虚构省民发〔2023〕1号",
        ),
        "radius_params": frame(
            "radius_params",
            service=[service for service, _, _ in radii],
            setting=[setting for _, setting, _ in radii],
            radius_m=[radius for _, _, radius in radii],
            source="虚构县本地参数：城镇按步行15分钟，农村按骑行15分钟",
        ),
    }


def facilities(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return the facilities as they stand at the end of the later year."""
    rng = county.stream("facilities")
    served = qualities.facts["D"][:, -1]
    parts = [
        _comprehensive(rng, county, served),
        *(_village_points(rng, county, served, *point) for point in _POINTS),
        *(_township_points(rng, county, *point) for point in _TOWNSHIP_POINTS),
    ]
    built: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    if qualities.problems:
        _leave_elderly_care_idle(built, qualities.problems.idle_elderly)
    return _frame(rng, county, built)


def _comprehensive(rng: Rng, county: County, served: Floats) -> Mapping[str, Any]:
    villages = county.villages
    latent = served[villages.unit]
    operating = np.where(
        villages.community, chance(rng, 0.92, latent, 0.7), chance(rng, 0.84, latent, 0.8)
    )
    offers = {
        service: np.where(
            villages.community,
            chance(rng, of_communities, latent),
            chance(rng, of_villages, latent),
        )
        for service, (of_communities, of_villages) in _EXTRA_SERVICES.items()
    }
    households = villages.population / 2.75
    area = np.maximum(120, households / 100 * rng.lognormal(np.log(33), 0.35, latent.size))
    return {
        "unit": villages.unit,
        "village": np.arange(len(villages)),
        "name": words([f"{name.zh}党群服务中心" for name in villages.names]),
        "services": _joined(offers),
        "comprehensive": np.ones(len(villages), dtype=bool),
        "operating": operating,
        "area": area,
    }


def _joined(offers: Mapping[str, Bools]) -> Strings:
    names = ["party_mass", "culture", *offers]
    table = np.column_stack(list(offers.values())).tolist()
    return words(
        [
            ";".join(
                name for name, offered in zip(names, [True, True, *row], strict=True) if offered
            )
            for row in table
        ]
    )


def _village_points(
    rng: Rng, county: County, served: Floats, name: str, service: str,
    in_communities: float, in_villages: float, area: float,
) -> Mapping[str, Any]:  # fmt: skip
    villages = county.villages
    latent = served[villages.unit]
    has = np.where(
        villages.community,
        chance(rng, in_communities, latent, 0.5),
        chance(rng, in_villages, latent, 0.5),
    )
    village = np.flatnonzero(has)
    return {
        "unit": villages.unit[village],
        "village": village,
        "name": words([f"{villages.names[i].zh}{name}" for i in village]),
        "services": np.full(village.size, service, dtype=object),
        "comprehensive": np.zeros(village.size, dtype=bool),
        "operating": chance(rng, 0.84, latent[village], 0.5),
        "area": area * rng.lognormal(0, 0.3, village.size),
    }


def _township_points(
    rng: Rng, county: County, name: str, services: str, has: float, area: float
) -> Mapping[str, Any]:
    unit = np.flatnonzero(rng.random(len(county.units)) < has)
    return {
        "unit": unit,
        "village": np.full(unit.size, -1),
        "name": words([f"{county.units.names[i].zh}{name}" for i in unit]),
        "services": np.full(unit.size, services, dtype=object),
        "comprehensive": np.zeros(unit.size, dtype=bool),
        "operating": rng.random(unit.size) < 0.95,
        "area": area * rng.lognormal(0, 0.25, unit.size),
    }


def _leave_elderly_care_idle(built: dict[str, Any], unit: int) -> None:
    """Plant the problem: elderly care of this unit was built but does not run."""
    here = built["unit"] == unit
    only_elderly = here & (built["services"] == "elderly")
    built["operating"] &= ~only_elderly
    built["idle"] = only_elderly
    others = np.flatnonzero(here & ~only_elderly)
    built["services"][others] = [
        ";".join(service for service in text.split(";") if service != "elderly")
        for text in built["services"][others]
    ]


def _positions(rng: Rng, county: County, unit: Ints, village: Ints) -> tuple[Floats, Floats]:
    """Return longitude and latitude: some 150 m from the village's middle, in its own unit."""
    in_village = village >= 0
    middle = np.where(
        in_village,
        [county.villages.lon[village], county.villages.lat[village]],
        [county.units.lon[unit], county.units.lat[unit]],
    )
    moved = middle + rng.normal(0, 0.0014, middle.shape)
    regions = np.asarray(county.units.regions, dtype=object)
    inside = shapely.contains_xy(regions[unit], moved[0], moved[1])
    lon, lat = np.where(inside, moved, middle)
    return lon, lat


def _frame(rng: Rng, county: County, built: Mapping[str, Any]) -> pd.DataFrame:
    size = len(built["unit"])
    village: Ints = built["village"]
    in_village = village >= 0
    order = np.lexsort((village, built["unit"]))
    status = np.where(built["operating"], "operating", pick(rng, _STATUS, size))
    status = np.where(built.get("idle", False), "idle", status)
    running = np.isin(status, ["operating", "idle"])
    # Nobody measures a facility's parts while it is a plan.
    parts = rng.dirichlet([3.0, 4.5, 11.0, 1.6], size) * rng.uniform(0.9, 1.0, (size, 1))
    rooms = built["comprehensive"] & running
    # A shelter is measured as one, and has no other rooms that count.
    shelter = (built["services"] == "emergency") & running
    parts[shelter, 3] = 0.9
    measured = dict.fromkeys(("office", "service", "activity"), rooms)
    measured["emergency"] = rooms | shelter
    lon, lat = _positions(rng, county, built["unit"], village)
    area = np.round(built["area"])
    table = frame(
        "facilities",
        facility_id="",
        township_code=county.units.codes[built["unit"]],
        community_code=hide(county.villages.codes[village], ~in_village),
        name_zh=built["name"],
        services=built["services"],
        is_comprehensive=built["comprehensive"],
        status=status,
        lat=lat,
        lon=lon,
        area_total_m2=hide(area, ~running),
        **{
            f"area_{use}_m2": hide(np.floor(area * parts[:, i]), ~held)
            for i, (use, held) in enumerate(measured.items())
        },
        open_hours_week=hide(np.round(rng.normal(46, 8, size).clip(20, 98)), status != "operating"),
        operator=pick(rng, {"public": 0.78, "social": 0.15, "market": 0.07}, size),
        acquired_by=pick(rng, {"existing_reused": 0.6, "new_build": 0.4}, size),
        in_spatial_plan=rng.random(size) < 0.7,
    ).iloc[order]
    serial = table.groupby("township_code").cumcount() + 1
    table["facility_id"] = "F" + table["township_code"] + "-" + serial.astype("str").str.zfill(3)
    return table.reset_index(drop=True)
