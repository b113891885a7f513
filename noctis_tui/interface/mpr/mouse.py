"""What the mouse does over the planes: left the crosshair or the tool in hand, middle pans, right zooms."""

from __future__ import annotations

from math import atan2, degrees, exp
from typing import TYPE_CHECKING

from noctis_tui.interface.mpr.actions import CURVE_TOOL, LENGTH_TOOL, OBLIQUE_TOOL
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.interface.viewer.actions import PAN_TOOL, WINDOW_TOOL, ZOOM_TOOL
from noctis_tui.reading.reconstruction.plane_placement import point_under, px_per_mm, screen_point
from noctis_tui.reading.reconstruction.turned_state import TurnedState
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.reconstruction.state import MprState

_FASTER = 4.0
_DRAG_WIDTH_EXPONENT, _DRAG_CENTER_WIDTHS, _DRAG_ZOOM_EXPONENT = 3.0, 2.0, 2.5
_OF_BUTTONS = {2: PAN_TOOL, 3: ZOOM_TOOL}

Spot = tuple[float, float]


class Mouse:
    """Presses and drags over planes; what a drag does is counted from the state in which it began."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self._begun: MprState | None = None
        self._turned, self._view = TurnedState(), ViewState()
        self._is_click = False

    def press(self, pane: VolumePane, button: int, at_px: Spot) -> None:
        """Begin; the crosshair jumps at once."""
        self._begun, self._turned = self._screen.state, self._screen.turned.state
        self._view = self._screen.windowing.view
        self._is_click = button == 1
        if button == 1 and self._screen.mode in ("", CURVE_TOOL):
            if isinstance(pane, PlanePane):
                self._put_crosshair(pane, at_px)
            self._screen.curving.press(pane, at_px)
        elif button == 1 and self._screen.mode == LENGTH_TOOL:
            self._screen.measuring.press(pane, at_px)

    def hover(self, pane: VolumePane, at_px: Spot) -> None:
        """Let what is being drawn follow."""
        if self._screen.mode == LENGTH_TOOL:
            self._screen.measuring.hover(pane, at_px)

    def scroll(self, pane: VolumePane, steps: int) -> None:
        """Move a plane along its normal, go along the curve, or come nearer to the volume."""
        screen = self._screen
        if screen.state is None:
            return
        if isinstance(pane, PlanePane):
            screen.change(screen.state.sliced(pane.plane, steps))
        elif pane is screen.curve:
            screen.curving.action_along(steps)
        else:
            screen.turning_volume.magnify(-steps)

    def drag(self, pane: VolumePane, button: int, start_px: Spot, at_px: Spot, *, is_faster: bool) -> None:
        """Go on."""
        begun, tool = self._begun, _OF_BUTTONS.get(button, self._screen.mode)
        if begun is None:
            return
        self._is_click = False
        speed = _FASTER if is_faster else 1.0
        right, down = at_px[0] - start_px[0], at_px[1] - start_px[1]
        width, height = (max(side, 1) for side in pane.picture.pixel_size)
        if tool == WINDOW_TOOL:
            wider = right / width * _DRAG_WIDTH_EXPONENT * speed
            higher = down / height * _DRAG_CENTER_WIDTHS * speed
            self._screen.windowing.dragged(self._view, wider, higher)
        elif isinstance(pane, PlanePane):
            self._drag_plane(begun, pane, tool, start_px, at_px, speed)
        elif pane is self._screen.curve and tool == LENGTH_TOOL:
            self._screen.measuring.drag(pane, at_px)
        elif pane is self._screen.curve:
            self._screen.curving.drag(at_px)
        elif tool == ZOOM_TOOL:
            factor = exp(-down / height * _DRAG_ZOOM_EXPONENT * speed)
            self._screen.turning_volume.look(self._turned.zoomed_by(factor))
        else:
            self._screen.turning_volume.dragged(self._turned, right / width, down / height)

    def _drag_plane(
        self, begun: MprState, pane: PlanePane, tool: str, start_px: Spot, at_px: Spot, speed: float
    ) -> None:
        right, down = at_px[0] - start_px[0], at_px[1] - start_px[1]
        width, height = (max(side, 1) for side in pane.picture.pixel_size)
        if tool == PAN_TOOL:
            scale = px_per_mm(begun, pane.plane, (width, height))
            self._screen.change(begun.panned(pane.plane, right / scale, down / scale))
        elif tool == ZOOM_TOOL:
            factor = exp(-down / height * _DRAG_ZOOM_EXPONENT * speed)
            self._screen.change(begun.zoomed_by(pane.plane, factor))
        elif tool == LENGTH_TOOL:
            self._screen.measuring.drag(pane, at_px)
        elif tool == OBLIQUE_TOOL:
            self._screen.change(begun.spun(pane.plane, _angle(begun, pane, start_px, at_px)))
        else:
            self._put_crosshair(pane, at_px)

    def release(self) -> None:
        """End."""
        if self._begun is not None:
            self._screen.curving.release(is_click=self._is_click)
            self._screen.measuring.release()
        self._begun = None

    def _put_crosshair(self, pane: PlanePane, at_px: Spot) -> None:
        state = self._screen.state
        if state is not None:
            point = point_under(state, pane.plane, at_px, pane.picture.pixel_size)
            self._screen.change(state.at(point), held=pane)


def _angle(state: MprState, pane: PlanePane, start_px: Spot, at_px: Spot) -> float:
    """Return how far a drag went round the crosshair, clockwise in degrees."""
    x, y = screen_point(state, pane.plane, state.crosshair_mm, pane.picture.pixel_size)
    before = atan2(start_px[1] - y, start_px[0] - x)
    return degrees(atan2(at_px[1] - y, at_px[0] - x) - before)
