"""The linked cursor: a point in the active pane, shown in the others where it lies in the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.imaging.slices import nearest_to_point
from noctis_tui.interface.viewer.layout_actions import CROSSHAIR_TOOL
from noctis_tui.reading.plane_lines import Crosshair
from noctis_tui.reading.stack_geometry import slice_of
from noctis_tui.reading.tools import probed

if TYPE_CHECKING:
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.interface.viewer.links import PaneLinks
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen

_REACH = 0.55
"""A slice shows the point itself when it is nearer than about half the way to the next slice."""
_LEAST_REACH_MM = 0.5


class LinkedCursor:
    """The part of the viewer that shows one point of the patient in every pane."""

    def __init__(self, screen: ViewerScreen, links: PaneLinks) -> None:
        self._screen = screen
        self._links = links
        self._owner: Pane | None = None
        self._shown: Crosshair | None = None

    def action_crosshair_across(self, pixels: int) -> None:
        """Move the point to the right, to the left for negative pixels."""
        self._move(pixels, 0)

    def action_crosshair_down(self, pixels: int) -> None:
        """Move the point down, up for negative pixels."""
        self._move(0, pixels)

    def _move(self, right: int, down: int) -> None:
        pane = self._screen.active
        if pane.frame is not None:
            self._screen.change(probed(pane.state.view, pane.frame, right, down))

    # ---- what the screen tells

    def changed(self) -> None:
        """Take in that the tool, the point, the frame or the active pane is another one."""
        screen = self._screen
        if screen.mode != CROSSHAIR_TOOL:
            self._put_away()
            return
        pane = screen.active
        if pane is not self._owner:
            self._take_over(pane)
        if pane.frame is not None and pane.state.view.probe is None:
            screen.change(probed(pane.state.view, pane.frame, 0, 0))
            return
        self._point_out(pane)

    def _take_over(self, pane: Pane) -> None:
        """Go on in another pane at the same point of the patient."""
        before, self._owner = self._owner, pane
        if before is not None:
            before.state = before.state.with_view(before.state.view.with_probe(None))
            before.redraw()
        here = slice_of(pane.frame) if pane.frame is not None else None
        shown = self._shown
        if shown and here and here.frame_of_reference_uid == shown.frame_of_reference_uid:
            column, row = here.plane.image_point(shown.point_mm)
            probe = _within(column, here.columns), _within(row, here.rows)
            pane.state = pane.state.with_view(pane.state.view.with_probe(probe))
            pane.redraw()

    def _point_out(self, pane: Pane) -> None:
        probe = pane.state.view.probe
        here = self._links.scrolled(pane).here
        if here is None and pane.frame is not None and pane.shown_ref == pane.state.frame:
            here = slice_of(pane.frame)
        if here is None or probe is None:
            self._show(None, pane)
            return
        point = here.plane.patient_point(*probe)
        self._shown = Crosshair(point, here.frame_of_reference_uid, _LEAST_REACH_MM)
        self._bring_others(pane, here, self._shown)
        self._show(self._shown, pane)

    def _bring_others(self, pane: Pane, here: Slice, crosshair: Crosshair) -> None:
        for other in self._screen.visible_panes:
            stack = self._links.scrolled(other)
            if other is pane or stack.here is None or not stack.here.shares_space_with(here):
                continue
            place = nearest_to_point(stack.slices, crosshair.point_mm, stack.index)
            if place is not None and place != stack.index:
                other.state = other.state.at(place)
                self._screen.look(other, moving=True)

    def _show(self, crosshair: Crosshair | None, owner: Pane) -> None:
        for pane in self._screen.visible_panes:
            source = self._links.source_of(pane)
            reach = (pane.state.stack.spacing_between_slices_mm or 0.0) * _REACH
            wanted = None
            if crosshair is not None and pane is not owner:
                wanted = Crosshair(
                    crosshair.point_mm, crosshair.frame_of_reference_uid, max(reach, _LEAST_REACH_MM)
                )
            if source.crosshair != wanted:
                source.crosshair = wanted
                pane.redraw()

    def _put_away(self) -> None:
        owner, self._owner, self._shown = self._owner, None, None
        if owner is not None:
            owner.state = owner.state.with_view(owner.state.view.with_probe(None))
            owner.redraw()
            self._show(None, owner)


def _within(value: float, count: int) -> int:
    return max(0, min(round(value), count - 1))
