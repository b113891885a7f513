"""Local contrast: contrast limited adaptive histogram equalisation."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TILES = 8
_SMALLEST_TILE_PX = 8
_PASSES = 8


def locally_equalized(
    display: NDArray[np.uint8], *, clip_factor: float, tiles: int = TILES
) -> NDArray[np.uint8]:
    """Return display values equalised within their surroundings.

    S. M. Pizer et al., Adaptive Histogram Equalization and Its Variations, 1987; K. Zuiderveld, Contrast
    Limited Adaptive Histogram Equalization, in Graphics Gems IV, 1994. A library for this one step would be
    larger than all that Noctis needs otherwise.

    Parameters
    ----------
    display
        Display values [rows, columns].
    clip_factor
        How many times as steep as the identity the map of greys may become; 1 hardly changes anything.
    tiles
        Surroundings a side; fewer where they would be smaller than 8 pixels.
    """
    rows, columns = display.shape
    down, across = (max(min(tiles, side // _SMALLEST_TILE_PX), 1) for side in (rows, columns))
    tile_px = -(-rows // down), -(-columns // across)
    filled = np.pad(
        display, ((0, tile_px[0] * down - rows), (0, tile_px[1] * across - columns)), mode="symmetric"
    )
    maps = _maps(filled, down, across, clip_factor)
    out = np.empty_like(display)
    for rows_of, (above, below), lower in _bands(rows, tile_px[0], down):
        for columns_of, (left, right), righter in _bands(columns, tile_px[1], across):
            part = display[rows_of, columns_of]
            upper = _mixed(maps[above, left][part], maps[above, right][part], righter)
            under = _mixed(maps[below, left][part], maps[below, right][part], righter)
            out[rows_of, columns_of] = _mixed(upper, under, lower[:, None]) + np.float32(0.5)
    return out


def _maps(filled: NDArray[np.uint8], down: int, across: int, clip_factor: float) -> NDArray[np.float32]:
    """Return each tile's map of greys [down, across, 256]."""
    height, width = filled.shape[0] // down, filled.shape[1] // across
    tile = np.arange(down).repeat(height)[:, None] * across + np.arange(across).repeat(width)
    counted = np.bincount((tile * 256 + filled).reshape(-1), minlength=down * across * 256)
    counts = _clipped(counted.reshape(down * across, 256).astype(np.float64), clip_factor)
    maps: NDArray[np.float32] = np.cumsum(counts, axis=1, dtype=np.float64).astype(np.float32)
    maps *= np.float32(255 / (height * width))
    return maps.reshape(down, across, 256)


def _clipped(counts: NDArray[np.float64], clip_factor: float) -> NDArray[np.float64]:
    """Cut the histograms off and spread what was cut over the greys that have room."""
    limit = max(clip_factor, 1.0) * counts.sum(axis=1, keepdims=True) / 256
    excess = np.maximum(counts - limit, 0).sum(axis=1, keepdims=True)
    counts = np.minimum(counts, limit)
    for _ in range(_PASSES):
        room = counts < limit
        spread = counts + room * excess / np.maximum(room.sum(axis=1, keepdims=True), 1)
        excess = np.maximum(spread - limit, 0).sum(axis=1, keepdims=True)
        counts = np.minimum(spread, limit)
        if excess.max() < 0.5:
            break
    counts += excess / 256
    return counts


def _bands(
    length: int, tile_px: int, tiles: int
) -> Iterator[tuple[slice, tuple[int, int], NDArray[np.float32]]]:
    """Cut a side where the nearest two tile centres change: pixels, the two tiles, the second's weight."""
    cuts = [0, *(tile_px * tile + tile_px // 2 for tile in range(tiles)), length]
    for number, (start, end) in enumerate(pairwise(cuts)):
        if start >= min(end, length):
            continue
        places = slice(start, min(end, length))
        first, second = max(number - 1, 0), min(number, tiles - 1)
        middle = tile_px * first + (tile_px - 1) / 2
        weight = (np.arange(places.start, places.stop, dtype=np.float32) - np.float32(middle)) / tile_px
        yield places, (first, second), np.clip(weight, 0, 1) if first != second else np.zeros_like(weight)


def _mixed(
    some: NDArray[np.float32], other: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    return some + (other - some) * weight
