"""Every sentence the program can say, once per language.

A catalogue is the folder `catalogues/<language>/`, one TOML file a room; keys are the
dotted paths inside the files (`errors.store_in_use.problem`). A test proves that both
languages have the same keys and the same {placeholders}.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FOLDER = Path(__file__).parent / "catalogues"
# Nouns that the English catalogues and the contract's units count.
_NOUNS = (
    "activities", "answers", "areas", "boundaries", "cells", "characters", "columns", "compounds",
    "coordinates", "counties", "days", "degrees", "digits", "duties", "facilities", "fields",
    "figures", "files", "grids", "groups", "hours", "households", "indicators", "indices", "issues",
    "items", "minutes", "organisations", "outcomes", "pairs", "parts", "people", "persons",
    "places", "points", "posts", "questionnaires", "questions", "records", "residents",
    "respondents", "rounds", "rows", "rules", "scores", "seconds", "services", "shapes", "signs",
    "steps", "tables", "tasks", "templates", "times", "topics", "townships", "trips", "units",
    "values", "villages", "weights", "years",
)  # fmt: skip
_ODD = {"people": "person", "indices": "index"}
_VERBS = {" have": " has", " are": " is", " were": " was", " do": " does"} | {
    f" {verb}": f" {verb}s"
    for verb in ("change", "equal", "keep", "lie", "need", "operate", "tell", "weigh")
}
# A 1 that is no part of another number (2.1, 0–1, B-1) and whether it stands out (**1** unit).
_COUNTED = re.compile(
    rf"((?<![\w.,:/–-])\*{{0,2}}1\*{{0,2}} )({'|'.join(_NOUNS)})\b({'|'.join(_VERBS)})?(?!\w)"
)


class Text(NamedTuple):
    """One sentence in both languages; Chinese is what `str` gives."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def in_language(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.zh if language == "zh" else self.en


def _flatten(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return all sentences of one language by dotted key.

    Raises ValueError when two files declare the same key.
    """
    import tomllib  # only where something is said

    sentences: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.toml")):
        for key, sentence in _flatten(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in sentences:
                raise ValueError(f"{key} is declared twice, the second time in {file}")
            sentences[key] = sentence
    return sentences


def say(key: str, language: Language, **values: object) -> str:
    """Return a sentence with its placeholders filled; a value may itself be a Text."""
    spoken = {
        name: value.in_language(language) if isinstance(value, Text) else value
        for name, value in values.items()
    }
    said = catalogue(language)[key].format(**spoken)
    return _of_one(said) if language == "en" and "1" in said else said


def _of_one(sentence: str) -> str:
    """Write the English noun behind a 1, and its verb, in the singular: 1 unit has."""
    return _COUNTED.sub(
        lambda found: f"{found[1]}{_singular(found[2])}{_VERBS.get(found[3], found[3] or '')}",
        sentence,
    )


def _singular(noun: str) -> str:
    return _ODD.get(noun) or (f"{noun[:-3]}y" if noun.endswith("ies") else noun[:-1])


def quantity(number: str, unit: str) -> str:
    """Return a number with its unit; a percent sign stands close."""
    return number + unit if unit in ("", "%") else _of_one(f"{number} {unit}")


def listing(names: Iterable[object]) -> Text:
    """Return names one after another, with the comma of each language; a name may be a Text."""
    said = list(names)
    sides = [
        [name.in_language(side) if isinstance(name, Text) else str(name) for name in said]
        for side in LANGUAGES
    ]
    return Text(zh="、".join(sides[0]), en=", ".join(sides[1]))


def both(key: str, **values: object) -> Text:
    """Return a sentence in both languages."""
    return Text(zh=say(key, "zh", **values), en=say(key, "en", **values))
