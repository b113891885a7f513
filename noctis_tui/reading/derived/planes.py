"""Two planes in one frame of reference: do they coincide, and which pixel lies on which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.patient_space import ImagePlane, dot, is_orientation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes

PARALLEL = 0.9998
"""Cosine of about one degree."""
SAME_PLANE_MM = 0.05
_SAME_GRID_PX = 0.02


def plane_of(attributes: FrameAttributes) -> ImagePlane | None:
    """Return where a frame lies in the patient, None when its attributes do not say so."""
    position, spacing = attributes.image_position_patient, attributes.pixel_spacing
    orientation = attributes.image_orientation_patient
    if position is None or spacing is None or orientation is None or not is_orientation(orientation):
        return None
    return ImagePlane(position, orientation, *spacing)


def distance_mm(plane: ImagePlane, other: ImagePlane) -> float | None:
    """Return how far apart two parallel planes are, along the first one's normal; None when not parallel."""
    if abs(dot(plane.normal, other.normal)) < PARALLEL:
        return None
    return abs(dot(plane.normal, other.position_mm) - plane.position_along_normal_mm)


@dataclass(frozen=True, slots=True)
class GridMap:
    """Where the pixels of one parallel grid lie on another: an affine map of (column, row)."""

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]

    @classmethod
    def between(cls, image: ImagePlane, grid: ImagePlane) -> GridMap:
        """Return the map from points of the image to points of the grid."""
        origin = np.array(grid.image_point(image.patient_point(0, 0)))
        along = np.array(grid.image_point(image.patient_point(1, 0))) - origin
        down = np.array(grid.image_point(image.patient_point(0, 1))) - origin
        return cls(np.stack([along, down], axis=1), origin)

    def is_identity(self, rows: int, columns: int) -> bool:
        """Tell whether no pixel of an image of that size moves visibly."""
        corners = np.array([[0, 0], [columns, 0], [0, rows], [columns, rows]], np.float64)
        moved = corners @ self.matrix.T + self.offset - corners
        return bool(np.abs(moved).max() < _SAME_GRID_PX)

    def nearest(self, values: NDArray[np.generic], rows: int, columns: int) -> NDArray[np.generic]:
        """Return the grid's values under the pixels of an image of `rows` x `columns`, 0 beside the grid."""
        if values.shape == (rows, columns) and self.is_identity(rows, columns):
            return values
        column, row = np.arange(columns, dtype=np.float64), np.arange(rows, dtype=np.float64)[:, None]
        across = np.rint(self.matrix[0, 0] * column + self.matrix[0, 1] * row + self.offset[0])
        down = np.rint(self.matrix[1, 0] * column + self.matrix[1, 1] * row + self.offset[1])
        inside = (across >= 0) & (across < values.shape[1]) & (down >= 0) & (down < values.shape[0])
        across, down = np.where(inside, across, 0).astype(np.intp), np.where(inside, down, 0).astype(np.intp)
        found = values[down, across]
        return np.where(inside, found, np.zeros((), values.dtype))
