"""Three ways a picture reaches the screen, behind one door: drawn off the event loop, shown by one write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site

LEAST_FONT_PX = 9


@dataclass(frozen=True, slots=True)
class Tile:
    """One sixel image and the cell, counted from the view's corner, that it starts at."""

    x: int
    y: int
    sixels: bytes


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture ready for the terminal.

    Attributes
    ----------
    picture
        What was drawn, kept to draw it again for another site.
    site
        The site it was drawn for.
    payload, tiles, halves
        What the canvas that drew it needs to show it; one of them is set.
    """

    picture: Picture
    site: Site
    payload: bytes = b""
    tiles: tuple[Tile, ...] = ()
    halves: NDArray[np.uint8] | None = None


class Canvas(Protocol):
    """One protocol's way to draw, show, hide and forget one view's picture.

    Attributes
    ----------
    coarsest
        The last level that `draw` knows.
    """

    coarsest: int

    def draw(self, picture: Picture, site: Site, *, level: int) -> Drawing:
        """Encode; the slow part, for a worker thread.

        Level 0 is for a picture at rest, each further one takes fewer bytes.
        """

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> bytes | None:
        """Bytes that put the drawing on the screen, None when it must be drawn anew for that site.

        `again` says that the terminal was sent this drawing before.
        """

    def hide(self) -> bytes:
        """Bytes that take it off the screen."""

    def forget(self) -> bytes:
        """Bytes that free what the terminal keeps."""


def font_px(cell_height_px: int) -> int:
    """Size of labels drawn into pixels for a terminal with cells of that height."""
    return max(LEAST_FONT_PX, round(cell_height_px * 0.8))


def move_to(x: int, y: int) -> bytes:
    """Move the cursor to a cell, counted from 0 (CUP)."""
    return b"\x1b[%d;%dH" % (y + 1, x + 1)
