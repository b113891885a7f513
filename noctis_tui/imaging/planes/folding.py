"""The maximum, minimum or sum along an axis of arrays: by compiled loops, or by numpy to the same bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.padding import is_padding, neutral, without_padding
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding

_VOXELS_AT_ONCE = 1 << 22
"""Between two looks at the token: a few milliseconds."""
_RESULTS_AT_ONCE = 1 << 17
"""Along the first axis: kept in the cache while long runs of slice after slice are read."""
_SUMMED_IN_INT32 = 32768
"""Of so many values of 16 bits it always holds the sum."""
_IN_C = {Projection.MAX: 0, Projection.MIN: 1, Projection.MEAN: 2}
_COUNT_IN_C = 3


def fold(
    pieces: Sequence[NDArray[Any]],
    axis: int,
    projection: Projection,
    *,
    padding: Padding | None = None,
    token: CancelToken | None = None,
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
    padding
        Which values have no part in it. Where nothing else is, there is the `neutral` value.
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
    return _folded(_Work(axis, projection, padding), pieces, _type_of(pieces, axis, projection), token)


def count_measured(
    pieces: Sequence[NDArray[Any]], axis: int, padding: Padding, *, token: CancelToken | None = None
) -> NDArray[np.int32]:
    """Return how many values behind each other are no padding; as `fold` otherwise."""
    return _folded(_Work(axis, Projection.MEAN, padding, counts=True), pieces, np.dtype(np.int32), token)


@dataclass(frozen=True, slots=True)
class _Work:
    axis: int
    projection: Projection
    padding: Padding | None
    counts: bool = False


def _folded(
    work: _Work, pieces: Sequence[NDArray[Any]], dtype: np.dtype[Any], token: CancelToken | None
) -> NDArray[Any]:
    axis = work.axis
    if axis != 2 and all(piece.strides[2] < 0 for piece in pieces):
        return _folded(work, [piece[:, :, ::-1] for piece in pieces], dtype, token)[:, ::-1]
    one = pieces[0]
    shape = one.shape[:axis] + one.shape[axis + 1 :]
    out = np.empty(shape, dtype)
    room, each = (_RESULTS_AT_ONCE, shape[1]) if axis == 0 else (_VOXELS_AT_ONCE, one[:1].size)
    at_once = max(room // max(each, 1), 1)

    def fold_from(row: int) -> None:
        if token is not None:
            token.check()
        rows = slice(row, row + at_once)
        parts = [piece[:, rows] if axis == 0 else piece[rows] for piece in pieces]
        _fold_parts(work, parts, out[rows])

    share(fold_from, range(0, shape[0], at_once))
    return out


def _type_of(pieces: Sequence[NDArray[Any]], axis: int, projection: Projection) -> np.dtype[Any]:
    dtype = pieces[0].dtype
    if projection is not Projection.MEAN:
        return dtype
    depth = sum(piece.shape[axis] for piece in pieces)
    fits = dtype.itemsize <= 2 and depth <= _SUMMED_IN_INT32
    return np.dtype(np.float64 if dtype.kind == "f" else np.int32 if fits else np.int64)


def _fold_parts(work: _Work, parts: Sequence[NDArray[Any]], out: NDArray[Any]) -> None:
    _fold_part(work, parts[0], out)
    for part in parts[1:]:
        is_layer = part.shape[work.axis] == 1 and work.padding is None
        further = part[(slice(None),) * work.axis + (0,)] if is_layer else np.empty_like(out)
        if not is_layer:
            _fold_part(work, part, further)
        folding_ufunc(work.projection, out.dtype)(out, further, out=out)


def _fold_part(work: _Work, part: NDArray[Any], out: NDArray[Any]) -> None:
    loops = compiled_reslice.projections
    is_known = out.dtype == (np.int32 if work.projection is Projection.MEAN else part.dtype)
    if loops is not None and is_known and part.size and part.strides[2] == part.itemsize:
        kind = _COUNT_IN_C if work.counts else _IN_C[work.projection]
        loops.project(part, work.axis, kind, out, *(work.padding or ()))
    elif work.padding is None:
        folding_ufunc(work.projection, out.dtype).reduce(part, axis=work.axis, dtype=out.dtype, out=out)
    else:
        _fold_measured(work, work.padding, part, out)


def _fold_measured(work: _Work, padding: Padding, part: NDArray[Any], out: NDArray[Any]) -> None:
    ufunc = folding_ufunc(work.projection, out.dtype)
    out[...] = neutral(work.projection, out.dtype)
    # Layer by layer, where results lie beside each other: what replaces padding stays in the cache.
    step = 1 if work.axis == 0 else part.shape[work.axis]
    for at in range(0, part.shape[work.axis], step):
        some = part[(slice(None),) * work.axis + (slice(at, at + step),)]
        taken = ~is_padding(some, padding) if work.counts else without_padding(some, padding, work.projection)
        ufunc(out, ufunc.reduce(taken, axis=work.axis, dtype=out.dtype), out=out)


def folding_ufunc(projection: Projection, dtype: np.dtype[Any]) -> np.ufunc:
    """Return what folds two values into one; to a maximum or minimum NaN is no value."""
    if projection is Projection.MEAN:
        return np.add
    is_max = projection is Projection.MAX
    if dtype.kind == "f":
        return np.fmax if is_max else np.fmin
    return np.maximum if is_max else np.minimum
