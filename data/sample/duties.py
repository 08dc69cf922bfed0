"""What townships and villages owe: checklists, items, disclosures, care registers."""

import numpy as np
import pandas as pd

from data.checklists import items
from data.sample.draws import YEARS, Bools, Floats, Ints, Rng, Strings, chance, pick, share, words
from data.sample.frames import frame, hide
from data.sample.places import County
from data.sample.qualities import Qualities
from data.sample.yearly import village_people

_OF_UNITS = {"PARTY": ("A", 0.90), "EMERG6": ("B4", 0.86), "ZZC": ("B5", 0.88),
             "VIRTUE5": ("E", 0.78), "ACCESS": ("F", 0.76)}  # fmt: skip
_OF_VILLAGES = {"VILLORG": ("C", 0.86), "EMERG3": ("B4", 0.84), "SVCSTD": ("D", 0.80)}
# What almost every place has: without it a red flag stands beside the band.
_BASICS = ("VILLORG-6", "EMERG6-3", "EMERG3-1")
_COUNTY_SHARE = 0.7
_ITEMS = 60
_LISTS = {"basic": 84, "cooperate": 46, "recalled": 14, "devolved": 26}
_DEVOLVED = (
    "农村村民宅基地审批", "乡村建设规划许可", "临时救助审批", "设施农业用地备案",
    "林木采伐许可（自用）", "门面招牌设置许可", "占道经营处罚", "违法建设处罚", "露天焚烧处罚",
    "擅自倾倒垃圾处罚", "养犬管理处罚", "小餐饮登记", "食品摊贩备案", "农药经营检查",
    "农机安全检查", "消防安全检查", "燃气使用检查", "再生育审批", "残疾人证受理",
    "老年人优待证办理", "特困人员认定", "就业困难人员认定", "小型水利设施管护",
    "村级公益事业审核", "农村道路管护", "河道保洁检查",
)  # fmt: skip
_DISCLOSURE_KINDS = ("party", "affairs", "finance", "collective_assets")
_QUARTER_ENDS = ("04-10", "07-10", "10-10", "12-25")
# Registered per 10,000 residents in villages and in communities; the dimension that serves them.
_GROUPS = {
    "left_child": (38, 3, "B2"),
    "left_woman": (26, 1, "B2"),
    "left_elder": (52, 4, "B2"),
    "special_elder": (60, 34, "D"),
    "disabled": (80, 55, "D"),
    "hardship": (70, 28, "D"),
    "monitor_household": (16, 0, "B2"),
}


def checklist_results(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return every checklist item of units, villages and the county, by year."""
    rng = county.stream("checklist_results")
    units, villages = county.units, county.villages
    everyone = np.arange(len(units))
    return pd.concat(
        [
            *(
                _checklist(rng, county, qualities, name, units.codes, everyone, year)
                for name in _OF_UNITS
                for year in range(len(YEARS))
            ),
            *(
                _checklist(rng, county, qualities, name, villages.codes, villages.unit, year)
                for name in _OF_VILLAGES
                for year in range(len(YEARS))
            ),
            *(_county_checklist(rng, county, year) for year in range(len(YEARS))),
        ],
        ignore_index=True,
    )


def _items(checklist: str) -> Strings:
    return words([item.code for item in items(checklist)])


def _checklist(
    rng: Rng, county: County, qualities: Qualities,
    name: str, codes: Strings, unit_of: Ints, year: int,
) -> pd.DataFrame:  # fmt: skip
    items = _items(name)
    place = np.repeat(np.arange(len(codes)), len(items))
    item = np.tile(items, len(codes))
    dimension, base = {**_OF_UNITS, **_OF_VILLAGES}[name]
    latent = qualities.facts[dimension][unit_of[place], year]
    applicable = _applicable(rng, county, name, place)
    passed = chance(rng, base, latent, 0.7)
    mended = county.stream(f"basics-{name}-{year}").random(len(place)) < 0.94
    passed |= np.isin(item, _BASICS) & mended
    return frame(
        "checklist_results",
        unit_code=codes[place],
        township_code=county.units.codes[unit_of[place]],
        year=YEARS[year],
        checklist=name,
        item_code=item,
        applicable=applicable,
        passed=hide(passed, ~applicable),
        evidence_ref=hide(
            words(
                [f"{code}-{YEARS[year]}-{i}" for code, i in zip(codes[place], item, strict=True)]
            ),
            ~(applicable & passed),
        ),
    )


def _applicable(rng: Rng, county: County, name: str, place: Ints) -> Bools:
    wanted = {each.code: each.applies_to for each in items(name)}
    if set(wanted.values()) == {"all"}:
        return np.ones(len(place), dtype=bool)
    who = words(list(wanted.values()))[np.arange(len(place)) % len(wanted)]
    community = county.villages.community[place]
    converted = community & (rng.random(len(county.villages)) < 0.05)[place]
    return np.asarray(
        np.select(
            [who == "village", who == "community", who == "converted"],
            [~community, community, converted],
            True,
        ),
        dtype=bool,
    )


def _county_checklist(rng: Rng, county: County, year: int) -> pd.DataFrame:
    items = _items("COUNTY")
    passed = rng.random(len(items)) < _COUNTY_SHARE + 0.08 * year
    return frame(
        "checklist_results",
        unit_code=county.code,
        year=YEARS[year],
        checklist="COUNTY",
        item_code=items,
        applicable=True,
        passed=passed,
        evidence_ref=hide(
            words([f"{county.code}-{YEARS[year]}-{item}" for item in items]), ~passed
        ),
    )


def service_items(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return the government-service items offered by every unit and year."""
    rng = county.stream("service_items")
    unit, year, item = _grid(len(county.units), _ITEMS)
    latent = qualities.facts["B2"][unit, year]
    return frame(
        "service_items",
        item_code=words([f"FW{code:03d}" for code in (item + 1).tolist()]),
        township_code=county.units.codes[unit],
        year=np.asarray(YEARS)[year],
        one_window=chance(rng, 0.84, latent, 0.6),
        citywide=chance(rng, 0.42, latent, 0.2),
        cross_region=chance(rng, 0.22, latent, 0.2),
        online=chance(rng, 0.80, qualities.facts["F"][unit, year], 0.4),
        offline_kept=chance(rng, 0.90, qualities.facts["F"][unit, year], 0.6),
    )


def power_items(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return responsibility-list items and devolved powers of every unit and year."""
    rng = county.stream("power_items")
    lists = np.repeat(words(list(_LISTS)), list(_LISTS.values()))
    unit, year, item = _grid(len(county.units), len(lists))
    latent = qualities.facts["B1"][unit, year]
    used = chance(rng, 0.55, latent, 0.5)
    names = words([*[""] * (len(lists) - len(_DEVOLVED)), *_DEVOLVED])
    return frame(
        "power_items",
        item_name=hide(names[item], lists[item] != "devolved"),
        item_code=words([f"QZ{code:03d}" for code in (item + 1).tolist()]),
        township_code=county.units.codes[unit],
        year=np.asarray(YEARS)[year],
        list=lists[item],
        times_used_n=hide(
            np.where(used, rng.poisson(6, len(unit)) + 1, 0), lists[item] == "recalled"
        ),
    )


def _grid(places: int, items: int) -> tuple[Ints, Ints, Ints]:
    """Return place, year and item of every combination."""
    place, year, item = np.indices((places, len(YEARS), items)).reshape(3, -1)
    return place, year, item


def disclosures(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return four disclosures a quarter for every village, and when they were published."""
    rng = county.stream("disclosures")
    size = len(_DISCLOSURE_KINDS) * len(_QUARTER_ENDS)
    village, year, item = _grid(len(county.villages), size)
    kind, quarter = np.divmod(item, len(_QUARTER_ENDS))
    unit = county.villages.unit[village]
    dates = np.asarray(
        [[f"{year}-{end}" for end in _QUARTER_ENDS] for year in YEARS], dtype="datetime64[D]"
    )
    due = dates[year, quarter]
    own = rng.normal(0, 0.5, len(county.villages))
    punctual = chance(rng, 0.87, qualities.facts["C"][unit, year] + own[village], 0.7)
    late = np.where(punctual, -rng.integers(0, 15, len(unit)), rng.integers(1, 40, len(unit)))
    return frame(
        "disclosures",
        community_code=county.villages.codes[village],
        township_code=county.units.codes[unit],
        kind=words(list(_DISCLOSURE_KINDS))[kind],
        due_on=due,
        published_on=hide(due + late.astype("timedelta64[D]"), rng.random(len(unit)) < 0.02),
    )


def care_registers(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return people registered and served by village, group and month; no row where nobody is."""
    rng = county.stream("care_registers")
    villages = county.villages
    rates = np.asarray([group[:2] for group in _GROUPS.values()], dtype=np.float64) / 10_000
    rate = np.where(villages.community[:, None], rates[:, 1], rates[:, 0])
    registered = rng.poisson(village_people(county)[:, :, None] * rate[:, None, :])
    village, year, item = _grid(len(villages), len(_GROUPS) * 12)
    group, month = np.divmod(item, 12)
    known = registered[village, year, group]
    unit = villages.unit[village]
    latent = _served_by(qualities)[group, unit, year]
    kept = known > 0
    months = (np.asarray(YEARS)[year] - 1970) * 12 + month
    return frame(
        "care_registers",
        community_code=villages.codes[village][kept],
        township_code=county.units.codes[unit][kept],
        grp=words(list(_GROUPS))[group][kept],
        month=months[kept].astype("datetime64[M]").astype("datetime64[D]"),
        registered_n=known[kept],
        served_n=rng.binomial(known[kept], share(0.88, latent[kept], 0.5)),
    )


def _served_by(qualities: Qualities) -> Floats:
    """Return the latent quality of care by group × unit × year."""
    return np.stack([qualities.facts[dimension] for _, _, dimension in _GROUPS.values()])


def social_orgs(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return the social organisations of every unit."""
    rng = county.stream("social_orgs")
    number = rng.poisson(np.where(county.units.subdistrict, 11, 5)) + 1
    unit = np.repeat(np.arange(len(county.units)), number)
    serial = np.arange(len(unit)) - np.repeat(np.cumsum(number) - number, number) + 1
    latent = qualities.facts["A"][unit, -1]
    funded = pick(rng, {"yes": 0.35, "no": 0.65}, len(unit)) == "yes"
    return frame(
        "social_orgs",
        org_id=words(
            [
                f"O-{code}-{i:03d}"
                for code, i in zip(county.units.codes[unit], serial.tolist(), strict=True)
            ]
        ),
        township_code=county.units.codes[unit],
        party_coverage=chance(rng, 0.7, latent, 0.5),
        charter_clause=chance(rng, 0.76, latent, 0.4),
        govt_project_yuan=np.where(funded, np.round(rng.lognormal(11, 0.6, len(unit)), -2), 0),
    )
