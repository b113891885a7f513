"""What a terminal is asked to show: display values, an overlay in a few fixed colours, and labels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

DisplayPixels: TypeAlias = NDArray[np.uint8]
Anchor: TypeAlias = Literal[
    "top-left", "top-right", "bottom-left", "bottom-right", "top", "bottom", "left", "right"
]

OVERLAY_COLORS: tuple[tuple[int, int, int], ...] = (
    (230, 230, 230),  # 1 text and orientation letters
    (255, 210, 63),  # 2 the active mark, the scale
    (64, 200, 255),  # 3 marks
    (90, 220, 120),  # 4 passed, localizer lines
    (255, 96, 96),  # 5 findings
    (255, 150, 60),  # 6 warnings
    (200, 130, 255),  # 7 crosshair, second plane
    (255, 120, 200),  # 8 crosshair, third plane
    (150, 150, 150),  # 9 subdued text
    (0, 0, 0),  # 10 outline
)
"""Overlay index 1 is the first of these; terminals reserve registers for at most 15 of them."""

OUTLINE_INDEX = 10
"""The overlay index of the dark outline that keeps text readable over bright pixels."""


def nearest_index(rgb: tuple[int, int, int]) -> int:
    """Return the overlay index that looks most like a colour; the outline's is none to write in."""
    indices = [index for index in range(1, len(OVERLAY_COLORS) + 1) if index != OUTLINE_INDEX]
    return min(indices, key=lambda index: math.dist(OVERLAY_COLORS[index - 1], rgb))


@dataclass(frozen=True, slots=True)
class Label:
    r"""One or more lines of text at a border of the picture, or beside a point of it.

    Attributes
    ----------
    text
        Lines separated by ``\n``; already made visible (`archive.dicom.text.visible`).
    anchor
        The corner, or the middle of the side, that the text is written to.
    color_index
        Overlay index, 1 is the first of `OVERLAY_COLORS`.
    at_px
        Where the text's top left corner lies (x, y), for text beside a point; `anchor` does not count then.
        Text that would leave the picture is moved inside; where the point is outside nothing is written.
    """

    text: str
    anchor: Anchor
    color_index: int = 1
    at_px: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One finished picture in screen pixels.

    Attributes
    ----------
    pixels
        Display values, uint8 [rows, columns] (grey) or [rows, columns, 3] (RGB).
    overlay
        Overlay indices, uint8 [rows, columns]; 0 shows the pixel, n shows ``OVERLAY_COLORS[n - 1]``.
    labels
        Text; drawn into the pixels where the terminal shows pixels, real text where it shows cells.
    native
        Gives the same view in fewer pixels, one for each of the image's own, where the image was enlarged to
        `pixels`: a terminal that enlarges by itself needs no more for a picture that moves. None where it was
        not, or where something was drawn into `pixels`.
    """

    pixels: DisplayPixels
    overlay: NDArray[np.uint8] | None = None
    labels: tuple[Label, ...] = ()
    native: Callable[[], DisplayPixels] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if (
            self.pixels.dtype != np.uint8
            or self.pixels.ndim not in {2, 3}
            or self.pixels.shape[2:] not in {(), (3,)}
        ):
            raise ValueError(
                f"display values are uint8 grey or RGB, not {self.pixels.dtype}{self.pixels.shape}"
            )
        if self.overlay is not None and self.overlay.shape != self.pixels.shape[:2]:
            raise ValueError(f"an overlay of {self.overlay.shape} over a picture of {self.pixels.shape[:2]}")

    @property
    def is_color(self) -> bool:
        """Whether the pixels are RGB."""
        return self.pixels.ndim == 3

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]
