"""Groups and waves: the roll-up answers as the rows do, and the base rule holds for both."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction import figures as satisfaction
from metrics.satisfaction import groups as satisfaction_groups
from metrics.satisfaction import waves
from metrics.survey import adjust, difference, estimate
from tests.metrics.satisfaction.test_figures import DESIGN, UNITS, answers_of, frames, people

FIGURES = ["estimate", "se", "df", "low", "high"]
SEX = np.array(["male", "female"])


def attributes(wide: pd.DataFrame) -> pd.DataFrame:
    """Sex and age by turns; two migrants in every unit, so that nobody may see them."""
    place = wide.groupby("township_code").cumcount()
    ages = np.array(["18-29", "30-44", "45-59", "60+"])[place % 4]
    return wide.assign(
        sex=SEX[place % 2],
        age_band=np.where(place < 40, ages, "60+"),
        residence_type=np.where(place < 2, "migrant", "local"),
        # Nobody in 990101001 said whether they are disabled.
        has_disability=(place % 2 == 0).where(wide["township_code"] != "990101001"),
    )


def second_wave() -> dict[str, pd.DataFrame]:
    """The same villages a year later: other people with the same numbers, other answers."""
    facts = frames()
    later = facts["survey_answers"].assign(survey_id="S26")
    later["value"] = later["value"].where(later["question_id"] != "Q1", 6 - later["value"])
    meta = {"survey_id": "S26", "title_zh": "调查S26", "mode": "face", "audience": "resident"}
    days = pd.Timestamp("2026-05-01")
    return {
        "survey_meta": pd.DataFrame([{**meta, "start_on": days, "end_on": days}]),
        "survey_questions": facts["survey_questions"].assign(survey_id="S26"),
        "survey_respondents": facts["survey_respondents"].assign(survey_id="S26"),
        "survey_answers": later,
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    facts["survey_respondents"] = attributes(facts["survey_respondents"])
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        for part in (facts, second_wave()):
            opened.publish([Change(n, f) for n, f in part.items()], author="a", message="m")
        yield opened


def rows(*questions: str) -> pd.DataFrame:
    found = answers_of(*questions).merge(
        attributes(people())[["respondent_id", *satisfaction_groups.DIMENSIONS]],
        on="respondent_id",
    )
    return found.assign(disabled=found["has_disability"].map({True: "true", False: "false"}))


@pytest.mark.parametrize(("item", "questions"), [("S1", ["Q1"]), ("S2", ["Q2", "Q3"])])
def test_groups_from_the_roll_up_are_those_of_the_rows(
    store: Store, item: str, questions: list[str]
) -> None:
    table = satisfaction_groups.by_group(store, Scope(), "S25", item).table
    for dimension in ("sex", "age_band"):
        found = table[table["dimension"] == dimension].set_index("level")
        each = estimate(rows(*questions), "y", by=dimension, **DESIGN).set_index(dimension)
        assert sorted(found.index) == sorted(each.index)
        for level, row in found.iterrows():
            assert row["shown"]
            assert row[FIGURES].tolist() == pytest.approx(
                each.loc[level, FIGURES].tolist(), rel=1e-9
            )
    people_asked = rows(*questions).dropna(subset="y").groupby("sex")["respondent_id"].nunique()
    men = table[table["level"] == "male"].iloc[0]
    assert men["n"] == people_asked["male"]


def test_the_gap_is_the_difference_of_two_domains_of_one_sample(store: Store) -> None:
    gaps = satisfaction_groups.by_group(store, Scope(), "S25", "S1").gaps.set_index("dimension")
    sex = gaps.loc["sex"]
    stacked = rows("Q1").assign(side=lambda t: t["sex"].eq(sex["higher"]).astype(int))
    twin = difference(stacked, "y", "side", **DESIGN).iloc[0]
    assert sex[[*FIGURES, "p"]].tolist() == pytest.approx(twin[[*FIGURES, "p"]].tolist(), rel=1e-9)
    assert sex["estimate"] >= 0
    # Four ages are six pairs of which the widest was picked, two sexes are one; then by Holm.
    ages, ranges = gaps.loc["age_band"], gaps[gaps["gap"] == "range"]
    ages = ages[ages["gap"] == "range"].iloc[0] if isinstance(ages, pd.DataFrame) else ages
    picked = ranges["p"] * ranges.index.map({"age_band": 6}).fillna(1)
    wanted = adjust(picked.clip(upper=1)).to_numpy()
    assert ranges["p_adjusted"].tolist() == pytest.approx(wanted.tolist())
    assert ages["p_adjusted"] >= min(1, 6 * ages["p"])
    assert ranges["beyond"].tolist() == list(wanted < 0.05)


def test_s7_is_the_whole_minus_the_worst_off_group_with_their_covariance(store: Store) -> None:
    found = satisfaction_groups.by_group(store, Scope(), "S25", "S1")
    s7 = found.gaps.iloc[0]
    # Migrants are 12 and hidden: 60+ or people with a disability, whichever is lower.
    table = found.table.set_index(["dimension", "level"])["estimate"]
    lowest = table[[("age_band", "60+"), ("has_disability", "true")]].idxmin()
    assert (s7["gap"], s7["dimension"], s7["lower"]) == ("S7", *lowest)
    column = "disabled" if lowest[0] == "has_disability" else lowest[0]
    frame = rows("Q1")
    whole, group = frame.assign(side=1), frame[frame[column] == lowest[1]].assign(side=0)
    twin = difference(pd.concat([whole, group], ignore_index=True), "y", "side", **DESIGN).iloc[0]
    assert s7[FIGURES].tolist() == pytest.approx(twin[FIGURES].tolist(), rel=1e-9)
    overall = estimate(frame, "y", **DESIGN)["estimate"].iloc[0]
    assert s7["estimate"] == pytest.approx(overall - table[lowest])


def test_a_small_group_and_its_complement_are_hidden_everywhere(store: Store) -> None:
    for scope in (Scope(), Scope(unit_type="township"), Scope(township="990101100")):
        table = satisfaction_groups.by_group(store, scope, "S25", "S1").table
        homes = table[table["dimension"] == "residence_type"].set_index("level")
        assert homes.loc["migrant", "note"] == "below_base"
        assert homes.loc["local", "note"] == "complement"
        assert homes[["n", *FIGURES]].isna().all(axis=None)
        gaps = satisfaction_groups.by_group(store, scope, "S25", "S1").gaps
        assert "residence_type" not in set(gaps["dimension"])


def test_a_township_tells_ages_apart_at_sixty(store: Store) -> None:
    table = satisfaction_groups.by_group(store, Scope(township="990101100"), "S25", "S1").table
    ages = table[table["dimension"] == "age_band"].set_index("level")
    assert sorted(ages.index) == ["60+", "under_60"]
    assert ages["shown"].all()
    twin = rows("Q1")
    # Streets cover each other: the other one has nine people of 60 and over.
    street = satisfaction_groups.by_group(store, Scope(township="990101001"), "S25", "S1").table
    assert not street.loc[street["dimension"] == "age_band", "shown"].any()
    # Ten of the first forty, and all twenty after them, are 60 and over.
    here = twin[twin["township_code"].eq("990101100") & twin["age_band"].eq("60+")]
    assert ages.loc["60+", "estimate"] == pytest.approx(
        np.average(here["y"], weights=here["weight"])
    )
    assert ages.loc["60+", "n"] == len(here) == 30


def test_who_did_not_say_comes_last_and_is_no_end_of_a_gap(store: Store) -> None:
    found = satisfaction_groups.by_group(store, Scope(), "S25", "S1")
    told = found.table[found.table["dimension"] == "has_disability"]
    assert told["level"].tolist() == ["false", "true", ""]
    assert "" not in set(found.gaps.loc[found.gaps["gap"] == "range", ["higher", "lower"]].stack())


# Waves.


def stacked_waves() -> pd.DataFrame:
    before = answers_of("Q1")
    after = before.assign(y=100 - before["y"])
    frames_of = []
    for wave, rows_of in enumerate((before, after)):
        own = rows_of["community_code"].isna()
        psu = rows_of["psu"].mask(own, f"{wave}/" + rows_of["psu"])
        frames_of.append(rows_of.assign(wave=wave, psu=psu))
    return pd.concat(frames_of, ignore_index=True)


def test_changes_from_the_roll_ups_are_those_of_the_rows(store: Store) -> None:
    table = waves.changes(store, Scope(), "S26", "S25", "Q1")
    columns = ["earlier", "later", *FIGURES, "p"]
    whole = difference(stacked_waves(), "y", "wave", **DESIGN).iloc[0]
    each = difference(stacked_waves(), "y", "wave", by="township_code", **DESIGN)
    assert table.loc[0, columns].tolist() == pytest.approx(whole[columns].tolist(), rel=1e-9)
    for _, row in table.iloc[1:].iterrows():
        twin = each[each["township_code"] == row["unit_code"]].iloc[0]
        assert row[columns].tolist() == pytest.approx(twin[columns].tolist(), rel=1e-9)
    assert sorted(table["unit_code"][1:]) == sorted(UNITS)


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_townships_are_corrected_together_and_the_whole_alone(store: Store, method: str) -> None:
    table = waves.changes(store, Scope(), "S26", "S25", "Q1", method)
    towns = table[table["level"] == "township"]
    assert towns["p_adjusted"].tolist() == adjust(towns["p"], method).tolist()
    assert table.loc[0, "p_adjusted"] == table.loc[0, "p"]
    assert table["beyond"].tolist() == (table["p_adjusted"] < 0.05).tolist()


def test_what_one_wave_hides_has_no_change(store: Store) -> None:
    table = waves.changes(store, Scope(), "S26", "S25", "Q3").set_index("unit_code")
    assert table.loc["990101200", "note"] == "below_base"
    assert table.loc["990101201", "note"] == "complement"
    hidden = table.loc[["990101200", "990101201"]]
    figures = [*waves.SIDES, *waves.FIGURES, "p_adjusted"]
    assert hidden[figures].isna().all(axis=None)
    assert not hidden["beyond"].any()


def test_items_are_a_family_of_their_own(store: Store) -> None:
    table = waves.by_item(store, Scope(), "S26", "S25")
    assert table["item"].tolist() == ["S1", "S2"]
    assert table["p_adjusted"].tolist() == adjust(table["p"].to_numpy()).tolist()
    # Only Q1 was answered otherwise.
    assert abs(table.loc[0, "estimate"]) > 0.1
    assert table.loc[1, "estimate"] == pytest.approx(0)


def test_earlier_waves_are_of_the_same_audience_and_have_the_item(store: Store) -> None:
    assert waves.earlier(store, Scope(), "S26", "Q1")["survey_id"].tolist() == ["S25"]
    assert waves.earlier(store, Scope(), "S25", "Q1").empty
    assert waves.same_questions(store, Scope(), "S26", "S25", "S2")
    assert not waves.same_questions(store, Scope(), "S26", "S24", "S2")


# Set aside.


def test_questionnaires_set_aside_count_nowhere_and_come_back(store: Store) -> None:
    before = satisfaction.by_unit(store, Scope(), "S25", "Q1")
    wide = people()
    first = wide.groupby("township_code").cumcount() < 5
    aside = wide.loc[first, ["survey_id", "respondent_id"]]
    change = Change("survey_set_aside", aside.assign(reason="speeder", set_aside=True))
    with store.rehearse([change]) as after:
        table = satisfaction.by_unit(after, Scope(), "S25", "Q1")
        groups = satisfaction_groups.by_group(after, Scope(), "S25", "Q1").table
        counted = satisfaction.likert(after, Scope(), "S25")
        known = satisfaction.surveys(after, Scope(year=2025)).iloc[0]
    kept = answers_of("Q1").assign(
        y=lambda t: t["y"].mask(t["respondent_id"].isin(aside["respondent_id"]))
    )
    whole = estimate(kept, "y", **DESIGN).iloc[0]
    assert table.loc[0, FIGURES].tolist() == pytest.approx(whole[FIGURES].tolist(), rel=1e-9)
    assert table.loc[0, "n"] == before.loc[0, "n"] - 30
    assert groups.loc[groups["dimension"] == "sex", "n"].sum() == table.loc[0, "n"]
    assert counted.loc[0, "n"] == table.loc[0, "n"]
    assert (known["respondents"], known["set_aside"]) == (before.loc[0, "n"], 30)
    back = change.rows.assign(set_aside=False)
    with store.rehearse([change, Change("survey_set_aside", back)]) as restored:
        pd.testing.assert_frame_equal(satisfaction.by_unit(restored, Scope(), "S25", "Q1"), before)


def test_a_store_of_an_older_contract_is_rolled_up_when_it_is_opened(store: Store) -> None:
    wanted = store.read("SELECT * FROM survey_group_sums ORDER BY ALL")
    with store._cursor() as cursor:
        cursor.execute("DROP TABLE lake.survey_group_sums")
    folder = store.folder
    store.close()
    with Store.open(folder) as again:
        found = again.read("SELECT * FROM survey_group_sums ORDER BY ALL")
        assert again.version > 0
    pd.testing.assert_frame_equal(found, wanted)
