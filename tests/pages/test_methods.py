"""The methods page: narrowed by block and words, explained to the query, with its thresholds."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from data.words import catalogue
from metrics.queries import sql
from metrics.register import INDICATORS
from tests.pages.conftest import Look
from tests.pages.county import fill, panel_table, said, visit


def listed(app: AppTest) -> pd.DataFrame:
    return panel_table(app, "numerator")


def test_every_indicator_stands_there_and_is_explained_to_its_query(look: Look) -> None:
    look(fill)
    app = visit("methods", indicator="D6")
    assert not app.exception
    assert list(listed(app)["code"]) == list(INDICATORS)
    assert [block.value for block in app.code] == [sql("indicators/reach").strip()]
    assert "居民总数" in said(app)


def test_block_and_words_narrow_it_and_stand_in_the_link(look: Look) -> None:
    look(fill)
    assert list(listed(visit("methods", block="E"))["code"]) == ["E1", "E2", "E3", "E4"]
    found = visit("methods", find="drill", lang="en")
    assert set(listed(found)["code"]) == {"B4.1", "B4.2", "B4.3"}
    # A checklist is shown with its items, an index with its questions.
    assert "PARTY-1" in said(visit("methods", indicator="A4")).replace("\\", "")
    assert "R08" in said(visit("methods", indicator="S3"))
    nothing = visit("methods", find="没有这个词")
    assert catalogue("zh")["methods.nothing_found"] in [box.value for box in nothing.warning]


def test_the_notes_say_the_thresholds_in_force(look: Look) -> None:
    look(fill, minimum_base="45")
    shown = said(visit("methods", section="notes"))
    assert "少于 **45** 人" in shown
    assert "90、75、60、40" in shown
    assert "{" not in shown
