"""Display values in fewer greys: a ramp in whole percents, and blue noise between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.blue_noise import thresholds, tile

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class GreySteps:
    """How the 256 display values become a ramp of greys.

    Attributes
    ----------
    lower
        For each display value the level at or below it, uint8 [256].
    chance
        For each display value the chance, 0-255, that it takes the level above that, uint8 [256].
    percents
        The levels in percent, uint8 [levels].
    """

    lower: NDArray[np.uint8]
    chance: NDArray[np.uint8]
    percents: NDArray[np.uint8]

    @property
    def squared_errors(self) -> NDArray[np.float64]:
        """For each display value the mean squared error, in squared display values, of what is shown."""
        shown = self.percents * 2.55
        values = np.arange(256)
        below, above = shown[self.lower] - values, shown[self.lower + 1] - values
        share = self.chance / 255
        return (1 - share) * below**2 + share * above**2


@lru_cache(maxsize=32)
def grey_steps(levels: int, grain: float = 1.0) -> GreySteps:
    """Give the ramp of that many greys, black and white among them.

    Parameters
    ----------
    levels
        2-101: a sixel colour is stated in whole percents.
    grain
        1 keeps every mean exact; less rounds what lies near a level, which halves the error at 0.5 while
        steps of the ramp are still bridged; 0 rounds everything.
    """
    percents = np.rint(np.linspace(0, 100, levels)).astype(np.uint8)
    shown = percents * 2.55
    values = np.arange(256)
    lower = np.clip(np.searchsorted(shown, values, side="right") - 1, 0, levels - 2)
    share = (values - shown[lower]) / (shown[lower + 1] - shown[lower])
    chance = np.clip(0.5 + (share - 0.5) / max(grain, 1e-9), 0, 1)
    return GreySteps(lower.astype(np.uint8), np.rint(chance * 255).astype(np.uint8), percents)


def index_grey(pixels: NDArray[np.uint8], steps: GreySteps, block: int = 1) -> NDArray[np.uint8]:
    """Give every pixel its level.

    Parameters
    ----------
    pixels
        Display values, uint8 [rows, columns].
    steps
        The ramp.
    block
        Side of the squares of pixels that take one level together, their mean's; 1-16.
    """
    if compiled.loops is not None:
        indices = np.empty(pixels.shape, np.uint8)
        lower, chance = steps.lower.tobytes(), steps.chance.tobytes()
        compiled.loops.index(_in_lines(pixels), tile(), lower, chance, block, indices)
        return indices
    means = pixels if block == 1 else _means(pixels, block)
    indices = steps.lower[means] + (steps.chance[means] > thresholds(*means.shape))
    if block == 1:
        return indices
    repeated = np.repeat(np.repeat(indices, block, axis=0), block, axis=1)
    return repeated[: pixels.shape[0], : pixels.shape[1]]


def count_values(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each value occurs in uint8 [rows, columns]: int64 [256]."""
    if compiled.loops is not None:
        return np.frombuffer(compiled.loops.count(_in_lines(values)), np.int64)
    return np.bincount(values.ravel(), minlength=256)


def _means(pixels: NDArray[np.uint8], block: int) -> NDArray[np.uint8]:
    """Rounded means of blocks; those at the right and lower edge may be smaller."""
    rows, columns = (np.arange(0, side, block) for side in pixels.shape)
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0, dtype=np.uint32), columns, axis=1)
    heights, widths = (
        np.minimum(block, side - begins) for side, begins in zip(pixels.shape, (rows, columns), strict=True)
    )
    counts = np.outer(heights, widths).astype(np.uint32)
    return ((sums + counts // 2) // counts).astype(np.uint8)


def _in_lines(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same values, the pixels of a row side by side."""
    return values if values.strides[1] == 1 else np.ascontiguousarray(values)
