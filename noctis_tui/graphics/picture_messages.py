"""What a view of pictures tells those around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from noctis_tui.graphics.picture_view import PictureView


class FromView(Message):
    """Something that a view tells."""

    def __init__(self, view: PictureView) -> None:
        super().__init__()
        self.view = view

    @property
    def control(self) -> PictureView:
        """The view."""
        return self.view


class Shown(FromView, namespace="picture_view"):
    """The terminal has taken in a picture, or a draft of one, `seconds` after it was asked for.

    A draft is coarser (`level` is not 0) or was rendered quickly; a better one follows when nothing newer
    is asked for.
    """

    def __init__(self, view: PictureView, seconds: float, *, level: int = 0, draft: bool = False) -> None:
        super().__init__(view)
        self.seconds = seconds
        self.level = level
        self.draft = draft


class Failed(FromView, namespace="picture_view"):
    """A picture could not be rendered."""

    def __init__(self, view: PictureView, error: Exception) -> None:
        super().__init__(view)
        self.error = error
