"""Values between voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.planes.two_threads import share
from noctis_tui.imaging.turning import compiled_turning

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

COMPILED_KINDS = "hHBf"
"""Of numpy's type characters."""
Replaced = tuple[float, float, float]
"""Lowest and highest stored value of padding, and the value that stands for such voxels."""
_POINTS_AT_ONCE = 1 << 12


def trilinear(
    stored: NDArray[Any], indices: NDArray[np.float64], replaced: Replaced | None = None
) -> NDArray[np.float64]:
    """Return values at voxel indices; beyond the outermost voxels those of the nearest.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    indices
        [3, points]: (k, j, i), not rounded.
    replaced
        Which voxels have another value.

    Returns
    -------
    NDArray[np.float64]
        [points].
    """
    points = compiled_turning.points
    if points is not None and stored.dtype.char in COMPILED_KINDS:
        return in_two_threads(points.values, stored, indices, (indices.shape[1],), replaced)
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
        _read(flat, first + k + j + i, replaced)
        for k in (0, steps[0])
        for j in (0, steps[1])
        for i in (0, steps[2])
    ]
    for part in reversed(shares):
        corners = [a + (b - a) * part for a, b in zip(corners[0::2], corners[1::2], strict=True)]
    values: NDArray[np.float64] = corners[0]
    return values


def _read(flat: NDArray[Any], places: NDArray[np.intp], replaced: Replaced | None) -> NDArray[np.float64]:
    stored = flat.take(places)
    values: NDArray[np.float64] = stored.astype(np.float64)
    if replaced is not None:
        low, high, instead = replaced
        values[is_padding(stored, (low, high))] = instead
    return values


def differences(
    stored: NDArray[Any], indices: NDArray[np.float64], replaced: Replaced | None = None
) -> NDArray[np.float64]:
    """Return how values grow over two voxels around points, along each index axis.

    Returns
    -------
    NDArray[np.float64]
        [3, points]: the value one voxel further less the one a voxel before.
    """
    points = compiled_turning.points
    if points is not None and stored.dtype.char in COMPILED_KINDS:
        return in_two_threads(points.differences, stored, indices, indices.shape, replaced)
    found = np.empty(indices.shape)
    for axis, step in enumerate(np.eye(3)):
        further, before = (trilinear(stored, indices + way * step[:, None], replaced) for way in (1, -1))
        found[axis] = further - before
    return found


def in_two_threads(
    run: Callable[..., object],
    stored: NDArray[Any],
    indices: NDArray[np.float64],
    shape: tuple[int, ...],
    replaced: Replaced | None,
    more: tuple[float, ...] = (),
) -> NDArray[np.float64]:
    """Let a compiled loop look at points, and return what it writes."""
    out, places = np.empty(shape), np.ascontiguousarray(indices, np.float64)
    count = indices.shape[1]
    parts = [(first, min(first + _POINTS_AT_ONCE, count)) for first in range(0, count, _POINTS_AT_ONCE)]
    share(lambda part: run(stored, places, out, *part, *more, *(replaced or ())), parts)
    return out
