"""S7, the gap to the worst-off group: by hand, a slow twin, and what the base rule keeps back."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.scope import Scope
from data.store import Change, Store
from metrics.disclosure import Total
from metrics.evaluate import evaluate
from metrics.group_gap import GROUPS, Gaps, gaps

A, B, C = "990101001", "990101100", "990101101"
COUNTY = "990101"
PLACE = pd.DataFrame(
    {"unit_code": [A, B, C], "county_code": COUNTY, "unit_type": ["subdistrict", *["township"] * 2]}
)
MINIMUM = 30
# Respondents and mean by group of one unit; everybody weighs 1.
Told = dict[str, tuple[int, float]]


def sums(**units: Told) -> pd.DataFrame:
    held = [
        (code, group, n, float(n), n * mean)
        for code, told in units.items()
        for group, (n, mean) in told.items()
    ]
    return pd.DataFrame(held, columns=["unit_code", "grp", "n", "sw", "swy"])


def found(table: pd.DataFrame, inside: list[str], total: Total = (COUNTY, None)) -> Gaps:
    return gaps(table, PLACE, np.array(inside, dtype=object), (COUNTY, total), MINIMUM)


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
    # 65 in all; the elderly (2,800 + 3,900) / 100 = 67, migrants (3,000 + 5,700) / 140 = 62.14.
    assert values(answer) == {A: 10, B: 3, COUNTY: round(65 - 8700 / 140, 6)}
    base = answer.rows.set_index("unit_code")["n"]
    assert (base[A], base[B], base[COUNTY]) == (40, 100, 140)
    assert not answer.protection.units
    assert not answer.protection.totals


def test_of_one_type_the_whole_is_that_type() -> None:
    table = units(
        a={"all": (100, 80), "elderly": (40, 70)}, b={"all": (100, 60), "elderly": (50, 50)}
    )
    assert values(found(table, [B, C], (COUNTY, "township")))[COUNTY] == 10


def test_where_no_group_is_worse_off_the_gap_is_below_zero() -> None:
    assert values(found(units(a={"all": (100, 80), "elderly": (40, 85)}), [A]))[A] == -5


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ((29, 10.0), "below_base"),
        # 75 of 100 are elderly: the mean of the other 25 would be known.
        ((75, 70.0), "complement"),
    ],
)
def test_neither_a_small_group_nor_the_few_outside_of_a_large_one(
    group: tuple[int, float], why: str
) -> None:
    answer = found(units(a={"all": (100, 80), "elderly": group}), [A, B, C])
    assert values(answer) == {}
    assert answer.protection.units == {A: why}
    assert answer.protection.totals == {(COUNTY, None): why}


def test_a_group_hidden_in_one_unit_is_covered_by_another() -> None:
    answer = found(
        units(
            a={"all": (200, 80), "elderly": (29, 10)},
            b={"all": (200, 80), "elderly": (40, 70)},
            c={"all": (200, 80), "elderly": (90, 60)},
        ),
        [A, B, C],
    )
    # The county's elderly and those of B and C together would give those of A back.
    assert set(values(answer)) == {C, COUNTY}
    assert answer.protection.units == {A: "below_base", B: "complement"}


def test_a_unit_whose_satisfaction_is_hidden_has_no_gap() -> None:
    answer = found(
        units(a={"all": (20, 80), "elderly": (10, 70)}, b={"all": (90, 80), "elderly": (45, 70)}),
        [A, B, C],
    )
    assert answer.protection.units == {A: "below_base", B: "complement"}
    assert set(values(answer)) == {COUNTY}


def test_nobody_asked_is_no_reason_to_hide() -> None:
    answer = found(sums(), [A, B, C])
    assert values(answer) == {}
    assert not answer.protection.units


people = st.integers(0, 120)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(people, people, people, people), min_size=3, max_size=3))
def test_what_is_shown_rests_on_enough_people_on_both_sides(
    counts: list[tuple[int, int, int, int]],
) -> None:
    told = {}
    for code, (more, *groups) in zip((A, B, C), counts, strict=True):
        n = max(groups) + more
        told[code] = {"all": (n, 50.0)} | {
            group: (size, 40.0 + place)
            for place, (group, size) in enumerate(zip(GROUPS, groups, strict=True))
        }
    answer = found(sums(**told), [A, B, C])
    for code, n in zip(answer.rows["unit_code"], answer.rows["n"], strict=True):
        if not np.isnan(n):
            everyone = sum(t["all"][0] for key, t in told.items() if code in (key, COUNTY))
            assert n >= MINIMUM
            assert everyone - n == 0 or everyone - n >= MINIMUM
    hidden = answer.protection.units
    assert not set(hidden) & set(answer.rows["unit_code"])
    # Of one group alone: the cells held back are never a single one, nor few people together.
    group = GROUPS[0]
    alone = {code: {"all": t["all"], group: t[group]} for code, t in told.items()}
    shown = set(values(found(sums(**alone), [A, B, C])))
    kept = [t[group][0] for code, t in told.items() if code not in shown and t[group][0]]
    if COUNTY in shown and kept:
        assert len(kept) > 1
        assert sum(kept) >= MINIMUM


# From answers, through the register.


def answered() -> dict[str, pd.DataFrame]:
    """Return two surveys of residents, the newer one in A and B, and one of cadres."""
    rng = np.random.default_rng(3)
    size = 900
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
    with Store.open(tmp_path_factory.mktemp("gaps")) as opened:
        changes = [Change(name, frame) for name, frame in answered().items()]
        opened.publish(changes, author="t", message="t")
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
