"""Oblique planes: turned in steps by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noctis_tui.interface.mpr.screen import MprScreen


class Turning:
    """Turns the planes about the crosshair; degrees are as the reader sees them in the active plane."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen

    def action_spin(self, degrees: float) -> None:
        """Turn the other planes: their lines go clockwise in the active plane."""
        screen = self._screen
        if screen.plane is None:
            screen.fourth.turn(degrees, 0)
        elif screen.state is not None:
            screen.change(screen.state.spun(screen.plane, degrees))

    def action_tilt(self, degrees: float) -> None:
        """Tilt the active plane: its upper part goes away from the reader."""
        screen = self._screen
        if screen.plane is None:
            screen.fourth.turn(0, degrees)
        elif screen.state is not None:
            screen.change(screen.state.tilted(screen.plane, degrees))

    def action_swing(self, degrees: float) -> None:
        """Swing the active plane: its right part goes away from the reader."""
        screen = self._screen
        if screen.state is not None and screen.plane is not None:
            screen.change(screen.state.swung(screen.plane, degrees))

    def action_acquisition_planes(self) -> None:
        """Lay the planes along the slices as they were acquired; asked again, true to the patient."""
        screen, state = self._screen, self._screen.state
        if state is None:
            return
        along = state.along_acquisition()
        if along.axes == state.axes:
            screen.change(state.along_patient())
            screen.say("The planes are true to the patient.")
        else:
            screen.change(along)
            screen.say("The planes run along the acquired slices.")

    def action_reset(self) -> None:
        """Begin again in the middle of the volume, without a slab, fitted."""
        screen = self._screen
        screen.turned.state = screen.turned.state.reset()
        if screen.state is not None:
            screen.change(screen.state.reset())
        screen.show()
