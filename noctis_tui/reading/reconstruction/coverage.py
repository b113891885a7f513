"""Which voxels of a sheared volume were measured: the corners that a gantry tilt leaves empty were not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.stacking.stacking import PlannedVolume
    from noctis_tui.imaging.volume import Volume

_ROUNDING = 1e-6


def coverage_of(planned: PlannedVolume, volume: Volume) -> Volume | None:
    """Return a volume that is 1 where voxels come from pixels, else 0; None where all of them do."""
    row_shifts, column_shifts = planned.row_shifts, planned.column_shifts
    place = planned.frames[0].place
    if row_shifts is None or column_shifts is None or place is None:
        return None
    slices, rows, columns = volume.shape
    frames = np.linspace(0, len(planned.frames) - 1, slices)
    if planned.source_slices is not None:
        frames = planned.source_slices
    numbers = np.arange(len(planned.frames))
    measured_rows = _measured(rows, place.rows, np.interp(frames, numbers, row_shifts))
    measured_columns = _measured(columns, place.columns, np.interp(frames, numbers, column_shifts))
    measured = (measured_rows[:, :, None] & measured_columns[:, None, :]).astype(np.uint8)
    plain = replace(volume, rescale_slope=1.0, rescale_intercept=0.0, padding_range=None)
    return replace(plain, stored_values=measured)


def _measured(count: int, pixels: int, shifts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return [slices, count]: whether a row lies between the first and the last pixel of its slice."""
    at = np.arange(count) - shifts[:, None]
    covered: NDArray[np.bool_] = (at >= -_ROUNDING) & (at <= pixels - 1 + _ROUNDING)
    return covered


def is_measured(
    coverage: Volume,
    grid: Slice,
    slab_thickness_mm: float,
    projection: Projection,
    token: CancelToken | None = None,
) -> NDArray[np.bool_]:
    """Return [rows, columns] of the grid: whether the sample is made of measured voxels alone.

    Of a maximum one measured voxel is enough: what fills the corners never wins.
    """
    enough = Projection.MAX if projection is Projection.MAX else Projection.MIN
    shares = reslice(coverage, grid, slab_thickness_mm=slab_thickness_mm, projection=enough, token=token)
    return shares > 1 - _ROUNDING
