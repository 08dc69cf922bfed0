"""The fictional county keeps the contract, is the same for a seed, and has its problems."""

import duckdb
import numpy as np
import pandas as pd
import pytest
import shapely

from data.contracts import CODES, TABLES, table
from data.errors import DataError
from data.sample.draws import rows
from data.sample.generate import generate
from data.sample.names import MOST_COUNTIES, county_name
from data.sample.places import make_county
from data.sample.qualities import problems_of
from data.store import ROLLED_UP

NOT_MADE = {
    "goalposts", "survey_marks", "survey_set_aside", "survey_margins", "survey_rankings",
    "survey_scoring", "frameworks", "framework_items", "collection_reasons", "rechecks",
    "travel_times",
    *ROLLED_UP,
}  # fmt: skip
MADE = [name for name in TABLES if name not in NOT_MADE]
RULES = [rule for name in MADE for rule in TABLES[name].rules]


@pytest.fixture(scope="module")
def sample():
    """Return the frames of the default county."""
    [frames] = generate()
    return frames


@pytest.fixture(scope="module")
def province():
    """Return the frames of three small counties, each table put together."""
    parts = list(generate(counties=3, townships=14, answers=8000))
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in parts[0]
    }


@pytest.fixture(scope="module", params=["sample", "province"])
def frames(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def problems():
    """Return the codes of the units with planted problems."""
    county = make_county(20260428, 0, 18)
    planted = problems_of(county)._asdict()
    department = planted.pop("late_department")
    codes = {name: county.units.codes[unit] for name, unit in planted.items()}
    return {**codes, "late_department": department}


@pytest.fixture(scope="module")
def database(frames):
    connection = duckdb.connect()
    for name, frame in frames.items():
        connection.register(name, frame)
    yield connection
    connection.close()


# The contract.


def test_every_table_is_made(frames):
    assert set(frames) == set(MADE)
    assert all(len(frame) for frame in frames.values())


@pytest.mark.parametrize("name", MADE)
def test_columns_and_key_are_those_of_the_contract(frames, name):
    frame, declared = frames[name], table(name)
    assert tuple(frame.columns) == declared.column_names
    assert not frame[list(declared.key)].duplicated().any()
    filled = [column.name for column in declared.columns if not column.nullable]
    assert not frame[filled].isna().any().any()


@pytest.mark.parametrize("name", MADE)
def test_values_are_within_ranges_patterns_and_code_lists(frames, name):
    for column in table(name).columns:
        values = frames[name][column.name].dropna()
        if column.minimum is not None:
            assert (values >= column.minimum).all(), column.name
        if column.maximum is not None:
            assert (values <= column.maximum).all(), column.name
        if column.pattern:
            assert values.str.fullmatch(column.pattern).all(), column.name
        if column.codes:
            single = values.str.split(column.separator).explode() if column.separator else values
            assert set(single) <= {code.value for code in CODES[column.codes]}, column.name


@pytest.mark.parametrize("name", MADE)
def test_references_are_found(frames, name):
    for foreign in table(name).foreign_keys:
        columns = list(foreign.columns)
        used = frames[name][columns].dropna().drop_duplicates()
        found = used.merge(frames[foreign.parent][columns], on=columns)
        assert len(found) == len(used), foreign


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.name}")
def test_rules_hold(database, rule):
    source = f'"{rule.table}"'
    if rule.parent:
        source += f' JOIN "{rule.parent}" USING ({", ".join(table(rule.parent).key)})'
    # S608: the expression is the contract's own text.
    query = f"SELECT count(*) FROM {source} WHERE NOT ({rule.expression})"  # noqa: S608
    assert database.sql(query).fetchone() == (0,)


# The same for a seed.


def same(one, other):
    return {name for name in one if one[name].equals(other[name])}


def test_a_seed_gives_the_same_frames_again(sample):
    [again] = generate()
    assert same(sample, again) == set(MADE)


def test_another_seed_gives_other_frames(sample):
    [other] = generate(seed=7)
    # Parameters, registration and settings do not depend on chance.
    assert same(sample, other) == {
        "area_standards",
        "radius_params",
        "indicator_params",
        "survey_meta",
        "survey_questions",
        "settings",
        "proposals",
    }


def test_the_number_of_answers_changes_nothing_but_the_survey(sample):
    [other] = generate(answers=20_000)
    assert set(MADE) - same(sample, other) == {
        "survey_respondents", "survey_answers", "survey_comments",
    }  # fmt: skip


# Its size and shape.


def of_survey(frame, survey):
    return frame[frame["survey_id"] == survey]


def test_the_default_county_is_of_the_size_promised(sample):
    units = sample["townships"]
    assert units["unit_type"].value_counts().to_dict() == {"township": 10, "subdistrict": 8}
    assert {"示例镇", "样例乡", "示例街道"} <= set(units["name_zh"])
    assert units["peer_group"].value_counts().min() >= 8
    assert len(sample["communities"]) == pytest.approx(260, abs=12)
    for survey in ("R2024", "R2025"):
        people = of_survey(sample["survey_respondents"], survey)
        assert len(people) == pytest.approx(5000, abs=200)
        assert people["weight"].nunique() > 100
    assert (sample["survey_respondents"]["survey_id"] == "K2025").sum() == 396


def test_numbers_asked_for_are_totals_over_all_counties(province):
    assert province["townships"]["county_code"].value_counts().tolist() == [5, 5, 4]
    answers = province["survey_answers"]
    residents = answers[answers["survey_id"] != "K2025"]
    assert len(residents) == pytest.approx(8000, rel=0.02)


def test_counties_follow_from_townships_and_townships_from_counties():
    assert [len(part["townships"]) for part in generate(townships=38, answers=3000)] == [19, 19]
    assert [len(part["townships"]) for part in generate(counties=2, answers=3000)] == [18, 18]


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"counties": 0}, "counties"),
        ({"counties": MOST_COUNTIES + 1}, "counties"),
        ({"townships": 2}, "townships"),
        ({"townships": 201, "counties": 1}, "townships"),
        ({"answers": 100}, "answers"),
    ],
)
def test_impossible_sizes_are_refused(asked, what):
    with pytest.raises(DataError) as refusal:
        list(generate(**asked))
    assert refusal.value.code == "sample_size"
    assert what in refusal.value.place.zh


def test_everything_is_marked_as_fictional(sample, province):
    assert sample["townships"]["township_code"].str.startswith("99").all()
    settings = sample["settings"].set_index("name")["value"]
    assert settings["fictional"] == "true"
    assert settings["county_name_zh"] == "云岭县"
    assert sample["survey_meta"]["title_zh"].str.contains("虚构").all()
    assert "虚构" in province["settings"].set_index("name").loc["county_name_zh", "value"]


def test_county_names_and_codes_are_all_different():
    assert len({county_name(index) for index in range(MOST_COUNTIES)}) == MOST_COUNTIES


def test_borders_are_shared_and_the_county_is_the_sum_of_its_parts(frames):
    shapes = frames["boundaries"].assign(
        shape=shapely.from_wkb(frames["boundaries"]["geometry"].to_numpy())
    )
    for code, county in shapes[shapes["level"] == "county"].set_index("unit_code").iterrows():
        parts = shapes[(shapes["level"] == "township") & shapes["unit_code"].str.startswith(code)]
        townships = parts["shape"].to_numpy()
        assert shapely.coverage_is_valid(townships)
        assert {shape.geom_type for shape in townships} == {"Polygon"}
        assert county["shape"].area == pytest.approx(sum(shape.area for shape in townships))
        assert shapely.box(73, 18, 135, 54).contains(county["shape"])


def test_every_place_lies_in_its_own_unit(frames):
    boundaries = frames["boundaries"].set_index("unit_code")["geometry"]
    for name in ("townships", "communities", "facilities"):
        places = frames[name]
        shapes = shapely.from_wkb(boundaries.loc[places["township_code"]].to_numpy())
        assert shapely.contains_xy(shapes, places["lon"], places["lat"]).all()


def test_towns_are_clustered_and_hills_are_sparse(sample):
    shapes = sample["boundaries"].query("level == 'township'").set_index("unit_code")["geometry"]
    area = pd.Series(shapely.area(shapely.from_wkb(shapes.to_numpy())), index=shapes.index)
    people = sample["township_year"].query("year == 2025").set_index("township_code")
    density = people["resident_pop"] / area
    units = sample["townships"].set_index("township_code")["unit_type"]
    assert density[units == "subdistrict"].min() > 3 * density[units == "township"].median()


def test_both_waves_go_to_the_same_villages(sample):
    people = sample["survey_respondents"].query("survey_id != 'K2025'")
    asked = people.groupby("survey_id")["community_code"].unique().map(set)
    assert asked["R2025"] <= asked["R2024"]
    per_unit = people[people["survey_id"] == "R2024"].groupby("township_code")
    assert per_unit["community_code"].nunique().between(8, 16).all()


# Facts and satisfaction.


def satisfaction(sample, survey):
    """Return weighted mean and base of R01 on 0-100 by township."""
    answers = of_survey(sample["survey_answers"], survey).query("question_id == 'R01'")
    people = sample["survey_respondents"]
    scored = answers.merge(people, on=["survey_id", "respondent_id"]).dropna(subset="value")
    scored["points"] = (scored["value"].astype(float) - 1) * 25 * scored["weight"]
    by_unit = scored.groupby("township_code").agg(
        n=("value", "size"), weight=("weight", "sum"), points=("points", "sum")
    )
    return by_unit.assign(mean=by_unit["points"] / by_unit["weight"])


def on_time(frame, done, due, by="township_code"):
    """Return the share done by the due time; what was never done is late."""
    return (frame[done] <= frame[due]).groupby(frame[by]).mean()


def facts_of(sample):
    """Return the mean of six shares by township, each on the same footing (z-scores)."""
    cases = sample["service_cases"].dropna(subset="visits_n")
    disputes = sample["disputes"][sample["disputes"]["outcome"].isin(["agreement", "failed"])]
    checks = sample["checklist_results"].dropna(subset=["passed", "township_code"])
    care = sample["care_registers"].groupby("township_code")[["served_n", "registered_n"]].sum()
    villages = sample["community_year"].groupby("township_code")
    shares = pd.DataFrame(
        {
            "disclosed": on_time(sample["disclosures"], "published_on", "due_on"),
            "one_trip": (cases["visits_n"] <= 1).groupby(cases["township_code"]).mean(),
            "agreed": (disputes["outcome"] == "agreement")
            .groupby(disputes["township_code"])
            .mean(),
            "passed": checks.groupby("township_code")["passed"].mean().astype(float),
            "cared": (care["served_n"] / care["registered_n"]).astype(float),
            "advised": villages["legal_adviser_active"].mean().astype(float),
        }
    )
    return ((shares - shares.mean()) / shares.std()).mean(axis=1)


def test_satisfaction_is_at_a_realistic_level(sample):
    for survey in ("R2024", "R2025"):
        found = satisfaction(sample, survey)
        assert 72 < np.average(found["mean"], weights=found["n"]) < 82
    unused = sample["survey_answers"].query("question_id == 'R04d'")["value"].isna().mean()
    assert 0.7 < unused < 0.85


def test_satisfaction_follows_the_facts(sample, problems):
    facts = facts_of(sample)
    felt = satisfaction(sample, "R2025")["mean"]
    ordinary = facts.index.drop(problems["good_but_disliked"])
    assert 0.4 < np.corrcoef(facts[ordinary], felt[ordinary])[0, 1] < 0.95


def test_neighbours_answer_alike(sample):
    # Between-village variance of R01 exceeds what independent answers would give.
    answers = sample["survey_answers"].query("survey_id == 'R2024' and question_id == 'R01'")
    people = sample["survey_respondents"]
    scored = answers.merge(people, on=["survey_id", "respondent_id"]).dropna(subset="value")
    value = scored["value"].astype(float)
    own = value - value.groupby(scored["township_code"]).transform("mean")
    villages = own.groupby(scored["community_code"]).agg(["mean", "size"])
    expected = own.var() * (1 / villages["size"]).mean()
    assert villages["mean"].var() > 1.3 * expected


# The planted problems can be found from the tables.


def test_good_facts_but_low_satisfaction(sample, problems):
    unit = problems["good_but_disliked"]
    facts = facts_of(sample)
    felt = satisfaction(sample, "R2025")["mean"]
    assert facts.rank(ascending=False)[unit] <= 4
    assert felt.rank()[unit] <= 2


def test_idle_elderly_care_where_many_live(sample, problems):
    unit = problems["idle_elderly"]
    elderly = sample["facilities"][sample["facilities"]["services"].str.contains("elderly")]
    running = (elderly["status"] == "operating").groupby(elderly["township_code"]).sum()
    idle = (elderly["status"] == "idle").groupby(elderly["township_code"]).sum()
    assert running[unit] == 0
    assert running.drop(unit).min() > 0
    assert idle.idxmax() == unit
    people = sample["township_year"].query("year == 2025").set_index("township_code")
    assert people["resident_pop"].idxmax() == unit


def test_one_unit_held_no_comprehensive_drill(sample, problems):
    drills = sample["drills"].query("drill_type == 'comprehensive'")
    held = drills.groupby(["township_code", drills["held_on"].dt.year]).size()
    without = set(sample["townships"]["township_code"]) - set(held.index.get_level_values(0))
    assert without == {problems["no_drill"]}
    assert len(held) == 2 * 17


def test_one_unit_has_too_few_answers_in_the_later_wave(sample, problems):
    before, after = (satisfaction(sample, survey)["n"] for survey in ("R2024", "R2025"))
    assert before.min() >= 30
    assert set(after.index[after < 30]) == {problems["few_answers"]}


def test_one_department_answers_late(sample, problems):
    share = on_time(sample["upward_requests"], "answered_at", "due_at", by="to_dept")
    assert share.idxmin() == problems["late_department"]
    assert share.min() < 0.4 < 0.6 < share.drop(share.idxmin()).min()


def test_one_village_is_perfect_and_its_interviewer_fast(sample, problems):
    asked = sample["survey_questions"].query("answer_type == 'sat5'")
    answers = sample["survey_answers"].merge(asked, on=["survey_id", "question_id"])
    people = sample["survey_respondents"].query("survey_id == 'R2025'").copy()
    people["seconds"] = (people["ended_at"] - people["started_at"]).dt.total_seconds()
    joined = answers.merge(people, on=["survey_id", "respondent_id"])
    perfect = (joined["value"].fillna(5) == 5).groupby(joined["community_code"]).all()
    [village] = perfect.index[perfect]
    assert village.startswith(problems["perfect_village"])
    here = people[people["community_code"] == village]
    assert here["interviewer_id"].nunique() == 1
    assert here["seconds"].max() < people["seconds"].median() / 3


def test_one_unit_was_inspected_outside_the_plan(sample, problems):
    burden = sample["burden_register"].query("kind == 'inspection' and status == 'active'")
    unplanned = burden[~burden["in_annual_plan"].astype(bool)]
    times = unplanned.groupby(["year", "township_code"])["times_per_year"].sum()
    assert times[2025].idxmax() == problems["inspected"]
    assert times[2025].max() > 3 * times[2025].drop(problems["inspected"]).max()
    assert times[2024].get(problems["inspected"], 0) < times[2025].max() / 3


def test_rows_of_a_table_are_numbered_within_place_and_year():
    made = rows(np.array([[2, 0], [1, 3]]))
    assert made.place.tolist() == [0, 0, 1, 1, 1, 1]
    assert made.year.tolist() == [0, 0, 0, 1, 1, 1]
    assert made.serial.tolist() == [1, 2, 1, 1, 2, 3]
    assert made.calendar_year.tolist() == [2024, 2024, 2024, 2025, 2025, 2025]
