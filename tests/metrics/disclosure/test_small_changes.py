"""That a draft changes few questionnaires of a survey is said before it is published."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.contracts import TABLES as CONTRACTS
from data.drafting.effects import effect
from data.store import Store
from data.words import say
from metrics.commands.imports import _told_of_few
from metrics.disclosure.small_changes import WHOLE, few, few_places, telling
from tests.metrics.published import published
from tests.metrics.satisfaction.test_figures import frames

TABLES = ("survey_respondents", "survey_answers")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with published(tmp_path_factory.mktemp("data"), frames()) as opened:
        yield opened


def of_persons(names: list[str], survey: str = "S25") -> dict[str, pd.DataFrame]:
    """The rows of persons held, under their own names or new ones ('new…')."""
    facts = frames()
    held = facts["survey_respondents"].query("survey_id == 'S25'")["respondent_id"]
    like = {name: held.iloc[place] if "new" in name else name for place, name in enumerate(names)}
    found = {}
    for table in TABLES:
        rows = facts[table].query("survey_id == 'S25'").set_index("respondent_id", drop=False)
        parts = [rows.loc[[own]].assign(respondent_id=name) for name, own in like.items()]
        found[table] = pd.concat(parts, ignore_index=True).assign(survey_id=survey)
    return found


def told(store: Store, rows: dict[str, pd.DataFrame]) -> int:
    place = store.new_staging("told")
    accepted = {name: place / f"{name}.parquet" for name in rows}
    for name, file in accepted.items():
        whole = rows[name].reindex(columns=list(CONTRACTS[name].column_names))
        whole.to_parquet(file, index=False)
    return few(store, accepted, effect(store, accepted, "merge"))


def test_a_few_more_or_other_answers_are_counted(store: Store) -> None:
    held = list(frames()["survey_respondents"].query("survey_id == 'S25'")["respondent_id"][:40])
    assert told(store, of_persons(["new1", "new2", "new3"])) == 3
    # Of a file with everybody in it, those that are new.
    assert told(store, of_persons([*held, "new1", "new2"])) == 2
    again = of_persons(held)
    answers = again["survey_answers"]
    first = answers["respondent_id"].isin(held[:2]) & answers["question_id"].eq("Q1")
    answers["value"] = answers["value"].where(~first, 6 - answers["value"])
    differing = int((first & (answers["value"] != 3)).sum())
    assert differing > 0
    assert told(store, again) == differing
    assert told(store, {"survey_answers": answers}) == differing


def test_many_nobody_or_a_new_survey_give_no_word(store: Store) -> None:
    held = list(frames()["survey_respondents"].query("survey_id == 'S25'")["respondent_id"][:5])
    assert told(store, of_persons([f"new{n}" for n in range(30)])) == 0
    assert told(store, of_persons(held)) == 0  # as they stand there
    assert told(store, of_persons(["new1"], "S26")) == 0
    assert few(store, {}, pd.DataFrame({"table": []})) == 0


def test_a_township_with_few_more_is_counted_where_it_shows_figures(store: Store) -> None:
    people = of_persons([f"new{n}" for n in range(90)])["survey_respondents"]
    file = store.new_staging("places") / "people.parquet"
    towns = ["990101100"] * 5 + ["990101101"] * 30 + ["990101001"] * 29 + ["990101300"] * 26
    people.assign(township_code=towns).to_parquet(file, index=False)
    # Thirty are enough, and a township without a figure before gives nothing away.
    assert few_places(store, {"survey_respondents": file}) == 2
    people.assign(township_code="990101101").to_parquet(file, index=False)
    assert few_places(store, {"survey_respondents": file}) == few_places(store, {}) == 0


def test_the_command_line_says_so_as_well(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    rows = of_persons(["new1", "new2"])["survey_respondents"]
    rows.drop(columns="community_code").to_csv(file, index=False)
    draft = ingest.prepare(store, file, file.name)
    word = say("upload.effect_few", "en", n=2, base=30)
    assert word not in [each.en for each in draft.warnings]
    assert _told_of_few(store, draft).warnings[-1].en == word


def test_before_and_after_never_tell_of_a_few() -> None:
    rows = [("a", "1", "township"), ("b", "1", "township"), ("c", "1", "subdistrict")]
    units = pd.DataFrame(rows, columns=["unit_code", "county_code", "unit_type"])

    def told(*parts: tuple[str, str, int]) -> frozenset[str]:
        table = pd.DataFrame(parts, columns=["unit_code", "pattern", "n"])
        return telling(table, units, 30)

    assert told() == told(("a", "fast", 30)) == frozenset()
    # Many are moved, but another choice differs in the three with both marks.
    assert told(("c", "fast", 40), ("c", "fast;same", 3)) == {"c", WHOLE}
    # Of two units together enough people are moved; of one less the other type too few.
    assert told(("a", "fast", 20), ("b", "fast", 15)) == {"a", "b"}
    assert told(("a", "fast", 20), ("c", "fast", 15)) == {"a", "c", WHOLE}
    assert told(("a", "fast", 20), ("b", "fast", 15), ("b", "same", 2)) == {"a", "b", WHOLE}
