"""Curves through the volume: points by keys and mouse, the view along them, where the reader is."""

from __future__ import annotations

import time
from math import dist
from typing import TYPE_CHECKING

from noctis_tui.interface.mpr.actions import CURVE_TOOL
from noctis_tui.interface.mpr.curve_desk import CurveDesk
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.reading.reconstruction.curve_layout import CurveView
from noctis_tui.reading.reconstruction.plane_placement import screen_point

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.reconstruction.curve import CurveEditing

TURN_DEGREES = 5.0
_WIDER = 1.25
_FIRST_WIDTH_MM = 50.0
_GRAB_LINES = 0.6
"""A point is taken hold of from so near, in heights of a line of text."""


class Curving:
    """Sets points, moves along the curve, and changes how it is looked at.

    Attributes
    ----------
    desk
        The curves, and where they are kept.
    arc_length_mm
        Where along the curve the reader is.
    is_stretched
        Whether the curve is shown bent, instead of straightened.
    """

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self.desk = CurveDesk(screen)
        self.arc_length_mm = 0.0
        self.is_stretched = False
        self._at: Vector | None = None
        self._held: int | None = None

    @property
    def editing(self) -> CurveEditing:
        """The curves."""
        return self.desk.editing

    @property
    def is_shown(self) -> bool:
        """Whether the fourth pane shows the curve."""
        return self._screen.curve in self._screen.panes

    @property
    def view(self) -> CurveView | None:
        """What of the curve is looked at; None while there is none, or it is not shown."""
        return self.marked if self.editing.smooth is not None else None

    @property
    def marked(self) -> CurveView | None:
        """What the planes show of it: its first point already."""
        curve, smooth, state = self.editing.curve, self.editing.smooth, self._screen.state
        if curve is None or state is None or not self.is_shown:
            return None
        if smooth is None:
            return CurveView(curve.points_mm, self.editing.selected)
        if state.crosshair_mm != self._at:  # moved in a plane: the reader is where the curve is nearest
            self._at = state.crosshair_mm
            self.arc_length_mm = smooth.nearest_arc_length_mm(state.crosshair_mm)
        self.arc_length_mm = min(max(self.arc_length_mm, 0.0), smooth.length_mm)
        return CurveView(
            curve.points_mm,
            self.editing.selected,
            curve.rotation_degrees,
            curve.width_mm,
            self.arc_length_mm,
            self.is_stretched,
            state.shown_slab_mm,
            state.projection,
        )

    @property
    def advice(self) -> str:
        """What to do while there is no curve."""
        keymap = self._screen.keymap
        begin, point = keymap.label("mpr", "curve_tool"), keymap.label(CURVE_TOOL, "set_point")
        many = len(self.editing.points_mm)
        how = f"Put the crosshair on the vessel and press {point}, or click."
        start = how if self._screen.mode == CURVE_TOOL else f"Press {begin} to draw. {how}"
        return f"{start} Two points make a curve{'; one is set.' if many else '.'}"

    def mode_changed(self) -> None:
        """Show the curve in the fourth pane when its tool is taken in hand."""
        if self._screen.mode == CURVE_TOOL:
            self.desk.read()
            self._screen.put_fourth(self._screen.curve)
        elif self.is_shown:
            self._screen.show()

    # ---- points

    def action_set_point(self) -> None:
        """Set a point at the crosshair, behind the chosen one."""
        screen, series = self._screen, self.desk.series
        if screen.state is None:
            return
        if not all(series[:2]):
            screen.say("The series is still being opened.")
            return
        self.desk.put(self.editing.added(screen.state.crosshair_mm, series, self.desk.stamp()))

    def action_insert_point(self) -> None:
        """Set a point at the crosshair, in the piece of the curve that is nearest."""
        if self._screen.state is not None:
            self.desk.put(self.editing.inserted(self._screen.state.crosshair_mm, time.time()))

    def action_move_point(self) -> None:
        """Move the chosen point to the crosshair."""
        if self._screen.state is not None:
            self.desk.put(self.editing.moved(self._screen.state.crosshair_mm, time.time()))

    def action_delete_point(self) -> None:
        """Take the chosen point away."""
        if self.editing.selected is None:
            self._screen.say("There is no point to take away.")
        self.desk.put(self.editing.without_point(time.time()))

    def action_choose_point(self, step: int) -> None:
        """Choose the next point, the one before for a negative step; the crosshair goes there."""
        self.desk.put(self.editing.with_next_point(step))
        self._go_to_chosen()

    def action_undo_curve(self) -> None:
        """Take back what was last done."""
        self._put_or_say(self.editing.undo(), "There is nothing to undo.")

    def action_redo_curve(self) -> None:
        """Do again what was taken back."""
        self._put_or_say(self.editing.redo(), "There is nothing to do again.")

    def _put_or_say(self, editing: CurveEditing, otherwise: str) -> None:
        if editing == self.editing:
            self._screen.say(otherwise)
        self.desk.put(editing)

    def _go_to_chosen(self) -> None:
        state, place = self._screen.state, self.editing.selected
        if state is not None and place is not None:
            self._screen.change(state.at(self.editing.points_mm[place]))

    # ---- curves

    def action_new_curve(self) -> None:
        """Begin another curve with the next point."""
        self.desk.put(self.editing.with_chosen(""))
        self._screen.say("The next point begins a new curve.")

    def action_next_curve(self) -> None:
        """Take the next curve in hand."""
        if len(self.editing.kept.curves) < 2 and self.editing.curve is not None:
            self._screen.say("There is no other curve here.")
        self.desk.put(self.editing.with_next_curve())
        self._go_to_chosen()

    def action_delete_curve(self) -> None:
        """Take the curve away; it can be undone."""
        undo = self._screen.keymap.label(CURVE_TOOL, "undo_curve")
        if self.editing.curve is not None:
            self._screen.say(f"The curve is deleted; {undo} brings it back.")
        self.desk.put(self.editing.without_curve(time.time()))

    # ---- looking

    def action_along(self, mm: float) -> None:
        """Go along the curve; the planes follow."""
        smooth = self.editing.smooth
        if self.view is not None and smooth is not None:
            self.go_to(min(max(self.arc_length_mm + mm, 0.0), smooth.length_mm))

    def go_to(self, arc_length_mm: float) -> None:
        """Go to a place of the curve; the planes follow."""
        smooth, state = self.editing.smooth, self._screen.state
        if smooth is None or state is None:
            return
        x, y, z = smooth.positions_mm(arc_length_mm).tolist()
        self.arc_length_mm = arc_length_mm
        moved = state.at((x, y, z))
        self._at = moved.crosshair_mm  # the voxel there: where the reader is along the curve stays exact
        self._screen.change(moved)
        self._screen.show()

    def action_turn_curve(self, degrees: float) -> None:
        """Turn the picture about the curve."""
        self.desk.put(self.editing.turned(degrees, time.time()))

    def action_widen_curve(self, steps: int) -> None:
        """Show more beside the curve, less for negative steps."""
        self.desk.put(self.editing.widened(_WIDER**steps, time.time()))

    def action_stretched(self) -> None:
        """Show the curve bent as it runs, or straightened again."""
        self.is_stretched = not self.is_stretched
        self._screen.show()

    # ---- the keys of the fourth pane, as `TurningVolume` takes them

    def turn(self, right: float, up: float) -> None:
        """Turn about the curve, or go along it."""
        if right:
            self.action_turn_curve(right * TURN_DEGREES)
        if up:
            self.action_along(-up)

    def magnify(self, steps: float) -> None:
        """Show less beside the curve, so that it is larger."""
        self.desk.put(self.editing.widened(_WIDER**-steps, time.time()))

    def fit(self) -> None:
        """Show as much beside the curve as at first, and do not turn it."""
        curve = self.editing.curve
        if curve is not None:
            straight = self.editing.turned(-curve.rotation_degrees, time.time())
            self.desk.put(straight.widened(_FIRST_WIDTH_MM / curve.width_mm, time.time()))

    def next_look(self) -> None:
        """Go from no slab to the highest, the lowest, the mean values of it."""
        if self._screen.state is not None:
            self._screen.change(self._screen.state.with_next_projection())

    def move_level(self, steps: int) -> None:
        """Make the slab thicker, thinner for negative steps."""
        if self._screen.state is not None:
            self._screen.change(self._screen.state.with_slab_step(steps))

    # ---- the mouse

    def press(self, pane: VolumePane, at_px: tuple[float, float]) -> None:
        """Go to a place of the strip; in a plane take hold of the point there, if there is one."""
        self._held = None
        screen = self._screen
        if pane is screen.curve:
            self.drag(at_px)
        elif screen.mode == CURVE_TOOL and isinstance(pane, PlanePane) and screen.state is not None:
            away = [
                (dist(screen_point(screen.state, pane.plane, point, pane.picture.pixel_size), at_px), place)
                for place, point in enumerate(self.editing.points_mm)
            ]
            near = min(away, default=(0.0, 0))
            if away and near[0] <= _GRAB_LINES * pane.line_px:
                self._held = near[1]
                self.desk.put(self.editing.with_point(near[1]))

    def drag(self, at_px: tuple[float, float]) -> None:
        """Go to a place of the strip."""
        place = self._screen.curve.place_under(at_px)
        if place is not None:
            self.go_to(place[0])

    def release(self, *, is_click: bool) -> None:
        """Set a point where the mouse was clicked, or move the one that was held."""
        if self._screen.mode != CURVE_TOOL:
            return
        if self._held is not None:
            if not is_click:
                self.action_move_point()
        elif is_click:
            self.action_set_point()
