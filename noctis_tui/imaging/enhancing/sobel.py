"""Edges alone: how steeply display values change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def edges(display: NDArray[np.uint8], *, gain: float) -> NDArray[np.uint8]:
    """Return the size of the gradient, bright on black.

    The operator is I. Sobel's and G. Feldman's of 1968, scaled so that a step from 0 to 255 gives 255 with a
    gain of the square root of 2.

    Parameters
    ----------
    display
        Display values [rows, columns].
    gain
        Factor on the gradient; what exceeds 255 is clipped.
    """
    values = np.pad(display, 1, mode="symmetric").astype(np.float32)
    across = values[:, 2:] - values[:, :-2]
    down = values[2:] - values[:-2]
    across = across[:-2] + 2 * across[1:-1] + across[2:]
    down = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    across *= across
    down *= down
    across += down
    size: NDArray[np.float32] = np.sqrt(across, out=across)
    size *= gain / 4 / np.float32(np.sqrt(2))
    size += 0.5
    np.clip(size, 0, 255, out=size)
    return size.astype(np.uint8)
