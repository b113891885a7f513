"""Noise taken away while edges stay: the bilateral filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RADIUS_PX = 2
SIGMA_PX = 1.5
_ROWS_AT_ONCE = 128


def denoised(
    display: NDArray[np.uint8], *, sigma_levels: float, sigma_px: float = SIGMA_PX
) -> NDArray[np.uint8]:
    """Return the mean of each pixel's 5 x 5 neighbours, weighted by nearness in place and in value.

    C. Tomasi and R. Manduchi, Bilateral Filtering for Gray and Color Images, ICCV 1998.

    Parameters
    ----------
    display
        Display values [rows, columns].
    sigma_levels
        Neighbours that differ by this much count 0.6; by three times as much, hardly at all.
    """
    padded = np.pad(display, RADIUS_PX, mode="edge").astype(np.int16)
    weights = np.exp(-0.5 * (np.arange(256) / sigma_levels) ** 2).astype(np.float32)
    smooth = np.empty_like(display)
    for top in range(0, len(display), _ROWS_AT_ONCE):
        part = padded[top : top + _ROWS_AT_ONCE + 2 * RADIUS_PX]
        smooth[top : top + _ROWS_AT_ONCE] = _smoothed(part, weights, sigma_px)
    return smooth


def _smoothed(padded: NDArray[np.int16], weights: NDArray[np.float32], sigma_px: float) -> NDArray[np.uint8]:
    """Return the filtered middle of rows with a rim of `RADIUS_PX`."""
    rows, columns = padded.shape[0] - 2 * RADIUS_PX, padded.shape[1] - 2 * RADIUS_PX
    middle = padded[RADIUS_PX : RADIUS_PX + rows, RADIUS_PX : RADIUS_PX + columns]
    total = np.ones((rows, columns), np.float32)  # the pixel itself
    values = middle.astype(np.float32)
    for down in range(-RADIUS_PX, RADIUS_PX + 1):
        for across in range(-RADIUS_PX, RADIUS_PX + 1):
            if down == across == 0:
                continue
            near = np.float32(np.exp(-0.5 * (down**2 + across**2) / sigma_px**2))
            top, left = RADIUS_PX + down, RADIUS_PX + across
            other = padded[top : top + rows, left : left + columns]
            weight = np.take(weights * near, np.abs(other - middle))
            total += weight
            values += weight * other
    return (values / total + np.float32(0.5)).astype(np.uint8)
