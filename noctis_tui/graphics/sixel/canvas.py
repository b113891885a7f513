"""Sixel pictures on the screen: tiles that the terminal takes, painted where it does not show them yet."""

from __future__ import annotations

from itertools import count
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.canvas import (
    PIECE_BYTES,
    PIECE_SECONDS,
    WHOLE_SECONDS,
    Drawing,
    Tile,
    font_px,
    move_to,
)
from noctis_tui.graphics.cell_mask import boxes_of, seen_cells
from noctis_tui.graphics.encoding.dither import index_picture
from noctis_tui.graphics.encoding.sixel import LEVELS, MOST_COLUMNS, encode_indexed
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import split
from noctis_tui.graphics.sixel.ledger import CellLedger
from noctis_tui.graphics.sixel.sheet import SixelSheet
from noctis_tui.graphics.sixel.tmux import with_every_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noctis_tui.graphics.cell_mask import Cells
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site
    from noctis_tui.graphics.terminal.detection import TerminalGraphics

FEW_CHANGES = 0.12
"""With so small a share of changed cells even the best quality takes fewer bytes than a whole draft."""

BYTES_PER_PIXEL = 0.6, 0.2, 0.2, 0.2, 0.06
"""About what a picture takes by its level, the last for all coarser ones."""

TILE_SECONDS = 0.0017
"""What xterm needs for a tile whatever it shows: it clears as much as its largest picture takes."""

TILE_BYTES = 900
"""The palette of a tile."""

MOST_BOX_COST = 400
"""Cells that are empty cost their pixels nevertheless: so many of them as much as a tile."""

BLACK = b"\x1b[48;2;0;0;0m"


class SixelCanvas:
    """Sixel pictures of which only cells are sent that the terminal does not show yet.

    The terminal keeps nothing under a name, and text erases pixels. So a ledger says what each cell shows,
    and the picture stays at hand as palette indices, of which any box of cells is encoded in no time: after a
    popup the cells that it leaves, behind a moving crosshair the cells that it touches.
    """

    interleaves = True
    coarsest = len(LEVELS) - 1
    finest_moving = 0
    good_moving = 2

    def __init__(self, graphics: TerminalGraphics) -> None:
        self._registers = graphics.color_registers
        self._largest_px = graphics.max_picture_px
        self._whole_bands = graphics.whole_bands
        self._numbers = count(1)
        self._ledger = CellLedger()
        self._latest: SixelSheet | None = None
        self._is_latest_whole = False
        self._rate = 0.0  # bytes a second
        self._pending: list[tuple[CellBox, SixelSheet]] = []

    def draw(
        self, picture: Picture, site: Site, *, level: int, bytes_per_second: float | None = None
    ) -> Drawing:
        """Quantise, and encode what the terminal will lack if it shows what was drawn before."""
        self._rate = bytes_per_second or 0.0
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        before, seen = self._latest, seen_cells(site)
        if before is not None and before.cell_px != site.cell_px:
            before = None
        is_fine = before is not None and not before.level and self._is_latest_whole
        is_little = before is not None and is_fine and before.changed_share(labelled) < FEW_CHANGES
        finer, level = (0, 0) if is_little else (None, level)
        indexed = index_picture(labelled, LEVELS[level], self._registers)
        sheet = self._latest = SixelSheet(next(self._numbers), labelled, indexed, site.cell_px, level)
        self._is_latest_whole = True
        same = sheet.same_cells(before) if before is not None else None
        needed = seen & ~same if same is not None and same.shape == seen.shape else seen
        return Drawing(picture, site, tiles=tuple(self._tiles(sheet, needed, seen)), sheet=sheet, level=finer)

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:  # noqa: ARG002 - the ledger knows
        """Paint the cells that show something else, in tiles, each a piece."""
        sheet = drawing.sheet
        if sheet is None or (drawing.site.size_px, drawing.site.cell_px) != (site.size_px, site.cell_px):
            return None
        self._ledger.stand_at(site)
        seen = seen_cells(site)
        needed = seen & self._ledger.missing(sheet)
        ready = [tile for tile in drawing.tiles if _is_useful(tile.box, needed, seen)]
        for tile in ready:
            needed[_slices(tile.box)] = False
        tiles = sorted((*ready, *self._tiles(sheet, needed, seen)), key=lambda tile: (tile.box.y, tile.box.x))
        self._pending = [(tile.box, sheet) for tile in tiles]
        return [self._piece(tile, site) for tile in tiles]

    def _piece(self, tile: Tile, site: Site) -> bytes:
        box = tile.box.moved(site.box.x, site.box.y)
        # Blanks, not ECH: at that tmux drops every picture on the line.
        foot = move_to(box.x, box.y + box.height - 1) + BLACK + b" " * box.width
        is_cut = self._whole_bands and box.height * site.cell_px[1] % 6
        return (foot if is_cut else b"") + move_to(box.x, box.y) + tile.sixels

    def sent(self, pieces: int) -> None:
        """Note which tiles the terminal was given."""
        for box, sheet in self._pending[:pieces]:
            self._ledger.painted(box, sheet)
        self._pending = self._pending[pieces:]

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:
        """Note that the picture is gone there."""
        self._ledger.overwritten(boxes)
        return True

    def abandon(self) -> bytes:
        """Nothing: every piece is a picture of its own."""
        self._pending = []
        self._is_latest_whole = False  # what is little beside it may be much beside what is on the screen
        return b""

    def hide(self) -> bytes:
        """Nothing: the text written over the picture erases it."""
        self.lost()
        return b""

    def forget(self) -> bytes:
        """Nothing: the terminal keeps nothing."""
        self.lost()
        self._latest = None
        return b""

    def lost(self) -> None:
        """Note that the terminal shows nothing of it."""
        self._ledger.forget()
        self._pending = []

    def _tiles(self, sheet: SixelSheet, needed: Cells, seen: Cells) -> Iterator[Tile]:
        # No image at all over covered cells: in xterm 398 and foot even transparent pixels hide text.
        if self._whole_bands and needed.any():
            needed = seen  # tmux at times draws what it has of an older picture over a newer, smaller one
        whole = boxes_of(needed, seen, self._box_cost(sheet))
        for box in (tile for each in whole for tile in split(each, *self._tile_cells(sheet, each))):
            spare = box.height * sheet.cell_px[1] % 6 if self._whole_bands else 0
            part = sheet.part(box, spare_rows=spare)
            if part.indices.size:
                sixels = encode_indexed(part)
                yield Tile(box, with_every_register(sixels) if self._whole_bands else sixels)

    def _box_cost(self, sheet: SixelSheet) -> int:
        """Return how many cells of a sheet cost as much as another tile."""
        width, height = sheet.cell_px
        cost_bytes = TILE_BYTES + TILE_SECONDS * self._rate
        return min(round(cost_bytes / (_bytes_per_pixel(sheet) * width * height)), MOST_BOX_COST)

    def _tile_cells(self, sheet: SixelSheet, box: CellBox) -> tuple[int, int]:
        """Return the most columns and rows of a tile of a box; a draft's ends with a whole band."""
        width, height = sheet.cell_px
        step = _rows_of_whole_bands(height) if sheet.level or self._whole_bands else 1
        line = box.width * width * height
        most_width, most_height = self._largest_px or (MOST_COLUMNS, sheet.indexed.indices.shape[0] + 5)
        # A band is six rows whatever the picture's height, so a tile leaves room for its last one's rest.
        fitting = max((most_height - 5) // height, 1)
        part_seconds = WHOLE_SECONDS if sheet.level else PIECE_SECONDS
        piece_bytes = max(PIECE_BYTES, self._rate * part_seconds)
        wanted = max(round(piece_bytes / (_bytes_per_pixel(sheet) * line)), 1)
        rows = min(max(wanted // step, 1) * step, fitting)
        return max(min(most_width, MOST_COLUMNS) // width, 1), rows


def _bytes_per_pixel(sheet: SixelSheet) -> float:
    return BYTES_PER_PIXEL[min(sheet.level, len(BYTES_PER_PIXEL) - 1)]


def _rows_of_whole_bands(cell_height_px: int) -> int:
    """How many rows of cells end where a band of six rows of pixels ends."""
    return 6 // gcd(6, cell_height_px)


def _is_useful(box: CellBox, needed: Cells, seen: Cells) -> bool:
    """Whether a tile that is ready may be sent, and most of it is needed."""
    place = _slices(box)
    return bool(seen[place].all()) and float(needed[place].mean()) > 0.5


def _slices(box: CellBox) -> tuple[slice, slice]:
    return np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
