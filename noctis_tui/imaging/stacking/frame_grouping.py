"""Frames of a series to the groups that may each be a volume, named by what tells them apart.

Three kinds of attributes, taken in this order:

1. Space: frame of reference, orientation, size, pixel spacing, Stack ID. Frames that differ here are never
   one volume.
2. Contrast: image type, echo, b-value and gradient, kernel. They are never one volume either, unless the
   attribute differs from every frame to the next (then it counts slices and tells nothing), or would part a
   stack without repeats into crumbs.
3. Counts: temporal position, reference time, trigger time, acquisition, dimension indices. They part a group
   only where several frames lie at one position: interleaved and stepwise acquisitions number the slices of
   one volume differently.

What is left at one position, equally often everywhere, is taken in turns, in the order of acquisition.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.patient_space import direction_letters
from noctis_tui.imaging.stacking.slice_positions import SAME_POSITION_MM, axes_of
from noctis_tui.imaging.stacking.volume_traits import (
    ACQUISITION,
    CONTRASTS,
    COUNTS,
    FEWEST_SLICES,
    TEMPORAL_POSITION,
    dimension_traits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from noctis_tui.imaging.patient_space import ImagePlane, Orientation
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.stacking.stack_frame import StackFrame
    from noctis_tui.imaging.stacking.volume_traits import Trait

SAME_ORIENTATION = 1e-3
"""Of each direction cosine: 250 mm from the corner it is 0.25 mm, less than half a pixel."""
SAME_SPACING = 1e-3
"""Relative: over 512 pixels it is half a pixel."""
MOST_GROUPS = 256
"""No series has so many stacks; comparing each with each would take long."""
_FEWEST_IN_A_GROUP = 2


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """Frames that may be one volume, and the parts of its name."""

    frames: list[StackFrame]
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells the group from the others of its series; empty for the only one."""
        return ", ".join(self.names)


def grouped(frames: Sequence[StackFrame]) -> list[FrameGroup]:
    """Part frames that say where they lie; each group may still hold several frames at one position.

    Raises
    ------
    BadInput
        There are more stacks than any series has.
    """
    groups = _by_space(frames)
    for trait in CONTRASTS:
        groups = [part for group in groups for part in _parted(group, trait, _tells_contrasts)]
    for trait in (*COUNTS, *dimension_traits(frames)):
        groups = [part for group in groups for part in _parted(group, trait, _parts_repeats)]
    return [part for group in groups for part in _in_turns(group)]


def parted_by_acquisition(group: FrameGroup) -> list[FrameGroup]:
    """Part a group by acquisition, then by time, whether or not positions repeat; for uneven groups."""
    for trait in (ACQUISITION, TEMPORAL_POSITION):
        parts = _parted(group, trait, lambda _group, parts: all(len(part) > 2 for part in parts))
        if len(parts) > 1:
            return parts
    return [group]


def levels_of(frames: Sequence[StackFrame]) -> list[int]:
    """Return the rank of each frame's position along the normal; those at one position share theirs."""
    if not frames:
        return []
    # One normal for all: far from the origin, what rounding does to each one's own would move it.
    normal = axes_of(plane_of(frames[0]))[2]
    positions = (np.array([plane_of(frame).position_mm for frame in frames]) @ normal).tolist()
    rank_of: dict[float, int] = {}
    rank, previous = -1, float("-inf")
    for position in sorted(positions):
        rank += position - previous > SAME_POSITION_MM
        rank_of[position] = rank
        previous = position
    return [rank_of[position] for position in positions]


def plane_of(frame: StackFrame) -> ImagePlane:
    """Return the plane of a frame that says where it lies."""
    assert frame.place is not None
    return frame.place.plane


def _by_space(frames: Sequence[StackFrame]) -> list[FrameGroup]:
    exact: defaultdict[Hashable, list[StackFrame]] = defaultdict(list)
    for frame in frames:
        exact[_exact_space(frame)].append(frame)
    merged: list[list[StackFrame]] = []
    for members in exact.values():
        known = next((group for group in merged if _same_space(group[0], members[0])), None)
        if known is None and len(merged) == MOST_GROUPS:
            raise BadInput(f"The images lie in more than {MOST_GROUPS} different planes.")
        if known is None:
            merged.append(members)
        else:
            known.extend(members)
    orientations = [plane_of(members[0]).orientation for members in merged]
    names = [_plane_name(orientation) for orientation in orientations]
    several = any(not _same_orientation(orientations[0], other) for other in orientations)
    return [
        FrameGroup(members, _space_names(name, names, number) if several or len(merged) > 1 else ())
        for number, (name, members) in enumerate(zip(names, merged, strict=True))
    ]


def _space_names(name: str, names: list[str], number: int) -> tuple[str, ...]:
    same = [place for place, other in enumerate(names) if other == name]
    return (name if len(same) == 1 else f"{name} {same.index(number) + 1}",)


def _exact_space(frame: StackFrame) -> Hashable:
    place = frame.place
    assert place is not None
    plane = place.plane
    spacing = plane.row_spacing_mm, plane.column_spacing_mm
    size = place.rows, place.columns
    return place.frame_of_reference_uid, plane.orientation, spacing, size, frame.acquisition.stack_id


def _same_space(a: StackFrame, b: StackFrame) -> bool:
    one, other = a.place, b.place
    assert one is not None
    assert other is not None
    return (
        one.frame_of_reference_uid == other.frame_of_reference_uid
        and (one.rows, one.columns) == (other.rows, other.columns)
        and a.acquisition.stack_id == b.acquisition.stack_id
        and _same_orientation(one.plane.orientation, other.plane.orientation)
        and _same_spacing(one, other)
    )


def _same_orientation(a: Orientation, b: Orientation) -> bool:
    return a is b or max(abs(x - y) for x, y in zip(a, b, strict=True)) <= SAME_ORIENTATION


def _same_spacing(one: Slice, other: Slice) -> bool:
    a, b = one.plane, other.plane
    rows = abs(a.row_spacing_mm - b.row_spacing_mm) <= SAME_SPACING * a.row_spacing_mm
    return rows and abs(a.column_spacing_mm - b.column_spacing_mm) <= SAME_SPACING * a.column_spacing_mm


def _plane_name(orientation: Orientation) -> str:
    a, b, c, d, e, f = orientation
    normal = b * f - c * e, c * d - a * f, a * e - b * d
    names = {"L": "sagittal", "R": "sagittal", "P": "coronal", "A": "coronal", "H": "axial", "F": "axial"}
    return names[direction_letters(normal)[0]]


def _parted(
    group: FrameGroup,
    trait: Trait,
    accepted: Callable[[FrameGroup, list[list[StackFrame]]], bool],
) -> list[FrameGroup]:
    parts: defaultdict[Hashable, list[StackFrame]] = defaultdict(list)
    for frame in group.frames:
        parts[trait.of(frame)].append(frame)
    if len(parts) < 2 or not accepted(group, list(parts.values())):
        return [group]
    ordered = sorted(parts, key=_comparable)
    return [
        FrameGroup(parts[value], (*group.names, trait.name(value, number, len(ordered))))
        for number, value in enumerate(ordered, 1)
    ]


def _comparable(value: Hashable) -> tuple[bool, str, tuple[float, ...] | str]:
    """Return a key by which values of one trait sort, those that are absent first."""
    values = value if isinstance(value, tuple) else (value,)
    if all(isinstance(each, (int, float)) or each is None for each in values):
        return (value is not None, "", tuple(-1.0 if each is None else float(each) for each in values))
    return (True, "text", str(value))


def _tells_contrasts(group: FrameGroup, parts: list[list[StackFrame]]) -> bool:
    if len(parts) >= len(group.frames):
        return False
    return min(map(len, parts)) >= FEWEST_SLICES or _repeats(group.frames) > 1


def _parts_repeats(group: FrameGroup, parts: list[list[StackFrame]]) -> bool:
    """Tell whether parts repeat positions less than the whole, and are no crumbs."""
    if len(parts) * _FEWEST_IN_A_GROUP > len(group.frames):
        return False
    repeats = _repeats(group.frames)
    return repeats > 1 and max(_repeats(part) for part in parts) < repeats


def _repeats(frames: Sequence[StackFrame]) -> int:
    """Return how many frames lie at one position, at most."""
    return max(Counter(levels_of(frames)).values(), default=0)


def _in_turns(group: FrameGroup) -> Iterable[FrameGroup]:
    levels = levels_of(group.frames)
    times = set(Counter(levels).values())
    if len(times) != 1 or times == {1} or len(set(levels)) == 1:
        return [group]
    at_level: defaultdict[int, list[StackFrame]] = defaultdict(list)
    for level, frame in zip(levels, group.frames, strict=True):
        at_level[level].append(frame)
    ordered = [sorted(frames, key=_turn_key) for frames in at_level.values()]
    count, what = times.pop(), _what_turns_are(group.frames)
    return [
        replace(
            group,
            frames=[frames[turn] for frames in ordered],
            names=(*group.names, f"{what} {turn + 1}/{count}"),
        )
        for turn in range(count)
    ]


def _what_turns_are(frames: Sequence[StackFrame]) -> str:
    if len({frame.times.trigger_time_ms for frame in frames}) > 1:
        return "phase"
    return "time" if len({frame.times.acquisition_time for frame in frames}) > 1 else "volume"


def _turn_key(frame: StackFrame) -> tuple[float, float, float, str, float, int]:
    times = frame.times
    return (
        frame.acquisition.temporal_position or 0,
        times.frame_reference_time_ms or 0.0,
        times.trigger_time_ms or 0.0,
        times.acquisition_time,
        frame.instance_number or 0,
        frame.frame_index,
    )
