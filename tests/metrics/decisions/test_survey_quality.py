"""Marks: against the functions that mark files; set aside, nothing counts them any more."""

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.surveys import quality_flags
from metrics.decisions import survey_quality as satisfaction_quality
from metrics.evaluate import evaluate
from metrics.queries import sql
from metrics.satisfaction import drivers
from metrics.satisfaction import figures as satisfaction
from metrics.survey import estimate
from tests.metrics.published import published
from tests.metrics.reported_county import publish
from tests.metrics.satisfaction.test_figures import DESIGN, UNITS, answers_of, frames
from tests.metrics.satisfaction.test_groups import attributes

START = pd.Timestamp("2025-05-01 08:00")
ITEMS = [f"P{n}" for n in range(1, 11)]


def marked() -> dict[str, pd.DataFrame]:
    """The survey with times and interviewers, and ten more questions that many answer alike."""
    facts = frames()
    wide = attributes(facts["survey_respondents"])
    turn = np.arange(len(wide))
    minutes = 10 + turn % 7 - np.where(turn % 31 == 0, 9, 0)
    start = START + pd.to_timedelta(15 * (turn // 4) - np.where(turn % 50 == 1, 40, 0), unit="m")
    wide = wide.assign(
        started_at=start,
        ended_at=start + pd.to_timedelta(minutes, unit="m"),
        interviewer_id=[f"v{n % 4}" if n % 13 else None for n in turn],
    )
    # The first of the 40 answers like the second; every ninth answers 4 throughout.
    rng = np.random.default_rng(3)
    values = rng.integers(1, 6, (len(wide), len(ITEMS)))
    values[turn % 40 == 0] = values[np.roll(turn % 40 == 0, 1)]
    values[turn % 9 == 0] = 4
    keys = wide[["survey_id", "respondent_id"]]
    more = pd.DataFrame(values, columns=ITEMS).join(keys).melt(
        list(keys), ITEMS, "question_id", "value"
    )  # fmt: skip
    asked = facts["survey_questions"].iloc[[2]]
    asked = pd.concat([asked.assign(question_id=q, index_code=None, pair_dim=None) for q in ITEMS])
    # One village of 990101001 is content to the last, and large enough to say so.
    answers = pd.concat([facts["survey_answers"], more], ignore_index=True)
    same = answers["respondent_id"].isin(wide.loc[turn % 9 == 0, "respondent_id"])
    answers.loc[same & answers["value"].notna(), "value"] = 4
    village = wide["township_code"].eq("990101001") & (
        wide.groupby("township_code").cumcount() < 40
    )
    wide.loc[village, "community_code"] = "990101001299"
    content = answers["respondent_id"].isin(wide.loc[village, "respondent_id"])
    answers.loc[content & answers["question_id"].eq("Q1"), "value"] = 5
    marks = wide.loc[turn % 60 == 5, ["survey_id", "respondent_id"]]
    return facts | {
        "survey_questions": pd.concat([facts["survey_questions"], asked]),
        "survey_respondents": wide,
        "survey_answers": answers,
        "survey_marks": marks.assign(flag="same_ip", value=6.0),
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with published(tmp_path_factory.mktemp("data"), marked()) as opened:
        yield opened


@cache
def twin() -> dict[str, set[str]]:
    """Kind -> respondents marked, from the functions that mark files and from plain loops."""
    facts = marked()
    wide = facts["survey_respondents"].sort_values("respondent_id", ignore_index=True)
    answers = facts["survey_answers"].pivot(
        index="respondent_id", columns="question_id", values="value"
    )
    answers = answers.reindex(wide["respondent_id"]).reset_index(drop=True)
    text = answers.astype(object).where(answers.notna(), "").astype(str)
    number = pd.Series(range(len(wide)))
    seconds = (wide["ended_at"] - wide["started_at"]).dt.total_seconds()
    scored = text[["Q1", "Q2", "Q3", *ITEMS]]
    parts = pd.concat([
        quality_flags.too_fast(number, seconds),
        quality_flags.straight_line(number, scored),
        quality_flags.duplicate_answers(number, text),
    ])  # fmt: skip
    found = {
        kind: set(wide.loc[rows["record"], "respondent_id"]) for kind, rows in parts.groupby("flag")
    }
    found["same_ip"] = set(facts["survey_marks"]["respondent_id"])
    overlap, crowd = set(), set()
    for _, rows in wide.dropna(subset="interviewer_id").groupby("interviewer_id"):
        latest = pd.Timestamp.min
        for row in rows.sort_values(["started_at", "respondent_id"]).to_dict("records"):
            if row["started_at"] < latest:
                overlap.add(row["respondent_id"])
            latest = max(latest, row["ended_at"])
            hour = row["started_at"].floor("h")
            if (rows["started_at"].dt.floor("h") == hour).sum() >= 10:
                crowd.add(row["respondent_id"])
    found |= {"interviewer_overlap": overlap, "hour_cluster": crowd}
    found["uniform_village"] = set(
        wide.loc[wide["community_code"] == "990101001299", "respondent_id"]
    )
    # Each pair of one interviewer (or village), question by question.
    block = ("i" + wide["interviewer_id"]).fillna("v" + wide["community_code"])
    given = answers.to_numpy(dtype=float, na_value=np.nan)
    near = set()
    for _, rows in wide.groupby(block):
        for one, other in permutations(rows.index, 2):
            asked = ~np.isnan(given[one]) | ~np.isnan(given[other])
            alike = (given[one] == given[other])[asked]
            if len(alike) >= 10 and 0.85 < alike.mean() < 1:
                near.add(wide.loc[one, "respondent_id"])
    found["near_duplicate"] = near - found["duplicate_answers"]
    return found


def test_marks_are_those_of_the_functions_that_mark_files(store: Store) -> None:
    marks = satisfaction_quality._marks(store, "S25")
    found = {kind: set(rows["respondent_id"]) for kind, rows in marks.groupby("flag")}
    assert found == {kind: held for kind, held in twin().items() if held}
    assert {"speeder", "straight_line", "duplicate_answers", "interviewer_overlap"} <= set(found)
    assert not marks.duplicated(["respondent_id", "flag"]).any()


def test_marks_are_counted_by_kind_and_township(store: Store) -> None:
    found = satisfaction_quality.quality(store, Scope(), "S25")
    kinds = found.kinds.set_index("flag")
    held = twin()
    assert kinds["n"].to_dict() == {k: len(held.get(k, ())) for k in satisfaction_quality.KINDS}
    assert (found.respondents, found.set_aside) == (301, 0)
    assert found.marked == len(set().union(*held.values()))
    assert kinds.loc["uniform_village", "unit_code"] == "990101001"
    assert kinds.loc["uniform_village", "unit_share"] == pytest.approx(100 * 40 / 70)
    assert kinds.loc["speeder", "unit_code"] == ""
    assert found.units["n"].sum() == 301
    one = satisfaction_quality.quality(store, Scope(township="990101100"), "S25")
    assert one.respondents == UNITS["990101100"][0]
    assert (one.kinds["unit_code"] == "").all()


def test_a_small_townships_marks_stay_hidden_with_a_cover(store: Store) -> None:
    setting = pd.DataFrame({"name": ["minimum_base"], "value": ["38"]})
    with store.rehearse([Change("settings", setting)]) as strict:
        units = satisfaction_quality.quality(strict, Scope(), "S25").units.set_index("unit_code")
        # Nor is it told when it is looked at by itself.
        own = satisfaction_quality.quality(strict, Scope(township="990101002"), "S25")
    assert (own.note, own.respondents, own.marked, len(own.kinds)) == ("below_base", 0, 0, 0)
    hidden = units[units["note"] != ""]
    assert "990101002" in hidden.index
    assert len(hidden) > 1
    assert hidden[["n", "marked", "share", "set_aside"]].isna().all(axis=None)


def rows_left(held: set[str]) -> pd.DataFrame:
    """The answers to Q1 as an analyst would take them, those set aside as not answered."""
    facts = answers_of("Q1").drop(columns="y")
    answers = marked()["survey_answers"].query("question_id == 'Q1'")
    facts = facts.merge(answers[["respondent_id", "value"]])
    villages = marked()["survey_respondents"]["community_code"]
    facts["psu"] = villages.fillna("respondent:" + facts["respondent_id"]).to_numpy()
    points = (facts["value"].astype(float) - 1) * 25
    return facts.assign(y=points.where(~facts["respondent_id"].isin(held)))


def test_a_decision_is_tried_and_signed_and_then_counts_everywhere(store: Store) -> None:
    kinds = ("speeder", "straight_line")
    held = twin()["speeder"] | twin()["straight_line"]
    before = satisfaction.by_unit(store, Scope(), "S25", "S1")
    trial = satisfaction_quality.trial(store, Scope(), "S25", kinds)
    assert satisfaction_quality.decided(store, "S25") == ()
    satisfaction_quality.set_aside(store, "S25", kinds, author="李", reason="看过")
    assert (store.history()[0].author, satisfaction_quality.decided(store, "S25")) == ("李", kinds)
    rows = store.read("SELECT * FROM survey_set_aside")
    assert set(rows["respondent_id"]) == held
    assert set(rows["reason"]) == {"看过"}

    # From the roll-up, from the rows and in the indicators alike, they count nowhere.
    kept = rows_left(held)
    whole = estimate(kept, "y", **DESIGN).iloc[0]
    after = satisfaction.by_unit(store, Scope(), "S25", "S1")
    figures = ["n", "estimate", "se", "low", "high"]
    assert after.loc[0, figures].tolist() == pytest.approx(whole[figures].tolist(), rel=1e-9)
    # Few bear both marks: one kind tried after the other would tell what they said.
    figures = before.loc[0, "estimate"], after.loc[0, "estimate"]
    tried = trial.units.loc[0]
    assert (trial.moved, tried["before"]) == (len(held), figures[0])
    assert np.isnan(tried["after"])
    assert tried["bound"] == max(np.ceil(abs(figures[1] - figures[0])), 1)
    n = kept["y"].notna().sum()
    assert drivers.read_out(store, Scope(), "S25").questions["n"].max() <= n
    assert evaluate(store, "S1", Scope(year=2025)).loc[0, "n"] == n
    disabled = marked()["survey_respondents"].query("has_disability == True")["respondent_id"]
    left = len(set(disabled) - held)
    sums = store.read(sql("indicators/S7"), {"year": 2025, "county": None, "way": "mean"})
    assert sums.loc[sums["grp"] == "disability", "n"].sum() == left

    # One kind less: those with only that mark come back; none: all do.
    satisfaction_quality.set_aside(store, "S25", ["speeder"], author="李", reason="再看")
    assert satisfaction_quality.decided(store, "S25") == ("speeder",)
    assert satisfaction_quality.quality(store, Scope(), "S25").set_aside == len(twin()["speeder"])
    satisfaction_quality.set_aside(store, "S25", [], author="李", reason="恢复")
    pd.testing.assert_frame_equal(satisfaction.by_unit(store, Scope(), "S25", "S1"), before)


def test_what_many_of_one_mark_would_change_is_said(store: Store) -> None:
    trial = satisfaction_quality.trial(store, Scope(), "S25", ("uniform_village",))
    assert trial.moved == len(twin()["uniform_village"]) == 40
    units = trial.units.set_index("unit_code")
    rows = [Change("survey_set_aside", satisfaction_quality.decision(
        store, "S25", ["uniform_village"], "r"))]  # fmt: skip
    with store.rehearse(rows) as after:
        there = satisfaction.by_unit(after, Scope(), "S25", "S1").set_index("unit_code")
    for place in ("", "990101001"):
        assert units.loc[place, "after"] == there.loc[place, "estimate"]
        assert np.isnan(units.loc[place, "bound"])
    # Elsewhere nobody is moved.
    assert units.loc["990101002", "before"] == units.loc["990101002", "after"]


def test_an_unsigned_decision_and_an_unknown_mark_are_refused(store: Store) -> None:
    with pytest.raises(DataError) as unsigned:
        satisfaction_quality.set_aside(store, "S25", ["speeder"], author=" ", reason="r")
    with pytest.raises(DataError) as unknown:
        satisfaction_quality.decision(store, "S25", ["bored"], "r")
    assert (unsigned.value.code, unknown.value.code) == ("decision_unsigned", "flag_unknown")


def test_a_questionnaire_decided_by_itself_stays_as_it_is(store: Store) -> None:
    one = sorted(twin()["speeder"])[0]
    alone = pd.DataFrame(
        {"survey_id": ["S25"], "respondent_id": [one], "reason": ["x"], "set_aside": [True]}
    )
    with store.rehearse([Change("survey_set_aside", alone)]) as after:
        rows = satisfaction_quality.decision(after, "S25", ["speeder"], "r")
        assert one not in set(rows["respondent_id"])
        assert one not in set(satisfaction_quality.decision(after, "S25", [], "r")["respondent_id"])


def test_nearly_alike_equals_the_slow_twin_and_never_looks_beyond_its_block() -> None:
    drawn = np.random.default_rng(3)
    codes = drawn.choice([0, 5, 6], (90, 25), p=[0.05, 0.1, 0.85])
    codes[:5] = codes[5:10]
    codes[3, 0] = 2
    codes[80:, 8:] = 0
    block = drawn.integers(-1, 4, 90)
    packed = np.zeros((90, 2), np.uint64)
    for place in range(25):
        word, bits = divmod(place, quality_flags.PER_WORD)
        packed[:, word] |= codes[:, place].astype(np.uint64) << np.uint64(3 * bits)
    twin = np.zeros(90)
    for one in range(90):
        for other in range(90):
            asked = ((codes[one] > 0) | (codes[other] > 0)).sum()
            alike = (codes[one] == codes[other])[(codes[one] > 0) | (codes[other] > 0)].mean()
            together = one != other and block[one] == block[other] >= 0
            if together and asked >= 10 and 0.85 < alike < 1:
                twin[one] = max(twin[one], alike)
    found = quality_flags.near_duplicates(packed, block)
    np.testing.assert_allclose(found, twin)
    assert 5 < (found > 0).sum() < 85
    # In a block that is too large each still meets its neighbours in order of answers.
    near = quality_flags.near_duplicates(packed, np.zeros(90, np.int64), most=3)
    assert (near <= quality_flags.near_duplicates(packed, np.zeros(90, np.int64))).all()
    assert near[3] > 0


def test_the_store_marks_what_one_interviewer_nearly_copied(tmp_path: Path) -> None:
    """Twelve questions; two of one interviewer differ in one answer, a third is by another."""
    people = pd.DataFrame(
        {"respondent_id": ["a", "b", "c", "d"], "interviewer_id": ["x", "x", "y", None]}
    ).assign(survey_id="S", township_code="990101100")
    answers = people[["survey_id", "respondent_id"]].merge(
        pd.DataFrame({"question_id": [f"Q{n:02}" for n in range(12)]}), how="cross"
    )
    answers["value"] = [n % 5 + 1 for n in range(12)] * 4
    answers.loc[12, "value"] = 3
    with Store.open(tmp_path) as store:
        publish(store, survey_respondents=people, survey_answers=answers)
        marks = satisfaction_quality._marks(store, "S")
    near = marks[marks["flag"] == "near_duplicate"]
    assert near["respondent_id"].tolist() == ["a", "b"]
    assert near["value"].tolist() == pytest.approx([11 / 12] * 2)
