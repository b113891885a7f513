"""Sixel pictures on the screen: tiles that the terminal takes, painted where nothing covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics.canvas import Drawing, Tile, font_px, move_to
from noctis_tui.graphics.dither import Indexed, index_picture
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import split, uncovered
from noctis_tui.graphics.sixel import LEVELS, encode_indexed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noctis_tui.graphics.detection import TerminalGraphics
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site


class SixelCanvas:
    """Sixel pictures; what was written over them is gone, so they are sent again."""

    interleaves = True
    coarsest = len(LEVELS) - 1

    def __init__(self, graphics: TerminalGraphics) -> None:
        self._registers = graphics.color_registers
        self._largest_px = graphics.max_picture_px
        self._whole_bands = graphics.whole_bands

    def draw(self, picture: Picture, site: Site, *, level: int) -> Drawing:
        """Quantise and encode what is visible and not covered, in tiles that the terminal takes."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        indexed = index_picture(labelled, LEVELS[level], self._registers)
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

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:  # noqa: ARG002 - nothing is kept
        """Paint every tile at its place, each a piece."""
        if not drawing.site.looks_like(site):
            return None
        x, y = site.box.x, site.box.y
        return [move_to(x + tile.x, y + tile.y) + tile.sixels for tile in drawing.tiles]

    def abandon(self) -> bytes:
        """Nothing: every piece is a picture of its own."""
        return b""

    def hide(self) -> bytes:
        """Nothing: the text written over the picture erases it."""
        return b""

    def lost(self) -> None:
        """Nothing: the terminal keeps nothing."""

    def forget(self) -> bytes:
        """Nothing: the terminal keeps nothing."""
        return b""
