"""What stacking knows of each frame of a series: where it lies, and what tells its volume from others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.pixels.acquisition_attributes import AcquisitionAttributes, AcquisitionTimes

if TYPE_CHECKING:
    from noctis_tui.imaging.slices import Slice

UNTOLD = AcquisitionAttributes()
UNTIMED = AcquisitionTimes()
"""Of a frame that says nothing of its acquisition."""


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One frame of a series, without its pixels.

    Attributes
    ----------
    place
        Where its pixels lie; None when the file does not say.
    sop_instance_uid, frame_index
        Which frame it is; the same frame twice counts once.
    instance_number
        (0020,0013): orders images at one position for which nothing else does.
    is_color
        Whether it has no values but colors.
    acquisition, times
        How and when it was acquired.
    """

    place: Slice | None
    sop_instance_uid: str = ""
    frame_index: int = 0
    instance_number: int | None = None
    is_color: bool = False
    acquisition: AcquisitionAttributes = field(default=UNTOLD)
    times: AcquisitionTimes = field(default=UNTIMED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Frames that make no volume, and why.

    Attributes
    ----------
    reason
        One plain sentence.
    sop_instance_uids
        The instances that are the reason: those at one position, on both sides of a gap, or all of the group.
    name
        Which part of the series it is, as the names of volumes are; empty for all of it.
    """

    reason: str
    sop_instance_uids: tuple[str, ...]
    name: str = ""


def instances_of(frames: list[StackFrame]) -> tuple[str, ...]:
    """Return the SOP Instance UIDs of frames, each once, in their order."""
    return tuple(dict.fromkeys(frame.sop_instance_uid for frame in frames))
