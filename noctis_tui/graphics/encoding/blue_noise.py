"""Thresholds for dithering whose neighbours differ as much as they can: the eye takes the grain for grey."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE = 32
SPREAD = 1.5
"""Reach in pixels of a placed threshold on its neighbours."""


@lru_cache(maxsize=12)
def thresholds(rows: int, columns: int, shift: int = 0) -> NDArray[np.uint8]:
    """Thresholds 0-254, uint8 [rows, columns]; a `shift` of its own keeps a channel's grain apart."""
    shifted = np.roll(tile(), (shift * 11, shift * 7), axis=(0, 1))
    return np.tile(shifted, (-(-rows // TILE), -(-columns // TILE)))[:rows, :columns]


@lru_cache(maxsize=1)
def tile() -> NDArray[np.uint8]:
    """Thresholds 0-254 that repeat in both directions, uint8 [TILE, TILE].

    Ranks the places of a tile by filling the largest void again and again:
    the filling half of R. Ulichney, "The void-and-cluster method for dither array generation" (1993); about
    20 ms, once.
    """
    offsets = (np.arange(TILE) + TILE // 2) % TILE - TILE // 2
    reach = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * SPREAD**2))
    twice = np.tile(reach, (2, 2))
    # A little seeded unevenness decides between equal voids, which would else line up.
    crowding = np.random.default_rng(1).random((TILE, TILE)) * 1e-3
    ranks = np.empty((TILE, TILE), np.int64)
    for rank in range(TILE * TILE):
        y, x = divmod(int(crowding.argmin()), TILE)
        ranks[y, x] = rank
        crowding += twice[TILE - y : 2 * TILE - y, TILE - x : 2 * TILE - x]
        crowding[y, x] = np.inf
    return (ranks * 255 // (TILE * TILE)).astype(np.uint8)
