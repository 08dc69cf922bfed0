"""A way to write delimited text, and the strict reading of lines by it."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.errors import DataError
from data.formats.grid import Limits

# What a person says: a mark; a blank if one follows each mark; a quote; a backslash that escapes.
_SAID = re.compile(r"(tab|\\t|[^\w\"'\\\r\n])( ?)([\"']|none)?(\\?)", re.IGNORECASE)
_INCHES = re.compile(r'[.,/ ]*[0-9][0-9.,/ ]*"')
# Within a text: 5" 管, 5"x3", but not the 9901"21 of a code into which a mark was typed.
_INCHES_LONG = re.compile(r'[0-9]"(?=[\sx×X*/()（）,，、\u4e00-\u9fff])')


class Stray(list[str]):
    """The fields of a record in which one mark has no counterpart: `F1",甲站`, `99"01`.

    Where its cells end, or what stood in them, is not certain.
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
        """Return the fields, as Stray where a mark without counterpart was lost or typed in.

        5" and 5" long are inches; an apostrophe is one of words.
        """
        if self.quote != '"' or all(map(_explains_quotes, fields)):
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


def _explains_quotes(field: str) -> bool:
    if field.endswith('"'):
        return _INCHES.fullmatch(field) is not None
    return '"' not in _INCHES_LONG.sub("", field)


def _quote_problem(reason: str, name: str, start: int, line: int, limits: Limits) -> DataError:
    if "field larger" in reason:
        limit = f"{limits.record_bytes >> 20} MB"
        return DataError("record_too_long", file=name, line=start, limit=limit)
    if "unexpected end" in reason:
        return DataError("quote_unclosed", file=name, line=start)
    return DataError("quote_error", file=name, line=line)


def separator_line(line: str) -> str | None:
    """Return the delimiter that a first line `sep=;` tells Excel, None where it is no such line."""
    told = re.fullmatch(r'"?sep=([^\w"\'\\])"?[\r\n]*', line, re.IGNORECASE)
    return told[1] if told else None
