"""Projections of slabs along an index axis of a volume, and of all of it.

Slabs along the slices' normal are scrolled: each is almost the one before. For these a volume keeps tables,
made with its first slab. Slices come in blocks of eight. A maximum (or minimum) does not mind what it sees
twice, and two windows of 1, 2, 4, 8... blocks that overlap are all the blocks of a slab: a table has the
maximum of such a window from each block on. Another one has the sum of all slices before each block. What a
slab has left at its two ends is up to seven slices each, however thick it is.

Tables are made only of values that nobody writes to any more (`ndarray.flags.writeable`): who fills a volume
says so when it is done. Volumes that are mapped from a disk have none.
"""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.folding import count_measured, fold, folding_ufunc
from noctis_tui.imaging.planes.padding import is_padding, neutral
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.rescaling import modality_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume

BLOCK = 8
"""Slices. A table of windows is an eighth of a volume, for each length in use; that of sums a quarter."""
_LEAST_LAYERS = 3 * BLOCK
"""Thinner slabs read hardly less from tables."""

_tables: WeakKeyDictionary[Volume, dict[tuple[Projection, int], NDArray[Any]]] = WeakKeyDictionary()
_extremes: WeakKeyDictionary[Volume, dict[Projection, bool]] = WeakKeyDictionary()
_lock = Lock()


def project(
    volume: Volume, axis: int, projection: Projection, *, token: CancelToken | None = None
) -> NDArray[np.float32]:
    """Project all of a volume along one of its index axes.

    Parameters
    ----------
    volume
        What to look through.
    axis
        0 looks along the slices' normal, 1 along their columns, 2 along their rows.
    projection
        MAX, MIN or MEAN.
    token
        Looked at every few milliseconds.

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
    voxels = (slice(None), slice(None), slice(None))
    layers = range(volume.shape[axis])
    return modality_values(volume, project_layers(volume, axis, layers, voxels, projection, token=token))


def project_layers(
    volume: Volume,
    axis: int,
    layers: range,
    voxels: tuple[slice, slice, slice],
    projection: Projection,
    *,
    token: CancelToken | None = None,
) -> NDArray[Any]:
    """Project neighbouring layers of a volume along an index axis.

    Parameters
    ----------
    volume
        What to look through.
    axis
        The index axis.
    layers
        Which of its layers, without a gap; one at least.
    voxels
        What to take of the other two axes.
    projection
        MAX, MIN or MEAN of modality values.
    token
        Looked at every few milliseconds.

    Returns
    -------
    NDArray[Any]
        Stored values, the other two axes in their order; float64 for means, and where there may be padding:
        NaN where there is nothing else.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    of_stored = projection.of_stored_values(volume.rescale_slope)
    padding = volume.stored_padding
    taken = [slice(layers.start, layers.stop) if each == axis else voxels[each] for each in range(3)]
    pieces = [volume.stored_values[tuple(taken)]]
    if axis == 0 and len(layers) >= _LEAST_LAYERS and _can_have_tables(volume, projection):
        folded = _fold_slices(volume, layers, voxels[1:], of_stored, token)
    else:
        folded = fold(pieces, axis, of_stored, padding=padding, token=token)
    if padding is None:
        return folded / len(layers) if projection is Projection.MEAN else folded
    if projection is Projection.MEAN:
        with np.errstate(invalid="ignore"):  # nothing measured: 0 / 0 is NaN, as it should be
            means: NDArray[Any] = folded / count_measured(pieces, axis, padding, token=token)
            return means
    is_empty = _is_empty(volume, folded, of_stored, partial(count_measured, pieces, axis, padding), token)
    return np.where(is_empty, np.nan, folded)


def _is_empty(
    volume: Volume,
    folded: NDArray[Any],
    projection: Projection,
    count: Callable[..., NDArray[np.int32]],
    token: CancelToken | None,
) -> NDArray[np.bool_]:
    """Tell where there was nothing but padding: there is a value then that a voxel could have, too."""
    if folded.dtype.kind == "f":
        return np.asarray(np.isnan(folded))
    assert volume.stored_padding is not None
    nothing = neutral(projection, folded.dtype)
    is_nothing = np.asarray(folded == nothing)
    is_sure = is_padding(nothing, volume.stored_padding) or not is_nothing.any()
    if is_sure or (is_final(volume.stored_values) and not _has(volume, nothing, projection, token)):
        return is_nothing
    return np.asarray(count(token=token) == 0)


def _has(volume: Volume, extreme: object, projection: Projection, token: CancelToken | None) -> bool:
    """Tell whether any voxel that is no padding has the value that stands for nothing."""
    with _lock:
        known = _extremes.setdefault(volume, {}).get(projection)
    if known is None:
        opposite = Projection.MIN if projection is Projection.MAX else Projection.MAX
        folded = fold([volume.stored_values], 1, opposite, padding=volume.stored_padding, token=token)
        known = bool((folded == extreme).any())
        with _lock:
            _extremes[volume][projection] = known
    return known


def _can_have_tables(volume: Volume, projection: Projection) -> bool:
    stored = volume.stored_values
    is_mean = projection is Projection.MEAN
    is_rounded = is_mean and stored.dtype.kind == "f"  # so that the order counts
    is_counted = is_mean and volume.stored_padding is not None  # voxel by voxel
    return is_final(stored) and stored.flags.c_contiguous and not (is_rounded or is_counted)


def is_final(stored: NDArray[Any]) -> bool:
    """Tell whether what is computed of stored values may be kept: nobody writes them, they are in memory."""
    return not stored.flags.writeable and not isinstance(stored, np.memmap)


def _fold_slices(
    volume: Volume,
    layers: range,
    voxels: tuple[slice, ...],
    projection: Projection,
    token: CancelToken | None,
) -> NDArray[Any]:
    stored, (rows, columns) = volume.stored_values, voxels
    first, stop = -(-layers.start // BLOCK), layers.stop // BLOCK
    ends = [slice(layers.start, first * BLOCK), slice(stop * BLOCK, layers.stop)]
    pieces = [stored[end, rows, columns] for end in ends if end.start < end.stop]
    if projection is Projection.MEAN:
        sums = _table(volume, projection, 0, token)
        whole: NDArray[Any] = sums[stop, rows, columns] - sums[first, rows, columns]
        return whole + fold(pieces, 0, projection, token=token) if pieces else whole
    level = (stop - first).bit_length() - 1
    windows = _table(volume, projection, level, token)
    starts = {first, stop - (1 << level)}
    pieces += [windows[start : start + 1, rows, columns] for start in starts]
    return fold(pieces, 0, projection, padding=volume.stored_padding, token=token)


def _table(volume: Volume, projection: Projection, level: int, token: CancelToken | None) -> NDArray[Any]:
    """Return a table of a volume, which is made when it is first needed.

    Of a maximum or minimum it is the one whose windows have `1 << level` blocks.
    """
    with _lock:
        known = _tables.setdefault(volume, {}).get((projection, level))
    if known is None:
        known = (
            _sums(volume, token)
            if projection is Projection.MEAN
            else _windows(volume, projection, level, token)
        )
        with _lock:
            _tables[volume][projection, level] = known
    return known


def _windows(volume: Volume, projection: Projection, level: int, token: CancelToken | None) -> NDArray[Any]:
    if level == 0:
        return _blocks(volume, projection, token)
    windows = _table(volume, projection, 0, token).copy()
    wider = folding_ufunc(projection, windows.dtype)
    for span in (1 << each for each in range(level)):
        for start in range(len(windows) - span):
            if token is not None:
                token.check()
            wider(windows[start], windows[start + span], out=windows[start])
        windows = windows[:-span]
    return windows


def _sums(volume: Volume, token: CancelToken | None) -> NDArray[Any]:
    """Return the sums of all slices before each block, and of those in blocks."""
    blocks = _blocks(volume, Projection.MEAN, token)
    fits = len(volume.stored_values) <= np.iinfo(np.int32).max >> 16
    sums = np.zeros((len(blocks) + 1, *blocks.shape[1:]), np.int32 if fits else np.int64)
    for place, block in enumerate(blocks):
        np.add(sums[place], block, out=sums[place + 1])
    return sums


def _blocks(volume: Volume, projection: Projection, token: CancelToken | None) -> NDArray[Any]:
    """Return what each block of slices folds to."""
    stored = volume.stored_values
    count, (_, rows, columns) = len(stored) // BLOCK, stored.shape
    # A block is an array whose rows are slices: all blocks are folded in one go.
    in_blocks = stored[: count * BLOCK].reshape(count, BLOCK, rows * columns)
    blocks = fold([in_blocks], 1, projection, padding=volume.stored_padding, token=token)
    return blocks.reshape(count, rows, columns)
