"""Slices onto an even, upright grid: a gantry tilt sheared out, uneven slices resampled, both linearly.

Padding is no value to interpolate with: a voxel takes the nearer neighbour alone where the other one is such.
Voxels beyond the centres of a frame's outermost pixels have no value: nothing was measured there.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from noctis_tui.imaging.planes.padding import between

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shifted(
    values: NDArray[Any], row_shift: float, column_shift: float, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a frame on a larger grid.

    Parameters
    ----------
    values
        float [rows, columns]; NaN where there is nothing.
    row_shift, column_shift
        Where the frame's first pixel lies on the grid, in pixels; not whole, not negative.
    shape
        Rows and columns of the grid.

    Returns
    -------
    NDArray[np.float32]
        [*shape], linear between pixels, NaN beyond the outermost centres of the frame.
    """
    along_rows = _shifted_rows(values, row_shift, shape[0])
    if column_shift == 0.0 and shape[1] == values.shape[1]:
        return along_rows
    return np.ascontiguousarray(_shifted_rows(along_rows.T, column_shift, shape[1]).T)


def _shifted_rows(values: NDArray[Any], shift: float, rows: int) -> NDArray[np.float32]:
    whole = floor(shift)
    part = np.float32(shift - whole)
    grid = np.full((rows, values.shape[1]), np.nan, np.float32)
    count = max(0, min(len(values), rows - whole))
    grid[whole : whole + count] = values[:count]
    if part < 1e-6:
        return grid
    before = np.full_like(grid, np.nan)
    before[1:] = grid[:-1]
    mixed = between(grid, before, float(part))
    mixed[whole] = np.nan
    mixed[whole + count : whole + count + 1] = np.nan
    return mixed
