"""Modality values as signed 16 bit numbers with a rescale, as finely as the source had them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return _of_floats(volume)


def _of_floats(volume: Volume) -> WholeValues:
    low, high = _range(volume)
    if low >= -32000 and high <= 32000 and _are_whole(volume):
        return WholeValues(1.0, 0.0, round(low), round(high), _beside(round(low), round(high)))
    if low >= 0:  # a rescale intercept of 0, which positron emission demands (PS3.3 C.8.9.4)
        slope = high / 32700 or 1.0
        return WholeValues(slope, 0.0, int(low / slope), 32700, -1)
    slope = max(high, -low) / 32700
    return WholeValues(slope, 0.0, round(low / slope), round(high / slope), _LOWEST)


def _range(volume: Volume) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for values in _measured(volume):
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _are_whole(volume: Volume) -> bool:
    return all(bool((values == np.rint(values)).all()) for values in _measured(volume))


def _measured(volume: Volume) -> Iterator[NDArray[np.float32]]:
    """Go through the values of each slice; gaps have none."""
    padding = volume.stored_padding if volume.has_gaps else None
    for image in volume.stored_values:
        yield image if padding is None else image[~is_padding(image, padding)]


def _beside(lowest: int, highest: int) -> int | None:
    if lowest > _LOWEST:
        return lowest - 1
    return highest + 1 if highest < _HIGHEST else None
