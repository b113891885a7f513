"""How often which value occurs in a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.modality_lut import map_stored, modality_values

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes

BINS = 256
_SAMPLES = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class ValueHistogram:
    """Counts of `BINS` equal parts of the range `low` to `high`, both of which occur."""

    low: float
    high: float
    counts: NDArray[np.int64]

    def place_of(self, value: float) -> float:
        """Return where a value lies: 0 at `low`, 1 at `high`; outside for what is beyond."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5


def histogram_of(stored: NDArray[Any], attributes: FrameAttributes) -> ValueHistogram | None:
    """Count the modality values of a frame, of colour its luma; None where nothing can be counted.

    Every pixel of one or two bytes counts; of wider and of floating point values about 260,000 do. Padding,
    NaN and infinities do not.

    Parameters
    ----------
    stored
        Stored values [rows, columns], or RGB [rows, columns, 3].
    attributes
        Of the same frame.
    """
    if stored.ndim == 3:
        luma = stored[..., 0] * 0.299 + stored[..., 1] * 0.587 + stored[..., 2] * 0.114
        return _binned(luma.reshape(-1), None)
    if stored.dtype.kind in "ui" and stored.dtype.itemsize <= 2:
        size = stored.dtype.itemsize
        counts = np.bincount(stored.view(f"u{size}").reshape(-1), minlength=1 << 8 * size)
        present = np.flatnonzero(counts)
        kept = present.astype(f"u{size}").view(stored.dtype)
        inside = ~_is_padding(kept, attributes)
        values = map_stored(kept[inside], attributes.rescale, attributes.modality_lut)
        return _binned(values, counts[present][inside])
    step = max(1, stored.size // _SAMPLES) | 1  # odd, so that it does not run along a column
    some = stored.reshape(-1)[::step]
    some = some[~_is_padding(some, attributes)]
    return _binned(modality_values(some, attributes), None)


def _is_padding(stored: NDArray[Any], attributes: FrameAttributes) -> NDArray[np.bool_]:
    if attributes.padding_range is None:
        return np.zeros(stored.shape, bool)
    low, high = attributes.padding_range
    inside: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return inside


def _binned(values: NDArray[Any], weights: NDArray[Any] | None) -> ValueHistogram | None:
    values = values.astype(np.float64)
    finite = np.isfinite(values)
    values, weights = values[finite], weights[finite] if weights is not None else None
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(high - low):
        return None
    counts, _ = np.histogram(values, BINS, (low, high), weights=weights)
    return ValueHistogram(low, high, counts.astype(np.int64))
