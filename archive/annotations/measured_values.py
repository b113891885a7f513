"""Stored values as what they measure, in float64, and in which unit: as `archive.pixels.quantity` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.modality_lut import map_stored
from archive.pixels.quantity import chosen_mapping, unit_text
from archive.pixels.real_world_value import real_world_values

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes


def measured_values(stored: NDArray[Any], frame: FrameAttributes) -> NDArray[np.float64]:
    """Return what stored values of a grey frame measure, of the same shape; unrounded, NaN where nothing."""
    mapping = chosen_mapping(frame)
    if mapping is not None:
        return real_world_values(stored, mapping)
    values: NDArray[np.float64] = map_stored(stored, frame.rescale, frame.modality_lut).astype(np.float64)
    return values


def value_unit(frame: FrameAttributes) -> str:
    """Return the unit of `measured_values`, empty when the image does not say."""
    mapping = chosen_mapping(frame)
    return (frame.units or "") if mapping is None else unit_text(mapping.unit)


def value_step(stored: NDArray[Any], frame: FrameAttributes) -> float:
    """Return the distance of neighbouring measured values; 0 when there is no such distance."""
    mapping = chosen_mapping(frame)
    if stored.dtype.kind not in "iu" or (mapping is not None and mapping.table is not None):
        return 0.0
    if mapping is not None:
        return abs(mapping.slope)
    return abs(frame.rescale.slope) if frame.rescale and frame.modality_lut is None else 1.0
