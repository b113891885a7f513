"""What becomes of samples that lie behind each other, and which slices lie in a slab."""

from __future__ import annotations

from enum import Enum
from math import ceil, floor

SAME_INDEX = 1e-6
"""Voxels: places that differ by less are the same. Float64 affines round to about 1e-11."""


class Projection(Enum):
    """What becomes of the samples that lie behind each other in a slab."""

    NONE = "none"
    """The slab is not looked through: the plane in its middle alone."""
    MAX = "max"
    MIN = "min"
    MEAN = "mean"

    def of_stored_values(self, rescale_slope: float) -> Projection:
        """Return what does the same to stored values: a negative slope turns the order of values round."""
        turned = {Projection.MAX: Projection.MIN, Projection.MIN: Projection.MAX}
        return turned.get(self, self) if rescale_slope < 0 else self


def slab_of(center_index: float, thickness_mm: float, spacing_mm: float, count: int) -> range:
    """Return the slices whose centres lie in a slab, both of its ends included.

    Parameters
    ----------
    center_index
        Where the middle of the slab lies along the axis, in voxels, not rounded.
    thickness_mm
        Distance of the two ends; what sticks out of the volume counts for nothing.
    spacing_mm, count
        Of the slices along this axis.
    """
    half = thickness_mm / 2 / spacing_mm
    first = max(ceil(center_index - half - SAME_INDEX), 0)
    return range(first, max(min(floor(center_index + half + SAME_INDEX), count - 1) + 1, first))
