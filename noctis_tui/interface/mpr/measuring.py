"""Lengths on the planes and along a curve: by keys and mouse, while the screen is open."""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING

from noctis_tui.interface.mpr.actions import LENGTH_TOOL
from noctis_tui.interface.mpr.curve_pane import CurvePane
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.interface.mpr.rulers import GRAB_LINES, PlaneRuler, Spot, StripRuler
from noctis_tui.reading.reconstruction.length_marks import length_text
from noctis_tui.reading.reconstruction.lengths import Lengths

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.rulers import Ruler
    from noctis_tui.interface.mpr.screen import MprScreen

_NOWHERE = "Lengths are measured on the planes and along a curve."


class Measuring:
    """Draws lengths, moves their ends, takes them away.

    Attributes
    ----------
    planes, strip
        What there is on the planes, and on the picture along the curve.
    """

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self.planes, self.strip = PlaneRuler(screen), StripRuler(screen)
        self._pressed_px: Spot = (0.0, 0.0)
        self._ends_on_release = False

    @property
    def lengths(self) -> Lengths:
        """What there is on the planes."""
        return self.planes.lengths

    @property
    def has_strip(self) -> bool:
        """Whether the keys measure along the curve."""
        return self._screen.mode == LENGTH_TOOL and self._screen.active is self._screen.curve

    def _ruler(self, pane: VolumePane) -> Ruler | None:
        if isinstance(pane, PlanePane):
            return self.planes
        return self.strip if isinstance(pane, CurvePane) else None

    @property
    def _in_hand(self) -> Ruler:
        return self._ruler(self._screen.active) or self.planes

    def _put(self, ruler: Ruler, lengths: Lengths) -> None:
        if lengths != ruler.lengths:
            ruler.lengths = lengths
            self._screen.show()

    @property
    def text(self) -> str:
        """How long the one in hand is; empty while the tool is not."""
        latest = self._in_hand.lengths.latest
        return length_text(latest) if latest is not None and self._screen.mode == LENGTH_TOOL else ""

    def mode_changed(self) -> None:
        """Give up what is half drawn when the tool is put away; nothing stays chosen."""
        if self._screen.mode != LENGTH_TOOL:
            self.planes.let_go()
            self.strip.let_go()
        self._screen.show()

    def follow(self, point_mm: Vector) -> None:
        """Let the open end go where the crosshair goes."""
        self.planes.lengths = self.planes.lengths.followed(point_mm)

    # ---- keys

    def move_on_strip(self, right: int, down: int) -> None:
        """Move the cross on the picture along the curve, and the open end with it."""
        self.strip.move(right, down)
        self._follow_on_strip()

    def _follow_on_strip(self) -> None:
        here = self.strip.here
        if here is not None:
            self.strip.lengths = self.strip.lengths.followed(here)
        self._screen.show()

    def action_set_end(self) -> None:
        """Set an end at the crosshair, along the curve at the cross."""
        ruler = self._ruler(self._screen.active)
        here = ruler.here if ruler is not None else None
        if ruler is None or here is None:
            self._screen.say(_NOWHERE)
        else:
            self._set(ruler, here)

    def _set(self, ruler: Ruler, point_mm: Vector) -> None:
        begun, lengths = ruler.lengths.being_drawn, ruler.lengths.with_end(point_mm)
        if begun is not None and lengths.being_drawn is not None:
            self._screen.say("Both ends are at one point: move the crosshair.")
        self._put(ruler, lengths)

    def action_take_back_end(self) -> None:
        """Give up what is being drawn."""
        ruler = self._in_hand
        self._put(ruler, ruler.lengths.given_up())

    def action_choose_end(self, step: int) -> None:
        """Choose the next end, the one before for a negative step; the crosshair goes there."""
        ruler = self._in_hand
        self._put(ruler, ruler.lengths.given_up().with_next_end(step))
        there = ruler.lengths.chosen_end_mm
        if there is None:
            self._screen.say("There is no length yet.")
        else:
            ruler.go_to(there)

    def action_move_end(self) -> None:
        """Move the chosen end to the crosshair."""
        ruler = self._in_hand
        here = ruler.here
        if here is not None:
            self._put(ruler, ruler.lengths.moved(here))

    def action_delete_length(self) -> None:
        """Take away the chosen length, or what is being drawn."""
        ruler = self._in_hand
        lengths = ruler.lengths
        if lengths.being_drawn is not None:
            self._put(ruler, lengths.given_up())
        elif lengths.drawn:
            self._put(ruler, lengths.without_chosen())
        else:
            self._screen.say("There is no length to take away.")

    def action_delete_lengths(self) -> None:
        """Take all lengths away, of the planes or of the curve."""
        ruler = self._in_hand
        count = len(ruler.lengths.drawn)
        self._put(ruler, Lengths())
        self._screen.say(f"{count} lengths are taken away." if count > 1 else "No lengths are left.")

    # ---- the mouse

    def press(self, pane: VolumePane, at_px: Spot) -> None:
        """Set an end, or take hold of one."""
        ruler = self._ruler(pane)
        point = ruler.point_under(pane, at_px) if ruler is not None else None
        if ruler is None or point is None:
            self._screen.say(_NOWHERE)
            return
        self._pressed_px, self._ends_on_release = at_px, False
        held = ruler.end_near(pane, at_px) if ruler.lengths.being_drawn is None else None
        if held is not None:
            self._ends_on_release = True
            self._put(ruler, ruler.lengths.taken_hold(held))
        else:
            self._set(ruler, point)

    def drag(self, pane: VolumePane, at_px: Spot) -> None:
        """Let the open end follow the mouse; far from the press, letting go sets it."""
        is_far = dist(at_px, self._pressed_px) > GRAB_LINES * pane.line_px
        self._ends_on_release = self._ends_on_release or is_far
        self.hover(pane, at_px)

    def hover(self, pane: VolumePane, at_px: Spot) -> None:
        """Let the open end follow the mouse."""
        ruler = self._ruler(pane)
        point = ruler.point_under(pane, at_px) if ruler is not None else None
        if ruler is not None and point is not None and ruler.lengths.being_drawn is not None:
            self._put(ruler, ruler.lengths.followed(point))

    def release(self) -> None:
        """Set the other end where the mouse was dragged to; after a click it is left open."""
        ruler = self._in_hand
        begun = ruler.lengths.being_drawn
        if begun is not None and self._ends_on_release:
            self._put(ruler, ruler.lengths.with_end(begun.end_mm))
        self._ends_on_release = False
