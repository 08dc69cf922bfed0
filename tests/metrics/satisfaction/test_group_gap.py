"""S7, the gap to the worst-off group: by hand, a slow twin, and what the base rule keeps back."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import Protection
from metrics.evaluate import evaluate
from metrics.satisfaction.group_gap import Gaps, Reasons, gaps
from tests.metrics.published import published

A, B, C = "990101001", "990101100", "990101101"
COUNTY = "990101"
PLACE = pd.DataFrame(
    {"unit_code": [A, B, C], "county_code": COUNTY, "unit_type": ["subdistrict", *["township"] * 2]}
)
MINIMUM = 30
# People and mean by group of one unit, in two villages alike in size; everybody weighs 1.
Told = dict[str, tuple[int, float]]


def sums(**units: Told) -> pd.DataFrame:
    held = [
        (code, f"{code}/{village}", group, n / 2, n / 2, n / 2 * (mean + off))
        for code, told in units.items()
        for group, (n, mean) in told.items()
        for village, off in (("p", -2.0), ("q", 1.0 if group == "all" else 2.0))
    ]
    columns = ["unit_code", "psu", "grp", "n", "sw", "swy"]
    return pd.DataFrame(held, columns=columns).assign(swyy=0.0)


def found(
    table: pd.DataFrame, inside: list[str], hidden: Reasons | None = None, kind: str | None = None
) -> Gaps:
    of_whole = (COUNTY, (COUNTY, kind))
    return gaps(table, np.array(inside, dtype=object), of_whole, hidden or {}, MINIMUM)


def values(answer: Gaps) -> dict[str, float]:
    shown = answer.rows.dropna(subset=["value"])
    return dict(zip(shown["unit_code"], shown["value"].round(6), strict=True))


def units(**told: Told) -> pd.DataFrame:
    return sums(**{{"a": A, "b": B, "c": C}[name]: held for name, held in told.items()})


def test_by_hand_the_county_is_worked_out_from_sums() -> None:
    answer = found(
        units(
            a={"all": (100, 80), "elderly": (40, 70), "migrant": (40, 75)},
            b={"all": (300, 60), "elderly": (60, 65), "migrant": (100, 57)},
        ),
        [A, B, C],
    )
    # 65 in all, less half a point as the second villages are not as far above as the first below;
    # the elderly (2,800 + 3,900) / 100 = 67, migrants (3,000 + 5,700) / 140 = 62.14.
    assert values(answer) == {A: 9.5, B: 2.5, COUNTY: round(64.5 - 8700 / 140, 6)}
    base = answer.rows.set_index("unit_code")["n"]
    assert (base[A], base[B], base[COUNTY]) == (40, 100, 140)
    assert answer.protection == Protection({}, {})


def test_of_one_type_the_whole_is_that_type() -> None:
    table = units(
        a={"all": (100, 80), "elderly": (40, 70)}, b={"all": (100, 60), "elderly": (50, 50)}
    )
    assert values(found(table, [B, C], kind="township"))[COUNTY] == 9.5


def test_where_no_group_is_worse_off_the_gap_is_below_zero() -> None:
    assert values(found(units(a={"all": (100, 80), "elderly": (40, 85)}), [A]))[A] == -5.5


@pytest.mark.parametrize(
    ("n", "why", "reason"),
    [(29, "below_base", "below_base"), (75, "complement", "complement")],
)
def test_a_group_the_page_hides_is_no_worst_off_group(n: int, why: str, reason: str) -> None:
    table = units(a={"all": (100, 80), "elderly": (n, 10), "migrant": (40, 70)})
    hidden = {"elderly": {A: why, COUNTY: why}}
    assert values(found(table, [A, B, C], hidden)) == {A: 9.5, COUNTY: 9.5}
    hidden["migrant"] = {A: "complement"}
    answer = found(table[table["grp"] != "migrant"], [A, B, C], hidden)
    assert values(answer) == {}
    assert answer.protection == Protection({A: reason}, {(COUNTY, None): reason})


def test_a_unit_whose_satisfaction_is_hidden_has_no_gap() -> None:
    table = units(
        a={"all": (20, 80), "elderly": (10, 70)}, b={"all": (90, 80), "elderly": (45, 70)}
    )
    answer = found(table, [A, B, C], {"all": {A: "below_base", B: "complement"}})
    assert answer.protection.units == {A: "below_base", B: "complement"}
    assert set(values(answer)) == {COUNTY}


def test_without_an_error_there_is_no_gap() -> None:
    table = units(
        a={"all": (100, 80), "elderly": (40, 70)}, b={"all": (90, 80), "elderly": (45, 70)}
    )
    # In A one village alone; in B nobody differs.
    table = table[table["psu"].ne(f"{A}/q")]
    alike = table["unit_code"].eq(B)
    table["swy"] = table["swy"].mask(alike, table["sw"] * 80)
    answer = found(table, [A, B])
    assert set(values(answer)) == {COUNTY}
    assert answer.vague == {A, B}
    assert not answer.protection.units


def test_nobody_asked_is_no_reason_to_hide() -> None:
    answer = found(sums(), [A, B, C])
    assert values(answer) == {}
    assert answer.protection == Protection({}, {})


# From answers, through the register.


def answered() -> dict[str, pd.DataFrame]:
    """Return two surveys of residents, the newer one in A and B, and one of cadres."""
    rng = np.random.default_rng(3)
    size = 1500
    asked = pd.DataFrame(
        {
            "survey_id": rng.choice(["new", "old", "cadres"], size, p=[0.6, 0.3, 0.1]),
            "respondent_id": [f"p{n}" for n in range(size)],
            "township_code": rng.choice([A, B, C], size),
            "weight": rng.choice([0.5, 1.0, 2.0, np.nan], size),
            "age_band": rng.choice(["18-29", "60+"], size),
            "residence_type": rng.choice(["local", "migrant"], size, p=[0.6, 0.4]),
            "has_disability": rng.choice(np.array([True, False, None], dtype=object), size),
        }
    )
    asked.loc[asked["survey_id"].eq("new") & asked["township_code"].eq(C), "survey_id"] = "old"
    questions = pd.DataFrame(
        [("new", "R01", "S1"), ("new", "R05", "S2"), ("old", "R01", "S1"), ("cadres", "K04", "S8")],
        columns=["survey_id", "question_id", "index_code"],
    ).assign(answer_type="sat5", text_zh="题", text_en="q")
    given_answers = asked[["survey_id", "respondent_id"]].merge(questions, on="survey_id")
    value = pd.Series(rng.integers(1, 6, len(given_answers))).astype("Int32")
    value = value.mask(rng.random(len(value)) < 0.1)
    days = pd.to_datetime(["2025-05-01", "2025-03-01", "2025-04-01"])
    meta = {"survey_id": ["new", "old", "cadres"], "audience": ["resident", "resident", "cadre"]}
    towns = PLACE.rename(columns={"unit_code": "township_code"}).assign(name_zh="乡")
    columns = ["survey_id", "respondent_id", "question_id"]
    return {
        "townships": towns,
        "survey_meta": pd.DataFrame(meta | {"start_on": days, "end_on": days}).assign(
            title_zh="问卷", mode="face"
        ),
        "survey_questions": questions,
        "survey_respondents": asked,
        "survey_answers": given_answers[columns].assign(value=value),
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with published(tmp_path_factory.mktemp("gaps"), answered()) as opened:
        yield opened


def scored(question: str, surveys: dict[str, str]) -> pd.DataFrame:
    """Return respondents with their score and weight, unit by unit of its own survey."""
    tables = answered()
    rows = tables["survey_answers"].merge(
        tables["survey_respondents"], on=["survey_id", "respondent_id"]
    )
    rows = rows[rows["question_id"].eq(question)].dropna(subset=["value"])
    rows = rows[rows["survey_id"].eq(rows["township_code"].map(surveys))]
    return rows.assign(y=(rows["value"].astype(float) - 1) * 25, w=rows["weight"].fillna(1.0))


def test_gaps_equal_a_slow_twin_from_the_answers(store: Store) -> None:
    table = evaluate(store, "S7", Scope(2025)).set_index("unit_code")
    rows = scored("R01", {A: "new", B: "new", C: "old"})
    for code in (COUNTY, A, B, C):
        here = rows if code == COUNTY else rows[rows["township_code"].eq(code)]
        groups = [
            here[here["age_band"].eq("60+")],
            here[here["residence_type"].eq("migrant")],
            here[here["has_disability"].eq(True)],
        ]
        assert all(MINIMUM <= len(group) <= len(here) - MINIMUM for group in groups)
        means = [np.average(group["y"], weights=group["w"]) for group in groups]
        gap = np.average(here["y"], weights=here["w"]) - min(means)
        assert table.loc[code, "value"] == pytest.approx(gap)
        assert table.loc[code, "n"] == len(groups[int(np.argmin(means))])
        assert table.loc[code, "note"] == ""
    assert evaluate(store, "S7", Scope(2024))["value"].isna().all()


def test_a_township_s_gap_does_not_depend_on_what_is_looked_at(store: Store) -> None:
    whole = evaluate(store, "S7", Scope(2025)).set_index("unit_code")["value"]
    part = evaluate(store, "S7", Scope(2025, unit_type="township")).set_index("unit_code")["value"]
    assert part[B] == whole[B]
    assert part[COUNTY] != whole[COUNTY]
    one = evaluate(store, "S7", Scope(2025, township=B)).set_index("unit_code")["value"]
    assert one.to_dict() == {COUNTY: whole[COUNTY], B: whole[B]}


def test_cadres_answer_for_relief_and_residents_do_not(store: Store) -> None:
    table = evaluate(store, "S8", Scope(2025)).set_index("unit_code")
    rows = scored("K04", dict.fromkeys((A, B, C), "cadres"))
    assert table.loc[COUNTY, "value"] == pytest.approx(np.average(rows["y"], weights=rows["w"]))
    assert table.loc[COUNTY, "n"] == len(rows)
    few = rows["township_code"].value_counts()
    below = {code for code in few.index if few[code] < MINIMUM}
    assert set(table.index[table["note"].eq("below_base")]) == below
