"""Colour pictures in the few registers of a terminal: a colour cube, and greys of their own given room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding.blue_noise import thresholds
from noctis_tui.graphics.encoding.grey_steps import grey_steps, index_grey

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUBE_LEVELS = ((6, 7, 5), (4, 5, 3), (3, 3, 2), (2, 2, 2))
"""Levels of red, green and blue; the first cube that leaves room for the overlay and some greys is taken."""

LARGEST_GREY_DIFFERENCE = 8
"""Channels that differ by no more show grey."""


def index_color(pixels: NDArray[np.uint8], room: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give every pixel of uint8 [rows, columns, 3] an index into a palette of at most `room` colours.

    Returns
    -------
    indices
        uint8 [rows, columns].
    percents
        The palette, uint8 [colors, 3], 0-100.
    """
    levels = next(cube for cube in CUBE_LEVELS if np.prod(cube) <= room)
    cube = np.zeros(pixels.shape[:2], np.uint8)
    ramps = [grey_steps(count) for count in levels]
    for channel, (count, ramp) in enumerate(zip(levels, ramps, strict=True)):
        values = pixels[..., channel]
        cube *= np.uint8(count)
        cube += ramp.lower[values] + (ramp.chance[values] > thresholds(*values.shape, channel))
    grid = np.meshgrid(*(ramp.percents for ramp in ramps), indexing="ij")
    percents = np.stack([axis.ravel() for axis in grid], axis=1)
    return _with_greys(cube, percents, pixels, room - len(percents))


def _with_greys(
    cube: NDArray[np.uint8], percents: NDArray[np.uint8], pixels: NDArray[np.uint8], room: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Show what is grey in a colour picture (most of an ultrasound) by greys of its own, given room."""
    if room < 8:
        return cube, percents
    low, high = pixels.min(axis=2), pixels.max(axis=2)
    ramp = grey_steps(min(room, 64))
    greys = index_grey(low + (high - low) // 2, ramp)
    is_grey = high - low <= LARGEST_GREY_DIFFERENCE
    indices = np.where(is_grey, greys + np.uint8(len(percents)), cube)
    return indices, np.concatenate([percents, np.repeat(ramp.percents[:, None], 3, axis=1)])
