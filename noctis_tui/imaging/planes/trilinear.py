"""Trilinear sampling of planes that lie behind each other: by compiled loops, or by numpy to the same bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.corner_sampling import BLOCK, PlaneIndices, sample_block
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.two_threads import share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.planes.sampling_grid import SamplingGrid

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
        Looked at for every `BLOCK` samples or fewer.

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
    layers = [(PlaneIndices.of(plane), *plane.columns_inside()) for plane in planes]
    at_once = max(min(BLOCK // max(out.shape[1], 1), -(-len(out) // 2)), 1)

    def sample_from(row: int) -> None:
        rows = slice(row, row + at_once)
        pile = _Pile(out[rows], len(planes), projection)
        for indices, first, stop in layers:
            if token is not None:
                token.check()
            _sample_rows(stored, indices, rows, (first[rows], stop[rows]), padding, pile.layer)
            pile.add_layer()
        pile.finish()

    share(sample_from, range(0, len(out), at_once))


class _Pile:
    """Samples behind each other as they come; NaN is none.

    Attributes
    ----------
    layer
        Room for the samples of the next plane.
    """

    def __init__(self, out: NDArray[np.float32], planes: int, projection: Projection) -> None:
        self._out, self._projection = out, projection
        self.layer = out if planes == 1 else np.empty_like(out)
        shape = out.shape if projection is Projection.MEAN else (0, 0)
        self._sums, self._counts = np.zeros(shape), np.zeros(shape, np.int32)
        if planes > 1:
            out.fill(np.nan)

    def add_layer(self) -> None:
        """Lay the samples on those before them."""
        if self._projection is Projection.MEAN:
            is_inside = ~np.isnan(self.layer)
            self._counts += is_inside
            np.add(self._sums, self.layer, out=self._sums, where=is_inside)
        elif self.layer is not self._out:
            choose = np.fmin if self._projection is Projection.MIN else np.fmax
            choose(self._out, self.layer, out=self._out)

    def finish(self) -> None:
        """Show what the pile looks like from the front."""
        if self._projection is Projection.MEAN:
            with np.errstate(invalid="ignore"):  # no sample inside: 0 / 0 is NaN, as it should be
                self._out[...] = self._sums / self._counts


def _sample_rows(
    stored: NDArray[Any],
    indices: PlaneIndices,
    rows: slice,
    inside: tuple[NDArray[np.intp], NDArray[np.intp]],
    padding: Padding | None,
    out: NDArray[np.float32],
) -> None:
    first, stop = inside
    begin, end = int(first.min()), int(np.max(stop, where=stop > first, initial=0))
    if begin >= end:
        out.fill(np.nan)
        return
    sample_block(stored, indices.block(rows, slice(begin, end)), padding, out[:, begin:end])
    out[:, :begin], out[:, end:] = np.nan, np.nan
    # What lies outside of some rows only is little beside the block.
    left, right = min(int(first.max()), end), max(int(stop.min()), begin)
    np.copyto(out[:, begin:left], np.float32(np.nan), where=np.arange(begin, left) < first[:, None])
    np.copyto(out[:, right:end], np.float32(np.nan), where=np.arange(right, end) >= stop[:, None])
