"""Satisfaction figures from a published survey: against the rows, by hand, under the base rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.queries import sql
from metrics.satisfaction import figures
from metrics.survey import estimate
from tests.metrics.published import published

# Four townships and two streets of county 990101; (respondents, answers to Q3) of each.
UNITS = {
    "990101100": (60, 60),
    "990101101": (50, 50),
    "990101200": (45, 12),
    "990101201": (40, 40),
    "990101001": (70, 70),
    "990101002": (36, 36),
}
QUESTIONS = {"Q1": ("S1", "A"), "Q2": ("S2", "B2"), "Q3": ("S2", "B2")}
TOTAL = sum(n for n, _ in UNITS.values())


def people() -> pd.DataFrame:
    """One row per respondent, with the answers in columns."""
    rng = np.random.default_rng(7)
    rows = []
    for township, (n, third) in UNITS.items():
        for i in range(n):
            rows.append(
                {
                    "survey_id": "S25",
                    "respondent_id": f"{township}-{i}",
                    "township_code": township,
                    # The last three of each unit gave no village.
                    "community_code": f"{township}{200 + i % 5}" if i < n - 3 else None,
                    "weight": float(rng.integers(1, 6)) if i % 7 else None,
                    "Q1": rng.integers(1, 6),
                    "Q2": rng.integers(1, 6) if i % 10 else None,
                    "Q3": rng.integers(1, 6) if i < third else None,
                }
            )
    return pd.DataFrame(rows)


def frames() -> dict[str, pd.DataFrame]:
    wide = people()
    keys = ["survey_id", "respondent_id"]
    answers = wide.melt(keys, list(QUESTIONS), "question_id", "value")
    questions = [
        {
            "survey_id": "S25",
            "question_id": question,
            "index_code": index,
            "pair_dim": pair,
            "answer_type": "sat5",
            "text_zh": f"题{question}",
            "text_en": f"question {question}",
        }
        for question, (index, pair) in QUESTIONS.items()
    ]
    yes_no = {**questions[0], "question_id": "Q9", "answer_type": "yesno"}
    yes = wide[keys].assign(question_id="Q9", value=1)
    return {
        "townships": pd.DataFrame(
            {
                "township_code": list(UNITS),
                "name_zh": [f"单位{code[-3:]}" for code in UNITS],
                "county_code": "990101",
                "unit_type": ["subdistrict" if code[6] == "0" else "township" for code in UNITS],
            }
        ),
        "survey_meta": pd.DataFrame(
            [
                meta("S25", "2025-05-01", "resident", "国统制〔2025〕1号", "2026-12-31"),
                meta("S24", "2024-05-01", "resident", " ", None),
                meta("K25", "2025-08-01", "cadre", "国统制〔2023〕9号", "2025-01-31"),
            ]
        ),
        "survey_questions": pd.DataFrame([*questions, yes_no]),
        "survey_respondents": wide.drop(columns=list(QUESTIONS)),
        "survey_answers": pd.concat([answers, yes], ignore_index=True),
    }


def meta(survey: str, start: str, audience: str, number: str, valid: str | None) -> dict[str, Any]:
    return {
        "survey_id": survey,
        "title_zh": f"调查{survey}",
        "approval_no": number,
        "valid_until": pd.Timestamp(valid) if valid else pd.NaT,
        "mode": "face",
        "start_on": pd.Timestamp(start),
        "end_on": pd.Timestamp(start) + pd.Timedelta(days=30),
        "audience": audience,
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with published(tmp_path_factory.mktemp("data"), frames()) as opened:
        yield opened


def answers_of(*questions: str) -> pd.DataFrame:
    """The scored answers of some questions as an analyst would stack them."""
    wide = people()
    wide["psu"] = wide["community_code"].fillna("respondent:" + wide["respondent_id"])
    wide["weight"] = wide["weight"].fillna(1.0)
    parts = [wide.assign(y=(wide[q].astype(float) - 1) * 25, question_id=q) for q in questions]
    return pd.concat(parts, ignore_index=True)


DESIGN = {"strata": "township_code", "psu": "psu", "weight": "weight"}


# The roll-up.


def test_the_roll_up_by_hand(store: Store, tmp_path: Path) -> None:
    # One village with two people: weights 2 and (absent) 1; answers 5 and 3 to one question,
    # 1 and 'not used' to the other of the same index.
    facts = frames()
    respondents = (
        facts["survey_respondents"]
        .iloc[:2]
        .assign(respondent_id=["p", "q"], weight=[2.0, None], community_code="990101100201")
    )
    answers = pd.DataFrame(
        {
            "survey_id": "S25",
            "respondent_id": ["p", "q", "p", "q"],
            "question_id": ["Q2", "Q2", "Q3", "Q3"],
            "value": [5, 3, 1, None],
        }
    )
    changed = facts | {"survey_respondents": respondents, "survey_answers": answers}
    with Store.open(tmp_path) as opened:
        opened.publish([Change(n, f) for n, f in changed.items()], author="a", message="m")
        sums = opened.read("SELECT * FROM survey_sums ORDER BY item").set_index("item")
        counts = opened.read("SELECT * FROM survey_counts ORDER BY question_id, value")
    columns = ["n", "sw", "swy", "swyy"]
    assert sums.loc["Q2", columns].tolist() == [2, 3, 2 * 100 + 50, 2 * 100**2 + 50**2]
    assert sums.loc["Q3", columns].tolist() == [1, 2, 0, 0]
    # The index pools three answers of two people.
    assert sums.loc["S2", columns].tolist() == [2, 5, 250, 22500]
    assert sums.loc["pair:B2", columns].tolist() == [2, 5, 250, 22500]
    assert set(sums.index) == {"Q2", "Q3", "S2", "pair:B2"}
    assert sums.loc["Q2", ["stratum", "psu"]].tolist() == ["990101100", "990101100201"]
    assert counts[["question_id", "n", "sw"]].values.tolist() == [
        *(["Q2", 1, 1], ["Q2", 1, 2], ["Q3", 1, 2], ["Q3", 1, 1])
    ]
    assert counts["value"].isna().tolist() == [False, False, False, True]
    # Weights and villages enter the store as they came.
    assert (
        store.read("SELECT DISTINCT psu FROM survey_sums WHERE psu LIKE 'respondent:%'").size == 18
    )


# Figures against the rows.


@pytest.mark.parametrize(
    ("item", "questions"), [("Q1", ["Q1"]), ("S1", ["Q1"]), ("S2", ["Q2", "Q3"]),
                            ("pair:B2", ["Q2", "Q3"])],
)  # fmt: skip
def test_by_unit_gives_what_the_rows_give(store: Store, item: str, questions: list[str]) -> None:
    table = figures.by_unit(store, Scope(), "S25", item)
    rows = answers_of(*questions)
    whole = estimate(rows, "y", **DESIGN).iloc[0]
    each = estimate(rows, "y", by="township_code", **DESIGN).set_index("township_code")
    columns = ["estimate", "se", "df", "low", "high"]
    assert table["shown"].all()
    assert table["level"].tolist() == ["county"] + ["township"] * 6
    assert table.loc[0, columns].tolist() == pytest.approx(whole[columns].tolist(), rel=1e-9)
    towns = table.iloc[1:].set_index("unit_code")
    assert sorted(towns.index) == sorted(UNITS)
    for code, row in towns.iterrows():
        assert row[columns].tolist() == pytest.approx(each.loc[code, columns].tolist(), rel=1e-9)
    # People, not answers; a design effect only where each gives one answer.
    assert table.loc[0, "n"] == rows.dropna(subset="y")["respondent_id"].nunique()
    assert table["deff"].isna().all() == (len(questions) > 1)


def test_shares_rating_three_to_five(store: Store) -> None:
    table = figures.by_unit(store, Scope(), "S25", "S2").set_index("unit_code")
    rows = answers_of("Q2", "Q3").dropna(subset="y")
    good = rows[rows["y"] >= 50]
    assert table.loc["", "share_3_5"] == pytest.approx(
        100 * good["weight"].sum() / rows["weight"].sum()
    )
    code = "990101200"
    assert table.loc[code, "share_3_5"] == pytest.approx(
        100
        * good.loc[good["township_code"] == code, "weight"].sum()
        / rows.loc[rows["township_code"] == code, "weight"].sum()
    )


def test_a_type_of_unit_is_a_domain_with_its_own_total(store: Store) -> None:
    table = figures.by_unit(store, Scope(unit_type="subdistrict"), "S25", "Q1")
    rows = answers_of("Q1")
    rows["street"] = rows["township_code"].str[6] == "0"
    street = estimate(rows, "y", by="street", **DESIGN).iloc[1]
    assert table["unit_code"].tolist() == ["", "990101001", "990101002"]
    assert table.loc[0, ["n", "estimate", "se"]].tolist() == pytest.approx(
        [106, street["estimate"], street["se"]]
    )


def test_one_township_is_one_row(store: Store) -> None:
    everywhere = figures.by_unit(store, Scope(), "S25", "Q1").set_index("unit_code")
    table = figures.by_unit(store, Scope(township="990101100"), "S25", "Q1")
    assert table["unit_code"].tolist() == ["990101100"]
    assert table.loc[0, "estimate"] == everywhere.loc["990101100", "estimate"]


# The base rule.


def test_a_small_base_and_its_complement_are_hidden_in_every_view(store: Store) -> None:
    # Q3 has 12 answers in 990101200; among townships the next smallest base is 990101201.
    views = [
        figures.by_unit(store, scope, "S25", "Q3").set_index("unit_code")
        for scope in (
            *(Scope(), Scope(county="990101"), Scope(unit_type="township")),
            *(Scope(township="990101200"), Scope(township="990101201")),
        )
    ]
    for table in views:
        for code, note in (("990101200", "below_base"), ("990101201", "complement")):
            if code in table.index:
                row = table.loc[code]
                assert (row["note"], row["shown"]) == (note, False)
                assert row[["n", *figures.FIGURES]].isna().all()
        others = table.drop(index=["990101200", "990101201"], errors="ignore")
        assert others["shown"].all()
    streets = figures.by_unit(store, Scope(unit_type="subdistrict"), "S25", "Q3")
    assert streets["shown"].all()


def test_a_unit_nobody_answered_in_says_so(store: Store) -> None:
    table = figures.by_unit(store, Scope(), "S25", "Q1")
    assert "no_answers" not in set(table["note"])
    assert figures.by_unit(store, Scope(county="110101"), "S25", "Q1").iloc[0][
        ["n", "note", "shown"]
    ].tolist() == [0, "no_answers", False]


def test_what_is_not_estimable_is_blank_but_keeps_its_base(tmp_path: Path) -> None:
    # Everybody in one village: 60 answers, no error. Streets and others stay as they are.
    facts = frames()
    respondents = facts["survey_respondents"]
    here = respondents["township_code"] == "990101100"
    facts["survey_respondents"] = respondents.assign(
        community_code=respondents["community_code"].mask(here, "990101100201")
    )
    with Store.open(tmp_path) as opened:
        opened.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        table = figures.by_unit(opened, Scope(), "S25", "Q1").set_index("unit_code")
    row = table.loc["990101100"]
    assert (row["note"], row["shown"], row["n"]) == ("not_estimable", False, 60)
    assert row[figures.FIGURES].isna().all()
    # The county's error rests on that stratum's single village, and says so.
    assert table["lonely"].to_dict() == {code: code == "" for code in table.index}
    assert table.loc["", ["note", "shown"]].tolist() == ["", True]


def test_the_minimum_base_is_a_setting_and_never_below_ten(tmp_path: Path) -> None:
    facts = frames()
    with Store.open(tmp_path) as opened:
        for value, base in (("40", 40), ("10", 10), ("3", 10)):
            changed = facts | {
                "settings": pd.DataFrame({"name": ["minimum_base"], "value": [value]})
            }
            opened.publish([Change(n, f) for n, f in changed.items()], author="a", message="m")
            assert figures.minimum_base(opened) == base
        table = figures.by_unit(opened, Scope(), "S25", "Q3")
    assert table["shown"].all()
    assert table["n"].min() == 12


def test_an_unknown_item_is_refused(store: Store) -> None:
    for survey, item in (("S25", "Q7"), ("S25", "Q9"), ("S99", "Q1"), ("S25", "S7")):
        with pytest.raises(DataError) as refusal:
            figures.by_unit(store, Scope(), survey, item)
        assert refusal.value.code == "unknown_item"


# Questions.


def test_likert_shares_are_the_weighted_shares_of_the_rows(store: Store) -> None:
    table = figures.likert(store, Scope(), "S25").set_index("question_id")
    assert table.index.tolist() == ["Q1", "Q2", "Q3"]
    rows = answers_of("Q2").dropna(subset="y")
    for value in range(1, 6):
        chosen = rows.loc[rows["y"] == (value - 1) * 25, "weight"].sum()
        assert table.loc["Q2", f"share{value}"] == pytest.approx(
            100 * chosen / rows["weight"].sum()
        )
    assert table.loc["Q2", ["n", "not_scored"]].tolist() == [len(rows), TOTAL - len(rows)]
    shares = table[[f"share{value}" for value in range(1, 6)]]
    assert shares.sum(axis=1).tolist() == pytest.approx([100] * 3)


def test_likert_hides_what_by_unit_hides(store: Store) -> None:
    for code, note in (("990101200", "below_base"), ("990101201", "complement")):
        table = figures.likert(store, Scope(township=code), "S25").set_index("question_id")
        # S2 pools Q2 and Q3: less Q2 it would be Q3.
        assert table["note"].to_dict() == {"Q1": "", "Q2": "complement", "Q3": note}
        by_unit = figures.by_unit(store, Scope(), "S25", "Q2").set_index("unit_code")
        assert by_unit.loc[code, "note"] == "complement"
        hidden = table.loc["Q3", ["n", "not_scored", *(f"share{v}" for v in range(1, 6))]]
        assert hidden.isna().all()
    street = figures.likert(store, Scope(township="990101001"), "S25")
    assert street["shown"].all()


def test_questions_without_answers_are_listed(store: Store) -> None:
    table = figures.likert(store, Scope(county="110101"), "S25")
    assert table["note"].tolist() == ["no_answers"] * 3
    assert table["n"].tolist() == [0, 0, 0]


# Surveys and items.


def test_surveys_of_a_year_with_their_registration(store: Store) -> None:
    table = figures.surveys(store, Scope(year=2025))
    assert table["survey_id"].tolist() == ["S25", "K25"]
    assert table["approval"].tolist() == ["registered", "expired"]
    assert table[["respondents", "townships"]].values.tolist() == [[TOTAL, 6], [0, 0]]
    everything = figures.surveys(store, Scope())
    assert everything["survey_id"].tolist() == ["S25", "S24", "K25"]
    assert everything["approval"].tolist() == ["registered", "unregistered", "expired"]
    other = figures.surveys(store, Scope(year=2025, county="110101"))
    assert other["respondents"].tolist() == [0, 0]


def test_items_of_a_survey(store: Store) -> None:
    table = figures.items(store, Scope(), "S25")
    assert table["item"].tolist() == ["S1", "S2", "Q1", "Q2", "Q3"]
    assert table["kind"].tolist() == ["index"] * 2 + ["question"] * 3
    assert table["zh"].tolist()[:3] == ["总体满意度", "服务体验满意度", "题Q1"]
    assert table["en"].tolist()[2:] == ["question Q1", "question Q2", "question Q3"]
    assert table["n"].tolist()[0] == TOTAL
    assert figures.items(store, Scope(), "S24").empty


def test_queries_outside_the_folder_are_refused() -> None:
    assert sql("satisfaction/items").startswith("-- One row per item")
    with pytest.raises(ValueError, match="not a query"):
        sql("../../pyproject")
