"""Which dialect a delimited text is written in, by one rule: all records have as many fields.

RFC 4180 with a comma, Tab, semicolon or bar comes first; other quotes and escapes are candidates
only where the file shows them. Two dialects that explain a file equally well and give different
cells are a question to a person, never a guess.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import NamedTuple

from data.errors import DataError
from data.formats import fixed_width
from data.formats.decode import open_text, pieces, texts
from data.formats.dialects import Dialect, separator_line
from data.formats.framing import HEAD, closed, closing_kind, frame_of
from data.formats.grid import Limits

DELIMITERS = (",", "\t", ";", "|")
# Marks that also stand in ordinary text: only where no usual one separates anything.
_RARE = ("，", "；", "^", "~", ":", " ")
# A name, which no program has to quote.
_NAME = re.compile(r"[^',;|\t\r\n]*[^\W\d_][^',;|\t\r\n]*")
_SAMPLE_LINES = 2_000
_SAMPLE_CHARACTERS = 4 << 20
# A delimiter that does not fit every sampled record is taken only when it fits most of them.
_MOST = 0.5


def choose(path: Path, encoding: str, name: str, limits: Limits) -> Dialect:
    """Choose the one dialect under which header and records have one field count above one.

    Raises DataError `dialect_ambiguous` (choices), `one_column`, `fixed_width_unclear`,
    `empty_file`.
    """
    sample, cut = _sample(path, encoding)
    told = separator_line(sample[0]) if sample else None
    source = _Source(path, encoding, name, limits, sample[1:] if told else sample, cut)
    delimiters = (told,) if told else DELIMITERS
    plain = [source.trial(Dialect(mark)) for mark in delimiters]
    signs = _signs(path, encoding, delimiters)
    variants = [source.trial(dialect) for dialect in _variants(delimiters, signs)]
    explained = _explained(source, [*plain, *variants])
    if explained:
        _refuse_rivals(name, explained[0], plain)
        return _only(source, explained)
    return _likeliest(source, plain, variants)


@dataclass(frozen=True)
class _Trial:
    """How well a dialect explains a text.

    width: fields of the header. fitting: share of the records with as many; -1 where quotes break
    in the header itself. whole: no quote breaks anywhere. titled: something stands above the
    header. bare: the header shows no quotes.
    """

    dialect: Dialect
    width: int
    fitting: float
    whole: bool
    titled: bool = False
    bare: bool = True
    records: int = 0

    @property
    def perfect(self) -> bool:
        return self.width > 1 and self.fitting == 1.0 and self.whole


class _Signs(NamedTuple):
    """What of other dialects than RFC 4180 a file shows anywhere.

    escaped: the characters that follow backslashes. blanks: delimiters before ` "`.
    """

    escaped: frozenset[str]
    apostrophe: bool
    blanks: tuple[str, ...]


@dataclass(frozen=True)
class _Source:
    """A text to try dialects on: the first lines of a file in memory, and the file."""

    path: Path
    encoding: str
    name: str
    limits: Limits
    sample: list[str]
    cut: bool

    def records(self, dialect: Dialect, whole: bool) -> Iterator[tuple[int, list[str]]]:
        if not whole:
            yield from dialect.records(self.sample, self.name, self.limits)
            return
        with open_text(self.path, self.encoding) as lines:
            first = next(lines, "")
            body = lines if separator_line(first) else chain([first], lines)
            yield from dialect.records(body, self.name, self.limits)

    def trial(self, dialect: Dialect, whole: bool = False) -> _Trial:
        faults: list[DataError] = []
        records = _unbroken(self.records(dialect, whole), faults)
        head = list(islice(records, HEAD))
        frame = frame_of(head)
        below = head[len(frame.above) + 1 :]
        header = closed(head[len(frame.above)], below) if head else []
        width, fit, bad = len(header), 0, 0
        for fields in chain(below, records):
            if len(fields) == width:
                fit += 1
            elif closing_kind(fields, width) is None:
                bad += 1
        # A quoted field may be open where the sample was cut.
        codes = {fault.code for fault in faults}
        unbroken = not codes or (self.cut and not whole and codes == {"quote_unclosed"})
        share = fit / (fit + bad) if fit + bad else 1.0
        return _Trial(
            dialect,
            width,
            share if head else -1.0,
            unbroken,
            titled=bool({"title", "blank"} & set(frame.above)),
            bare=not any(cell[:1] == cell[-1:] and cell[:1] in ("'", '"') for cell in header),
            records=fit,
        )

    def difference(self, one: Dialect, other: Dialect, whole: bool, strip: bool) -> bool:
        """Say whether two dialects give different cells; strip: but for blanks around them."""
        faults: list[DataError] = []
        both = (_unbroken(self.records(each, whole), faults) for each in (one, other))
        for first, second in zip_longest(*both, fillvalue=()):
            if first != second and not (strip and _stripped(first) == _stripped(second)):
                return True
        return False

    def uneven(self, plain: Dialect, quoted: Dialect) -> bool:
        """Say whether no program quotes so: within a column one cell, without need, and not others.

        A name that somebody put between apostrophes, in a file that has no other use for them.
        """
        if (plain.quote, quoted.quote, plain.delimiter) != ('"', "'", quoted.delimiter):
            return False
        marked, bare = set[int](), set[int]()
        faults: list[DataError] = []
        both = (_unbroken(self.records(each, self.cut), faults) for each in (plain, quoted))
        for first, second in islice(zip_longest(*both, fillvalue=()), 1, None):
            if len(first) != len(second):
                return False
            for n, (cell, inside) in enumerate(zip(first, second, strict=True)):
                if cell == inside:
                    bare |= {n} if cell.strip() else set()
                elif cell == f"'{inside}'" and _NAME.fullmatch(inside):
                    marked.add(n)
                else:
                    return False
        return bool(marked & bare)


def _stripped(fields: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in fields]


def _unbroken(
    records: Iterator[tuple[int, list[str]]], faults: list[DataError]
) -> Iterator[list[str]]:
    """Yield the fields of records up to the first fault; blank lines are none."""
    try:
        for _, fields in records:
            if fields:
                yield fields
    except DataError as fault:
        faults.append(fault)


def _sample(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Return the first lines, and whether the file goes on after them."""
    sample: list[str] = []
    characters = 0
    with open_text(path, encoding) as lines:
        for line in islice(lines, _SAMPLE_LINES):
            sample.append(line)
            characters += len(line)
            if characters > _SAMPLE_CHARACTERS:
                break
        return sample, next(lines, None) is not None


def _signs(path: Path, encoding: str, delimiters: Sequence[str]) -> _Signs:
    before_field = (*delimiters, "\n", "\r")
    quoted = re.compile(f' "(?=[^"{re.escape("".join(delimiters))}\r\n])')
    backslash, apostrophe, blanks, last = False, False, set[str](), "\n"
    for piece in texts(path, encoding) if _may_show_signs(path, encoding) else ():
        # What is sought may be cut in two where a piece ends.
        text = last + piece
        last = text[-3:]
        backslash = backslash or "\\" in text
        if "'" in text:
            apostrophe = apostrophe or any(mark + "'" in text for mark in before_field)
        if ' "' in text:
            # Inside a quoted field such a quote would be doubled, or be the one that closes.
            blanks |= {text[each.start() - 1] for each in quoted.finditer(text)} & {*delimiters}
    escaped: set[str] = set()
    if backslash:
        with open_text(path, encoding) as lines:
            for line in lines:
                if "\\" in line:
                    escaped.update(re.findall(r"\\([\s\S]?)", line))
    return _Signs(frozenset(escaped), apostrophe, tuple(sorted(blanks)))


def _may_show_signs(path: Path, encoding: str) -> bool:
    """Say whether a file has quotes or backslashes at all: its bytes are sooner looked at."""
    if encoding.startswith("utf-16"):
        return True
    return any(mark in piece for piece in pieces(path) for mark in (b"\\", b"'", b'"'))


def _variants(delimiters: Sequence[str], signs: _Signs) -> Iterator[Dialect]:
    """Yield the dialects other than RFC 4180 of which the file shows signs."""
    for mark in delimiters:
        # A writer escapes nothing but these; any other backslash is one that somebody typed.
        escapes = bool(signs.escaped) and signs.escaped <= {"\\", '"', "'", mark, "\r", "\n"}
        if signs.apostrophe:
            yield Dialect(mark, "'")
        if escapes:
            yield Dialect(mark, '"', backslash=True)
        if escapes and signs.apostrophe:
            yield Dialect(mark, "'", backslash=True)
        if mark in signs.blanks:
            yield Dialect(mark, blank=True)


def _explained(source: _Source, trials: list[_Trial]) -> list[_Trial]:
    """Return the trials that explain all and equally well, RFC 4180 first."""
    perfect = [trial for trial in trials if trial.perfect]
    if source.cut and len(perfect) > 1:
        again = [source.trial(trial.dialect, whole=True) for trial in perfect]
        # Where none explains the whole, what broke is named by reading.
        perfect = [trial for trial in again if trial.perfect] or perfect[:1]
    perfect = _without_idle_blanks(source, perfect)
    best = max(((trial.bare, not trial.titled) for trial in perfect), default=None)
    return [trial for trial in perfect if (trial.bare, not trial.titled) == best]


def _without_idle_blanks(source: _Source, perfect: list[_Trial]) -> list[_Trial]:
    """Blanks after a delimiter are skipped only where they hide quotes of a field, and then are."""
    kept = {trial.dialect: trial for trial in perfect}
    for blank in [dialect for dialect in kept if dialect.blank]:
        plain = Dialect(blank.delimiter)
        if plain in kept:
            hides = source.difference(plain, blank, source.cut, strip=True)
            del kept[plain if hides else blank]
    return list(kept.values())


def _refuse_rivals(name: str, chosen: _Trial, plain: list[_Trial]) -> None:
    """A title above the header explains much: not where another delimiter fits most records."""
    rivals = [
        trial.dialect
        for trial in plain
        if trial.width > 1
        and trial.fitting >= _MOST
        and trial.dialect.delimiter != chosen.dialect.delimiter
    ]
    if chosen.titled and rivals:
        raise _ambiguous(name, [chosen.dialect, *rivals])


def _only(source: _Source, explained: list[_Trial]) -> Dialect:
    first, *others = (trial.dialect for trial in explained)
    differing = [
        d
        for d in others
        if source.difference(first, d, source.cut, strip=False) and not source.uneven(first, d)
    ]
    if differing:
        raise _ambiguous(source.name, [first, *differing])
    return first


def _likeliest(source: _Source, plain: list[_Trial], variants: list[_Trial]) -> Dialect:
    """Return the delimiter that fits most records: those it does not fit are named by reading."""
    fitting = {trial.dialect: trial.fitting for trial in plain if trial.width > 1}
    best = max(fitting.values(), default=0.0)
    if best < _MOST and (rare := _rare(source)):
        return rare
    candidates = [d for d, share in fitting.items() if share == best and share >= _MOST]
    candidates = candidates or list(fitting)
    if len(candidates) > 1:
        raise _ambiguous(source.name, candidates)
    if candidates:
        _refuse_variants(source, candidates[0], plain, variants)
        return candidates[0]
    if all(trial.whole for trial in plain):
        return _by_place(source)
    # The quotes of the header break under every delimiter: reading it says where.
    return plain[0].dialect


def _by_place(source: _Source) -> Dialect:
    """Return how a text is parted in which no mark separates anything, if blanks certainly do."""
    if not any(map(str.strip, source.sample)):
        raise DataError("empty_file", file=source.name)
    if not fixed_width.looks_like_it(source.sample):
        raise DataError("one_column", file=source.name)
    with open_text(source.path, source.encoding) as lines:
        found = fixed_width.find([*lines])
    if found is None:
        raise DataError("fixed_width_unclear", file=source.name)
    return found


def _refuse_variants(
    source: _Source, chosen: Dialect, plain: list[_Trial], variants: list[_Trial]
) -> None:
    """Where no dialect fits all records, one that reads the rest otherwise is a question."""
    (told,) = (trial for trial in plain if trial.dialect == chosen)
    rivals = [
        trial.dialect
        for trial in variants
        if trial.dialect.delimiter == chosen.delimiter
        and (_better(trial, told) or _quoted_alike(trial, told))
        and source.difference(chosen, trial.dialect, source.cut, strip=True)
    ]
    if rivals:
        raise _ambiguous(source.name, [chosen, *rivals])


def _better(trial: _Trial, told: _Trial) -> bool:
    return trial.whole and trial.fitting >= told.fitting


def _quoted_alike(trial: _Trial, told: _Trial) -> bool:
    """Say whether headings stand between apostrophes, as if these were the quotes of the file."""
    return trial.dialect == Dialect(told.dialect.delimiter, "'") and not told.bare


def _rare(source: _Source) -> Dialect | None:
    likely = [trial for mark in _RARE if (trial := source.trial(Dialect(mark))).perfect]
    # Only what explains the beginning is tried on all of a long file.
    trials = [source.trial(t.dialect, whole=True) for t in likely] if source.cut else likely
    perfect = [t.dialect for t in trials if t.perfect and t.records and not t.titled]
    if len(perfect) > 1:
        raise _ambiguous(source.name, perfect)
    return perfect[0] if perfect else None


def _ambiguous(name: str, dialects: Sequence[Dialect]) -> DataError:
    choices = "  ".join(dict.fromkeys(dialect.said for dialect in dialects))
    return DataError("dialect_ambiguous", file=name, choices=choices)
