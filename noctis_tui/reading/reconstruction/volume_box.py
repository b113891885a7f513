"""Where a volume's voxels are, as a frozen value: what moving about in it needs, without the voxels."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import dot

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.volume import Volume

_ROUNDING = 1e-6
"""Of an index: what differs by less is a rounding error, not another place."""
SAME_DIRECTION = 1 - 5e-9
"""Cosine of 1e-4: over half a metre two such directions part by less than a tenth of a millimetre."""


@dataclass(frozen=True, slots=True)
class VolumeBox:
    """The grid of a volume.

    Attributes
    ----------
    shape
        Slices, rows, columns.
    first_mm
        Centre of voxel (0, 0, 0), LPS.
    axes
        Orthonormal directions in which the indices k, j, i grow.
    spacing_mm
        Distance between neighbouring voxels along each.
    """

    shape: tuple[int, int, int]
    first_mm: Vector
    axes: tuple[Vector, Vector, Vector]
    spacing_mm: Vector

    @classmethod
    def of(cls, volume: Volume) -> VolumeBox:
        """Return the grid of a volume."""
        spacing = volume.spacing_mm
        columns = [
            tuple(float(part) / step for part in volume.index_to_patient[:3, place])
            for place, step in enumerate(spacing)
        ]
        k, j, i = ((column[0], column[1], column[2]) for column in columns)
        return cls(volume.shape, volume.patient_point(0, 0, 0), (k, j, i), spacing)

    @property
    def center_mm(self) -> Vector:
        """The middle, LPS."""
        k, j, i = ((count - 1) / 2 for count in self.shape)
        return self.point((k, j, i))

    def point(self, index: Vector) -> Vector:
        """Return the LPS position of a voxel index (k, j, i), which need not be whole."""
        along = [place * step for place, step in zip(index, self.spacing_mm, strict=True)]
        x, y, z = (
            self.first_mm[part] + sum(step * axis[part] for step, axis in zip(along, self.axes, strict=True))
            for part in range(3)
        )
        return x, y, z

    def index(self, point_mm: Vector) -> Vector:
        """Return the voxel index (k, j, i), not rounded, of an LPS position."""
        away = _difference(point_mm, self.first_mm)
        k, j, i = (dot(away, axis) / step for axis, step in zip(self.axes, self.spacing_mm, strict=True))
        return k, j, i

    def nearest_voxel(self, point_mm: Vector) -> tuple[int, int, int]:
        """Return the index of the voxel that a point is nearest to."""
        k, j, i = (
            min(max(round(place), 0), count - 1)
            for place, count in zip(self.index(point_mm), self.shape, strict=True)
        )
        return k, j, i

    def voxel_center(self, point_mm: Vector) -> Vector:
        """Return the centre of the voxel that a point is nearest to."""
        return self.point(self.nearest_voxel(point_mm))

    def contains(self, point_mm: Vector) -> bool:
        """Tell whether a point lies between the centres of the outermost voxels."""
        return all(
            -_ROUNDING <= place <= count - 1 + _ROUNDING
            for place, count in zip(self.index(point_mm), self.shape, strict=True)
        )

    def inside(self, point_mm: Vector) -> Vector:
        """Return the nearest point between the centres of the outermost voxels."""
        places = zip(self.index(point_mm), self.shape, strict=True)
        k, j, i = (min(max(place, 0.0), count - 1.0) for place, count in places)
        return self.point((k, j, i))

    def toward(self, start_mm: Vector, end_mm: Vector) -> Vector:
        """Go straight from a point inside to another one, as far as there are voxels."""
        start, end = self.index(start_mm), self.index(end_mm)
        share = 1.0
        for a, b, count in zip(start, end, self.shape, strict=True):
            share = min(share, _share(a, b, count - 1.0))
        reached = tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))
        return self.inside(self.point((reached[0], reached[1], reached[2])))

    def step_mm(self, direction: Vector) -> float:
        """Return how far one voxel is in a direction: as far as one index, at most, grows by one."""
        fastest = max(
            abs(dot(direction, axis)) / step for axis, step in zip(self.axes, self.spacing_mm, strict=True)
        )
        return 1 / fastest

    def extent_mm(self, direction: Vector) -> float:
        """Return how long the volume is in a direction, from border to border of the outermost voxels."""
        return sum(
            abs(dot(direction, axis)) * step * count
            for axis, step, count in zip(self.axes, self.spacing_mm, self.shape, strict=True)
        )

    def axis_along(self, direction: Vector) -> tuple[int, int] | None:
        """Return which index axis a direction is (0 to 2), and its sign; None when it is none."""
        for place, axis in enumerate(self.axes):
            cosine = dot(direction, axis)
            if abs(cosine) >= SAME_DIRECTION:
                return place, 1 if cosine > 0 else -1
        return None


def _share(start: float, end: float, last: float) -> float:
    """Return how much of the way from `start` to `end` lies between 0 and `last`."""
    step = end - start
    if abs(step) < _ROUNDING:
        return 1.0
    room = (last - start if step > 0 else -start) / step
    return min(max(room, 0.0), 1.0) if isfinite(room) else inf


def _difference(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]
