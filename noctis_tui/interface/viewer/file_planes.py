"""The viewer's part that takes away what the file lays over its own picture: shutter, overlay planes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.interface.actions import Action

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.enhancing import Viewer

FILE_PLANES_ACTIONS: tuple[Action, ...] = (
    Action("lift_shutter", "Lift the file's shutter, or close it", "Look", "reading"),
    Action("overlay_planes", "The file's overlay planes: off, on", "Look", "reading"),
)


class FilePlanes:
    """Lifts the shutter and the overlay planes, each by itself; the corner says so."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def action_lift_shutter(self) -> None:
        """Show what the shutter hides, or hide it again."""
        frame, view = self._viewer.active.frame, self._viewer.active.state.view
        if frame is None or frame.shutter_visible is None:
            self._viewer.say("This image has no shutter.")
            return
        view = view.with_shutter_toggled()
        self._viewer.change(view)
        self._viewer.say("The shutter is lifted." if view.shutter_lifted else "The shutter is closed.")

    def action_overlay_planes(self) -> None:
        """Take the overlay planes off the image, or lay them over it again."""
        frame, view = self._viewer.active.frame, self._viewer.active.state.view
        if frame is None or frame.overlay_plane is None:
            self._viewer.say("This image has no overlay planes.")
            return
        view = view.with_planes_toggled()
        self._viewer.change(view)
        self._viewer.say("Overlay planes are off." if view.planes_off else "Overlay planes are on.")
