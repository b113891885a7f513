"""PNG for terminals: exact greys in few bytes, few greys in fewer, and an overlay as a layer of its own.

Lines are filtered as the PNG specification advises (W3C, Portable Network Graphics, third edition, 12.7: the
least sum of absolute differences). Lines of one byte a pixel are compressed by runs and Huffman codes alone:
what noise leaves of a slice holds no longer matches, and looking for none costs less and leaves 5-15 % fewer
bytes than libdeflate's or zlib's first level.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.dither import Quality, index_picture, used_overlay
from noctis_tui.graphics.encoding.grey_steps import count_values
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import overlay_rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import DisplayPixels, Picture

GREY, RGB, PALETTE = 0, 2, 3
"""Colour types of a header."""

DRAFTS = (Quality((16,), grain=0.5), Quality((8,), grain=0.5), Quality((4,), grain=0.5))
"""Ever fewer bytes: two or four pixels a byte (`docs/graphics.md` says how many)."""


def encode_png(picture: Picture) -> bytes:
    """Encode a picture without labels exactly, one byte a pixel where that is possible.

    The colours of an overlay take the place of greys that the picture does not show; where it shows too many
    the PNG is RGB. `encode_overlay_png` as a layer above the greys takes fewer bytes than that.
    """
    used = used_overlay(picture.overlay)
    if picture.is_color or not used or picture.overlay is None:
        return _plain_png(flatten(picture))
    unused = np.flatnonzero(count_values(picture.pixels) == 0)[: len(used)]
    if len(unused) < len(used):
        return _plain_png(flatten(picture))
    colors = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    colors[unused] = [overlay_rgb(index) for index in used]
    index_of = np.zeros(256, np.uint8)
    index_of[used] = unused
    indices = np.where(picture.overlay != 0, index_of[picture.overlay], picture.pixels)
    return _png(indices, _header(indices, 8, PALETTE), 1, _chunk(b"PLTE", colors.tobytes()))


def _plain_png(pixels: DisplayPixels) -> bytes:
    color_type, samples = (RGB, 3) if pixels.ndim == 3 else (GREY, 1)
    lines = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    return _png(lines, _header(pixels, 8, color_type), samples)


def encode_draft_png(picture: Picture, quality: Quality) -> bytes:
    """Encode a picture without labels in few greys, or in up to 256 colours; an overlay keeps its colours.

    Parameters
    ----------
    picture
        What to show.
    quality
        One of `DRAFTS`, say. Up to 4, 16 colours, the overlay's among them, take two, four bits a pixel.
    """
    indexed = index_picture(picture, quality, 256)
    colors = np.rint(indexed.percents * 2.55).astype(np.uint8)
    bits = next(bits for bits in (1, 2, 4, 8) if len(colors) <= 1 << bits)
    return _packed_png(indexed.indices, bits, _chunk(b"PLTE", colors.tobytes()))


def encode_overlay_png(overlay: NDArray[np.uint8]) -> bytes:
    """Encode an overlay as a layer of its own: transparent where its index is 0."""
    used = used_overlay(overlay)
    colors = np.array([(0, 0, 0), *(overlay_rgb(index) for index in used)], np.uint8)
    index_of = np.zeros(256, np.uint8)
    index_of[used] = np.arange(1, len(colors))
    bits = next(bits for bits in (1, 2, 4, 8) if len(colors) <= 1 << bits)
    palette = _chunk(b"PLTE", colors.tobytes()) + _chunk(b"tRNS", b"\0")
    return _packed_png(index_of[overlay], bits, palette)


def _packed_png(indices: NDArray[np.uint8], bits: int, palette: bytes) -> bytes:
    if bits == 8:
        return _png(indices, _header(indices, 8, PALETTE), 1, palette)
    packed = _packed(indices, bits)
    # The sum of differences says little about packed pixels.
    filtered = (_by_filter(packed, number) for number in (0, 2))
    body = min((_runs_compressed(lines.tobytes()) for lines in filtered), key=len)
    return _file(_header(indices, bits, PALETTE), palette, body)


def _packed(indices: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Several pixels a byte, the leftmost in the highest bits; lines end with whole bytes."""
    rows, columns = indices.shape
    a_byte = 8 // bits
    padded = np.zeros((rows, -(-columns // a_byte) * a_byte), np.uint8)
    padded[:, :columns] = indices << (8 - bits)
    packed = padded[:, ::a_byte].copy()
    for place in range(1, a_byte):
        packed |= padded[:, place::a_byte] >> (place * bits)
    return packed


def _by_filter(lines: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """All lines by one filter: 0 none, 2 what differs from the line above."""
    filtered = np.empty((lines.shape[0], lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = number
    filtered[:, 1:] = lines
    if number:
        filtered[1:, 1:] -= lines[:-1]
    return filtered


def _png(lines: NDArray[np.uint8], header: bytes, pixel: int, palette: bytes = b"") -> bytes:
    return _file(header, palette, _compressed(lines, pixel))


def compressed_lines(pixels: DisplayPixels) -> bytes:
    """Filter and compress uint8 [rows, columns] or [rows, columns, 3]: all but a hundred bytes of its PNG."""
    return _compressed(np.ascontiguousarray(pixels).reshape(len(pixels), -1), 3 if pixels.ndim == 3 else 1)


def _compressed(lines: NDArray[np.uint8], pixel: int) -> bytes:
    filtered = filter_lines(lines, pixel)
    return _runs_compressed(filtered) if pixel == 1 else _matches_compressed(filtered)


def filter_lines(lines: NDArray[np.uint8], pixel: int) -> bytes:
    """Filter each line, uint8 [rows, bytes], in the way that leaves least; `pixel` bytes a pixel."""
    if compiled.filters is not None:
        return compiled.filters.filter(np.ascontiguousarray(lines), pixel)
    candidates = np.stack(_candidates(lines, pixel))
    differences = np.abs(candidates.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = differences.argmin(axis=0)
    numbered = np.empty((lines.shape[0], lines.shape[1] + 1), np.uint8)
    numbered[:, 0] = best
    numbered[:, 1:] = candidates[best, np.arange(lines.shape[0])]
    return numbered.tobytes()


def _candidates(lines: NDArray[np.uint8], pixel: int) -> Sequence[NDArray[np.uint8]]:
    """None, Sub, Up, Average and Paeth (the specification's 9.2), in the order of their numbers."""
    wide = np.pad(lines, ((1, 0), (pixel, 0))).astype(np.int16)
    left, above, corner = wide[1:, :-pixel], wide[:-1, pixel:], wide[:-1, :-pixel]
    to_left, to_above = np.abs(above - corner), np.abs(left - corner)
    to_corner = np.abs(left + above - 2 * corner)
    nearest = np.where(to_above <= to_corner, above, corner)
    nearest = np.where((to_left <= to_above) & (to_left <= to_corner), left, nearest)
    predicted = (left, above, (left + above) >> 1, nearest)
    return [lines, *(lines - prediction.astype(np.uint8) for prediction in predicted)]


def _matches_compressed(lines: bytes) -> bytes:
    # What is grey in RGB says everything three times, and libdeflate finds that: a third fewer bytes.
    from imagecodecs import deflate_encode  # noqa: PLC0415 - loaded with the first such picture

    return bytes(deflate_encode(lines, level=4))


def _runs_compressed(lines: bytes) -> bytes:
    compressor = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return compressor.compress(lines) + compressor.flush()


def _header(pixels: DisplayPixels, bits: int, color_type: int) -> bytes:
    rows, columns = pixels.shape[:2]
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, color_type, 0, 0, 0))


def _file(header: bytes, palette: bytes, body: bytes) -> bytes:
    return b"".join([b"\x89PNG\r\n\x1a\n", header, palette, _chunk(b"IDAT", body), _chunk(b"IEND", b"")])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
