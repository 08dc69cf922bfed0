"""The obligations are whole: 251 of them, each with an answer, each gap with its reason."""

import csv
import re
from collections import Counter

from data.contracts import FOLDER
from data.obligations import AREAS, FEATURES, OBLIGATIONS
from data.words import LANGUAGES, catalogue


def test_all_251_obligations_stand_under_27_clauses_and_the_preamble() -> None:
    assert len(OBLIGATIONS) == len({each.id for each in OBLIGATIONS}) == 251
    clauses = Counter(each.clause for each in OBLIGATIONS)
    assert len(clauses) == 28
    assert (clauses["P"], clauses["I.i"], clauses["III.ii"], clauses["VII.iv"]) == (1, 8, 18, 19)
    for each in OBLIGATIONS:
        assert all(each.text), each.id
        assert re.fullmatch(rf"{re.escape(each.clause)}\.\d+", each.id)
        assert each.area == each.clause.split(".")[0]
        assert each.area in AREAS
        # Chinese is punctuated as Chinese.
        assert not re.search(r"[,:;()]", each.text.zh), each.id


def test_every_clause_has_its_name_in_both_languages() -> None:
    for language in LANGUAGES:
        named = {key for key in catalogue(language) if key.startswith("clauses.")}
        clauses = {f"clauses.{each.clause}" for each in OBLIGATIONS if each.clause != "P"}
        assert named == clauses | {f"clauses.area.{area}" for area in AREAS}


def test_every_obligation_has_an_answer_and_no_answer_is_lost() -> None:
    assert [each.id for each in OBLIGATIONS if not each.answers] == []
    with (FOLDER / "answers.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    assert len(rows) == sum(len(each.answers) for each in OBLIGATIONS)
    assert len({(r["obligation"], r["code"]) for r in rows}) == len(rows)


def test_what_stands_rests_on_something_and_what_does_not_says_why() -> None:
    for code, feature in FEATURES.items():
        assert all(feature.name), code
        assert bool(feature.evidence) == (feature.state in ("stands", "partly")), code
        assert all(feature.note) == (feature.state != "stands"), code
        assert code.startswith("N") == (feature.state == "not_measurable"), code
    for each in OBLIGATIONS:
        for answer in each.answers:
            assert all(answer.note) == bool(answer.state), (each.id, answer.code)
            assert answer.state in (None, "partly"), (each.id, answer.code)
    # Nothing is declared that answers nothing.
    used = {answer.code for each in OBLIGATIONS for answer in each.answers}
    assert set(FEATURES) <= used
