"""Lengths on the planes: from point to point of the patient, by keys and mouse, while the screen is open."""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING

from noctis_tui.interface.mpr.actions import LENGTH_TOOL
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.reading.reconstruction.length_marks import length_text
from noctis_tui.reading.reconstruction.lengths import Lengths
from noctis_tui.reading.reconstruction.plane_placement import point_under, screen_point

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.screen import MprScreen

_GRAB_LINES = 0.6
"""An end is taken hold of from so near, in heights of a line of text; so far a click may stray."""

Spot = tuple[float, float]


class Measuring:
    """Draws lengths, moves their ends, takes them away.

    Attributes
    ----------
    lengths
        What there is.
    """

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self.lengths = Lengths()
        self._pressed_px: Spot = (0.0, 0.0)
        self._ends_on_release = False

    def put(self, lengths: Lengths) -> None:
        """Show the lengths as they are now."""
        if lengths != self.lengths:
            self.lengths = lengths
            self._screen.show()

    @property
    def text(self) -> str:
        """How long the one in hand is; empty while the tool is not."""
        latest = self.lengths.latest
        return length_text(latest) if latest is not None and self._screen.mode == LENGTH_TOOL else ""

    def mode_changed(self) -> None:
        """Give up what is half drawn when the tool is put away; nothing stays chosen."""
        if self._screen.mode != LENGTH_TOOL:
            self.put(Lengths(self.lengths.drawn))

    def follow(self, point_mm: Vector) -> None:
        """Let the open end go where the crosshair goes."""
        self.lengths = self.lengths.followed(point_mm)

    # ---- keys

    def action_set_end(self) -> None:
        """Set an end at the crosshair."""
        screen = self._screen
        if screen.plane is None:
            screen.say("Lengths are measured on the planes.")
        elif screen.state is not None:
            self._set(screen.state.crosshair_mm)

    def _set(self, point_mm: Vector) -> None:
        begun, lengths = self.lengths.being_drawn, self.lengths.with_end(point_mm)
        if begun is not None and lengths.being_drawn is not None:
            self._screen.say("Both ends are at one point: move the crosshair.")
        self.put(lengths)

    def action_take_back_end(self) -> None:
        """Give up what is being drawn."""
        self.put(self.lengths.given_up())

    def action_choose_end(self, step: int) -> None:
        """Choose the next end, the one before for a negative step; the crosshair goes there."""
        state = self._screen.state
        self.put(self.lengths.given_up().with_next_end(step))
        there = self.lengths.chosen_end_mm
        if there is None:
            self._screen.say("There is no length yet.")
        elif state is not None:
            self._screen.change(state.at(there))

    def action_move_end(self) -> None:
        """Move the chosen end to the crosshair."""
        if self._screen.state is not None:
            self.put(self.lengths.moved(self._screen.state.crosshair_mm))

    def action_delete_length(self) -> None:
        """Take away the chosen length, or what is being drawn."""
        lengths = self.lengths
        if lengths.being_drawn is not None:
            self.put(lengths.given_up())
        elif lengths.drawn:
            self.put(lengths.without_chosen())
        else:
            self._screen.say("There is no length to take away.")

    def action_delete_lengths(self) -> None:
        """Take all lengths away."""
        count = len(self.lengths.drawn)
        self.put(Lengths())
        self._screen.say(f"{count} lengths are taken away." if count > 1 else "No lengths are left.")

    # ---- the mouse

    def press(self, pane: VolumePane, at_px: Spot) -> None:
        """Set an end, or take hold of one."""
        if not isinstance(pane, PlanePane):
            self._screen.say("Lengths are measured on the planes.")
            return
        self._pressed_px, self._ends_on_release = at_px, False
        held = self._end_near(pane, at_px) if self.lengths.being_drawn is None else None
        if held is not None:
            self._ends_on_release = True
            self.put(self.lengths.taken_hold(held))
        else:
            point = self._point(pane, at_px)
            if point is not None:
                self._set(point)

    def drag(self, pane: PlanePane, at_px: Spot) -> None:
        """Let the open end follow the mouse; far from the press, letting go sets it."""
        self._ends_on_release = self._ends_on_release or self._is_far(pane, at_px)
        self.hover(pane, at_px)

    def hover(self, pane: VolumePane, at_px: Spot) -> None:
        """Let the open end follow the mouse."""
        point = self._point(pane, at_px) if isinstance(pane, PlanePane) else None
        if point is not None and self.lengths.being_drawn is not None:
            self.put(self.lengths.followed(point))

    def release(self) -> None:
        """Set the other end where the mouse was dragged to; after a click it is left open."""
        begun = self.lengths.being_drawn
        if begun is not None and self._ends_on_release:
            self.put(self.lengths.with_end(begun.end_mm))
        self._ends_on_release = False

    def _is_far(self, pane: PlanePane, at_px: Spot) -> bool:
        return dist(at_px, self._pressed_px) > _GRAB_LINES * pane.line_px

    def _point(self, pane: PlanePane, at_px: Spot) -> Vector | None:
        """Return what is under the mouse, on the plane; beyond the volume its border."""
        state = self._screen.state
        if state is None:
            return None
        point = point_under(state, pane.plane, at_px, pane.picture.pixel_size)
        return point if state.box.contains(point) else state.box.toward(state.crosshair_mm, point)

    def _end_near(self, pane: PlanePane, at_px: Spot) -> int | None:
        """Return the end, counted through all lengths, that is seen in a plane near a point of the screen."""
        state = self._screen.state
        if state is None:
            return None
        size, near = pane.picture.pixel_size, _GRAB_LINES * pane.line_px
        ends = [end for length in self.lengths.drawn for end in length.ends_mm]
        away = [
            (dist(screen_point(state, pane.plane, end, size), at_px), place)
            for place, end in enumerate(ends)
            if state.distance_mm(pane.plane, end) <= state.reach_mm(pane.plane)
        ]
        nearest = min(away, default=(near + 1, 0))
        return nearest[1] if nearest[0] <= near else None
