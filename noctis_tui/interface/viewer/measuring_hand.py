"""The mouse that draws, chooses and moves marks."""

from __future__ import annotations

import time
from math import dist
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from noctis_tui.interface.viewer.measuring_actions import CHOSEN, DRAWING
from noctis_tui.reading.shapes import grip, is_open_ended
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.hand import Spot
    from noctis_tui.interface.viewer.measuring import Measuring
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.annotating import Editing
    from noctis_tui.reading.marks import Point


class MeasuringHand:
    """Takes presses while a tool is in hand, and presses on marks."""

    def __init__(self, part: Measuring) -> None:
        self._part = part
        self._pressed_px: Point = (0.0, 0.0)
        self._last: Point | None = None
        """Where the mark that is being moved was last."""

    @property
    def _mode(self) -> str:
        return self._part.screen.mode

    def press(self, pane: Pane, spot: Spot) -> bool:
        """Set a point, or take hold of a mark; leave everything else to the drag tools."""
        self._pressed_px, self._last = spot.at_px, None
        if self._part.frame_key(pane) is None or self._mode not in {"", DRAWING, CHOSEN}:
            return False
        return self._set_point(pane, spot) if self._mode == DRAWING else self._take_hold(pane, spot)

    def _set_point(self, pane: Pane, spot: Spot) -> bool:
        if not spot.is_inside:
            return False
        self._part.screen.activate(pane)
        point = _snapped(self._part.drawing_in(pane), spot)
        self._part.set_point(pane, point)
        return True

    def _take_hold(self, pane: Pane, spot: Spot) -> bool:
        key, editing = self._part.frame_key(pane), self._part.desk.of(self._part.study_of(pane))
        assert key is not None
        hidden = pane.state.view.overlay is OverlayLevel.NONE
        marks = [mark for mark in editing.on(key) if not hidden or mark.uid == editing.selected]
        found = grip(marks, spot.at_px, spot.on_screen, spot.reach_px, editing.selected)
        if found is None:
            if self._mode == CHOSEN:
                self._part.screen.mode = ""
            return False
        self._part.screen.activate(pane)
        self._part.choose(editing.let_go(time.time()).selecting(*found), pane)
        self._last = spot.point
        return True

    def drag(self, pane: Pane, spot: Spot) -> None:
        """Draw by hand, or move the mark that is held."""
        if self._mode == DRAWING:
            self._part.point_at(pane, spot.point)
        elif self._last is not None and pane.frame is not None:
            across, down = spot.point[0] - self._last[0], spot.point[1] - self._last[1]
            editing = self._part.desk.of(self._part.study_of(pane))
            size = pane.frame.shape.columns, pane.frame.shape.rows
            self._part.put(editing.moved(across, down, size), pane)
            self._last = spot.point

    def drop(self, pane: Pane, spot: Spot | None) -> None:
        """End a line drawn by hand, set the other end of what was dragged open, let a mark go."""
        if self._mode == DRAWING:
            self._end(pane, spot)
        elif self._last is not None:
            self._part.let_go()
        self._last = None

    def _end(self, pane: Pane, spot: Spot | None) -> None:
        editing = self._part.drawing_in(pane)
        if not editing.points:
            return
        if editing.tool is Kind.FREEHAND:
            if len(editing.points) > 1:
                self._part.put(editing.finished(self._part.desk.stamp()), pane)
        elif spot is not None and dist(spot.at_px, self._pressed_px) > spot.reach_px:
            self._part.set_point(pane, spot.point)

    def hover(self, pane: Pane, spot: Spot) -> None:
        """Let the cursor follow the mouse while a tool is in hand."""
        if self._mode == DRAWING and spot.is_inside and pane is self._part.screen.active:
            self._part.point_at(pane, spot.point, drawing=False)


def _snapped(editing: Editing, spot: Spot) -> Point:
    """Return the point under the mouse; on the last point, or the first one, the last point again."""
    points = editing.points
    if not points or editing.tool is None or not is_open_ended(editing.tool):
        return spot.point
    ends = (points[-1], points[0]) if len(points) > 2 and editing.tool is Kind.POLYGON else (points[-1],)
    near = any(dist(spot.on_screen(end), spot.at_px) <= spot.reach_px / 2 for end in ends)
    return points[-1] if near else spot.point
