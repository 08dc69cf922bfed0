"""Templates on the Data page: what they cost is said, and nothing is asked twice in silence."""

from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.store import Change, Store
from data.words import catalogue
from tests.pages.conftest import Look
from tests.pages.county import fill, said, visit

ZH = catalogue("zh")


def at_templates() -> AppTest:
    """Open the Data page and choose the tab of templates and surveys."""
    app = visit("upload", part="templates")
    assert not app.exception
    return app


def test_a_kit_that_asks_again_is_offered_only_with_its_reason(folder: Path) -> None:
    fill(folder)
    forms = [("BB-1", "县民政局", "990121", "township.migrants_n", "流动人口月报")]
    names = ["form_id", "issuer", "county_code", "field_std_code", "form_name"]
    with Store.open(folder) as store:
        store.publish(
            [Change("form_fields", pd.DataFrame(forms, columns=names))], author="a", message="m"
        )

    def offered() -> bool:
        buttons = [each.proto.label for each in app.get("download_button")]
        return ZH["templates.kit_download"] in buttons

    app = at_templates()
    assert "其他在用报表已经采集" in said(app)
    assert "需要填写的" in said(app)
    assert not offered()
    reason = app.text_input("reason-township_year-township.migrants_n-BB-1")
    assert "（流动人口月报，县民政局已采集）" in reason.label  # not by its number alone
    publish = next(b for b in app.button if b.label == ZH["templates.again_publish"])
    publish.click().run()
    assert ZH["templates.again_needs"] in [each.value for each in app.warning]
    app.text_input("reason-township_year-township.migrants_n-BB-1").input("口径不同")
    app.text_input("kit-author").input("李评")
    next(b for b in app.button if b.label == ZH["templates.again_publish"]).click().run()
    assert not app.exception
    assert "（流动人口月报已有）的理由：口径不同" in said(app)
    assert offered()
    before, after = ZH["templates.register_publish"].split("{n}")
    (register,) = (
        b.label for b in app.button if b.label.startswith(before) and b.label.endswith(after)
    )
    next(b for b in app.button if b.label == register).click().run()
    assert ZH["upload.needs_author"] in [each.value for each in app.warning]
    app.text_input("register-author").input("李评")
    next(b for b in app.button if b.label == register).click().run()
    assert any("已登记" in each.value for each in app.success)
    st.cache_resource.clear()  # the page holds the store open
    with Store.open(folder) as store:
        newest = store.history()[0]
    assert (newest.author, newest.message) == ("李评", ZH["templates.register_message"])


def test_the_sample_size_explains_itself(look: Look) -> None:
    look(fill)
    words = said(at_templates())
    # Nobody knows how many residents there are: three townships, 1.5 times 385 people each.
    assert "**1,731** 份有效答卷" in words
    assert "384.15" in words
    assert "人口无限大" in words


def test_the_link_says_which_part_of_the_page_is_open(look: Look) -> None:
    look(fill)
    app = at_templates()
    assert "templates" in app.query_params["part"]
    app = visit("upload", part="history", lang="en")
    assert app.session_state["part"] == "history"
    app = visit("upload", part="nothing")
    assert "part" not in app.query_params
    assert any("nothing" in each.value for each in app.warning)
