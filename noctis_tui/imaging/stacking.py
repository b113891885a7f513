"""The frames of a series to volumes: which frames, in which order, on which grid; or why not.

Nothing is read here: frames come with what their headers say, and plans go to whoever reads the pixels
(`noctis_tui.reading.volume_loading`). What cannot be a volume is refused with one plain sentence and the
instances that are the reason. Everything is LPS in mm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.frame_grouping import (
    FEWEST_SLICES,
    FrameGroup,
    grouped,
    levels_of,
    parted_by_acquisition,
    plane_of,
)
from noctis_tui.imaging.slice_positions import LARGEST_TILT_DEGREES, SlicePositions, axes_of, positions_of
from noctis_tui.imaging.stack_frame import Refusal, StackFrame, instances_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import ImagePlane

FRAMES_LIMIT = 100_000
"""Longer series are refused: no scanner makes one, and ordering it would take minutes."""
MOST_RESAMPLED = 4
"""Resampling makes so many slices of each at most."""
_SMALLEST_SPACING_MM, _LARGEST_SPACING_MM, _FARTHEST_MM = 1e-4, 1e3, 1e6
_SHOWN_STEPS = 2


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


@dataclass(frozen=True, slots=True)
class Stacking:
    """What a series makes: volumes, and what is left with the reasons."""

    volumes: tuple[PlannedVolume, ...]
    refusals: tuple[Refusal, ...]


def stack_volumes(frames: Iterable[StackFrame], *, resample_uneven: bool = False) -> Stacking:
    """Plan the volumes of a series.

    Parameters
    ----------
    frames
        All frames of the series, in any order; the same frame twice counts once.
    resample_uneven
        Whether slices that are not evenly apart, or miss some between them, are resampled evenly instead of
        refused.

    Returns
    -------
    Stacking
        Volumes by orientation, then contrast, then time; every frame is in a volume or in a refusal.
    """
    unique = list({(frame.sop_instance_uid, frame.frame_index): frame for frame in frames}.values())
    if len(unique) > FRAMES_LIMIT:
        return Stacking((), (Refusal(f"More than {FRAMES_LIMIT:,} images make no volume.", ()),))
    stackable, refusals = _sift(unique)
    volumes: list[PlannedVolume] = []
    leftovers: list[Refusal] = []
    try:
        groups = grouped(stackable)
    except BadInput as error:
        return Stacking((), (*refusals, Refusal(str(error), instances_of(stackable))))
    for group in groups:
        for outcome in _outcomes(group, resample_uneven=resample_uneven):
            (volumes if isinstance(outcome, PlannedVolume) else leftovers).append(outcome)  # type: ignore[arg-type]
    if not volumes and len(leftovers) > 1:
        leftovers = _summed_up(groups, leftovers)
    return Stacking(_named(volumes, leftovers), (*refusals, *leftovers))


def _sift(frames: list[StackFrame]) -> tuple[list[StackFrame], list[Refusal]]:
    """Return the frames that may be slices, and why the others may not."""
    colors = [frame for frame in frames if frame.is_color]
    grey = [frame for frame in frames if not frame.is_color]
    nowhere = [frame for frame in grey if frame.place is None]
    placed = [frame for frame in grey if frame.place is not None]
    impossible = [frame for frame in placed if not _is_possible(plane_of(frame))]
    refusals = [
        Refusal(reason, instances_of(refused))
        for refused, reason in (
            (colors, "Colour images have no values that a volume could hold."),
            (nowhere, "The images do not say where they lie in the patient."),
            (impossible, "The images say that they lie where no patient can be."),
        )
        if refused
    ]
    return [frame for frame in placed if _is_possible(plane_of(frame))], refusals


def _is_possible(plane: ImagePlane) -> bool:
    spacing = plane.row_spacing_mm, plane.column_spacing_mm
    sizes = all(_SMALLEST_SPACING_MM <= each <= _LARGEST_SPACING_MM for each in spacing)
    return sizes and all(isfinite(part) and abs(part) <= _FARTHEST_MM for part in plane.position_mm)


def _outcomes(group: FrameGroup, *, resample_uneven: bool) -> list[PlannedVolume | Refusal]:
    outcome = _outcome(group, resample_uneven=False)
    if isinstance(outcome, PlannedVolume):
        return [outcome]
    parts = parted_by_acquisition(group)
    if len(parts) > 1:
        planned = [_outcome(part, resample_uneven=False) for part in parts]
        if all(isinstance(each, PlannedVolume) for each in planned):
            return planned
    return [_outcome(group, resample_uneven=True) if resample_uneven else outcome]


def _outcome(group: FrameGroup, *, resample_uneven: bool) -> PlannedVolume | Refusal:
    levels = levels_of(group.frames)
    ordered = [frame for _, frame in sorted(zip(levels, group.frames, strict=True), key=lambda pair: pair[0])]
    group = replace(group, frames=ordered)
    refusal = _why_too_few(group, sorted(levels))
    if refusal is not None:
        return refusal
    positions = positions_of([plane_of(frame) for frame in ordered])
    refusal = _why_not_straight(group, positions)
    if refusal is not None:
        return refusal
    if positions.is_even or resample_uneven:
        return _planned(group, positions)
    return _why_uneven(group, positions)


def _why_too_few(group: FrameGroup, levels: list[int]) -> Refusal | None:
    frames, count = group.frames, len(group.frames)
    uids = instances_of(frames)
    if count == 1:
        return Refusal("A single image is no volume.", uids, group.name)
    if levels[0] == levels[-1]:
        both = "Both" if count == 2 else f"All {count}"
        return Refusal(f"{both} images lie at one position.", uids, group.name)
    twice = {level for level, following in pairwise(levels) if level == following}
    if twice:
        repeated = [frame for level, frame in zip(levels, frames, strict=True) if level in twice]
        where = "one position" if len(twice) == 1 else f"{len(twice)} positions"
        reason = f"{len(repeated)} images share {where}, and nothing says which of them belong together."
        return Refusal(reason, instances_of(repeated), group.name)
    if count < FEWEST_SLICES:
        reason = "Two slices are too few for a volume: nothing shows that they are evenly apart."
        return Refusal(reason, uids, group.name)
    return None


def _why_not_straight(group: FrameGroup, positions: SlicePositions) -> Refusal | None:
    uids = instances_of(group.frames)
    if not positions.is_straight:
        return Refusal("The slices are shifted sideways against each other unevenly.", uids, group.name)
    if abs(positions.tilt_degrees) > LARGEST_TILT_DEGREES:
        angle = f"{abs(positions.tilt_degrees):.0f} degrees"
        reason = f"The slices are shifted sideways by {angle}: no gantry tilts so far."
        return Refusal(reason, uids, group.name)
    return None


def _why_uneven(group: FrameGroup, positions: SlicePositions) -> Refusal:
    steps, usual = positions.steps_mm, positions.usual_step_mm
    gaps = positions.gaps()
    if gaps:
        beside = [group.frames[place] for gap in gaps for place in (gap - 1, gap)]
        missing = round(sum(steps[gap - 1] / usual - 1 for gap in gaps))
        apart = " and ".join(f"{steps[gap - 1]:.2f} mm" for gap in gaps[:_SHOWN_STEPS])
        are = "slice is" if missing == 1 else "slices are"
        reason = (
            f"{missing} {are} missing: slices are {apart} apart where the others are {usual:.2f} mm apart."
        )
        return Refusal(reason, instances_of(beside), group.name)
    reason = f"The slices are not evenly apart: {steps.min():.2f} to {steps.max():.2f} mm."
    odd = np.flatnonzero(np.abs(steps - usual) > 0.02 * usual)
    beside = [group.frames[place] for step in odd for place in (step, step + 1)] or group.frames
    return Refusal(reason, instances_of(beside), group.name)


def _planned(group: FrameGroup, positions: SlicePositions) -> PlannedVolume | Refusal:
    frames = tuple(group.frames)
    place = frames[0].place
    assert place is not None
    source_slices = None if positions.is_even else _even_places(positions)
    slices = len(frames) if source_slices is None else len(source_slices)
    if slices > MOST_RESAMPLED * len(frames):
        reason = (
            f"Even slices would be {slices:,} where the series has {len(frames):,}: too many to resample."
        )
        return Refusal(reason, instances_of(group.frames), group.name)
    spacing = float(positions.along_normal_mm[-1]) / (slices - 1)
    affine = np.eye(4)
    row, column, normal = axes_of(place.plane)
    affine[:3, 0], affine[:3, 3] = normal * spacing, place.plane.position_mm
    affine[:3, 1] = column * place.plane.row_spacing_mm
    affine[:3, 2] = row * place.plane.column_spacing_mm
    affine += 0.0  # no minus zeros, which a reader of the numbers would wonder at
    straight = PlannedVolume(
        group.name, frames, (slices, place.rows, place.columns), affine, source_slices=source_slices
    )
    return _sheared(straight, positions)


def _even_places(positions: SlicePositions) -> NDArray[np.float64]:
    """Return where even slices, as far apart as most are, lie among the frames."""
    along = positions.along_normal_mm
    count = max(2, round(float(along[-1]) / positions.usual_step_mm) + 1)
    return np.interp(np.linspace(0.0, along[-1], min(count, 1 << 20)), along, np.arange(len(along)))


def _sheared(plan: PlannedVolume, positions: SlicePositions) -> PlannedVolume:
    """Widen the grid so that every drifted slice has its place on it."""
    along_rows, along_columns = positions.drift_mm_per_mm
    if along_rows == along_columns == 0.0:
        return plan
    along_normal = positions.along_normal_mm
    if plan.source_slices is None:  # even slices drift evenly, however their positions were rounded
        along_normal = np.linspace(0.0, along_normal[-1], len(along_normal))
    column_shifts = along_rows * along_normal / positions.column_spacing_mm
    row_shifts = along_columns * along_normal / positions.row_spacing_mm
    above, left = floor(row_shifts.min() + 1e-9), floor(column_shifts.min() + 1e-9)
    below, right = ceil(row_shifts.max() - 1e-9), ceil(column_shifts.max() - 1e-9)
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


def _summed_up(groups: Sequence[FrameGroup], refusals: list[Refusal]) -> list[Refusal]:
    """Say once what all parts of a series have in common that has no part with enough slices."""
    if any(len(group.frames) >= FEWEST_SLICES for group in groups):
        return refusals
    orientations = len({plane_of(group.frames[0]).orientation for group in groups})
    what = f"have {orientations} orientations" if orientations > 1 else f"are of {len(groups)} kinds"
    reason = f"The images {what}, and none has the {FEWEST_SLICES} parallel slices that a volume takes."
    return [Refusal(reason, instances_of([frame for group in groups for frame in group.frames]))]


def _named(volumes: list[PlannedVolume], refusals: list[Refusal]) -> tuple[PlannedVolume, ...]:
    if len(volumes) == 1 and not refusals:
        return (replace(volumes[0], name=""),)
    return tuple(volumes)
