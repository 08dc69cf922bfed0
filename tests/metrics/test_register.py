"""The indicator register: eighty indicators, both languages, formulas that exist."""

import csv
from collections import Counter

import pytest

from data.checklists import ITEMS
from data.contracts import CODES, TABLES
from data.errors import DataError
from metrics.queries import FOLDER, sql
from metrics.register import DEFAULTS, INDICATORS, indicator

TWELVE = {"B2.2", "B2.5", "B3.2", "B4.1", "B5.3", "C2", "D1", "D6", "D7", "D9", "E2", "F3"}
FIVE = {"G1", "G2", "G4", "G7", "G8"}
INDICES = {f"S{n}" for n in range(1, 7)}


def test_eighty_indicators_with_the_framework_s_blocks() -> None:
    assert len(INDICATORS) == 80
    blocks = Counter(i.block[0] for i in INDICATORS.values())
    assert blocks == {"A": 5, "B": 27, "C": 6, "D": 10, "E": 4, "F": 5, "G": 15, "S": 8}


def test_every_word_stands_in_both_languages() -> None:
    for each in INDICATORS.values():
        texts = (each.name, each.definition, each.unit, each.dimension, each.target_source)
        assert all(text.zh and text.en for text in texts), each.id
        # Names are Chinese and English, not one language twice.
        assert each.name.zh != each.name.en
        assert each.definition.zh != each.definition.en
        assert any("\u4e00" <= sign <= "\u9fff" for sign in each.definition.zh), each.id
        assert bool(each.target_note.zh) == bool(each.target_note.en)


def test_light_start_is_twelve_five_and_six_and_all_of_them_run() -> None:
    light = {i.id for i in INDICATORS.values() if i.light_start}
    assert light == TWELVE | FIVE | INDICES
    assert all(INDICATORS[each].runs for each in light)


def test_blocks_c_to_g_and_the_surveys_run_whole() -> None:
    assert not [i.id for i in INDICATORS.values() if i.block in set("CDEFGS") and not i.runs]


def test_blocks_a_and_b_run_whole() -> None:
    assert not [i.id for i in INDICATORS.values() if i.block[0] in "AB" and not i.runs]


def test_a_checklist_is_asked_for_the_indicator_that_counts_it() -> None:
    asked: dict[str, set[str]] = {}
    for item in ITEMS:
        asked.setdefault(item.indicator_id, set()).add(item.checklist)
    counted = {i.id: set(i.parameters["checklists"]) for i in INDICATORS.values()
               if "checklists" in i.parameters}  # fmt: skip
    assert counted == asked


def test_limits_are_data_with_a_default() -> None:
    assert INDICATORS["C3"].parameters == {"sessions": 2.0}
    # A rule that nobody could verify is no default.
    assert INDICATORS["B1.3"].parameters == {"decision_days": None, "other_days": None}
    assert INDICATORS["G14"].parameters == {"hours": 24.0}
    with DEFAULTS.open(encoding="utf-8", newline="") as lines:
        defaults = list(csv.DictReader(lines))
    assert {d["parameter"] for d in defaults} == {c.value for c in CODES["indicator_param"]}
    assert all(d["source_zh"] and d["source_en"] and d["from_year"] for d in defaults)


def test_a_value_is_its_ratio_times_the_scale_of_its_unit() -> None:
    scales = {each: INDICATORS[each].scale for each in ("C4", "D2", "G9", "G10", "S1")}
    assert scales == {"C4": 100, "D2": 100, "G9": 1, "G10": 10_000, "S1": 1}


# Surveys answer by PSU: their error needs them.
GRAINS = tuple(f"-- One row per {grain}" for grain in ("township", "county", "PSU"))


def test_every_runnable_query_names_its_grain_and_its_sources_exist() -> None:
    for each in INDICATORS.values():
        if each.query:
            assert sql(each.query).startswith(GRAINS)
            assert (FOLDER / f"{each.query}.sql").is_file()
            assert set(each.sources) <= set(TABLES), each.id


def test_targets_and_what_they_rest_on() -> None:
    assert INDICATORS["C2"].target == 100
    assert INDICATORS["C2"].target_basis == "law"
    assert (INDICATORS["D1"].target_village, INDICATORS["D1"].target_community) == (80, 100)
    # A figure to compare with is shown and never scored as a target.
    assert INDICATORS["D7"].target == 90
    assert INDICATORS["D7"].scored_target is None
    assert INDICATORS["G2"].target is None
    assert INDICATORS["G2"].target_note.zh.startswith("逐年下降")
    assert INDICATORS["G7"].scored_target == 0


def test_who_has_an_indicator() -> None:
    assert not INDICATORS["B2.S1"].applies_to_unit("township")
    assert INDICATORS["B2.S1"].applies_to_unit("subdistrict")
    assert INDICATORS["B2.S1"].applies_to_unit(None)


def test_an_unknown_indicator_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        indicator("Z9")
    assert refused.value.code == "unknown_indicator"
    assert "Z9" in refused.value.problem.zh
