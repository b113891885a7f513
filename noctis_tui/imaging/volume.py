"""A volume: stored values on a regular grid in patient space."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import Orientation, Vector


@dataclass(frozen=True, eq=False)
class Volume:
    """Stored values of parallel slices, and where they lie.

    Attributes
    ----------
    stored_values
        [slices, rows, columns], C-contiguous: int16, uint16, uint8 or float32. Slice 0 is where the row
        direction x the column direction points away from: its index grows along that normal, so that the
        three index axes are right-handed.
    index_to_patient
        float64 [4, 4]: maps the voxel index (k, j, i, 1) - slice, row, column - to LPS in mm. (0, 0, 0) is
        the centre of the first voxel. Its three axes are orthogonal: a gantry tilt was sheared out.
    rescale_slope, rescale_intercept
        Modality values are stored values * slope + intercept (PS3.3 C.11.1). Where slices differ, modality
        values themselves are stored, as float32, and these are 1 and 0.
    units, rescale_type
        What modality values are, as in the frame attributes: "HU", "".
    frame_of_reference_uid
        (0020,0052); empty where the files have none.
    source_sop_instance_uids
        Of each slice, in the order of the slices; several slices may come from one instance.
    outside_value
        The modality value shown where there is no volume: the darkest that its kind of image has.
    padding_range
        Lowest and highest modality value that mark voxels outside of what was scanned (Pixel Padding Value,
        PS3.3 C.7.5.1.1.2), both included; None where there are none. Such voxels are no samples: nothing is
        interpolated with them, and they have no part in slabs and projections.
    has_gaps
        Whether `padding_range` marks what is in no file: the corners of a sheared volume that no slice
        covers. That is outside of the volume. Padding that files have keeps its value where a plane shows
        voxels as they are.
    """

    stored_values: NDArray[Any]
    index_to_patient: NDArray[np.float64]
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    units: str = ""
    rescale_type: str = ""
    frame_of_reference_uid: str = ""
    source_sop_instance_uids: tuple[str, ...] = field(default=())
    outside_value: float = 0.0
    padding_range: tuple[float, float] | None = None
    has_gaps: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many slices, rows and columns there are."""
        slices, rows, columns = self.stored_values.shape
        return slices, rows, columns

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring slices, rows and columns."""
        k, j, i = np.linalg.norm(self.index_to_patient[:3, :3], axis=0)
        return float(k), float(j), float(i)

    @cached_property
    def patient_to_index(self) -> NDArray[np.floating[Any]]:
        """The inverse of `index_to_patient`, float64 [4, 4]."""
        return np.linalg.inv(self.index_to_patient)

    @cached_property
    def center_mm(self) -> Vector:
        """The middle of the volume, LPS."""
        slices, rows, columns = self.shape
        return self.patient_point((slices - 1) / 2, (rows - 1) / 2, (columns - 1) / 2)

    def patient_point(self, k: float, j: float, i: float) -> Vector:
        """Return the LPS position in mm of a voxel index (slice, row, column)."""
        x, y, z, _ = self.index_to_patient @ (k, j, i, 1.0)
        return float(x), float(y), float(z)

    def voxel_index(self, point_mm: Vector) -> Vector:
        """Return the voxel index (k, j, i), not rounded, of an LPS position in mm."""
        k, j, i, _ = self.patient_to_index @ (*point_mm, 1.0)
        return float(k), float(j), float(i)

    def modality_value(self, stored: float) -> float:
        """Return the modality value of a stored one."""
        return stored * self.rescale_slope + self.rescale_intercept

    @cached_property
    def stored_padding(self) -> tuple[float, float] | None:
        """Lowest and highest stored value of padding, both included; None where no voxel can be padding."""
        if self.padding_range is None or self.rescale_slope == 0:
            return None
        ends = ((end - self.rescale_intercept) / self.rescale_slope for end in self.padding_range)
        low, high = sorted(ends)
        if self.stored_values.dtype.kind == "f":
            return float(np.float32(low)), float(np.float32(high))
        # They were whole before they were rescaled.
        limits = np.iinfo(self.stored_values.dtype)
        low, high = max(round(low), limits.min), min(round(high), limits.max)
        return (float(low), float(high)) if low <= high else None

    def slice_at(self, k: float) -> Slice:
        """Return where slice k lies, as the grid of its own pixels; k need not be whole."""
        _, rows, columns = self.shape
        _, row_spacing_mm, column_spacing_mm = self.spacing_mm
        plane = ImagePlane(self.patient_point(k, 0, 0), self._orientation, row_spacing_mm, column_spacing_mm)
        return Slice(plane, rows, columns, self.frame_of_reference_uid)

    @property
    def _orientation(self) -> Orientation:
        _, row_spacing_mm, column_spacing_mm = self.spacing_mm
        a, b, c = (float(part) for part in self.index_to_patient[:3, 2] / column_spacing_mm)
        d, e, f = (float(part) for part in self.index_to_patient[:3, 1] / row_spacing_mm)
        return a, b, c, d, e, f
