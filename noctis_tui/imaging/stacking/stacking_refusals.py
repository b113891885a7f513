"""Why frames make no volume, in one plain sentence, and which instances are the reason."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.stacking.frame_grouping import plane_of
from noctis_tui.imaging.stacking.slice_positions import LARGEST_TILT_DEGREES
from noctis_tui.imaging.stacking.stack_frame import Refusal, instances_of
from noctis_tui.imaging.stacking.volume_traits import FEWEST_SLICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.imaging.stacking.frame_grouping import FrameGroup
    from noctis_tui.imaging.stacking.slice_positions import SlicePositions

_SHOWN_STEPS = 2
_ODD_STEP = 0.02
"""Of the usual step: one that differs by more is told."""


def why_too_few(group: FrameGroup, levels: list[int]) -> Refusal | None:
    """Say why frames are too few, or share positions: `levels` are their ranks, both in order."""
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


def why_not_straight(group: FrameGroup, positions: SlicePositions) -> Refusal | None:
    """Say why a drift sideways is no gantry tilt."""
    uids = instances_of(group.frames)
    if not positions.is_straight:
        return Refusal("The slices are shifted sideways against each other unevenly.", uids, group.name)
    if abs(positions.tilt_degrees) > LARGEST_TILT_DEGREES:
        angle = f"{abs(positions.tilt_degrees):.0f} degrees"
        reason = f"The slices are shifted sideways by {angle}: no gantry tilts so far."
        return Refusal(reason, uids, group.name)
    return None


def why_uneven(group: FrameGroup, positions: SlicePositions) -> Refusal:
    """Say what is missing, or how far slices are apart."""
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
    odd = np.flatnonzero(np.abs(steps - usual) > _ODD_STEP * usual)
    beside = [group.frames[place] for step in odd for place in (step, step + 1)] or group.frames
    return Refusal(reason, instances_of(beside), group.name)


def summed_up(groups: Sequence[FrameGroup], refusals: list[Refusal]) -> list[Refusal]:
    """Say once what all parts of a series have in common that has no part with enough slices."""
    if any(len(group.frames) >= FEWEST_SLICES for group in groups):
        return refusals
    orientations = len({plane_of(group.frames[0]).orientation for group in groups})
    what = f"have {orientations} orientations" if orientations > 1 else f"are of {len(groups)} kinds"
    reason = f"The images {what}, and none has the {FEWEST_SLICES} parallel slices that a volume takes."
    return [Refusal(reason, instances_of([frame for group in groups for frame in group.frames]))]
