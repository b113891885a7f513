"""Three ways a picture reaches the screen, behind one door: drawn off the event loop, shown by one write."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from noctis_tui.graphics import halfcell, kitty
from noctis_tui.graphics.dither import Indexed, index_picture
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import split, uncovered
from noctis_tui.graphics.sixel import DRAFT_GREYS, FULL_GREYS, encode_indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.graphics.detection import TerminalGraphics
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site

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
    """One protocol's way to draw, show, hide and forget one view's picture."""

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Encode; the slow part, for a worker thread."""

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> bytes | None:
        """Bytes that put the drawing on the screen, None when it must be drawn anew for that site.

        `again` says that the terminal was sent this drawing before.
        """

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
        self._whole_bands = graphics.whole_bands

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:
        """Quantise and encode what is visible and not covered, in tiles that the terminal takes."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        indexed = index_picture(labelled, DRAFT_GREYS if draft else FULL_GREYS, self._registers)
        return Drawing(picture, site, tiles=tuple(self._tiles(indexed, site)))

    def _tiles(self, indexed: Indexed, site: Site) -> Iterator[Tile]:
        # No image at all over covered cells: in xterm 398 and foot even transparent pixels hide text.
        width, height = site.cell_px
        for part in uncovered(site.visible, site.covered):
            for box in split(part, *self._tile_cells(site)):
                spare = box.height * height % 6 if self._whole_bands else 0
                rows = slice(box.y * height, (box.y + box.height) * height - spare)
                pixels = indexed.indices[rows, box.x * width : (box.x + box.width) * width]
                if pixels.size:
                    yield Tile(box.x, box.y, encode_indexed(Indexed(pixels, indexed.percents)))

    def _tile_cells(self, site: Site) -> tuple[int, int]:
        if self._largest_px is None:
            return site.box.width, site.box.height
        # A band is six rows whatever the picture's height, so a tile leaves room for its last one's rest.
        width, height = self._largest_px
        return max(width // site.cell_px[0], 1), max((height - 5) // site.cell_px[1], 1)

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> bytes | None:  # noqa: ARG002 - nothing is kept
        """Paint every tile at its place."""
        if not drawing.site.looks_like(site):
            return None
        x, y = site.box.x, site.box.y
        return b"".join(move_to(x + tile.x, y + tile.y) + tile.sixels for tile in drawing.tiles)

    def hide(self) -> bytes:
        """Nothing: the text written over the picture erases it."""
        return b""

    def forget(self) -> bytes:
        """Nothing: the terminal keeps nothing."""
        return b""


class KittyCanvas:
    """Pictures the terminal keeps under an id; they lie above the text, so what covers them is cut out."""

    def __init__(self, image_id: int) -> None:
        self._id = own_image_id(image_id)
        self._placements = 0

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:  # noqa: ARG002 - PNG has no draft
        """Encode the whole picture; the placements cut out what is to be seen."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        return Drawing(picture, site, payload=kitty.transmit(self._id, labelled))

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> bytes | None:
        """Send the pixels unless the terminal has them, and place the parts that nothing covers."""
        if drawing.site.size_px != site.size_px:
            return None
        if not again:
            self._placements = 0  # new pixels under an id take its placements away
        parts = uncovered(site.visible, site.covered)
        placed = [self._place(number, part, site) for number, part in enumerate(parts, 1)]
        spare = [kitty.hide(self._id, number) for number in range(len(parts) + 1, self._placements + 1)]
        self._placements = len(parts)
        return b"".join([b"" if again else drawing.payload, *spare, *placed])

    def _place(self, number: int, part: CellBox, site: Site) -> bytes:
        width, height = site.cell_px
        source_px = (part.x * width, part.y * height, part.width * width, part.height * height)
        return move_to(site.box.x + part.x, site.box.y + part.y) + kitty.place(self._id, number, source_px)

    def hide(self) -> bytes:
        """Take the placements away; the pixels stay with the terminal."""
        placed, self._placements = self._placements, 0
        return b"".join(kitty.hide(self._id, number) for number in range(1, placed + 1))

    def forget(self) -> bytes:
        """Free the pixels."""
        self._placements = 0
        return kitty.free(self._id)


class BlocksCanvas:
    """Two pixels a cell; the view hands the cells to the compositor, nothing is written beside it."""

    def draw(self, picture: Picture, site: Site, *, draft: bool) -> Drawing:  # noqa: ARG002 - nothing is coarser
        """Pair the pixels of each cell."""
        return Drawing(picture, site, halves=halfcell.halves(picture))

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> bytes | None:  # noqa: ARG002 - see the class
        """Nothing to write."""
        return b"" if drawing.site.size_px == site.size_px else None

    def hide(self) -> bytes:
        """Nothing to hide."""
        return b""

    def forget(self) -> bytes:
        """Nothing kept."""
        return b""


def own_image_id(image_id: int) -> int:
    """An id that no other program in the same terminal is likely to use: this process's, then the view's."""
    return (os.getpid() & 0x3FFFFF) << 8 | (image_id & 0xFF)
