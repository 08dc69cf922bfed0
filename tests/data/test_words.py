"""Both languages say the same things, and everything that is said has words."""

import re
import string
from pathlib import Path

from data.words import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
_CALL = re.compile(r"\b(?:t|say|both)\(\s*\"([a-z_]+(?:\.[a-zA-Z0-9_]+)+)\"")
_ERROR = re.compile(r"DataError\(\s*\"([a-z_]+)\"")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    zh, en = (catalogue(language) for language in LANGUAGES)
    assert set(zh) == set(en)
    assert [k for k in zh if placeholders(zh[k]) != placeholders(en[k])] == []


def test_no_english_sentence_stands_in_the_chinese_catalogue() -> None:
    english = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
    found = [k for k, w in catalogue("zh").items() if english.search(re.sub(r"{\w+}", "", w))]
    assert found == ["errors.extension_missing.next_step"]  # a command to type


def test_every_sentence_that_is_said_exists() -> None:
    known = set(catalogue("zh"))
    missing = []
    for file in [f for part in ("data", "metrics", "pages") for f in (ROOT / part).rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        missing += [(file.name, key) for key in _CALL.findall(text) if key not in known]
        wanted = [f"errors.{code}.{part}" for code in _ERROR.findall(text)
                  for part in ("problem", "place", "next_step")]  # fmt: skip
        missing += [(file.name, key) for key in wanted if key not in known]
    assert missing == []
