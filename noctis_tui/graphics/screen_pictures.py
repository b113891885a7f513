"""All pictures on one app's screen, and what is written over them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Protocol, cast
from weakref import WeakKeyDictionary

from textual._compositor import ChopsUpdate, LayoutUpdate

from noctis_tui.graphics.site import CellBox
from noctis_tui.graphics.sparing import SparingUpdate
from noctis_tui.graphics.terminal.probe import window_cell_px

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.app import App


class OnScreen(Protocol):
    """A picture that stands on the screen."""

    @property
    def spared(self) -> list[CellBox]:
        """Cells of the screen, in no order, that show the picture or will do so at once."""

    def overwritten(self, boxes: list[CellBox]) -> None:
        """Take note that cells of the screen were written; called after every update."""

    def lost(self) -> None:
        """Take note that the terminal keeps nothing of the picture any more."""

    def look_again(self) -> None:
        """Take note that the terminal's window may have been hidden."""


class ScreenPictures:
    """The pictures of one app; on its event loop only."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._pictures: list[OnScreen] = []
        self._window = self._look()

    def add(self, picture: OnScreen) -> None:
        """Look after a picture from now on."""
        self._pictures.append(picture)

    def remove(self, picture: OnScreen) -> None:
        """Look after it no more."""
        if picture in self._pictures:
            self._pictures.remove(picture)

    def spare(self, update: RenderableType | None) -> RenderableType | None:
        """Make a compositor's update leave the pictures alone; anything else comes back as it is."""
        if not self._pictures or not isinstance(update, (ChopsUpdate, LayoutUpdate)):
            return update
        self.look()
        spared = [box for picture in self._pictures for box in picture.spared]
        # Textual types its own updates no better.
        return cast("RenderableType", SparingUpdate(update, spared, self._written))

    def lost(self) -> None:
        """Take note that the terminal was cleared."""
        for picture in tuple(self._pictures):
            picture.lost()

    def look_again(self) -> None:
        """Take note that somebody looks at the terminal again."""
        for picture in tuple(self._pictures):
            picture.look_again()

    def look(self) -> None:
        """Take note of a change of the window or its font, after which the terminal shows who knows what."""
        window = self._look()
        if window == self._window:
            return
        cell_changed, self._window = window[1] != self._window[1], window
        size = self._app.size
        self._written([CellBox(0, 0, size.width, size.height)])
        if cell_changed and self._app._driver is not None:  # noqa: SLF001 - see Wire.write
            # Pictures of another font's size reach beyond their cells: xterm keeps their pixels.
            self._app._driver.write("\x1b[2J")  # noqa: SLF001 - see Wire.write
            self.lost()
            self._app.call_later(self._app.screen.refresh, layout=True)

    def _look(self) -> tuple[object, object]:
        stdin = sys.__stdin__
        if self._app.is_headless or stdin is None or not stdin.isatty():
            return self._app.size, None
        size = os.get_terminal_size(stdin.fileno())
        return (self._app.size, size), window_cell_px(stdin.fileno())

    def _written(self, boxes: list[CellBox]) -> None:
        for picture in tuple(self._pictures):
            picture.overwritten(boxes)


_pictures: WeakKeyDictionary[App[Any], ScreenPictures] = WeakKeyDictionary()


def pictures_of(app: App[Any]) -> ScreenPictures:
    """The one collection of an app."""
    pictures = _pictures.get(app)
    if pictures is None:
        pictures = _pictures[app] = ScreenPictures(app)
    return pictures
