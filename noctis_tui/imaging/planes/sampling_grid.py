"""A sampling grid in the voxel indices of a volume: what of it lies inside, and where it meets the voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.projection import SAME_INDEX

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class SamplingGrid:
    """A `Slice` in voxel indices (k, j, i), which are affine in row and column.

    Attributes
    ----------
    origin, per_row, per_column
        float64 [3]: the index of the first pixel, and the steps to the next row and to the next column.
    per_mm
        float64 [3]: the step of one millimetre along the normal of the plane.
    rows, columns
        How many pixels there are.
    shape
        Of the volume.
    """

    origin: NDArray[np.float64]
    per_row: NDArray[np.float64]
    per_column: NDArray[np.float64]
    per_mm: NDArray[np.float64]
    rows: int
    columns: int
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, volume: Volume, grid: Slice) -> SamplingGrid:
        """Return where a slice of the patient runs through a volume."""
        plane, steps = grid.plane, volume.patient_to_index[:3, :3]
        return cls(
            np.array(volume.voxel_index(plane.position_mm)),
            steps @ np.array(plane.column_direction) * plane.row_spacing_mm,
            steps @ np.array(plane.row_direction) * plane.column_spacing_mm,
            steps @ np.array(plane.normal),
            grid.rows,
            grid.columns,
            volume.shape,
        )

    def moved(self, step: NDArray[np.float64]) -> SamplingGrid:
        """Return the same grid elsewhere."""
        return replace(self, origin=self.origin + step)

    @property
    def axis(self) -> int | None:
        """The index axis that the normal runs along; None for an oblique plane."""
        reach = _reach(self.per_row, self.rows) + _reach(self.per_column, self.columns)
        along = np.flatnonzero(reach < SAME_INDEX)
        return int(along[0]) if len(along) else None

    def columns_inside(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return, for each row, the first column that lies inside the volume and the one after the last.

        A volume reaches to the outer edges of its outermost voxels, half a voxel beyond their centres.
        """
        rows = np.arange(self.rows)
        first, stop = np.zeros(self.rows), np.full(self.rows, float(self.columns))
        for axis, count in enumerate(self.shape):
            low = -0.5 - SAME_INDEX - (self.origin[axis] + rows * self.per_row[axis])
            high = low + count + 2 * SAME_INDEX
            step = self.per_column[axis]
            if _reach(step, self.columns) < SAME_INDEX:
                stop[(low > 0) | (high < 0)] = 0
                continue
            enters, leaves = (low / step, high / step) if step > 0 else (high / step, low / step)
            first, stop = np.maximum(first, np.ceil(enters)), np.minimum(stop, np.floor(leaves) + 1)
        first = np.minimum(first, self.columns)
        return first.astype(np.intp), np.maximum(first, stop).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Lattice:
    """The pixels of a grid that are voxels, one for one.

    Attributes
    ----------
    voxels
        What to take along each axis of the volume; the whole of `axis`, which the normal runs along.
    pixels
        The rows and columns that it fills.
    turned
        Whether the columns of the grid run along the earlier of the two axes.
    """

    voxels: tuple[slice, slice, slice]
    pixels: tuple[slice, slice]
    turned: bool


def lattice(grid: SamplingGrid, axis: int) -> Lattice | None:
    """Return how a grid, its normal along an index axis, meets the voxels' centres; None if it does not."""
    others = [each for each in range(3) if each != axis]
    along_columns = max(others, key=lambda each: abs(grid.per_column[each]))
    along_rows = others[0] + others[1] - along_columns
    stray = _reach(grid.per_column[along_rows], grid.columns) + _reach(grid.per_row[along_columns], grid.rows)
    if stray > SAME_INDEX:
        return None
    rows = _run(grid.origin[along_rows], grid.per_row[along_rows], grid.rows, grid.shape[along_rows])
    columns = _run(
        grid.origin[along_columns], grid.per_column[along_columns], grid.columns, grid.shape[along_columns]
    )
    if rows is None or columns is None:
        return None
    voxels = [slice(None)] * 3
    voxels[along_rows], voxels[along_columns] = rows[0], columns[0]
    return Lattice(tuple(voxels), (rows[1], columns[1]), along_columns < along_rows)  # type: ignore[arg-type]  # three


def _run(origin: float, step: float, pixels: int, count: int) -> tuple[slice, slice] | None:
    """Return the voxels along an axis, and the pixels they fill; None where pixels lie between voxels."""
    start, stride = round(origin), round(step)
    if stride == 0 or abs(origin - start) + _reach(step - stride, pixels) > SAME_INDEX:
        return None
    before = -start if stride > 0 else start - (count - 1)
    first = max(-(-before // abs(stride)), 0)
    end = min((count - 1 - start if stride > 0 else start) // abs(stride) + 1, pixels)
    if first >= end:
        return slice(0, 0), slice(0, 0)
    begin, stop = start + first * stride, start + end * stride
    return slice(begin, stop if stop >= 0 else None, stride), slice(first, end)


def _reach(step: Any, count: int) -> Any:  # noqa: ANN401 - a number or an array of them
    """Return how far a step leads over a row or column of pixels; one pixel's neighbours count, too."""
    return abs(step) * max(count - 1, 1)
