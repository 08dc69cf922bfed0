"""Two waves of a residents' survey in the same villages, and a survey of cadres."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from data.sample.comments import comments
from data.sample.draws import (
    YEARS,
    Bools,
    Floats,
    Ints,
    Rng,
    Strings,
    Times,
    chance,
    later,
    pick,
    share,
    words,
)
from data.sample.frames import frame, hide
from data.sample.places import County
from data.sample.qualities import Problems, Qualities
from data.surveys.question_bank import Question, questions
from data.words import Text

CADRE_SURVEY = f"K{YEARS[-1]}"
CADRES_PER_UNIT = 22
FEW_ANSWERS = 24
# Latent values at which an answer goes up one step of five: about 2 % very dissatisfied, 5 %
# dissatisfied, 15 % basically, 39 % satisfied, 39 % very satisfied where all else is average.
_STEPS = np.asarray([-2.15, -1.54, -0.80, 0.27])
_TOWNSHIP, _VILLAGE, _PERSON = 0.25, 0.18, 0.50
_AGES = {"18-29": 0.17, "30-44": 0.26, "45-59": 0.30, "60+": 0.27}
_AGE_SHARES_HERE = {"18-29": 0.14, "30-44": 0.24, "45-59": 0.31, "60+": 0.31}


class _Item(NamedTuple):
    """How a question is answered: its level, and the share that has not used the thing asked.

    level: shift of the latent value (sat5), or share of yes (yesno), or mean (count).
    """

    level: float
    unused: float = 0.03


_ITEMS = {
    "R01": _Item(0.00, 0.01),
    "R02a": _Item(0.10, 0.24),
    "R02b": _Item(-0.05, 0.24),
    "R02c": _Item(0.00, 0.24),
    "R02d": _Item(0.10, 0.24),
    "R02e": _Item(0.25, 0.24),
    "R03": _Item(0.70, 0.24),
    "R04a": _Item(-0.15, 0.58),
    "R04b": _Item(-0.20, 0.60),
    "R04c": _Item(0.05, 0.12),
    "R04d": _Item(-0.30, 0.78),
    "R05": _Item(-0.05, 0.15),
    "R06": _Item(0.05, 0.18),
    "R07": _Item(0.62),
    "R08": _Item(-0.05, 0.12),
    "R09": _Item(-0.30, 0.62),
    "R10": _Item(0.31),
    "R11": _Item(-0.15, 0.52),
    "R12": _Item(-0.05, 0.10),
    "R13": _Item(0.40, 0.01),
    "R14": _Item(0.68),
    "R14b": _Item(0.10, 0.08),
    "R15": _Item(-0.05, 0.72),
    "R16": _Item(0.42),
    "R17": _Item(0.00, 0.20),
    "R18": _Item(0.05, 0.10),
    "R19": _Item(0.30, 0.03),
    "R20": _Item(0.26),
    "R21": _Item(0.00, 0.28),
    "R22": _Item(-0.10, 0.16),
    "R23": _Item(-0.10, 0.02),
    "R24": _Item(-0.20, 0.02),
    "K01": _Item(15.0),
    "K02": _Item(4.0),
    "K03": _Item(1.8),
    "K04": _Item(-0.55),
    "K05": _Item(-0.35),
    "K06": _Item(-0.20),
    "K07": _Item(3.2),
    "K08": _Item(-0.65),
}
_FORM = {
    "form_no": "虚构01表",
    "issuer": "虚构县社会工作部",
    "approved_by": "虚构县统计局",
    "frame": "村（社区）常住人口名册",
    "sampling": "分层两阶段：每个乡镇（街道）为一层，先抽村（社区），再按名册抽人",
    "field_org": "虚构县社情民意调查中心",
}


class _People(NamedTuple):
    """Respondents of one wave: positions of unit and village, and who they are."""

    unit: Ints
    village: Ints
    age: Strings
    sex: Strings
    migrant: Bools
    disabled: Bools


def resident_surveys() -> tuple[str, ...]:
    """Return the survey ids of the residents' waves, the earlier one first."""
    return tuple(f"R{year}" for year in YEARS)


def answers_per_respondent() -> int:
    """Return how many rows of answers one resident gives: all but the text, R23 or R24."""
    return sum(question.answer_type != "text" for question in questions("resident")) - 1


def registration(place: Text) -> dict[str, pd.DataFrame]:
    """Return survey_meta and survey_questions; `place` is named in the titles."""
    waves = zip(resident_surveys(), YEARS, strict=True)
    held = [
        *((survey, year, "resident") for survey, year in waves),
        (CADRE_SURVEY, YEARS[-1], "cadre"),
    ]
    subject = {
        "resident": Text("基层治理居民满意度调查", "residents' satisfaction"),
        "cadre": Text("基层干部减负感受调查", "cadres on their burden"),
    }
    people = {
        "resident": "在本乡镇（街道）居住6个月及以上的18周岁及以上居民",
        "cadre": "乡镇（街道）在编干部",
    }
    meta = frame(
        "survey_meta",
        survey_id=[survey for survey, _, _ in held],
        title_zh=[f"{place.zh}{year}年{subject[who].zh}（虚构）" for _, year, who in held],
        title_en=[f"{place.en} {year}: {subject[who].en} (fictional)" for _, year, who in held],
        approval_no=[f"虚构统制〔{year}〕1号" for _, year, _ in held],
        valid_until=np.asarray([f"{year}-12-31" for _, year, _ in held], dtype="datetime64[s]"),
        mode=["face" if who == "resident" else "online" for _, _, who in held],
        population=[people[who] for _, _, who in held],
        start_on=np.asarray([f"{year}-05-10" for _, year, _ in held], dtype="datetime64[s]"),
        end_on=np.asarray([f"{year}-06-20" for _, year, _ in held], dtype="datetime64[s]"),
        audience=[who for _, _, who in held],
        **_FORM,
    )
    asked = [
        (survey, question)
        for survey, _, who in held
        for question in questions("resident" if who == "resident" else "cadre")
    ]
    bank = frame(
        "survey_questions",
        survey_id=[survey for survey, _ in asked],
        question_id=[question.question_id for _, question in asked],
        index_code=pd.Series([question.index_code for _, question in asked], dtype="str"),
        pair_dim=pd.Series([question.pair_dim for _, question in asked], dtype="str"),
        answer_type=[question.answer_type for _, question in asked],
        text_zh=[question.text.zh for _, question in asked],
        text_en=[question.text.en for _, question in asked],
    )
    return {"survey_meta": meta, "survey_questions": bank}


def surveys(county: County, qualities: Qualities, respondents: int) -> dict[str, pd.DataFrame]:
    """Return respondents, answers and comments: `respondents` residents a wave, and the cadres."""
    villages = _sampled_villages(county)
    parts = [_wave(county, qualities, villages, wave, respondents) for wave in range(len(YEARS))]
    parts.append(_cadres(county, qualities))
    people, answers = zip(*parts, strict=True)
    residents = people[:-1]
    written = [_comments(county, table, wave) for wave, table in enumerate(residents)]
    return {
        "survey_respondents": pd.concat(people, ignore_index=True),
        "survey_answers": pd.concat(answers, ignore_index=True),
        "survey_comments": pd.concat(written, ignore_index=True),
    }


def _comments(county: County, people: pd.DataFrame, wave: int) -> pd.DataFrame:
    """Return what residents wrote; drawn apart, so that no other figure changes."""
    city = people["township_code"].str[6].eq("0").to_numpy()
    keys = people["respondent_id"].to_numpy(dtype=object)
    return comments(county.stream(f"comments_{wave}"), city, resident_surveys()[wave], keys)


def _sampled_villages(county: County) -> Bools:
    """Draw 8 to 16 villages of every unit; both waves go to the same ones."""
    rng = county.stream("sampled_villages")
    unit = county.villages.unit
    wanted = rng.integers(8, 17, len(county.units))
    order = np.lexsort((rng.random(len(unit)), unit))
    place = np.arange(len(unit)) - np.searchsorted(unit, unit)
    sampled = np.zeros(len(unit), dtype=bool)
    sampled[order] = place < wanted[unit]
    return sampled


def _wave(
    county: County, qualities: Qualities, sampled: Bools, wave: int, respondents: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = county.stream(f"survey_{wave}")
    later_wave = wave == len(YEARS) - 1
    problems = qualities.problems if later_wave else None
    people = _people(rng, county, sampled, respondents, problems)
    perfect = _perfect_village(people, problems)
    survey = resident_surveys()[wave]
    keys = words([f"{county.code}-{YEARS[wave]}-{i + 1:05d}" for i in range(len(people.unit))])
    table = _respondents(rng, county, people, perfect, survey, keys)
    asked = [question for question in questions("resident") if question.answer_type != "text"]
    values = _resident_values(rng, county, qualities, people, wave, asked)
    sat5 = np.asarray([question.answer_type == "sat5" for question in asked])
    values[np.ix_(perfect, sat5)] = 5
    put = np.ones(values.shape, dtype=bool)
    ids = [question.question_id for question in asked]
    put[:, ids.index("R23")] = ~county.units.subdistrict[people.unit]
    put[:, ids.index("R24")] = county.units.subdistrict[people.unit]
    return table, _long(survey, keys, ids, values, put)


def _people(
    rng: Rng, county: County, sampled: Bools, respondents: int, problems: Problems | None
) -> _People:
    """Draw respondents: more from larger units, evenly over a unit's sampled villages."""
    residents = np.bincount(county.villages.unit, county.villages.population)
    # Square root allocation: small units get enough answers to be shown.
    wanted = _spread(respondents, np.sqrt(residents))
    if problems:
        few = problems.few_answers
        wanted[few] = min(wanted[few], FEW_ANSWERS)
    unit = np.repeat(np.arange(len(wanted)), wanted)
    villages = np.flatnonzero(sampled)
    first = np.searchsorted(county.villages.unit[villages], unit)
    number = np.bincount(county.villages.unit[villages], minlength=len(wanted))[unit]
    place = np.arange(unit.size) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    # Neighbouring respondents share a village and an interviewer.
    village = villages[first + place * number // np.repeat(wanted, wanted)]
    city = county.units.subdistrict[unit]
    age = pick(rng, _AGE_SHARES_HERE, unit.size)
    return _People(
        unit=unit,
        village=village,
        age=age,
        sex=pick(rng, {"male": 0.47, "female": 0.53}, unit.size),
        migrant=rng.random(unit.size) < np.where(city, 0.15, 0.04),
        disabled=rng.random(unit.size) < np.where(age == "60+", 0.11, 0.04),
    )


def _spread(total: int, weights: Floats) -> Ints:
    """Split a total in proportion to weights, exactly."""
    edges = np.round(np.concatenate([[0], np.cumsum(weights)]) / weights.sum() * total)
    return np.asarray(np.diff(edges), dtype=np.int64)


def _perfect_village(people: _People, problems: Problems | None) -> Bools:
    """Say who lives in the village where everyone is 'very satisfied' with everything."""
    if problems is None:
        return np.zeros(len(people.unit), dtype=bool)
    here = np.flatnonzero(people.unit == problems.perfect_village)
    return np.asarray(people.village == people.village[here[:1]].max(initial=-1))


def _respondents(
    rng: Rng, county: County, people: _People, perfect: Bools, survey: str, keys: Strings
) -> pd.DataFrame:
    size = len(people.unit)
    interviewer = people.village % 24 + 1
    interviewer[perfect] = 25
    seconds = rng.lognormal(np.log(560), 0.28, size)
    seconds[perfect] = rng.uniform(50, 80, int(perfect.sum()))
    started = _interview_times(rng, size, survey)
    return frame(
        "survey_respondents",
        survey_id=survey,
        respondent_id=keys,
        township_code=county.units.codes[people.unit],
        community_code=county.villages.codes[people.village],
        weight=_weights(rng, county, people),
        sex=people.sex,
        age_band=people.age,
        residence_type=np.where(people.migrant, "migrant", "local"),
        has_disability=people.disabled,
        interviewer_id=words([f"I-{county.code}-{i:02d}" for i in interviewer.tolist()]),
        started_at=started,
        ended_at=later(started, seconds, "s"),
    )


def _interview_times(rng: Rng, size: int, survey: str) -> Times:
    """Draw times between 9:00 and 20:30 within the six weeks of fieldwork."""
    first = np.datetime64(f"{survey[1:]}-05-10").astype("datetime64[s]")
    seconds = rng.integers(0, 40, size) * 86400 + rng.integers(9 * 3600, 20 * 3600 + 1800, size)
    return np.asarray(first + seconds)


def _weights(rng: Rng, county: County, people: _People) -> Floats:
    """Return weights with mean 1: residents per respondent, age, and some non-response."""
    residents = np.bincount(county.villages.unit, county.villages.population)
    answered = np.bincount(people.unit, minlength=len(residents))
    age = np.asarray([_AGES[band] / _AGE_SHARES_HERE[band] for band in people.age])
    weight = residents[people.unit] / answered[people.unit] * age
    weight *= rng.lognormal(0, 0.12, len(age))
    return np.asarray(np.round(weight / weight.mean(), 4).clip(0.01))


def _resident_values(
    rng: Rng,
    county: County,
    qualities: Qualities,
    people: _People,
    wave: int,
    asked: list[Question],
) -> Floats:
    """Return answers by respondent × question; NaN is 'not used, don't know'.

    An answer adds up township, village (the same in both waves), person and chance.
    """
    size = (len(people.unit), len(asked))
    felt = np.column_stack(
        [qualities.feelings[question.pair_dim or "A"][people.unit, wave] for question in asked]
    )
    village = county.stream("village_mood").normal(0, 1, len(county.villages))[people.village]
    person = rng.normal(0, 1, size[0]) + 0.2 * (people.age == "60+")
    person = person - 0.35 * people.disabled - 0.2 * people.migrant
    latent = _TOWNSHIP * felt + (_VILLAGE * village + _PERSON * person)[:, None]
    digital = np.asarray([question.index_code == "S6" for question in asked])
    latent -= 0.45 * digital * (people.age == "60+")[:, None]
    values = _answers(rng, latent, felt, asked)
    unused = np.asarray([_ITEMS[question.question_id].unused for question in asked])
    hidden = rng.random(size) < unused
    # Who has not been to the service centre answers none of its questions.
    visit = np.flatnonzero([question.question_id.startswith(("R02", "R03")) for question in asked])
    hidden[:, visit] = hidden[:, visit[:1]]
    return np.where(hidden, np.nan, values)


def _answers(rng: Rng, latent: Floats, felt: Floats, asked: list[Question]) -> Floats:
    """Turn latent values into steps 1-5 (sat5), 0/1 (yesno) or counts."""
    noise = rng.normal(0, 0.8, latent.shape)
    values = np.empty(latent.shape)
    for column, question in enumerate(asked):
        level = _ITEMS[question.question_id].level
        if question.answer_type == "sat5":
            values[:, column] = 1 + np.searchsorted(
                _STEPS, level + latent[:, column] + noise[:, column]
            )
        elif question.answer_type == "yesno":
            values[:, column] = chance(rng, level, felt[:, column], 0.35)
        else:
            values[:, column] = rng.poisson(level * 2 * share(0.5, -felt[:, column], 0.3))
    return values


def _long(
    survey: str, keys: Strings, questions_asked: list[str], values: Floats, put: Bools
) -> pd.DataFrame:
    """Return one row per respondent and question put to them."""
    person, question = np.nonzero(put)
    answer = values[person, question]
    return frame(
        "survey_answers",
        survey_id=survey,
        respondent_id=keys[person],
        question_id=words(questions_asked)[question],
        value=hide(np.nan_to_num(answer).astype(np.int64), np.isnan(answer)),
    )


def _cadres(county: County, qualities: Qualities) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = county.stream("cadres")
    unit = np.repeat(np.arange(len(county.units)), CADRES_PER_UNIT)
    keys = words([f"{county.code}-K-{i + 1:05d}" for i in range(len(unit))])
    asked = list(questions("cadre"))
    felt = np.repeat(qualities.feelings["G"][unit, -1][:, None], len(asked), axis=1)
    latent = _TOWNSHIP * felt + _PERSON * rng.normal(0, 1, (len(unit), 1))
    values = _answers(rng, latent, felt, asked)
    values[rng.random(values.shape) < 0.03] = np.nan
    started = _interview_times(rng, len(unit), CADRE_SURVEY)
    table = frame(
        "survey_respondents",
        survey_id=CADRE_SURVEY,
        respondent_id=keys,
        township_code=county.units.codes[unit],
        weight=1.0,
        sex=pick(rng, {"male": 0.55, "female": 0.45}, len(unit)),
        age_band=pick(rng, {"18-29": 0.2, "30-44": 0.45, "45-59": 0.35}, len(unit)),
        started_at=started,
        ended_at=later(started, rng.lognormal(np.log(240), 0.3, len(unit)), "s"),
    )
    everyone = np.ones(values.shape, dtype=bool)
    return table, _long(
        CADRE_SURVEY, keys, [question.question_id for question in asked], values, everyone
    )
