"""Trilinear samples of a block of pixels, by numpy: eight gathers, then three interpolations of whole stacks.

Every call of numpy lets go of the interpreter, and a thread that must wait for it loses more than the call
takes: so there are few calls, each over all corners or all axes of a block. They fill memory that a thread
keeps, because fresh memory costs as much as the arithmetic.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.padding import between, is_padding

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import DTypeLike, NDArray

    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.planes.sampling_grid import SamplingGrid

    Floats = NDArray[np.float32]
    Places = NDArray[np.float64]
    Indices = NDArray[np.intp]

BLOCK = 1 << 17
"""Pixels that are sampled together: with smaller blocks two threads wait for each other too often."""
_NEAR = 1 << 14
"""Samples all of whose corners stay near the processor, so that they come from far away only once."""
_CORNERS, _AXES = 8, 3
_STEPS = 2.0**24
"""Of the share of a voxel: all that float32 can tell apart below 1."""
_FARTHEST = 2.0**30 - 2
_WHOLE_IN_FLOAT32 = 1 << 24


class _Room(threading.local):
    """Memory of this thread in four parts; the system lends only as much of it as is ever filled."""

    def __init__(self) -> None:
        self._parts = [np.empty(_CORNERS * BLOCK, np.float64) for _ in range(4)]

    def stack(self, part: int, dtype: DTypeLike, height: int, samples: int) -> NDArray[Any]:
        """Return an array [height, samples] of no particular contents."""
        if samples > BLOCK:
            return np.empty((height, samples), dtype)
        return self._parts[part].view(dtype)[: height * samples].reshape(height, samples)


_room = _Room()


@dataclass(frozen=True, slots=True, eq=False)
class PlaneIndices:
    """The voxel indices of a plane's pixels: sums of those of rows and of columns, each split into two.

    Shares of voxels are multiples of 2^-24, so that float32 adds them without rounding: the compiled loops do
    the same and find the same bits.

    Attributes
    ----------
    voxels_down, voxels_right
        float64 [3, rows, 1] and [3, 1, columns]: whole numbers; to the right one too much.
    shares_down, shares_right
        float32 [3, rows, 1] and [3, 1, columns]: from 0 to 1; to the right one too little.
    shape
        Of the volume.
    """

    voxels_down: Places
    voxels_right: Places
    shares_down: Floats
    shares_right: Floats
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, plane: SamplingGrid) -> PlaneIndices:
        """Return those of all pixels of a plane."""
        down, shares_down = _split(plane.origin[:, None] + np.arange(plane.rows) * plane.per_row[:, None])
        right, shares_right = _split(np.arange(plane.columns) * plane.per_column[:, None])
        right += 1
        return cls(
            down[:, :, None],
            right[:, None],
            shares_down[:, :, None].astype(np.float32),
            (shares_right[:, None] - 1).astype(np.float32),
            plane.shape,
        )

    def block(self, rows: slice, columns: slice) -> PlaneIndices:
        """Return those of some rows and columns."""
        return PlaneIndices(
            self.voxels_down[:, rows],
            self.voxels_right[..., columns],
            self.shares_down[:, rows],
            self.shares_right[..., columns],
            self.shape,
        )

    def beyond(self) -> NDArray[np.bool_]:
        """Tell for each axis whether some pixels - the outermost, then - lie at or beyond the last voxels."""
        ends = self.voxels_down[:, [0, -1]] + self.voxels_right[..., [0, -1]]
        return np.asarray((ends < 1).any((1, 2)) | (ends.max((1, 2)) > np.array(self.shape) - 2))


def _split(indices: Places) -> tuple[Places, Places]:
    """Return whole numbers, and what is left in whole steps of 2^-24."""
    whole = np.floor(indices)
    steps = np.rint((indices - whole) * _STEPS)
    whole += steps == _STEPS
    steps[steps == _STEPS] = 0
    return np.clip(whole, -_FARTHEST, _FARTHEST), steps / _STEPS


def sample_block(stored: NDArray[Any], places: PlaneIndices, padding: Padding | None, out: Floats) -> None:
    """Sample some pixels of a plane.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    places
        Where the pixels lie; those beyond the outermost voxels' centres take the values there.
    padding
        As of `trilinear.sample`.
    out
        [rows, columns] of the block, to be filled.
    """
    shares, index = _located(places)
    corners = _corners(stored, index, padding)
    for share in shares[:0:-1]:
        near, far = corners[: len(corners) // 2], corners[len(corners) // 2 :]
        corners = _mixed(near, far, share, padding, far)
    near, far, share = (each.reshape(out.shape) for each in (*corners, shares[0]))
    _mixed(near, far, share, padding, out)


def _located(places: PlaneIndices) -> tuple[Floats, Indices]:
    """Return the shares of the farther voxels along each axis, [3, samples], and where the nearest are."""
    rows, columns = places.voxels_down.shape[1], places.voxels_right.shape[2]
    samples = rows * columns
    carried = _room.stack(0, np.float32, _AXES, samples)
    shares = _room.stack(2, np.float32, _AXES, samples)
    index: Indices = _room.stack(3, np.intp, 1, samples)[0]
    np.add(places.shares_down, places.shares_right, out=shares.reshape(_AXES, rows, columns))
    np.floor(shares, out=carried)
    shares -= carried
    steps, is_beyond = np.array([places.shape[1] * places.shape[2], places.shape[2], 1]), places.beyond()
    within = steps * ~is_beyond
    down, right = (within @ each.reshape(_AXES, -1) for each in (places.voxels_down, places.voxels_right))
    np.add(down.astype(np.intp)[:, None], right.astype(np.intp), out=index.reshape(rows, columns))
    for axis in np.flatnonzero(is_beyond).tolist():
        index += _held(places, axis, carried[axis], shares[axis]) * steps[axis]
    index += _carried_over(carried, within)
    return shares, index


def _held(places: PlaneIndices, axis: int, carried: Floats, shares: Floats) -> Indices:
    """Return the nearest voxels along an axis; samples beyond the centres of the outermost are held there."""
    inner = max(places.shape[axis] - 2, 0)
    down, right = (each[axis].astype(np.int32) for each in (places.voxels_down, places.voxels_right))
    whole: NDArray[np.int32] = (down + right).reshape(-1)
    whole += carried.astype(np.int32)
    np.copyto(shares, np.float32(0), where=whole < 0)
    np.copyto(shares, np.float32(1), where=whole > inner)
    carried.fill(0)
    held: Indices = whole.clip(0, inner, out=whole).astype(np.intp)
    return held


def _carried_over(carried: Floats, steps: Indices) -> NDArray[np.signedinteger[Any]]:
    """Return what shares beyond 1 and below 0 add to the places of voxels in memory."""
    if steps.sum() < _WHOLE_IN_FLOAT32:
        carried *= steps.astype(np.float32)[:, None]
        return np.asarray(np.add.reduce(carried), np.int32)
    return np.asarray(np.add.reduce(carried * steps.astype(np.float64)[:, None]), np.intp)


def _corners(stored: NDArray[Any], index: Indices, padding: Padding | None) -> Floats:
    """Return the neighbours of samples, [8, samples], the last axis' farther ones last; padding is NaN."""
    flat, (_, rows, columns) = stored.reshape(-1), stored.shape
    behind, below, beside = np.array([rows * columns, columns, 1]) * (np.array(stored.shape) > 1)
    read = _room.stack(0, stored.dtype, _CORNERS, len(index))
    from_corners = [
        flat[right + down + deep :] for right in (0, beside) for down in (0, below) for deep in (0, behind)
    ]
    for first in range(0, len(index), _NEAR):
        part = slice(first, first + _NEAR)
        for voxels, corner in zip(from_corners, read, strict=True):
            # All indices lie inside: of the modes, "wrap" is the one that finds that out fastest.
            voxels.take(index[part], mode="wrap", out=corner[part])
    values = _room.stack(1, np.float32, _CORNERS, len(index))
    np.copyto(values, read, casting="unsafe")
    if padding is not None:
        values[is_padding(read, padding)] = np.nan
    return values


def _mixed(near: Floats, far: Floats, share: Floats, padding: Padding | None, out: Floats) -> Floats:
    """Interpolate between corners, or stacks of them; `far` is not needed any more."""
    if padding is not None:
        out[...] = between(near, far, share)
        return out
    far -= near
    far *= share
    return np.add(near, far, out=out)
