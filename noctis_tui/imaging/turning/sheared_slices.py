"""The slices of a volume laid on each other in a sheared picture: what takes the time of a projection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.folding import fold, folding_ufunc
from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
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
_FIRST_ABOVE, _FIRST_BELOW, _COUNT = 3, 4, 5
_WORTH_A_THREAD = 1 << 20
"""Voxels of a volume for which a second thread pays."""
_NARROW = 1 << 15

_ranges: WeakKeyDictionary[Volume, tuple[int, int]] = WeakKeyDictionary()


def loops_take(volume: Volume) -> bool:
    """Tell whether compiled loops know this kind of stored values."""
    return volume.stored_values.dtype in {
        np.dtype(kind) for kind in (np.int16, np.uint16, np.uint8, np.float32)
    }


def nearest_laid(
    volume: Volume,
    plan: ShearWarp,
    kind: Projection,
    met: Met,
    *,
    is_slab: bool,
    token: CancelToken | None,
) -> NDArray[Any]:
    """Lay each voxel on the pixel nearest to it; padding is none.

    Parameters
    ----------
    volume
        What is laid.
    plan
        How its slices are sheared.
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
        The sheared picture; float64 for MEAN, else of the type of stored values. Pixels that meet nothing
        mean nothing; where there may be padding there are floats, and pixels that meet nothing else are NaN.
    """
    stored, padding = volume.stored_values, volume.stored_padding
    merge, out = _started(kind, plan.shape, stored.dtype)
    counts = None if padding is None else np.zeros(plan.shape, np.int32)
    for begin, slices in _in_rows_of_memory(stored, plan):
        _, rows, columns = slices.shape
        for number, (values, (row, column)) in enumerate(zip(slices, plan.starts.T, strict=True)):
            if token is not None and number % SLICES_AT_ONCE == 0:
                token.check()
            window = np.s_[row + begin : row + begin + rows, column : column + columns]
            is_laid = _is_laid(values, padding, number, [each[window] for each in met] if is_slab else None)
            merge(out[window], values, out=out[window], where=is_laid)
            if counts is not None:
                counts[window] += is_laid
    if counts is not None:
        return _where_counted(out, counts, kind)
    return _averaged(out, met) if kind is Projection.MEAN else out


def _is_laid(
    values: NDArray[Any], padding: Padding | None, number: int, met: list[NDArray[np.int32]] | None
) -> NDArray[np.bool_] | bool:
    """Tell which voxels of a slice are laid on their pixels."""
    is_laid: NDArray[np.bool_] | bool = padding is None or ~is_padding(values, padding)
    if met is not None:
        is_laid = is_laid & (met[0] <= number) & (number <= met[1])
    return is_laid


def _where_counted(out: NDArray[Any], counts: NDArray[Any], kind: Projection) -> NDArray[Any]:
    """Return what was laid, NaN where nothing was."""
    if kind is Projection.MEAN:
        out /= np.maximum(counts, 1)
    return np.where(counts > 0, out, np.float32(np.nan))


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
        The sheared picture, int16 or float32; where there may be padding float32, and NaN where there is
        nothing else.
    """
    dtype = np.dtype(np.float32)
    if kind is not Projection.MEAN and not is_slab and _is_narrow(volume, token):
        dtype = volume.stored_values.dtype
    merge, begun = _started(kind, plan.shape, dtype)
    lay = partial(_lay_parts, loops, volume, plan, met if is_slab else None, token)
    laid = lay(_KINDS[kind], merge, begun)
    if volume.stored_padding is None:
        return _averaged(laid, met) if kind is Projection.MEAN else laid
    if kind is Projection.MEAN:
        return _where_counted(laid, lay(_COUNT, np.add, np.zeros(plan.shape, np.float32)), kind)
    return np.where(laid == begun.dtype.type(_nothing(kind, dtype)), np.float32(np.nan), laid)


def _lay_parts(
    loops: Loops,
    volume: Volume,
    plan: ShearWarp,
    met: Met | None,
    token: CancelToken | None,
    kind: int,
    merge: np.ufunc,
    begun: NDArray[Any],
) -> NDArray[Any]:
    """Lay all rows on a picture, half of them on another one in another thread where that pays."""
    parts = [begun, begun.copy()] if volume.stored_values.size >= _WORTH_A_THREAD else [begun]
    bounds = [plan.window[0] * part // len(parts) for part in range(len(parts) + 1)]
    share(
        partial(_lay_rows, loops, volume, plan, kind, met, token),
        zip(parts, bounds, bounds[1:], strict=False),
    )
    if len(parts) > 1:
        merge(begun, parts[1], out=begun)
    return begun


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
    padding: Padding | None = None,
    token: CancelToken | None = None,
) -> NDArray[np.int16]:
    """Return the slice in which each pixel's ray first meets a voxel of at least (at most) a limit.

    Voxels that are padding are met by none.

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
            loops.lay_slices(*given, limit, backwards, *(padding or ()))

    half = plan.window[0] // 2
    share(mark, [(marks[0], 0, half), (marks[1], half, plan.window[0])])
    nearest = np.maximum(*marks)
    return nearest - 1 if backwards else np.where(nearest > 0, plan.count - nearest, -1).astype(np.int16)


def _lay_rows(
    loops: Loops,
    volume: Volume,
    plan: ShearWarp,
    kind: int,
    met: Met | None,
    token: CancelToken | None,
    part: tuple[NDArray[Any], int, int],
) -> None:
    out, first_row, stop_row = part
    first, last = met or (None, None)
    given = volume.stored_values, out, plan.starts, plan.shares, first, last, plan.axis, kind
    unused = 0.0, False  # of what marks
    for row in range(first_row, stop_row, ROWS_AT_ONCE):
        if token is not None:
            token.check()
        rows = row, min(row + ROWS_AT_ONCE, stop_row)
        loops.lay_slices(*given, *rows, *unused, *(volume.stored_padding or ()))


def _averaged(total: NDArray[Any], met: Met) -> NDArray[Any]:
    total /= np.maximum(met[1] - met[0] + 1, 1)
    return total


def _is_narrow(volume: Volume, token: CancelToken | None) -> bool:
    """Tell whether differences of stored values are integers of 16 bits, which are fastest."""
    stored = volume.stored_values
    if stored.dtype != np.int16:
        return False
    lowest, highest = _ranges.get(volume) or _range(volume, token)
    if not stored.flags.writeable:  # else it is being filled
        _ranges[volume] = lowest, highest
    if volume.stored_padding is not None:
        limits = np.iinfo(np.int16)
        # What a picture begins with tells then where nothing was laid.
        return highest - lowest < _NARROW and limits.min < lowest and highest < limits.max
    return highest - lowest < _NARROW


def _range(volume: Volume, token: CancelToken | None) -> tuple[int, int]:
    """Return the lowest and the highest stored value that is no padding."""
    stored, padding = volume.stored_values, volume.stored_padding
    if padding is None:
        return int(stored.min()), int(stored.max())
    lowest = fold([stored], 1, Projection.MIN, padding=padding, token=token).min()
    return int(lowest), int(fold([stored], 1, Projection.MAX, padding=padding, token=token).max())


def _started(kind: Projection, shape: tuple[int, int], dtype: np.dtype[Any]) -> tuple[np.ufunc, NDArray[Any]]:
    """Return how a value is added to those before it, and the picture before the first one."""
    if kind is Projection.MEAN:
        return np.add, np.zeros(shape, np.float32 if dtype == np.float32 else np.float64)
    return folding_ufunc(kind, dtype), np.full(shape, _nothing(kind, dtype), dtype)


def _nothing(kind: Projection, dtype: np.dtype[Any]) -> float:
    """Return what is never the largest, or the smallest, of any values."""
    is_max = kind is Projection.MAX
    if dtype.kind == "f":
        return -np.inf if is_max else np.inf
    limits = np.iinfo(dtype)
    return int(limits.min if is_max else limits.max)
