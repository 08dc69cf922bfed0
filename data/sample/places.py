"""The county itself: its townships and villages, where they lie, who lives there."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data.sample.draws import Bools, Floats, Ints, Rng, Strings, stream, words
from data.sample.frames import frame
from data.sample.names import community_names, county_name, subdistrict_names, town_names
from data.sample.terrain import FARTHEST, KM_PER_DEGREE, Land, build, county_radius
from data.words import Text

# Share of sub-districts and of rural townships among the units of a county.
_SUBDISTRICTS, _RURAL = 8 / 18, 3 / 18
_CENTRE = (109.5, 30.5)
_COUNTIES_PER_CITY = 50


@dataclass(frozen=True)
class Units:
    """Townships and sub-districts: sub-districts first, then towns, then rural townships."""

    codes: Strings
    names: list[Text]
    subdistrict: Bools
    rural: Bools
    lon: Floats
    lat: Floats
    hills: Floats
    regions: list[shapely.Geometry]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Villages:
    """Villages and communities, sorted by unit; `unit` is the position of the township."""

    codes: Strings
    names: list[Text]
    unit: Ints
    community: Bools
    urban_rural: Strings
    lon: Floats
    lat: Floats
    population: Ints

    @property
    def urban(self) -> Bools:
        """Say which lie in urban areas by their class code (1xx)."""
        return np.asarray([code.startswith("1") for code in self.urban_rural])

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class County:
    """One fictional county; `index` counts the counties of one sample from 0."""

    seed: int
    index: int
    code: str
    name: Text
    units: Units
    villages: Villages

    def stream(self, topic: str) -> Rng:
        """Return the random stream of one topic in this county."""
        return stream(self.seed, self.index, topic)

    def some_village(self, rng: Rng, unit: Ints) -> Ints:
        """Draw the position of a village in each of the given units."""
        first = np.searchsorted(self.villages.unit, unit)
        number = np.bincount(self.villages.unit, minlength=len(self.units))[unit]
        return np.asarray(first + (rng.random(len(unit)) * number).astype(np.int64))


def county_code(index: int) -> str:
    """Return a 6-digit code that no real county has: province digits 99."""
    city, county = divmod(index, _COUNTIES_PER_CITY)
    return f"99{city + 1:02d}{county + 21:02d}"


def make_county(seed: int, index: int, townships: int) -> County:
    """Make one county of the given number of townships and sub-districts (at least 3)."""
    subdistricts = max(1, round(townships * _SUBDISTRICTS))
    rural = max(1, round(townships * _RURAL))
    land = build(stream(seed, index, "land"), subdistricts, townships - subdistricts)
    centre = _county_centre(index, townships)
    code = county_code(index)
    units = _units(stream(seed, index, "units"), code, land, centre, subdistricts, rural)
    villages = _villages(stream(seed, index, "villages"), units, land, centre)
    return County(seed, index, code, county_name(index), units, villages)


def _county_centre(index: int, townships: int) -> tuple[float, float]:
    """Return longitude and latitude; counties spiral out from the middle of the country."""
    ring = int(np.ceil((np.sqrt(index + 1) - 1) / 2))
    around = [(x, y) for x in range(-ring, ring + 1) for y in range(-ring, ring + 1)]
    edge = [place for place in around if max(map(abs, place)) == ring]
    column, row = edge[index - max(0, 2 * ring - 1) ** 2]
    step = 2 * FARTHEST * county_radius(townships) / KM_PER_DEGREE
    return _CENTRE[0] + column * step / np.cos(np.radians(_CENTRE[1])), _CENTRE[1] + row * step


def _degrees(points: Floats, centre: tuple[float, float]) -> Floats:
    """Turn kilometres east and north of the centre into longitude and latitude."""
    scale = np.asarray([np.cos(np.radians(centre[1])), 1.0]) * KM_PER_DEGREE
    return np.asarray(points / scale + np.asarray(centre))


def _units(
    rng: Rng, county: str, land: Land, centre: tuple[float, float], subdistricts: int, rural: int
) -> Units:
    number = len(land.seats)
    towns = number - subdistricts - rural
    # NBS digits 7-9: sub-districts from 001, towns from 100, townships from 200.
    digits = [*range(1, subdistricts + 1), *range(100, 100 + towns), *range(200, 200 + rural)]
    seats = _degrees(land.points[land.seats], centre)
    position = np.arange(number)
    return Units(
        codes=words([f"{county}{digit:03d}" for digit in digits]),
        names=[*subdistrict_names(rng, subdistricts), *town_names(rng, towns, rural)],
        subdistrict=position < subdistricts,
        rural=position >= number - rural,
        lon=seats[:, 0],
        lat=seats[:, 1],
        hills=land.hills[land.seats],
        regions=[
            shapely.transform(region, lambda points: _degrees(points, centre))
            for region in land.regions
        ],
    )


def _settle(rng: Rng, land: Land, wanted: Ints) -> tuple[Ints, Ints]:
    """Choose the cells where villages lie: (cell, unit), those nearest the seat first.

    Villages gather around the seat and in low ground (Gumbel top-k is a weighted draw without
    replacement); a unit with fewer cells than wanted villages takes them all.
    """
    away = np.hypot(*(land.points - land.points[land.seats[land.owner]]).T)
    weight = -away / 6.0 - 0.7 * land.hills + rng.gumbel(size=away.size)
    # The seat itself is always settled.
    weight[land.seats] = np.inf
    by_unit = np.lexsort((-weight, land.owner))
    unit = land.owner[by_unit]
    place = np.arange(unit.size) - np.searchsorted(unit, unit)
    chosen = by_unit[place < wanted[unit]]
    chosen = chosen[np.lexsort((away[chosen], land.owner[chosen]))]
    return chosen, land.owner[chosen]


def _place_in_unit(unit: Ints) -> Ints:
    """Return 0, 1, 2, ... within each unit; units are sorted."""
    return np.asarray(np.arange(unit.size) - np.searchsorted(unit, unit))


def _villages(rng: Rng, units: Units, land: Land, centre: tuple[float, float]) -> Villages:
    number = len(units)
    wanted = np.where(
        units.subdistrict,
        rng.integers(10, 16, number),
        np.where(units.rural, rng.integers(11, 17, number), rng.integers(15, 21, number)),
    )
    cell, unit = _settle(rng, land, wanted)
    place = _place_in_unit(unit)
    # Towns have one or two communities at their seat; rural townships have villages only.
    town_communities = np.where(units.rural, 0, rng.integers(1, 3, number))
    communities = np.where(units.subdistrict, number * wanted, town_communities)
    community = place < communities[unit]
    position = _degrees(land.points[cell], centre)
    return Villages(
        codes=_village_codes(units.codes[unit], community, place, communities[unit]),
        names=_village_names(rng, unit, community, number),
        unit=unit,
        community=community,
        urban_rural=_urban_rural(units, unit, community, place),
        lon=position[:, 0],
        lat=position[:, 1],
        population=_population(rng, units, unit),
    )


def _village_codes(
    unit_codes: Strings, community: Bools, place: Ints, communities: Ints
) -> Strings:
    """Return 12-digit codes: residents' committees from 001, villagers' committees from 200."""
    digits = np.where(community, place + 1, 200 + place - communities)
    return words(
        [f"{code}{digit:03d}" for code, digit in zip(unit_codes, digits.tolist(), strict=True)]
    )


def _village_names(rng: Rng, unit: Ints, community: Bools, units: int) -> list[Text]:
    communities = np.bincount(unit[community], minlength=units).tolist()
    villages = np.bincount(unit[~community], minlength=units).tolist()
    return [
        name
        for pair in zip(communities, villages, strict=True)
        for name in community_names(rng, *pair)
    ]


def _urban_rural(units: Units, unit: Ints, community: Bools, place: Ints) -> Strings:
    """Return the NBS class: 111/112 in sub-districts, 121/122 in towns, else 210/220."""
    in_city = units.subdistrict[unit]
    return words(
        np.select(
            [in_city & (place < 10), in_city, community, ~units.rural[unit] & (place < 3)],
            ["111", "112", "121", "122"],
            np.where(place == 0, "210", "220"),
        ).tolist()
    )


def _population(rng: Rng, units: Units, unit: Ints) -> Ints:
    mean = np.where(units.subdistrict, 36000, np.where(units.rural, 10500, 21000))
    of_unit = mean * rng.lognormal(0, 0.22, len(units))
    part = rng.gamma(5.0, size=unit.size)
    part /= np.bincount(unit, part)[unit]
    return np.asarray(np.maximum(120, np.round(of_unit[unit] * part)), dtype=np.int64)


def master_frames(county: County) -> dict[str, pd.DataFrame]:
    """Return townships, communities and boundaries of the county."""
    units, villages = county.units, county.villages
    return {
        "townships": frame(
            "townships",
            township_code=units.codes,
            name_zh=[name.zh for name in units.names],
            name_en=[name.en for name in units.names],
            county_code=county.code,
            unit_type=np.where(units.subdistrict, "subdistrict", "township"),
            peer_group=np.where(units.subdistrict, "county_seat", "town_and_village"),
            lat=units.lat,
            lon=units.lon,
            crs="WGS84",
        ),
        "communities": frame(
            "communities",
            community_code=villages.codes,
            township_code=units.codes[villages.unit],
            name_zh=[name.zh for name in villages.names],
            name_en=[name.en for name in villages.names],
            kind=np.where(villages.community, "community", "village"),
            urban_rural_code=villages.urban_rural,
            lat=villages.lat,
            lon=villages.lon,
        ),
        "boundaries": _boundaries(county),
    }


def _boundaries(county: County) -> pd.DataFrame:
    """Return the townships' polygons and the county's, as WKB; the county is their union."""
    whole = shapely.coverage_union_all(county.units.regions)
    names = [county.name, *county.units.names]
    return frame(
        "boundaries",
        unit_code=[county.code, *county.units.codes],
        level=["county", *["township"] * len(county.units)],
        name_zh=[name.zh for name in names],
        name_en=[name.en for name in names],
        geometry=shapely.to_wkb([whole, *county.units.regions]),
        source="虚构，由程序生成",
    )
