"""Where the crosshair is, how thick the planes are, how large they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_placement import px_per_mm
from noctis_tui.reading.viewport import ZOOM_STEP

if TYPE_CHECKING:
    from noctis_tui.interface.mpr.screen import MprScreen

_PAN_STEP = 0.04
_FAR = 1 << 20
_FARTHEST_TURN = 60
"""Steps: from below to above."""


class Navigating:
    """Moves about in the volume, by the active plane."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen

    def action_plane(self, name: str) -> None:
        """Give the keys to a plane."""
        self._screen.activate(self._screen.pane_of(Plane(name)))

    def action_slice(self, steps: int) -> None:
        """Move the active plane along its normal."""
        screen = self._screen
        if screen.plane is None:
            screen.fourth.turn(0, -_limited(steps))
        elif screen.state is not None:
            screen.change(screen.state.sliced(screen.plane, steps))

    def action_first_slice(self) -> None:
        """Go to the end of the volume that is nearest to the reader."""
        self.action_slice(-_FAR)

    def action_last_slice(self) -> None:
        """Go to the far end of the volume."""
        self.action_slice(_FAR)

    def action_crosshair_across(self, voxels: int) -> None:
        """Move the crosshair to the right, to the left for negative voxels."""
        self._move(voxels, 0)

    def action_crosshair_down(self, voxels: int) -> None:
        """Move the crosshair down, up for negative voxels."""
        self._move(0, voxels)

    def _move(self, right: int, down: int) -> None:
        screen = self._screen
        if screen.measuring.has_strip:
            screen.measuring.move_on_strip(right, down)
        elif screen.plane is None:
            screen.fourth.turn(right, -down)
        elif screen.state is not None:
            screen.change(screen.state.moved(screen.plane, right, down))

    # ---- the slab

    def action_next_projection(self) -> None:
        """Go from no slab to the highest, the lowest, the mean values of it."""
        if self._screen.plane is None:
            self._screen.fourth.next_look()
        elif self._screen.state is not None:
            self._screen.change(self._screen.state.with_next_projection())

    def action_slab(self, steps: int) -> None:
        """Make the slab thicker, thinner for negative steps."""
        if self._screen.plane is None:
            self._screen.fourth.move_level(steps)
        elif self._screen.state is not None:
            self._screen.change(self._screen.state.with_slab_step(steps))

    # ---- how large

    def action_magnify(self, steps: int) -> None:
        """Magnify the active plane about the crosshair."""
        screen = self._screen
        if screen.plane is None:
            screen.fourth.magnify(steps)
        elif screen.state is not None:
            screen.change(screen.state.zoomed_by(screen.plane, ZOOM_STEP**steps))

    def action_fit(self) -> None:
        """Show all of the active plane."""
        screen = self._screen
        if screen.plane is None:
            screen.fourth.fit()
        elif screen.state is not None:
            screen.change(screen.state.fitted(screen.plane))

    def action_pan_across(self, steps: int) -> None:
        """Move the picture to the right, to the left for negative steps."""
        self._pan(steps, 0)

    def action_pan_down(self, steps: int) -> None:
        """Move the picture down, up for negative steps."""
        self._pan(0, steps)

    def _pan(self, right: int, down: int) -> None:
        screen = self._screen
        if screen.state is not None and screen.plane is not None:
            size = screen.active.picture.pixel_size
            step_mm = _PAN_STEP * min(size) / px_per_mm(screen.state, screen.plane, size)
            screen.change(screen.state.panned(screen.plane, right * step_mm, down * step_mm))


def _limited(steps: int) -> int:
    return min(max(steps, -_FARTHEST_TURN), _FARTHEST_TURN)
