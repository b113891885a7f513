"""Three ways a picture reaches the screen, behind one door: drawn off the event loop, shown by one write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from noctis_tui.graphics import halfcell, kitty
from noctis_tui.graphics.dither import Indexed, index_picture
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.sixel import DRAFT_GREYS, FULL_GREYS, encode_indexed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.detection import TerminalGraphics
    from noctis_tui.graphics.picture import Picture

LEAST_FONT_PX = 9


@dataclass(frozen=True, slots=True)
class CellBox:
    """A rectangle of character cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Site:
    """Where a picture stands.

    Attributes
    ----------
    box
        The view on the screen, in cells.
    visible
        The part of the view that its containers let through, in cells from the view's corner.
    covered
        What lies above the view, in cells from the view's corner.
    cell_px
        Width and height of a cell.
    """

    box: CellBox
    visible: CellBox
    covered: frozenset[CellBox]
    cell_px: tuple[int, int]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the whole view."""
        return self.box.width * self.cell_px[0], self.box.height * self.cell_px[1]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture ready for the terminal, for one site.

    Attributes
    ----------
    picture
        What was drawn, kept to draw it again for another site.
    payload
        Everything that depends on the pixels; `Canvas.show` puts it where it belongs.
    """

    picture: Picture
    site: Site
    draft: bool
    payload: bytes = b""
    tiles: tuple[tuple[int, int, bytes], ...] = ()
    halves: NDArray[np.uint8] | None = None


class Canvas(Protocol):
    """One protocol's way to draw, show, hide and forget one view's picture."""

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Encode; the slow part, for a worker thread."""

    def show(self, drawing: Drawing, *, again: bool) -> bytes:
        """Bytes that put the drawing on the screen; `again` when the terminal was sent it before."""

    def hide(self) -> bytes:
        """Bytes that take it off the screen."""

    def forget(self) -> bytes:
        """Bytes that free what the terminal keeps."""


def canvas_for(graphics: TerminalGraphics, image_id: int) -> Canvas:
    """Give a view its canvas."""
    if graphics.protocol == "sixel":
        return SixelCanvas(graphics)
    return KittyCanvas(image_id) if graphics.protocol == "kitty" else BlocksCanvas()


def font_px(cell_height_px: int) -> int:
    """Size of labels drawn into pixels for a terminal with cells of that height."""
    return max(LEAST_FONT_PX, round(cell_height_px * 0.8))


def move_to(x: int, y: int) -> bytes:
    """Move the cursor to a cell, counted from 0 (CUP)."""
    return b"\x1b[%d;%dH" % (y + 1, x + 1)


class SixelCanvas:
    """Sixel pictures; what was written over them is gone, so they are sent again."""

    def __init__(self, graphics: TerminalGraphics) -> None:
        self._registers = graphics.color_registers
        self._largest_px = graphics.max_picture_px

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Quantise and encode what is visible and not covered, in tiles that the terminal takes."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        indexed = index_picture(labelled, DRAFT_GREYS if draft else FULL_GREYS, self._registers)
        return Drawing(picture, site, draft, tiles=tuple(self._tiles(indexed, site)))

    def _tiles(self, indexed: Indexed, site: Site) -> list[tuple[int, int, bytes]]:
        hidden = _covered_px(site, indexed.indices.shape)
        width, height = site.cell_px
        part = site.visible
        columns, rows = self._tile_cells(site)
        tiles = []
        for y in range(part.y, part.y + part.height, rows):
            for x in range(part.x, part.x + part.width, columns):
                right, bottom = min(x + columns, part.x + part.width), min(y + rows, part.y + part.height)
                window = np.s_[y * height : bottom * height, x * width : right * width]
                if indexed.indices[window].size:
                    tile = Indexed(np.ascontiguousarray(indexed.indices[window]), indexed.percents)
                    tiles.append((x, y, encode_indexed(tile, None if hidden is None else hidden[window])))
        return tiles

    def _tile_cells(self, site: Site) -> tuple[int, int]:
        part = site.visible
        if self._largest_px is None:
            return max(part.width, 1), max(part.height, 1)
        # A band is six rows whatever the picture's height, so a tile leaves room for its last one's rest.
        width, height = self._largest_px
        return max(width // site.cell_px[0], 1), max((height - 5) // site.cell_px[1], 1)

    def show(self, drawing: Drawing, *, again: bool) -> bytes:  # noqa: ARG002 - the terminal keeps nothing
        """Paint every tile at its place."""
        box = drawing.site.box
        return b"".join(move_to(box.x + x, box.y + y) + sixels for x, y, sixels in drawing.tiles)

    def hide(self) -> bytes:
        """Nothing: the text written over the picture erases it."""
        return b""

    def forget(self) -> bytes:
        """Nothing: the terminal keeps nothing."""
        return b""


def _covered_px(site: Site, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    if not site.covered:
        return None
    hidden = np.zeros(shape, np.bool_)
    width, height = site.cell_px
    for box in site.covered:
        rows = slice(max(box.y, 0) * height, max(box.y + box.height, 0) * height)
        hidden[rows, max(box.x, 0) * width : max(box.x + box.width, 0) * width] = True
    return hidden


class KittyCanvas:
    """Pictures that the terminal keeps under an id and draws below the cells that have a background."""

    def __init__(self, image_id: int) -> None:
        self._id = image_id

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Encode the whole picture; the placement cuts out what is visible."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        return Drawing(picture, site, draft, payload=kitty.transmit(self._id, labelled))

    def show(self, drawing: Drawing, *, again: bool) -> bytes:
        """Send the pixels unless the terminal has them, and place them."""
        site, part = drawing.site, drawing.site.visible
        width, height = site.cell_px
        source = (part.x * width, part.y * height, part.width * width, part.height * height)
        where = move_to(site.box.x + part.x, site.box.y + part.y)
        return (b"" if again else drawing.payload) + where + kitty.place(self._id, source)

    def hide(self) -> bytes:
        """Take the placement away; the pixels stay with the terminal."""
        return kitty.hide(self._id)

    def forget(self) -> bytes:
        """Free the pixels."""
        return kitty.free(self._id)


class BlocksCanvas:
    """Two pixels a cell; the view hands the cells to the compositor, nothing is written beside it."""

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Pair the pixels of each cell."""
        return Drawing(picture, site, draft, halves=halfcell.halves(picture))

    def show(self, drawing: Drawing, *, again: bool) -> bytes:  # noqa: ARG002 - see the class
        """Nothing to write."""
        return b""

    def hide(self) -> bytes:
        """Nothing to hide."""
        return b""

    def forget(self) -> bytes:
        """Nothing kept."""
        return b""
