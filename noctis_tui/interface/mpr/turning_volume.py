"""The volume seen from around it: turned by keys and mouse, played, as projection or surface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noctis_tui.reading.reconstruction.surface_levels import threshold_step
from noctis_tui.reading.reconstruction.turned_state import Look
from noctis_tui.reading.viewport import ZOOM_STEP

if TYPE_CHECKING:
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.reconstruction.turned_state import TurnedState

STEP_DEGREES = 3.0
_DRAG_DEGREES = 180.0
"""Dragging across the whole pane turns by half a turn."""


class TurningVolume:
    """Changes from where, and as what, the fourth pane shows the volume."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen

    @property
    def has_keys(self) -> bool:
        """Whether the keys act on the fourth pane."""
        return self._screen.active is self._screen.turned

    @property
    def state(self) -> TurnedState:
        """How it is looked at."""
        return self._screen.turned.state

    def look(self, state: TurnedState) -> None:
        """Look at it otherwise."""
        self._screen.turned.state = state
        self._screen.show()

    def turn(self, right: float, up: float) -> None:
        """Walk around by steps."""
        self.look(self.state.turned(right * STEP_DEGREES, up * STEP_DEGREES))

    def dragged(self, begun: TurnedState, right_share: float, down_share: float) -> None:
        """Turn the volume with the mouse, as if it were taken hold of."""
        self.look(begun.turned(-right_share * _DRAG_DEGREES, down_share * _DRAG_DEGREES))

    def magnify(self, steps: float) -> None:
        """Magnify."""
        self.look(self.state.zoomed_by(ZOOM_STEP**steps))

    def fit(self) -> None:
        """Show all of the volume."""
        self.look(replace(self.state, zoom=1.0))

    def next_look(self) -> None:
        """Show the next projection, or the surface of the next tissue."""
        if self.state.look is Look.PROJECTION:
            self.look(self.state.with_next_projection())
            return
        levels, level = self._screen.turned.levels, self._screen.turned.level
        place = levels.index(level) if level in levels else -1
        self.look(self.state.with_level(levels[(place + 1) % len(levels)]))

    def move_level(self, steps: int) -> None:
        """Raise the threshold of the surface, lower it for negative steps."""
        sampling = self._screen.sampling
        if sampling is None or self.state.look is not Look.SURFACE:
            self._screen.say("The projection looks through all of the volume.")
            return
        by = steps * threshold_step(sampling.volume)
        level = self._screen.turned.level
        self.look(self.state.with_level(replace(level, name="own", threshold=level.threshold + by)))

    def action_surface(self) -> None:
        """Show the shaded surface in the fourth pane; asked again, the projection."""
        is_back = self.has_keys and self.state.look is Look.SURFACE
        self._screen.turned.state = self.state.looked_at(Look.PROJECTION if is_back else Look.SURFACE)
        self._screen.put_fourth(self._screen.turned)
        self._screen.activate(self._screen.turned)
        self._screen.show()
