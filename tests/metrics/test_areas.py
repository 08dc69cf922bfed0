"""An account limited to an area: every role, action, answer and place in one table."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.access.accounts import LOCAL, RIGHTS, ROLES, Account
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics import areas, units
from metrics.areas import OF_COUNTY, OWN, PARTED, PUBLIC
from tests.pages.county import TOWNS, tables

ACTIONS = ("read", "present", "contest", "publish", "audit", "administer")
OWN_TOWN, NEXT_TOWN, COUNTY, NEXT_COUNTY = "990121100", "990121101", "990121", "990122"
ABROAD = {"990122100": "北坪镇", "990122101": "南坪镇"}
TOLD = ("assessment.township_card.card", "duty.follow_up.actions", "duty.appeals.appeals")
NAMES = {"units.all_units", "units.counties"}  # what places are called is no figure of theirs
PAGES = Path(__file__).parents[2] / "pages"
# Everything the pages ask for by name; a new one is denied until it stands in metrics/areas.py.
ASKED = frozenset(
    name
    for file in PAGES.rglob("*.py")
    for name in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', file.read_text(encoding="utf-8"))
    if (PAGES.parent / "metrics" / f"{name.rpartition('.')[0].replace('.', '/')}.py").is_file()
)
# Scope -> whether a township's account and a county's account may have answers of a place.
PLACES = {
    Scope(2025): (False, False),
    Scope(2025, township=OWN_TOWN): (True, False),  # which county it is in is not said
    Scope(2025, COUNTY, OWN_TOWN): (True, True),
    Scope(2025, COUNTY, NEXT_TOWN): (False, True),
    Scope(2025, COUNTY): (False, True),
    Scope(2025, NEXT_COUNTY): (False, False),
    Scope(2025, NEXT_COUNTY, next(iter(ABROAD))): (False, False),
}


def account(role: str, area: str) -> Account:
    return Account("王", role, disabled=False, salt="", hash="", stamp="", area=area)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_action_and_area(role: str) -> None:
    for action in ACTIONS:
        assert account(role, "").may(action) == (action in RIGHTS[role])  # type: ignore[arg-type, index]
        for area in (OWN_TOWN, COUNTY):
            # Whatever the role, even one written into the file by hand.
            assert account(role, area).may(action) == (action in ("read", "contest"))  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_answer_and_place(role: str) -> None:
    assert PUBLIC | OWN | PARTED | OF_COUNTY < ASKED  # most of what the pages ask is denied
    for name in ASKED:
        for scope, (township, county) in PLACES.items():
            assert areas.admitted(account(role, ""), name, scope)
            asked = [
                areas.admitted(account(role, area), name, scope) for area in (OWN_TOWN, COUNTY)
            ]
            if name in PUBLIC:
                expected = [True, True]
            elif name in PARTED:
                expected = [True, county]
            else:
                expected = [township and name in OWN, county and name in OWN | OF_COUNTY]
            assert asked == expected, (name, scope)


def test_what_is_refused_is_refused_in_words() -> None:
    with pytest.raises(DataError) as refused:
        areas.admit(
            account("viewer", OWN_TOWN),
            "assessment.township_card.card",
            Scope(2025, COUNTY, NEXT_TOWN),
        )
    assert refused.value.code == "outside_area"
    areas.admit(LOCAL, "assessment.township_card.card", Scope(2025))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two counties with a survey, reported values, an action and an appeal in every township."""
    frames = tables()
    abroad = pd.DataFrame(
        {
            "township_code": list(ABROAD), "name_zh": list(ABROAD.values()),
            "name_en": ["Beiping", "Nanping"], "unit_type": "township", "county_code": NEXT_COUNTY,
        }
    )  # fmt: skip
    frames["townships"] = pd.concat([frames["townships"], abroad], ignore_index=True)
    for name in ("survey_respondents", "survey_answers"):  # as many are asked abroad
        there = frames[name].assign(respondent_id="n" + frames[name]["respondent_id"])
        if "township_code" in there:
            there["township_code"] = [list(ABROAD)[n % 2] for n in range(len(there))]
        frames[name] = pd.concat([frames[name], there])
    for name, frame in frames.items():  # and the year before
        if name.startswith("survey_"):
            frames[name] = pd.concat([frame, frame.assign(survey_id="S-2024")])
    frames["survey_meta"]["start_on"] = pd.to_datetime(["2025-05-01", "2024-05-01"])
    codes = [*TOWNS, *ABROAD]
    frames["reported_values"] = pd.DataFrame(
        [
            (code, fact, year, 50.0 + place + year % 5)
            for place, code in enumerate(codes)
            for fact in ("B2.2", "B2.5", "C2", "D6", "D7", "E2", "F3")
            for year in (2024, 2025)
        ],
        columns=["unit_code", "indicator_id", "year", "value"],
    )
    day = pd.Timestamp("2025-06-01")
    frames["actions"] = pd.DataFrame(
        {
            "action_id": [f"A{code}" for code in codes], "unit_code": codes, "indicator_id": "D6",
            "year": 2025, "finding": [f"{code} 的问题" for code in codes], "owner": "民政局",
            "measure": "改", "found_on": day, "due_on": day,
        }
    )  # fmt: skip
    frames["appeals"] = pd.DataFrame(
        {
            "appeal_id": [f"S{code}" for code in codes], "township_code": codes,
            "kind": "exempt", "indicator_id": "D7", "filed_on": day, "due_on": day, "year": 2025,
            "reason": [f"{code} 的理由" for code in codes],
        }
    )  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        changes = [Change(name, frame) for name, frame in frames.items()]
        opened.publish(changes, author="t", message="t")
        yield opened


def texts(answer: Any) -> Iterator[str]:
    """Every text in an answer, whatever it is made of."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, pd.DataFrame):
        yield from map(str, [*answer.to_numpy().ravel(), *answer.index])
    elif is_dataclass(answer):
        for field in fields(answer):
            yield from texts(getattr(answer, field.name))
    elif isinstance(answer, dict):
        yield from texts([*answer, *answer.values()])
    elif isinstance(answer, list | tuple | set | frozenset):
        for part in answer:
            yield from texts(part)


SCORED = ("B2", "B3", "B4", "B5", "C", "D", "E", "F")
# What a function must be told besides store and scope.
KNOWN = {
    "survey_id": "S-2025", "item": "S1", "since": "S-2024", "covariate": "none",
    "question_id": "Q1", "blocks": tuple((block, 1.0) for block in SCORED),
}  # fmt: skip
REFUSED = {"satisfaction.areas.by_area": "areas_too_few"}  # of so few townships there is no model


def answer(store: Store, who: Account, name: str, scope: Scope) -> Any:
    module, _, function = name.rpartition(".")
    areas.admit(who, name, scope)
    found = getattr(import_module(f"metrics.{module}"), function)
    asked = signature(found).parameters.values()
    told = {each.name: KNOWN[each.name] for each in asked if each.name in KNOWN}
    try:
        return areas.parted(who, name, scope, found(store, scope, **told))
    except DataError as refusal:
        if refusal.code != REFUSED.get(name):
            raise
        return str(refusal)


@pytest.mark.parametrize(
    ("area", "name"),
    [
        (area, name)
        for area, more in ((OWN_TOWN, frozenset()), (COUNTY, OF_COUNTY))
        for name in sorted((OWN | PARTED | PUBLIC | more) - NAMES)
    ],
)
def test_no_answer_tells_of_a_place_outside(store: Store, area: str, name: str) -> None:
    scope = Scope(2025, COUNTY, OWN_TOWN if area == OWN_TOWN else None)
    known = units.all_units(store, Scope())
    inside = known["unit_code"].eq(area) | (known["county_code"].eq(area))
    outside = known[~inside]
    forbidden = [*outside["unit_code"], *outside["name_zh"], *outside["name_en"]]
    asked = [scope] if area == OWN_TOWN else [scope, Scope(2025, COUNTY, next(iter(ABROAD)))]
    for place in asked:
        said = list(texts(answer(store, account("viewer", area), name, place)))
        assert [text for text in said for word in forbidden if word in text] == []
        if place == scope and name in TOLD:
            assert any(OWN_TOWN in text for text in said)


def test_of_a_table_of_all_the_own_row_and_the_whole_are_left(store: Store) -> None:
    everywhere = Scope(2025, COUNTY)
    own = answer(store, account("viewer", OWN_TOWN), "satisfaction.figures.by_unit", everywhere)
    assert own["unit_code"].fillna("").tolist() == ["", OWN_TOWN]
    # Of a whole that does not hold the place, nothing.
    abroad = answer(
        store, account("viewer", OWN_TOWN), "satisfaction.figures.by_unit", Scope(2025, NEXT_COUNTY)
    )
    assert abroad.empty
    of_county = answer(store, account("viewer", COUNTY), "satisfaction.figures.by_unit", everywhere)
    assert len(of_county) == 1 + len(TOWNS)
    whole = answer(store, account("viewer", ""), "satisfaction.figures.by_unit", Scope(2025))
    assert len(whole) == 1 + len(TOWNS) + len(ABROAD)


def test_the_store_itself_is_closed(store: Store) -> None:
    closed = store.closed_to(account("viewer", OWN_TOWN))
    assert (closed.version, closed.folder) == (store.version, store.folder)
    assert closed.settings() == store.settings()
    told = [(each.author, each.message, dict(each.details)) for each in closed.history()]
    assert told == [("", "—", {})] * len(store.history())
    change = Change("settings", pd.DataFrame({"name": ["minimum_base"], "value": ["10"]}))
    file = store.folder / "staging" / "x.parquet"

    def rehearsed() -> None:
        with closed.rehearse([change]):
            pass

    for ask in (
        lambda: closed.read("SELECT * FROM townships"),
        lambda: closed.read_once("SELECT name, value FROM settings"),
        lambda: closed.once("assessed", lambda: closed.read("SELECT 1")),
        lambda: closed.write_file("SELECT 1 AS one", file),
        lambda: closed.publish([change], author="a", message="m"),
        lambda: closed.restore(store.version, author="a", message="m"),
        lambda: closed.at(store.version),
        lambda: closed.acting(LOCAL),
        lambda: closed.new_staging("x.csv"),
        rehearsed,
    ):
        with pytest.raises(DataError) as refused:
            ask()  # type: ignore[no-untyped-call, unused-ignore]
        assert refused.value.code == "outside_area"
    assert not file.exists()
