"""What stands beside a score on the pages: flags, sides compared, what would change a band."""

import re
from collections.abc import Iterator

import pandas as pd
import pytest

from data.store import Change, Store
from metrics.exports import profile_words
from pages.shared.assessment import parts as assessment_panels
from pages.shared.overview import tiles
from tests.pages.county import assessed, forget, panel_table, said, visit

TOWN = "990121105"


@pytest.fixture(scope="module", autouse=True)
def _county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nine units with reported values, looked at by every test; one of them held no drill."""
    folder = tmp_path_factory.mktemp("county")
    assessed(folder)
    drills = pd.DataFrame(
        {"unit_code": [TOWN], "indicator_id": ["B4.1"], "year": [2025], "value": [0.0]}
    )
    with Store.open(folder) as store:
        store.publish([Change("reported_values", drills)], author="t", message="t")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIXIAO_DATA", str(folder))
        forget()
        yield
        forget()


@pytest.mark.parametrize("page", ["overview", "assessment", "township"])
def test_a_red_flag_stands_beside_the_band(page: str) -> None:
    assert "全年没有综合应急演练" in said(visit(page, town=TOWN))


def test_the_county_names_the_flagged_and_its_table_carries_the_flags() -> None:
    shown = visit("assessment")
    assert "1 个乡镇（街道）有警示事项：**第5镇**" in said(shown)
    bands = panel_table(shown, "band_word", "score")
    flags = dict(zip(bands["unit"], bands["flags"], strict=True))
    assert flags.pop("第5镇") == "全年没有综合应急演练"
    assert set(flags.values()) == {""}
    assert "第5镇" in said(visit("overview"))


@pytest.mark.parametrize("page", ["assessment", "township"])
def test_sides_without_a_survey_say_what_is_missing(page: str) -> None:
    shown = said(visit(page, **({"town": TOWN} if page == "township" else {})))
    assert "还没有同时具备客观指标得分和满意度的单位" in shown
    assert "还没有同时具备走访报送和问卷 R07 的单位" in shown


def test_a_score_that_hears_no_resident_says_so() -> None:
    assert "没有可以使用的满意度数据，这个得分只依据客观指标" in said(visit("township", town=TOWN))
    # Marked by name only among others where residents are heard: a mark on all tells nothing apart.
    heard = pd.DataFrame({"score": [60.0, 50.0], "satisfaction": [70.0, None], "flags": [1, 1]})
    assert assessment_panels._marks(heard) == [" ※", " ※ ◇"]
    assert assessment_panels._marks(heard.assign(satisfaction=float("nan"))) == [" ※", " ※"]
    drawn: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            assessment_panels.navigation,
            "link",
            lambda _page, _place, name, **_to: drawn.append(name),
        )
        names = {"name_zh": ["甲镇", "乙镇"], "name_en": ["A", "B"], "unit_code": ["1", "2"]}
        assessment_panels.members(heard.assign(**names, band=[3, 4]))
    assert drawn == ["甲镇 ※", "乙镇 ※ ◇"]  # each alone in its band
    unit = {
        "name_zh": "甲镇", "name_en": "A", "score": 60.0, "band": 3, "data_share": 1.0,
        "satisfaction": 70.0, "note": "partly_facts",
    }  # fmt: skip
    assert "部分模块没有可以使用的满意度数据" in assessment_panels.verdict(unit)
    alone = assessment_panels.verdict(unit | {"satisfaction": None, "note": "facts_only"})
    assert "这个得分只依据客观指标" in alone
    assert "满意度" not in assessment_panels.verdict(unit | {"note": ""})


def test_what_changed_adds_up() -> None:
    verdicts = ["better"] * 2 + ["worse"] + ["moved"] * 3 + ["noise"] * 4 + ["same"] * 5 + ["open"]
    said = profile_words.changed(pd.DataFrame({"verdict": verdicts}), 2025).zh
    told, *parts = (int(figure) for figure in re.findall(r"\d+", said.replace("2024", "")))
    assert (told, sum(parts), len(parts)) == (16, 16, 6)


def test_a_township_is_told_what_would_change_its_band() -> None:
    shown = visit("township", town=TOWN)
    text = said(shown)
    assert "最小的一项变化" in text or "单靠一项指标不能" in text
    moves = panel_table(shown, "value_needed")
    assert set(moves["side"]) <= {"升档", "降档"}
    everywhere = panel_table(visit("assessment"), "stays")
    assert (everywhere[["stays", "rises", "falls"]].sum(axis=1) - 100).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("gap", "beyond", "words"),
    [
        (4.0, True, "**60岁及以上**最低，比总体低 4.0 分。"),
        (4.0, False, "差距还在抽样误差之内"),
        (-1.0, False, "都不低于总体"),
        (None, False, "不能与总体比较"),
    ],
)
def test_the_worst_off_group_is_named_only_as_far_as_it_is_known(
    gap: float | None, beyond: bool, words: str
) -> None:
    row = {"gap": "S7", "dimension": "age_band", "lower": "60+", "estimate": gap, "beyond": beyond}
    assert words in tiles._worst_off(pd.DataFrame([row]))


def test_the_bars_of_the_county_add_up_to_its_score() -> None:
    """Duties and the opinions beside them: 20 of 70 and 12 of 30 are 32."""
    rows = [
        ("total", None, "total", 100.0, 32.0),
        ("burden", "total", "block", 70.0, 20.0),
        ("G1", "burden", "indicator", 70.0, 20.0),
        ("S8", "total", "satisfaction", 30.0, 12.0),
        ("S1", "total", "satisfaction", 0.0, None),
    ]
    tree = pd.DataFrame(rows, columns=["node", "parent", "level", "weight", "contribution"])
    tree = tree.assign(name_zh=tree["node"], name_en=tree["node"])
    figure = assessment_panels.contributions(tree)
    assert figure is not None
    full, reached, _ = figure.data
    assert (sum(reached.x), sum(full.x)) == (32, 100)
