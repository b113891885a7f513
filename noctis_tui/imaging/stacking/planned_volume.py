"""The grid that the frames of one volume are put on: upright, even, right-handed.

A gantry tilt shifts each slice along its columns against the one before. The grid is then higher than the
slices, so that each has its place on it, and none of its axes leans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.stacking.slice_positions import axes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.stacking.slice_positions import SlicePositions
    from noctis_tui.imaging.stacking.stack_frame import StackFrame

MOST_RESAMPLED = 4
"""Resampling makes so many slices of each at most."""
_NO_MORE_SLICES = 1 << 20
_WHOLE_SHIFT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PlannedVolume:
    """The frames of one volume, and the grid that they are put on.

    Attributes
    ----------
    name
        What tells it from the other volumes of its series; empty for the only one.
    frames
        In the order of the slices: the position grows along row direction x column direction.
    shape
        Slices, rows and columns of the volume: more than the frames have where a tilt is sheared out or
        uneven slices are resampled.
    index_to_patient
        float64 [4, 4]: (k, j, i, 1) of the volume to LPS mm; its axes are orthogonal.
    tilt_degrees
        The gantry tilt that is sheared out; 0 for straight stacks.
    row_shifts, column_shifts
        How many rows and columns (not whole) each frame's first pixel lies from the volume's; None where
        every frame fits the grid as it is.
    source_slices
        Where each slice of the volume lies among the frames (not whole): linear interpolation between the
        two neighbours; None where the frames are the slices.
    """

    name: str
    frames: tuple[StackFrame, ...]
    shape: tuple[int, int, int]
    index_to_patient: NDArray[np.float64]
    tilt_degrees: float = 0.0
    row_shifts: NDArray[np.float64] | None = None
    column_shifts: NDArray[np.float64] | None = None
    source_slices: NDArray[np.float64] | None = None

    @property
    def is_as_stored(self) -> bool:
        """Whether voxels are the pixels of frames, with nothing interpolated."""
        return self.row_shifts is None and self.source_slices is None

    @property
    def spacing_between_slices_mm(self) -> float:
        """Distance between neighbouring slices of the volume."""
        return float(np.linalg.norm(self.index_to_patient[:3, 0]))

    @property
    def sop_instance_uids(self) -> tuple[str, ...]:
        """The instance of each slice of the volume; of the nearer one where slices are resampled."""
        if self.source_slices is None:
            return tuple(frame.sop_instance_uid for frame in self.frames)
        nearest = np.clip(np.rint(self.source_slices).astype(int), 0, len(self.frames) - 1)
        return tuple(self.frames[place].sop_instance_uid for place in nearest)


def planned(name: str, frames: tuple[StackFrame, ...], positions: SlicePositions) -> PlannedVolume:
    """Return the volume that frames make.

    Parameters
    ----------
    frames
        In the order of their positions along the normal.
    positions
        Of these frames; where they are uneven, the volume is resampled.

    Raises
    ------
    BadInput
        Resampling would make far more slices than there are.
    """
    place = frames[0].place
    assert place is not None
    source_slices = None if positions.is_even else _even_places(positions)
    slices = len(frames) if source_slices is None else len(source_slices)
    if slices > MOST_RESAMPLED * len(frames):
        raise BadInput(
            f"Even slices would be {slices:,} where the series has {len(frames):,}: too many to resample."
        )
    spacing = float(positions.along_normal_mm[-1]) / (slices - 1)
    affine = np.eye(4)
    row, column, normal = axes_of(place.plane)
    affine[:3, 0], affine[:3, 3] = normal * spacing, place.plane.position_mm
    affine[:3, 1] = column * place.plane.row_spacing_mm
    affine[:3, 2] = row * place.plane.column_spacing_mm
    affine += 0.0  # no minus zeros, which a reader of the numbers would wonder at
    straight = PlannedVolume(
        name, frames, (slices, place.rows, place.columns), affine, source_slices=source_slices
    )
    return _sheared(straight, positions)


def _even_places(positions: SlicePositions) -> NDArray[np.float64]:
    """Return where even slices, as far apart as most are, lie among the frames."""
    along = positions.along_normal_mm
    count = max(2, round(float(along[-1]) / positions.usual_step_mm) + 1)
    return np.interp(np.linspace(0.0, along[-1], min(count, _NO_MORE_SLICES)), along, np.arange(len(along)))


def _sheared(plan: PlannedVolume, positions: SlicePositions) -> PlannedVolume:
    """Widen the grid so that every drifted slice has its place on it."""
    along_rows, along_columns = positions.drift_mm_per_mm
    if along_rows == along_columns == 0.0:
        return plan
    along_normal = positions.along_normal_mm
    if plan.source_slices is None:  # even slices drift evenly, however their positions were rounded
        along_normal = np.linspace(0.0, along_normal[-1], len(along_normal))
    column_shifts = _settled(along_rows * along_normal / positions.column_spacing_mm)
    row_shifts = _settled(along_columns * along_normal / positions.row_spacing_mm)
    above, left = floor(row_shifts.min()), floor(column_shifts.min())
    below, right = ceil(row_shifts.max()), ceil(column_shifts.max())
    slices, rows, columns = plan.shape
    affine = plan.index_to_patient.copy()
    affine[:3, 3] += affine[:3, 1] * above + affine[:3, 2] * left
    return replace(
        plan,
        shape=(slices, rows + below - above, columns + right - left),
        index_to_patient=affine,
        tilt_degrees=positions.tilt_degrees,
        row_shifts=row_shifts - above,
        column_shifts=column_shifts - left,
    )


def _settled(shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shifts of whole pixels as whole numbers: rounding may leave them a little less."""
    whole = np.rint(shifts)
    return np.where(abs(shifts - whole) < _WHOLE_SHIFT, whole, shifts)
