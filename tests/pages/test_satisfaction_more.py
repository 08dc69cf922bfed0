"""The subjects behind the satisfaction page: each opens by its link, with words and figures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import Change, Store
from data.words import say
from pages.shared.satisfaction_more import SUBJECTS
from tests.metrics.test_satisfaction import frames
from tests.metrics.test_satisfaction_groups import attributes, second_wave
from tests.pages.test_pages import forget, said, visit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    facts = frames()
    facts["survey_respondents"] = attributes(facts["survey_respondents"])
    with Store.open(place) as store:
        for part in (facts, second_wave()):
            store.publish([Change(n, f) for n, f in part.items()], author="a", message="m")
    return place


@pytest.fixture(autouse=True)
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ZHIXIAO_DATA", str(folder))
    forget()
    yield
    forget()


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
    assert all(closed < opened for opened in heads.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_opens_by_its_link_in_english(subject: str) -> None:
    app = visit("satisfaction", year="2026", lang="en", more=subject)
    assert not app.exception
    assert not app.error


def test_hidden_groups_are_named_and_have_no_figure() -> None:
    app = visit("satisfaction", year="2025", survey="S25", more="groups")
    table = next(t.value for t in app.dataframe if "grouping" in t.value)
    hidden = table[table["name"].isin(["外来居住", "本地户籍"])]
    assert hidden[["n", "estimate", "low", "high"]].isna().all(axis=None)
    assert hidden["reason"].str.len().min() > 0


def test_a_second_wave_is_compared_with_the_first() -> None:
    app = visit("satisfaction", year="2026", more="waves", method="bh")
    table = next(t.value for t in app.dataframe if "p_adjusted" in t.value)
    assert len(table) == 7
    assert "调查S25" in app.selectbox(key="since").options
    assert "BH法" in said(app)
