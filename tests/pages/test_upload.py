"""A file that waits on the Data page: what is asked, and what is said of it."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.coordinates import convert
from data.drafting import drafts, mappings
from data.store import Change, Store
from data.words import catalogue
from pages.shared import results
from pages.shared.words import plain
from tests.pages.county import fill, said, visit

ZH = catalogue("zh")
MINIMUM = pd.DataFrame({"name": ["minimum_base"], "value": ["40"]})


def opened(folder: Path, name: str, text: str, encoding: str = "utf-8") -> AppTest:
    """Open the Data page on a file that waits there."""
    fill(folder)
    with Store.open(folder) as store:
        drafts.keep(store, name, text.encode(encoding))
    return press(visit("upload"), ZH["upload.draft_continue"])


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def test_two_readings_of_a_file_are_two_buttons(folder: Path) -> None:
    text = "community_code;township_code,name_zh;kind\n990121100201;990121100,甲村;village\n"
    app = opened(folder, "村.csv", text)
    assert ZH["upload.read_with"] in said(app)
    # Read with semicolons the header names columns that no table has: they can be mapped.
    press(app, "用分号分列，内容可用双引号包住")
    assert ZH["upload.read_with"] not in said(app)
    assert app.selectbox[4].value == ';"'


def test_titles_and_totals_are_listed_with_their_lines(folder: Path) -> None:
    text = (
        "示例县村（社区）名单,,,,,\n"
        "community_code,township_code,name_zh,kind,lat,lon\n"
        "990121100201,990121100,甲村,village,30.5,110.5\n"
        "合计,,,,30.5,\n"
    )
    app = opened(folder, "村.csv", text, "gb18030")
    assert "有 2 行不是记录" in said(app)
    listed = next(t.value for t in app.dataframe if ZH["upload.text_of_row"] in t.value)
    assert listed[ZH["upload.line"]].tolist() == [1, 4]
    assert listed[ZH["upload.kind"]].tolist() == ["标题", "合计"]


@pytest.mark.parametrize("picked", [1, 2])
def test_the_question_that_says_the_township_is_asked(folder: Path, picked: int) -> None:
    header = (
        "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,"
        "1、您所在的乡镇,2、您户籍的乡镇,3、您对本镇工作总体满意吗？\n"
    )
    row = "{n},2025/5/1 10:00:0{n},80秒,微信,无,1.2.3.4(未知-未知),云溪镇,石桥镇,满意\n"
    text = header + "".join(row.format(n=n) for n in range(1, 4))
    app = opened(folder, "问卷.csv", text)
    assert ZH["upload.township_is_in"] in said(app)
    labels = [b.label for b in app.button if "乡镇" in b.label]
    press(app, labels[picked - 1])
    places = next(t.value for t in app.dataframe if ZH["upload.read"] in t.value)
    use = dict(zip(places[ZH["upload.question"]], places[ZH["upload.read"]], strict=True))
    assert [q for q, word in use.items() if word == ZH["upload.use_area"]] == [f"Q{picked}"]


def test_the_problems_are_offered_as_a_workbook_to_send_back(folder: Path) -> None:
    text = "community_code,township_code,name_zh,kind\n990121100201,990121100,甲村,hamlet\n"
    app = opened(folder, "村.csv", text)
    buttons = [each.proto.label for each in app.get("download_button")]
    assert ZH["upload.problems_workbook"] in buttons
    # What is wrong is said in a whole sentence, and the column as people call it.
    table = next(t.value for t in app.dataframe if ZH["upload.reason"] in t.value)
    assert table[ZH["upload.column"]].tolist() == ["类别"]
    assert "1 处（文件第 2 行）" in said(app)
    assert ZH["upload.words_hint"] in said(app)
    # What the word means is said once, and the record passes.
    word = next(box for box in app.selectbox if "hamlet" in box.label)
    word.select("village")
    app = press(app, ZH["upload.mapping_apply"])
    assert "hamlet → 村" in said(app)
    assert not [t for t in app.dataframe if ZH["upload.reason"] in t.value]


def test_a_column_shows_values_that_differ_also_where_its_first_cells_are_empty(
    folder: Path,
) -> None:
    rows = [("甲", ""), ("甲", ""), ("甲", ""), ("甲", "在用"), ("乙", "停用"), ("甲", "停用")]
    text = "\n".join(["单位,状况,空", *(f"{name},{state}," for name, state in rows)])
    app = opened(folder, "怪表.csv", text)
    shown = [each.value for each in app.caption if each.value.startswith(("例", "前"))]
    assert shown == ["例：甲、乙", "例：在用、停用", "前 6 行没有值"]


def test_a_saved_mapping_that_was_applied_is_what_the_panel_shows(folder: Path) -> None:
    header, words = ["纠纷号", "哪里的", "哪天收的", "怎样了"], {"怎样了": {"谈成了": "agreement"}}
    names = ["dispute_id", "township_code", "accepted_on", "outcome"]
    told = {"table": "disputes", "columns": dict(zip(header, names, strict=True)), "words": words}
    mappings.save(folder, "调解台账", header, told)
    app = opened(folder, "纠纷.csv", ",".join(header) + "\nD1,990121100,2025-03-01,谈成了\n")
    assert "调解台账" in said(app)
    shown = {box.label: box.value for box in app.selectbox}
    assert [shown[f"“{each}”是"] for each in header] == names
    # Checked again as it stands it is read the same, the word of the file as well.
    app = press(app, ZH["upload.mapping_apply"])
    assert "谈成了 → 达成协议" in said(app)


def test_first_of_all_the_places_are_asked_for(folder: Path) -> None:
    Store.open(folder).close()
    app = visit("upload")
    assert ZH["upload.first_towns"] in [each.value for each in app.info]
    assert ZH["shell.towns_first"] in said(visit("satisfaction"))


def test_then_the_villages_are_asked_for(folder: Path) -> None:
    fill(folder)
    assert ZH["upload.first_villages"] in [each.value for each in visit("upload").info]


def test_the_button_that_publishes_says_what_it_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(st, "spinner", lambda words: shown.append(words) or nullcontext())
    lines = [f"9901211002{n:02d},990121100,村{n},village" for n in range(1, 8)]
    wrong = [f"9901211003{n:02d},990121100,村{n},hamlet" for n in range(1, 8)]
    text = "\n".join(["community_code,township_code,name_zh,kind", *lines, *wrong]) + "\n"
    app = press(opened(folder, "村.csv", text), ZH["upload.publish"])
    # Of more than five lines the first are named, in one piece with the rest.
    assert "（文件第 9、10、11、12、13 行等）" in said(app)
    assert "有 7 条记录没有通过检查" in said(app)
    app.checkbox[0].check()
    app = press(app, ZH["upload.publish"])
    assert ZH["upload.needs_author"] in [each.value for each in app.warning]
    app.text_input(key="author").input("李评")
    app = press(app, ZH["upload.publish"])
    assert any("共 7 条记录" in each.value for each in app.success)
    assert ZH["upload.publishing"] in shown  # no wait without a sign


def test_what_was_previewed_against_an_older_version_is_looked_at_again(folder: Path) -> None:
    text = "community_code,township_code,name_zh,kind\n990121100201,990121100,甲村,village\n"
    app = opened(folder, "村.csv", text)
    app.text_input(key="author").input("李评").run()
    with results.open_store("own") as store:
        other = pd.DataFrame({"community_code": ["990121100201"], "township_code": ["990121100"],
                              "name_zh": ["乙村"], "kind": ["village"]})  # fmt: skip
        version = store.publish([Change("communities", other)], author="王", message="")
        app = press(app, ZH["upload.publish"])
        assert ZH["upload.moved"].format(version=version) in [each.value for each in app.warning]
        assert store.version == version
        app = press(app, ZH["upload.publish"])
        assert store.version == version + 1
        assert store.read("SELECT name_zh FROM communities")["name_zh"].tolist() == ["甲村"]


def test_a_village_is_asked_for_with_its_township_and_an_answer_with_its_question(
    folder: Path,
) -> None:
    header = (
        "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,"
        "1、您所在的乡镇,2、您所在的村,3、您对本镇工作总体满意吗？\n"
    )
    row = "{n},2025/5/1 10:00:0{n},80秒,微信,无,1.2.3.4(未知-未知),{town},东村,{answer}\n"
    towns = ("云溪镇", "石桥镇", "某某镇")
    text = header + "".join(row.format(n=n, town=each, answer=n) for n, each in enumerate(towns, 1))
    app = opened(folder, "问卷.csv", text)
    understood = next(t.value for t in app.dataframe if ZH["upload.read"] in t.value)
    assert understood[ZH["upload.question"]].tolist() == ["Q1", "Q2", "Q3"]  # as in the file
    labels = [box.label for box in app.selectbox]
    villages = [label for label in labels if "东村" in label]
    # That of a township nobody knows yet has no villages to choose from.
    assert villages == [f"{town}的“东村”是哪个村（社区）？" for town in ("云溪镇", "石桥镇")]
    app.selectbox(key="use-Q3").select("sat5")
    app = press(app, ZH["upload.apply"])
    points = [box.label for box in app.selectbox if "算几分" in box.label]
    assert points == [f"“您对本镇工作总体满意吗？”答“{n}”的算几分？" for n in (1, 2, 3)]


def test_a_number_under_a_matrix_is_asked_for_with_the_words_of_the_matrix(folder: Path) -> None:
    header = (
        "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,"
        "1、您所在的乡镇,2、请评价以下方面—道路,2、路灯\n"
    )
    row = "{n},2025/5/1 10:00:0{n},80秒,微信,无,1.2.3.4(未知-未知),云溪镇,{n},{n}\n"
    app = opened(folder, "问卷.csv", header + "".join(row.format(n=n) for n in (1, 2)))
    app.selectbox(key="use-Q2_1").select("sat5")
    app = press(app, ZH["upload.apply"])
    points = [box.label for box in app.selectbox if "算几分" in box.label]
    assert points == [f"“请评价以下方面”答“{n}”的算几分？" for n in (1, 2)]


def test_the_way_back_is_named_and_needs_a_name(folder: Path) -> None:
    fill(folder)
    with Store.open(folder) as store:
        before = store.history()
        store.publish([Change("settings", MINIMUM)], author="李评", message="最少人数")
    app = visit("upload", part="history")
    back = next(box for box in app.selectbox if box.label == ZH["upload.back_to"])
    assert back.value == before[0].number
    assert before[0].message[:10] in back.options[0]
    button = next(each for each in app.button if each.label == ZH["upload.restore"])
    button.click().run()  # it is never grey: it says what it waits for
    assert ZH["upload.needs_author"] in [each.value for each in app.warning]
    app.text_input(key="restore-author").input("王五").run()
    press(app, ZH["upload.restore"])
    held = next(t.value for t in app.dataframe if ZH["upload.time"] in t.value)
    assert held[ZH["upload.by"]].tolist()[:2] == ["王五", "李评"]
    assert f"第 {before[0].number} 版" in held[ZH["upload.message"]].iloc[0]


def test_shifted_coordinates_are_suspected_and_converted_at_one_click(folder: Path) -> None:
    fill(folder)
    box = shapely.box(116, 39, 116.04, 39.04)
    units = {"unit_code": ["990121100"], "level": ["township"], "geometry": [shapely.to_wkb(box)]}
    lon, lat = np.random.default_rng(1).uniform(0.0, 0.04, (2, 90))
    x, y = convert(116 + lon, 39 + lat, "WGS84", "GCJ02")
    rows = [
        f"990121100{n + 201},990121100,村{n},village,{b!r},{a!r}"
        for n, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
    ]
    text = "\n".join(["community_code,township_code,name_zh,kind,lat,lon", *rows])
    with Store.open(folder) as store:
        store.publish([Change("boundaries", pd.DataFrame(units))], author="t", message="t")
        drafts.keep(store, "村.csv", text.encode())
    app = press(visit("upload"), ZH["upload.draft_continue"])
    assert "坐标可能是火星坐标 GCJ02（高德、腾讯地图）" in said(app)
    press(app, "按火星坐标 GCJ02（高德、腾讯地图）换算并重新检查")
    assert "坐标可能是" not in said(app)
    shown = next(t.value for t in app.dataframe if ZH["upload.placement_system"] in t.value)
    assert shown.iloc[0].tolist()[:2] == ["火星坐标 GCJ02（高德、腾讯地图），现在的读法", "100.0"]


def test_refused_files_stand_apart_with_their_reason_and_go_at_one_click(folder: Path) -> None:
    fill(folder)
    with Store.open(folder) as store:
        waits = drafts.keep(store, "好.csv", b"township_code,name_zh\n990121109,x\n")
        for name in ("一.csv", "二.csv"):
            drafts.keep(store, name, f"{name},b\n1,2\n".encode())
    app = visit("upload")
    for _ in range(2):  # the newest waiting first: 二, then 一
        press(app, ZH["upload.draft_continue"])
        assert "认不出这是哪张数据表" in said(app)
        press(app, ZH["upload.back"])
    assert "没能导入的文件（2 个）" in said(app)
    assert [c.value for c in app.caption].count("认不出这是哪张数据表") == 2
    assert [b.label for b in app.button].count(ZH["upload.draft_continue"]) == 1
    # Buttons of one wording tell by their tooltip which file they are about.
    discards = [b.help for b in app.button if b.label == ZH["upload.draft_discard"]]
    assert sorted(discards) == sorted(plain(f"{name}.csv") for name in "好一二")
    press(app, ZH["upload.discard_refused"])
    assert "已丢弃 2 个" in app.success[0].value
    assert waits.path.exists()
    assert len(list(waits.path.parent.glob("upload-*.json"))) == 1


def test_a_sheet_that_looks_like_a_survey_is_read_as_one_at_one_click(folder: Path) -> None:
    header = "乡镇,您对治安满意吗,干部来过几次,评分,最想改进,权重\n"
    row = "云溪镇,{0},{1},{1},路、灯,1.5\n"
    text = header + row.format("非常满意", 3) + row.format("一般", 5)
    app = opened(folder, "手录.csv", text)
    assert "这像是一份问卷" in said(app)
    press(app, ZH["upload.survey_read"])
    found = next(t.value for t in app.dataframe if ZH["upload.read"] in t.value)
    use = dict(zip(found[ZH["upload.question"]], found[ZH["upload.read"]], strict=True))
    assert use["Q1"] == ZH["upload.use_area"]
    assert use["Q2"] == ZH["upload.use_sat5"]
    assert use["weight"] == "权数"
    # What the file does not say is said once, and not of each respondent.
    assert "整份文件：" in said(app)
    assert "没有这个代码" not in said(app)
    # What nothing says is asked: of several answers in a cell also what stands between them.
    app.selectbox(key="use-Q3").select("count")
    app.selectbox(key="use-Q5").select("multi、")
    press(app, ZH["upload.apply"])
    found = next(t.value for t in app.dataframe if ZH["upload.read"] in t.value)
    use = dict(zip(found[ZH["upload.question"]], found[ZH["upload.read"]], strict=True))
    assert use["Q3"] == ZH["upload.use_count"]
    assert use["Q5_灯"] == ZH["upload.use_yesno"]


def test_a_long_cell_is_cut_before_its_marks_are_escaped(folder: Path) -> None:
    text = "甲,乙\n2026-01-01 00:00:00.000,x\n"
    app = opened(folder, "怪.csv", text)
    # Cut after that, the last sign would be the half of an escaped colon.
    assert any(r"2026\-01\-01 00\:00\:00\.…" in each.value for each in app.caption)
