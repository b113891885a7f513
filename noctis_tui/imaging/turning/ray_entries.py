"""Where rays enter what is inside of a threshold, near a slice in which they were said to meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.values_between import COMPILED_KINDS, in_two_threads, trilinear

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.turning.values_between import Replaced

    Floats = NDArray[np.float64]

LOOKED_FURTHER = 64
"""Slices behind the one where a ray met a voxel, in which it may enter. Few rays pass by what they meet."""
_REACH = 0.5
"""Of a volume beyond the centres of its outermost voxels."""
_ROUNDED = 2


def ray_entries(
    stored: NDArray[Any],
    starts: Floats,
    way: Floats,
    inside: tuple[float, int],
    replaced: Replaced | None = None,
) -> Floats:
    """Return after how many steps rays enter.

    A ray may pass by a voxel that is inside, or between some: then it goes on.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    starts
        [3, rays]: voxel indices (k, j, i) in the slice where a voxel near the ray is inside.
    way
        [3]: what leads from slice to slice.
    inside
        The limit of stored values, and 1 where those above it are inside, -1 for those below.
    replaced
        As of `trilinear`.

    Returns
    -------
    NDArray[np.float64]
        [rays]: from -2, in which case it was inside before, to `LOOKED_FURTHER`; NaN where they do not enter.
    """
    points = compiled_turning.points
    if points is not None and stored.dtype.char in COMPILED_KINDS:
        more = (*way.tolist(), *inside)
        return in_two_threads(points.entries, stored, starts, (starts.shape[1],), replaced, more)
    limit, sign = inside
    last = np.array(stored.shape)[:, None] - 1

    def look(which: NDArray[np.intp], step: int) -> Floats:
        """Return how far inside rays are, NaN where they are not in the volume."""
        points = starts[:, which] + step * way[:, None]
        depths = (trilinear(stored, points, replaced) - limit) * sign
        is_volume = np.all((points >= -_REACH) & (points <= last + _REACH), axis=0)
        return np.where(is_volume, depths, np.nan)

    entered, before = np.full(starts.shape[1], np.nan), look(np.arange(starts.shape[1]), -1)
    early = np.flatnonzero(before >= 0)
    entered[early] = _crossing(look(early, -2), before[early], -2)
    left = np.flatnonzero(~(before >= 0))
    before = before[left]
    for step in range(LOOKED_FURTHER):
        here = look(left, step)
        is_in = here >= 0
        entered[left[is_in]] = _crossing(before, here, step - 1)[is_in]
        # Rounded to whole voxels, a ray may be said to enter the volume a slice before it does.
        goes_on = (here < 0) | (np.isnan(here) & (step < _ROUNDED))
        left, before = left[goes_on], here[goes_on]
        if not len(left):
            break
    return entered


def _crossing(before: Floats, here: Floats, step: int) -> Floats:
    """Return where between `step` and the next one a ray enters; half way where it comes from outside."""
    crossed = np.clip(before, None, 0)
    entered = step + crossed / np.where((crossed < 0) & (here >= 0), crossed - here, 1)
    return np.where(np.isnan(before), step + 0.5, entered)
