"""Trilinear sampling of planes that lie behind each other: by compiled loops, or by numpy to the same bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.padding import between, is_padding
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.planes.sampling_grid import SamplingGrid

CHUNK_ROWS = 64
"""Rows that numpy samples together: their coordinates and corners stay in the cache."""
_SAMPLES_AT_ONCE = 1 << 16
"""What compiled loops do between two looks at the token: a fraction of a millisecond."""
_IN_C = {Projection.NONE: 0, Projection.MAX: 0, Projection.MIN: 1, Projection.MEAN: 2}


def sample(
    stored: NDArray[Any],
    planes: Sequence[SamplingGrid],
    projection: Projection,
    *,
    padding: Padding | None = None,
    token: CancelToken | None = None,
) -> NDArray[np.float32]:
    """Sample planes that lie behind each other, and project them onto one.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    planes
        The same grid in several places; one is enough.
    projection
        MAX, MIN or MEAN of the samples that lie inside the volume.
    padding
        Which stored values are none: where such a voxel is the nearest there is no sample, and it is no
        neighbour to interpolate with either. The other one has its value as far as the middle between both,
        as the outermost voxels have.
    token
        Looked at for every `CHUNK_ROWS` rows of a plane.

    Returns
    -------
    NDArray[np.float32]
        [rows, columns]: values between stored values, NaN where no sample lies inside. In the outer half of
        the outermost voxels it is the value at their centres.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    loops = compiled_reslice.loops
    out = np.empty((planes[0].rows, planes[0].columns), np.float32)
    # The loops load neighbours in pairs, and there are none in a volume of one column.
    if loops is not None and stored.flags.c_contiguous and stored.shape[2] > 1:
        _by_loops(loops, stored, planes, projection, padding, out, token)
    else:
        _by_numpy(stored, planes, projection, padding, out, token)
    return out


def _by_loops(
    loops: compiled_reslice.Loops,
    stored: NDArray[Any],
    planes: Sequence[SamplingGrid],
    projection: Projection,
    padding: Padding | None,
    out: NDArray[np.float32],
    token: CancelToken | None,
) -> None:
    origins = np.array([plane.origin for plane in planes])
    steps = np.array([planes[0].per_row, planes[0].per_column])
    at_once = max(_SAMPLES_AT_ONCE // max(out.shape[1] * len(planes), 1), 1)

    def sample_from(row: int) -> None:
        if token is not None:
            token.check()
        part = out[row : row + at_once]
        loops.sample(stored, origins, steps, row, _IN_C[projection], part, *(padding or ()))

    share(sample_from, range(0, len(out), at_once))


def _by_numpy(
    stored: NDArray[Any],
    planes: Sequence[SamplingGrid],
    projection: Projection,
    padding: Padding | None,
    out: NDArray[np.float32],
    token: CancelToken | None,
) -> None:
    bounds = [plane.columns_inside() for plane in planes]

    def sample_from(row: int) -> None:
        rows = np.arange(row, min(row + CHUNK_ROWS, len(out)))
        out[rows[0] : rows[-1] + 1] = _project_rows(stored, planes, bounds, rows, projection, padding, token)

    share(sample_from, range(0, len(out), CHUNK_ROWS))


def _project_rows(
    stored: NDArray[Any],
    planes: Sequence[SamplingGrid],
    bounds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
    rows: NDArray[np.intp],
    projection: Projection,
    padding: Padding | None,
    token: CancelToken | None,
) -> NDArray[np.floating[Any]]:
    pile = _Pile((len(rows), planes[0].columns), projection)
    for plane, (first, stop) in zip(planes, bounds, strict=True):
        if token is not None:
            token.check()
        pile.add(_sample_rows(stored, plane, rows, first[rows], stop[rows], padding))
    return pile.projected()


class _Pile:
    """Samples behind each other as they come; NaN is none."""

    def __init__(self, shape: tuple[int, int], projection: Projection) -> None:
        self._shape, self._projection = shape, projection
        self._values: NDArray[np.floating[Any]] | None = None
        self._count = np.zeros(shape if projection is Projection.MEAN else 0, np.int32)

    def add(self, sampled: NDArray[np.float32]) -> None:
        """Lay another plane of samples on the pile."""
        if self._projection is Projection.MEAN:
            is_inside = ~np.isnan(sampled)
            self._count += is_inside
            values = np.zeros(self._shape) if self._values is None else self._values
            self._values = np.add(values, sampled, out=values, where=is_inside)
        elif self._values is None:
            self._values = sampled
        else:
            choose = np.fmin if self._projection is Projection.MIN else np.fmax
            choose(self._values, sampled, out=self._values)

    def projected(self) -> NDArray[np.floating[Any]]:
        """Return what the pile looks like from the front."""
        values = np.full(self._shape, np.nan) if self._values is None else self._values
        if self._projection is not Projection.MEAN:
            return values
        with np.errstate(invalid="ignore"):  # no sample inside: 0 / 0 is NaN, as it should be
            return values / self._count


def _sample_rows(
    stored: NDArray[Any],
    plane: SamplingGrid,
    rows: NDArray[np.intp],
    first: NDArray[np.intp],
    stop: NDArray[np.intp],
    padding: Padding | None,
) -> NDArray[np.float32]:
    begin, end = int(first.min()), int(np.max(stop, where=stop > first, initial=0))
    if begin >= end:
        return np.full((len(rows), plane.columns), np.nan, np.float32)
    columns = np.arange(begin, end)
    values = _interpolated(stored, plane, rows, columns, padding)
    if first.max() > begin or stop.min() < end:
        is_outside = (columns < first[:, None]) | (columns >= stop[:, None])
        np.copyto(values, np.float32(np.nan), where=is_outside)
    if values.shape[1] == plane.columns:
        return values
    out = np.full((len(rows), plane.columns), np.nan, np.float32)
    out[:, begin:end] = values
    return out


def _interpolated(
    stored: NDArray[Any],
    plane: SamplingGrid,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    padding: Padding | None,
) -> NDArray[np.float32]:
    """Return the values of a block of pixels; those beyond the outermost centres take the values there."""
    shares, steps = [], []
    # Whole numbers below 2 ** 53 are exact in float64, and are computed with much faster there.
    index = np.zeros((len(rows), len(columns)))
    step = stored.size
    for axis, count in enumerate(stored.shape):
        step //= count
        down, right = plane.origin[axis] + rows * plane.per_row[axis], columns * plane.per_column[axis]
        at = down[:, None] + right
        if not _is_between(down, right, count):
            np.clip(at, 0, count - 1, out=at)
        whole = np.trunc(at)
        if not _is_between(down, right, count):
            np.minimum(whole, max(count - 2, 0), out=whole)
        at -= whole
        shares.append(at.astype(np.float32))
        steps.append(step if count > 1 else 0)
        whole *= step
        index += whole
    return _lerp(_Corners(stored.reshape(-1), index.astype(np.intp), padding), shares, steps, 0)


def _is_between(down: NDArray[np.float64], right: NDArray[np.float64], count: int) -> bool:
    """Tell whether all indices lie between two voxels each."""
    return bool(down.min() + right.min() >= 0 and down.max() + right.max() < count - 1)


class _Corners:
    """Reads the neighbours of samples: float32, padding as NaN."""

    def __init__(self, flat: NDArray[Any], index: NDArray[np.intp], padding: Padding | None) -> None:
        self._flat, self._index, self.padding = flat, index, padding

    def read(self, offset: int) -> NDArray[np.float32]:
        """Return the voxels that lie so far behind the nearest of each sample."""
        # All indices lie inside: of the modes, "wrap" is the one that finds that out fastest.
        stored = self._flat[offset:].take(self._index, mode="wrap")
        values = stored.astype(np.float32)
        if self.padding is not None:
            values[is_padding(stored, self.padding)] = np.nan
        return values


def _lerp(
    corners: _Corners, shares: list[NDArray[np.float32]], steps: list[int], offset: int
) -> NDArray[np.float32]:
    """Interpolate along the first of the axes left, between two interpolations along the others."""
    if not shares:
        return corners.read(offset)
    low = _lerp(corners, shares[1:], steps[1:], offset)
    high = _lerp(corners, shares[1:], steps[1:], offset + steps[0])
    if corners.padding is not None:
        return between(low, high, shares[0])
    high -= low
    high *= shares[0]
    high += low
    return high
