"""Deflated data sets (PS3.5 A.5), inflated with a limit that counts real bytes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from archive.errors import CannotUnderstand

if TYPE_CHECKING:
    from archive.dicom.elements import Buffer

MAXIMUM_INFLATED_BYTES = 128 * 2**20
"""A megabyte of deflate can claim a gigabyte of memory; no real deflated instance comes near this."""
_TRAILER = 9
"""Bytes that may follow: the trailer of a gzip that was only stripped at its front, and padding."""
_BLOCK = 1 << 20


def inflate(buffer: Buffer, start: int = 0, *, strict: bool = True) -> bytes:
    """Inflate the raw deflate stream that begins at `start`.

    Parameters
    ----------
    strict
        Refuse a stream that is cut short or that something follows; else what is there is returned.

    Raises
    ------
    CannotUnderstand
        The stream is damaged or cut short, something but padding follows it, or it holds more than
        `MAXIMUM_INFLATED_BYTES`.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = bytearray()
    position = start
    try:
        while position < len(buffer) and not stream.eof:
            _grow(inflated, stream, bytes(buffer[position : position + _BLOCK]))
            position += _BLOCK
    except zlib.error as error:
        raise CannotUnderstand("The deflated data set is damaged.") from error
    if strict:
        _require_end(stream, more=position < len(buffer))
    return bytes(inflated)


def _require_end(stream: zlib._Decompress, *, more: bool) -> None:
    if not stream.eof:
        raise CannotUnderstand("The deflated data set is cut short.")
    if len(stream.unused_data) > _TRAILER or more:
        raise CannotUnderstand("Something follows the deflated data set.")


def _grow(inflated: bytearray, stream: zlib._Decompress, block: bytes) -> None:
    while block and not stream.eof:
        inflated += stream.decompress(block, _BLOCK)
        block = stream.unconsumed_tail
        if len(inflated) > MAXIMUM_INFLATED_BYTES:
            raise CannotUnderstand(f"The deflated data set holds more than {MAXIMUM_INFLATED_BYTES:,} bytes.")
