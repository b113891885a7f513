"""What the viewer's threads tell its screen; past tense, because it has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from noctis_tui.reading.stack import FrameRef


class FrameLoaded(Message):
    """A frame that a pane waits for can be shown."""

    def __init__(self, frame: FrameRef) -> None:
        super().__init__()
        self.frame = frame
