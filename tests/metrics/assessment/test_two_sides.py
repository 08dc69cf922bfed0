"""Facts beside satisfaction, and visits claimed beside visits remembered: worked by hand."""

from collections.abc import Iterator

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment.two_sides import two_sides
from metrics.assessment.visits import visits
from metrics.survey import estimate
from tests.metrics.reported_county import COUNTY, TOWNS, publish, reported, towns

# Points of C2, the only fact of block C: a target of 100 whose floor is 50.
FACTS = {TOWNS[0]: 95.0, TOWNS[1]: 95.0, TOWNS[2]: 60.0, TOWNS[3]: 60.0, TOWNS[4]: 95.0}
# Good answers of ten in each of four villages, and visits remembered of ten.
GOOD = {
    TOWNS[0]: (9, 9, 10, 9), TOWNS[1]: (3, 4, 3, 4), TOWNS[2]: (9, 10, 9, 9),
    TOWNS[3]: (3, 4, 3, 3), TOWNS[4]: (2, 10, 10, 8), TOWNS[5]: (9, 9, 10, 9),
}  # fmt: skip
VISITED = {TOWNS[0]: (5, 6, 5, 6), TOWNS[1]: (5, 6, 5, 6), TOWNS[2]: (5, 6, 5, 6)}
CLAIMED = {TOWNS[0]: 56.0, TOWNS[1]: 95.0, TOWNS[2]: 20.0, TOWNS[9]: 50.0}
# Eight answers about visits, and the next smallest base, thirty.
FEW, NEXT = TOWNS[6], TOWNS[7]


def _people() -> pd.DataFrame:
    """Return respondents with R08 (5 or 1) and R07 (1, 0 or none), ten a village."""
    rows = [
        (town, village, n, 5 if n < good else 1, _visited(town, village, n))
        for town, of_villages in GOOD.items()
        for village, good in enumerate(of_villages)
        for n in range(10)
    ]
    rows += [(FEW, n % 2, n, None, n % 2) for n in range(8)]
    rows += [(NEXT, n % 3, n, None, n % 2) for n in range(30)]
    names = ["township_code", "village", "n", "R08", "R07"]
    table = pd.DataFrame(rows, columns=names)
    table["community_code"] = table["township_code"] + "00" + table["village"].astype(str)
    table["respondent_id"] = table["community_code"] + table["n"].astype(str)
    return table.assign(survey_id="S-2025", weight=1.0)


def _visited(town: str, village: int, n: int) -> int | None:
    return int(n < VISITED[town][village]) if town in VISITED else None


PEOPLE = _people()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    villages = PEOPLE[["community_code", "township_code"]].drop_duplicates()
    answers = PEOPLE.melt(
        ["survey_id", "respondent_id"], ["R07", "R08"], "question_id", "value"
    ).dropna()
    meta = {
        "survey_id": "S-2025", "title_zh": "调查", "mode": "face", "audience": "resident",
        "start_on": pd.Timestamp("2025-05-01"), "end_on": pd.Timestamp("2025-05-20"),
    }  # fmt: skip
    questions = [
        ("S-2025", "R07", None, "C", "yesno", "走访？", "Visited?"),
        ("S-2025", "R08", "S3", "C", "sat5", "满意？", "Satisfied?"),
    ]
    names = [
        "survey_id", "question_id", "index_code", "pair_dim", "answer_type", "text_zh", "text_en",
    ]  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("sides")) as opened:
        publish(
            opened,
            townships=towns(),
            communities=villages.assign(name_zh="村", kind="village"),
            reported_values=reported({"C2": FACTS, "C4": CLAIMED}),
            survey_meta=pd.DataFrame([meta]),
            survey_questions=pd.DataFrame(questions, columns=names),
            survey_respondents=PEOPLE[
                ["survey_id", "respondent_id", "township_code", "community_code", "weight"]
            ],
            survey_answers=answers.astype({"value": int}),
        )
        yield opened


def test_every_corner_is_found_and_an_interval_on_the_line_is_open(store: Store) -> None:
    found = two_sides(store, Scope(2025))
    block = found[found["block"].eq("C")].set_index("unit_code")
    # Town 5 answers but has no facts, the others the other way round: both sides or nothing.
    assert block["quadrant"].to_dict() == {
        TOWNS[0]: "felt", TOWNS[1]: "unfelt", TOWNS[2]: "check", TOWNS[3]: "weak",
        TOWNS[4]: "open",
    }  # fmt: skip
    assert block.loc[TOWNS[0], ["facts", "satisfaction"]].tolist() == pytest.approx([90, 92.5])
    assert block["low"].lt(block["satisfaction"]).all()


def test_the_interval_is_that_of_the_whole_design(store: Store) -> None:
    found = two_sides(store, Scope(2025))
    rows = PEOPLE.assign(y=25.0 * (PEOPLE["R08"] - 1))
    twin = estimate(rows, "y", by="township_code", strata="township_code", psu="community_code")
    twin = twin.set_index("township_code")
    for row in found[found["block"].eq("C")].to_dict("records"):
        want = twin.loc[row["unit_code"], ["estimate", "low", "high"]]
        assert [row[c] for c in ("satisfaction", "low", "high")] == pytest.approx(list(want))


def test_claims_are_held_against_what_residents_remember(store: Store) -> None:
    found = visits(store, Scope(2025)).set_index("unit_code")
    assert found["verdict"].to_dict() == {
        COUNTY: "", TOWNS[0]: "agrees", TOWNS[1]: "claimed_more", TOWNS[2]: "remembered_more",
        FEW: "", NEXT: "", TOWNS[9]: "",
    }  # fmt: skip
    assert found.loc[TOWNS[0], "remembered"] == pytest.approx(55)
    assert 0 < found.loc[TOWNS[0], "low"] < 55 < found.loc[TOWNS[0], "high"] < 100
    one = visits(store, Scope(2025, township=TOWNS[1]))
    assert one["verdict"].tolist() == ["claimed_more"]


def test_few_respondents_are_not_shown_and_cannot_be_worked_out(store: Store) -> None:
    found = visits(store, Scope(2025)).set_index("unit_code")
    # Eight people cannot hide alone: the county's total would give them away.
    assert found["note"].to_dict() == {
        COUNTY: "", FEW: "below_base", NEXT: "complement", TOWNS[9]: "no_answers",
        **dict.fromkeys(VISITED, ""),
    }  # fmt: skip
    hidden = found.loc[[FEW, NEXT]]
    assert hidden[["remembered", "low", "high", "n"]].isna().all(axis=None)
