"""The frames of an enhanced multi-frame image in the order in which they are read.

The file may hold them in any order (PS3.3 C.7.6.16.2.2, C.7.6.17): frames of one orientation and Stack ID
belong together; among them space is scrolled through first, and what is left of the dimensions (time,
b-value, gradient, echo) makes the volumes that follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.frames import ImageFile

SAME_ORIENTATION = 1e-2
FRAMES_LIMIT = 10_000
"""Files with more frames are read in their own order: whole slides, not volumes."""
SAME_POSITION_MM = 1e-2
_Orientation = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class OrderedFrame:
    """A frame in its place.

    `frame_index` is its place in the file, from 0; `part` tells the stacks of the file apart, from 0;
    `position_mm` is along the normal of its stack, None when the file does not say.
    """

    frame_index: int
    part: int
    position_mm: float | None


def reading_order(frames: Sequence[FrameAttributes]) -> tuple[OrderedFrame, ...]:
    """Order all frames of one file, given in the file's order; frames without a place stay in that order."""
    ordered: list[OrderedFrame] = []
    for part, members in enumerate(_stacks(frames)):
        positions = {frame.frame_index: position_along_normal(frame) for frame in members}
        places = (OrderedFrame(f.frame_index, part, positions[f.frame_index]) for f in _in_space(members))
        ordered.extend(places)
    return tuple(ordered)


def ordered_frames(image: ImageFile, claimed: int) -> tuple[OrderedFrame, ...]:
    """Order the frames of a file, at most `claimed`; without functional groups they stay as they are.

    Raises
    ------
    CannotDecode
        When its functional groups nest deeper than any image needs.
    """
    count = max(min(claimed, image.frame_count), 1)
    if not image.has_frame_groups or count > FRAMES_LIMIT:
        return tuple(OrderedFrame(frame_index, 0, None) for frame_index in range(count))
    return reading_order([image.frame_attributes(frame_index) for frame_index in range(count)])


def _stacks(frames: Sequence[FrameAttributes]) -> list[list[FrameAttributes]]:
    """Split frames by orientation and Stack ID, in the order in which they first occur."""
    stacks: list[tuple[_Orientation | None, str, list[FrameAttributes]]] = []
    for frame in frames:
        orientation = frame.image_orientation_patient
        for known, stack_id, members in stacks:
            if stack_id == frame.stack_id and _same_orientation(known, orientation):
                members.append(frame)
                break
        else:
            stacks.append((orientation, frame.stack_id, [frame]))
    return [members for _, _, members in stacks]


def _same_orientation(a: _Orientation | None, b: _Orientation | None) -> bool:
    if a is None or b is None:
        return a is b
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) < SAME_ORIENTATION


def _in_space(members: list[FrameAttributes]) -> list[FrameAttributes]:
    levels = _levels(members)
    if levels is None:
        return sorted(members, key=lambda frame: (frame.temporal_position_index or 0, frame.frame_index))
    volumes = _volume_keys(members, levels)
    seen: defaultdict[Hashable, int] = defaultdict(int)
    keys: dict[int, tuple[object, ...]] = {}
    for frame in members:
        volume, level = volumes[frame.frame_index], levels[frame.frame_index]
        repeated = seen[volume, level]  # the same place again, and nothing says why: another volume
        seen[volume, level] += 1
        keys[frame.frame_index] = (volume, repeated, level)
    return sorted(members, key=lambda frame: keys[frame.frame_index])


def _levels(members: Sequence[FrameAttributes]) -> dict[int, int] | None:
    """Return where each frame lies in its stack, as a rank; None when the file does not say for all."""
    numbers = [frame.in_stack_position_number for frame in members]
    positions = [position_along_normal(frame) for frame in members]
    known = [position for position in positions if position is not None]
    if len(known) == len(members):
        ranks = _ranks(known)
        counted = [(number, rank) for number, rank in zip(numbers, ranks, strict=True) if number is not None]
        in_order = [rank for _, rank in sorted(counted)] if len(counted) == len(ranks) else ranks
        rising = _rises(in_order)
        return {f.frame_index: rank if rising else -rank for f, rank in zip(members, ranks, strict=True)}
    if None in numbers:
        return None
    return {frame.frame_index: frame.in_stack_position_number or 0 for frame in members}


def position_along_normal(frame: FrameAttributes) -> float | None:
    """Return where a frame lies along its own normal in mm, None when the file does not say."""
    position, orientation = frame.image_position_patient, frame.image_orientation_patient
    if position is None or orientation is None:
        return None
    a, b, c, d, e, f = orientation
    return position[0] * (b * f - c * e) + position[1] * (c * d - a * f) + position[2] * (a * e - b * d)


def _ranks(positions: Sequence[float]) -> list[int]:
    """Return the rank of each position; those closer than `SAME_POSITION_MM` share theirs."""
    rank_of: dict[float, int] = {}
    rank, previous = -1, float("-inf")
    for position in sorted(positions):
        rank += position - previous > SAME_POSITION_MM
        rank_of[position] = rank
        previous = position
    return [rank_of[position] for position in positions]


def _rises(ranks: Sequence[int]) -> bool:
    """Tell whether ranks grow more often than not."""
    return sum((b > a) - (b < a) for a, b in pairwise(ranks)) >= 0


def _volume_keys(members: Sequence[FrameAttributes], levels: dict[int, int]) -> dict[int, tuple[float, ...]]:
    """Return what tells the volumes of a stack apart: time, b-value, and dimensions that are not space."""
    lengths = {len(frame.dimension_index_values) for frame in members}
    columns = range(lengths.pop()) if len(lengths) == 1 else range(0)
    kept = [column for column in columns if not _is_space(members, levels, column)]
    return {
        frame.frame_index: (
            _or_zero(frame.temporal_position_index),
            frame.diffusion_b_value or 0.0,
            *(frame.dimension_index_values[column] for column in kept),
        )
        for frame in members
    }


def _is_space(members: Sequence[FrameAttributes], levels: dict[int, int], column: int) -> bool:
    """Tell whether a dimension only counts places: each of its values is one place, and each place one."""
    pairs = {(frame.dimension_index_values[column], levels[frame.frame_index]) for frame in members}
    return len(pairs) == len({value for value, _ in pairs}) == len({level for _, level in pairs})


def _or_zero(number: int | None) -> int:
    return number or 0
