"""What a kitty picture is made of: its pixels, exact or coarser ones, and islands of overlay above them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from noctis_tui.graphics.encoding.png import DRAFTS, encode_draft_png, encode_png
from noctis_tui.graphics.picture import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.encoding.dither import Quality
    from noctis_tui.graphics.picture import DisplayPixels
    from noctis_tui.graphics.site import CellBox


class Level(NamedTuple):
    """How many pixels of the screen one covers, each way, and in how many greys it is (None: any)."""

    factor: float
    greys: Quality | None = None


SIXTEEN, EIGHT, _ = DRAFTS

LEVELS = (Level(1), Level(1), Level(1.5, SIXTEEN), Level(2, EIGHT), Level(3, SIXTEEN), Level(4, SIXTEEN))
"""Level 0 is exact. From level 1 on the pixels are the image's own, if it was enlarged to the screen's and
has no more than the level wants: `docs/graphics.md` says what each level costs and shows.
"""

WORTH = 1.25
"""The image's own pixels may be so many more than a level wants: they show more than means of others do."""


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """A picture's pixels at a level.

    Attributes
    ----------
    pixels
        Display values, uint8 [rows, columns] or [rows, columns, 3].
    greys
        In how many greys they are sent, None for all.
    key
        Tells what is seen apart from anything else.
    """

    pixels: DisplayPixels
    greys: Quality | None
    key: bytes

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def png(self) -> bytes:
        """Encode them."""
        picture = Picture(self.pixels)
        return encode_png(picture) if self.greys is None else encode_draft_png(picture, self.greys)


def below_of(picture: Picture, level: int) -> Below:
    """Return the pixels of a picture at a level."""
    factor, greys = LEVELS[level]
    if picture.is_color:
        greys = None  # few colours take longer to choose than all do to send
    pixels = picture.pixels if level == 0 else _fewer(picture, factor)
    return Below(pixels, greys, key_of(pixels) + repr(greys).encode())


def _fewer(picture: Picture, factor: float) -> DisplayPixels:
    if picture.native is not None:
        native = picture.native()
        if native.shape[1] * factor <= picture.pixels.shape[1] * WORTH:
            return native
    return picture.pixels if factor == 1 else coarse(picture.pixels, factor)


def key_of(*parts: NDArray[Any]) -> bytes:
    """Tell pixels apart: SHA-1 of their sizes and values."""
    hashed = hashlib.sha1(repr([part.shape for part in parts]).encode(), usedforsecurity=False)
    for part in parts:
        hashed.update(np.ascontiguousarray(part).data)
    return hashed.digest()


def coarse(pixels: DisplayPixels, factor: float) -> DisplayPixels:
    """Return fewer pixels for the same picture, `factor` times fewer across and down."""
    rows, columns = pixels.shape[:2]
    size = max(round(columns / factor), 1), max(round(rows / factor), 1)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BOX))


def cut(overlay: NDArray[np.uint8], box: CellBox, cell_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the part of an overlay in a box of cells."""
    width, height = cell_px
    rows = slice(box.y * height, (box.y + box.height) * height)
    return np.ascontiguousarray(overlay[rows, box.x * width : (box.x + box.width) * width])
