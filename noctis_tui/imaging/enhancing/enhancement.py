"""Enhancement as the last step before the screen: from display values to display values.

It works on display values (0 black to 255 white, behind the VOI LUT), not on modality values. So the reader's
window stays what it says, one strength means the same for every modality and unit, and no measured value, no
probe and no exported value can ever see it. Every function is pure and computes on the whole image: what is
enhanced does not change with zoom and pan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LEAST, MOST, STEP = 10, 100, 10
"""Strengths in percent, and by how much one step changes them."""


class EnhancementKind(StrEnum):
    """What can be done to the picture; the value is its name on the command line."""

    SHARPEN = "sharpen"
    DENOISE = "denoise"
    EDGES = "edges"
    CLAHE = "clahe"
    EQUALIZE = "equalize"


_TITLES = {EnhancementKind.CLAHE: "CLAHE", EnhancementKind.EQUALIZE: "equalised"}
_FIRST_STRENGTHS = {EnhancementKind.EQUALIZE: MOST}


@dataclass(frozen=True, slots=True)
class Enhancement:
    """One of the kinds with its strength in percent, 10 to 100."""

    kind: EnhancementKind
    strength: int = 50

    @property
    def title(self) -> str:
        """What the corner of the picture says."""
        return f"{_TITLES.get(self.kind, self.kind.value)} {self.strength} %"

    def stronger(self, steps: int) -> Enhancement:
        """Return it by some steps stronger, weaker for negative steps; the ends hold."""
        return replace(self, strength=min(max(self.strength + steps * STEP, LEAST), MOST))


def first_of(kind: EnhancementKind) -> Enhancement:
    """Return a kind with the strength to begin with."""
    return Enhancement(kind, _FIRST_STRENGTHS.get(kind, 50))


def following(enhancement: Enhancement | None, steps: int = 1) -> Enhancement | None:
    """Return the next kind in the round none, sharpen, denoise, edges, CLAHE, equalise; None is none."""
    kinds: list[EnhancementKind | None] = [None, *EnhancementKind]
    place = kinds.index(enhancement.kind if enhancement is not None else None)
    kind = kinds[(place + steps) % len(kinds)]
    return first_of(kind) if kind is not None else None


def enhance(display: NDArray[np.uint8], enhancement: Enhancement) -> NDArray[np.uint8]:
    """Return an enhanced picture.

    Parameters
    ----------
    display
        Display values [rows, columns], or RGB [rows, columns, 3]: of colour only the luma changes, so that
        hues stay; edges of a colour image are grey.

    Returns
    -------
    NDArray[np.uint8]
        The same shape.
    """
    step = _step(enhancement)
    if display.ndim == 2:
        return step(display)
    luma = _luma(display)
    changed = step(luma)
    if enhancement.kind is EnhancementKind.EDGES:
        return np.repeat(changed[..., None], 3, axis=2)
    moved = changed.astype(np.int16) - luma
    return np.clip(display + moved[..., None], 0, 255).astype(np.uint8)


def _luma(display: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return luma of RGB by ITU-R BT.601, as JPEG has it."""
    return np.rint(display @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)


def _step(enhancement: Enhancement) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    # Each is imported when it is first asked for: the first picture needs none of them.
    strength = enhancement.strength / MOST
    match enhancement.kind:
        case EnhancementKind.SHARPEN:
            from noctis_tui.imaging.enhancing.unsharp_mask import sharpened  # noqa: PLC0415

            return lambda display: sharpened(display, amount=2 * strength)
        case EnhancementKind.DENOISE:
            from noctis_tui.imaging.enhancing.bilateral_filter import denoised  # noqa: PLC0415

            return lambda display: denoised(display, sigma_levels=4 + 44 * strength)
        case EnhancementKind.EDGES:
            from noctis_tui.imaging.enhancing.sobel import edges  # noqa: PLC0415

            return lambda display: edges(display, gain=4 * strength)
        case EnhancementKind.CLAHE:
            from noctis_tui.imaging.enhancing.clahe import locally_equalized  # noqa: PLC0415

            return lambda display: locally_equalized(display, clip_factor=1 + 6 * strength)
        case EnhancementKind.EQUALIZE:
            from noctis_tui.imaging.enhancing.histogram_equalization import equalized  # noqa: PLC0415

            return lambda display: equalized(display, share=strength)
