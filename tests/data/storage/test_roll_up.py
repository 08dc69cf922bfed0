"""The roll-up of a survey against a slow twin that adds up the rows one by one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.store import Change, Store

TOWNS = ["990101100", "990101101"]
QUESTIONS = pd.DataFrame(
    {
        "question_id": ["Q1", "Q2", "Q3", "Q4", "Q5"],
        "index_code": ["S1", "S2", "S2", "S2", None],
        "pair_dim": [None, "B2", None, "B2", None],
        "answer_type": ["sat5", "sat5", "sat5", "sat5", "yesno"],
    }
).assign(text_zh="题", text_en="question")
# More than are packed together; the third index has questions among the first and the last.
LONG = pd.DataFrame(
    {
        "question_id": [f"Q{n:02d}" for n in range(20)],
        "index_code": [["S1", "S2", "S3"][n % 3] for n in range(20)],
        "pair_dim": [{0: "B1", 1: "B1", 18: "B2", 19: "B2"}.get(n) for n in range(20)],
        "answer_type": "sat5",
    }
).assign(text_zh="题", text_en="question")


def survey(
    name: str, seed: int, people: int = 120, asked: pd.DataFrame = QUESTIONS
) -> dict[str, pd.DataFrame]:
    """Weights that repeat and that do not, people without a village, answers not scored."""
    rng = np.random.default_rng(seed)
    towns = rng.choice(TOWNS, people)
    villages = pd.Series(towns) + pd.Series(rng.choice(["201", "202"], people))
    respondents = pd.DataFrame(
        {
            "respondent_id": [f"r{n}" for n in range(people)],
            "township_code": towns,
            "community_code": villages.where(rng.random(people) < 0.8),
            "weight": np.where(rng.random(people) < 0.5, 1.5, rng.random(people) + 0.1),
            "sex": rng.choice(["male", "female", ""], people),
            "age_band": rng.choice(["18-29", "60+"], people),
        }
    ).replace({"sex": {"": None}})
    answers = respondents[["respondent_id"]].merge(asked[["question_id"]], how="cross")
    answers["value"] = pd.Series(rng.integers(0, 6, len(answers))).replace(0, None).astype("Int64")
    answers = answers[rng.random(len(answers)) < 0.9]
    aside = pd.DataFrame({"respondent_id": ["r1", "r2"], "set_aside": [True, False]})
    meta = pd.DataFrame([{"title_zh": "调查", "mode": "face", "audience": "resident",
                          "start_on": "2025-05-01", "end_on": "2025-05-02"}])  # fmt: skip
    tables = {"survey_meta": meta, "survey_questions": asked, "survey_answers": answers,
              "survey_respondents": respondents, "survey_set_aside": aside}  # fmt: skip
    return {table: frame.assign(survey_id=name) for table, frame in tables.items()}


def rows_of(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per item and answer: everything joined, nothing added up."""
    people = tables["survey_respondents"]
    people = people[people["respondent_id"] != "r1"].copy()
    people["psu"] = people["community_code"].fillna("respondent:" + people["respondent_id"])
    questions = tables["survey_questions"].query("answer_type == 'sat5'")
    rows = (
        tables["survey_answers"].merge(questions).merge(people, on=["survey_id", "respondent_id"])
    )
    named = {"question_id": "", "index_code": "", "pair_dim": "pair:"}
    items = [
        rows.assign(item=prefix + rows[column])[rows[column].notna()]
        for column, prefix in named.items()
    ]
    return pd.concat(items, ignore_index=True).assign(
        y=lambda r: (r["value"].astype(float) - 1) * 25
    )


def added(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    rows = rows.assign(swy=rows["weight"] * rows["y"], swyy=rows["weight"] * rows["y"] ** 2)
    told = rows.groupby(by).agg(
        n=("respondent_id", "nunique"), sw=("weight", "sum"), swy=("swy", "sum"),
        swyy=("swyy", "sum"),
    )  # fmt: skip
    return told.reset_index()


def same(store: Store, table: str, name: str, twin: pd.DataFrame, by: list[str]) -> None:
    columns = [*by, "n", *(c for c in ("sw", "swy", "swyy") if c in twin)]
    held = store.read(f"SELECT * FROM {table} WHERE survey_id = $name", {"name": name})  # noqa: S608
    sides = [
        side[columns].fillna(-1).sort_values(by).reset_index(drop=True).astype({"n": "int64"})
        for side in (held, twin)
    ]
    pd.testing.assert_frame_equal(*sides, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_roll_up_is_the_sum_of_the_rows(tmp_path: Path, seed: int) -> None:
    with Store.open(tmp_path) as store:
        surveys = {"A": survey("A", seed), "B": survey("B", seed + 10, 40, LONG)}
        for name, tables in surveys.items():
            changes = [Change(table, frame) for table, frame in tables.items()]
            store.publish(changes, author="a", message="m")
            rows = rows_of(tables).assign(item=lambda r: r["item"].astype(str))
            scored = rows[rows["value"].notna()]
            key = ["item", "township_code", "psu"]
            same(store, "survey_sums", name, added(scored, key), key)
            groups = [
                added(
                    scored[~scored["item"].str.startswith("pair:")].assign(
                        dimension=dimension,
                        level=scored[dimension].fillna("") if dimension in scored else "",
                    ),
                    ["item", "dimension", "level", "township_code", "psu"],
                )
                for dimension in ("age_band", "sex", "residence_type", "has_disability")
            ]
            key = ["item", "dimension", "level", "township_code", "psu"]
            same(store, "survey_group_sums", name, pd.concat(groups), key)
            answers = rows[rows["item"] == rows["question_id"]].fillna({"value": -1})
            key = ["question_id", "township_code", "value"]
            counts = answers.groupby(key).agg(n=("weight", "size"), sw=("weight", "sum"))
            same(store, "survey_counts", name, counts.reset_index(), key)


def test_publishing_one_survey_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first, second = survey("A", 1), survey("B", 2)
        asked = "SELECT * FROM survey_sums WHERE survey_id = 'A' ORDER BY ALL"
        store.publish([Change(t, f) for t, f in first.items()], author="a", message="m")
        before = store.read(asked)
        store.publish([Change(t, f) for t, f in second.items()], author="a", message="m")
        pd.testing.assert_frame_equal(store.read(asked), before)
        # Setting one more person aside is enough to make the survey's sums anew.
        aside = pd.DataFrame({"survey_id": ["A"], "respondent_id": ["r5"], "set_aside": [True]})
        store.publish([Change("survey_set_aside", aside)], author="a", message="m")
        assert store.read(asked)["n"].sum() < before["n"].sum()
