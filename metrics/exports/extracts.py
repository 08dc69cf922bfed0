"""What may leave the program as a table: the answers of the pages, under the same base rule.

Every extract says what it is: place, period, filters, data version, source, whether it is made up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from data import clock, ingest
from data.contracts import CODES
from data.contracts import table as contract
from data.drafting import drafts
from data.errors import DataError
from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics import units
from metrics.accessibility import service_coverage
from metrics.assessment.township_card import assessed
from metrics.dictionary import DICTIONARIES
from metrics.disclosure.base_rule import minimum_base
from metrics.evaluate import evaluate_all
from metrics.exports.profile import PARTS, trees
from metrics.register import INDICATORS
from metrics.satisfaction import figures
from metrics.satisfaction.groups import DIMENSIONS, by_group
from metrics.satisfaction.scale import scale

LARGEST_RADIUS_M = 100_000
# What rests on answers of people: under the base rule, and scored as the county has decided.
OF_OPINION = ("satisfaction", "scores", "profile", "indicators")
UNIT = ["unit_code", "level", "name_zh", "name_en", "unit_type"]
_MADE_OF: Mapping[str, tuple[str, ...]] = {
    "satisfaction": ("survey_meta", "survey_answers", "survey_respondents"),
    "coverage": ("communities", "community_year", "facilities", "radius_params", "travel_times"),
}


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    scope: with a year. by: one of the kind's `BY`, or None for the first of them. survey, item,
    service: codes, None for all (of the items: the indices). radius_m: metres, None for the radius
    set for each setting.
    """

    what: str
    scope: Scope
    by: str | None = None
    survey: str | None = None
    item: str | None = None
    service: str | None = None
    radius_m: float | None = None

    def chosen(self) -> dict[str, object]:
        """Return what narrows the extract, under the names of the command line."""
        scope = self.scope
        return {
            "place": scope.township or scope.county, "type": scope.unit_type,
            "survey": self.survey, "item": self.item, "service": self.service,
            "radius": self.radius_m,
        }  # fmt: skip


@dataclass(frozen=True)
class Extract:
    """A table that may leave, and what it says of itself.

    keys: columns that, with unit_code, tell rows apart. parts: further tables that belong to it, by
    name; their titles are the words `export.part.<name>`. about: code -> plain value, for programs.
    heading: the same in words, for people. shapes: how a row has a place on a map: 'units' (a
    township's boundary), 'points' (lon and lat), or None.
    """

    title: Text
    table: pd.DataFrame
    about: Mapping[str, Any]
    heading: tuple[Text, ...]
    keys: tuple[str, ...] = ()
    shapes: str | None = None
    parts: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kind:
    """How one kind of extract is made, by what, with which keys.

    takes: what may be chosen. parts: what belongs to it when it is listed by the first of `by`.
    """

    make: Callable[[Store, Wish, str], pd.DataFrame]
    by: tuple[str, ...]
    keys: tuple[str, ...] = ()
    takes: tuple[str, ...] = ("place", "type")
    parts: Mapping[str, Callable[[Store, Scope], pd.DataFrame]] = field(default_factory=dict)


def scope_for(store: Store, period: str | None, place: str | None, kind: str | None) -> Scope:
    """Return the scope of a period (a year; None: the newest), a place (code) and a unit type.

    Raises DataError `unknown_period`, `unknown_place`.
    """
    years = [int(year) for year in units.years(store, Scope())["year"]]
    if period is not None and period not in map(str, years):
        raise DataError("unknown_period", period=period, years=_listed(years))
    year = int(period) if period else (years[0] if years else None)
    if place is None:
        return Scope(year=year, unit_type=kind)
    if place in set(units.counties(store, Scope())["unit_code"]):
        return Scope(year=year, county=place, unit_type=kind)
    found = units.all_units(store, Scope(township=place))
    if found.empty:
        raise DataError("unknown_place", place=place)
    return Scope(year=year, county=str(found["county_code"].iloc[0]), township=place)


def extract(store: Store, wish: Wish) -> Extract:
    """Return what a wish asks for.

    Raises DataError `unknown_by`, `unknown_survey`, `unknown_item`, `unknown_service`,
    `choice_unused`, `place_too_small` (they would stand above figures that they have not touched),
    `radius_impossible`.
    """
    kind = KINDS[wish.what]
    by = wish.by or (kind.by[0] if kind.by else "")
    first = not kind.by or by == kind.by[0]
    if by and by not in kind.by:
        raise DataError("unknown_by", what=wish.what, by=by, possible=_listed(kind.by))
    _check(wish, kind, by)
    table = kind.make(store, wish, by)
    shapes = None
    if "unit_code" in table and by == "township":
        shapes = "units"
    elif {"lon", "lat"} <= set(table):
        shapes = "points"
    keys = tuple(key for key in kind.keys if key in table)
    title = both(f"export.{wish.what}")
    about = _about(store, wish, by, title)
    if wish.what == "satisfaction":
        about["approvals"] = _approvals(store, wish)
    parts = {name: part(store, wish.scope) for name, part in kind.parts.items()} if first else {}
    return Extract(title, table, about, _heading(store, about, title), keys, shapes, parts)


def _check(wish: Wish, kind: _Kind, by: str) -> None:
    """Refuse a choice that the figures would not follow."""
    own_of_county = by == "county" and wish.what in ("scores", "indicators")
    takes = [name for name in kind.takes if not (own_of_county and name == "type")]
    for name, value in wish.chosen().items():
        if value is not None and name not in takes:
            what = f"{wish.what} --by {by}" if name in kind.takes else wish.what
            raise DataError("choice_unused", what=what, name=name, possible=_listed(takes))
    if by == "county" and wish.scope.township:
        raise DataError("place_too_small", place=wish.scope.township)
    if wish.radius_m is not None and not 0 < wish.radius_m <= LARGEST_RADIUS_M:
        raise DataError("radius_impossible", radius=wish.radius_m, most=LARGEST_RADIUS_M)


def _about(store: Store, wish: Wish, by: str, title: Text) -> dict[str, Any]:
    scope = wish.scope
    settings = store.settings()
    made_of = _MADE_OF.get(wish.what, ())
    if not service_coverage.holds_roads(store, wish.scope):
        made_of = tuple(name for name in made_of if name != "travel_times")
    source = [contract(name).label for name in made_of]
    scored = scale(store, scope, scope.year)
    mark = (wish.what in OF_OPINION and scored.decision) or Text("", "")
    return {
        "what": wish.what,
        "title_zh": title.zh,
        "title_en": title.en,
        "by": by or None,
        "period": scope.year,
        "place": scope.township or scope.county or settings.get("county_code"),
        "unit_type": scope.unit_type,
        "survey": wish.survey,
        "item": wish.item,
        "service": wish.service,
        "radius_m": wish.radius_m,
        "version": store.version,
        "made": f"{clock.today():%Y-%m-%d}",
        "minimum_base": minimum_base(store),
        "source_zh": "、".join(label.zh for label in source) or both("export.all_tables").zh,
        "source_en": ", ".join(label.en for label in source) or both("export.all_tables").en,
        "scoring": scored.way if wish.what in OF_OPINION else None,
        "scoring_zh": mark.zh.replace("*", ""),
        "scoring_en": mark.en.replace("*", ""),
        "fictional": settings.get("fictional") == "true",
    }


def _heading(store: Store, about: Mapping[str, Any], title: Text) -> tuple[Text, ...]:
    """Return the same in words, one line each."""
    place = Scope(about["period"], None, None, about["unit_type"])
    name = _place_name(store, about["place"])
    lines = [
        title,
        Text(place.sentence("zh", name), place.sentence("en", name)),
        both("export.version", version=about["version"], made=about["made"]),
        both("export.source", source=Text(about["source_zh"], about["source_en"])),
    ]
    chosen = [about[key] for key in ("survey", "item", "service", "radius_m") if about[key]]
    if chosen:
        lines.append(both("export.chosen", chosen=_listed(chosen)))
    if about["scoring_zh"]:
        lines.append(Text(about["scoring_zh"], about["scoring_en"]))
    for each in about.get("approvals", ()):
        words = both(f"satisfaction.{each['approval']}", number=each["approval_no"])
        named = both("export.survey", title=survey_title(each), survey=each["survey_id"])
        lines.append(Text(*(f"{name} · {word}" for name, word in zip(named, words, strict=True))))
    if about["what"] in OF_OPINION:
        lines.append(both("export.base_rule", base=about["minimum_base"]))
    if about["fictional"]:
        lines.append(both("shell.fictional"))
    return tuple(lines)


def _place_name(store: Store, code: str | None) -> Text | None:
    settings = store.settings()
    name = settings.get("county_name_zh")
    if code and code != settings.get("county_code"):
        for found in (units.all_units(store, Scope()), units.counties(store, Scope())):
            row = found[found["unit_code"].eq(code)]
            if len(row):
                return Text(str(row["name_zh"].iloc[0]), str(row["name_en"].iloc[0]))
    return Text(name, settings.get("county_name_en", name)) if name else None


# Satisfaction -----------------------------------------------------------------------------------


def survey_title(approval: Mapping[str, Any]) -> Text:
    """Return a survey's title, the Chinese one where English is blank."""
    return Text(approval["title_zh"], approval["title_en"] or approval["title_zh"])


def _approvals(store: Store, wish: Wish) -> list[dict[str, Any]]:
    """Return survey_id, title_zh, title_en, approval (see `figures.surveys`) and approval_no."""
    found = figures.surveys(store, wish.scope)
    asked = found[found["survey_id"].eq(wish.survey)] if wish.survey else found
    told = ["survey_id", "title_zh", "title_en", "approval", "approval_no"]
    rows = asked[told].fillna("").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _satisfaction(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    found = figures.surveys(store, wish.scope)["survey_id"]
    if wish.survey is not None and wish.survey not in set(found):
        raise DataError("unknown_survey", survey=wish.survey, surveys=_listed(found))
    asked = found if wish.survey is None else [wish.survey]
    parts = [_of_survey(store, wish, by, str(survey)) for survey in asked]
    held = [part for part in parts if len(part)]
    if wish.item is not None and not held:
        raise DataError("unknown_item", survey=_listed(asked), item=wish.item)
    return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=UNIT)


def _of_survey(store: Store, wish: Wish, by: str, survey: str) -> pd.DataFrame:
    if by == "question":
        answers = figures.likert(store, wish.scope, survey).assign(survey_id=survey)
        if wish.item is None:
            return answers
        asked = answers["question_id"].eq(wish.item) | answers["index_code"].eq(wish.item)
        return answers[asked]
    items = figures.items(store, wish.scope, survey)
    if wish.item is not None:
        items = items[items["item"].eq(wish.item)]
    elif items["kind"].eq("index").any():
        items = items[items["kind"].eq("index")]
    parts = []
    for item, zh, en in items[["item", "zh", "en"]].astype(str).to_numpy():
        rows = _of_item(store, wish.scope, by, survey, item)
        parts.append(rows.assign(survey_id=survey, item=item, item_zh=zh, item_en=en))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=UNIT)
    first = ["survey_id", "item", "item_zh", "item_en"]
    return table[[*(c for c in first if c in table), *(c for c in table if c not in first)]]


def _of_item(store: Store, scope: Scope, by: str, survey: str, item: str) -> pd.DataFrame:
    """Return one item; a township is cut out of the whole, as on the page."""
    if by in DIMENSIONS:
        table = by_group(store, scope, survey, item).table
        return table[table["dimension"].eq(by)]
    if by == "county":
        way = figures.scale_of(store, scope, survey).way  # side by side, all are scored alike
        return _each_county(
            store, scope, lambda place: figures.by_unit(store, place, survey, item, way)
        )
    table = figures.by_unit(store, replace(scope, township=None), survey, item)
    return _only(table, scope)


# Coverage ---------------------------------------------------------------------------------------


def _coverage(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    held = [str(service) for service in service_coverage.services(store, wish.scope)["service"]]
    if wish.service is not None and wish.service not in {code.value for code in CODES["service"]}:
        raise DataError("unknown_service", service=wish.service, services=_listed(held))
    asked = held if wish.service is None else [wish.service]
    parts = [_of_service(store, wish, by, service) for service in asked]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=UNIT)


def _of_service(store: Store, wish: Wish, by: str, service: str) -> pd.DataFrame:
    scope, radius = wish.scope, wish.radius_m
    if by == "village":
        rows = service_coverage.villages(store, scope, service, radius)
        rows = rows.rename(columns={"township_code": "unit_code"})
        rows["reached"] = rows["reached"].astype("boolean")
    elif by == "facility":
        rows = service_coverage.facilities(store, replace(scope, township=None), service)
        rows = rows.rename(columns={"township_code": "unit_code"})
        rows = rows[rows["in_scope"]].drop(columns="in_scope")
        rows = _only(rows, scope)
    elif by == "county":
        rows = _each_county(
            store, scope, lambda place: service_coverage.by_unit(store, place, service, radius)
        )
    else:
        everywhere = replace(scope, township=None)
        rows = _only(service_coverage.by_unit(store, everywhere, service, radius), scope)
    rows = rows.reset_index(drop=True)
    rows.insert(0, "service", service)
    return rows


# Assessment -------------------------------------------------------------------------------------


def _scores(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    if by == "county":
        way = scale(store, wish.scope, wish.scope.year).way
        parts = [
            assessed(store, Scope(wish.scope.year, county=code), way=way)
            .card()
            .duty.assign(unit_code=code, unit_name_zh=zh, unit_name_en=en)
            for code, zh, en in _counties(store, wish.scope)
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=UNIT)
    table = assessed(store, replace(wish.scope, township=None)).overview()
    return _only(table.assign(level="township"), wish.scope)


def _profile(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    return (PARTS.get(by) or trees)(store, wish.scope)


def _indicators(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    places = [wish.scope]
    if by == "county":
        counties = _counties(store, wish.scope)
        places = [Scope(wish.scope.year, county=code) for code, _, _ in counties]
    way = scale(store, wish.scope, wish.scope.year).way
    parts = [evaluate_all(store, place, way) for place in places]
    table = pd.concat(parts, ignore_index=True)
    if by == "county":
        table = table[table["level"].eq("county")]
    names = pd.concat([units.all_units(store, Scope()), units.counties(store, Scope())])
    known = names.set_index("unit_code")[["name_zh", "name_en", "unit_type"]]
    table = table.join(known, on="unit_code").reset_index(drop=True)
    found = [INDICATORS[code] for code in table["indicator_id"]]
    return table.assign(
        indicator_zh=[each.name.zh for each in found],
        indicator_en=[each.name.en for each in found],
        unit_zh=[each.unit.zh for each in found],
        unit_en=[each.unit.en for each in found],
        target=pd.Series([each.target for each in found], dtype=float),
        target_basis=[each.target_basis for each in found],
        clauses=["; ".join(each.clauses) for each in found],
    )


# What waits, and what the words mean ------------------------------------------------------------


def _problems(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    """List the problems of every file that waits to be published, checked anew."""
    _ = wish, by
    columns = ["file", "record", "line", "column", "value", "code", "reason_zh", "reason_en"]
    parts = [pd.DataFrame(columns=columns)]
    for upload in drafts.waiting(store):
        options = ingest.Options.from_mapping(upload.said)
        try:
            found = ingest.prepare(store, upload.path, upload.name, options).problems
        except DataError as error:
            row = {"code": error.code, "reason_zh": error.problem.zh, "reason_en": error.problem.en}
            found = pd.DataFrame([row])
        parts.append(found.assign(file=upload.name).reindex(columns=columns))
    held = [part for part in parts if len(part)]
    return pd.concat(held, ignore_index=True) if held else parts[0]


def _dictionary(store: Store, wish: Wish, by: str) -> pd.DataFrame:
    _ = store, wish
    return pd.DataFrame(list(DICTIONARIES[by]()))


KINDS: Mapping[str, _Kind] = {
    "satisfaction": _Kind(
        _satisfaction, ("township", "county", "question", *DIMENSIONS), ("survey_id", "item"),
        ("place", "type", "survey", "item"),
    ),
    "coverage": _Kind(
        _coverage, ("township", "county", "village", "facility"), ("service",),
        ("place", "type", "service", "radius"),
    ),
    "scores": _Kind(_scores, ("township", "county")),
    "profile": _Kind(
        _profile, ("township", *PARTS), ("node", "indicator_id", "year", "appeal_id"), parts=PARTS
    ),
    "indicators": _Kind(_indicators, ("township", "county"), ("indicator_id",)),
    "problems": _Kind(_problems, (), takes=()),
    "dictionary": _Kind(_dictionary, tuple(DICTIONARIES), takes=()),
}  # fmt: skip


def _only(table: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the rows of the township in scope, or all."""
    return table[table["unit_code"].eq(scope.township)] if scope.township else table


def _each_county(
    store: Store, scope: Scope, answer: Callable[[Scope], pd.DataFrame]
) -> pd.DataFrame:
    """Return the first row, the whole, of every county of the scope, under the county's name."""
    parts = []
    for code, zh, en in _counties(store, scope):
        whole = answer(Scope(scope.year, county=code, unit_type=scope.unit_type))
        whole = whole[whole["level"].eq("county")]
        parts.append(whole.assign(unit_code=code, name_zh=zh, name_en=en))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=UNIT)


def _counties(store: Store, scope: Scope) -> list[tuple[str, str, str]]:
    """Return code and names of the counties of the scope."""
    found = units.counties(store, Scope()).to_numpy()
    held = [(str(code), str(zh), str(en)) for code, zh, en in found]
    return [county for county in held if scope.county in (None, county[0])]


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or "—"
