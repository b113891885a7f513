"""Values of a volume along straight lines: the core of every curved picture, whose rows are such lines.

Interpolation is trilinear between the centres of voxels. A volume reaches to the outer edges of its outermost
voxels, as in `reslicing`: beyond their centres they go on as they are, beyond their edges is nothing (NaN).
Padding is as good as outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.curves import compiled_lines
from noctis_tui.imaging.planes.padding import between, is_padding
from noctis_tui.imaging.planes.projection import SAME_INDEX
from noctis_tui.imaging.planes.two_threads import share
from noctis_tui.imaging.rescaling import modality_values

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.volume import Volume

    Floats = NDArray[np.float64]
    Values = NDArray[np.float32]
    Bounds = NDArray[np.int64]

_POINTS_AT_ONCE = 8192
"""So many intermediate results stay in the processor's cache."""


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
        Looked at at least every 30 ms.

    Returns
    -------
    NDArray[np.float32]
        [lines, count]; NaN outside.

    Raises
    ------
    Cancelled
        The token was cancelled.
    """
    turn = volume.patient_to_index[:3, :3].T
    lines = np.concatenate([starts_mm @ turn + volume.patient_to_index[:3, 3], steps_mm @ turn], axis=1)
    values = np.empty((len(lines), count), np.float32)
    loops, bounds = compiled_lines.loops, None
    if loops is None:
        bounds = _points_inside(lines, volume.shape, count)
    rows = max(1, _POINTS_AT_ONCE // max(1, count))

    def sample_from(first: int) -> None:
        if token is not None:
            token.check()
        part = slice(first, first + rows)
        if loops is not None:
            loops.sample_lines(
                volume.stored_values, lines[part], values[part], *(volume.stored_padding or ())
            )
        elif bounds is not None:
            values[part] = _interpolated(volume, lines[part], bounds[part], count)

    # Many parts, since the other thread may begin late; numpy's are too short for two.
    parts = range(0, len(lines), rows)
    if loops is not None:
        share(sample_from, parts)
    else:
        for first in parts:
            sample_from(first)
    return modality_values(volume, values, may_overwrite=True)


def _points_inside(lines: Floats, shape: tuple[int, ...], count: int) -> Bounds:
    """Return, for each line, the first point that lies inside the volume and the one after the last."""
    starts, steps = np.split(np.ascontiguousarray(lines.T), 2)
    low = -0.5 - SAME_INDEX - starts
    high = low + np.array(shape)[:, None] + 2 * SAME_INDEX
    stays = np.abs(steps) * max(count - 1, 1) < SAME_INDEX
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = low / steps, high / steps
    enters, leaves = np.minimum(one, other), np.maximum(one, other)
    if stays.any():
        enters[stays] = np.where((low > 0) | (high < 0), np.inf, -np.inf)[stays]
        leaves[stays] = np.inf
    begin = np.ceil(np.minimum(np.maximum(enters.max(axis=0), 0), count))
    stop = np.maximum(begin, np.floor(np.minimum(leaves.min(axis=0), count - 1.0)) + 1)
    return np.stack([begin, stop], axis=1).astype(np.int64)


def _interpolated(volume: Volume, lines: Floats, bounds: Bounds, count: int) -> Values:
    """Return stored values at the points of lines."""
    stored = volume.stored_values
    if not count:
        return np.empty((len(lines), 0), np.float32)
    at = lines.T[3:, :, None] * np.arange(count, dtype=np.float64)
    at += lines.T[:3, :, None]
    places = np.zeros(at.shape[1:])
    stride, shares, strides = stored.size, [], []
    for index, size in zip(at, stored.shape, strict=True):
        stride //= size
        whole = _lower_index(index, size)
        shares.append(np.subtract(index, whole, out=index).astype(np.float32))
        strides.append(stride if size > 1 else 0)
        whole *= stride
        places += whole
    values = _blended(stored.reshape(-1), places.astype(np.intp), strides, shares, volume.stored_padding)
    if bounds[:, 0].any() or (bounds[:, 1] < count).any():
        points = np.arange(count)
        values[(points < bounds[:, :1]) | (points >= bounds[:, 1:])] = np.nan
    return values


def _lower_index(index: Floats, size: int) -> Floats:
    """Return the lower of the indices that each index, which is clamped, lies between."""
    ends = index[:, [0, -1]]  # of lines: what lies between them lies between them in the volume
    if ends.min() >= 0 and ends.max() < size - 1:
        return np.floor(index)
    np.clip(index, 0, size - 1, out=index)
    return np.minimum(np.floor(index), max(size - 2, 0))


def _blended(
    flat: NDArray[Any],
    base: NDArray[np.intp],
    strides: list[int],
    shares: list[Values],
    padding: Padding | None,
) -> Values:
    """Blend the eight neighbours: along columns, then rows, then slices."""
    k, j, i = strides
    blend = _between if padding is None else between
    planes = []
    for slice_offset in (0, k):
        lines = []
        for row_offset in (slice_offset, slice_offset + j):
            before, after = (_read(flat, base, offset, padding) for offset in (row_offset, row_offset + i))
            lines.append(blend(before, after, shares[2]))
        planes.append(blend(lines[0], lines[1], shares[1]))
    return blend(planes[0], planes[1], shares[0])


def _read(flat: NDArray[Any], base: NDArray[np.intp], offset: int, padding: Padding | None) -> Values:
    """Return the voxels that lie so far behind, NaN for padding."""
    stored = flat[offset:].take(base)
    values: Values = stored.astype(np.float32)
    if padding is not None:
        values[is_padding(stored, padding)] = np.nan
    return values


def _between(start: Values, end: Values, share: Values) -> Values:
    """Return start + (end - start) * share, in the memory of `end`."""
    end -= start
    end *= share
    end += start
    return end
