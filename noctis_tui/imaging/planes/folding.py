"""The maximum, minimum or sum along an axis of arrays: by compiled loops, or by numpy to the same bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken

_VOXELS_AT_ONCE = 1 << 22
"""Between two looks at the token: a few milliseconds."""
_RESULTS_AT_ONCE = 1 << 17
"""Along the first axis: kept in the cache while long runs of slice after slice are read."""
_SUMMED_IN_INT32 = 32768
"""Of so many values of 16 bits it always holds the sum."""
_IN_C = {Projection.MAX: 0, Projection.MIN: 1, Projection.MEAN: 2}


def fold(
    pieces: Sequence[NDArray[Any]], axis: int, projection: Projection, *, token: CancelToken | None = None
) -> NDArray[Any]:
    """Fold arrays that lie behind each other along an axis into one layer.

    Parameters
    ----------
    pieces
        One at least: [slices, rows, columns] each, alike across the axis, none empty along it.
    axis
        0, 1 or 2.
    projection
        MAX, MIN, or MEAN, of which this is the sum.
    token
        Looked at every few milliseconds.

    Returns
    -------
    NDArray[Any]
        Two-dimensional, the axes that are left: of the type of the arrays, but sums of integers are integers
        that hold them, sums of floats float64.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    if axis != 2 and all(piece.strides[2] < 0 for piece in pieces):
        return fold([piece[:, :, ::-1] for piece in pieces], axis, projection, token=token)[:, ::-1]
    one = pieces[0]
    shape = one.shape[:axis] + one.shape[axis + 1 :]
    out = np.empty(shape, _type_of(pieces, axis, projection))
    room, each = (_RESULTS_AT_ONCE, shape[1]) if axis == 0 else (_VOXELS_AT_ONCE, one[:1].size)
    at_once = max(room // max(each, 1), 1)

    def fold_from(row: int) -> None:
        if token is not None:
            token.check()
        rows = slice(row, row + at_once)
        parts = [piece[:, rows] if axis == 0 else piece[rows] for piece in pieces]
        _fold_parts(parts, axis, projection, out[rows])

    share(fold_from, range(0, shape[0], at_once))
    return out


def _type_of(pieces: Sequence[NDArray[Any]], axis: int, projection: Projection) -> np.dtype[Any]:
    dtype = pieces[0].dtype
    if projection is not Projection.MEAN:
        return dtype
    depth = sum(piece.shape[axis] for piece in pieces)
    fits = dtype.itemsize <= 2 and depth <= _SUMMED_IN_INT32
    return np.dtype(np.float64 if dtype.kind == "f" else np.int32 if fits else np.int64)


def _fold_parts(parts: Sequence[NDArray[Any]], axis: int, projection: Projection, out: NDArray[Any]) -> None:
    _fold_part(parts[0], axis, projection, out)
    for part in parts[1:]:
        further = part[(slice(None),) * axis + (0,)] if part.shape[axis] == 1 else np.empty_like(out)
        if part.shape[axis] > 1:
            _fold_part(part, axis, projection, further)
        folding_ufunc(projection, out.dtype)(out, further, out=out)


def _fold_part(part: NDArray[Any], axis: int, projection: Projection, out: NDArray[Any]) -> None:
    loops = compiled_reslice.projections
    is_known = out.dtype == (np.int32 if projection is Projection.MEAN else part.dtype)
    if loops is not None and is_known and part.size and part.strides[2] == part.itemsize:
        loops.project(part, axis, _IN_C[projection], out)
    else:
        folding_ufunc(projection, out.dtype).reduce(part, axis=axis, dtype=out.dtype, out=out)


def folding_ufunc(projection: Projection, dtype: np.dtype[Any]) -> np.ufunc:
    """Return what folds two values into one; to a maximum or minimum NaN is no value."""
    if projection is Projection.MEAN:
        return np.add
    is_max = projection is Projection.MAX
    if dtype.kind == "f":
        return np.fmax if is_max else np.fmin
    return np.maximum if is_max else np.minimum
