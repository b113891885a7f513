"""Modality values as signed 16 bit numbers with a rescale, as finely as the source had them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.volume import Volume

_LOWEST, _HIGHEST = -32768, 32767


@dataclass(frozen=True, slots=True)
class WholeValues:
    """How modality values are stored.

    Attributes
    ----------
    slope, intercept
        Modality values are stored values * slope + intercept (PS3.3 C.11.1).
    lowest, highest
        The smallest and largest stored value that the volume can give.
    padding
        Stored for what lies outside the volume; None where no value is left for it.
    """

    slope: float
    intercept: float
    lowest: int
    highest: int
    padding: int | None

    def stored(self, values: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return the stored values of an image; NaN becomes padding, without one the lowest value."""
        whole = np.rint((values.astype(np.float64) - self.intercept) / self.slope)
        outside = np.isnan(whole)
        whole[outside] = self.lowest if self.padding is None else self.padding
        return np.clip(whole, _LOWEST, _HIGHEST).astype(np.int16)


def whole_values(volume: Volume) -> WholeValues:
    """Return how the values of a volume, and what is interpolated between them, are stored.

    Whole stored values keep the source's rescale, moved down where they are unsigned and large; others are
    spread over 65,500 steps.
    """
    stored = volume.stored_values
    if stored.dtype.kind in "ui":
        low, high = int(stored.min()), int(stored.max())
        shift = 0 if low >= _LOWEST and high <= _HIGHEST else 32768
        lowest, highest = low - shift, high - shift
        intercept = volume.rescale_intercept + volume.rescale_slope * shift
        return WholeValues(volume.rescale_slope, intercept, lowest, highest, _beside(lowest, highest))
    return _of_floats(stored)


def _of_floats(stored: NDArray[np.float32]) -> WholeValues:
    low, high = _range(stored)
    if low >= -32000 and high <= 32000 and _are_whole(stored):
        return WholeValues(1.0, 0.0, round(low), round(high), _beside(round(low), round(high)))
    if low >= 0:  # a rescale intercept of 0, which positron emission demands (PS3.3 C.8.9.4)
        slope = high / 32700 or 1.0
        return WholeValues(slope, 0.0, int(low / slope), 32700, -1)
    slope = max(high, -low) / 32700
    return WholeValues(slope, 0.0, round(low / slope), round(high / slope), _LOWEST)


def _range(stored: NDArray[np.float32]) -> tuple[float, float]:
    low, high = 0.0, 0.0
    for number, image in enumerate(stored):
        finite = image[np.isfinite(image)]
        if finite.size:
            smallest, largest = float(finite.min()), float(finite.max())
            low, high = (smallest, largest) if not number else (min(low, smallest), max(high, largest))
    return low, high


def _are_whole(stored: NDArray[np.float32]) -> bool:
    return all(bool((image == np.rint(image)).all()) for image in stored)


def _beside(lowest: int, highest: int) -> int | None:
    if lowest > _LOWEST:
        return lowest - 1
    return highest + 1 if highest < _HIGHEST else None
