"""Volumes of a series, phases or echoes: one is chosen or stepped to; all are played, or one turns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from archive.dicom.text import visible
from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog
from noctis_tui.reading.cine import FASTEST, SLOWEST, STEP

if TYPE_CHECKING:
    from textual.timer import Timer

    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.mpr.screen import MprScreen


class Volumes:
    """Turns to another volume; a crosshair stays where it is in the patient."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self.frames_per_second = 0.0
        """How fast it plays; 0 while it does not."""

    @property
    def _count(self) -> int:
        return len(self._screen.names)

    def action_volume(self, steps: int) -> None:
        """Turn to a volume further on, or back; round at the ends."""
        self.stop()
        if self._count < 2:
            self._screen.say("This series is one volume.")
            return
        self._screen.turn_to((self._screen.number + steps) % self._count)

    def action_choose_volume(self) -> None:
        """List the volumes."""
        if self._count < 2:
            self._screen.say("This series is one volume.")
            return
        self.stop()
        choices = [
            Choice(visible(name, 34) or f"Volume {number + 1}", "", partial(self._screen.turn_to, number))
            for number, name in enumerate(self._screen.names)
        ]
        self._screen.app.push_screen(ChoiceDialog("Look at", choices, chosen=self._screen.number))

    # ---- cine

    def action_cine(self) -> None:
        """Play all volumes in a loop, or turn the only one; asked again, stop."""
        if self.frames_per_second:
            self.stop()
        else:
            preferences = cast("NoctisApp", self._screen.app).preferences
            self._play(preferences.cine_frames_per_second)

    def action_cine_slower(self) -> None:
        """Play slower."""
        self._change_speed(1 / STEP)

    def action_cine_faster(self) -> None:
        """Play faster."""
        self._change_speed(STEP)

    def _change_speed(self, factor: float) -> None:
        if not self.frames_per_second:
            self.action_cine()
        if self.frames_per_second:
            self._play(min(max(self.frames_per_second * factor, SLOWEST), FASTEST))

    def _play(self, frames_per_second: float) -> None:
        self.stop()
        self.frames_per_second = frames_per_second
        self._timer = self._screen.set_interval(1 / frames_per_second, self._tick)

    def stop(self) -> None:
        """Stay at the volume in view."""
        if self._timer is not None:
            self._timer.stop()
        self._timer, self.frames_per_second = None, 0.0

    def _tick(self) -> None:
        """Go on when what was asked for last has been seen and the next one is there."""
        if not self._screen.is_caught_up:
            return
        if self._count > 1 and not self._screen.turning_volume.has_keys:
            self._screen.turn_to((self._screen.number + 1) % self._count)
        else:
            self._screen.turning_volume.turn(1, 0)
