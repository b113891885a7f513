"""A terminal of the tests' own: cells of text, and sixel pictures over them that text erases."""

from __future__ import annotations

import re

import numpy as np
from sixel_reader import read_sixel

TEXT = (1, 2, 3)
"""How written text looks: no sixel colour."""

_PIECE = re.compile(rb"\x1b\[(\d+);(\d+)H(\x1bP[^\x1b]*\x1b\\)")


class SixelScreen:
    """Shows what it is sent, and refuses what a real terminal would take amiss."""

    def __init__(self, columns, rows, cell_px):
        self.columns, self.rows, self.cell_px = columns, rows, cell_px
        self.pixels = np.zeros((rows * cell_px[1], columns * cell_px[0], 3), np.uint8)
        self.received = 0

    def write(self, box):
        """Write text to a box of cells."""
        self._at(box.x, box.y, box.width, box.height)[:] = TEXT

    def receive(self, content, allowed):
        """Take pictures in, which may only touch the cells of a mask of the screen."""
        place = 0
        for piece in _PIECE.finditer(content):
            assert piece.start() == place, content[place : place + 20]
            place = piece.end()
            self._paint(int(piece[2]) - 1, int(piece[1]) - 1, read_sixel(piece[3]), allowed)
        assert place == len(content)
        self.received += len(content)

    def _paint(self, x, y, picture, allowed):
        width, height = self.cell_px
        rows, columns = -(-picture.shape[0] // height), picture.shape[1] // width
        assert picture.shape[1] % width == 0, "a cell is painted in part"
        assert y + rows < self.rows, "the last row is painted: the screen scrolls"
        assert x + columns <= self.columns
        assert allowed[y : y + rows, x : x + columns].all(), "painted over what covers the picture"
        self._at(x, y, columns, rows)[: picture.shape[0]] = picture

    def _at(self, x, y, columns, rows):
        width, height = self.cell_px
        return self.pixels[y * height : (y + rows) * height, x * width : (x + columns) * width]
