"""The fast pass over a data set: collects a few top-level values and checks all the structure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from archive.dicom import uids
from archive.dicom.structure import SHORT_VRS, Element, Encoding, Walk, read_element
from archive.errors import CannotUnderstand

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from archive.dicom.structure import Buffer

LONGEST_VALUE = 16_384
"""Bytes of a value that are read: a longer one is a mistake or an attack, and is cut."""
TRAILING_NULS = 4096
"""Copies padded to a sector or a block end in NULs; a longer run would hide missing elements."""

_EXPLICIT_LITTLE = struct.Struct("<I2sH").unpack_from
_IMPLICIT_LITTLE = struct.Struct("<III").unpack_from
_ITEM_LITTLE = 0xE000FFFE
_LENGTH = struct.Struct("<I").unpack_from
_PLAIN_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SV", b"UC", b"UR", b"UT", b"UV"})


def find_encoding(buffer: Buffer, start: int, transfer_syntax_uid: str) -> Encoding:
    """Say how elements are written, believing the first VR more than the transfer syntax."""
    vr = bytes(buffer[start + 4 : start + 6])
    little = transfer_syntax_uid != uids.EXPLICIT_VR_BIG_ENDIAN
    return Encoding(implicit=not (len(vr) == 2 and vr.isalpha() and vr.isupper()), little=little)


def scan(buffer: Buffer, start: int, encoding: Encoding, wanted: AbstractSet[int]) -> dict[int, bytes]:
    """Collect the wanted top-level values of a data set that goes on to the end of the buffer.

    Values are cut at `LONGEST_VALUE` bytes; where a tag repeats the last one counts, as it does for pydicom.

    Raises
    ------
    CannotUnderstand
        The data set is empty or does not parse to its last byte.
    """
    if start >= len(buffer):
        raise CannotUnderstand("The data set is empty.")
    return _Scan(buffer, encoding, wanted).run(start)


class _Scan:
    def __init__(self, buffer: Buffer, encoding: Encoding, wanted: AbstractSet[int]) -> None:
        self._buffer = buffer
        self._stop = len(buffer)
        self._encoding = encoding
        self._wanted = {_as_read(tag, encoding): tag for tag in wanted}
        self._values: dict[int, bytes] = {}
        self._walk = Walk(buffer)

    def run(self, position: int) -> dict[int, bytes]:
        while True:
            position = self._plain(position)
            if position >= self._stop or self._only_nuls(position):
                return self._values
            position = self._any(position)

    def _plain(self, position: int) -> int:
        """Pass over the elements that a fast loop knows; return where it met anything else."""
        if not self._encoding.little:
            return position
        return self._plain_implicit(position) if self._encoding.implicit else self._plain_explicit(position)

    def _plain_explicit(self, position: int) -> int:
        # An item or a delimiter has no VR of two capitals and ends the run, as SQ does. One more check or
        # call in this loop is felt: it runs two hundred times for each instance received.
        buffer, stop, wanted, count = self._buffer, self._stop, self._wanted, 0
        last = stop - 12
        while position <= last:
            tag, vr, length = _EXPLICIT_LITTLE(buffer, position)
            if vr in SHORT_VRS:
                begin = position + 8
            elif vr in _PLAIN_LONG_VRS:
                (length,) = _LENGTH(buffer, position + 8)
                begin = position + 12
            else:
                break
            end = begin + length
            if end > stop:
                break
            if tag in wanted:
                self._values[wanted[tag]] = bytes(buffer[begin : min(end, begin + LONGEST_VALUE)])
            position = end
            count += 1
        self._walk.count(count)
        return position

    def _plain_implicit(self, position: int) -> int:
        buffer, stop, wanted, count = self._buffer, self._stop, self._wanted, 0
        last = stop - 12
        while position <= last:
            tag, length, first = _IMPLICIT_LITTLE(buffer, position)
            begin = position + 8
            end = begin + length
            if end > stop or tag & 0xFFFF == 0xFFFE or tag == 0 or (first == _ITEM_LITTLE and length):
                break
            if tag in wanted:
                self._values[wanted[tag]] = bytes(buffer[begin : min(end, begin + LONGEST_VALUE)])
            position = end
            count += 1
        self._walk.count(count)
        return position

    def _any(self, position: int) -> int:
        element = read_element(self._buffer, position, self._stop, self._encoding, 0)
        self._walk.count(1)
        tag = _as_read(element.tag, self._encoding)
        if tag in self._wanted and element.stop is not None:
            stop = min(element.stop, element.start + LONGEST_VALUE)
            self._values[element.tag] = bytes(self._buffer[element.start : stop])
        return self._pass(element)

    def _pass(self, element: Element) -> int:
        if element.tag >> 16 == 0xFFFE:
            raise CannotUnderstand(f"An item stands outside of a sequence at byte {element.start - 8}.")
        return self._walk.value(element, self._stop, self._encoding)

    def _only_nuls(self, position: int) -> bool:
        left = self._stop - position
        return left <= TRAILING_NULS and not any(bytes(self._buffer[position : self._stop]))


def _as_read(tag: int, encoding: Encoding) -> int:
    """Write a tag as one 32-bit integer reads it: little endian swaps group and element."""
    return (tag & 0xFFFF) << 16 | tag >> 16 if encoding.little else tag
