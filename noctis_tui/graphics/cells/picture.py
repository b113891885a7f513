"""A picture as cells: for each one a mask of blocks and the codes of its two colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.cells.bars import EIGHTHS, LEAST_GAIN, SEAM, best_bars
from noctis_tui.graphics.cells.blocks import blocks_of, overlay_of
from noctis_tui.graphics.cells.colors import dithered, nearest_colors, nearest_greys, palette_of
from noctis_tui.graphics.cells.split import Split, split, with_means
from noctis_tui.graphics.encoding.blue_noise import thresholds
from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.graphics.terminal.cell_shapes import AVOIDED_OCTANTS, GRIDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.cell_terminals import CellColors, Cells

_GRAIN = 24
"""Display values by which colours are shifted to and fro where there are 256 of them or fewer."""
_SEEN_CONTRAST = 24
"""Display values between the two colours of a cell from which on a seam between cells catches the eye."""
_LABEL_SHARE = 1 / 3
"""How bright the picture stays behind text."""


@dataclass(frozen=True, slots=True, eq=False)
class CellPicture:
    """Cells ready to be written.

    Attributes
    ----------
    cells
        What they were made for.
    masks
        uint16 [rows, columns], bit k set where block k has the foreground (`cell_shapes.CHARACTERS`), or the
        code of a bar (`cell_bars.BARS`).
    foreground, background
        int64 [rows, columns]: ``0xRRGGBB`` where every colour can be had, else the terminal's own number.
    behind_text
        int64 [rows, columns]: what a cell has as its background when a letter stands in it.
    """

    cells: Cells
    masks: NDArray[np.uint16]
    foreground: NDArray[np.int64]
    background: NDArray[np.int64]
    behind_text: NDArray[np.int64]


def to_cells(picture: Picture, cell_px: tuple[int, int], cells: Cells) -> CellPicture:
    """Choose the best two colours and blocks of every cell; blocks that the overlay runs through keep it.

    Parameters
    ----------
    picture
        Labels are not looked at (`cell_rows.rows_of`).
    cell_px
        Width and height of a cell in the picture's pixels.
    """
    grid = GRIDS[cells.shapes]
    blocks = blocks_of(picture, cell_px, grid)
    size = blocks.shape[:2]
    flat = blocks.reshape(-1, *blocks.shape[2:])
    noise = _noise(size, grid)
    is_grey = blocks.shape[3] == 1
    best = split(
        dithered(flat, noise[..., None], cells.colors) if is_grey and cells.colors != "true" else flat
    )
    front, back = (_codes(layer, noise, cells.colors) for layer in (best.foreground, best.background))
    masks = best.masks.astype(np.uint16)
    _lay_off_the_edge(best, masks, front, back, grid)
    if cells.bars:
        _draw_bars(picture, cell_px, flat, masks, front, back, cells)
    overlay = overlay_of(picture, cell_px, grid)
    if overlay is not None:
        _keep_overlay(overlay.reshape(flat.shape[:2]), flat, masks, front, back, cells.colors)
    if cells.shapes == "octants":
        _turn(np.isin(masks, AVOIDED_OCTANTS), masks, front, back, 0xFF)
    _in_front_only(masks, front, back, cells)
    behind = _codes(flat.mean(axis=1) * np.float32(_LABEL_SHARE), None, cells.colors)
    return CellPicture(
        cells, masks.reshape(size), front.reshape(size), back.reshape(size), behind.reshape(size)
    )


def _noise(size: tuple[int, ...], grid: tuple[int, int]) -> NDArray[np.uint8]:
    """Thresholds of each block, uint8 [cells, blocks]."""
    (rows, columns), (across, down) = size, grid
    noise = thresholds(rows * down, columns * across)
    return noise.reshape(rows, down, columns, across).swapaxes(1, 2).reshape(rows * columns, -1)


def _codes(
    values: NDArray[np.float32], noise: NDArray[np.uint8] | None, colors: CellColors
) -> NDArray[np.int64]:
    """Return what the terminal calls the colours nearest to some, [cells, channels]."""
    if colors == "true":
        display = np.rint(values).astype(np.int64)
        return display @ np.array([0x10000, 0x100, 1]) if values.shape[1] == 3 else display[:, 0] * 0x10101
    if values.shape[1] == 1:
        return nearest_greys(values[:, 0], colors)
    is_grey = values.max(axis=1) - values.min(axis=1) < 4
    grain = 0 if noise is None else (noise[:, :1].astype(np.float32) / 255 - 0.5) * _GRAIN
    return np.where(
        is_grey, nearest_greys(values.mean(axis=1), colors), nearest_colors(values + grain, colors)
    )


def _lay_off_the_edge(
    best: Split,
    masks: NDArray[np.uint16],
    front: NDArray[np.int64],
    back: NDArray[np.int64],
    grid: tuple[int, int],
) -> None:
    """Turn cells around whose foreground would have to reach the lower edge of the cell.

    Characters from a font often end a pixel above it, where the background shows then. Where both colours
    reach the edge, the brighter one is in front: a dark line through what is bright is seen less than a
    bright one in the dark. Between colours that hardly differ neither is, and neighbours share their colours.
    """
    across, down = grid
    full = (1 << across * down) - 1
    by_mask = np.arange(full + 1)
    at_edge = np.bitwise_count(by_mask >> across * (down - 1))
    is_darker = best.foreground.sum(axis=1) < best.background.sum(axis=1)
    reached = 2 * at_edge[masks]
    reaches = (reached > across) | ((reached == across) & is_darker)
    is_seen = np.abs(best.foreground - best.background).max(axis=1) > _SEEN_CONTRAST
    _turn(reaches & is_seen, masks, front, back, full)


def _draw_bars(
    picture: Picture,
    cell_px: tuple[int, int],
    blocks: NDArray[np.float32],
    masks: NDArray[np.uint16],
    front: NDArray[np.int64],
    back: NDArray[np.int64],
    cells: Cells,
) -> None:
    """Divide cells by a line instead, where that comes nearer."""
    rows, columns = (
        blocks_of(picture, cell_px, eighths).reshape(len(masks), EIGHTHS, -1)
        for eighths in ((1, EIGHTHS), (EIGHTHS, 1))
    )
    bars = best_bars(rows, columns, SEAM if cells.from_font else 0)
    nearer = np.flatnonzero(bars.gains > _gains(blocks, masks) + LEAST_GAIN)
    masks[nearer] = bars.codes[nearer]
    front[nearer] = _codes(bars.foreground[nearer], None, cells.colors)
    back[nearer] = _codes(bars.background[nearer], None, cells.colors)


def _gains(blocks: NDArray[np.float32], masks: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return how much of the cells' variance lies between the two parts of a mask."""
    number = blocks.shape[1]
    is_set = (masks[:, None] >> np.arange(number, dtype=np.uint16) & 1).astype(np.bool_)
    parts = with_means(blocks, is_set)
    share = is_set.mean(axis=1, dtype=np.float32)
    apart: NDArray[np.float32] = ((parts.foreground - parts.background) ** 2).sum(axis=1)
    gains: NDArray[np.float32] = share * (1 - share) * apart
    return gains


def _turn(
    turned: NDArray[np.bool_],
    masks: NDArray[np.uint16],
    front: NDArray[np.int64],
    back: NDArray[np.int64],
    full: int,
) -> None:
    """Let the two layers of some cells change places, which shows the same."""
    masks[turned] ^= np.uint16(full)
    front[turned], back[turned] = back[turned], front[turned]


def _keep_overlay(
    overlay: NDArray[np.uint8],
    blocks: NDArray[np.float32],
    masks: NDArray[np.uint16],
    front: NDArray[np.int64],
    back: NDArray[np.int64],
    colors: CellColors,
) -> None:
    """Give the foreground of cells that have overlay to it; what else is in them shares the background."""
    met = np.flatnonzero(overlay.any(axis=1))
    inks = overlay[met]
    counts = (inks[..., None] == np.arange(1, len(OVERLAY_COLORS) + 1)).sum(axis=1)
    first = counts.argmax(axis=1) + 1
    counts[np.arange(len(met)), first - 1] = 0
    second = counts.argmax(axis=1) + 1
    is_full = inks.all(axis=1)
    has_two = is_full & (counts.max(axis=1) > 0)
    is_set = np.where(has_two[:, None], inks == first[:, None], inks > 0)
    rest: Split = with_means(blocks[met], is_set)
    of_ink = ink_codes(colors)
    masks[met] = rest.masks
    front[met] = of_ink[first]
    # One ink for all: what lies behind lines has to be dark.
    behind = np.zeros(len(met), np.int64) if colors == "none" else _codes(rest.background, None, colors)
    back[met] = np.where(has_two, of_ink[second], behind)


def ink_codes(colors: CellColors) -> NDArray[np.int64]:
    """Return the codes of overlay indices, from 0, which is no ink."""
    rgb = np.array([(0, 0, 0), *OVERLAY_COLORS], np.float32)
    return _codes(rgb, None, colors)


def _in_front_only(
    masks: NDArray[np.uint16], front: NDArray[np.int64], back: NDArray[np.int64], cells: Cells
) -> None:
    """Turn cells around whose background has a colour that the terminal has only for the foreground."""
    palette = palette_of(cells.colors)
    if palette is None or palette.behind >= len(palette.rgb):
        return
    across, down = GRIDS[cells.shapes]
    full = (1 << across * down) - 1
    is_even = (masks == 0) | (front == back)
    masks[is_even] = 0
    is_bright = is_even & (back >= palette.behind)
    masks[is_bright], front[is_bright], back[is_bright] = full, back[is_bright], 0
    _turn((back >= palette.behind) & (front < palette.behind), masks, front, back, full)
    back[back >= palette.behind] %= palette.behind
