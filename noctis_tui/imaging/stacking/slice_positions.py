"""Whether parallel slices lie evenly: their spacing, the drift of a gantry tilt, gaps and coincidences.

Tolerances, and why:

- Positions are decimal strings; scanners round them to a tenth of a millimetre at worst, so that a slice may
  be `ROUNDING_MM` off. Thick slices may be `OF_SPACING` of their spacing off: a hundredth of a voxel is seen
  in no picture and in no length. With thin slices a tenth of the spacing is the most.
- Two slices nearer than `SAME_POSITION_MM` are at one place: no scanner steps so little.
- A drift that ends less than `SMALLEST_DRIFT_PX` pixels from where it began is what rounded direction cosines
  make of a straight stack; ignoring it moves no point by more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees, hypot
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import ImagePlane

SAME_POSITION_MM = 1e-2
ROUNDING_MM = 0.06
OF_SPACING = 0.01
SMALLEST_DRIFT_PX = 0.25
LARGEST_TILT_DEGREES = 45.0
"""Gantries tilt by 30 degrees at most; more is no tilt but something else."""


@dataclass(frozen=True, slots=True, eq=False)
class SlicePositions:
    """Where parallel slices lie, in the order of their positions along the normal.

    Attributes
    ----------
    along_normal_mm, along_rows_mm, along_columns_mm
        float64 [slices]: the first pixel's coordinates on the normal, in the row direction (in which the
        column index grows) and in the column direction, from that of the first slice.
    row_spacing_mm, column_spacing_mm
        Between neighbouring rows, neighbouring columns.
    """

    along_normal_mm: NDArray[np.float64]
    along_rows_mm: NDArray[np.float64]
    along_columns_mm: NDArray[np.float64]
    row_spacing_mm: float
    column_spacing_mm: float

    @property
    def steps_mm(self) -> NDArray[np.float64]:
        """Distance of each slice from the one before, float64 [slices - 1]."""
        return np.diff(self.along_normal_mm)

    @property
    def spacing_mm(self) -> float:
        """Mean distance between neighbouring slices, along the normal."""
        return float(self.along_normal_mm[-1]) / max(1, len(self.along_normal_mm) - 1)

    @property
    def is_even(self) -> bool:
        """Whether every slice lies where even spacing puts it."""
        return _off_line(self.along_normal_mm) <= tolerance_mm(self.spacing_mm)

    @property
    def is_straight(self) -> bool:
        """Whether the slices drift sideways evenly, or not at all."""
        allowed = tolerance_mm(self.spacing_mm)
        allowed_rows = max(allowed, SMALLEST_DRIFT_PX * self.column_spacing_mm)
        allowed_columns = max(allowed, SMALLEST_DRIFT_PX * self.row_spacing_mm)
        rows = _off_line(self.along_rows_mm, self.along_normal_mm)
        columns = _off_line(self.along_columns_mm, self.along_normal_mm)
        return rows <= allowed_rows and columns <= allowed_columns

    @property
    def drift_mm_per_mm(self) -> tuple[float, float]:
        """How far slices drift in the row and in the column direction for each mm along the normal.

        Zero where the whole stack drifts less than `SMALLEST_DRIFT_PX`.
        """
        extent = float(self.along_normal_mm[-1])
        along_rows = _whole_drift(self.along_rows_mm, self.column_spacing_mm)
        along_columns = _whole_drift(self.along_columns_mm, self.row_spacing_mm)
        return along_rows / extent, along_columns / extent

    @property
    def tilt_degrees(self) -> float:
        """The gantry tilt: the angle between the normal and the line on which the slices lie."""
        along_rows, along_columns = self.drift_mm_per_mm
        angle = degrees(atan(hypot(along_rows, along_columns)))
        return -angle if along_columns < 0 else angle

    @property
    def usual_step_mm(self) -> float:
        """Median distance between neighbouring slices."""
        return float(np.median(self.steps_mm))

    def gaps(self) -> list[int]:
        """Return before which slices others are missing: steps of a whole number of usual ones, at least 2.

        Empty when the remaining steps are uneven too: then nobody can say what is missing.
        """
        usual = self.usual_step_mm
        allowed = 2 * tolerance_mm(usual)
        counts = np.maximum(np.rint(self.steps_mm / usual), 1)
        if np.any(np.abs(self.steps_mm - counts * usual) > allowed * counts):
            return []
        return [int(place) + 1 for place in np.flatnonzero(counts > 1)]


def tolerance_mm(spacing_mm: float) -> float:
    """Return how far a slice may lie from where even spacing puts it."""
    return max(OF_SPACING * spacing_mm, min(ROUNDING_MM, spacing_mm / 10))


def positions_of(planes: Sequence[ImagePlane]) -> SlicePositions:
    """Return the positions of planes that are parallel and stand in order of their positions."""
    first = planes[0]
    away = np.array([plane.position_mm for plane in planes]) - np.array(first.position_mm)
    along = away @ axes_of(first).T
    return SlicePositions(
        along[:, 2], along[:, 0], along[:, 1], first.row_spacing_mm, first.column_spacing_mm
    )


def axes_of(plane: ImagePlane) -> NDArray[np.float64]:
    """Return the row direction, the column direction and the normal as the rows of float64 [3, 3].

    Orthonormal, however the direction cosines were rounded: the row direction is kept.
    """
    row = np.array(plane.row_direction)
    row /= np.linalg.norm(row)
    column = np.array(plane.column_direction)
    column -= (column @ row) * row
    column /= np.linalg.norm(column)
    return np.array([row, column, np.cross(row, column)])


def _off_line(values: NDArray[np.float64], over: NDArray[np.float64] | None = None) -> float:
    """Return how far values lie from a straight line through them, at most."""
    if len(values) < 3:
        return 0.0
    x = np.arange(len(values), dtype=np.float64) if over is None else over
    x = x - x.mean()
    y = values - values.mean()
    off = y - (x @ y) / (x @ x) * x
    return float(off.max() - off.min()) / 2


def _whole_drift(along_mm: NDArray[np.float64], pixel_mm: float) -> float:
    drift = float(along_mm[-1])
    return drift if abs(drift) >= SMALLEST_DRIFT_PX * pixel_mm else 0.0
