"""Plain elements, neither sequences nor fragments nor of odd form, passed over as fast as Python can.

Nearly all elements are plain. One more check or call in these loops is felt: they run some two hundred times
for each instance received. `archive.dicom.compiled_plain` has them faster where a compiler was at hand.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from archive.dicom.elements import DELIMITING_GROUP, LONG_VRS, SHORT_VRS

if TYPE_CHECKING:
    from archive.dicom.elements import Buffer

LONGEST_VALUE = 16_384
"""Bytes of a value that are read: a longer one is a mistake or an attack, and is cut."""
_PLAIN_LONG_VRS = LONG_VRS - {b"SQ", b"UN"}
_EXPLICIT = struct.Struct("<I2sH").unpack_from
_IMPLICIT = struct.Struct("<III").unpack_from
_LENGTH = struct.Struct("<I").unpack_from
_ITEM = 0xE000FFFE
_PIXELS = frozenset({0x00087FE0, 0x00097FE0, 0x00107FE0})
"""Float, double float and integer Pixel Data, as a little endian integer reads the tag: only whether they are
there matters, so nothing of them is read."""


def plain_explicit(
    buffer: Buffer, position: int, limit: int, stop: int, wanted: dict[int, int], values: dict[int, bytes]
) -> tuple[int, int]:
    """Pass over plain explicit little endian elements from `position` on.

    An item or a delimiter ends the run even where its length reads as a VR, as SQ and UN do.

    Parameters
    ----------
    limit
        How far the buffer goes.
    stop
        How far the data set goes, at least as far.
    wanted
        Tags to collect, by what a little endian 32-bit integer reads.
    values
        Where the values go, by tag.

    Returns
    -------
    The position of the first element that is something else, and how many were passed.
    """
    count, last = 0, limit - 12
    while position <= last:
        tag, vr, length = _EXPLICIT(buffer, position)
        if vr in SHORT_VRS:
            begin = position + 8
        elif vr in _PLAIN_LONG_VRS:
            (length,) = _LENGTH(buffer, position + 8)
            begin = position + 12
        else:
            break
        end = begin + length
        if end > stop or tag & 0xFFFF == DELIMITING_GROUP:
            break
        if tag in wanted:
            cut = begin if tag in _PIXELS else min(end, begin + LONGEST_VALUE)
            if cut > limit:
                break
            values[wanted[tag]] = bytes(buffer[begin:cut])
        position = end
        count += 1
    return position, count


def plain_implicit(
    buffer: Buffer, position: int, limit: int, stop: int, wanted: dict[int, int], values: dict[int, bytes]
) -> tuple[int, int]:
    """Pass over implicit elements as `plain_explicit`; one that begins as a sequence does ends the run."""
    count, last = 0, limit - 12
    while position <= last:
        tag, length, first = _IMPLICIT(buffer, position)
        begin = position + 8
        end = begin + length
        if end > stop or tag & 0xFFFF == DELIMITING_GROUP or tag == 0 or (first == _ITEM and length):
            break
        if tag in wanted:
            cut = begin if tag in _PIXELS else min(end, begin + LONGEST_VALUE)
            if cut > limit:
                break
            values[wanted[tag]] = bytes(buffer[begin:cut])
        position = end
        count += 1
    return position, count


def whole_sequence(
    buffer: Buffer, position: int, limit: int, wanted: dict[int, int], implicit: bool
) -> tuple[int, int]:
    """Pass over a little endian sequence that is as it should be and not wanted: only the compiled one does.

    Returns
    -------
    Where it ends, and how many elements, items and delimiters were passed, itself among them; or `position`
    and 0, when `archive.dicom.structure` must look.
    """
    del buffer, limit, wanted, implicit
    return position, 0
