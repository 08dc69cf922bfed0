"""Reports put together from the panels of the pages: the same answers, sentences and marks."""

from dataclasses import replace
from typing import Any

import pandas as pd

from data import clock
from data.contracts import CODES
from data.scope import Scope
from metrics.areas import TOWNSHIP_DIGITS
from metrics.disclosure.base_rule import minimum_base
from metrics.exports.reports import Report, Section, bare
from metrics.register import INDICATORS
from metrics.satisfaction.scale import Scale
from pages.shared import account, results
from pages.shared.assessment import county_panels, flag_panels, outlook_panels, parts
from pages.shared.coverage import gap_panels
from pages.shared.duty import duty_panels
from pages.shared.panels import Panel, section
from pages.shared.satisfaction import parts as satisfied
from pages.shared.screen import place_of, scope_line
from pages.shared.words import (
    day,
    figure,
    language,
    level,
    listed,
    of_counties,
    people,
    sentences,
    t,
    tell,
    whole,
)

COUNTY, TOWNSHIP, DEBRIEF, PUBLIC = "county", "township", "debrief", "public"
KINDS = (COUNTY, TOWNSHIP, DEBRIEF, PUBLIC)
LARGEST_GAPS = 3
LARGEST_BURDENS = 10
WORST_QUESTIONS = 10
METHOD = ("interval", "base", "missing", "bands", "coverage", "contested", "ranking", "use")
# In the words of those who have never seen an interval.
PLAIN_METHOD = ("sample", "base", "missing", "reach", "ranking", "correct")


def kinds() -> tuple[str, ...]:
    """Return the reports that whoever is at the screen may have: a township that of itself."""
    return (TOWNSHIP,) if len(account.require("read").area) == TOWNSHIP_DIGITS else KINDS


def made(kind: str, scope: Scope) -> Report:
    """Return a report of one of KINDS for a scope that has townships."""
    sections = _MADE[kind](scope)
    place = place_of(scope)
    name = tell(place) if place else whole()
    base = minimum_base(results.store())
    scored: Scale = results.get("evaluate.scoring", scope)
    said = PLAIN_METHOD if kind == PUBLIC else METHOD
    words = "reports.public_method" if kind == PUBLIC else "reports.method"
    return Report(
        title=t(f"reports.{kind}_title", place=name),
        lines=(
            scope_line(scope),
            t("reports.version", version=results.store().version, day=day(clock.today())),
            t("reports.base", base=base),
        ),
        mark=t("shell.fictional") if results.is_fictional() else "",
        sections=tuple(sections),
        method_title=t("reports.method"),
        method=(
            *(t(f"{words}_{name}", base=base) for name in said),
            *([tell(scored.decision)] if scored.mark and scored.decision else []),
        ),
        language=language(),
    )


def _county(scope: Scope) -> list[Section]:
    everywhere = replace(scope, township=None)
    card = results.get("assessment.township_card.card", everywhere)
    panels = [
        county_panels.bands_panel(results.get("assessment.counties.bands", everywhere))
        if of_counties()
        else parts.bands_panel(card.overview, card.flags),
        flag_panels.panel(card.flags),
        *_duty(card.duty, everywhere),
        _burden(everywhere),
        duty_panels.appeals_panel(duty_panels.held(everywhere), duty_panels.in_time(everywhere)),
    ]
    found = [section(panel) for panel in panels]
    return [_gaps(everywhere), *found[:2], *_satisfaction(everywhere), *_reach(scope), *found[2:]]


def _duty(duty: pd.DataFrame, scope: Scope) -> list[Panel]:
    """Return what the county owes; of several, that of all together and of each by itself."""
    panel = parts.duty_panel(duty)
    if of_counties():
        panel = replace(panel, sentence=sentences([t("counties.pooled_duties"), panel.sentence]))
    return [
        panel,
        *([county_panels.duties_panel(duty, scope)] if county_panels.comparable() else []),
    ]


def _township(scope: Scope) -> list[Section]:
    card = results.get("assessment.township_card.card", scope)
    year = results.get("evaluate.latest_year", scope)
    tree = parts.tree_panel(card.tree)
    kept = ("code", "name", "value", "unit", "points", "goals", "n", "mark")
    panels = [
        outlook_panels.sides_panel(card.tree),
        parts.contributions_panel(card.tree),
        outlook_panels.lifts_panel(card.tree),
        _beyond_noise(
            outlook_panels.changes_panel(results.get("assessment.progress.changes", scope), year)
        ),
        replace(tree, columns={name: tree.columns[name] for name in kept}),
        duty_panels.appeals_panel(duty_panels.held(scope), of_one=True),
    ]
    contest = _words("reports.contest_title", t("reports.contest"))
    return [_standing(card.overview.iloc[0]), *_own_opinion(scope), *map(section, panels), contest]


def _debrief(scope: Scope) -> list[Section]:
    everywhere = replace(scope, township=None)
    card = results.get("assessment.township_card.card", everywhere)
    history = results.get("assessment.progress.history", everywhere)
    bands, duty = parts.bands_panel(card.overview, card.flags), parts.duty_panel(card.duty)
    burden = _burden(everywhere)
    kept = ("name", "value", "unit", "points", "goals", "mark")
    return [
        _words("reports.debrief_bands", bare(bands.sentence)),
        *_own_opinion(everywhere),
        section(replace(duty, columns={name: duty.columns[name] for name in kept})),
        _gaps(everywhere),
        Section(burden.title, bare(burden.sentence), pd.DataFrame(), {}),
        section(outlook_panels.history_panel(history, card.framework, everywhere)),
        _words("reports.debrief_next_title", t("reports.debrief_next")),
    ]


def _words(title: str, sentence: str) -> Section:
    return Section(t(title), sentence, pd.DataFrame(), {})


def _standing(unit: Any) -> Section:
    """Say band, score and data share of one township."""
    return _words("assessment.score", bare(parts.verdict(unit)))


def _survey(scope: Scope) -> dict[str, Any] | None:
    """Return the residents' survey of the scope that the pages open with."""
    found = results.get("satisfaction.figures.surveys", scope)
    found = found[found["audience"].eq("resident")]
    return found.iloc[0].to_dict() if len(found) else None


def _overall(scope: Scope, survey: dict[str, Any]) -> tuple[Any, pd.DataFrame]:
    """Return the item a survey opens with and its answer for all townships, or counties."""
    chosen = {"survey_id": survey["survey_id"]}
    items = results.get("satisfaction.figures.items", scope, **chosen)
    if items.empty:
        return None, pd.DataFrame()
    item = satisfied.overall(items)
    everywhere = replace(scope, township=None)
    asked = {**chosen, "item": item["item"], "level": level()}
    return item, results.get("satisfaction.figures.by_unit", everywhere, **asked)


def _own_opinion(scope: Scope) -> list[Section]:
    """Say how residents rate the place, with interval and base, or why that is not shown."""
    survey = _survey(scope)
    item, table = _overall(scope, survey) if survey else (None, pd.DataFrame())
    rows = table[table["unit_code"].eq(scope.township)] if scope.township and len(table) else table
    if item is None or rows.empty:
        return [_words("reports.opinion", t("reports.no_survey"))]
    row = rows.iloc[0]
    if not row["shown"]:
        said = t(f"satisfaction.hidden_{row['note']}", base=minimum_base(results.store()))
    else:
        said = t(
            "reports.opinion_said", item=item["name"], value=figure(row["estimate"]),
            low=figure(row["low"]), high=figure(row["high"]), n=people(row["n"]),
        )  # fmt: skip
    return [_words("reports.opinion", bare(said))]


def _satisfaction(scope: Scope) -> list[Section]:
    survey = _survey(scope)
    item, table = _overall(scope, survey) if survey else (None, pd.DataFrame())
    if survey is None or item is None:
        return [_words("reports.opinion", t("reports.no_survey"))]
    by_unit = satisfied.by_unit(item, table, survey, scope)
    kept = ("unit", "estimate", "low", "high", "n", "reason")
    answers = results.get("satisfaction.figures.likert", scope, survey_id=survey["survey_id"])
    bad = answers["share1"] + answers["share2"]
    worst = answers.assign(bad=bad).sort_values(
        ["bad", "question_id"], ascending=[False, True], na_position="last"
    )
    questions = satisfied.questions(worst.head(WORST_QUESTIONS), survey)
    return [
        *_own_opinion(scope),
        section(replace(by_unit, columns={name: by_unit.columns[name] for name in kept})),
        section(questions),
    ]


def _reach(scope: Scope) -> list[Section]:
    found = results.get("accessibility.gaps.outside", scope)
    return [section(gap_panels.outside(found))] if len(found) else []


def _burden(scope: Scope) -> Panel:
    """Return who asks most of the townships; the sentence counts them all."""
    panel = duty_panels.burden_panel(results.get("duty.burden.by_issuer", scope))
    return replace(
        panel,
        table=panel.table.head(LARGEST_BURDENS),
        meaning=f"{t('reports.largest', n=LARGEST_BURDENS)} {panel.meaning}",
    )


def _beyond_noise(panel: Panel) -> Panel:
    """Keep the changes beyond noise; the sentence counts the others."""
    clear = panel.table["verdict"].isin(["better", "worse"]) if len(panel.table) else []
    return replace(
        panel,
        table=panel.table[clear] if len(panel.table) else panel.table,
        meaning=f"{t('reports.clear_only')} {panel.meaning}",
    )


def _gaps(scope: Scope) -> Section:
    """Name the largest gaps by people, each with the level that owes it."""
    table = results.get("overview.gaps", scope).head(LARGEST_GAPS)
    rows = table.assign(
        name=[tell(INDICATORS[each].name) for each in table["indicator_id"]],
        owes=[t(f"register.accountable.{each}") for each in table["accountable"]],
    )
    said = t("reports.gaps_none")
    if len(rows):
        said = t("reports.gaps_said", names=listed(rows["name"]))
    return Section(
        title=t("reports.gaps"),
        sentence=said,
        table=rows,
        columns={
            "name": (t("assessment.indicator"), None),
            "people": (t("reports.gaps_people"), "%,.0f"),
            "of": (t("reports.gaps_of"), "%,.0f"),
            "owes": (t("reports.gaps_owes"), None),
        },
    )


def _public(scope: Scope) -> list[Section]:
    """Say of the county as a whole what anybody may know: no unit is named, nothing is ranked."""
    everywhere = replace(scope, township=None, unit_type=None)
    card = results.get("assessment.township_card.card", everywhere)
    open_appeals = duty_panels.held(everywhere)["decided_on"].isna().sum()
    strip = results.get("overview.burden_strip", everywhere)
    return [
        *_own_opinion(everywhere),
        _public_reach(everywhere),
        _public_bands(card.overview),
        _public_burden(strip),
        _words("reports.public_correct", t("reports.public_correct_said", n=int(open_appeals))),
    ]


def _public_reach(scope: Scope) -> Section:
    """Say for how many people a service is too far; few people are given as fewer than the base."""
    base = minimum_base(results.store())
    found = results.get("overview.reach", scope)
    words = {code.value: tell(code.label) for code in CODES["service"]}
    rows = [
        (words[_SERVICES[row["indicator_id"]]], _few(row["outside"], base), row["share"])
        for row in found.to_dict("records")
        if pd.notna(row["outside"])
    ]
    table = pd.DataFrame(rows, columns=["service", "outside", "share"])
    hidden = table["outside"].eq(t("reports.public_few", base=base))
    table["share"] = table["share"].astype(float).mask(hidden)
    return Section(
        title=t("reports.public_reach"),
        sentence=t("reports.public_reach_said" if rows else "reports.public_reach_none"),
        table=table,
        columns={
            "service": (t("reports.public_service"), None),
            "outside": (t("reports.public_outside"), None),
            "share": (t("reports.public_share"), "%.1f%%"),
        },
    )


def _few(number: Any, base: int) -> str:
    """Write a number of people, one between none and the base as fewer than it."""
    return t("reports.public_few", base=base) if 0 < number < base else people(number)


def _public_bands(overview: pd.DataFrame) -> Section:
    """Count the townships of each band, without their names."""
    scored = overview[overview["score"].notna()]
    counts = scored["band"].value_counts()
    rows = [(t(f"assessment.band{n}"), int(counts.get(n, 0))) for n in parts.BANDS]
    said = t("reports.public_bands_said", n=len(overview), scored=len(scored))
    return Section(
        title=t("reports.public_bands"),
        sentence=said,
        table=pd.DataFrame(rows, columns=["band", "units"]),
        columns={
            "band": (t("assessment.band"), None),
            "units": (t("assessment.units_axis"), "%d"),
        },
    )


def _public_burden(strip: pd.DataFrame) -> Section:
    """Say whether townships are asked for less than the year before."""
    found = [INDICATORS[each] for each in strip["indicator_id"]]
    rows = strip.assign(
        name=[tell(each.name) for each in found], unit=[tell(each.unit) for each in found]
    )
    return Section(
        title=t("reports.public_burden"),
        sentence=t("reports.public_burden_said"),
        table=rows,
        columns={
            "name": (t("assessment.indicator"), None),
            "before": (t("reports.public_before"), "%.1f"),
            "after": (t("reports.public_after"), "%.1f"),
            "unit": (t("assessment.unit_of_measure"), None),
        },
    )


_SERVICES = {"D5": "employment", "D6": "elderly", "D7": "medical", "D8": "childcare"}
_MADE = {COUNTY: _county, TOWNSHIP: _township, DEBRIEF: _debrief, PUBLIC: _public}
