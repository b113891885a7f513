"""The thresholds that a shaded surface is offered at: of tissues where values are HU, else of the bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from noctis_tui.imaging.volume import Volume

_SAMPLES = 1 << 16
_SHARES = (("Outside", 0.2), ("Middle", 0.45), ("Brightest", 0.7))
"""Of the way from the darkest to the brightest values, where they mean nothing outside their image."""


@dataclass(frozen=True, slots=True)
class SurfaceLevel:
    """A modality value from which on voxels are inside, and what is seen then."""

    name: str
    threshold: float


_OF_HU = (SurfaceLevel("Bone", 250.0), SurfaceLevel("Skin", -300.0), SurfaceLevel("Contrast", 180.0))


def surface_levels(volume: Volume) -> tuple[SurfaceLevel, ...]:
    """Return what suits a volume, the one to begin with first; at least one."""
    if volume.units == "HU":
        return _OF_HU
    low, high = _bulk(volume)
    return tuple(SurfaceLevel(name, low + share * (high - low)) for name, share in _SHARES)


def threshold_step(volume: Volume) -> float:
    """Return by how much a threshold is moved by a key."""
    if volume.units == "HU":
        return 25.0
    low, high = _bulk(volume)
    return max((high - low) / 40, 1e-6)


def _bulk(volume: Volume) -> tuple[float, float]:
    flat = volume.stored_values.reshape(-1)
    values = flat[:: max(flat.size // _SAMPLES, 1) | 1].astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    ends = sorted(volume.modality_value(float(part)) for part in np.percentile(values, (0.5, 99.5)))
    return ends[0], ends[1]
