"""The slices of a volume laid on each other in a sheared picture: what takes the time of a projection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.turning.compiled_turning import Loops
    from noctis_tui.imaging.turning.shear_warp import ShearWarp
    from noctis_tui.imaging.volume import Volume


Met = tuple["NDArray[np.int32]", "NDArray[np.int32]"]
"""The first and the last slice that each pixel meets (`ShearWarp.met`)."""
SLICES_AT_ONCE, ROWS_AT_ONCE = 16, 64
"""Slices in numpy, rows of all slices in compiled loops, between two looks at the token: milliseconds."""
TURNED_AT_ONCE = 32
"""Slices of the volume that are turned round together in numpy: 17 MB of a CT."""
_KINDS = {Projection.MAX: 0, Projection.MIN: 1, Projection.MEAN: 2}
_FIRST_ABOVE, _FIRST_BELOW = 3, 4
_WORTH_A_THREAD = 1 << 20
"""Voxels of a volume for which a second thread pays."""
_NARROW = 1 << 15

_ranges: WeakKeyDictionary[Volume, int] = WeakKeyDictionary()


def loops_take(volume: Volume) -> bool:
    """Tell whether compiled loops know this kind of stored values."""
    return volume.stored_values.dtype in {
        np.dtype(kind) for kind in (np.int16, np.uint16, np.uint8, np.float32)
    }


def nearest_laid(
    stored: NDArray[Any],
    plan: ShearWarp,
    kind: Projection,
    met: Met,
    *,
    is_slab: bool,
    token: CancelToken | None,
) -> NDArray[Any]:
    """Lay each voxel on the pixel nearest to it.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    plan
        How they are sheared.
    kind
        MAX, MIN or MEAN.
    met
        Of `plan`: which slices each pixel meets.
    is_slab
        Whether `met` leaves any out that cover the pixel.
    token
        Looked at every `SLICES_AT_ONCE` slices.

    Returns
    -------
    NDArray[Any]
        The sheared picture; float64 for MEAN, else of the type of `stored`. Pixels that meet nothing mean
        nothing.
    """
    merge, out = _started(kind, plan.shape, stored.dtype)
    for begin, slices in _in_rows_of_memory(stored, plan):
        _, rows, columns = slices.shape
        for number, (values, (row, column)) in enumerate(zip(slices, plan.starts.T, strict=True)):
            if token is not None and number % SLICES_AT_ONCE == 0:
                token.check()
            window = np.s_[row + begin : row + begin + rows, column : column + columns]
            if is_slab:
                is_met = (met[0][window] <= number) & (number <= met[1][window])
                merge(out[window], values, out=out[window], where=is_met)
            else:
                merge(out[window], values, out=out[window])
    return _averaged(out, met) if kind is Projection.MEAN else out


def _in_rows_of_memory(stored: NDArray[Any], plan: ShearWarp) -> Iterator[tuple[int, NDArray[Any]]]:
    """Give the slices along the rays with what lies side by side in them side by side in memory.

    Where rays run along the rows of the volume, some of its slices at a time are turned round: all of it then
    takes half of what values take that lie apart.
    """
    if plan.axis != 2:
        yield 0, plan.slices(stored)
        return
    for begin in range(0, len(stored), TURNED_AT_ONCE):
        yield begin, np.ascontiguousarray(plan.slices(stored[begin : begin + TURNED_AT_ONCE]))


def between_laid(
    loops: Loops,
    volume: Volume,
    plan: ShearWarp,
    kind: Projection,
    met: Met,
    *,
    is_slab: bool,
    token: CancelToken | None,
) -> NDArray[Any]:
    """Lay values between four voxels on the pixels, in two threads; else as `nearest_laid`.

    Returns
    -------
    NDArray[Any]
        The sheared picture, int16 or float32.
    """
    stored = volume.stored_values
    dtype = np.dtype(np.float32)
    if kind is not Projection.MEAN and not is_slab and _is_narrow(volume):
        dtype = stored.dtype
    merge, one = _started(kind, plan.shape, dtype)
    parts = [one, one.copy()] if stored.size >= _WORTH_A_THREAD else [one]
    bounds = [plan.window[0] * part // len(parts) for part in range(len(parts) + 1)]
    lay = partial(_lay_rows, loops, stored, plan, kind, met if is_slab else None, token)
    share(lay, zip(parts, bounds, bounds[1:], strict=False))
    if len(parts) > 1:
        merge(one, parts[1], out=one)
    return _averaged(one, met) if kind is Projection.MEAN else one


def can_hold(dtype: np.dtype[Any], limit: float) -> bool:
    """Tell whether a limit is a number of this type."""
    return dtype.kind == "f" or np.iinfo(dtype).min <= limit <= np.iinfo(dtype).max


def first_marked(
    loops: Loops,
    stored: NDArray[Any],
    plan: ShearWarp,
    limit: float,
    *,
    is_below: bool,
    token: CancelToken | None,
) -> NDArray[np.int16]:
    """Return the slice in which each pixel's ray first meets a voxel of at least (at most) a limit.

    Returns
    -------
    NDArray[np.int16]
        [rows, columns] of the sheared picture; -1 where there is none.
    """
    backwards = plan.step_mm < 0
    marks = [np.zeros(plan.shape, np.int16) for _ in range(2)]

    def mark(part: tuple[NDArray[np.int16], int, int]) -> None:
        out, first_row, stop_row = part
        for row in range(first_row, stop_row, ROWS_AT_ONCE):
            if token is not None:
                token.check()
            rows = row, min(row + ROWS_AT_ONCE, stop_row)
            kind = _FIRST_BELOW if is_below else _FIRST_ABOVE
            given = stored, out, plan.starts, plan.shares, None, None, plan.axis, kind, *rows
            loops.lay_slices(*given, limit, backwards)

    half = plan.window[0] // 2
    share(mark, [(marks[0], 0, half), (marks[1], half, plan.window[0])])
    nearest = np.maximum(*marks)
    return nearest - 1 if backwards else np.where(nearest > 0, plan.count - nearest, -1).astype(np.int16)


def _lay_rows(
    loops: Loops,
    stored: NDArray[Any],
    plan: ShearWarp,
    kind: Projection,
    met: Met | None,
    token: CancelToken | None,
    part: tuple[NDArray[Any], int, int],
) -> None:
    out, first_row, stop_row = part
    first, last = met or (None, None)
    for row in range(first_row, stop_row, ROWS_AT_ONCE):
        if token is not None:
            token.check()
        rows = row, min(row + ROWS_AT_ONCE, stop_row)
        loops.lay_slices(stored, out, plan.starts, plan.shares, first, last, plan.axis, _KINDS[kind], *rows)


def _averaged(total: NDArray[Any], met: Met) -> NDArray[Any]:
    total /= np.maximum(met[1] - met[0] + 1, 1)
    return total


def _is_narrow(volume: Volume) -> bool:
    """Tell whether differences of stored values are integers of 16 bits, which are fastest."""
    stored = volume.stored_values
    if stored.dtype != np.int16:
        return False
    if volume not in _ranges:
        _ranges[volume] = int(stored.max()) - int(stored.min())
    return _ranges[volume] < _NARROW


def _started(kind: Projection, shape: tuple[int, int], dtype: np.dtype[Any]) -> tuple[np.ufunc, NDArray[Any]]:
    """Return how a value is added to those before it, and the picture before the first one."""
    if kind is Projection.MEAN:
        return np.add, np.zeros(shape, np.float32 if dtype == np.float32 else np.float64)
    is_max, is_float = kind is Projection.MAX, dtype.kind == "f"
    if is_float:
        return (np.fmax if is_max else np.fmin), np.full(shape, -np.inf if is_max else np.inf, dtype)
    limits = np.iinfo(dtype)
    merge = np.maximum if is_max else np.minimum
    return merge, np.full(shape, limits.min if is_max else limits.max, dtype)
