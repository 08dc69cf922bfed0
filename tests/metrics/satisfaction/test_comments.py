"""Comments by frequent terms, never below the base; rankings by hand."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction.comments import comments, frequent, questions, rankings
from tests.metrics.satisfaction.test_figures import frames, people

SAID = [
    "村里路灯太暗,晚上不敢走",
    "希望多装路灯",
    "路灯坏了没人修",
    "自来水经常停",
    "无",
    "【姓名】书记电话【电话】",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    wide = people()
    keys = wide[["survey_id", "respondent_id"]]
    turn = np.arange(len(wide))
    asked = facts["survey_questions"].iloc[[0]].assign(index_code=None, pair_dim=None)
    open_ones = [
        asked.assign(question_id="R25", answer_type="text", text_zh="最需要改进的一件事"),
        asked.assign(question_id="Q8", answer_type="ranking", text_zh="请排序"),
    ]
    written = keys.assign(question_id="R25", comment=[SAID[n % 6] for n in turn])
    # Everybody places 路; every third places 水 before it; 桥 has ten people only.
    ranked = pd.concat(
        [
            keys.assign(option="路", place=np.where(turn % 3 == 0, 2, 1)),
            keys[turn % 3 == 0].assign(option="水", place=1),
            keys.iloc[:10].assign(option="桥", place=3),
        ]
    ).assign(question_id="Q8")
    facts |= {
        "survey_questions": pd.concat([facts["survey_questions"], *open_ones]),
        "survey_respondents": facts["survey_respondents"].assign(weight=1.0 + turn % 2),
        "survey_comments": written,
        "survey_rankings": ranked,
        "survey_set_aside": keys.iloc[[0]].assign(reason="r", set_aside=True),
    }
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        opened.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        yield opened


def test_terms_of_many_are_counted_by_person(store: Store) -> None:
    assert questions(store, Scope(), "S25")["question_id"].tolist() == ["R25", "Q8"]
    found = comments(store, Scope(), "S25", "R25")
    # 301 people, the first set aside; every sixth wrote 无, which is no comment.
    assert found.n == 300 - 50
    lamps = found.terms.set_index("term").loc["路灯"]
    assert lamps["n"] == 50 + 50 + 50
    assert lamps["share"] == pytest.approx(100 * 150 / 250)
    assert found.terms["n"].min() >= 30
    words = "".join(found.terms["term"]) + "".join(found.terms["examples"])
    assert "姓名" not in "".join(found.terms["term"])
    assert "99010" not in words
    assert not found.terms["term"].duplicated().any()


def test_a_part_of_the_county_is_never_looked_at_by_itself(store: Store) -> None:
    whole = comments(store, Scope(county="990101"), "S25", "R25")
    for scope in (Scope(county="990101", unit_type="subdistrict"),
                  Scope(county="990101", township="990101100")):  # fmt: skip
        pd.testing.assert_frame_equal(comments(store, scope, "S25", "R25").terms, whole.terms)


def test_below_the_base_nothing_is_shown(store: Store) -> None:
    setting = pd.DataFrame({"name": ["minimum_base"], "value": ["260"]})
    with store.rehearse([Change("settings", setting)]) as strict:
        found = comments(strict, Scope(), "S25", "R25")
    assert np.isnan(found.n)
    assert found.terms.empty


def test_counties_less_each_other_never_tell_of_a_few(store: Store) -> None:
    towns = frames()["townships"]
    there = towns["township_code"].str[6].eq("0")
    # The two streets are a county of their own: 106 people there, of whom half say 路灯.
    apart = towns.assign(county_code=towns["county_code"].mask(there, "990102"))
    changes = [Change("townships", apart)]

    def told(base: int, county: str | None = None) -> tuple[float, set[str], int]:
        setting = Change("settings", pd.DataFrame({"name": ["minimum_base"], "value": [str(base)]}))
        with store.rehearse([*changes, setting]) as moved:
            found = comments(moved, Scope(county=county), "S25", "R25")
        return found.n, set(found.terms["term"]), found.left_out

    parts = [told(30, county) for county in ("990101", "990102")]
    n, terms, left_out = told(30)
    assert (n, left_out) == (sum(part[0] for part in parts), 0)
    # 自来水 is a term of the larger county and of both together, of which 17 people are no news.
    assert "自来水经" in parts[0][1] - parts[1][1]
    assert "自来水经" not in terms
    assert "路灯" in terms
    # A county where too few wrote something adds nothing to the others.
    assert told(100)[0] == told(100, "990101")[0]
    assert told(100)[2] == 1
    assert np.isnan(told(250)[0])


def test_a_longer_term_stands_for_the_shorter_one_it_holds() -> None:
    texts = pd.Series(["垃圾分类做得好"] * 8 + ["垃圾乱丢"] * 2 + ["公交少"] * 5)
    found = frequent(texts, 5)
    assert "垃圾分类" in found
    assert "垃圾" not in found
    assert found["公交少"] == list(range(10, 15))
    assert "圾分" not in found
    # Where the shorter one is used otherwise too, it stands for the longer ones.
    parking = frequent(pd.Series(["小区停车难"] * 6 + ["停车难啊"] * 6), 5)
    assert list(parking) == ["停车难"]


def test_rankings_by_hand(store: Store) -> None:
    table = rankings(store, Scope(), "S25", "Q8").set_index("option")
    wide = people()
    turn = np.arange(len(wide))[1:]
    weight = 1.0 + turn % 2
    third = turn % 3 == 0
    assert table.index.tolist() == ["路", "水", "桥"]
    assert table.loc["水", "first"] == pytest.approx(100 * weight[third].sum() / weight.sum())
    assert table.loc["路", "mean_place"] == pytest.approx(
        np.average(np.where(third, 2, 1), weights=weight)
    )
    assert table.loc["路", "n"] == 300
    bridge = table.loc["桥"]
    assert (bridge["first"], bridge["note"]) == (0, "below_base")
    assert bridge[["n", "mean_place"]].isna().all()


def test_a_small_townships_ranking_stays_hidden(store: Store) -> None:
    setting = pd.DataFrame({"name": ["minimum_base"], "value": ["38"]})
    with store.rehearse([Change("settings", setting)]) as strict:
        table = rankings(strict, Scope(township="990101002"), "S25", "Q8")
    assert set(table["note"]) == {"below_base"}
    assert table[["n", "first", "mean_place"]].isna().all(axis=None)
