"""The subjects behind the satisfaction page: each opens by its link, with words and figures."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea

from data.scope import Scope
from data.store import Change, Store
from data.words import say
from pages.shared.downloads import to_csv
from pages.shared.satisfaction.groups import _gap_sentence
from pages.shared.satisfaction.heat import _styled
from pages.shared.satisfaction.more import SUBJECTS
from pages.shared.satisfaction.parts import clear
from tests.metrics.satisfaction.test_figures import frames
from tests.metrics.satisfaction.test_groups import attributes, second_wave
from tests.pages.county import panel_table, said, tables, visit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    facts = frames()
    wide = attributes(facts["survey_respondents"])
    facts["survey_respondents"] = wide
    keys = wide[["survey_id", "respondent_id"]]
    open_one = facts["survey_questions"].iloc[[0]].assign(index_code=None, pair_dim=None)
    open_one = open_one.assign(question_id="R25", answer_type="text", text_zh="意见![](x.png)")
    facts["survey_questions"] = pd.concat([facts["survey_questions"], open_one])
    facts["survey_meta"] = facts["survey_meta"].assign(title_en=["Survey of 2025", None, " "])
    facts["survey_comments"] = keys.assign(question_id="R25", comment="多装<b>路灯</b>")
    facts["survey_marks"] = keys.iloc[:8].assign(flag="same_ip", value=8.0)
    with Store.open(place) as store:
        for part in (facts, second_wave()):
            store.publish([Change(n, f) for n, f in part.items()], author="a", message="m")
    return place


@pytest.fixture(autouse=True)
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIXIAO_DATA", str(folder))


def reason(app: AppTest) -> TextArea:
    return next(area for area in app.text_area if area.key.startswith("reason-"))


def test_every_subject_opens_and_closes() -> None:
    app = visit("satisfaction", year="2026", more="groups")
    heads = {}
    for subject in SUBJECTS:
        app.session_state["more"] = subject
        app.run()
        assert not app.exception, subject
        assert not app.error, subject
        heads[subject] = {head.value for head in app.header}
    assert say("groups.gaps", "zh") in heads["groups"]
    assert say("drivers.shares", "zh") in heads["drivers"]
    app.session_state["more"] = "none"
    app.run()
    closed = {head.value for head in app.header}
    # Nobody wrote anything in the second wave: a word says so, without a heading.
    assert heads.pop("comments") == closed
    assert all(closed < opened for opened in heads.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_opens_by_its_link_in_english(subject: str) -> None:
    app = visit("satisfaction", year="2026", lang="en", more=subject)
    assert not app.exception
    assert not app.error


def test_the_english_view_has_a_survey_by_its_english_title_where_it_has_one() -> None:
    named = {
        lang: [each.options for each in visit("satisfaction", year="2025", lang=lang).selectbox]
        for lang in ("zh", "en")
    }
    assert ["调查S25", "调查K25"] in named["zh"]
    assert ["Survey of 2025", "调查K25"] in named["en"]


def test_every_cell_of_all_indices_says_a_figure_or_that_none_is_shown() -> None:
    table = pd.DataFrame({"S1_estimate": [80.04, 60.0, None], "S1_standing": ["above", "same", ""]})
    cells = _styled(table[["S1_estimate"]].set_axis(["总体"], axis=1), table, {"S1": "总体"})
    told = [
        line.split(">")[1].split("<")[0] for line in cells.to_html().splitlines() if "<td" in line
    ]
    assert told == ["80.0 ▲", "60.0", say("heat.blank", "zh")]


@pytest.mark.parametrize("subject", ["groups", "heat", "areas"])
def test_a_download_holds_no_more_than_the_screen(
    monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    taken: list[pd.DataFrame] = []

    def keep(heading: list[str], columns: dict[str, str], table: pd.DataFrame) -> bytes:
        notes = [name for name in table if str(name).endswith("note")]
        taken.append(table[[*notes, *(name for name in columns if name not in notes)]])
        return to_csv(heading, columns, table)

    monkeypatch.setattr("pages.shared.panels.to_csv", keep)
    # Written at once, not when it is asked for.
    monkeypatch.setattr("pages.shared.panels.noted", lambda _, make, *told: make(*told))
    visit("satisfaction", year="2025", survey="S25", item="Q3", more=subject)
    secret = 0
    for table in taken:
        for note in [name for name in table if str(name).endswith("note")]:
            own = [c for c in table if str(c).startswith(str(note).removesuffix("note"))]
            # A model's figure of a hidden township rests on the others.
            own = [c for c in own if subject != "areas" or c in ("n", "direct", "direct_low")]
            hidden = table[table[note].isin(["below_base", "complement"])]
            secret += len(hidden)
            assert hidden[own].select_dtypes("number").isna().all(axis=None)
    assert secret > 1


def test_hidden_groups_are_named_and_have_no_figure() -> None:
    app = visit("satisfaction", year="2025", survey="S25", more="groups")
    table = next(t.value for t in app.dataframe if "grouping" in t.value)
    hidden = table[table["name"].isin(["外来居住", "本地户籍"])]
    assert hidden[["n", "estimate", "low", "high"]].isna().all(axis=None)
    assert hidden["reason"].str.len().min() > 0


def test_a_group_below_the_total_and_no_gap_between_groups_is_explained() -> None:
    gaps = pd.DataFrame({
        "gap": ["S7", "range"], "dimension": ["disability", "disability"], "low": [0.6, 0.6],
        "higher": ["", "no"], "lower": ["yes", "yes"], "estimate": [3.0, 3.2],
        "beyond": [True, False],
    })  # fmt: skip
    assert "两处结论可以不同" in _gap_sentence(gaps)
    assert "两处结论可以不同" not in _gap_sentence(gaps.assign(beyond=False))
    assert "两处结论可以不同" not in _gap_sentence(gaps[gaps["gap"].eq("range")])


def test_a_second_wave_is_compared_with_the_first() -> None:
    app = visit("satisfaction", year="2026", more="waves", method="bh")
    table = panel_table(app, "p_adjusted")
    assert len(table) == 7
    assert "调查S25" in app.selectbox(key="since").options
    assert "BH法" in said(app)
    # The headline of the page says so as well, and names the band.
    assert "与上次调查（2025 年" in said(app)
    assert "档次：" in said(app)


def test_comments_are_shown_as_they_are_and_without_their_place() -> None:
    app = visit("satisfaction", year="2025", survey="S25", more="comments", town="990101100")
    shown = said(app)
    assert "路灯" in shown
    assert "<b>" not in shown
    assert say("comments.whole_county", "zh") in shown
    # The question's wording comes from a file: it is no Markdown.
    assert not [head.value for head in app.header if "![" in head.value]
    assert [head.value for head in app.header if r"\!\[" in head.value]


def test_an_evaluator_sets_marked_questionnaires_aside_and_takes_them_back() -> None:
    app = visit("satisfaction", year="2025", survey="S25", more="quality")
    app.checkbox(key="aside-S25-same_ip").check().run()
    shown = said(app)
    assert say("effect.title", "zh") in shown
    assert "301" in shown
    assert "293" in shown
    # Nothing is done unsigned.
    app.button[-1].click().run()
    assert say("errors.decision_unsigned.problem", "zh") in said(app).replace("\\", "")
    app.text_input(key="author-quality").input("李")
    reason(app).input("同一地址")
    app.button[-1].click().run()
    assert not app.exception
    assert say("satisfaction_more.set_aside", "zh", n=8) in said(app).replace("\\", "")
    app.checkbox(key="aside-S25-same_ip").uncheck().run()
    app.text_input(key="author-quality").input("李")
    reason(app).input("恢复")
    app.button[-1].click().run()
    assert not app.exception
    assert "已搁置，" not in said(app)


def test_a_county_adopts_a_way_of_scoring_with_a_reason_and_returns() -> None:
    app = visit("satisfaction", year="2025", survey="S25", more="points", points="customary")
    assert say("points.undecided", "zh") in said(app)
    for way, mark in (("customary", True), ("mean", False)):
        app.session_state["points"] = way
        app.run()
        app.text_input(key="author-points").input("李")
        reason(app).input("县里统一")
        app.button[-1].click().run()
        assert not app.exception
        shown = said(app).replace("\\", "")
        assert (say("points.mark", "zh", way="100/80/60/30/0") in shown) == mark
        assert "县里统一" in shown
        # It stands in the line that heads every page and all that leaves it.
        elsewhere = said(visit("present", year="2025")).replace("\\", "")
        word = say("points.mark_since", "zh", year=2025, way="100/80/60/30/0")
        assert (word in elsewhere) == mark


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        # Both shown townships are level with the county; the third has no score at all.
        ([40.0, 40, 40], [60.0, 60, 60], "有得分的 2 个乡镇（街道）与全县都没有明显差别"),
        ([40.0, 10, 40], [60.0, 20, 60], "其余 1 个与全县没有明显差别"),
    ],
)
def test_what_is_said_of_all_covers_only_those_with_a_score(
    low: list[float], high: list[float], told: str
) -> None:
    table = pd.DataFrame(
        {
            "level": ["county", "township", "township", "township"],
            "unit_code": ["", "A", "B", "D"],
            "name_zh": ["县", "甲镇", "乙镇", "丙镇"],
            "name_en": ["C", "A", "B", "D"],
            "estimate": [50.0, 50, 15, None],
            "low": [*low, None],
            "high": [*high, None],
            "shown": [True, True, True, False],
            "note": ["", "", "", "below_base"],
        }
    )
    said_of_all = clear(table, Scope())
    assert told in said_of_all
    assert said_of_all.endswith("另有 1 个不显示得分，未作比较。")
    assert "未作比较" not in clear(table.head(3), Scope())


def test_where_nothing_can_be_told_the_true_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tables()
    facts["survey_answers"] = facts["survey_answers"].assign(value=4)
    with Store.open(tmp_path) as store:
        store.publish([Change(n, f) for n, f in facts.items()], author="t", message="t")
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    # Forty people each say the same: there are enough of them, but no error can be estimated.
    words = said(visit("satisfaction", more="heat"))
    assert say("satisfaction.no_errors", "zh") in words
    assert say("heat.nothing", "zh", base=30) not in words
    assert say("quality.units_clean", "zh", n=3) in said(visit("satisfaction", more="quality"))
