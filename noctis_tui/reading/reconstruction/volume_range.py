"""The lowest and the highest value of a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from noctis_tui.imaging.volume import Volume


def full_range(volume: Volume) -> tuple[float, float]:
    """Return the lowest and the highest modality value; padding and what is no number count for nothing.

    Slice by slice: a volume may be larger than memory.
    """
    low, high = np.inf, -np.inf
    for stored in volume.stored_values:
        values = stored
        if volume.padding_range is not None:
            modality = stored * np.float64(volume.rescale_slope) + volume.rescale_intercept
            values = stored[(modality < volume.padding_range[0]) | (modality > volume.padding_range[1])]
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low > high:
        return 0.0, 1.0
    ends = sorted(volume.modality_value(end) for end in (low, high))
    return ends[0], ends[1]
