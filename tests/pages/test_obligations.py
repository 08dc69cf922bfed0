"""The obligations on the methods page; what is claimed to stand exists in this program."""

from importlib import import_module

import pytest

from data.contracts import CODES, TABLES
from data.obligations import FEATURES, OBLIGATIONS
from metrics.maps.catalogue import LAYERS
from metrics.obligations import standing
from pages.shared import navigation
from tests.pages.conftest import Look
from tests.pages.county import fill, panel_table, said, visit

CLAIMS = sorted({claim for each in FEATURES.values() for claim in each.evidence})


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_a_feature_rests_on_exists(claim: str) -> None:
    place, _, name = claim.partition(":")
    if place == "page":
        assert name in navigation.names()
    elif place == "table":
        assert name in TABLES
    elif place == "layer":
        assert name in LAYERS
    elif place == "code":
        codes, _, value = name.partition("/")
        assert value in {each.value for each in CODES[codes]}
    else:
        assert hasattr(import_module(place), name)


def test_all_of_them_are_turned_over_page_by_page_and_the_link_holds_the_page(look: Look) -> None:
    look(fill)
    pages = []
    for page in ("1", "11", "12"):
        app = visit("methods", section="obligations", **{"rows-methods-obligations": page})
        [shown] = [each.value for each in app.table if len(each.value.columns) == 6]
        pages.append(list(shown["编号"].str.replace("\\", "")))
        assert bool(app.warning) == (page == "12")  # there is no such page
    ids = [each.id for each in OBLIGATIONS]
    assert pages == [ids[:25], ids[250:], ids[:25]]


def test_the_page_counts_all_and_shows_those_asked_for(look: Look) -> None:
    look(fill)
    app = visit("methods", section="obligations", part="VII", state="not_measurable", lang="en")
    assert not app.exception
    table = panel_table(app, "missing")
    assert list(table["code"]) == ["VII.iv.5", "VII.v.1", "VII.v.6"]
    assert table["missing"].str.len().gt(20).all()
    answered = sum(standing(each) == "stands" for each in OBLIGATIONS)
    assert f"**251** obligations: {answered} are answered here in full" in said(app)
