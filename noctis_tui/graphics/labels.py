"""Labels as pixels: crisp text with a dark outline, drawn into a picture's overlay."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from noctis_tui.graphics import fonts
from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Anchor, Label

SHADES = 3
"""Full ink, two thirds, one third: what smooth edges take over the dark outline.

An overlay index holds its colour in the low four bits and its shade (0 is full) in the two above.
"""
_SHADE_OF_INK = np.array([0] * 43 + [3] * 85 + [2] * 85 + [1] * 43, dtype=np.uint8)
"""Coverage 0-255 -> 0 no ink, else 4 - shade ... 1 full ink."""


def overlay_rgb(index: int) -> tuple[int, int, int]:
    """RGB of an overlay index, shade included; black for one that means nothing."""
    if not 1 <= index & 15 <= len(OVERLAY_COLORS):
        return 0, 0, 0
    red, green, blue = OVERLAY_COLORS[(index & 15) - 1]
    left = max(SHADES - (index >> 4), 0)
    return red * left // SHADES, green * left // SHADES, blue * left // SHADES


def draw_labels(picture: Picture, font_px: int) -> Picture:
    """Draw the labels into the overlay; the result has none left.

    Parameters
    ----------
    picture
        Any picture; it is not changed.
    font_px
        Font size in pixels, about 0.8 of a cell's height.
    """
    if not picture.labels:
        return picture
    rows, columns = picture.pixels.shape[:2]
    overlay = np.zeros((rows, columns), np.uint8) if picture.overlay is None else picture.overlay.copy()
    margin = max(2, font_px // 3)
    taken: dict[Anchor, int] = {}
    for label in picture.labels:
        ink = _ink(_printable(label.text), font_px)
        if label.at_px is not None:
            _stamp_at(overlay, ink, label, label.at_px)
            continue
        offset = taken.get(label.anchor, margin)
        taken[label.anchor] = offset + ink.shape[0]
        top, left = _place(label.anchor, ink.shape, (rows, columns), offset, margin)
        _stamp(overlay, ink, top, left, label)
    return Picture(picture.pixels, overlay, native=picture.native)


def _stamp_at(
    overlay: NDArray[np.uint8], ink: NDArray[np.uint8], label: Label, at_px: tuple[int, int]
) -> None:
    (height, width), (rows, columns) = ink.shape, overlay.shape
    left, top = at_px
    if 0 <= left < columns and 0 <= top < rows:
        _stamp(overlay, ink, max(min(top, rows - height), 0), max(min(left, columns - width), 0), label)


def _place(
    anchor: Anchor, size: tuple[int, ...], room: tuple[int, int], offset: int, margin: int
) -> tuple[int, int]:
    height, width = size
    rows, columns = room
    vertical, _, side = anchor.partition("-")
    if vertical in {"left", "right"}:
        vertical, side = "", vertical
    top = {"top": offset, "bottom": rows - offset - height}.get(vertical, (rows - height) // 2)
    left = {"left": margin, "right": columns - margin - width}.get(side, (columns - width) // 2)
    return max(0, top), max(0, left)


def _stamp(overlay: NDArray[np.uint8], ink: NDArray[np.uint8], top: int, left: int, label: Label) -> None:
    target = overlay[top : top + ink.shape[0], left : left + ink.shape[1]]
    shade = ink[: target.shape[0], : target.shape[1]]
    target[_grown(shade > 0) & (shade == 0)] = OUTLINE_INDEX
    inked = shade > 0
    target[inked] = ((shade[inked] - 1) << 4) | label.color_index


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grown = mask.copy()
    for axis in (0, 1):
        wide = grown.copy()
        forward = [slice(None)] * 2
        backward = [slice(None)] * 2
        forward[axis], backward[axis] = slice(1, None), slice(None, -1)
        wide[tuple(forward)] |= grown[tuple(backward)]
        wide[tuple(backward)] |= grown[tuple(forward)]
        grown = wide
    return grown


def _printable(text: str) -> str:
    # The layout of complex scripts refuses separators and controls.
    return "".join(
        letter if letter == "\n" or letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


@lru_cache(maxsize=8)
def typeface(font_px: int) -> ImageFont.FreeTypeFont:
    """Return the typeface of everything that is written into pictures."""
    # Pillow's built-in typeface has no accents, Greek or Cyrillic, and a headless server has no other.
    with as_file(files(fonts) / "DejaVuSansCondensed.ttf") as typeface:
        return ImageFont.truetype(typeface, font_px)


@lru_cache(maxsize=256)
def _ink(text: str, font_px: int) -> NDArray[np.uint8]:
    """Shade 0 (none) to 3 of each pixel of the text, one pixel of room around it for the outline."""
    font = typeface(font_px)
    measured = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font, spacing=2)
    width, height = (int(np.ceil(side)) + 2 for side in measured[2:])
    canvas = Image.new("L", (max(width, 1), max(height, 1)))
    ImageDraw.Draw(canvas).multiline_text((1, 1), text, fill=255, font=font, spacing=2)
    shades: NDArray[np.uint8] = _SHADE_OF_INK[np.asarray(canvas)]
    return shades
