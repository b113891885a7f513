"""The elements of a data set up to its pixels: walked over, not read (PS3.5 chapter 7)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import CannotDecode
from archive.pixels.keywords import (
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    ITEM,
    ITEM_DELIMITATION_ITEM,
    PIXEL_DATA,
    SEQUENCE_DELIMITATION_ITEM,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.pixels.byte_source import ByteSource

UNDEFINED_LENGTH = 0xFFFFFFFF
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 4_000_000
"""A walk over more elements than this is refused; ten thousand frames of functional groups stay below."""

_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
VRS = _LONG_VRS | _SHORT_VRS
_BULK = (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)
_CHUNK = 1 << 16
_FORMATS = {
    little_endian: (Struct(f"{order}HH2sH"), Struct(f"{order}HHI"), Struct(f"{order}I"))
    for little_endian, order in ((True, "<"), (False, ">"))
}
"""By byte order: a header with VR, one without, a long length."""


class Encoding(NamedTuple):
    """How a data set's elements are written (PS3.5 Annex A)."""

    explicit: bool
    little_endian: bool

    @property
    def byte_order(self) -> str:
        """``<`` or ``>``, as `struct` and numpy write it."""
        return "<" if self.little_endian else ">"


IMPLICIT_LITTLE_ENDIAN = Encoding(explicit=False, little_endian=True)
EXPLICIT_LITTLE_ENDIAN = Encoding(explicit=True, little_endian=True)
EXPLICIT_BIG_ENDIAN = Encoding(explicit=True, little_endian=False)


class Element(NamedTuple):
    """Where an element's value lies; `length` is clipped to what is there."""

    vr: bytes
    offset: int
    length: int
    undefined: bool
    """Written with undefined length: the value ends with a delimiter."""
    truncated: bool
    """The data set ends inside the value."""


class Walker:
    """Steps over elements without reading their values; one thread, one walk."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._chunk = b""
        self._chunk_start = 0
        self._visited = 0

    def elements(
        self, offset: int, end: int, encoding: Encoding, groups: frozenset[int] | None = None
    ) -> Iterator[tuple[int, Element]]:
        """Yield (tag, element) from `offset` until `end`, an item delimiter, or the bulk pixel data.

        Elements of other than `groups` are passed over, when these are given.

        Raises
        ------
        CannotDecode
            When sequences nest deeper, or elements are more, than any image needs.
        """
        while offset + 8 <= end:
            tag, vr, length, value = self._header(offset, encoding)
            undefined = length == UNDEFINED_LENGTH
            if not undefined:
                offset = value + length
            elif tag in _BULK:
                offset = end
            else:
                offset = self._end_of_sequence(value, end, encoding, vr, 0)
            if groups is None or tag >> 16 in groups:
                if tag >= ITEM:
                    return
                length = (min(end, offset)) - value
                yield tag, Element(vr, value, max(0, length), undefined, offset > end)
                if tag in _BULK:
                    return

    def items(self, offset: int, end: int, encoding: Encoding, depth: int = 0) -> Iterator[tuple[int, int]]:
        """Yield (offset, end) of every item of a sequence whose value lies at `offset`."""
        while offset + 8 <= end:
            tag, _, length, value = self._header(offset, encoding._replace(explicit=False))
            if tag != ITEM:
                return
            if length == UNDEFINED_LENGTH:
                stop = self._end_of_item(value, end, encoding, depth + 1)
                yield value, stop
                offset = stop + 8
            else:
                offset = min(value + length, end)
                yield value, offset

    def _header(self, offset: int, encoding: Encoding) -> tuple[int, bytes, int, int]:
        self._visited += 1
        if self._visited > ELEMENT_LIMIT:
            raise CannotDecode("The data set has more elements than any image needs.")
        start = offset - self._chunk_start
        if start < 0 or start + 12 > len(self._chunk):
            self._chunk = self._source.read(offset, _CHUNK) + b"\0\0\0\0"
            self._chunk_start, start = offset, 0
        explicit, implicit, length_of = _FORMATS[encoding.little_endian]
        group, element, vr, length = explicit.unpack_from(self._chunk, start)
        # FFFE,xxxx never has a VR; an unknown VR means that a writer fell back to implicit inside
        if encoding.explicit and group != 0xFFFE:
            if vr in _SHORT_VRS:
                return group << 16 | element, vr, length, offset + 8
            if vr in _LONG_VRS:
                (length,) = length_of.unpack_from(self._chunk, start + 8)
                return group << 16 | element, vr, length, offset + 12
        return group << 16 | element, b"", implicit.unpack_from(self._chunk, start)[2], offset + 8

    def _end_of_sequence(self, offset: int, end: int, encoding: Encoding, vr: bytes, depth: int) -> int:
        inner = IMPLICIT_LITTLE_ENDIAN if vr == b"UN" else encoding  # PS3.5 6.2.2, note 3
        stop = offset
        for _, item_end in self.items(offset, end, inner, depth):
            stop = item_end
        while stop + 8 <= end:  # over the item delimiter, if any, and the sequence delimiter
            tag = self._header(stop, encoding)[0]
            if tag not in (ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM):
                break
            stop += 8
            if tag == SEQUENCE_DELIMITATION_ITEM:
                break
        return stop

    def _end_of_item(self, offset: int, end: int, encoding: Encoding, depth: int) -> int:
        """Return where an item of undefined length ends: before its delimiter."""
        if depth > DEPTH_LIMIT:
            raise CannotDecode(f"The data set nests sequences deeper than {DEPTH_LIMIT}.")
        while offset + 8 <= end:
            tag, vr, length, value = self._header(offset, encoding)
            if tag >= ITEM:
                break
            if length == UNDEFINED_LENGTH:
                offset = self._end_of_sequence(value, end, encoding, vr, depth)
            else:
                offset = min(value + length, end)
        return offset
