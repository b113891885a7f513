"""A picture reduced to the blocks of its cells: the pixels' means, and the overlay that runs through."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.picture import OUTLINE_INDEX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Picture

_COLOR_BITS = 15


def blocks_of(picture: Picture, cell_px: tuple[int, int], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Return the mean of each block's pixels, weighted by what lies inside.

    Parameters
    ----------
    picture
        Its outlines are painted; other overlay is not (`overlay_of`). Cells that it fills only in part repeat
        its last row or column.
    cell_px
        Width and height of a cell in pixels.
    grid
        Columns and rows of blocks in a cell; there may be more of them than pixels.

    Returns
    -------
    NDArray
        float32 [rows, columns, blocks, channels] in display values, blocks row by row, one channel or three.
    """
    pixels = _whole_cells(_outlined(picture), cell_px)
    height, width = pixels.shape[0] // cell_px[1], pixels.shape[1] // cell_px[0]
    planes = np.moveaxis(np.atleast_3d(pixels), 2, 0).astype(np.float32, order="C")
    columns, rows = grid
    down: NDArray[np.float32] = _weights(cell_px[1], rows) @ planes.reshape(
        len(planes) * height, cell_px[1], -1
    )
    across: NDArray[np.float32] = down.reshape(-1, cell_px[0]) @ _weights(cell_px[0], columns).T
    blocks = across.reshape(len(planes), height, rows, width, columns).transpose(1, 3, 2, 4, 0)
    return blocks.reshape(height, width, rows * columns, len(planes))


def overlay_of(picture: Picture, cell_px: tuple[int, int], grid: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Return the overlay colour of each block, uint8 [rows, columns, blocks], 0 where there is none.

    A block takes on the colour of a line however thin it is; None for a picture without any.
    """
    overlay = picture.overlay
    if overlay is None:
        return None
    inks: NDArray[np.uint8] = overlay & np.uint8(_COLOR_BITS)
    inks[inks == OUTLINE_INDEX] = 0
    if not inks.any():
        return None
    whole = _whole_cells(inks, cell_px)
    height, width = whole.shape[0] // cell_px[1], whole.shape[1] // cell_px[0]
    columns, rows = grid
    met = _met(_met(whole, cell_px[1], rows).T, cell_px[0], columns).T
    return met.reshape(height, rows, width, columns).swapaxes(1, 2).reshape(height, width, rows * columns)


def _outlined(picture: Picture) -> NDArray[np.uint8]:
    if picture.overlay is None:
        return picture.pixels
    outline = picture.overlay & _COLOR_BITS == OUTLINE_INDEX
    if not picture.is_color:
        return np.where(outline, np.uint8(0), picture.pixels)
    return flatten(replace(picture, overlay=np.where(outline, picture.overlay, np.uint8(0)), labels=()))


def _whole_cells(pixels: NDArray[np.uint8], cell_px: tuple[int, int]) -> NDArray[np.uint8]:
    below, beside = -pixels.shape[0] % cell_px[1], -pixels.shape[1] % cell_px[0]
    if not below and not beside:
        return pixels
    return np.pad(pixels, [(0, below), (0, beside), (0, 0)][: pixels.ndim], mode="edge")


@lru_cache(maxsize=32)
def _weights(pixels: int, blocks: int) -> NDArray[np.float32]:
    """How much each pixel counts for each block along one side of a cell, float32 [blocks, pixels]."""
    starts = np.arange(blocks)[:, None] * (pixels / blocks)
    ends = starts + pixels / blocks
    places = np.arange(pixels)
    inside = np.clip(np.minimum(ends, places + 1) - np.maximum(starts, places), 0, None)
    shares: NDArray[np.float32] = (inside * (blocks / pixels)).astype(np.float32)
    return shares


def _met(overlay: NDArray[np.uint8], pixels: int, blocks: int) -> NDArray[np.uint8]:
    """Give each block down a cell the highest index of the pixels whose middles are in it."""
    rows = overlay.reshape(-1, pixels, overlay.shape[1])
    met = np.empty((len(rows), blocks, overlay.shape[1]), np.uint8)
    for block in range(blocks):
        start = max(-(-(2 * block * pixels - blocks) // (2 * blocks)), 0)
        end = -(-(2 * (block + 1) * pixels - blocks) // (2 * blocks))
        met[:, block] = rows[:, min(start, pixels - 1)]
        for place in range(start + 1, end):
            np.maximum(met[:, block], rows[:, place], out=met[:, block])
    return met.reshape(-1, overlay.shape[1])
