"""The thresholds that a shaded surface is offered at: of tissues where values are HU, else of the bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.surfaces.surface_presets import SURFACE_PRESETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.volume import Volume

_SAMPLES = 1 << 16
_BINS = 256
_SHARES = (("Outer", 0.0), ("Inner", 0.4), ("Brightest", 0.75))
"""Of the way from what parts air and tissue to the brightest values, where values have no unit."""


@dataclass(frozen=True, slots=True)
class SurfaceLevel:
    """A modality value from which on voxels are inside, and what is seen then.

    Attributes
    ----------
    name
        As it is shown.
    threshold
        A modality value.
    is_air
        Voxels below it are inside, where they are not around the body.
    """

    name: str
    threshold: float
    is_air: bool = False


_OF_HU = tuple(
    SurfaceLevel(preset.name.capitalize(), preset.threshold_hu, preset.is_air)
    for preset in SURFACE_PRESETS.values()
)


def surface_levels(volume: Volume) -> tuple[SurfaceLevel, ...]:
    """Return what suits a volume, the one to begin with first; at least one."""
    if volume.units == "HU":
        return _OF_HU
    values = _values(volume)
    parting, high = _parting(values), float(np.percentile(values, 99.5))
    return tuple(SurfaceLevel(name, parting + share * (high - parting)) for name, share in _SHARES)


def threshold_step(volume: Volume) -> float:
    """Return by how much a threshold is moved by a key."""
    if volume.units == "HU":
        return 25.0
    low, high = np.percentile(_values(volume), (0.5, 99.5))
    return max(float(high - low) / 40, 1e-6)


def _values(volume: Volume) -> NDArray[np.float64]:
    """Return modality values from all over the volume; at least one."""
    flat = volume.stored_values.reshape(-1)
    stored = flat[:: max(flat.size // _SAMPLES, 1) | 1].astype(np.float64)
    values: NDArray[np.float64] = stored * volume.rescale_slope + volume.rescale_intercept
    values = values[np.isfinite(values)]
    return values if values.size else np.zeros(1)


def _parting(values: NDArray[np.float64]) -> float:
    """Return the value that parts two kinds of values best (Otsu, IEEE Trans. SMC 9(1), 1979)."""
    counts, edges = np.histogram(np.clip(values, None, np.percentile(values, 99.5)), _BINS)
    centers = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    sums = np.cumsum(counts * centers)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = sums[:-1] / below[:-1] - (sums[-1] - sums[:-1]) / above[1:]
        between = np.nan_to_num(below[:-1] * above[1:] * apart**2)
    return float(edges[1 + int(between.argmax())])
