"""A kitty canvas and the terminal that reads what it writes: for tests."""

from __future__ import annotations

import numpy as np
from kitty_model import KittyModel

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.kitty.canvas import KittyCanvas
from noctis_tui.graphics.kitty.store import KittyStore
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.site import CellBox, Site

CELL_PX = (8, 16)
COLUMNS, ROWS = 40, 12
IMAGE_BYTES = COLUMNS * 8 * ROWS * 16 * 4


def site_at(x=0, y=0, columns=COLUMNS, rows=ROWS, covered=()):
    whole = CellBox(0, 0, columns, rows)
    return Site(CellBox(x, y, columns, rows), whole, frozenset(covered), CELL_PX)


def slice_of(number, site, *, is_color=False, line=None):
    """A picture that differs from every other one in most pixels, with labels and a line over it."""
    width, height = site.size_px
    rng = np.random.default_rng(number)
    smooth = np.add.outer(np.arange(height), np.arange(width)) * (number % 7 + 1) // 3
    pixels = (smooth + rng.integers(0, 9, (height, width))).astype(np.uint8)
    if is_color:
        pixels = np.stack([pixels, 255 - pixels, pixels // 2], axis=2)
    overlay = np.zeros((height, width), np.uint8)
    overlay[height // 3, 10:60] = 2
    if line is not None:
        down = np.arange(height)
        overlay[down, (line + down) % width] = 5
    return Picture(pixels, overlay, (Label(f"Im: {number}", "bottom-left"), Label("W 400", "top-right", 9)))


def wanted(picture):
    shown = flatten(draw_labels(picture, font_px(CELL_PX[1])))
    return shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2)


class Viewed:
    """A canvas and the terminal that reads what it writes."""

    def __init__(self, store=None, model=None):
        self.store = KittyStore(process_id=7) if store is None else store
        self.model = KittyModel((COLUMNS * 2, ROWS * 2), CELL_PX) if model is None else model
        self.canvas = KittyCanvas(self.store)

    def show(self, picture, site, *, level=0, again=False):
        """Draw and show; how many bytes that took."""
        pieces = self.canvas.show(self.canvas.draw(picture, site, level=level), site, again=again)
        for piece in pieces:
            self.model.read(piece)
        return sum(map(len, pieces))

    def seen(self, site):
        width, height = CELL_PX
        left, top = site.box.x * width, site.box.y * height
        return self.model.screen()[top : top + site.size_px[1], left : left + site.size_px[0]]
