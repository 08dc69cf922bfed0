"""Weights of a survey raked to margins: by hand, met, undone, and read from tables of words."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.decisions import survey_weights
from metrics.decisions.survey_weights import Margins, read_margins
from metrics.satisfaction import figures as satisfaction
from metrics.survey import estimate
from tests.metrics.satisfaction.test_figures import DESIGN, answers_of, frames
from tests.metrics.satisfaction.test_groups import attributes

SEXES = Margins((("sex", "male", 30_000.0), ("sex", "female", 70_000.0)), "census")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    wide = attributes(facts["survey_respondents"]).assign(weight=None)
    # Every sixth did not say whether they are men or women; three are set aside.
    wide.loc[wide.index % 6 == 0, "sex"] = None
    aside = wide.iloc[100:103][["survey_id", "respondent_id"]]
    facts |= {
        "survey_respondents": wide,
        "survey_set_aside": aside.assign(reason="r", set_aside=True),
    }
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        opened.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        yield opened


def test_what_was_never_weighted_says_so(store: Store) -> None:
    found = survey_weights.weighting(store, Scope(), "S25")
    assert (found.kind, found.n, found.design_effect, found.low) == ("none", 298, 1.0, 1.0)
    sexes = found.levels[found.levels["variable"] == "sex"]
    assert sexes["before"].sum() == pytest.approx(100)
    assert sexes["wanted"].isna().all()
    known = satisfaction.surveys(store, Scope(year=2025)).iloc[0]
    assert (known["weight_effect"], known["has_margins"]) == (1.0, False)
    # Twelve migrants: neither they nor the locals are counted out.
    homes = found.levels[found.levels["variable"] == "residence_type"]
    assert homes[["n", "before", "after"]].isna().all(axis=None)


def by_hand(store: Store) -> pd.DataFrame:
    """The people, and the weight each should have: one factor a sex, 1 for who did not say."""
    people = store.read(
        "SELECT r.*, a.set_aside FROM survey_respondents r "
        "LEFT JOIN survey_set_aside a USING (survey_id, respondent_id) ORDER BY respondent_id"
    )
    people["counts"] = people["set_aside"].isna()
    n = people[people["counts"]].groupby("sex").size()
    factor = {"male": 0.3 * n.sum() / n["male"], "female": 0.7 * n.sum() / n["female"]}
    return people.assign(w=people["sex"].map(factor).fillna(1.0).where(people["counts"], 1.0))


def kish(weight: pd.Series) -> float:
    return float(len(weight) * (weight**2).sum() / weight.sum() ** 2)


def test_raked_weights_meet_the_margins_and_are_a_version_of_their_own(store: Store) -> None:
    people = by_hand(store)
    effect = kish(people.loc[people["counts"], "w"])
    before = satisfaction.by_unit(store, Scope(), "S25", "Q1")
    tried = survey_weights.trial(store, Scope(), "S25", SEXES)
    assert tried.weighting.design_effect == pytest.approx(effect)
    start = store.version
    survey_weights.publish(store, "S25", SEXES, author="王", reason="人口普查")
    found = survey_weights.weighting(store, Scope(), "S25")
    assert (found.kind, found.margins["source"].unique().tolist()) == ("raked", ["census"])
    assert found.levels.set_index("level")["after"].to_dict() == pytest.approx(
        {"male": 30, "female": 70}
    )
    assert found.design_effect == pytest.approx(effect)
    held = store.read("SELECT weight, design_weight FROM survey_respondents ORDER BY respondent_id")
    assert held["weight"].tolist() == pytest.approx(people["w"].tolist(), rel=1e-9)
    assert set(held["design_weight"]) == {1.0}
    known = satisfaction.surveys(store, Scope(year=2025)).iloc[0]
    assert known["weight_effect"] == pytest.approx(effect)
    assert known["has_margins"]

    # The figures are those of the rows with these weights, and those the trial foretold.
    facts = answers_of("Q1").merge(people[["respondent_id", "counts", "w"]], on="respondent_id")
    facts = facts.assign(y=facts["y"].where(facts["counts"]))
    whole = estimate(facts, "y", **DESIGN | {"weight": "w"}).iloc[0]
    after = satisfaction.by_unit(store, Scope(), "S25", "Q1")
    figures = ["estimate", "se", "low", "high"]
    assert after.loc[0, figures].tolist() == pytest.approx(whole[figures].tolist(), rel=1e-9)
    changed = tried.effect.units.loc[0, ["before", "after"]].tolist()
    assert changed == pytest.approx([before.loc[0, "estimate"], after.loc[0, "estimate"]])

    # Raking again begins with the design weights, and the version can be undone.
    again = survey_weights._raked(store, "S25", SEXES, False, None)[1]
    assert again.tolist() == pytest.approx(people["w"].tolist(), rel=1e-9)
    store.restore(start, author="a", message="m")
    pd.testing.assert_frame_equal(satisfaction.by_unit(store, Scope(), "S25", "Q1"), before)
    assert survey_weights.weighting(store, Scope(), "S25").kind == "none"


def test_weights_that_count_nearly_nobody_but_a_few_show_no_figure(store: Store) -> None:
    units = survey_weights.trial(store, Scope(), "S25", SEXES).effect
    assert not units.thin
    strong = Margins((("sex", "male", 1.0), ("sex", "female", 999_999.0)))
    tried = survey_weights.trial(store, Scope(), "S25", strong)
    # Women and the few who did not say are left to count: in small townships less than 30.
    towns = tried.effect.units.set_index("unit_code").iloc[1:]
    light = towns.index.isin(tried.effect.thin)
    assert 0 < light.sum() < len(towns)
    assert towns.loc[light, "shown"].all()
    assert towns.loc[light, ["after", "low_after", "bound"]].isna().all(axis=None)
    assert towns.loc[~light & towns["shown"], "after"].notna().all()
    assert np.isfinite(tried.effect.units.loc[0, "after"])
    migrants = Margins((("residence_type", "migrant", 1.0), ("residence_type", "local", 9.0)))
    assert survey_weights.trial(store, Scope(), "S25", migrants).small == (
        ("residence_type", "migrant"),
    )
    assert tried.small == ()


def test_weights_are_not_published_without_a_name_and_a_reason(store: Store) -> None:
    with pytest.raises(DataError) as unsigned:
        survey_weights.publish(store, "S25", SEXES, author="a", reason=" ")
    assert unsigned.value.code == "decision_unsigned"


def test_trimmed_weights_say_that_totals_are_missed(store: Store) -> None:
    rare = Margins((("sex", "male", 1.0), ("sex", "female", 99.0)))
    people, weight = survey_weights._raked(store, "S25", rare, False, (0.3, 3.0))
    counted = weight[people["counts"]]
    assert counted.min() >= 0.3 - 1e-9
    assert weight.attrs["trimmed"] > 0
    assert weight.attrs["gap"] > 0.1


def test_tables_of_margins_are_read_in_words_and_codes() -> None:
    rows = pd.DataFrame(
        {
            "变量": ["性别", "sex", "是否残疾", "has_disability", "township_code"],
            "类别": ["男", "female", "是", "False", "990101100"],
            "总数": ["30,000", "70000", "5000", "95000", "1"],
            "来源": ["普查", "普查", "", "", ""],
        }
    )
    column = survey_weights.TABLES["survey_respondents"].column("has_disability")
    rows.loc[2, "变量"] = column.label.zh
    found = read_margins(rows)
    assert found.source == "普查"
    assert found.by_variable() == {
        "sex": {"male": 30000.0, "female": 70000.0},
        "has_disability": {"true": 5000.0, "false": 95000.0},
        "township_code": {"990101100": 1.0},
    }


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ({"变量": ["性别"], "类别": ["男"]}, "margins_columns"),
        ({"变量": ["星座"], "类别": ["男"], "总数": ["1"]}, "margins_unknown"),
        ({"变量": ["性别"], "类别": ["男的"], "总数": ["1"]}, "margins_unknown"),
        ({"变量": ["性别"], "类别": ["男"], "总数": ["约三万"]}, "margins_number"),
        ({"变量": ["性别"], "类别": ["男"], "总数": ["0"]}, "margins_number"),
        ({"变量": ["性别"] * 2, "类别": ["男", "male"], "总数": ["1", "2"]}, "margins_twice"),
    ],
)
def test_wrong_tables_are_refused_with_their_row(rows: dict[str, list[str]], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        read_margins(pd.DataFrame(rows))
    assert refusal.value.code == code


def test_totals_of_two_populations_are_refused_and_rounding_is_not(store: Store) -> None:
    def tried(locals_: float) -> pd.Series:
        margins = Margins((*SEXES.totals, ("has_disability", "true", 40_000.0),
                           ("has_disability", "false", locals_)))  # fmt: skip
        return survey_weights._raked(store, "S25", margins, False, None)[1]

    assert np.isfinite(tried(60_010.0)).all()
    with pytest.raises(DataError) as refusal:
        tried(65_000.0)
    assert refusal.value.code == "margins_inconsistent"
