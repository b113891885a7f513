"""Exporting what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noctis_tui.interface.exporting.scopes import Scope
    from noctis_tui.interface.viewer.screen import ViewerScreen


class Exporting:
    """The part of the viewer that takes images out."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen

    def action_export_images(self) -> None:
        """Export the image in view, its series or its study."""
        scopes = self._scopes()
        archive = self._screen.archive
        if archive is None or not scopes:
            self._screen.say("There is nothing to export yet.")
            return
        from noctis_tui.interface.exporting.dialog import ExportDialog  # noqa: PLC0415 - not for the first picture

        self._screen.stop_playing()
        self._screen.app.push_screen(ExportDialog(archive, scopes))

    def _scopes(self) -> list[Scope]:
        from noctis_tui.interface.exporting import scopes  # noqa: PLC0415 - not for the first picture

        pane = self._screen.active
        entry, frame, view = pane.entry, pane.state.frame, pane.state.view
        if entry is None:
            return []
        series = [scopes.scope_of_series(entry.study, entry.series, view), scopes.scope_of_study(entry.study)]
        return [scopes.scope_of_frame(entry.study, frame, view), *series] if frame is not None else series
