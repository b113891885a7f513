"""What a kitty picture is made of: its pixels, exact or coarser ones, and islands of overlay above them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from noctis_tui.graphics.encoding.drafts import encode_draft
from noctis_tui.graphics.encoding.png import encode_png
from noctis_tui.graphics.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from noctis_tui.graphics.kitty.draft_choices import DraftChoices
    from noctis_tui.graphics.picture import DisplayPixels
    from noctis_tui.graphics.site import CellBox


EXACT, OWN, SMALL = 0, 1, 2
"""The first levels: exact, in the image's own pixels where it was enlarged, the largest draft."""

SHARES = {SMALL: 0.1, 3: 0.07, 4: 0.05, 5: 0.033}
"""How much of the exact picture's bytes drafts may take (`encoding.drafts`), by level."""

COARSEST = max(SHARES)


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
        Chooses the drafts of the view.
    """

    def __init__(self, picture: Picture, choices: DraftChoices) -> None:
        self._picture, self._choices = picture, choices
        self._keys: dict[int, bytes] = {}  # by what holds the pixels, which lives as long as this

    @cached_property
    def _own(self) -> DisplayPixels:
        return self._picture.pixels if self._picture.native is None else self._picture.native()

    def at(self, level: int) -> Below:
        """Return the pixels at a level."""
        if level in SHARES:
            return self._draft(level)
        pixels = self._picture.pixels if level == EXACT else self._own
        size_px = pixels.shape[1], pixels.shape[0]
        return Below(size_px, self._key(pixels), partial(encode_png, Picture(pixels)))

    def _draft(self, level: int) -> Below:
        key = self._key(self._own) + b"draft %d" % level
        choice = self._choices.of(key, self._picture.pixels, self._own, level)

        def png() -> bytes:
            content = encode_draft(self._own, choice)
            self._choices.encoded(len(content), level)
            return content

        return Below(choice.size_px(self._own), key, png)

    def _key(self, pixels: DisplayPixels) -> bytes:
        known = self._keys.get(id(pixels))
        if known is None:
            known = self._keys[id(pixels)] = key_of(pixels)
        return known


def key_of(*parts: NDArray[Any]) -> bytes:
    """Tell pixels apart: SHA-1 of their sizes and values."""
    hashed = hashlib.sha1(repr([part.shape for part in parts]).encode(), usedforsecurity=False)
    for part in parts:
        hashed.update(np.ascontiguousarray(part).data)
    return hashed.digest()


def cut(overlay: NDArray[np.uint8], box: CellBox, cell_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the part of an overlay in a box of cells."""
    width, height = cell_px
    rows = slice(box.y * height, (box.y + box.height) * height)
    return np.ascontiguousarray(overlay[rows, box.x * width : (box.x + box.width) * width])
