"""Projections along an index axis of a volume: of slabs between two slices, and of all of it."""

from __future__ import annotations

from enum import Enum
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.rescaling import modality_values

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume

AT_ONCE = 16
"""Rows, or slices, that are projected between two looks at the token."""
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


def project(
    volume: Volume, axis: int, projection: Projection, *, token: CancelToken | None = None
) -> NDArray[np.float32]:
    """Project all of a volume along one of its index axes.

    Parameters
    ----------
    volume
        What to look through.
    axis
        0 looks along the slices' normal, 1 along the columns, 2 along the rows of the slices.
    projection
        MAX, MIN or MEAN.
    token
        Looked at every `AT_ONCE` rows of the result.

    Returns
    -------
    NDArray[np.float32]
        Modality values, the other two axes in their order: [rows, columns] for 0, [slices, columns] for 1,
        [slices, rows] for 2.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    stored = project_stored(
        volume.stored_values, axis, projection.of_stored_values(volume.rescale_slope), token=token
    )
    return modality_values(volume, stored)


def project_stored(
    stored: NDArray[Any], axis: int, projection: Projection, *, token: CancelToken | None = None
) -> NDArray[Any]:
    """Project stored values along an axis of an array [slices, rows, columns].

    Returns
    -------
    NDArray[Any]
        Two-dimensional; of the type of `stored`, or float64 for means, which come from sums without rounding.
    """
    shape = stored.shape[:axis] + stored.shape[axis + 1 :]
    out = np.empty(shape, np.float64 if projection is Projection.MEAN else stored.dtype)
    for first in range(0, shape[0], AT_ONCE):
        if token is not None:
            token.check()
        rows = slice(first, first + AT_ONCE)
        part = stored[:, rows] if axis == 0 else stored[rows]
        _reduce(part, axis, projection, out[rows])
    return out


def _reduce(part: NDArray[Any], axis: int, projection: Projection, out: NDArray[Any]) -> None:
    is_float = part.dtype.kind == "f"
    if projection is Projection.MEAN:
        total = np.add.reduce(part, axis=axis, dtype=np.float64 if is_float else np.int64)
        np.divide(total, part.shape[axis], out=out)
    elif projection is Projection.MAX:
        (np.fmax if is_float else np.maximum).reduce(part, axis=axis, out=out)
    elif projection is Projection.MIN:
        (np.fmin if is_float else np.minimum).reduce(part, axis=axis, out=out)
    else:
        raise ValueError("a slab is projected by MAX, MIN or MEAN")
