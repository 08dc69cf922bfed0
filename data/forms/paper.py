"""A questionnaire as it is printed: what stands on the sheet, in large type, in one language.

`paper_word` and `paper_pdf` set the same sheet; nothing is worded there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from data.contracts import TABLES
from data.surveys.designs import NOT_SCORED, SCALE, Design, Entry, entries
from data.words import Language, say

# Points; the page of a reader of 65 is set in nothing smaller than the choices of a table.
BODY, TITLE, SMALL = 16, 24, 12
# Points and centimetres of a column of choices: English words are longer.
HEAD: Mapping[Language, tuple[int, float]] = {"zh": (12, 1.78), "en": (10, 2.05)}
BOX = "□"
REGISTRATION = ("form_no", "issuer", "approved_by", "approval_no", "valid_until")
_META = TABLES["survey_meta"]


@dataclass(frozen=True)
class Line:
    """One question with its choices, or with blanks to write on. blanks: lines of them."""

    text: str
    choices: tuple[str, ...] = ()
    blanks: int = 0


@dataclass(frozen=True)
class Rows:
    """Questions that share their choices, set as a table. head: what stands above each choice."""

    heading: str
    head: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A questionnaire to print. registration: label and value of the approval, blanks included.

    mark: said under the title, such as that the county is fictional; '' for nothing.
    """

    language: Language
    title: str
    mark: str
    registration: tuple[tuple[str, str], ...]
    preface: str
    parts: tuple[Line | Rows, ...]
    thanks: str


def sheet(
    design: Design, registered: Mapping[str, str], language: Language,
    towns: Sequence[tuple[str, str]] = (), mark: str = "",
) -> Sheet:  # fmt: skip
    """Return what is printed. registered: columns of survey_meta, as far as they are known.

    towns: (code, name); many of them are written, not ticked.
    """
    few = towns if len(towns) <= _MOST_TICKED else ()
    return Sheet(
        language=language,
        title=design.title.in_language(language) or design.title.zh,
        mark=mark,
        registration=tuple(
            (_META.column(name).label.in_language(language), registered.get(name, ""))
            for name in REGISTRATION
        ),
        preface=say(f"form.preface.{design.audience}", language),
        parts=tuple(_parts(entries(design, few), language)),
        thanks=say("form.thanks", language),
    )


_MOST_TICKED = 12
_BLANKS = {"text": 3}


def _parts(asked: Sequence[Entry], language: Language) -> list[Line | Rows]:
    parts: list[Line | Rows] = []
    for scored, group in groupby(asked, key=lambda entry: entry.use == "sat5"):
        members = tuple(group)
        if scored:
            parts.append(_rows(members, language))
        else:
            parts += [_line(entry, language) for entry in members]
    return parts


def _rows(members: Sequence[Entry], language: Language) -> Rows:
    return Rows(
        heading=say("form.tick_one", language),
        head=tuple(_narrow(each.in_language(language)) for each in (*SCALE, NOT_SCORED)),
        questions=tuple(_numbered(entry, language) for entry in members),
    )


def _narrow(choice: str) -> str:
    """Return a choice as it stands above a column: Chinese breaks anywhere, so here where read."""
    if choice.isascii() or len(choice) < 4:
        return choice
    middle = choice.find("、") + 1 or len(choice) // 2
    return f"{choice[:middle]}\n{choice[middle:]}"


def _line(entry: Entry, language: Language) -> Line:
    choices = tuple(each.in_language(language) or each.zh for each in entry.options)
    blanks = 0 if choices else _BLANKS.get(entry.use, 1)
    return Line(_numbered(entry, language), choices, blanks)


def _numbered(entry: Entry, language: Language) -> str:
    text = entry.text.in_language(language) or entry.text.zh
    return say("form.numbered", language, number=entry.number, text=text)
