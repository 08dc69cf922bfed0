"""What a downloaded file is called: its title as people read it, whatever a file's words hold."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.scope import Scope
from pages.shared import panels
from pages.shared.panels import Panel
from pages.shared.words import file_name


def test_parts_are_joined_and_what_systems_do_not_take_is_left_out() -> None:
    assert file_name("得分 1/2: “好”", "", "示例县", 2025) == "得分 12 “好” 示例县 2025"
    assert file_name("..\\..\\etc", "x.") == "etc x"
    assert file_name("a\u202egpj.exe") == "agpj.exe"


@given(st.lists(st.text(), max_size=4))
def test_a_name_is_short_and_safe_whatever_it_is_made_of(parts: list[str]) -> None:
    name = file_name(*parts)
    assert not {*'\\/:*?"<>|'} & {*name}
    assert not [sign for sign in name if unicodedata.category(sign) == "Cc"]
    assert not name.startswith(".")
    assert len(name) <= 4 * 61


@pytest.mark.usefixtures("look")
def test_the_table_of_a_panel_is_called_by_its_title_place_and_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panels, "place_of", lambda _: None)
    panel = Panel("key", "**总体** 满意度", "", pd.DataFrame(), {}, "")
    assert panels.called(panel, Scope(year=2025)) == "总体 满意度 2025"
