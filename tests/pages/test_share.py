"""Sharing: a link restores the view, a frozen one keeps its figures, a wrong one says so."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import frozen_links
from data.access.accounts import LOCAL
from data.store import Change, Store
from data.words import say
from pages.shared import account, share
from pages.shared.satisfaction import headline
from tests.pages.conftest import Look
from tests.pages.county import TOWNS, fill, said, visit

CHINA = timezone(timedelta(hours=8))


def rename(folder: Path, name: str) -> tuple[int, int]:
    """Give the first township another name; return the versions before and after."""
    with Store.open(folder) as store:
        before = store.version
        town = {"township_code": next(iter(TOWNS)), "name_zh": name, "county_code": "990121"}
        rows = pd.DataFrame([town | {"unit_type": "township"}])
        return before, store.publish([Change("townships", rows)], author="t", message="改*名*")


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, int]]:
    place = tmp_path_factory.mktemp("renamed")
    fill(place)
    return place, rename(place, "新名镇")


@pytest.fixture
def versions(
    renamed: tuple[Path, tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, int]:
    """The versions of a store that is only looked at: its figures are kept for the next test."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(renamed[0]))
    return renamed[1]


def towns_of(app: AppTest) -> list[str]:
    return list(app.selectbox(key="town").options)


def test_a_frozen_link_shows_the_figures_of_its_version(versions: tuple[int, int]) -> None:
    before, after = versions
    now = visit("satisfaction")
    assert "新名镇" in towns_of(now)
    assert "冻结" not in said(now)
    frozen = visit("satisfaction", v=str(before))
    assert not frozen.exception
    assert "云溪镇" in towns_of(frozen)
    assert "新名镇" not in towns_of(frozen)
    # By the clocks of China, as everywhere else; the store counts in UTC.
    hours = [
        datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
        for moment in re.findall(r"冻结视图\S+ \d+\*\* · (\S+ \S+)", said(frozen))
    ]
    assert [abs(datetime.now(CHINA) - hour) < timedelta(hours=1) for hour in hours] == [True]
    assert f"冻结视图：数据版本 {before}" in said(frozen).replace("\\", "")
    # Leading back leads to the newest version.
    back = [link for link in frozen.get("page_link") if f"版本 {after}" in link.proto.label]
    assert len(back) == 1
    assert parse_qs(back[0].proto.query_string, keep_blank_values=True) == {"v": [""]}
    frozen.query_params["v"] = ""
    frozen.run()
    assert "新名镇" in towns_of(frozen)
    assert "冻结" not in said(frozen)
    assert "v" not in frozen.query_params


def test_the_frozen_version_goes_along_to_other_pages(versions: tuple[int, int]) -> None:
    frozen = visit("satisfaction", v=str(versions[0]))
    links = [link.proto.query_string for link in frozen.get("page_link")]
    carried = [text for text in links if f"v={versions[0]}" in text]
    assert len(carried) == len(links) - 1


@pytest.mark.usefixtures("versions")
@pytest.mark.parametrize("wrong", ["99", "0", "x", "-1", "²", "9" * 40, "1.5"])
def test_an_unknown_version_falls_back_with_a_word(wrong: str) -> None:
    app = visit("satisfaction", v=wrong)
    assert not app.exception
    assert "新名镇" in towns_of(app)
    assert wrong[:10] in said(app).replace("\\", "")


def test_nothing_is_written_in_a_frozen_view(versions: tuple[int, int]) -> None:
    app = visit("upload", v=str(versions[0]))
    assert not app.exception
    app.text_input(key="settings-author").input("李评")
    button = next(b for b in app.button if b.label == say("upload.save", "zh"))
    button.click().run()
    assert not app.exception
    refused = say("errors.version_is_past.problem", "zh", version=versions[0])
    assert refused in "\n".join(each.value for each in app.error).replace("\\", "")


@pytest.mark.usefixtures("versions")
def test_the_panel_offers_the_link_of_this_view() -> None:
    app = visit("satisfaction", year="2025", town="990121101", size="large", theme="dark")
    app.button(key="share").click().run()
    assert not app.exception
    told = parse_qs(urlsplit(app.code[0].value).query)
    assert told["town"] == ["990121101"]
    assert told["size"] == ["large"]
    assert set(told) == {"town", "size"}


def test_a_frozen_view_is_passed_on_frozen(versions: tuple[int, int]) -> None:
    app = visit("satisfaction", v=str(versions[0]))
    app.button(key="share").click().run()
    assert parse_qs(urlsplit(app.code[0].value).query)["v"] == [str(versions[0])]


def test_a_link_handed_out_is_withdrawn_in_words(folder: Path) -> None:
    fill(folder)
    before, after = rename(folder, "新名镇")
    code = frozen_links.make(folder, folder, before, "满*意*度", "李评")
    frozen = visit("satisfaction", v=code)
    assert not frozen.exception
    assert "云溪镇" in towns_of(frozen)
    carried = [link.proto.query_string for link in frozen.get("page_link")]
    assert any(f"v={code}" in text for text in carried)
    listed = visit("present")
    assert "满*意*度" in said(listed).replace("\\", "")
    listed.button(key=f"withdraw-{code.split('.')[1]}").click().run()
    assert not listed.exception
    # The newest data stand instead, and the reader is told that they do.
    ended = visit("satisfaction", v=code)
    assert not ended.exception
    assert "新名镇" in towns_of(ended)
    assert say("errors.link_withdrawn.problem", "zh") in said(ended)
    assert say("share.live_instead", "zh", version=after) in said(ended)
    assert "v" not in ended.query_params
    altered = visit("satisfaction", v=f"{after}{code[len(str(before)) :]}")
    assert say("errors.link_unknown.problem", "zh") in said(altered)


def test_who_may_only_look_needs_a_link_for_an_earlier_version(
    versions: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = replace(LOCAL, role="viewer")
    monkeypatch.setattr(account, "current", lambda: viewer)
    bare = visit("satisfaction", v=str(versions[0]))
    assert "新名镇" in towns_of(bare)
    assert say("errors.link_unknown.problem", "zh") in said(bare)
    bare.button(key="share").click().run()
    assert list(bare.radio(key="share-figures").options) == [say("share.following", "zh")]


@pytest.mark.usefixtures("versions")
def test_a_view_for_a_room_has_nothing_to_choose_but_the_way_out() -> None:
    app = visit("satisfaction", present="yes")
    assert not app.exception
    assert [button for button in app.button if button.key == "share"] == []
    labels = [link.proto.label for link in app.get("page_link")]
    assert say("share.leave", "zh") in labels


def test_the_code_is_dark_on_white_and_asks_for_nothing() -> None:
    drawn = share.qr("http://127.0.0.1:8501/coverage?town=990121101")
    assert drawn.startswith("<svg")
    assert "#fff" in drawn
    assert re.findall(r"https?://", drawn.replace("http://www.w3.org/2000/svg", "")) == []


@pytest.mark.parametrize("place", [("x", "1", "2"), ("99", "105", "9"), ("30", "105", "nan")])
@pytest.mark.usefixtures("versions")
def test_a_place_that_is_none_falls_back_with_a_word(place: tuple[str, str, str]) -> None:
    app = visit("coverage", **dict(zip(("lat", "lng", "z"), place, strict=True)))
    assert not app.exception
    assert " ".join(place) in said(app).replace("\\", "")


def test_a_run_overtaken_by_another_does_not_lose_the_panel(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map that moves asks for a run of its own just when the button has been pressed."""
    look(fill)
    app = visit("satisfaction")
    draw, moved = headline.identity, iter([True])

    def moving(survey: Mapping[str, Any]) -> None:
        draw(survey)
        if next(moved, False):
            st.rerun()

    monkeypatch.setattr(headline, "identity", moving)
    app.button(key="share").click().run()
    assert next(moved, None) is None
    assert app.radio(key="share-figures").options
    app.run()
    assert [each for each in app.radio if each.key == "share-figures"] == []
