"""Cine: the keys that play the frames of the active pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from noctis_tui.interface.viewer.player import Player
from noctis_tui.reading.cine import STEP

if TYPE_CHECKING:
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.viewer.screen import ViewerScreen


class Playing:
    """The part of the viewer that plays."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._player = Player(screen)

    @property
    def frames_per_second(self) -> float:
        """How fast it plays; 0 while it does not."""
        return self._player.frames_per_second

    @property
    def bounces(self) -> bool:
        """Whether it goes back and forth."""
        return self._player.bounces

    def stop(self) -> None:
        """Stay at the frame in view."""
        self._player.stop()

    def action_cine(self) -> None:
        """Play the clip or the stack in a loop; asked again, stop."""
        self._screen.touched()
        preferences = cast("NoctisApp", self._screen.app).preferences
        if self._player.frames_per_second:
            self._player.stop()
        elif not self._player.start(self._screen.active, preferences.cine_frames_per_second):
            self._screen.say("There is only one image to play.")
        self._screen.draw_footer()

    def action_cine_bounce(self) -> None:
        """Play back and forth, or round again."""
        if not self._player.frames_per_second:
            self.action_cine()
        self._player.turn()
        self._screen.draw_footer()

    def action_cine_slower(self) -> None:
        """Play slower."""
        self._change_speed(1 / STEP)

    def action_cine_faster(self) -> None:
        """Play faster."""
        self._change_speed(STEP)

    def _change_speed(self, factor: float) -> None:
        if not self._player.frames_per_second:
            self.action_cine()
        self._player.speed_up(factor)
        self._screen.draw_footer()
