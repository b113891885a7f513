"""Single images whose data set is plain, found in one glance at the head of their file.

A series has hundreds of files whose headers say nearly the same. Where the compiled walk passes over a head
in microseconds, opening each as an `ImageFile` takes a hundred times as long. What is odd in any way
(multi-frame, big endian, a huge header, a modality table) is left to `ImageFile`.
"""

from __future__ import annotations

import os
import stat
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from archive.dicom import keywords as kw
from archive.dicom.compiled_plain import plain_explicit, plain_implicit, whole_sequence
from archive.dicom.elements import (
    DELIMITING_GROUP,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    NO_VR,
    UNDEFINED_LENGTH,
)
from archive.dicom.structure import Walk, read_element
from archive.dicom.uids import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from archive.errors import CannotUnderstand
from archive.pixels.transfer_syntax import Codec, codec_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.dicom.elements import Encoding

HEAD_BYTES = 16_384
"""Read at once: the headers of most scanners; a longer one is read again, `LONG_HEAD_BYTES` of it."""
LONG_HEAD_BYTES = 1 << 20
_PREAMBLE_BYTES = 132
_EXPLICIT = Struct("<HH2sxxI").unpack_from
_IMPLICIT = Struct("<HHI").unpack_from
_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
_ENCODINGS = {
    EXPLICIT_VR_LITTLE_ENDIAN.encode(): EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN.encode(): IMPLICIT_LITTLE_ENDIAN,
}
_COMPRESSED = frozenset(
    {Codec.RLE, Codec.JPEG, Codec.JPEG_LOSSLESS, Codec.JPEG_LS, Codec.JPEG_2000, Codec.HTJ2K}
)
_PIXEL_VRS = frozenset({b"OW", b"OB", NO_VR})
_PIXELS = b"\xe0\x7f\x10\x00"
_LEFT_TO_OTHERS = frozenset(
    {
        *(kw.MODALITY_LUT_SEQUENCE, kw.SHARED_FUNCTIONAL_GROUPS_SEQUENCE),
        *(kw.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, kw.TOTAL_PIXEL_MATRIX_COLUMNS),
    }
)
_NEEDED = frozenset({kw.TRANSFER_SYNTAX_UID, kw.PIXEL_DATA, kw.NUMBER_OF_FRAMES, kw.IMAGE_TYPE}) | {
    kw.TOTAL_PIXEL_MATRIX_COLUMNS
}


class PlainImage(NamedTuple):
    """The head of a single image.

    `values` are the bytes of the wanted elements that it has, by tag. Uncompressed pixels are `pixel_length`
    bytes from `pixel_offset` on; of compressed ones the length is None, and their fragments begin there.
    """

    values: dict[int, bytes]
    pixel_offset: int
    pixel_length: int | None


class PlainImages:
    """Glances at files for some elements, from any thread.

    Parameters
    ----------
    wanted
        Tags of the elements whose values are kept.
    """

    def __init__(self, wanted: Iterable[int]) -> None:
        tags = frozenset(wanted) | _NEEDED
        self._wanted = {(tag & 0xFFFF) << 16 | tag >> 16: tag for tag in tags}

    def glance(self, path: Path) -> PlainImage | None:
        """Return what the head of a file says; None when an `ImageFile` must look. Raises OSError."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            for length in (HEAD_BYTES, LONG_HEAD_BYTES):
                head = os.pread(descriptor, length, 0)
                found = self._found(head, status.st_size)
                if found is not None or len(head) < length:
                    return found
        finally:
            os.close(descriptor)
        return None

    def _found(self, head: bytes, size: int) -> PlainImage | None:
        values: dict[int, bytes] = {}
        start = self._behind_meta(head, values)
        syntax = values.get(kw.TRANSFER_SYNTAX_UID, b"").rstrip(b"\0 ")
        is_compressed = codec_of(syntax.decode("latin-1")) in _COMPRESSED
        encoding = EXPLICIT_LITTLE_ENDIAN if is_compressed else _ENCODINGS.get(syntax)
        if start is None or encoding is None:
            return None
        at = self._pixels_at(head, start, encoding, values)
        if at is None or not _is_single(values):
            return None
        vr, length, begin = _pixel_header(head, at, encoding)
        if is_compressed:
            return PlainImage(values, begin, None) if length == UNDEFINED_LENGTH else None
        return PlainImage(values, begin, length) if vr in _PIXEL_VRS and begin + length <= size else None

    def _behind_meta(self, head: bytes, values: dict[int, bytes]) -> int | None:
        """Return where the data set begins; None where the file meta information is odd."""
        first = _PREAMBLE_BYTES + 12
        if head[128:_PREAMBLE_BYTES] != b"DICM" or head[_PREAMBLE_BYTES : first - 4] != _GROUP_LENGTH:
            return None
        stop = first + int.from_bytes(head[first - 4 : first], "little")
        if stop > len(head) - 12:
            return None
        end, _ = plain_explicit(head, first, stop, stop, self._wanted, values)
        return stop if end == stop and head[stop : stop + 2] != b"\x02\0" else None

    def _pixels_at(
        self, head: bytes, position: int, encoding: Encoding, values: dict[int, bytes]
    ) -> int | None:
        """Walk from element to element; return where the header of the Pixel Data begins."""
        run, limit = plain_implicit if encoding.implicit else plain_explicit, len(head)
        while True:
            before = position
            position, _ = run(head, position, limit, limit, self._wanted, values)
            if kw.PIXEL_DATA in values:
                return _last_pixels_at(head, before, position, encoding)
            if position > limit - 12 or head[position : position + 4] == _PIXELS:
                return position if position <= limit - 12 else None
            end = _behind(head, position, encoding)
            if end is None:
                return None
            position = end


def _behind(head: bytes, position: int, encoding: Encoding) -> int | None:
    """Return where a sequence or a value of unknown representation ends; None when the head does not say."""
    limit = len(head)
    try:
        element = read_element(head, position, limit, encoding, 0)
        if element.tag in _LEFT_TO_OTHERS or element.tag >> 16 == DELIMITING_GROUP:
            return None
        if element.stop is not None:
            return element.stop
        end, elements = whole_sequence(head, position, limit, {}, encoding.implicit)
        return end if elements else Walk(head).value(element, limit, encoding)
    except CannotUnderstand:
        return None


def _pixel_header(head: bytes, at: int, encoding: Encoding) -> tuple[bytes, int, int]:
    """Return representation, length and beginning of the Pixel Data whose header is at `at`."""
    if encoding.implicit:
        return NO_VR, _IMPLICIT(head, at)[2], at + 8
    _group, _number, vr, length = _EXPLICIT(head, at)
    return vr, length, at + 12


def _last_pixels_at(head: bytes, start: int, stop: int, encoding: Encoding) -> int | None:
    """Return where the header of the Pixel Data begins that a walk from `start` to `stop` passed last."""
    at = head.rfind(_PIXELS, start, stop - 12)
    if at < 0:
        return None
    _, length, begin = _pixel_header(head, at, encoding)
    return at if begin + length == stop else None


def _is_single(values: dict[int, bytes]) -> bool:
    frames = values.get(kw.NUMBER_OF_FRAMES, b"").strip(b" \0")
    mosaic = b"MOSAIC" in values.get(kw.IMAGE_TYPE, b"")
    return frames in {b"", b"1"} and not mosaic and kw.TOTAL_PIXEL_MATRIX_COLUMNS not in values
