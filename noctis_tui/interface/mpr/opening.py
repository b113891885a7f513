"""From the series in view to the planes of its volume."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen


class Reconstructing:
    """The viewer's part that opens the planes."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen

    def action_mpr(self) -> None:
        """Show the planes of the series in the active pane, through the window that it has."""
        screen, pane = self._screen, self._screen.active
        frame = pane.frame
        if frame is None or not len(pane.state.stack):
            screen.say("There is no picture here to make planes of.")
            return
        from noctis_tui.interface.mpr.screen import MprScreen  # noqa: PLC0415 - not for the first picture
        from noctis_tui.interface.mpr.source import MprSource  # noqa: PLC0415 - the same

        screen.stop_playing()
        state = pane.state
        scrolled = 0 < state.frame_index < len(state.stack) - 1
        source = MprSource(
            partial(_paths, pane),
            frame,
            state.view,
            screen.body_part(),
            scrolled,
            lambda: pane.begun,
            lambda: screen.archive,
        )
        screen.app.push_screen(MprScreen(source))


def _paths(pane: Pane) -> tuple[Path, ...]:
    """Return the files of the series in a pane; none while only the first one of it is known."""
    if pane.begun is None:
        return ()
    return tuple(dict.fromkeys(ref.path for ref in pane.state.stack.frames))
