import ast
import string
from pathlib import Path

import pytest

from data.words import LANGUAGES, Text, both, catalogue, listing, quantity, say

ROOT = Path(__file__).resolve().parents[2]
SPEAKERS = {"t", "say", "both"}
SENTENCES_OF_A_REFUSAL = ("problem", "place", "next_step")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def spoken(tree: ast.AST) -> set[str]:
    """Return every literal key a source file says, refusals included."""
    keys = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        if name in SPEAKERS:
            keys.add(first.value)
        elif name == "DataError":
            keys |= {f"errors.{first.value}.{part}" for part in SENTENCES_OF_A_REFUSAL}
    return keys


SOURCES = [file for room in ("data", "metrics", "pages") for file in (ROOT / room).rglob("*.py")]


def test_both_languages_say_the_same_things() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))


def test_both_languages_take_the_same_values() -> None:
    differing = {
        key: (placeholders(zh), placeholders(catalogue("en")[key]))
        for key, zh in catalogue("zh").items()
        if placeholders(zh) != placeholders(catalogue("en").get(key, zh))
    }
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    assert [key for key, sentence in catalogue(language).items() if not sentence.strip()] == []


def test_every_refusal_says_problem_place_and_next_step() -> None:
    codes = {key.split(".")[1] for key in catalogue("zh") if key.startswith("errors.")}
    wanted = {f"errors.{code}.{part}" for code in codes for part in SENTENCES_OF_A_REFUSAL}
    assert wanted == {key for key in catalogue("zh") if key.startswith("errors.")}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_everything_said_in_the_code_is_in_the_catalogue(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert spoken(tree) - set(catalogue("zh")) == set()


def test_the_search_for_keys_finds_calls_and_refusals() -> None:
    tree = ast.parse('t("a.b"); words.say("c.d", "zh"); DataError("lost", x=1); t(f"e.{x}")')
    assert spoken(tree) == {
        "a.b", "c.d", "errors.lost.problem", "errors.lost.place", "errors.lost.next_step",
    }  # fmt: skip


def test_names_one_after_another_have_the_comma_of_each_language() -> None:
    assert listing(["a", Text("乙", "b"), 3]) == Text("a、乙、3", "a, b, 3")


def test_a_text_inside_a_sentence_speaks_its_language() -> None:
    place = Text("云岭县", "Yunling County")
    assert say("shell.fill_with", "zh", tables=place).count("云岭县") == 1
    assert both("shell.fill_with", tables=place).en.count("Yunling County") == 1


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("1 units have both", "1 unit has both"), ("Of **1** townships", "Of **1** township"),
        ("1 facilities operate", "1 facility operates"), ("1 people are", "1 person is"),
        ("2.1 points", "2.1 points"), ("0–1 points", "0–1 points"), ("21 units", "21 units"),
        ("1,001 units", "1,001 units"), ("B-1 units", "B-1 units"), ("1 is less", "1 is less"),
    ],
)  # fmt: skip
def test_one_is_singular_in_english(said: str, right: str) -> None:
    assert quantity(*said.split(" ", 1)) == right


def test_a_sentence_counts_one_in_the_singular() -> None:
    told = both("map.pairs", n=1, short=1)
    assert told.en.startswith("1 unit has both figures")
    assert both("map.pairs", n=2, short=1).en.startswith("2 units have both figures")
