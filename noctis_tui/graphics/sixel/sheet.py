"""A picture in palette indices that can be compared, cell by cell, with what the terminal shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding.dither import Indexed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.cell_mask import Cells
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox


@dataclass(frozen=True, slots=True, eq=False)
class SixelSheet:
    """One picture as the terminal is to show it.

    Attributes
    ----------
    number
        Its own, above 0.
    picture
        Labels drawn in; what `indexed` was made of.
    indexed
        Every pixel's colour.
    cell_px
        Width and height of a cell.
    level
        How coarse it is.
    compared
        What `same_cells` found, by the other's number: who draws asks first, off the event loop.
    """

    number: int
    picture: Picture
    indexed: Indexed
    cell_px: tuple[int, int]
    level: int
    compared: dict[int, Cells] = field(default_factory=dict)

    def part(self, box: CellBox, *, spare_rows: int = 0) -> Indexed:
        """Cut out a box of cells; without some rows of pixels at its foot."""
        width, height = self.cell_px
        rows = slice(box.y * height, (box.y + box.height) * height - spare_rows)
        pixels = self.indexed.indices[rows, box.x * width : (box.x + box.width) * width]
        return Indexed(pixels, self.indexed.percents)

    def same_cells(self, other: SixelSheet) -> Cells:
        """Return the cells in which both show the same colours, bool [rows, columns]."""
        known = self.compared.get(other.number)
        if known is None:
            mine, others = _comparable(self.indexed, other.indexed)
            known = self.compared[other.number] = _same(mine, others, self.cell_px)
        return known

    def changed_share(self, picture: Picture) -> float:
        """Return the share of cells, 0-1, in which another picture differs from the one this was made of."""
        mine = self.picture
        same = _same(mine.pixels, picture.pixels, self.cell_px)
        if mine.overlay is not None or picture.overlay is not None:
            same &= _same(_overlay(mine), _overlay(picture), self.cell_px)
        return 1 - float(same.mean()) if same.size else 1.0


def _comparable(one: Indexed, other: Indexed) -> tuple[NDArray[np.uint16 | np.uint8], ...]:
    """Give both pictures' pixels numbers that are equal where the colours are."""
    common = min(len(one.percents), len(other.percents))
    if (one.percents[:common] == other.percents[:common]).all():
        return one.indices, other.indices
    _, number = np.unique(np.concatenate([one.percents, other.percents]), axis=0, return_inverse=True)
    numbers = number.ravel().astype(np.uint16)
    return numbers[: len(one.percents)][one.indices], numbers[len(one.percents) :][other.indices]


def _overlay(picture: Picture) -> NDArray[np.uint8]:
    return np.zeros(picture.pixels.shape[:2], np.uint8) if picture.overlay is None else picture.overlay


def _same(one: NDArray[np.generic], other: NDArray[np.generic], cell_px: tuple[int, int]) -> Cells:
    width, height = cell_px
    rows, columns = one.shape[0] // height, one.shape[1] // width
    if one.shape != other.shape:
        return np.zeros((rows, columns), np.bool_)
    differ = one[: rows * height, : columns * width] != other[: rows * height, : columns * width]
    lines = differ.reshape(rows, height, -1).any(axis=1)
    same: Cells = ~lines.reshape(rows, columns, -1).any(axis=2)
    return same
