"""From the image in view to every element of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.text import person_name, visible
from noctis_tui.interface.actions import Action
from noctis_tui.interface.tags.instances import Instances

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.screen import ViewerScreen

INSTANCE_TAGS_ACTIONS: tuple[Action, ...] = (
    Action("instance_tags", "Information: every element of this image", "Look", "reading"),
)


class InstanceTags:
    """Opens the tree of elements at the image of the active pane."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen

    def action_instance_tags(self) -> None:
        """Show the elements of the image in view; its series is a key away."""
        pane = self._screen.active
        frame = pane.state.frame
        if frame is None:
            return
        from noctis_tui.interface.tags.screen import TagsScreen  # noqa: PLC0415 - not for the first picture

        files = tuple(dict.fromkeys(ref.path for ref in pane.state.stack.frames))
        study = pane.entry.study if pane.entry is not None else None
        title = visible(person_name(study.patient_name), 60) if study is not None else ""
        self._screen.stop_playing()
        self._screen.app.push_screen(TagsScreen(Instances(files, files.index(frame.path), title)))
