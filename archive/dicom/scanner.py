"""The fast pass over a data set: collects a few top-level values and checks all the structure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from archive.dicom.compiled_plain import plain_explicit, plain_implicit, whole_sequence
from archive.dicom.elements import DELIMITING_GROUP
from archive.dicom.plain import LONGEST_VALUE
from archive.dicom.structure import Walk, read_element, require_count
from archive.errors import CannotUnderstand

if TYPE_CHECKING:
    from archive.dicom.elements import Encoding
    from archive.dicom.source import Source

TRAILING_NULS = 4096
"""Copies padded to a sector or a block end in NULs; a longer run would hide missing elements."""


class Scan:
    """Collects the wanted top-level values of a data set that goes on to the end of its source.

    Values are cut at `LONGEST_VALUE` bytes; where a tag repeats the last one counts, as it does for pydicom.
    """

    def __init__(self, source: Source, encoding: Encoding, wanted: frozenset[int]) -> None:
        self._source = source
        self._buffer = source.head
        self._limit = len(source.head)
        self._stop = source.size
        self._encoding = encoding
        self._wanted = _as_read(wanted, little=encoding.little)
        self._values: dict[int, bytes] = {}
        self._elements = 0

    def run(self, position: int) -> dict[int, bytes]:
        """Walk from `position` to the last byte and return the values found.

        Raises
        ------
        CannotUnderstand
            The data set does not parse to its last byte.
        """
        while True:
            position = self._plain(position)
            if position >= self._stop or self._only_nuls(position):
                return self._values
            position = self._any(position)

    def _plain(self, position: int) -> int:
        """Pass over the elements that the fast loops know; return where they met anything else."""
        if not self._encoding.little:
            return position
        run = plain_implicit if self._encoding.implicit else plain_explicit
        position, elements = run(self._buffer, position, self._limit, self._stop, self._wanted, self._values)
        self._count(elements)
        return position

    def _any(self, position: int) -> int:
        """Pass over one element of any kind, in the head if it lies there, else in the whole source."""
        if self._encoding.little:
            implicit = self._encoding.implicit
            end, elements = whole_sequence(self._buffer, position, self._limit, self._wanted, implicit)
            if elements:
                self._count(elements)
                return end
        if self._limit < self._stop:
            try:
                return self._one(position)
            except CannotUnderstand:
                self._buffer, self._limit = self._source.whole, self._stop
        return self._one(position)

    def _one(self, position: int) -> int:
        element = read_element(self._buffer, position, self._limit, self._encoding, 0)
        if element.tag in self._wanted.values():
            stop = min(element.stop or element.start, element.start + LONGEST_VALUE)
            self._values[element.tag] = bytes(self._buffer[element.start : stop])
        if element.tag >> 16 == DELIMITING_GROUP:
            raise CannotUnderstand(f"An item stands outside of a sequence at byte {element.start - 8}.")
        walk = Walk(self._buffer)
        end = walk.value(element, self._limit, self._encoding)
        self._count(walk.elements + 1)
        return end

    def _count(self, elements: int) -> None:
        self._elements += elements
        require_count(self._elements)

    def _only_nuls(self, position: int) -> bool:
        left = self._stop - position
        return left <= TRAILING_NULS and not any(bytes(self._source.whole[position : self._stop]))


@lru_cache(maxsize=8)
def _as_read(tags: frozenset[int], *, little: bool) -> dict[int, int]:
    """Map each tag as one 32-bit integer reads it: little endian swaps group and element."""
    return {(tag & 0xFFFF) << 16 | tag >> 16 if little else tag: tag for tag in tags}
