"""XML of workbooks, mostly zipped, read as a stream: bounded memory, no entities, no surprises."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from data.errors import DataError

_PIECE = 1 << 16
# What workbooks are packed with; other methods may ask for gigabytes before they give a byte.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises when an archive is damaged.
ARCHIVE_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
)

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


def ignore(*_: object) -> None:
    """Take no notice of an element or text."""


def parser_of(start: Start, end: End, text: Callable[[str], None]) -> expat.XMLParserType:
    """Return a parser for which names come with their namespace and a blank before them."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    # Workbooks have none; entities that blow up on reading need one.
    raise ValueError("DOCTYPE")


class XmlParts:
    """The members of a zipped workbook.

    Raises DataError `file_too_large` when the archive says it unpacks to more than
    `unpacked_bytes`, `unreadable` when it is damaged. A member never gives more than the archive
    says: the reader stops there and compares the checksum.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str, unpacked_bytes: int) -> None:
        members = archive.infolist()
        # Part names do not tell capitals from small letters, and programs mix them.
        self._names = {member.filename.lower(): member.filename for member in members}
        self.unpacked_bytes = unpacked_bytes
        self._archive, self._name = archive, name
        if sum(member.file_size for member in members) > unpacked_bytes:
            raise self.too_large()
        if any(member.compress_type not in PACKINGS for member in members):
            raise self.damaged("compression method")

    def has(self, member: str) -> bool:
        """Say whether the archive has a member of this name."""
        return member.lower() in self._names

    def too_large(self) -> DataError:
        """Return the refusal for a workbook that unpacks to more than is allowed."""
        limit = f"{self.unpacked_bytes >> 20} MB"
        return DataError("file_too_large", file=self._name, limit=limit)

    def damaged(self, reason: object) -> DataError:
        """Return the refusal for a workbook whose parts make no sense."""
        return DataError("unreadable", file=self._name, reason=str(reason)[:200])

    def read(self, member: str, start: Start, end: End, text: Callable[[str], None]) -> None:
        """Parse a member to its end; names come without their prefix."""
        for _ in self.stream(member, start, end, text):
            pass

    def stream(
        self, member: str, start: Start, end: End, text: Callable[[str], None]
    ) -> Iterator[None]:
        """Parse a member piece by piece, pausing after each."""
        parser = parser_of(
            lambda tag, given: start(tag.rpartition(" ")[2], given),
            lambda tag: end(tag.rpartition(" ")[2]),
            text,
        )
        try:
            with self._archive.open(self._names[member.lower()]) as part:
                while piece := part.read(_PIECE):
                    parser.Parse(piece, False)
                    yield
            parser.Parse(b"", True)
        # LookupError: an encoding of the XML that nobody knows, a missing attribute or member.
        except (*ARCHIVE_DAMAGE, expat.ExpatError, LookupError, ValueError) as error:
            raise self.damaged(error) from error
        yield
