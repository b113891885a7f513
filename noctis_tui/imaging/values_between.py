"""Values between voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray


def trilinear(stored: NDArray[Any], indices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values at voxel indices; beyond the outermost voxels those of the nearest.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    indices
        [3, points]: (k, j, i), not rounded.

    Returns
    -------
    NDArray[np.float64]
        [points].
    """
    lower, shares = [], []
    for along, size in zip(indices, stored.shape, strict=True):
        held = np.clip(along, 0, size - 1)
        below = np.minimum(held.astype(np.intp), max(size - 2, 0))
        lower.append(below)
        shares.append(held - below)
    _, rows, columns = stored.shape
    first = (lower[0] * rows + lower[1]) * columns + lower[2]
    steps = [
        step if size > 1 else 0 for step, size in zip((rows * columns, columns, 1), stored.shape, strict=True)
    ]
    flat = stored.reshape(-1)
    corners = [
        flat.take(first + k + j + i).astype(np.float64)
        for k in (0, steps[0])
        for j in (0, steps[1])
        for i in (0, steps[2])
    ]
    for share in reversed(shares):
        corners = [a + (b - a) * share for a, b in zip(corners[0::2], corners[1::2], strict=True)]
    values: NDArray[np.float64] = corners[0]
    return values
