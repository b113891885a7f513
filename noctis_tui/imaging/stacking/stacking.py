"""The frames of a series to volumes: which frames, in which order, on which grid; or why not.

Nothing is read here: frames come with what their headers say, and plans go to whoever reads the pixels
(`noctis_tui.reading.volume_loading`). What cannot be a volume is refused with one plain sentence and the
instances that are the reason. Everything is LPS in mm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from archive.errors import BadInput
from noctis_tui.imaging.stacking.frame_grouping import (
    FrameGroup,
    grouped,
    levels_of,
    parted_by_acquisition,
    plane_of,
)
from noctis_tui.imaging.stacking.planned_volume import PlannedVolume, planned
from noctis_tui.imaging.stacking.slice_positions import positions_of
from noctis_tui.imaging.stacking.stack_frame import Refusal, StackFrame, instances_of
from noctis_tui.imaging.stacking.stacking_refusals import summed_up, why_not_straight, why_too_few, why_uneven

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noctis_tui.imaging.patient_space import ImagePlane

__all__ = ["FRAMES_LIMIT", "PlannedVolume", "Stacking", "stack_volumes"]
FRAMES_LIMIT = 100_000
"""Longer series are refused: no scanner makes one, and ordering it would take minutes."""
_SMALLEST_SPACING_MM, _LARGEST_SPACING_MM, _FARTHEST_MM = 1e-4, 1e3, 1e6


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
        leftovers = summed_up(groups, leftovers)
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
        outcomes = [_outcome(part, resample_uneven=False) for part in parts]
        if all(isinstance(each, PlannedVolume) for each in outcomes):
            return outcomes
    return [_outcome(group, resample_uneven=True) if resample_uneven else outcome]


def _outcome(group: FrameGroup, *, resample_uneven: bool) -> PlannedVolume | Refusal:
    levels = levels_of(group.frames)
    ordered = [frame for _, frame in sorted(zip(levels, group.frames, strict=True), key=lambda pair: pair[0])]
    group = replace(group, frames=ordered)
    refusal = why_too_few(group, sorted(levels))
    if refusal is not None:
        return refusal
    positions = positions_of([plane_of(frame) for frame in ordered])
    refusal = why_not_straight(group, positions)
    if refusal is not None:
        return refusal
    if not (positions.is_even or resample_uneven):
        return why_uneven(group, positions)
    try:
        return planned(group.name, tuple(ordered), positions)
    except BadInput as error:
        return Refusal(str(error), instances_of(ordered), group.name)


def _named(volumes: list[PlannedVolume], refusals: list[Refusal]) -> tuple[PlannedVolume, ...]:
    if len(volumes) == 1 and not refusals:
        return (replace(volumes[0], name=""),)
    return tuple(volumes)
