"""A forgiving walk over elements up to the pixels: what is cut short or odd costs itself, not the rest.

The receiver's walk (`structure`) refuses what does not parse to its last byte; whoever looks at an image
wants to see what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archive.dicom.elements import UNDEFINED_LENGTH, element_header, encoding_of_item, encoding_of_items
from archive.dicom.keywords import (
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    ITEM,
    ITEM_DELIMITATION_ITEM,
    PIXEL_DATA,
    SEQUENCE_DELIMITATION_ITEM,
)
from archive.dicom.structure import MAXIMUM_DEPTH, MAXIMUM_ELEMENTS, TooMuch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.dicom.elements import Encoding
    from archive.dicom.source import Source

HEADERS_LIMIT = 2 * MAXIMUM_ELEMENTS
"""Enough for whatever the receiver accepts: a walk sees some delimiters twice."""
_BULK = (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)
_CHUNK = 1 << 16
_LONGEST_HEADER = 12


class Value(NamedTuple):
    """Where an element's value lies; `length` is clipped to what is there."""

    vr: bytes
    offset: int
    length: int
    undefined: bool
    """Written with undefined length: the value ends with a delimiter."""
    truncated: bool
    """The data set ends inside the value."""


class LenientWalk:
    """Steps over elements without reading their values; one thread, one walk."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._chunk = source.head
        self._chunk_start = 0
        self._last = len(source.head) - _LONGEST_HEADER
        """Where the last header may begin that lies in the chunk whole."""
        self._visited = 0

    def elements(
        self, offset: int, end: int, encoding: Encoding, groups: frozenset[int] | None = None
    ) -> Iterator[tuple[int, Value]]:
        """Yield (tag, value) from `offset` until `end`, an item delimiter, or the bulk pixel data.

        Elements of other than `groups` are passed over, when these are given.

        Raises
        ------
        TooMuch
            Sequences nest deeper, or elements are more, than any instance needs.
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
                length = min(end, offset) - value
                yield tag, Value(vr, value, max(0, length), undefined, offset > end)
                if tag in _BULK:
                    return

    def items(self, offset: int, end: int, encoding: Encoding, depth: int = 0) -> Iterator[tuple[int, int]]:
        """Yield (offset, end) of every item of a sequence whose value lies at `offset`."""
        while offset + 8 <= end:
            tag, _, length, value = self._header(offset, encoding)
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
        if self._visited > HEADERS_LIMIT:
            raise TooMuch("The data set has more elements than any image needs.")
        start = offset - self._chunk_start
        if not 0 <= start <= self._last:
            start = self._load(offset)
        tag, vr, length, value = element_header(self._chunk, start, encoding)
        return tag, vr, length, value + self._chunk_start

    def _begin(self, offset: int) -> bytes:
        """Return the first bytes of a value."""
        start = offset - self._chunk_start
        if not 0 <= start <= self._last:
            start = self._load(offset)
        return bytes(self._chunk[start : start + 8])

    def _load(self, offset: int) -> int:
        """Read on from `offset`; zeros stand for what a header at the end lacks."""
        data = self._source.read(offset, _CHUNK)
        self._chunk = data if len(data) == _CHUNK else data + bytes(_LONGEST_HEADER)
        self._chunk_start, self._last = offset, len(self._chunk) - _LONGEST_HEADER
        return 0

    def _end_of_sequence(self, offset: int, end: int, encoding: Encoding, vr: bytes, depth: int) -> int:
        inner = encoding_of_items(vr, self._begin(offset), encoding)
        stop = offset
        for _, item_end in self.items(offset, end, inner, depth):
            stop = item_end
        while stop + 8 <= end:  # over the item delimiter, if any, and the sequence delimiter
            tag = self._header(stop, inner)[0]
            if tag not in (ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM):
                break
            stop += 8
            if tag == SEQUENCE_DELIMITATION_ITEM:
                break
        return stop

    def _end_of_item(self, offset: int, end: int, encoding: Encoding, depth: int) -> int:
        """Return where an item of undefined length ends: before its delimiter."""
        if depth > MAXIMUM_DEPTH:
            raise TooMuch(f"Sequences are nested deeper than {MAXIMUM_DEPTH}.")
        encoding = encoding_of_item(self._begin(offset)[4:6], encoding)
        while offset + 8 <= end:
            tag, vr, length, value = self._header(offset, encoding)
            if tag >= ITEM:
                break
            if length == UNDEFINED_LENGTH:
                offset = self._end_of_sequence(value, end, encoding, vr, depth)
            else:
                offset = min(value + length, end)
        return offset
