"""Values of a volume along straight lines: the core of every curved picture, whose rows are such lines.

Interpolation is trilinear between the centres of voxels; beyond the outermost centres there is nothing (NaN).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume

    Floats = NDArray[np.float64]
    Values = NDArray[np.float32]

_POINTS_AT_ONCE = 8192
"""So many intermediate results stay in the processor's cache."""
_EDGE = 1e-6
"""So far, in voxels, a point may lie beyond the outermost centres: rounding must not cost the last row."""


def values_on_lines(
    volume: Volume, starts_mm: Floats, steps_mm: Floats, count: int, token: CancelToken | None = None
) -> Values:
    """Return the modality values at equidistant points of straight lines.

    Parameters
    ----------
    volume
        Where to take them from.
    starts_mm, steps_mm
        float64 [lines, 3], LPS: the first point of each line, and the way from point to point.
    count
        Points on each line.
    token
        Checked every few thousand points.

    Returns
    -------
    NDArray[np.float32]
        [lines, count]; NaN outside.

    Raises
    ------
    Cancelled
        The token was cancelled.
    """
    starts = starts_mm @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3]
    steps = steps_mm @ volume.patient_to_index[:3, :3].T
    values = np.empty((len(starts), count), np.float32)
    rows = max(1, _POINTS_AT_ONCE // max(1, count))
    for first in range(0, len(starts), rows):
        if token is not None:
            token.check()
        part = slice(first, first + rows)
        values[part] = _interpolated(volume.stored_values, starts[part], steps[part], count)
    values *= np.float32(volume.rescale_slope)
    values += np.float32(volume.rescale_intercept)
    return values


def _interpolated(stored: NDArray[Any], starts: Floats, steps: Floats, count: int) -> Values:
    """Return stored values at [lines, count] points given by voxel indices."""
    points = np.arange(count, dtype=np.float64)
    inside: NDArray[np.bool_] | None = None
    base: NDArray[np.intp] | None = None
    shares, strides = [], []
    for axis, size in enumerate(stored.shape):
        at = starts[:, axis, None] + steps[:, axis, None] * points
        held = (at >= -_EDGE) & (at <= size - 1 + _EDGE)
        whole = np.clip(at, 0, max(0, size - 2)).astype(np.intp)
        stride = int(np.prod(stored.shape[axis + 1 :]))
        inside = held if inside is None else inside & held
        base = whole * stride if base is None else base + whole * stride
        shares.append(np.clip(at - whole, 0, 1).astype(np.float32))
        strides.append(stride if size > 1 else 0)
    assert inside is not None
    assert base is not None
    values = _blended(stored.reshape(-1), base, strides, shares)
    values[~inside] = np.nan
    return values


def _blended(flat: NDArray[Any], base: NDArray[np.intp], strides: list[int], shares: list[Values]) -> Values:
    """Blend the eight neighbours: along columns, then rows, then slices."""
    k, j, i = strides
    planes = []
    for slice_offset in (0, k):
        lines = []
        for row_offset in (slice_offset, slice_offset + j):
            before = flat.take(base + row_offset).astype(np.float32)
            after = flat.take(base + (row_offset + i)).astype(np.float32)
            lines.append(_between(before, after, shares[2]))
        planes.append(_between(lines[0], lines[1], shares[1]))
    return _between(planes[0], planes[1], shares[0])


def _between(start: Values, end: Values, share: Values) -> Values:
    """Return start + (end - start) * share, in the memory of `end`."""
    end -= start
    end *= share
    end += start
    return end
