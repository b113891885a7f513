"""RLE Lossless frames: PackBits segments, one for each byte of each sample (PS3.5 Annex G)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from archive.errors import CannotDecode

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

_HEADER = struct.Struct("<16I")


def decode_rle(frame: bytes, pixels: int, samples: int, sample_bytes: int) -> NDArray[Any]:
    """Return unsigned samples [samples * pixels], plane after plane.

    Raises
    ------
    CannotDecode
        When there are not as many segments as bytes, or one of them ends before the picture does.
    """
    segments = _segments(frame)
    if len(segments) != samples * sample_bytes:
        expected = samples * sample_bytes
        raise CannotDecode(f"The RLE stream has {len(segments)} segments where {expected} are needed.")
    planes = np.empty((samples, pixels, sample_bytes), np.uint8)
    for number, segment in enumerate(segments):
        sample, significance = divmod(number, sample_bytes)  # the most significant byte comes first
        planes[sample, :, sample_bytes - 1 - significance] = _unpack(segment, pixels)
    return planes.reshape(-1).view(f"<u{sample_bytes}").astype(f"u{sample_bytes}", copy=False)


def _segments(frame: bytes) -> list[bytes]:
    if len(frame) < _HEADER.size:
        raise CannotDecode("The RLE stream is shorter than its header.")
    count, *offsets = _HEADER.unpack_from(frame)
    starts = offsets[: min(count, 15)]
    ends = [*starts[1:], len(frame)][: len(starts)]
    if any(not _HEADER.size <= start <= end <= len(frame) for start, end in zip(starts, ends, strict=True)):
        raise CannotDecode("The RLE stream's header points outside of it.")
    return [frame[start:end] for start, end in zip(starts, ends, strict=True)]


def _unpack(segment: bytes, pixels: int) -> NDArray[np.uint8]:
    out = bytearray(pixels)
    try:
        unpacked = imagecodecs.packbits_decode(segment, out=out)
    except imagecodecs.PackbitsError:
        try:  # the byte that pads a segment to even length looks like the start of a run
            unpacked = imagecodecs.packbits_decode(segment.removesuffix(b"\0"), out=out)
        except imagecodecs.PackbitsError as error:
            raise CannotDecode("The RLE stream is damaged.") from error
    if len(unpacked) < pixels:
        raise CannotDecode("The RLE stream ends before the picture does.")
    return np.frombuffer(unpacked, np.uint8, pixels)
