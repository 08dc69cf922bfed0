"""The context page: figures with their parts, one breakdown as chosen, and never any points."""

import pandas as pd

from data.words import catalogue
from metrics.context import FIGURES
from pages.shared.duty.context_panels import bars
from tests.pages.conftest import Look
from tests.pages.county import fill, panel_table, said, visit


def test_without_data_every_figure_says_so(look: Look) -> None:
    look(fill)
    app = visit("context", breakdown="households", lang="en")
    assert not app.exception
    table = panel_table(app, "beside")
    assert list(table["value"]) == ["—"] * len(FIGURES)
    shown = said(app)
    assert f"{len(FIGURES)} figures, 0 of them with data" in shown
    assert catalogue("en")["context.nothing"] in shown
    assert catalogue("en")["context.never_scored"] in shown


def test_the_most_stand_first_and_others_last() -> None:
    table = pd.DataFrame({"breakdown": "case_domain", "category": ["other", "", "x", "y"]})
    drawn = bars("case_domain", table.assign(n=[9.0, 8.0, 1.0, 2.0]))
    assert drawn is not None
    assert list(drawn.data[0].x) == [2, 1, 9, 8]
