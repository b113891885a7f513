"""Where other panes' planes and the crosshair meet a picture, drawn over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noctis_tui.imaging.slices import cut, distance_mm
from noctis_tui.reading.marks import Stroke
from noctis_tui.reading.stack_geometry import slice_of
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

LINE_INDEX, CROSSHAIR_INDEX = 4, 7
_GAP = 0.02
"""The crosshair leaves its point free, by this share of the longer side of the image."""


@dataclass(frozen=True, slots=True)
class Planes:
    """The slice of the pane that has the keys, and the first and the last of its run."""

    current: Slice
    outer: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class Crosshair:
    """A point in the patient.

    Attributes
    ----------
    point_mm
        LPS.
    frame_of_reference_uid
        What it is measured in.
    reach_mm
        Slices farther away show it dashed.
    """

    point_mm: Vector
    frame_of_reference_uid: str
    reach_mm: float


class PlaneLines:
    """The lines over one pane; what they show is replaced as a whole, so that any thread may draw them."""

    def __init__(self) -> None:
        self.planes: Planes | None = None
        self.crosshair: Crosshair | None = None

    def marks(self, frame: LoadedFrame, ref: FrameRef, view: ViewState) -> tuple[Mark, ...]:  # noqa: ARG002 - as a MarkSource has it
        """Return the lines over a frame; with all text off only the crosshair, which is in the hand."""
        planes, crosshair = self.planes, self.crosshair
        if planes is None and crosshair is None:
            return ()
        seen = slice_of(frame)
        if seen is None:
            return ()
        lines = () if view.overlay is OverlayLevel.NONE or planes is None else _lines(seen, planes)
        return (*lines, *(_cross(seen, crosshair) if crosshair is not None else ()))


def _lines(seen: Slice, planes: Planes) -> tuple[Mark, ...]:
    if not seen.shares_space_with(planes.current):
        return ()
    drawn = [(cut(seen, outer), True) for outer in planes.outer if outer != planes.current]
    drawn.append((cut(seen, planes.current), False))
    return tuple(Stroke(ends, LINE_INDEX, dashed=dashed) for ends, dashed in drawn if ends is not None)


def _cross(seen: Slice, crosshair: Crosshair) -> tuple[Mark, ...]:
    if not crosshair.frame_of_reference_uid or (
        seen.frame_of_reference_uid != crosshair.frame_of_reference_uid
    ):
        return ()
    column, row = seen.plane.image_point(crosshair.point_mm)
    right, bottom = seen.columns - 0.5, seen.rows - 0.5
    if not (-0.5 <= column <= right and -0.5 <= row <= bottom):
        return ()
    gap = _GAP * max(seen.rows, seen.columns)
    far = abs(distance_mm(seen.plane, crosshair.point_mm)) > crosshair.reach_mm
    arms = (
        ((-0.5, row), (column - gap, row)),
        ((column + gap, row), (right, row)),
        ((column, -0.5), (column, row - gap)),
        ((column, row + gap), (column, bottom)),
    )
    return tuple(Stroke(arm, CROSSHAIR_INDEX, dashed=far) for arm in arms if _is_forward(arm))


def _is_forward(arm: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    (x0, y0), (x1, y1) = arm
    return x1 > x0 or y1 > y0
