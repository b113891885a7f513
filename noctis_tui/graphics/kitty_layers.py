"""What a kitty picture is made of: whole pictures, coarser ones, and transparent layers over them.

A layer holds only the pixels that differ from what is below it, so that a mark that moves over a picture
costs a few hundred bytes and leaves every other pixel as it is.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import overlay_rgb

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import DisplayPixels, Picture

Codes: TypeAlias = NDArray[np.unsignedinteger[Any]]

_FIRST_OVERLAY_CODE = 256
_INDEXED, _RGBA = 3, 6
"""Colour types of PNG (ISO/IEC 15948, 11.2.2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How a picture without labels looks, one number a pixel.

    Attributes
    ----------
    picture
        The picture.
    codes
        Of a grey picture uint16: the grey, or 256 and the overlay index. Of a coloured one uint32: 0xBBGGRR.
    key
        Tells looks apart: SHA-1 of size and codes.
    """

    picture: Picture
    codes: Codes
    key: bytes

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """RGB, uint8 [rows, columns, 3]."""
        return rgb_of(self.codes)


def look_of(picture: Picture) -> Look:
    """Say how a picture looks; it has no labels (`labels.draw_labels`)."""
    codes = _color_codes(flatten(picture)) if picture.is_color else _grey_codes(picture)
    return Look(picture, codes, pixels_key(codes))


def _grey_codes(picture: Picture) -> NDArray[np.uint16]:
    codes = picture.pixels.astype(np.uint16)
    if picture.overlay is not None:
        painted = picture.overlay != 0
        codes[painted] = picture.overlay[painted] + np.uint16(_FIRST_OVERLAY_CODE)
    return codes


def _color_codes(pixels: DisplayPixels) -> NDArray[np.uint32]:
    codes = np.zeros(pixels.shape[:2], "<u4")
    codes.view(np.uint8).reshape(*codes.shape, 4)[..., :3] = pixels
    return codes


def pixels_key(*parts: NDArray[Any]) -> bytes:
    """Tell pixels apart: SHA-1 of their sizes and values."""
    hashed = hashlib.sha1(repr([part.shape for part in parts]).encode(), usedforsecurity=False)
    for part in parts:
        hashed.update(np.ascontiguousarray(part).data)
    return hashed.digest()


def rgb_of(codes: Codes) -> NDArray[np.uint8]:
    """Return RGB, uint8 [..., 3], of codes."""
    if codes.dtype == np.uint16:
        return _code_colors()[codes]
    shifted = np.ascontiguousarray(codes, "<u4")
    return shifted.view(np.uint8).reshape(*codes.shape, 4)[..., :3]


def _code_colors() -> NDArray[np.uint8]:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return np.concatenate([greys, np.array([overlay_rgb(index) for index in range(256)], np.uint8)])


def coarse_pixels(picture: Picture, factor: int) -> DisplayPixels:
    """Return the means of squares of `factor` pixels, without the overlay."""
    reduced = Image.fromarray(np.ascontiguousarray(picture.pixels)).reduce(factor)
    return np.asarray(reduced)


def overlay_mask(picture: Picture) -> NDArray[np.bool_]:
    """Where the overlay covers the pixels."""
    if picture.overlay is None:
        return np.zeros(picture.pixels.shape[:2], bool)
    return cast("NDArray[np.bool_]", picture.overlay != 0)


def layer_png(look: Look, mask: NDArray[np.bool_]) -> bytes:
    """Write the pixels within a mask, exactly, and nothing elsewhere."""
    inside = look.codes[mask]
    colors = np.unique(inside)
    if len(colors) > 255:
        return _png(_rgba(look, mask), _RGBA)
    indices = np.zeros(mask.shape, np.uint8)
    indices[mask] = np.searchsorted(colors, inside) + 1
    palette = np.concatenate([np.zeros((1, 3), np.uint8), rgb_of(colors)])
    return _png(indices, _INDEXED, palette, transparent=True)


def _rgba(look: Look, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    rgba = np.zeros((*mask.shape, 4), np.uint8)
    rgba[mask, :3] = rgb_of(look.codes[mask])
    rgba[mask, 3] = 255
    return rgba


def _png(
    pixels: NDArray[np.uint8],
    color_type: int,
    palette: NDArray[np.uint8] | None = None,
    *,
    transparent: bool = False,
) -> bytes:
    """Write what `kitty.png` does not: a palette, whose first colour may be none, and RGBA."""
    rows, columns = pixels.shape[:2]
    filtered = np.empty((rows, pixels[0].size + 1), np.uint8)
    lines = pixels.reshape(rows, -1)
    filtered[:, 0] = 0 if transparent else 2
    filtered[:, 1:] = lines
    if not transparent:
        np.subtract(lines[1:], lines[:-1], out=filtered[1:, 1:])
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, color_type, 0, 0, 0))]
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.tobytes()))
    if transparent:
        parts.append(_chunk(b"tRNS", b"\0"))
    return b"".join([b"\x89PNG\r\n\x1a\n", *parts, _chunk(b"IDAT", _deflate(filtered)), _chunk(b"IEND", b"")])


def _deflate(lines: NDArray[np.uint8]) -> bytes:
    from imagecodecs import deflate_encode  # noqa: PLC0415 - loaded with the first picture, not with the command

    return bytes(deflate_encode(lines.tobytes(), level=1))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
