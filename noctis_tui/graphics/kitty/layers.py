"""What a kitty picture is made of: its pixels, exact or coarser ones, and islands of overlay above them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from noctis_tui.graphics.encoding.drafts import encode_draft
from noctis_tui.graphics.encoding.png import DRAFTS, encode_draft_png, encode_png
from noctis_tui.graphics.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from noctis_tui.graphics.encoding.dither import Quality
    from noctis_tui.graphics.kitty.draft_choices import DraftChoices
    from noctis_tui.graphics.picture import DisplayPixels
    from noctis_tui.graphics.site import CellBox


class Level(NamedTuple):
    """How many pixels of the screen one covers, each way, and in how many greys it is (None: any)."""

    factor: float
    greys: Quality | None = None


SIXTEEN, EIGHT, _ = DRAFTS

EXACT, OWN, SMALL = 0, 1, 2
"""The first levels: exact, in the image's own pixels, and the best at a tenth of the bytes."""

LEVELS = (Level(1), Level(1), Level(1), Level(2, EIGHT), Level(3, SIXTEEN), Level(4, SIXTEEN))
"""Level 0 is exact. From level 1 on the pixels are the image's own, if it was enlarged to the screen's and
has no more than the level wants; `SMALL` is chosen picture by picture (`encoding.drafts`).
`docs/graphics.md` says what each level costs and shows.
"""

WORTH = 1.25
"""The image's own pixels may be so many more than a level wants: they show more than means of others do."""


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """A picture's pixels at a level.

    Attributes
    ----------
    size_px
        Width and height.
    key
        Tells what is seen apart from anything else.
    png
        Encodes them.
    """

    size_px: tuple[int, int]
    key: bytes
    png: Callable[[], bytes]


class Belows:
    """The pixels of one picture at every level.

    Parameters
    ----------
    picture
        What is drawn; its overlay and labels lie above.
    choices
        Chooses the small drafts of the view.
    """

    def __init__(self, picture: Picture, choices: DraftChoices) -> None:
        self._picture, self._choices = picture, choices
        self._keys: dict[int, bytes] = {}  # by what holds the pixels, which lives as long as this

    @cached_property
    def _native(self) -> DisplayPixels | None:
        return None if self._picture.native is None else self._picture.native()

    def at(self, level: int) -> Below:
        """Return the pixels at a level."""
        if level == SMALL:
            return self._small()
        factor, greys = LEVELS[level]
        if self._picture.is_color:
            greys = None  # few colours take longer to choose than all do to send
        pixels = self._picture.pixels if level == EXACT else self._fewer(factor)
        return Below(
            (pixels.shape[1], pixels.shape[0]),
            self._key(pixels) + repr(greys).encode(),
            partial(_png, pixels, greys),
        )

    def _fewer(self, factor: float) -> DisplayPixels:
        exact, native = self._picture.pixels, self._native
        if native is not None and native.shape[1] * factor <= exact.shape[1] * WORTH:
            return native
        return exact if factor == 1 else coarse(exact, factor)

    def _small(self) -> Below:
        exact = self._picture.pixels
        source = exact if self._native is None else self._native
        key = self._key(source) + b"small"
        choice = self._choices.of(key, exact, source)

        def png() -> bytes:
            content = encode_draft(source, choice)
            self._choices.encoded(len(content))
            return content

        return Below(choice.size_px(source), key, png)

    def _key(self, pixels: DisplayPixels) -> bytes:
        known = self._keys.get(id(pixels))
        if known is None:
            known = self._keys[id(pixels)] = key_of(pixels)
        return known


def _png(pixels: DisplayPixels, greys: Quality | None) -> bytes:
    picture = Picture(pixels)
    return encode_png(picture) if greys is None else encode_draft_png(picture, greys)


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
