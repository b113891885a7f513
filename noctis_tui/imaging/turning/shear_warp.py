"""Parallel projection as a shear of a volume's slices and one warp of their sum (shear-warp).

Lacroute, P., Levoy, M.: Fast volume rendering using a shear-warp factorization of the viewing transformation,
SIGGRAPH 1994. Rays that cross the slices of one index axis meet each of them at the same place of their grid
but for an offset. So the slices, each shifted by its offset, are laid on each other in a *sheared picture*
whose pixels are voxels; and that is drawn into the picture by an affine map. Positions are voxel indices and
not millimetres: spacing, flips and aspect are all in the maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume

MOST_SHEARED_PIXELS = 1 << 28
"""Of a sheared picture: no volume that fits into memory comes near it."""


@dataclass(frozen=True, eq=False)
class ShearWarp:
    """How one view of one volume is sheared and warped.

    Attributes
    ----------
    axis
        The index axis whose slices the rays cross: 0 slices, 1 rows, 2 columns. The two others, in their
        order, are the rows and columns of the sheared picture.
    count
        How many slices there are along it.
    window
        Rows and columns of one slice.
    shape
        Rows and columns of the sheared picture.
    offsets
        float64 [2, count]: row and column of the sheared picture where the first voxel of each slice lies.
    picture_to_sheared
        float64 [2, 3]: maps (row, column, 1) of the picture to (row, column) of the sheared picture.
    plane_at
        float64 [3]: on (row, column, 1) of the sheared picture gives where along `axis`, in voxels, its ray
        cuts the plane of the view.
    step_mm
        Way along a ray from one slice to the next; negative where rays run against `axis`.
    """

    axis: int
    count: int
    window: tuple[int, int]
    shape: tuple[int, int]
    offsets: NDArray[np.float64]
    picture_to_sheared: NDArray[np.float64]
    plane_at: NDArray[np.float64]
    step_mm: float

    @cached_property
    def starts(self) -> NDArray[np.int32]:
        """int32 [2, count]: the pixel of the sheared picture nearest to the first voxel of each slice."""
        return np.floor(self.offsets + 0.5).astype(np.int32)

    @cached_property
    def shares(self) -> NDArray[np.float32]:
        """float32 [2, count]: how far behind that pixel the voxel lies, -0.5 to 0.5."""
        return (self.offsets - self.starts).astype(np.float32)

    def slices(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Return an array [slices, rows, columns] of stored values as a view with `axis` first."""
        return np.moveaxis(stored, self.axis, 0)

    def sheared_points(self, view: Slice) -> NDArray[np.float64]:
        """Return where the pixels of the view lie in the sheared picture, float64 [2, rows, columns]."""
        rows, columns = np.arange(view.rows)[:, None], np.arange(view.columns)
        return np.stack([a * rows + b * columns + c for a, b, c in self.picture_to_sheared])

    def voxels(self, across: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the voxel indices (k, j, i), [3, points], of points on rays.

        Parameters
        ----------
        across
            [2, points]: (row, column) of the rays in the sheared picture.
        along
            [points]: where along `axis`, in voxels, not rounded.
        """
        found = np.empty((3, len(along)))
        found[self.axis] = along
        for other, places, (first, per_slice) in zip(self._across, across, self._lines, strict=True):
            found[other] = places - first - per_slice * along
        return found

    @property
    def _across(self) -> list[int]:
        return [other for other in range(3) if other != self.axis]

    @property
    def _lines(self) -> list[tuple[float, float]]:
        """Offset of slice 0 and what each slice adds to it, of rows and columns."""
        return [(float(each[0]), float(each[-1] - each[0]) / max(self.count - 1, 1)) for each in self.offsets]

    def met(self, slab_thickness_mm: float = 0.0) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the first and the last slice that each pixel of the sheared picture meets.

        Parameters
        ----------
        slab_thickness_mm
            Counts only what lies less than half of it before or behind the view's plane; 0 counts all.

        Returns
        -------
        tuple[NDArray[np.int32], NDArray[np.int32]]
            Two [rows, columns]; the last is below the first where none is met.
        """
        row_first, row_last = self._met_along(0)
        column_first, column_last = self._met_along(1)
        first = np.maximum(row_first[:, None], column_first)
        last = np.minimum(row_last[:, None], column_last)
        if slab_thickness_mm > 0:
            reach = slab_thickness_mm / 2 / abs(self.step_mm)
            rows, columns = np.arange(self.shape[0])[:, None], np.arange(self.shape[1])
            middle = self.plane_at[0] * rows + self.plane_at[1] * columns + self.plane_at[2]
            np.maximum(first, _whole(np.ceil(middle - reach), self.count), out=first)
            np.minimum(last, _whole(np.floor(middle + reach), self.count), out=last)
        return first, last

    def _met_along(self, across: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the first and last slice that covers each row (0) or column (1) of the sheared picture."""
        starts, size = self.starts[across], self.window[across]
        places = np.arange(self.shape[across])
        if starts[0] <= starts[-1]:
            first = np.searchsorted(starts, places - size, side="right")
            last = np.searchsorted(starts, places, side="right") - 1
        else:
            falling = starts[::-1]
            first = self.count - np.searchsorted(falling, places, side="right")
            last = self.count - 1 - np.searchsorted(falling, places - size, side="right")
        return first.astype(np.int32), last.astype(np.int32)


def _whole(numbers: NDArray[np.float64], count: int) -> NDArray[np.int32]:
    return np.clip(numbers, -1, count).astype(np.int32)


def shear_warp(volume: Volume, view: Slice) -> ShearWarp:
    """Return how a view of a volume is sheared and warped.

    Parameters
    ----------
    volume
        Its shape and its affine are all that matters.
    view
        The grid of the picture; rays run along its normal.
    """
    right, down, into = _axes_in_voxels(volume, view)
    axis = int(np.argmax(np.abs(into)))
    row_axis, column_axis = (other for other in range(3) if other != axis)
    shears = into[[row_axis, column_axis]] / into[axis]
    count = volume.shape[axis]
    window = volume.shape[row_axis], volume.shape[column_axis]
    lowest = np.floor(np.minimum(-shears * (count - 1), 0))
    offsets = -shears[:, None] * np.arange(count) - lowest[:, None]
    rows, columns = (
        int(size + np.floor(reach.max() + 0.5)) for size, reach in zip(window, offsets, strict=True)
    )
    return ShearWarp(
        axis,
        count,
        window,
        (rows, columns),
        offsets,
        _to_sheared(volume, view, (down, right), (axis, row_axis, column_axis), shears, lowest),
        _plane_at(volume, view, (axis, row_axis, column_axis), lowest, into[axis]),
        float(1 / into[axis]),
    )


def _axes_in_voxels(
    volume: Volume, view: Slice
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return in voxel indices: one column to the right, one row down, one mm along the rays."""
    turn, plane = volume.patient_to_index[:3, :3], view.plane
    return (
        turn @ plane.row_direction * plane.column_spacing_mm,
        turn @ plane.column_direction * plane.row_spacing_mm,
        turn @ plane.normal,
    )


def _to_sheared(
    volume: Volume,
    view: Slice,
    steps: tuple[NDArray[np.float64], NDArray[np.float64]],
    axes: tuple[int, int, int],
    shears: NDArray[np.float64],
    lowest: NDArray[np.float64],
) -> NDArray[np.float64]:
    axis, *across = axes
    first = np.array(volume.voxel_index(view.plane.position_mm))
    maps = [each[across] - shears * each[axis] for each in (*steps, first)]
    maps[2] -= lowest
    return np.stack(maps, axis=1)


def _plane_at(
    volume: Volume, view: Slice, axes: tuple[int, int, int], lowest: NDArray[np.float64], into: float
) -> NDArray[np.float64]:
    """Go along the rays from slice 0 to the view's plane: as many slices as there are mm times `into`."""
    axis, *across = axes
    affine, normal = volume.index_to_patient, np.array(view.plane.normal)
    at = np.zeros(3)
    at[across] = lowest
    assert axis not in across
    before_mm = normal @ (affine[:3, :3] @ at + affine[:3, 3]) - view.plane.position_along_normal_mm
    return -into * np.array([normal @ affine[:3, across[0]], normal @ affine[:3, across[1]], before_mm])


def picture_places(plan: ShearWarp, view: Slice) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the pixel of the flattened sheared picture that each pixel of the view is nearest to.

    Returns
    -------
    tuple[NDArray[np.intp], NDArray[np.bool_]]
        Places, 0 where there is none, and whether there is one; both flattened.
    """
    rows, columns = np.floor(plan.sheared_points(view).reshape(2, -1) + 0.5)
    covered = (rows >= 0) & (rows < plan.shape[0]) & (columns >= 0) & (columns < plan.shape[1])
    return np.where(covered, rows * plan.shape[1] + columns, 0).astype(np.intp), covered
