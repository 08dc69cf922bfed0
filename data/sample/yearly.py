"""Yearly facts of townships and villages, and the people who work there."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from data.sample.draws import YEARS, Floats, Ints, Rng, Rows, chance, rows, share, words
from data.sample.frames import frame
from data.sample.places import County
from data.sample.qualities import Qualities

_GROWTH = 0.012


class _Category(NamedTuple):
    """Letter of the staff keys; shares with a certificate, a degree, of rules met."""

    letter: str
    certificate: float
    degree: float
    rules_met: float


_CATEGORIES = {
    "township_cadre": _Category("T", 0.05, 0.82, 0.93),
    "community_worker": _Category("W", 0.36, 0.66, 0.86),
    "grid_worker": _Category("G", 0.08, 0.42, 0.80),
    "committee_member": _Category("M", 0.12, 0.35, 0.84),
}


def village_people(county: County) -> Ints:
    """Return residents by village × year: towns and the seat grow, villages shrink."""
    change = np.where(county.villages.urban, _GROWTH, -_GROWTH)
    years = 1 + change[:, None] * np.arange(len(YEARS))
    return np.asarray(np.round(county.villages.population[:, None] * years), dtype=np.int64)


def community_year(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return the one-page form of every village and year."""
    rng = county.stream("community_year")
    villages = county.villages
    one = rows(np.ones((len(villages), len(YEARS)), dtype=np.int64))
    unit = villages.unit[one.place]
    people = village_people(county)[one.place, one.year]
    households = np.round(people / 2.75).astype(np.int64)
    community = villages.community[one.place]

    def latent(dimension: str) -> Floats:
        # Villages of one township differ among themselves too.
        own = rng.normal(0, 0.5, len(villages))
        return np.asarray(qualities.facts[dimension][unit, one.year] + own[one.place])

    members = rng.integers(5, 10, len(one))
    grids = np.maximum(1, np.round(households / 320)).astype(np.int64)
    compounds = np.where(community, rng.poisson(7, len(one)) + 1, rng.poisson(0.2, len(one)))
    weak = rng.random(len(one)) < 0.05
    return frame(
        "community_year",
        community_code=villages.codes[one.place],
        township_code=county.units.codes[unit],
        year=one.calendar_year,
        resident_pop=people,
        households=households,
        secretary_is_chair=chance(rng, 0.9, latent("A"), 0.4),
        committee_members_n=members,
        cross_posted_n=rng.binomial(members, 0.55),
        weak_org_status=np.where(
            weak, np.where(chance(rng, 0.7, latent("A")), "rectified", "listed"), "none"
        ),
        legal_adviser_active=chance(rng, 0.84, latent("E"), 0.7),
        convention_filed=chance(rng, 0.82, latent("E"), 0.7),
        platform_access=chance(rng, 0.76, latent("F"), 0.7),
        hh_visited_n=np.round(
            households * (share(0.66, latent("C"), 0.5) + rng.normal(0, 0.06, len(one))).clip(0, 1)
        ),
        grids_n=grids,
        grids_staffed_n=rng.binomial(grids, share(0.86, latent("C"), 0.5)),
        psych_service=chance(rng, 0.45, latent("B5"), 0.6),
        compounds_n=compounds,
        compounds_managed_n=rng.binomial(compounds, share(0.72, latent("B2"), 0.5)),
        waste_sewage_ok=chance(rng, 0.74, latent("B2"), 0.7),
        social_orgs_n=rng.poisson(np.where(community, 5.5, 2.2) * np.exp(0.12 * latent("E"))),
    )


def township_year(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return the yearly facts of every township."""
    rng = county.stream("township_year")
    units, villages = county.units, county.villages
    one = rows(np.ones((len(units), len(YEARS)), dtype=np.int64))
    people = village_people(county)
    residents = _by_unit(county, people)[one.place, one.year]
    urban = _by_unit(county, people * villages.urban[:, None])[one.place, one.year]
    in_city = units.subdistrict[one.place]
    migrants = np.round(residents * np.where(in_city, 0.16, 0.03) * rng.lognormal(0, 0.2, len(one)))
    quota = np.round(rng.normal(np.where(in_city, 95, 72), 9)).clip(40)
    filled = np.round(quota * rng.normal(0.9, 0.04, len(one)).clip(0.7, 1.0))
    paid = residents * rng.lognormal(np.log(820), 0.15, len(one))
    served = qualities.facts["B2"][one.place, one.year]
    return frame(
        "township_year",
        township_code=units.codes[one.place],
        year=one.calendar_year,
        resident_pop=residents,
        urban_resident_pop=urban,
        households=np.round(residents / 2.75),
        migrants_n=migrants,
        migrants_served_n=np.floor(migrants * share(0.7, served, 0.5)),
        health_workers_n=np.round(residents / 1000 * rng.normal(5.6, 0.6, len(one))),
        volunteer_hours=np.round(
            residents * 1.6 * np.exp(0.3 * qualities.facts["E"][one.place, one.year])
        ),
        county_topics_n=5,
        governance_spend_yuan=np.round(residents * rng.lognormal(np.log(410), 0.18, len(one)), -2),
        treasury_central_paid_yuan=np.round(paid * rng.uniform(0.8, 0.98, len(one)), -2),
        treasury_total_paid_yuan=np.ceil(paid / 100) * 100,
        posts_quota_n=quota,
        posts_filled_n=filled,
        seconded_out_n=rng.binomial(filled.astype(np.int64), 0.06),
    )


def _by_unit(county: County, of_villages: Ints) -> Ints:
    summed = np.zeros((len(county.units), of_villages.shape[1]), dtype=np.int64)
    np.add.at(summed, county.villages.unit, of_villages)
    return summed


def staff(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return de-identified staff rows of both years; a person keeps the key."""
    rng = county.stream("staff")
    villages = county.villages
    # With the grid workers managed like them, some 18 for 10,000 urban residents.
    workers = rng.poisson(np.where(villages.urban, villages.population * 14.5 / 10_000, 0))
    grid = np.maximum(1, np.round(villages.population / 2.75 / 420)).astype(np.int64)
    committee = rng.integers(4, 8, len(villages))
    in_villages = {
        "community_worker": workers,
        "grid_worker": grid,
        "committee_member": committee,
    }
    cadres = rows(np.where(county.units.subdistrict, 84, 64)[:, None])
    parts = [_staff_group(rng, county, qualities, "township_cadre", cadres, None)]
    for category, number in in_villages.items():
        people = rows(number[:, None])
        parts.append(_staff_group(rng, county, qualities, category, people, villages.unit))
    return pd.concat(parts, ignore_index=True)


def _staff_group(
    rng: Rng,
    county: County,
    qualities: Qualities,
    category: str,
    people: Rows,
    unit_of: Ints | None,
) -> pd.DataFrame:
    """Return one category; `unit_of` gives the unit of each village, None for cadres."""
    kind = _CATEGORIES[category]
    codes = county.units.codes if unit_of is None else county.villages.codes
    unit = people.place if unit_of is None else unit_of[people.place]
    keys = words(
        [
            f"{kind.letter}-{code}-{serial:03d}"
            for code, serial in zip(codes[people.place], people.serial.tolist(), strict=True)
        ]
    )
    degree = rng.random(len(people)) < kind.degree
    # Only urban communities manage grid workers as community workers.
    urban = county.villages.urban[people.place] if unit_of is not None else False
    managed = urban & (rng.random(len(people)) < 0.45)
    parts = []
    for position, year in enumerate(YEARS):
        latent = qualities.facts["G"][unit, position]
        due = rng.integers(4, 8, len(people))
        columns = {
            "staff_key": keys,
            "township_code": county.units.codes[unit],
            "year": year,
            "category": category,
            "social_work_cert": chance(rng, kind.certificate, latent, 0.3),
            "college_degree": degree,
            "training_hours": np.round(rng.gamma(4.0, 8.5, len(people)) * np.exp(0.1 * latent)),
            "rules_due_n": due,
            "rules_met_n": rng.binomial(due, share(kind.rules_met, latent, 0.4)),
        }
        if unit_of is not None:
            columns["community_code"] = codes[people.place]
        if category == "grid_worker":
            columns["managed_as_community_worker"] = managed
        parts.append(frame("staff", **columns))
    return pd.concat(parts, ignore_index=True)


def reported_values(county: County, yearly: pd.DataFrame) -> pd.DataFrame:
    """Return two indicators as some counties hand them in: results without their tables.

    E3 volunteer hours and G9 governance spending per resident, worked out from `yearly`, the
    frame of township_year, so that reported and computed values agree.
    """
    parts = [
        frame(
            "reported_values",
            unit_code=yearly["township_code"],
            indicator_id=indicator,
            year=yearly["year"],
            value=yearly[column] / yearly["resident_pop"],
            num=yearly[column],
            den=yearly["resident_pop"],
            source=f"{county.name.zh}统计快报（虚构）",
        )
        for indicator, column in (("E3", "volunteer_hours"), ("G9", "governance_spend_yuan"))
    ]
    return pd.concat(parts, ignore_index=True)
