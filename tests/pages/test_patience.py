"""Waiting on the page: what is said, and that leaving ends the work."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from data.errors import DataError
from data.watch import Watch, current
from pages.shared.importing import patience


def slow() -> None:
    import time

    import streamlit as st

    from data.watch import current
    from pages.shared.importing import patience

    patience._QUICK_SECONDS, patience._LOOK_SECONDS = 0.05, 0.05

    def work() -> str:
        watch = current()
        assert watch is not None
        watch.rows, watch.expected = 1_200, 5_000
        time.sleep(0.4)
        return "ready"

    st.session_state.setdefault("lang", "zh")
    st.text(patience.waited(work, "甲.csv"))


def test_the_answer_comes_and_the_waiting_is_gone() -> None:
    app = AppTest.from_function(slow, default_timeout=30).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["ready"]
    assert not app.button


def test_the_sentence_tells_rows_and_time() -> None:
    watch = Watch(started=time.monotonic() - 10)
    assert "已用 10 秒" in patience._sentence(watch, "甲.csv")
    watch.rows, watch.expected = 200_000, 1_000_000
    watch.first = (time.monotonic() - 10, 0)
    said = patience._sentence(watch, "甲.csv")
    assert "200,000" in said
    assert "1,000,000" in said
    assert "40 秒" in said
    watch.first = (time.monotonic() - 60, 0)
    assert "4 分钟" in patience._sentence(watch, "甲.csv")
    watch.check(1_000)
    assert "已用" in patience._sentence(watch, "甲.csv")
    watch.checked(0)
    watch.checked(250)
    assert "已检查 250 条，共 1,000 条" in patience._sentence(watch, "甲.csv")


def test_the_bar_is_named_and_stands_where_the_rows_are() -> None:
    watch = Watch()
    assert "value" not in patience._bar(watch, "正在读取")
    watch.check(1_000)
    watch.checked(250)
    said = patience._bar(watch, '检查“<甲>"')
    assert 'max="1" value="0.250"' in said
    assert 'aria-label="检查“&lt;甲&gt;&quot;"' in said


def test_a_refusal_comes_through_and_leaving_stops_the_work() -> None:
    def refused() -> None:
        raise DataError("empty_file", file="甲.csv")

    with pytest.raises(DataError) as refusal:
        patience.waited(refused, "甲.csv")
    assert refusal.value.code == "empty_file"
    seen: list[Watch | None] = []
    patience.waited(lambda: seen.append(current()), "甲.csv")
    assert seen[0] is not None
    assert seen[0].stopped
