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

BLOCK = 1 << 15
"""Pixels that are best sampled together: fewer cost calls, more do not stay in the processor's cache."""
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
    flat_down, flat_right
        intp [rows, 1] and [1, columns]: where these voxels lie in the volume's memory, in voxels.
    shares_down, shares_right
        float32 [3, rows, 1] and [3, 1, columns]: from 0 to 1; to the right one too little.
    shape
        Of the volume.
    """

    voxels_down: Places
    voxels_right: Places
    flat_down: Indices
    flat_right: Indices
    shares_down: Floats
    shares_right: Floats
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, plane: SamplingGrid) -> PlaneIndices:
        """Return those of all pixels of a plane."""
        _, rows, columns = plane.shape
        steps = np.array([rows * columns, columns, 1.0])
        down, shares_down = _split(plane.origin[:, None] + np.arange(plane.rows) * plane.per_row[:, None])
        right, shares_right = _split(np.arange(plane.columns) * plane.per_column[:, None])
        right += 1
        return cls(
            down[:, :, None],
            right[:, None],
            (steps @ down).astype(np.intp)[:, None],
            (steps @ right).astype(np.intp)[None],
            shares_down[:, :, None].astype(np.float32),
            (shares_right[:, None] - 1).astype(np.float32),
            plane.shape,
        )

    def block(self, rows: slice, columns: slice) -> PlaneIndices:
        """Return those of some rows and columns."""
        return PlaneIndices(
            self.voxels_down[:, rows],
            self.voxels_right[..., columns],
            self.flat_down[rows],
            self.flat_right[:, columns],
            self.shares_down[:, rows],
            self.shares_right[..., columns],
            self.shape,
        )

    def are_between_voxels(self) -> bool:
        """Tell whether none lies at or beyond the outermost voxels; the outermost pixels tell it of all."""
        ends = self.voxels_down[:, [0, -1]] + self.voxels_right[..., [0, -1]]
        most = np.array(self.shape)[:, None, None] - 2
        return bool(((ends >= 1) & (ends <= most)).all())


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
    rows, columns = len(places.flat_down), places.flat_right.shape[1]
    samples = rows * columns
    carried = _room.stack(0, np.float32, _AXES, samples)
    shares = _room.stack(2, np.float32, _AXES, samples)
    np.add(places.shares_down, places.shares_right, out=shares.reshape(_AXES, rows, columns))
    np.floor(shares, out=carried)
    shares -= carried
    find = _index_between if places.are_between_voxels() else _index_held
    return shares, find(places, carried, shares)


def _index_between(places: PlaneIndices, carried: Floats, _shares: Floats) -> Indices:
    """Add what was carried to the sums of rows and columns, of which there are few to compute."""
    rows, columns = places.shape[1:]
    is_small = (rows + 1) * columns < _WHOLE_IN_FLOAT32
    flat = _flat(carried if is_small else carried.astype(np.float64), places.shape)
    index: Indices = _room.stack(3, np.intp, 1, len(flat))[0]
    np.add(places.flat_down, places.flat_right, out=index.reshape(len(places.flat_down), -1))
    whole = _room.stack(1, np.int32 if is_small else np.intp, 1, len(flat))[0]
    np.copyto(whole, flat, casting="unsafe")  # much faster than adding numbers of another kind
    index += whole
    return index


def _index_held(places: PlaneIndices, carried: Floats, shares: Floats) -> Indices:
    """Hold samples beyond the outermost voxels' centres there."""
    whole = _room.stack(1, np.float64, _AXES, carried.shape[1])
    inner = np.maximum(np.array(places.shape)[:, None] - 2.0, 0)
    block = whole.reshape(_AXES, len(places.flat_down), -1)
    np.add(places.voxels_down, places.voxels_right, out=block)
    whole += carried
    np.copyto(shares, np.float32(0), where=whole < 0)
    np.copyto(shares, np.float32(1), where=whole > inner)
    np.clip(whole, 0, inner, out=whole)
    index: Indices = _room.stack(3, np.intp, 1, carried.shape[1])[0]
    np.copyto(index, _flat(whole, places.shape), casting="unsafe")
    return index


def _flat(whole: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any]:
    """Return the places in memory of voxels [3, samples], in place: whole numbers in floating-point."""
    flat: NDArray[Any] = whole[0]
    for size, along in zip(shape[1:], whole[1:], strict=True):
        flat *= size
        flat += along
    return flat


def _corners(stored: NDArray[Any], index: Indices, padding: Padding | None) -> Floats:
    """Return the neighbours of samples, [8, samples], the last axis' farther ones last; padding is NaN."""
    flat, (_, rows, columns) = stored.reshape(-1), stored.shape
    steps = (rows * columns, columns, 1)
    behind, below, beside = (step * (size > 1) for step, size in zip(steps, stored.shape, strict=True))
    read = _room.stack(0, stored.dtype, _CORNERS, len(index))
    for number, corner in enumerate(read):
        offset = (number >> 2) * beside + (number >> 1 & 1) * below + (number & 1) * behind
        # All indices lie inside: of the modes, "wrap" is the one that finds that out fastest.
        flat[offset:].take(index, mode="wrap", out=corner)
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
