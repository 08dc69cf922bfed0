"""The table of indices says what each index says by itself, and hides what each hides."""

from pathlib import Path

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction.figures import by_unit
from metrics.satisfaction.heat import heat
from tests.metrics.satisfaction.test_figures import frames


@pytest.mark.parametrize("scope", [Scope(), Scope(unit_type="subdistrict")])
def test_each_cell_is_that_of_its_index(tmp_path: Path, scope: Scope) -> None:
    facts = frames()
    asked = facts["survey_questions"]
    # Q3, with twelve answers in one township, is an index of its own here.
    asked["index_code"] = asked["index_code"].mask(asked["question_id"].eq("Q3"), "S5")
    with Store.open(tmp_path) as store:
        store.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        found = heat(store, scope, "S25")
        assert list(dict.fromkeys(found["item"])) == ["S1", "S2", "S5"]
        for item, rows in found.groupby("item"):
            alone = by_unit(store, scope, "S25", str(item))
            columns = ["unit_code", "estimate", "low", "high", "n", "shown", "note"]
            pd.testing.assert_frame_equal(
                rows[columns].reset_index(drop=True), alone[columns].reset_index(drop=True)
            )
        assert heat(store, scope, "S24").empty
    hidden = found[~found["shown"]]
    assert (len(hidden) > 0) == (scope.unit_type is None)
    assert (hidden["standing"] == "").all()
    assert hidden[["estimate", "n"]].isna().all(axis=None)
