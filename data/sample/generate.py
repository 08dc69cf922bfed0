"""A fictional county, or many, as frames of every table of the contract."""

from collections.abc import Iterator

import pandas as pd

from data.errors import DataError
from data.sample import county_side, duties, events, facilities, follow_up, surveys, yearly
from data.sample.draws import YEARS
from data.sample.frames import frame
from data.sample.names import MOST_COUNTIES
from data.sample.places import County, county_code, make_county, master_frames
from data.sample.qualities import Qualities, qualities_of
from data.words import Text

SEED = 20260428
TOWNSHIPS_PER_COUNTY = 18
RESPONDENTS_PER_COUNTY = 5000
_WAVES = len(surveys.resident_surveys())
# Three kinds of unit; sub-districts have the codes 001-099, eight of eighteen units.
_FEWEST_TOWNSHIPS, _MOST_TOWNSHIPS = 3, 200
# What fits into the country's box; the nation has 38,600.
_MOST_TOWNSHIPS_IN_ALL = 45_000
_PROVINCE = Text("虚构省", "Fictional Province")

Frames = dict[str, pd.DataFrame]


def generate(
    *,
    counties: int | None = None,
    townships: int | None = None,
    answers: int | None = None,
    seed: int = SEED,
) -> Iterator[Frames]:
    """Yield the tables of one county after another, frames by table name.

    counties, townships, answers: numbers over all counties together; answers are rows of the
    residents' survey answers, about, over both waves. By default one county of 18 townships and
    sub-districts with 5,000 respondents a wave, and as many of each per county where more
    counties or townships are asked for. The tables that belong to no county (standards, survey
    registration, settings) come with the first one. The same arguments give the same frames.

    Not made: goalposts and the survey roll-ups, which the store works out from these tables.
    Raises DataError `sample_size` for numbers that make no county.
    """
    counties, townships, respondents = _sizes(counties, townships, answers)
    units = _parts(townships, counties)
    people = _parts(respondents, counties)
    for index in range(counties):
        county = make_county(seed, index, units[index])
        frames = _county_frames(county, qualities_of(county), people[index])
        if index == 0:
            name = county.name if counties == 1 else _PROVINCE
            code = county.code if counties == 1 else county_code(0)[:2]
            frames |= _shared_frames(code, name)
        yield frames


def _sizes(
    counties: int | None, townships: int | None, answers: int | None
) -> tuple[int, int, int]:
    """Return counties, townships and respondents a wave, all told."""
    if counties is None:
        counties = max(1, round((townships or TOWNSHIPS_PER_COUNTY) / TOWNSHIPS_PER_COUNTY))
    if townships is None:
        townships = counties * TOWNSHIPS_PER_COUNTY
    _within("counties", counties, 1, MOST_COUNTIES)
    most = min(counties * _MOST_TOWNSHIPS, _MOST_TOWNSHIPS_IN_ALL)
    _within("townships", townships, counties * _FEWEST_TOWNSHIPS, most)
    if answers is None:
        return counties, townships, counties * RESPONDENTS_PER_COUNTY
    per_wave = _WAVES * surveys.answers_per_respondent()
    _within("answers", answers, per_wave * townships, 10**9)
    return counties, townships, round(answers / per_wave)


def _within(what: str, number: int, fewest: int, most: int) -> None:
    if not fewest <= number <= most:
        raise DataError("sample_size", what=what, number=number, fewest=fewest, most=most)


def _parts(total: int, number: int) -> list[int]:
    """Split a total into equal whole parts, the larger ones first."""
    whole, rest = divmod(total, number)
    return [whole + (part < rest) for part in range(number)]


def _county_frames(county: County, qualities: Qualities, respondents: int) -> Frames:
    township_year = yearly.township_year(county, qualities)
    return {
        **master_frames(county),
        "township_year": township_year,
        "community_year": yearly.community_year(county, qualities),
        "staff": yearly.staff(county, qualities),
        "reported_values": yearly.reported_values(county, township_year),
        "facilities": facilities.facilities(county, qualities),
        "service_cases": events.service_cases(county, qualities),
        "disputes": events.disputes(county, qualities),
        "consultations": events.consultations(county, qualities),
        "drills": events.drills(county, qualities),
        "enforcement": events.enforcement(county, qualities),
        "activities": events.activities(county),
        "checklist_results": duties.checklist_results(county, qualities),
        "service_items": duties.service_items(county, qualities),
        "power_items": duties.power_items(county, qualities),
        "disclosures": duties.disclosures(county, qualities),
        "care_registers": duties.care_registers(county, qualities),
        "social_orgs": duties.social_orgs(county, qualities),
        "major_decisions": county_side.major_decisions(county),
        "delegated_tasks": county_side.delegated_tasks(county),
        "burden_register": county_side.burden_register(county, qualities),
        "form_fields": county_side.form_fields(county),
        "upward_requests": county_side.upward_requests(county, qualities),
        "county_stations": county_side.county_stations(county),
        "appeals": county_side.appeals(county),
        "load_log": county_side.load_log(county, qualities),
        **follow_up.follow_up(county),
        **surveys.surveys(county, qualities, respondents),
    }


def _shared_frames(code: str, name: Text) -> Frames:
    settings = {
        "fictional": "true",
        "county_code": code,
        "county_name_zh": name.zh,
        "county_name_en": name.en,
        "detour_factor": "1.3",
        "minimum_base": "30",
        "appeal_days": "30",
    }
    return {
        **facilities.standards(),
        **surveys.registration(name),
        "indicator_params": _limits(code, name),
        "settings": frame(
            "settings",
            name=list(settings),
            value=list(settings.values()),
        ),
    }


def _limits(code: str, name: Text) -> pd.DataFrame:
    """Return the limits of indicators that the place has set for itself."""
    return frame(
        "indicator_params",
        parameter=["C3.sessions", "G14.hours", "G2.cap", "G4.cap"],
        place_code=code,
        from_year=YEARS[0],
        value=[2.0, 24.0, 20.0, 150.0],
        source=f"{name.zh}本地规定（虚构）",
    )
