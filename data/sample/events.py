"""What happens in the townships: cases, disputes, consultations, drills, enforcement."""

import numpy as np
import pandas as pd

from data.sample.draws import (
    YEARS,
    Bools,
    Floats,
    Rng,
    Rows,
    Strings,
    Times,
    chance,
    day,
    ids,
    later,
    office_time,
    pick,
    rows,
    share,
    words,
)
from data.sample.frames import frame, hide
from data.sample.places import County
from data.sample.qualities import Qualities
from data.sample.yearly import village_people

_SOURCES = {
    "window": 0.34,
    "online": 0.20,
    "hotline": 0.27,
    "suggestion": 0.09,
    "supervision": 0.03,
    "grid": 0.07,
}
_DOMAINS = {
    "city_appearance": 0.20,
    "property": 0.22,
    "environment": 0.18,
    "social_security": 0.24,
    "integrity": 0.03,
    "other": 0.13,
}
_EXCLUDED_REASONS = {"诉求超出乡镇（街道）职权": 0.6, "经复核属不合理诉求": 0.4}
_RESIDENTS_PER_CASE = 210
_RESIDENTS_PER_DISPUTE = 420
_TOPICS = ("T1", "T2", "T3", "T4", "T5")


def _residents(county: County) -> Floats:
    """Return residents by unit × year."""
    people = np.zeros((len(county.units), len(YEARS)))
    np.add.at(people, county.villages.unit, village_people(county).astype(np.float64))
    return people


def service_cases(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return window and online cases, hotline appeals, suggestions and opinions."""
    rng = county.stream("service_cases")
    drawn = rows(rng.poisson(_residents(county) / _RESIDENTS_PER_CASE))
    size = len(drawn)
    latent = qualities.facts["B2"][drawn.place, drawn.year]
    source = pick(rng, _SOURCES, size)
    counter = np.isin(source, ["window", "online"])
    hotline = source == "hotline"
    created = office_time(rng, day(rng, drawn))
    due = later(created, np.where(hotline, 5, 10), "D")
    in_time = chance(rng, 0.90, latent, 0.6)
    hours = np.where(in_time, rng.integers(1, 72, size), rng.integers(241, 400, size))
    answered = later(created, hours, "h")
    closed = later(answered, rng.integers(1, 240, size), "h")
    unfinished = rng.random(size) < 0.03
    reached = hotline & (rng.random(size) < 0.82) & ~unfinished
    resolved = chance(rng, 0.80, latent, 0.6)
    level = rng.binomial(4, share(0.72, latent, 0.35)) + 1 - (~resolved & (rng.random(size) < 0.6))
    excluded = hotline & (rng.random(size) < 0.05)
    case_ids = ids("C", county.units.codes, drawn)
    return frame(
        "service_cases",
        case_id=case_ids,
        township_code=county.units.codes[drawn.place],
        # Some cases belong to the whole township.
        community_code=hide(
            county.villages.codes[county.some_village(rng, drawn.place)], rng.random(size) < 0.12
        ),
        source=source,
        domain=pick(rng, _DOMAINS, size),
        created_at=created,
        due_at=due,
        first_response_at=hide(answered, unfinished & (rng.random(size) < 0.5)),
        closed_at=hide(closed, unfinished),
        visits_n=hide(_trips(rng, latent), ~counter),
        resolved=hide(resolved, ~reached),
        satisfied_level=hide(level.clip(1, 5), ~reached | (rng.random(size) < 0.08)),
        repeat_of=_repeats(rng, drawn, hotline, latent, case_ids, created),
        excluded=excluded,
        excluded_reason=hide(pick(rng, _EXCLUDED_REASONS, size), ~excluded),
    )


def _trips(rng: Rng, latent: Floats) -> Floats:
    """Draw the resident's trips: none or one where it went well."""
    well = chance(rng, 0.82, latent, 0.6)
    return np.where(well, rng.integers(0, 2, latent.size), rng.integers(2, 5, latent.size))


def _repeats(
    rng: Rng, drawn: Rows, hotline: Bools, latent: Floats, case_ids: Strings, created: Times
) -> Strings:
    """Return the case repeated: the hotline appeal before it in the same unit and year."""
    repeats = np.full(len(drawn), None, dtype=object)
    appeals = np.flatnonzero(hotline)
    before, after = appeals[:-1], appeals[1:]
    same = (drawn.place[before] == drawn.place[after]) & (drawn.year[before] == drawn.year[after])
    same &= created[before] < created[after]
    again = same & chance(rng, 0.08, -latent[after], 0.5)
    repeats[after[again]] = case_ids[before[again]]
    return repeats


def disputes(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return disputes accepted in both years and how they ended."""
    rng = county.stream("disputes")
    drawn = rows(rng.poisson(_residents(county) / _RESIDENTS_PER_DISPUTE))
    size = len(drawn)
    latent = qualities.facts["B5"][drawn.place, drawn.year]
    accepted = day(rng, drawn)
    pending = rng.random(size) < 0.02
    ended = np.where(chance(rng, 0.90, latent, 0.6), "agreement", "failed")
    outcome = np.where(rng.random(size) < 0.04, "withdrawn", ended)
    local = chance(rng, 0.90, latent, 0.6)
    at_home = np.where(rng.random(size) < 0.66, "community", "township")
    return frame(
        "disputes",
        dispute_id=ids("D", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        accepted_on=accepted,
        concluded_on=hide(later(accepted, rng.integers(1, 45, size), "D"), pending),
        outcome=np.where(pending, "pending", outcome),
        resolved_level=hide(np.where(local, at_home, "above"), pending | (outcome != "agreement")),
    )


def consultations(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return consultation sessions of townships and of villages."""
    rng = county.stream("consultations")
    latent = qualities.facts["B3"]
    of_units = rows(rng.poisson(5.5 * np.exp(0.2 * latent)) + 1)
    of_villages = rows(rng.poisson(2.9 * np.exp(0.25 * latent[county.villages.unit])))
    return pd.concat(
        [
            _sessions(rng, county, latent, of_units, "township"),
            _sessions(rng, county, latent, of_villages, "community"),
        ],
        ignore_index=True,
    )


def _sessions(rng: Rng, county: County, latent: Floats, drawn: Rows, level: str) -> pd.DataFrame:
    size = len(drawn)
    township = level == "township"
    unit = drawn.place if township else county.villages.unit[drawn.place]
    codes = county.units.codes if township else county.villages.codes
    quality = latent[unit, drawn.year]
    topic = words(list(_TOPICS))[(drawn.serial - 1) % len(_TOPICS)]
    due = rng.integers(1, 6, size)
    guests = chance(rng, 0.55, quality, 0.5) if township else np.zeros(size, dtype=bool)
    columns = {
        "consult_id": ids("X", codes, drawn),
        "level": level,
        "township_code": county.units.codes[unit],
        "held_on": day(rng, drawn),
        # The county's topics come first on a township's agenda; some are never reached.
        "county_topic_code": hide(
            topic, (drawn.serial > len(_TOPICS)) | (not township) | (rng.random(size) < 0.1)
        ),
        "method": pick(rng, {"forum": 0.4, "council": 0.4, "hearing": 0.1, "online": 0.1}, size),
        "deputies_n": np.where(guests, rng.poisson(2.5, size), 0),
        "observers_n": np.where(guests, rng.poisson(4.0, size), 0),
        "residents_n": rng.poisson(26 if township else 18, size) + 3,
        "outcomes_due_n": due,
        "outcomes_done_n": rng.binomial(due, share(0.78, quality, 0.5)),
    }
    if not township:
        columns["community_code"] = codes[drawn.place]
    return frame("consultations", **columns)


def drills(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return drills: every unit holds a comprehensive one a year, but for one unit."""
    rng = county.stream("drills")
    units = len(county.units)
    comprehensive = 1 + rng.binomial(1, 0.3, (units, len(YEARS)))
    if qualities.problems:
        comprehensive[qualities.problems.no_drill] = 0
    special = rng.poisson(1.8, (units, len(YEARS)))
    in_villages = rng.poisson(0.5, (len(county.villages), len(YEARS)))
    return pd.concat(
        [
            _drills(rng, county, qualities, rows(comprehensive), "comprehensive"),
            _drills(rng, county, qualities, rows(special), None),
            _drills(rng, county, qualities, rows(in_villages), "special"),
        ],
        ignore_index=True,
    )


def _drills(
    rng: Rng, county: County, qualities: Qualities, drawn: Rows, kind: str | None
) -> pd.DataFrame:
    """Return drills of units (comprehensive, or None: special and tabletop) or of villages."""
    in_villages = kind == "special"
    unit = county.villages.unit[drawn.place] if in_villages else drawn.place
    codes = county.villages.codes if in_villages else county.units.codes
    found = rng.poisson(4.0, len(drawn))
    latent = qualities.facts["B4"][unit, drawn.year]
    letter = {"comprehensive": "E", "special": "V", None: "S"}[kind]
    columns = {
        "drill_id": ids(letter, codes, drawn),
        "township_code": county.units.codes[unit],
        "held_on": day(rng, drawn),
        "drill_type": kind or pick(rng, {"special": 0.6, "tabletop": 0.4}, len(drawn)),
        "participants_n": rng.poisson(60 if in_villages else 140, len(drawn)),
        "issues_n": found,
        "issues_closed_n": rng.binomial(found, share(0.78, latent, 0.5)),
    }
    if in_villages:
        columns["community_code"] = codes[drawn.place]
    return frame("drills", **columns)


def enforcement(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return enforcement decisions and inspections, and when they were made public."""
    rng = county.stream("enforcement")
    drawn = rows(rng.poisson(46, (len(county.units), len(YEARS))))
    size = len(drawn)
    latent = qualities.facts["B1"][drawn.place, drawn.year]
    kind = pick(rng, {"inspection": 0.62, "penalty": 0.22, "licence": 0.13, "coercive": 0.03}, size)
    done = day(rng, drawn)
    # Days allowed until publication: an assumption of the sample, not a quoted rule.
    allowed = np.where(kind == "inspection", 20, 9)
    taken = np.where(
        chance(rng, 0.86, latent, 0.6),
        rng.integers(1, allowed + 1),
        allowed + rng.integers(1, 30, size),
    )
    inspection = kind == "inspection"
    return frame(
        "enforcement",
        record_id=ids("R", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        kind=kind,
        done_on=done,
        publish_due=later(done, allowed, "D"),
        published_on=hide(later(done, taken, "D"), rng.random(size) < 0.03),
        double_random=hide(chance(rng, 0.58, latent, 0.5), ~inspection),
        triggered=hide(rng.random(size) < 0.25, ~inspection),
    )


def activities(county: County) -> pd.DataFrame:
    """Return the activity log, which is shown and never scored."""
    rng = county.stream("activities")
    drawn = rows(rng.poisson(2.0, (len(county.villages), len(YEARS))))
    kinds = {
        "publicity": 0.3,
        "moral_review": 0.12,
        "cadre_service": 0.2,
        "mutual_aid": 0.13,
        "legal_talk": 0.15,
        "health_campaign": 0.1,
    }
    return frame(
        "activities",
        activity_id=ids("A", county.villages.codes, drawn),
        township_code=county.units.codes[county.villages.unit[drawn.place]],
        community_code=county.villages.codes[drawn.place],
        kind=pick(rng, kinds, len(drawn)),
        held_on=day(rng, drawn),
        people_n=rng.poisson(35, len(drawn)),
    )
