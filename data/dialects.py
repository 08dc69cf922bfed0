"""How a delimited text is written, found by one rule: all records have as many fields.

RFC 4180 with a comma, Tab, semicolon or bar comes first; other quotes and escapes are candidates
only where the file shows them. Two dialects that explain a file equally well and give different
cells are a question to a person, never a guess.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, takewhile, zip_longest
from pathlib import Path
from typing import NamedTuple

from data.decode import open_text, texts
from data.errors import DataError
from data.grid import Limits

DELIMITERS = (",", "\t", ";", "|")
# Marks that also stand in ordinary text: only where no usual one separates anything.
_RARE = ("，", "；", "^", "~", ":", " ")
# What a person says: a mark; a blank if one follows each mark; a quote; a backslash that escapes.
_SAID = re.compile(r"(tab|\\t|[^\w\"'\\\r\n])( ?)([\"']|none)?(\\?)", re.IGNORECASE)
_SAMPLE_LINES = 2_000
_SAMPLE_CHARACTERS = 4 << 20
# A delimiter that does not fit every sampled record is taken only when it fits most of them.
_MOST = 0.5
# Records in which the header is sought, and how many may stand above it.
HEAD = 200
_MOST_ABOVE = 20

_INCHES = re.compile(r'[0-9.,/ ]+"')
_NUMBER = re.compile(r"[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?[%％]?")
_LABELLED = re.compile(r"[^:：]{1,12}[:：]")
_FOOTER = re.compile(
    r"(填表人|填报人|制表人|制表|审核人|审核|负责人|单位负责人|统计负责人|联系人|联系电话|填表日期"
    r"|填报日期|制表日期|报出日期|注\d*|备注|说明|数据来源|资料来源|来源|notes?|source)\s*[:：]",
    re.IGNORECASE,
)
TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "subtotal", "grand total", "sum"})
_UNIT = re.compile(
    r"[(（]?(单位[:：]?)?(万|千|百|亿)?(人|元|户|个|亩|公顷|次|件|天|日|分|分钟|小时|年|岁|家|条|平方米|平方公里"
    r"|公里|千米|米|吨|%|％|‰|㎡|m²|km²|m2|km2|km|m)(/(人|户|年|月|万人|千人))?[)）]?"
)
_HANZI = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_ .()/%-]*")


class Stray(list[str]):
    """The fields of a record of which one may have lost its first quotation mark: `F1",甲站`.

    Where its cells end is not certain.
    """


@dataclass(frozen=True)
class Dialect:
    """quote: '' for none. backslash: it escapes quotes, delimiters, line ends and itself.

    Before anything else a backslash is a character like others. blank: blanks after a delimiter
    belong to it.
    """

    delimiter: str
    quote: str = '"'
    backslash: bool = False
    blank: bool = False

    @classmethod
    def of(cls, said: str) -> "Dialect":
        """Return the dialect that a person names: a delimiter, then what is not RFC 4180.

        `;` `tab` `,'` (single quotes) `,none` (no quotes) `,"\\` (backslash) `, ` (blank after).
        Raises DataError `dialect_unknown`.
        """
        told = _SAID.fullmatch(said)
        if told is None:
            raise DataError("dialect_unknown", delimiter=said)
        mark, blank, quote, backslash = told.groups()
        quote = {None: '"', "none": ""}.get(quote and quote.lower(), quote)
        mark = "\t" if mark.lower() in ("tab", "\\t") else mark
        return cls(mark, quote, bool(backslash), bool(blank))

    @property
    def said(self) -> str:
        """The name that `of` takes."""
        mark = "tab" if self.delimiter == "\t" else self.delimiter
        escape = "\\" if self.backslash else ""
        return f"{mark}{' ' * self.blank}{self.quote or 'none'}{escape}"

    def records(
        self, lines: Iterable[str], name: str, limits: Limits, first: int = 1
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield (line where the record starts, fields); a blank line is an empty list.

        Raises DataError `quote_error`, `quote_unclosed`, `record_too_long`.
        """
        # The limit is the whole process's; it is always this one.
        csv.field_size_limit(limits.record_bytes)
        written: list[str] = []
        reader = csv.reader(
            self._kept(lines, written),
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            # Without it Python takes any text after a closing quotation mark.
            doublequote=True,
            escapechar="\\" if self.backslash else None,
            skipinitialspace=self.blank,
            strict=True,
        )
        start = first
        try:
            for fields in reader:
                if written:
                    text = "".join(written)
                    if self._torn(text):
                        raise DataError("quote_error", file=name, line=start)
                    fields = self._weighed(text, fields)
                    written.clear()
                yield start, fields
                start = reader.line_num + first
        except csv.Error as error:
            line = reader.line_num + first - 1
            raise _quote_problem(str(error), name, start, line, limits) from error

    def _kept(self, lines: Iterable[str], written: list[str]) -> Iterable[str]:
        """Pass the lines on; those that hold a quotation mark stay in `written` as well."""
        if self.backslash:
            special = re.escape(f"\\{self.delimiter}{self.quote}\r\n")
            other = re.compile(rf"\\([{special}])|\\")
            lines = (other.sub(lambda each: each[0] if each[1] else r"\\", line) for line in lines)
        return self._remembered(lines, written) if self.quote else lines

    def _remembered(self, lines: Iterable[str], written: list[str]) -> Iterator[str]:
        for line in lines:
            if written or self.quote in line:
                written.append(line)
            yield line

    def _weighed(self, record: str, fields: list[str]) -> list[str]:
        """Return the fields, as Stray where a mark without counterpart may have closed a field.

        Within a field (5" long) it closes nothing, 5" are inches; an apostrophe is one of words.
        """
        closing = [each for each in fields if each.endswith('"') and not _INCHES.fullmatch(each)]
        if self.quote != '"' or not closing:
            return fields
        bare = re.sub(r"\\[\s\S]", "", record) if self.backslash else record
        return Stray(fields) if bare.count('"') % 2 else fields

    def _torn(self, record: str) -> bool:
        """Say whether a quotation opens within a field and closes at the end of a later one.

        `a"b,c",d` is `a,"b,c",d` with a delimiter lost, not the two fields `a"b` and `c"`.
        """
        mark, quote = re.escape(self.delimiter), re.escape(self.quote)
        if self.backslash:
            record = re.sub(r"\\[\s\S]", "..", record)
        if not re.search(f"[^{mark}{quote}\r\n]{quote}[^{mark}{quote}\r\n]", record):
            return False
        blank = " *" if self.blank else ""
        quoted = f"{blank}({quote}(?:[^{quote}]|{quote}{quote})*{quote})"
        field = f"(?:{quoted}|([^{mark}\r\n]*))(?:{mark}|[\r\n]*$)"
        opened = False
        for each in re.finditer(field, record):
            text = each[2] or ""
            if text.count(self.quote) % 2 == 0:
                continue
            if opened and text.endswith(self.quote):
                return True
            opened = opened or not text.endswith(self.quote)
        return False


def _quote_problem(reason: str, name: str, start: int, line: int, limits: Limits) -> DataError:
    if "field larger" in reason:
        limit = f"{limits.record_bytes >> 20} MB"
        return DataError("record_too_long", file=name, line=start, limit=limit)
    if "unexpected end" in reason:
        return DataError("quote_unclosed", file=name, line=start)
    return DataError("quote_error", file=name, line=line)


class Frame(NamedTuple):
    """above: kinds of the records above the header. second: another header row follows it.

    grouped: names made of both rows, where the first groups the columns of the second.
    """

    above: tuple[str, ...]
    second: bool
    grouped: tuple[str, ...] = ()


def frame_of(head: Sequence[Sequence[str]]) -> Frame:
    """Say what stands around the header in the first records of a file, blank lines not among them.

    Only what is certain: a row of which there is doubt is the header, or data.
    """
    above = _above(head)
    below = head[len(above) :]
    if grouped := _grouped(below):
        return Frame(above, True, grouped)
    return Frame(above, bool(below) and _has_second_header(below[0], below[1:]))


def is_number(cell: str) -> bool:
    """Say whether a cell is a number or a share as people write them."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def is_header(fields: Sequence[str]) -> bool:
    """Say whether a record can only be a header: each cell a word of its own."""
    words = {cell.strip() for cell in fields}
    return len(words) == len(fields) and all(words) and not any(map(is_number, words))


def closing_kind(fields: Sequence[str], width: int) -> str | None:
    """Say what a record is that may stand beneath the data: 'total', 'footer', 'comment'."""
    cells = [cell.strip() for cell in fields if cell.strip()]
    if not cells:
        return None
    if len(fields) == 1 < width and cells[0].startswith("#"):
        return "comment"
    odd = len(fields) != width
    if _FOOTER.match(cells[0]) and (odd or all(map(_LABELLED.match, cells))):
        return "footer"
    word = re.sub(r"\s+", " ", cells[0]).lower()
    named = word in TOTALS or (not word.isascii() and word.replace(" ", "") in TOTALS)
    numbers = [cell for cell in cells[1:] if not is_number(cell) and cell not in ("-", "—", "/")]
    return "total" if named and len(cells) > 1 and not numbers else None


def _above(head: Sequence[Sequence[str]]) -> tuple[str, ...]:
    counts = Counter(map(len, head))
    width = max(counts, key=lambda count: (counts[count], count), default=0)
    if width < 2:
        return ()
    kinds = tuple(takewhile(bool, (_kind_above(fields, width) for fields in head[:_MOST_ABOVE])))
    below = head[len(kinds) :]
    if len(below) > 1 and len(below[0]) == len(below[1]) == width:
        # Beneath a title that is written like a header of two columns only numbers are proof.
        slim = width == 2 and any(len(fields) == 2 for fields in head[: len(kinds)])
        if is_header(below[0]) and (not slim or _numbered(below[1:], width)):
            return kinds
        if _grouped(below):
            return kinds
    return tuple(takewhile(lambda kind: kind == "comment", kinds)) if len(below) else ()


def _kind_above(fields: Sequence[str], width: int) -> str:
    cells = [cell.strip() for cell in fields if cell.strip()]
    if not cells:
        return "blank"
    if fields[0].startswith("#") and len(fields) != width:
        return "comment"
    labelled = [bool(_LABELLED.match(cell)) for cell in cells]
    # A title alone or with 单位：… at its side; or 填报单位：… and 日期：… only.
    title = 2 * len(cells) <= width and all(labelled[1:]) and not is_number(cells[0])
    return "title" if title or (all(labelled) and len(cells) < width) else ""


def _numbered(records: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the columns that hold numbers and nothing else."""
    columns = zip(*(fields for fields in records if len(fields) == width), strict=True)
    filled = [[cell for cell in column if cell.strip()] for column in columns]
    return [place for place, cells in enumerate(filled) if cells and all(map(is_number, cells))]


def _grouped(below: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the names of columns whose headings stand in two rows, merged cells left empty.

    `人口 | | 面积` over `男 | 女 |` gives 人口/男, 人口/女, 面积. Only where a column of numbers
    beneath a word of the second row shows that it is no record; else nothing.
    """
    if len(below) < 4 or len(below[0]) != len(below[1]):
        return ()
    top, second = ([cell.strip() for cell in row] for row in below[:2])
    if all(top) or any(map(is_number, (*top, *second))):
        return ()
    names, group = [], ""
    for above, beneath in zip(top, second, strict=True):
        if above:
            group = above if beneath else ""
        elif not (group and beneath):
            return ()
        names.append(f"{group}/{beneath}" if beneath else above)
    proof = _numbered(below[2:], len(top))
    shown = any(second[place] for place in proof)
    return tuple(names) if shown and len(set(names)) == len(names) else ()


def _has_second_header(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Units or names in another language, where columns of numbers show it to be no record."""
    if len(below) < 2 or len(below[0]) != len(header) or not is_header(header):
        return False
    row = [cell.strip() for cell in below[0]]
    numbered = _numbered(below[1:], len(header))
    if not numbered or any(is_number(row[place]) for place in numbered):
        return False
    if all(_UNIT.fullmatch(cell) for cell in row if cell):
        return any(row[place] for place in numbered)
    if not is_header(row):
        return False
    hanzi, words = [
        (all(map(_HANZI.search, cells)), all(map(_WORD.fullmatch, cells)))
        for cells in (header, row)
    ]
    return (hanzi[0] and words[1]) or (hanzi[1] and words[0])


def separator_line(line: str) -> str | None:
    """Return the delimiter that a first line `sep=;` tells Excel, None where it is no such line."""
    told = re.fullmatch(r'"?sep=([^\w"\'\\])"?[\r\n]*', line, re.IGNORECASE)
    return told[1] if told else None


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
        header = head[len(frame.above)] if head else []
        width, fit, bad = len(header), 0, 0
        for fields in chain(head[len(frame.above) + 1 :], records):
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


def choose(path: Path, encoding: str, name: str, limits: Limits) -> Dialect:
    """Choose the one dialect under which header and records have one field count above one.

    Raises DataError `dialect_ambiguous` (choices), `one_column`, `empty_file`.
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
    return _likeliest(source, plain)


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
    for piece in texts(path, encoding):
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
    differing = [d for d in others if source.difference(first, d, source.cut, strip=False)]
    if differing:
        raise _ambiguous(source.name, [first, *differing])
    return first


def _likeliest(source: _Source, plain: list[_Trial]) -> Dialect:
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
        return candidates[0]
    if all(trial.whole for trial in plain):
        empty = not any(map(str.strip, source.sample))
        raise DataError("empty_file" if empty else "one_column", file=source.name)
    # The quotes of the header break under every delimiter: reading it says where.
    return plain[0].dialect


def _rare(source: _Source) -> Dialect | None:
    trials = [source.trial(Dialect(mark), whole=source.cut) for mark in _RARE]
    perfect = [t.dialect for t in trials if t.perfect and t.records and not t.titled]
    if len(perfect) > 1:
        raise _ambiguous(source.name, perfect)
    return perfect[0] if perfect else None


def _ambiguous(name: str, dialects: Sequence[Dialect]) -> DataError:
    choices = "  ".join(dict.fromkeys(dialect.said for dialect in dialects))
    return DataError("dialect_ambiguous", file=name, choices=choices)
